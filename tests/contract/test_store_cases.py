"""Requests become cases; passes find and keep them."""

import secrets
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from store_making import CLERK, LATER, NOW, SHARED_BACKENDS, admit, make_case, order, reread, wish

from agent.domain.cases import Case, CaseState, CloseRequest, Consent, Outcome, Path, Terms, WaitingFor
from agent.domain.money import Fen
from agent.domain.reasons import Reason
from agent.errors import StoreError
from agent.store import cases, journal
from agent.store.database import Database


def waiting(case: Case, waiting_for: WaitingFor, due_at: datetime | None = None) -> Case:
    return replace(case, state=CaseState.WAITING, waiting_for=waiting_for, due_at=due_at)


def ended(case: Case, outcome: Outcome = Outcome.CLOSED) -> Case:
    return replace(case, state=CaseState.ENDED, outcome=outcome, due_at=None)


def test_a_request_makes_a_due_case_with_its_words_and_a_journal_entry(db: Database) -> None:
    case = make_case(db, 7, Consent.DECLARED)
    assert (case.order_id, case.state, case.due_at, case.consent) == (order(7), CaseState.DUE, NOW, Consent.DECLARED)
    entry = db.read(lambda tx: journal.entries(tx, case.case_id))[0]
    assert entry.kind == "requested"
    assert entry.body["actor"] == CLERK
    assert entry.body["source"] == {"file": "a.csv", "row": 7}
    assert entry.body["attached"] is False


def test_asking_again_attaches_to_the_open_case_and_records_the_request(db: Database) -> None:
    case = make_case(db)
    again = db.write(lambda tx: admit(tx, [wish(1), wish(2)], LATER))
    assert [(a.attached, a.case_id == case.case_id) for a in again] == [(True, True), (False, False)]
    assert [r.at for r in db.read(lambda tx: cases.requests_of(tx, case.case_id))] == [NOW, LATER]
    assert [e.body["attached"] for e in db.read(lambda tx: journal.entries(tx, case.case_id))] == [False, True]


def test_one_order_twice_in_one_file_is_one_case(db: Database) -> None:
    first, second = db.write(lambda tx: admit(tx, [wish(1), wish(1, Consent.DECLARED)]))
    assert (first.case_id, first.attached, second.attached) == (second.case_id, False, True)
    assert reread(db, first.case_id).consent is Consent.DECLARED


def test_after_its_end_an_order_gets_a_new_case(db: Database) -> None:
    case = make_case(db)
    db.write(lambda tx: cases.save(tx, ended(case)))
    other = make_case(db)
    assert other.case_id != case.case_id
    key = {"portal": "portal", "account": "shop", "order_id": order(1)}
    assert db.read(lambda tx: cases.find_open(tx, **key)) == other
    assert db.read(lambda tx: cases.latest_for(tx, **key)) == other


def test_the_database_itself_refuses_a_second_open_case(db: Database) -> None:
    make_case(db)
    copy = text(
        "INSERT INTO cases (case_id, shop, portal, account, role, order_id, reason, note, consent, state,"
        " created_at, why, attempts, facts) SELECT 'cother', shop, portal, account, role, order_id, reason, note,"
        " consent, state, created_at, why, attempts, facts FROM cases"
    )
    with pytest.raises(StoreError, match="refused"):
        db.write(lambda tx: tx.execute(copy))


