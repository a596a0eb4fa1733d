"""Living a month: orders come in, days pass, people answer, the product is run three times a day."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

from agent.domain.cases import CloseRequest, Consent
from agent.domain.reasons import Reason
from agent.errors import HumanCheck, SignedOut, Stopped, WrongShop
from agent.report import html, xlsx
from agent.report.model import ReportCase
from agent.report.statistics import Statistics, statistics
from agent.store import cases
from agent.summary import report_cases
from fixtures.mock_portal import server
from tests.chaos.judge import Left
from tests.e2e.e2e_shop import Shop, want

from .people import Operator
from .planning import HELD, Month

RUNS_A_DAY = 3
_LAST_DAYS = 2  # on which an operator gives up whatever still waits
_MOST_EXTRA_DAYS = 12
_AGAIN = 4  # times that a run is begun anew on the same hour, where something ended it for all
SETTINGS = """
breaker = { same_fault = 50 }
waits = { consent = "6h", counterparty = "6h", return_parcel = "6h", platform = "6h", refund = "6h", human = "6h", \
review = "18h", settle = "1s", retry = "1s", too_new = "1s", login = "1s", human_check = "1s" }
"""
AS_ROLE = {
    "seller": """
aftercare = { refund = "3d", notice = "portal", stock = "check", review = "4d" }
tickets = { remind_after = "2d", reminders = 2 }
""",
    "purchaser": """
aftercare = { refund = "3d" }
dispute = "ask"
""",
}
_CONSENT = {"declared": Consent.DECLARED, "none": Consent.NONE, "denied": Consent.DENIED}
Said = Callable[[str], None]


@dataclass(slots=True)
class Lived:
    """What a month has left."""

    left: Left
    reported: list[ReportCase]
    counted: Statistics
    report: Path
    days: int
    runs: int
    passes: int
    answered: int
    seconds: float
    outcomes: dict[str, int] = field(default_factory=dict)
    approved: frozenset[str] = frozenset()  # orders whose bad review a person wanted answered


class _Living:
    def __init__(self, month: Month, shop: Shop) -> None:
        self._month = month
        self._shop = shop
        self._operator = Operator(shop)
        self._requests = {wish.order_id: wish for wish in month.shard.wishes}
        self.runs = self.passes = 0

    @property
    def now(self) -> datetime:
        """The time of the shop."""
        return datetime.now(UTC) + timedelta(seconds=self._shop.passed_s)

    def day(self, number: int, *, last: bool) -> None:
        """Let one day pass: what is asked for on it comes with its first run."""
        asked = [self._request(order_id) for order_id in self._month.asked(number)]
        for _ in range(RUNS_A_DAY):
            self._run(asked)
            asked = []
            self._advance(86_400 / RUNS_A_DAY)
        self._operator.day(self.now, last=last)

    @property
    def received(self) -> frozenset[str]:
        """The orders whose returned goods a person has said to be here."""
        return frozenset(self._operator.received)

    @property
    def approved(self) -> set[str]:
        """The orders whose bad review a person has wanted answered."""
        return self._operator.approved

    @property
    def answered(self) -> int:
        """How often a person has answered."""
        return self._operator.answered

    def _request(self, order_id: str) -> CloseRequest:
        wish = self._requests[order_id]
        return want(order_id, Reason(wish.reason), consent=_CONSENT[wish.consent])

    def _run(self, asked: list[CloseRequest]) -> None:
        for _ in range(_AGAIN):
            end = self._shop.run(*asked, lanes=self._month.shard.lanes, wait_s=3)
            asked = []
            self.runs += 1
            self.passes += end.passes
            if isinstance(end.stopped_by, HumanCheck):
                self._operator.draw_slider()
            elif not isinstance(end.stopped_by, SignedOut | WrongShop | Stopped):
                return

    def _advance(self, seconds: float) -> None:
        self._shop.post("clock", {"advance_s": seconds})
        self._shop.passed_s += seconds

    def settled(self) -> bool:
        """Whether nothing is open any more."""
        return all(case.outcome is not None for case in self._shop.cases()) and not any(
            item["state"] in {"waiting", "human"} for case in self.report() for item in case.aftercare
        )

    def report(self) -> list[ReportCase]:
        """Return every case as reports show it."""
        app = self._shop.app()
        try:
            return report_cases(app.db, app.blobs, app.db.read(lambda tx: cases.listing(tx)))  # noqa: PLW0108 - keywords
        finally:
            app.close()


def live(month: Month, folder: Path, *, said: Said) -> Lived:
    """Live a month in a folder of its own, and return what it has left."""
    shard, began = month.shard, monotonic()
    size = shard.shop_size
    with server.start(seed=shard.shop_seed, orders=size, skin=shard.skin, render_ms=20, promo=False) as portal:
        shop = Shop(portal, folder, shard.skin, role=shard.role, extra=SETTINGS + AS_ROLE[shard.role])
        before = {order["order_id"]: order for order in shop.truth("orders")["orders"]}
        held = [{"name": HELD, "orders": [order_id], "step": "start"} for order_id in month.held]
        shop.faults(*held, *(trouble.spec() for trouble in shard.troubles))
        shop.actors(*month.others, *(habit.spec() for habit in shard.habits))
        living = _Living(month, shop)
        day = 0
        while day < month.days or (not living.settled() and day < month.days + _MOST_EXTRA_DAYS):
            living.day(day, last=day >= month.days - _LAST_DAYS)
            day += 1
            said(f"day {day}: {living.runs} runs, {living.passes} passes, {monotonic() - began:.0f} s")
        reported = living.report()
        lived = Lived(
            left=_left(shop, before, reported, living.received),
            reported=reported,
            counted=statistics(reported, UTC),
            report=_written(shop, reported, folder, living.now),
            days=day,
            runs=living.runs,
            passes=living.passes,
            answered=living.answered,
            seconds=monotonic() - began,
            approved=frozenset(living.approved),
        )
        for case in reported:
            lived.outcomes[case.stands] = lived.outcomes.get(case.stands, 0) + 1
        return lived


def _left(
    shop: Shop, before: dict[str, dict[str, Any]], reported: Sequence[ReportCase], received: frozenset[str]
) -> Left:
    fired = [
        (fault["name"], fault["step"], order_id)
        for fault in shop.truth("faults")["faults"]
        for order_id in fault["fired_orders"]
    ]
    return Left(
        before=before,
        after={order["order_id"]: order for order in shop.truth("orders")["orders"]},
        ledger=shop.ledger(),
        fired=fired,
        cases=[case.as_json() for case in reported],
        received=received,
    )


def _written(shop: Shop, reported: Sequence[ReportCase], folder: Path, now: datetime) -> Path:
    """Write the report of the month, as a page and as a workbook."""
    app = shop.app()
    path = folder / "month.html"
    try:
        html.write(reported, path, title="A month", generated_at=now, blobs=app.blobs, shop_meta={}, language="en")
    finally:
        app.close()
    xlsx.write(reported, path.with_suffix(".xlsx"), zone=UTC, language="en")
    return path
