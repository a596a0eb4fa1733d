"""Short ways to what the tests need."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from agent.domain.acts import Act, ActKind, IntentResult
from agent.domain.cases import Case, CloseRequest, Consent, Role
from agent.domain.ids import OrderId
from agent.domain.money import Fen
from agent.domain.reasons import Reason
from agent.store import cases, intents
from agent.store.admission import Admitted
from agent.store.database import Database

SHARED_BACKENDS = ["sqlite_file", "postgresql"]  # those that two processes can open

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
DAY = date(2026, 3, 1)
CLERK = {"os_user": "clerk", "host": "desk"}
BOSS = {"os_user": "boss", "host": "office"}
RUN = "rrun"


def order(n: int) -> OrderId:
    return OrderId(f"{100000000000000000 + n}")


def wish(n: int, consent: Consent = Consent.NONE, **changes: Any) -> CloseRequest:
    return CloseRequest(order(n), Reason.OUT_OF_STOCK, consent, source={"file": "a.csv", "row": n}, **changes)


def admit(tx: Connection, wishes: Sequence[CloseRequest], now: datetime = NOW, shop: str = "shop") -> list[Admitted]:
    return cases.admit(tx, wishes, shop=shop, portal="portal", account=shop, role=Role.SELLER, now=now, actor=CLERK)


def make_case(db: Database, n: int = 1, consent: Consent = Consent.NONE, shop: str = "shop") -> Case:
    case_id = db.write(lambda tx: admit(tx, [wish(n, consent)], shop=shop))[0].case_id
    return reread(db, case_id)


def reread(db: Database, case_id: str) -> Case:
    case = db.read(lambda tx: cases.get(tx, case_id))
    assert case is not None
    return case


def act(kind: ActKind = ActKind.CLOSE, purpose: str = "close", amount: int = 1000) -> Act:
    return Act(kind, purpose, "the request says so", Fen(amount), {"reason": "缺货"})


def intend(tx: Connection, case: Case, what: Act | None = None, owner: str = RUN) -> intents.Intent:
    return intents.write(tx, case=case, act=what or act(), terms={"state": "unpaid"}, owner=owner, now=NOW)


def release(tx: Connection, intent: intents.Intent) -> None:
    intents.mark_releasing(tx, intent.intent_id, owner=intent.owner, now=NOW, request={"url": "/close"})


def finish(tx: Connection, intent: intents.Intent, result: IntentResult = IntentResult.DONE) -> None:
    intents.settle(tx, intent.intent_id, result, now=LATER, answer={"ok": True}, request_id="q1")
