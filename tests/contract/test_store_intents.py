"""At most one open intent an order, at most one done act a purpose, and nothing is settled twice."""

import threading
from dataclasses import replace

import pytest
from sqlalchemy import Connection, text
from store_making import (
    BOSS,
    LATER,
    NOW,
    RUN,
    SHARED_BACKENDS,
    act,
    finish,
    intend,
    make_case,
    order,
    release,
    wish,
)
from store_making import admit as admit_wishes

from agent.domain.acts import GIVE_BACK, ActKind, IntentResult, IntentState
from agent.domain.cases import Case, CaseState, Outcome
from agent.errors import Stopped, StoreError
from agent.store import cases, intents, stops
from agent.store.database import Database


def done(db: Database, case: Case) -> intents.Intent:
    intent = db.write(lambda tx: intend(tx, case))
    db.write(lambda tx: release(tx, intent))
    db.write(lambda tx: finish(tx, intent))
    return intent


def test_an_intent_goes_from_written_over_releasing_to_settled_and_keeps_what_happened(db: Database) -> None:
    case = make_case(db)
    written = db.write(lambda tx: intend(tx, case))
    assert db.read(lambda tx: intents.of_case(tx, case.case_id)) == [written]
    db.write(lambda tx: release(tx, written))
    releasing = replace(written, state=IntentState.RELEASING, releasing_at=NOW, request={"url": "/close"})
    assert db.read(lambda tx: intents.open_in_shop(tx, "shop")) == [releasing]
    db.write(lambda tx: finish(tx, written))
    settled = replace(
        releasing,
        state=IntentState.SETTLED,
        result=IntentResult.DONE,
        settled_at=LATER,
        answer={"ok": True},
        request_id="q1",
    )
    assert db.read(lambda tx: intents.get(tx, written.intent_id)) == settled
    assert db.read(lambda tx: intents.open_in_shop(tx, "shop")) == []


def test_an_order_has_one_open_intent_whatever_the_act(db: Database) -> None:
    case = make_case(db)
    first = db.write(lambda tx: intend(tx, case))
    with pytest.raises(StoreError, match=first.intent_id):
        db.write(lambda tx: intend(tx, case, act(ActKind.SEND_MESSAGE, "ask")))
    key = {"portal": "portal", "account": "shop", "order_id": order(1)}
    assert db.read(lambda tx: intents.open_for(tx, **key)) == first


def test_the_database_itself_refuses_a_second_open_and_a_second_done_intent(db: Database) -> None:
    case = make_case(db)
    done(db, case)
    copy = (
        "INSERT INTO intents (intent_id, case_id, shop, portal, account, order_id, act, purpose, terms, fields,"
        " amount, state, result, owner, written_at) SELECT '{}', case_id, shop, portal, account, order_id, act,"
        " purpose, terms, fields, amount, {}, {}, owner, written_at FROM intents"
    )
    with pytest.raises(StoreError, match="refused"):
        db.write(lambda tx: tx.execute(text(copy.format("i2", "state", "result"))))
    db.write(lambda tx: tx.execute(text(copy.format("i3", "'written'", "NULL"))))
    with pytest.raises(StoreError, match="refused"):
        db.write(lambda tx: tx.execute(text(copy.format("i4", "'written'", "NULL") + " WHERE intent_id = 'i3'")))
    with pytest.raises(StoreError, match="refused"):
        db.write(lambda tx: tx.execute(text("UPDATE intents SET state = 'settled' WHERE intent_id = 'i3'")))


def test_what_is_done_for_a_purpose_is_not_done_again_and_another_purpose_is_free(db: Database) -> None:
    case = make_case(db)
    done(db, case)
    assert db.read(lambda tx: intents.is_done(tx, case.case_id, ActKind.CLOSE, "close"))
    with pytest.raises(StoreError, match="done already"):
        db.write(lambda tx: intend(tx, case))
    assert not db.read(lambda tx: intents.is_done(tx, case.case_id, ActKind.CLOSE, "other"))
    db.write(lambda tx: intend(tx, case, act(purpose="other")))


@pytest.mark.parametrize("result", [IntentResult.NOT_DONE, IntentResult.REFUSED])
def test_what_was_not_done_may_be_tried_again(db: Database, result: IntentResult) -> None:
    case = make_case(db)
    for _ in range(2):
        intent = db.write(lambda tx: intend(tx, case))
        db.write(lambda tx, intent=intent: finish(tx, intent, result))
    assert [i.result for i in db.read(lambda tx: intents.of_case(tx, case.case_id))] == [result, result]


