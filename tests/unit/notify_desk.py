"""A shop's outbox with a clock of the test's own, and real channels to send to."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cli_shop import SETTINGS, CliShop, leave, order

from agent.app import App
from agent.domain.cases import Case, CaseState, CloseRequest, Outcome, Path, Terms, WaitingFor
from agent.domain.money import Fen
from agent.domain.outbox import MailState, Queued
from agent.domain.reasons import Reason
from agent.notify.buyer import notice_mails, told_of
from agent.notify.people import tell_people
from agent.notify.sending import Desk, Sender, Sent
from agent.settings import load
from agent.store import outbox

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai


class NotifyDesk:
    """What one shop tells, and what becomes of it."""

    def __init__(self, cli: CliShop) -> None:
        self.cli = cli
        self.now = NOON
        self.app: App | None = None

    def settings(self, text: str) -> None:
        """Write the tables of the shop that are tried, and open the app with the test's clock."""
        self.close()
        self.cli.write("closewright.toml", SETTINGS + text)
        self.app = App(load(None), clock=lambda: self.now)

    @property
    def opened(self) -> App:
        """The app."""
        assert self.app is not None
        return self.app

    def close(self) -> None:
        """Let go of the database."""
        if self.app is not None:
            self.app.close()

    def passes(self, **delta: int) -> None:
        """Let time pass."""
        self.now += timedelta(**delta)

    def case(self, n: int = 1, **changes: Any) -> Case:
        """Leave a case as a pass does, telling people of it in the same way."""
        app = self.opened
        wish = CloseRequest(order(n), Reason.OUT_OF_STOCK, source={"command": "test"})
        [admitted] = app.admit("demo", [wish])
        case = leave(app, admitted.case_id, **changes)
        self.tell(case)
        return case

    def tell(self, case: Case) -> None:
        """Tell people what a case asks of them now."""
        notify = self.opened.settings.shop("demo").notify
        self.opened.db.write(lambda tx: tell_people(tx, case, notify, zone=ZONE, now=self.now))

    def to_buyer(self, case: Case, buyer: str = "") -> int:
        """Put the notice of a case into the outbox; return how many messages it is."""
        mails = notice_mails(case, told_of(case), self.opened.settings.shop("demo"), buyer)
        return sum(self.opened.db.write(lambda tx: [outbox.put(tx, one, now=self.now) for one in mails]))

    def send(self) -> Sent:
        """Send what is due."""
        app = self.opened
        desk = Desk("demo", app.settings.shop("demo"), ZONE)
        return asyncio.run(Sender(app.db, desk, app.clock).send_due())

    def kept(self, state: MailState) -> list[Queued]:
        """Return the messages that stand so."""
        return self.opened.db.read(lambda tx: outbox.of_state(tx, shop="demo", state=state))


def asks(word: WaitingFor = WaitingFor.HUMAN, why: str = "the order is frozen by risk control") -> dict[str, Any]:
    """Return what is changed about a case that waits for a person."""
    return {"state": CaseState.WAITING, "waiting_for": word, "due_at": NOON + timedelta(days=1), "why": why}


def over(outcome: Outcome, **changes: Any) -> dict[str, Any]:
    """Return what is changed about a case that has ended."""
    return {"state": CaseState.ENDED, "outcome": outcome, "due_at": None, "why": "it ended"} | changes


def paid_and_closed() -> dict[str, Any]:
    """Return what is changed about a case whose paid order was closed."""
    return over(Outcome.CLOSED, path=Path.PAID_UNSHIPPED, terms=Terms("paid", Fen(12_350), ("x",)))


OpenDesk = Callable[[str], NotifyDesk]
