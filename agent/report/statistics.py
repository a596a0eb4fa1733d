"""What the cases of a report add up to: by reason, goods, path, hour and day, and how long and how much it took."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from statistics import median

from agent.evidence.words import Phrase, phrase_of, reason_phrase
from agent.report.figures import amount_of, closed_amount
from agent.report.model import ReportCase

_WEEK = timedelta(days=7)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Group:
    """The closings that have something in common."""

    name: Phrase
    count: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Day:
    """The closings of one day, and of each reason among them; ``mean`` is of the seven days that end with it."""

    day: date
    count: int
    amount: Decimal
    mean: float
    reasons: dict[Phrase, int]


@dataclass(frozen=True, slots=True)
class Statistics:
    """Everything that is counted over the cases of a report; a closing is an order that we have closed.

    ``returned`` is the money of paid orders that we closed, as far as it was seen to be back, and ``awaited`` the rest
    of it; ``hours_taken`` are the hours from request to end of each
    ended case; ``persons`` is the share of cases, in percent, that have waited for a person of ours; ``recent`` and
    ``before`` are the closings of the last seven days with any, and of the seven days before them.
    """

    cases: int
    closed: int
    returned: Decimal
    awaited: Decimal
    persons: float
    reasons: list[Group]
    goods: list[Group]
    paths: list[Group]
    hours: list[int]
    days: list[Day]
    hours_taken: list[float] = field(default_factory=list)
    recent: int = 0
    before: int = 0

    @property
    def typical_hours(self) -> float | None:
        """The hours that half of the ended cases have not exceeded."""
        return median(self.hours_taken) if self.hours_taken else None


def statistics(cases: Sequence[ReportCase], zone: tzinfo | None) -> Statistics:
    """Count cases; hours and days are those of ``zone``."""
    closings = [case for case in cases if case.outcome == "closed"]
    ended = [(case, at.astimezone(zone)) for case in closings if (at := _time(case.ended_at)) is not None]
    days = list(_days(ended))
    return Statistics(
        cases=len(cases),
        closed=len(closings),
        returned=closed_amount([case for case in closings if case.was_paid and case.money_is_back]),
        awaited=closed_amount([case for case in closings if case.was_paid and not case.money_is_back]),
        persons=100 * sum(case.needed_person for case in cases) / len(cases) if cases else 0.0,
        reasons=_groups(closings, lambda case: [reason_phrase(case.reason)]),
        goods=goods_of(closings),
        paths=_groups(closings, lambda case: [phrase_of(case.path)] if case.path else []),
        hours=[sum(at.hour == hour for _, at in ended) for hour in range(24)],
        days=days,
        hours_taken=[taken for case in cases if (taken := _hours_taken(case)) is not None],
        recent=sum(day.count for day in days[-7:]),
        before=sum(day.count for day in days[-14:-7]),
    )


def goods_of(cases: Iterable[ReportCase]) -> list[Group]:
    """Return how many orders hold each product, whatever its kind; an order's whole amount counts for each."""
    return _groups(cases, lambda case: [_same(line.title) for line in case.goods])


def kinds_of(cases: Iterable[ReportCase]) -> list[Group]:
    """Return how many orders hold each kind of a product."""
    return _groups(cases, lambda case: [_same(f"{line.title} {line.spec}".strip()) for line in case.goods])


def _same(text: str) -> Phrase:
    return Phrase(text, text)


def _groups(cases: Iterable[ReportCase], names: Callable[[ReportCase], list[Phrase]]) -> list[Group]:
    """Return the groups that cases fall into, large ones first; a case is once in each of its groups."""
    found: dict[Phrase, list[ReportCase]] = {}
    for case in cases:
        for name in dict.fromkeys(names(case)):
            found.setdefault(name, []).append(case)
    groups = [Group(name, len(group), _amount(group)) for name, group in found.items()]
    return sorted(groups, key=lambda group: (-group.count, -group.amount, group.name.zh))


def _amount(cases: Iterable[ReportCase]) -> Decimal:
    return sum((amount for case in cases if (amount := amount_of(case)) is not None), Decimal(0))


def _days(ended: Sequence[tuple[ReportCase, datetime]]) -> Iterator[Day]:
    """Yield every day from the first closing to the last, those without any among them."""
    by_day: dict[date, list[ReportCase]] = {}
    for case, at in ended:
        by_day.setdefault(at.date(), []).append(case)
    if not by_day:
        return
    first, last = min(by_day), max(by_day)
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        cases = by_day.get(day, [])
        since = max(first, day - _WEEK + timedelta(days=1))
        week = [len(by_day.get(since + timedelta(days=m), ())) for m in range((day - since).days + 1)]
        yield Day(
            day=day,
            count=len(cases),
            amount=_amount(cases),
            mean=sum(week) / len(week),
            reasons=dict(Counter(reason_phrase(case.reason) for case in cases)),
        )


def _hours_taken(case: ReportCase) -> float | None:
    asked, ended = _time(case.requested_at), _time(case.ended_at)
    return None if asked is None or ended is None else max((ended - asked) / _HOUR, 0.0)


def age_at_end(case: ReportCase) -> timedelta | None:
    """Return how old an order was when its case ended; None where one of both is not known."""
    ordered, ended = _time(case.ordered_at), _time(case.ended_at)
    return None if ordered is None or ended is None else ended - ordered


def _time(text: str | None) -> datetime | None:
    try:
        return None if text is None else datetime.fromisoformat(text)
    except ValueError:
        return None