@pytest.mark.parametrize("backend", SHARED_BACKENDS, indirect=True)
def test_those_who_ask_for_the_same_orders_at_once_get_the_same_cases(url: str) -> None:
    databases = [Database.open(url) for _ in range(3)]
    ready = threading.Barrier(3)
    answers: list[list[str]] = []

    def ask(db: Database, numbers: list[int]) -> None:
        ready.wait()
        admitted = db.write(lambda tx: admit(tx, [wish(n) for n in numbers]))
        answers.append([a.case_id for a in sorted(admitted, key=lambda a: a.order_id)])

    orders = [list(range(50)), list(reversed(range(50))), list(range(50))]
    threads = [threading.Thread(target=ask, args=pair) for pair in zip(databases, orders, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for db in databases:
        db.close()
    assert len(answers) == 3
    assert answers[0] == answers[1] == answers[2]


def test_consent_wakes_a_case_that_waits_for_it(db: Database) -> None:
    case = make_case(db)
    db.write(lambda tx: cases.save(tx, waiting(case, WaitingFor.CONSENT, LATER)))
    proof = wish(1, Consent.PROVED, consent_file="/proofs/1.png")
    db.write(lambda tx: admit(tx, [proof], LATER))
    woken = reread(db, case.case_id)
    assert (woken.state, woken.waiting_for, woken.due_at) == (CaseState.DUE, None, LATER)
    assert (woken.consent, woken.facts["consent_file"]) == (Consent.PROVED, "/proofs/1.png")
    record = db.read(lambda tx: cases.consent_of(tx, case.case_id))
    assert record is not None
    assert (record.file, record.at, record.actor) == ("/proofs/1.png", LATER, CLERK)


def test_consent_does_not_wake_a_case_that_waits_for_something_else(db: Database) -> None:
    case = make_case(db)
    db.write(lambda tx: cases.save(tx, waiting(case, WaitingFor.REFUND, LATER)))
    db.write(lambda tx: admit(tx, [wish(1, Consent.DECLARED)]))
    after = reread(db, case.case_id)
    assert (after.state, after.waiting_for, after.consent) == (CaseState.WAITING, WaitingFor.REFUND, Consent.DECLARED)


@pytest.mark.parametrize(
    ("had", "brings", "has"),
    [
        (Consent.NONE, Consent.DECLARED, Consent.DECLARED),
        (Consent.NONE, Consent.DENIED, Consent.DENIED),
        (Consent.DECLARED, Consent.NONE, Consent.DECLARED),
        (Consent.DECLARED, Consent.PROVED, Consent.PROVED),
        (Consent.PROVED, Consent.DECLARED, Consent.PROVED),
        (Consent.PROVED, Consent.DENIED, Consent.DENIED),
        (Consent.DENIED, Consent.DECLARED, Consent.DENIED),
    ],
)
def test_a_later_word_counts_only_if_it_is_stronger(db: Database, had: Consent, brings: Consent, has: Consent) -> None:
    case = make_case(db, 1, had)
    db.write(lambda tx: admit(tx, [wish(1, brings)], LATER))
    assert reread(db, case.case_id).consent is has
    record = db.read(lambda tx: cases.consent_of(tx, case.case_id))
    assert (record.consent if record else Consent.NONE) is has


def test_consent_that_comes_in_during_a_pass_survives_its_end(db: Database) -> None:
    """The pass has read the case before the new request, and saves it after."""
    case = make_case(db)
    db.write(lambda tx: admit(tx, [wish(1, Consent.PROVED, consent_file="/p.png")], LATER))
    db.write(lambda tx: cases.save(tx, replace(waiting(case, WaitingFor.CONSENT, LATER), facts={"asked": True})))
    after = reread(db, case.case_id)
    assert (after.state, after.waiting_for, after.consent) == (CaseState.DUE, None, Consent.PROVED)
    assert after.facts["asked"] is True
    assert after.facts["consent_file"] == "/p.png"


def test_a_pass_may_void_the_consent_that_it_has_seen(db: Database) -> None:
    case = make_case(db, 1, Consent.DECLARED)
    db.write(lambda tx: cases.save(tx, replace(waiting(case, WaitingFor.CONSENT), consent=Consent.NONE)))
    after = reread(db, case.case_id)
    assert (after.consent, after.state) == (Consent.NONE, CaseState.WAITING)


def test_what_a_pass_saves_reads_back_the_same(db: Database) -> None:
    case = replace(
        waiting(make_case(db), WaitingFor.PLATFORM, LATER),
        path=Path.TICKET,
        why="工单处理中 🙂 'quoted'",
        by="buyer",
        amount=Fen(123_456_789_012),
        terms=Terms("paid", Fen(5), ("a", "b")),
        attempts=3,
        facts={"ticket": {"id": "T1", "seen": [1, 2.5, None, True]}},
    )
    db.write(lambda tx: cases.save(tx, case))
    assert reread(db, case.case_id) == case


def test_times_of_every_zone_are_kept_exactly(db: Database) -> None:
    there = datetime(2026, 3, 1, 18, 0, 0, 1, tzinfo=timezone(timedelta(hours=8)))
    case = waiting(make_case(db), WaitingFor.RETRY, there)
    db.write(lambda tx: cases.save(tx, case))
    back = reread(db, case.case_id).due_at
    assert back == there
    assert back is not None
    assert back.tzinfo is UTC


def test_an_ended_case_changes_only_by_reopening(db: Database) -> None:
    case = make_case(db)
    db.write(lambda tx: cases.save(tx, replace(ended(case), facts={"learnt": 1}, by="us", why="done")))
    with pytest.raises(StoreError, match="has ended"):
        db.write(lambda tx: cases.save(tx, case))
    reopened = db.write(lambda tx: cases.reopen(tx, case.case_id, LATER))
    assert reopened == reread(db, case.case_id)
    assert (reopened.state, reopened.due_at, reopened.outcome, reopened.by) == (CaseState.DUE, LATER, None, None)
    assert reopened.facts == {"learnt": 1}
    with pytest.raises(StoreError, match="has not ended"):
        db.write(lambda tx: cases.reopen(tx, case.case_id, LATER))


def test_a_case_cannot_be_reopened_beside_an_open_one(db: Database) -> None:
    case = make_case(db)
    db.write(lambda tx: cases.save(tx, ended(case)))
    other = make_case(db)
    with pytest.raises(StoreError, match=other.case_id):
        db.write(lambda tx: cases.reopen(tx, case.case_id, LATER))


def test_an_unknown_case_is_an_error_to_change_and_none_to_read(db: Database) -> None:
    case = replace(make_case(db), case_id="cnone")
    assert db.read(lambda tx: cases.get(tx, "cnone")) is None
    for change in (lambda tx: cases.save(tx, case), lambda tx: cases.reopen(tx, "cnone", NOW)):
        with pytest.raises(StoreError, match="no case cnone"):
            db.write(change)


def test_the_queue_gives_what_is_due_longest_due_first_then_in_the_order_of_the_file(db: Database) -> None:
    ids = [a.case_id for a in db.write(lambda tx: admit(tx, [wish(n) for n in (5, 3, 4, 1, 2)]))]
    one, two, three, four, five = (reread(db, case_id) for case_id in ids)
    earlier = NOW - timedelta(days=1)
    for case in (
        waiting(two, WaitingFor.REFUND, earlier),
        waiting(three, WaitingFor.REFUND, LATER),
        waiting(four, WaitingFor.HUMAN, None),
    ):
        db.write(lambda tx, case=case: cases.save(tx, case))
    make_case(db, 1, shop="another")
    found = db.read(lambda tx: cases.due(tx, shop="shop", now=NOW, limit=10))
    assert [c.case_id for c in found] == [two.case_id, one.case_id, five.case_id]
    assert db.read(lambda tx: cases.due(tx, shop="shop", now=NOW, limit=1))[0].case_id == two.case_id
    mine = {three.case_id, five.case_id}
    assert [c.case_id for c in db.read(lambda tx: cases.due(tx, shop="shop", now=NOW, limit=9, case_ids=mine))] == [
        five.case_id
    ]
    assert db.read(lambda tx: cases.next_due_at(tx, shop="shop")) == earlier
    assert db.read(lambda tx: cases.next_due_at(tx, shop="shop", case_ids={three.case_id})) == LATER
    assert db.read(lambda tx: cases.next_due_at(tx, shop="shop", case_ids={four.case_id})) is None
    assert db.read(lambda tx: cases.due(tx, shop="shop", now=NOW, limit=9, case_ids=[])) == []


def test_a_large_file_is_admitted_attached_and_queued_whole(db: Database, backend: str) -> None:
    wishes = [wish(n) for n in range(20_000 if backend == "sqlite_file" else 5_000)]
    made = db.write(lambda tx: admit(tx, wishes))
    assert [a.order_id for a in made] == [w.order_id for w in wishes]
    again = db.write(lambda tx: admit(tx, wishes[:2000], LATER))
    assert [a.case_id for a in again] == [a.case_id for a in made[:2000]]
    assert all(a.attached for a in again)
    ids = {a.case_id for a in made[2500:]}
    found = db.read(lambda tx: cases.due(tx, shop="shop", now=NOW, limit=3, case_ids=ids))
    assert [c.order_id for c in found] == [order(n) for n in (2500, 2501, 2502)]
    wanted = [a.case_id for a in reversed(made[:3000])]
    assert [c.case_id for c in db.read(lambda tx: cases.by_ids(tx, [*wanted, "cnone"]))] == wanted


def test_the_listing_filters(db: Database) -> None:
    one, two, three = (make_case(db, n) for n in (1, 2, 3))
    elsewhere = make_case(db, 4, shop="another")
    db.write(lambda tx: cases.save(tx, waiting(one, WaitingFor.HUMAN)))
    db.write(lambda tx: cases.save(tx, ended(two)))
    db.write(lambda tx: journal.append(tx, three.case_id, "looked", {}, at=LATER))

    def ids(**filters: object) -> list[str]:
        return [c.case_id for c in db.read(lambda tx: cases.listing(tx, **filters))]  # type: ignore[arg-type]

    everyone = [one.case_id, two.case_id, three.case_id, elsewhere.case_id]
    assert ids() == everyone
    assert ids(since=NOW) == everyone
    assert ids(shop="another") == [elsewhere.case_id]
    assert ids(shop="shop", open_only=True) == [one.case_id, three.case_id]
    assert ids(waiting_for=WaitingFor.HUMAN) == [one.case_id]
    assert ids(since=LATER) == [three.case_id]


def test_a_case_is_woken_only_from_what_it_waits_for(db: Database) -> None:
    case = make_case(db)
    db.write(lambda tx: cases.save(tx, waiting(case, WaitingFor.APPROVAL)))
    assert db.write(lambda tx: cases.wake(tx, case.case_id, WaitingFor.HUMAN, now=LATER)) is False
    assert db.write(lambda tx: cases.wake(tx, case.case_id, WaitingFor.APPROVAL, now=LATER)) is True
    assert reread(db, case.case_id).due_at == LATER


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    batches=st.lists(
        st.lists(st.tuples(st.integers(0, 4), st.sampled_from(list(Consent))), min_size=1, max_size=6), max_size=4
    )
)
def test_however_orders_are_asked_for_each_has_one_open_case_that_knows_every_request(
    db: Database, batches: list[list[tuple[int, Consent]]]
) -> None:
    shop = secrets.token_hex(8)  # the examples share one database
    for batch in batches:
        db.write(lambda tx, batch=batch: admit(tx, [wish(n, consent) for n, consent in batch], shop=shop))
    kept = db.read(lambda tx: cases.listing(tx, shop=shop))
    asked = [pair for batch in batches for pair in batch]
    assert sorted(c.order_id for c in kept) == sorted({order(n) for n, _ in asked})
    for case in kept:
        requests = db.read(lambda tx, case=case: cases.requests_of(tx, case.case_id))
        assert [r.consent for r in requests] == [c for n, c in asked if order(n) == case.order_id]
        assert len(db.read(lambda tx, case=case: journal.entries(tx, case.case_id))) == len(requests)


def test_a_source_that_is_not_plain_data_is_named(db: Database) -> None:
    bad = CloseRequest(order(1), Reason.OTHER, source={"file": object()})
    with pytest.raises(StoreError, match=order(1)):
        db.write(lambda tx: admit(tx, [bad]))


def test_the_least_time_left_goes_first_and_then_what_is_due_longest(db: Database) -> None:
    plain, late, soon, not_due = (make_case(db, n) for n in range(1, 5))
    for case, deadline, due_at in (
        (late, LATER + timedelta(days=2), NOW),
        (soon, LATER + timedelta(days=1), NOW),
        (not_due, LATER, LATER),
    ):
        waits = replace(waiting(case, WaitingFor.COUNTERPARTY, due_at), deadline=deadline)
        db.write(lambda tx, waits=waits: cases.save(tx, waits))
    for limit in (1, 2, 9):
        found = db.read(lambda tx, limit=limit: cases.due(tx, shop="shop", now=NOW, limit=limit))
        wanted = [soon.case_id, late.case_id, plain.case_id][:limit]
        assert [case.case_id for case in found] == wanted
    only = db.read(lambda tx: cases.due(tx, shop="shop", now=NOW, limit=9, case_ids=[plain.case_id, late.case_id]))
    assert [case.case_id for case in only] == [late.case_id, plain.case_id]