@pytest.mark.parametrize("result", [IntentResult.DONE, IntentResult.UNKNOWN])
def test_what_never_left_cannot_be_done_or_unknown(db: Database, result: IntentResult) -> None:
    case = make_case(db)
    intent = db.write(lambda tx: intend(tx, case))
    with pytest.raises(StoreError, match="never left"):
        db.write(lambda tx: finish(tx, intent, result))


def test_a_settled_intent_stays_as_it_is(db: Database) -> None:
    case = make_case(db)
    intent = done(db, case)
    for result in IntentResult:
        with pytest.raises(StoreError, match="settled as done"):
            db.write(lambda tx, result=result: finish(tx, intent, result))
    with pytest.raises(StoreError, match="settled"):
        db.write(lambda tx: release(tx, intent))


def test_a_request_leaves_once_and_only_for_the_run_that_wrote_the_intent(db: Database) -> None:
    case = make_case(db)
    intent = db.write(lambda tx: intend(tx, case))
    with pytest.raises(StoreError, match=f"belongs to run {RUN}"):
        db.write(lambda tx: release(tx, replace(intent, owner="rother")))
    db.write(lambda tx: release(tx, intent))
    with pytest.raises(StoreError, match="releasing already"):
        db.write(lambda tx: release(tx, intent))


