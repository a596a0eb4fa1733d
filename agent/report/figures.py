"""The numbers of a report: how cases stand, why orders were closed, and how much money that was."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from agent.evidence.words import Phrase, phrase_of, reason_phrase
from agent.report.model import ReportCase

GOOD = frozenset({"closed", "already_closed"})
ATTENTION = frozenset(
    {"handed_over", "refused", "not_found", "waiting:human", "waiting:login", "waiting:human_check", "closed:human"}
)


@dataclass(frozen=True, slots=True)
class Share:
    """How many cases have something in common; ``percent`` is of all cases."""

    key: str
    phrase: Phrase
    count: int
    percent: float
    tone: str = ""


@dataclass(frozen=True, slots=True)
class ReasonFigures:
    """What became of the orders that were to be closed for one reason."""

    phrase: Phrase
    count: int
    percent: float
    closed: int
    amount: Decimal


def tone_of(status: str) -> str:
    """Return how a status feels: ``good``, ``attention``, ``wait`` or ``calm``."""
    if status in GOOD:
        return "good"
    if status in ATTENTION:
        return "attention"
    return "wait" if status == "due" or status.startswith(("waiting:", "closed:")) else "calm"


def by_status(cases: Sequence[ReportCase]) -> list[Share]:
    """Return the shares of each status, good ones first, large ones first."""
    order = ("good", "wait", "calm", "attention")
    shares = [
        Share(status, phrase_of(status), count, 100 * count / len(cases), tone_of(status))
        for status, count in Counter(case.stands for case in cases).items()
    ]
    return sorted(shares, key=lambda share: (order.index(share.tone), -share.count, share.key))


def by_path(cases: Sequence[ReportCase]) -> list[Share]:
    """Return the shares of each path, large ones first; cases that never got a path are not in it."""
    counts = Counter(case.path for case in cases if case.path is not None)
    return [Share(path, phrase_of(path), count, 100 * count / len(cases)) for path, count in counts.most_common()]


def by_reason(cases: Sequence[ReportCase]) -> list[ReasonFigures]:
    """Return what became of each reason, large ones first; a Chinese label counts as the reason that it names."""
    groups: dict[Phrase, list[ReportCase]] = {}
    for case in cases:
        groups.setdefault(reason_phrase(case.reason), []).append(case)
    return [
        ReasonFigures(
            phrase=phrase,
            count=len(group),
            percent=100 * len(group) / len(cases),
            closed=sum(case.outcome == "closed" for case in group),
            amount=closed_amount(group),
        )
        for phrase, group in sorted(groups.items(), key=lambda pair: (-len(pair[1]), pair[0].zh))
    ]


def closed_amount(cases: Sequence[ReportCase]) -> Decimal:
    """Return the money, in yuan, of the orders that we closed."""
    amounts = (amount_of(case) for case in cases if case.outcome == "closed")
    return sum((amount for amount in amounts if amount is not None), Decimal(0))


def amount_of(case: ReportCase) -> Decimal | None:
    """Return a case's amount in yuan as a number, None where there is none."""
    try:
        amount = Decimal(case.amount or "")
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None
