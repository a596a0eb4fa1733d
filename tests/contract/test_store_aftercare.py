"""What an ended case is still open for: opened once, due in order, and the only ground for an act after the end."""

from dataclasses import replace
from datetime import timedelta

import pytest
from store_making import LATER, NOW, act, admit, intend, make_case, wish

from agent.domain.acts import ActKind, IntentResult
from agent.domain.aftercare import PURPOSE, AftercareKind, AftercareState, Opening
from agent.domain.cases import Case, CaseState, Outcome
from agent.errors import StoreError
from agent.store import aftercare, cases, intents
from agent.store.database import Database

REFUND = Opening(AftercareKind.REFUND, "not paid yet", timedelta(hours=1))
NOTICE = Opening(AftercareKind.NOTICE, "to be told")


def closed(db: Database, n: int = 1, *openings: Opening) -> Case:
    """Return a case that has ended as closed and is open for these."""
    case = replace(make_case(db, n), state=CaseState.ENDED, due_at=None, outcome=Outcome.CLOSED)
    db.write(lambda tx: cases.save(tx, case))
    db.write(lambda tx: aftercare.open_items(tx, case.case_id, openings, now=NOW))
    return case


def due(db: Database, now: object = NOW) -> list[str]:
    return [case.case_id for case in db.read(lambda tx: aftercare.due(tx, shop="shop", now=now, limit=9))]  # type: ignore[arg-type]


def test_an_ended_case_comes_due_by_its_items_and_no_sooner(db: Database) -> None:
    early, late, done = closed(db, 1, NOTICE), closed(db, 2, REFUND), closed(db, 3, replace(NOTICE, done=True))
    assert due(db) == [early.case_id]
    assert due(db, LATER) == [early.case_id, late.case_id]
    assert db.read(lambda tx: aftercare.next_due_at(tx, shop="shop", but=[early.case_id])) == LATER
    assert db.read(lambda tx: aftercare.open_cases(tx, "shop")) == [early.case_id, late.case_id]
    assert db.read(lambda tx: aftercare.of_case(tx, done.case_id))[0].state is AftercareState.DONE
    assert db.read(lambda tx: aftercare.due(tx, shop="other", now=LATER, limit=9)) == []


def test_a_case_whose_order_has_another_open_case_is_left_alone(db: Database) -> None:
    """Two cases of one order never work side by side."""
    case = closed(db, 1, NOTICE)
    db.write(lambda tx: admit(tx, [wish(1)]))
    assert due(db) == []
    again = db.read(lambda tx: cases.listing(tx, open_only=True))[0]
    db.write(lambda tx: cases.save(tx, replace(again, state=CaseState.ENDED, outcome=Outcome.ALREADY_CLOSED)))
    assert due(db) == [case.case_id]


def test_what_is_done_stays_done_when_a_case_ends_once_more(db: Database) -> None:
    case = closed(db, 1, NOTICE, REFUND)
    notice = db.read(lambda tx: aftercare.of_case(tx, case.case_id))[0]
    db.write(lambda tx: aftercare.save(tx, replace(notice, state=AftercareState.DONE, due_at=None, ended_at=NOW)))
    db.write(lambda tx: aftercare.drop(tx, case.case_id, "no longer wanted", now=NOW))
    db.write(lambda tx: aftercare.open_items(tx, case.case_id, [NOTICE, REFUND], now=LATER))
    stands = {item.kind: item.state for item in db.read(lambda tx: aftercare.of_case(tx, case.case_id))}
    assert stands == {AftercareKind.NOTICE: AftercareState.DONE, AftercareKind.REFUND: AftercareState.WAITING}


def test_an_ended_case_gets_an_intent_for_its_open_aftercare_and_for_nothing_else(db: Database) -> None:
    tells = act(ActKind.SEND_MESSAGE, f"{PURPOSE}notice", 0)
    plain, case = closed(db, 1), closed(db, 2, NOTICE)
    with pytest.raises(StoreError, match="no open case"):
        db.write(lambda tx: intend(tx, plain, tells))
    with pytest.raises(StoreError, match="no open case"):
        db.write(lambda tx: intend(tx, case))
    intent = db.write(lambda tx: intend(tx, case, tells))
    db.write(lambda tx: intents.settle(tx, intent.intent_id, IntentResult.NOT_DONE, now=NOW))
    db.write(lambda tx: aftercare.drop(tx, case.case_id, "no longer wanted", now=NOW))
    with pytest.raises(StoreError, match="no open case"):
        db.write(lambda tx: intend(tx, case, tells))


def test_a_person_is_wanted_for_what_was_due_when_a_look_broke(db: Database) -> None:
    case = closed(db, 1, NOTICE, REFUND)
    db.write(lambda tx: aftercare.ask_person(tx, case.case_id, "broken", now=NOW, due_at=LATER))
    stands = {item.kind: item.state for item in db.read(lambda tx: aftercare.of_case(tx, case.case_id))}
    assert stands == {AftercareKind.NOTICE: AftercareState.HUMAN, AftercareKind.REFUND: AftercareState.WAITING}
    assert db.read(aftercare.wanting_person) == [case.case_id]
    assert db.read(lambda tx: aftercare.wanting_person(tx, "other")) == []
    db.write(lambda tx: aftercare.make_due(tx, case.case_id, now=NOW))
    assert due(db) == [case.case_id]