@pytest.mark.parametrize("backend", SHARED_BACKENDS, indirect=True)
def test_of_many_that_release_one_intent_at_once_one_may(url: str, db: Database) -> None:
    case = make_case(db)
    intent = db.write(lambda tx: intend(tx, case))
    databases = [Database.open(url) for _ in range(4)]
    ready = threading.Barrier(4)
    released: list[bool] = []

    def try_it(mine: Database) -> None:
        ready.wait()
        try:
            mine.write(lambda tx: release(tx, intent))
        except StoreError:
            released.append(False)
        else:
            released.append(True)

    threads = [threading.Thread(target=try_it, args=(mine,)) for mine in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for mine in databases:
        mine.close()
    assert sorted(released) == [False, False, False, True]


@pytest.mark.parametrize("shop", ["shop", None])
def test_the_kill_switch_holds_the_request_back(db: Database, shop: str | None) -> None:
    case = make_case(db)
    intent = db.write(lambda tx: intend(tx, case))
    db.write(lambda tx: stops.stop(tx, shop=shop, why="wrong prices", actor=BOSS, now=NOW))
    with pytest.raises(Stopped, match="wrong prices"):
        db.write(lambda tx: release(tx, intent))
    db.write(lambda tx: stops.start(tx, shop=shop, actor=BOSS, now=NOW))
    db.write(lambda tx: release(tx, intent))


def test_a_case_that_ended_meanwhile_gets_no_intent(db: Database) -> None:
    case = make_case(db)
    cancelled = replace(case, state=CaseState.ENDED, outcome=Outcome.REJECTED, due_at=None)
    db.write(lambda tx: cases.save(tx, cancelled))
    with pytest.raises(StoreError, match="no open case"):
        db.write(lambda tx: intend(tx, case))


def test_a_refused_intent_leaves_the_transaction_usable(db: Database) -> None:
    """On PostgreSQL a violated index would otherwise spoil everything that follows."""
    case = make_case(db)
    first = db.write(lambda tx: intend(tx, case))

    def both(tx: object) -> None:
        with pytest.raises(StoreError):
            intend(tx, case)  # type: ignore[arg-type]
        admit_wishes(tx, [wish(2)])  # type: ignore[arg-type]

    db.write(both)
    assert len(db.read(cases.listing)) == 2
    assert db.read(lambda tx: intents.get(tx, first.intent_id)) == first


def test_an_unknown_intent_is_named(db: Database) -> None:
    for change in (
        lambda tx: intents.settle(tx, "inone", IntentResult.NOT_DONE, now=NOW),
        lambda tx: intents.mark_releasing(tx, "inone", owner=RUN, now=NOW, request={}),
    ):
        with pytest.raises(StoreError, match="no intent inone"):
            db.write(change)


def follow(tx: Connection, first: intents.Intent, owner: str = RUN) -> intents.Intent:
    back = act(ActKind.REFUND, GIVE_BACK)
    return intents.mark_followed(
        tx, first.intent_id, owner=owner, now=LATER, act=back, terms={"refunded_fen": 0}, request={"url": "/refund"}
    )


def test_what_follows_is_an_open_intent_as_soon_as_the_first_is_settled(db: Database) -> None:
    case = make_case(db)
    first = db.write(lambda tx: intend(tx, case))
    db.write(lambda tx: release(tx, first))
    second = db.write(lambda tx: follow(tx, first))
    assert [each.intent_id for each in db.read(lambda tx: intents.open_in_shop(tx, "shop"))] == [first.intent_id]
    db.write(lambda tx: finish(tx, first))
    kept = db.read(lambda tx: intents.open_in_shop(tx, "shop"))
    assert kept == [second]
    assert (second.act, second.purpose, second.state) == (ActKind.REFUND, GIVE_BACK, IntentState.RELEASING)
    assert (second.owner, second.releasing_at, second.request) == (first.owner, LATER, {"url": "/refund"})
    db.write(lambda tx: finish(tx, second))
    assert db.read(lambda tx: intents.is_done(tx, case.case_id, ActKind.REFUND, GIVE_BACK))


@pytest.mark.parametrize("result", [IntentResult.NOT_DONE, IntentResult.UNKNOWN, IntentResult.REFUSED])
def test_what_followed_stays_open_whatever_is_said_of_the_first(db: Database, result: IntentResult) -> None:
    case = make_case(db)
    first = db.write(lambda tx: intend(tx, case))
    db.write(lambda tx: release(tx, first))
    second = db.write(lambda tx: follow(tx, first))
    db.write(lambda tx: intents.settle(tx, first.intent_id, result, now=LATER))
    assert db.read(lambda tx: intents.open_in_shop(tx, "shop")) == [second]


def test_nothing_follows_twice_nor_before_the_first_nor_after_it_nor_for_another_run(db: Database) -> None:
    case = make_case(db)
    first = db.write(lambda tx: intend(tx, case))
    with pytest.raises(StoreError, match="nothing follows it now"):
        db.write(lambda tx: follow(tx, first))
    db.write(lambda tx: release(tx, first))
    with pytest.raises(StoreError, match="belongs to run"):
        db.write(lambda tx: follow(tx, first, owner="rother"))
    second = db.write(lambda tx: follow(tx, first))
    with pytest.raises(StoreError, match="was followed already"):
        db.write(lambda tx: follow(tx, first))
    db.write(lambda tx: finish(tx, first))
    with pytest.raises(StoreError, match="nothing follows it now"):
        db.write(lambda tx: follow(tx, first))
    db.write(lambda tx: finish(tx, second))


def test_nothing_follows_where_the_same_was_done_before(db: Database) -> None:
    case = make_case(db)
    back = db.write(lambda tx: intend(tx, case, act(ActKind.REFUND, GIVE_BACK)))
    db.write(lambda tx: release(tx, back))
    db.write(lambda tx: finish(tx, back))
    first = db.write(lambda tx: intend(tx, case))
    db.write(lambda tx: release(tx, first))
    with pytest.raises(StoreError, match="done already"):
        db.write(lambda tx: follow(tx, first))


def test_the_kill_switch_keeps_what_follows_from_leaving(db: Database) -> None:
    case = make_case(db)
    first = db.write(lambda tx: intend(tx, case))
    db.write(lambda tx: release(tx, first))
    db.write(lambda tx: stops.stop(tx, shop=None, why="enough", actor=BOSS, now=NOW))
    with pytest.raises(Stopped, match="enough"):
        db.write(lambda tx: follow(tx, first))


def test_conversations_that_began_are_counted_by_order_and_none_where_ours_had_begun(db: Database) -> None:
    tells = act(ActKind.SEND_MESSAGE, "ask", 0)
    first, second, third = (make_case(db, n) for n in (1, 2, 3))
    one = db.write(lambda tx: intend(tx, first, tells))
    two = db.write(lambda tx: intend(tx, second, tells))
    db.write(lambda tx: intents.settle(tx, two.intent_id, IntentResult.NOT_DONE, now=NOW))
    three = db.write(lambda tx: intend(tx, third, tells))
    assert db.read(lambda tx: intents.chats_begun(tx, three, since=NOW)) == [NOW], "one that was never sent is none"
    assert db.read(lambda tx: intents.chats_begun(tx, three, since=LATER)) == []
    db.write(lambda tx: release(tx, one))
    db.write(lambda tx: intents.settle(tx, one.intent_id, IntentResult.DONE, now=NOW))
    again = db.write(lambda tx: intend(tx, first, act(ActKind.SEND_MESSAGE, "remind", 0)))
    assert db.read(lambda tx: intents.chats_begun(tx, again, since=NOW)) == [], "it goes on, and does not begin"
