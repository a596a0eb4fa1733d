"""When a person may end a case, and settle the act of it that looking could not."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from agent.domain.acts import IntentResult, IntentState
from agent.domain.cases import Case, CaseState, Outcome
from agent.errors import StoreError
from agent.store import intents, limits


def must_be_open(case: Case) -> Case:
    """Return the case where it is open.

    Raises:
        StoreError: it has ended.
    """
    if case.state is CaseState.ENDED:
        raise StoreError(f"case {case.case_id} has ended ({case.outcome}): 'closewright reopen {case.case_id}' first")
    return case


def must_be_settled(tx: Connection, case: Case) -> None:
    """Make sure that no act on the case's order is open.

    Raises:
        StoreError: one is.
    """
    intent = open_intent(tx, case)
    if intent is not None:
        raise StoreError(
            f"{intent.act} on order {case.order_id} is not settled: run 'closewright resume', or look at the portal and"
            f" answer case {intent.case_id} with 'done' or 'not-done', before the case is ended"
        )


def open_intent(tx: Connection, case: Case) -> intents.Intent | None:
    """Return the act on the case's order that is not settled, whichever case it is of."""
    return intents.open_for(tx, portal=case.portal, account=case.account, order_id=case.order_id)


def settle(tx: Connection, case: Case, result: IntentResult, note: str, now: datetime) -> None:
    """Settle by a person's word what could not be proved by looking.

    Raises:
        StoreError: no act of the case waits for that.
    """
    intent = open_intent(tx, case)
    if intent is None or intent.case_id != case.case_id or intent.state is not IntentState.RELEASING:
        raise StoreError(f"case {case.case_id} has no act whose effect is open: answer 'continue' to look again")
    intents.settle(tx, intent.intent_id, result, now=now, answer={"judgement": "person", "note": note})
    if result is not IntentResult.DONE:
        limits.give_back(tx, intent.intent_id)


def given_up(tx: Connection, case: Case, why: str, note: str) -> Case:
    """Return the case as handed over to people.

    Raises:
        StoreError: an act on its order is not settled.
    """
    must_be_settled(tx, case)
    return ended_as(case, Outcome.HANDED_OVER, f"{why}: {note}" if note else why, by="operator")


def ended_as(case: Case, outcome: Outcome, why: str, *, by: str) -> Case:
    """Return the case as ended."""
    return replace(case, state=CaseState.ENDED, waiting_for=None, due_at=None, outcome=outcome, why=why, by=by)
