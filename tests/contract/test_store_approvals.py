"""An approval is a second person's, of exact terms, for a while, and for one act."""

from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import Connection
from store_making import BOSS, CLERK, LATER, NOW, act, finish, intend, make_case, reread

from agent.domain.acts import IntentResult
from agent.domain.cases import CaseState, WaitingFor
from agent.errors import StoreError
from agent.store import approvals, cases, journal
from agent.store.approvals import Approval
from agent.store.database import Database


def ask(tx: Connection, case_id: str, terms_hash: str = "h1", now: datetime = NOW) -> Approval:
    return approvals.request(
        tx,
        case_id=case_id,
        terms={"amount_fen": 5},
        terms_hash=terms_hash,
        asked_by="Wang Li",
        now=now,
        expires_at=now.replace(hour=23),
    )


def approve(tx: Connection, case_id: str, name: str = "Chen", now: datetime = NOW) -> Approval:
    return approvals.approve(tx, case_id, name=name, actor=BOSS, now=now)


def test_an_approval_carries_name_os_user_and_host_and_stands_in_the_journal(db: Database) -> None:
    case = make_case(db)
    asked = db.write(lambda tx: ask(tx, case.case_id))
    assert db.read(lambda tx: approvals.pending(tx, case.case_id)) == asked
    given = db.write(lambda tx: approve(tx, case.case_id, now=LATER))
    assert (given.state, given.name, given.actor, given.decided_at) == ("approved", "Chen", BOSS, LATER)
    assert db.read(lambda tx: approvals.pending(tx, case.case_id)) is None
    last = db.read(lambda tx: journal.entries(tx, case.case_id))[-1]
    assert (last.kind, last.body["name"], last.body["actor"]) == ("approved", "Chen", BOSS)


@pytest.mark.parametrize("name", ["Wang Li", "clerk", " CLERK ", "wang  li", "ｃｌｅｒｋ"])
def test_who_asked_cannot_approve_however_the_name_is_written(db: Database, name: str) -> None:
    case = make_case(db)
    db.write(lambda tx: ask(tx, case.case_id))
    with pytest.raises(StoreError, match="somebody else must"):
        db.write(lambda tx: approve(tx, case.case_id, name))
    assert db.read(lambda tx: approvals.usable(tx, case.case_id, "h1", NOW)) is None


def test_who_asked_may_reject_and_a_rejection_is_no_approval(db: Database) -> None:
    case = make_case(db)
    db.write(lambda tx: ask(tx, case.case_id))
    said = db.write(lambda tx: approvals.reject(tx, case.case_id, name="clerk", actor=CLERK, now=NOW))
    assert said.state == "rejected"
    assert db.read(lambda tx: approvals.decided(tx, case.case_id, "h1")) == said
    assert db.read(lambda tx: approvals.usable(tx, case.case_id, "h1", NOW)) is None


def test_nothing_is_decided_that_is_not_asked_is_expired_or_has_no_name(db: Database) -> None:
    case = make_case(db)
    with pytest.raises(StoreError, match="asks for no approval"):
        db.write(lambda tx: approve(tx, case.case_id))
    asked = db.write(lambda tx: ask(tx, case.case_id))
    with pytest.raises(StoreError, match="name is empty"):
        db.write(lambda tx: approve(tx, case.case_id, "  "))
    for decide in (approvals.approve, approvals.reject):
        with pytest.raises(StoreError, match="has expired"):
            db.write(lambda tx, decide=decide: decide(tx, case.case_id, name="Chen", actor=BOSS, now=asked.expires_at))


def test_asking_for_the_same_terms_again_changes_nothing_and_other_terms_replace_them(db: Database) -> None:
    case = make_case(db)
    first = db.write(lambda tx: ask(tx, case.case_id))
    assert db.write(lambda tx: ask(tx, case.case_id)) == first
    second = db.write(lambda tx: ask(tx, case.case_id, "h2"))
    assert db.read(lambda tx: approvals.pending(tx, case.case_id)) == second
    db.write(lambda tx: approve(tx, case.case_id))
    assert db.read(lambda tx: approvals.usable(tx, case.case_id, "h1", NOW)) is None
    assert db.read(lambda tx: approvals.usable(tx, case.case_id, "h2", NOW)) is not None


def test_an_approval_expires(db: Database) -> None:
    case = make_case(db)
    db.write(lambda tx: ask(tx, case.case_id))
    given = db.write(lambda tx: approve(tx, case.case_id))
    assert db.read(lambda tx: approvals.usable(tx, case.case_id, "h1", given.expires_at)) is None
    intent = db.write(lambda tx: intend(tx, case))
    with pytest.raises(StoreError, match="used, expired or not given"):
        db.write(lambda tx: approvals.consume(tx, given.approval_id, intent.intent_id, given.expires_at))


def test_an_approval_serves_one_intent_and_an_intent_one_approval(db: Database) -> None:
    case = make_case(db)
    db.write(lambda tx: ask(tx, case.case_id))
    first = db.write(lambda tx: approve(tx, case.case_id))
    intent = db.write(lambda tx: intend(tx, case))
    db.write(lambda tx: approvals.consume(tx, first.approval_id, intent.intent_id, NOW))
    assert db.read(lambda tx: approvals.usable(tx, case.case_id, "h1", NOW)) is None
    db.write(lambda tx: finish(tx, intent, IntentResult.NOT_DONE))
    again = db.write(lambda tx: intend(tx, case, act(purpose="again")))
    with pytest.raises(StoreError, match="used, expired or not given"):
        db.write(lambda tx: approvals.consume(tx, first.approval_id, again.intent_id, NOW))
    db.write(lambda tx: ask(tx, case.case_id))
    second = db.write(lambda tx: approve(tx, case.case_id))
    with pytest.raises(StoreError, match="has used another"):
        db.write(lambda tx: approvals.consume(tx, second.approval_id, intent.intent_id, NOW))
    assert db.read(lambda tx: journal.entries(tx, case.case_id))[-1].kind == "approved"


@pytest.mark.parametrize("yes", [True, False])
def test_an_answer_wakes_the_case_that_waits_for_it(db: Database, *, yes: bool) -> None:
    case = make_case(db)
    db.write(lambda tx: ask(tx, case.case_id))
    db.write(lambda tx: cases.save(tx, replace(case, state=CaseState.WAITING, waiting_for=WaitingFor.APPROVAL)))
    decide = approvals.approve if yes else approvals.reject
    db.write(lambda tx: decide(tx, case.case_id, name="Chen", actor=BOSS, now=LATER))
    woken = reread(db, case.case_id)
    assert (woken.state, woken.due_at) == (CaseState.DUE, LATER)
