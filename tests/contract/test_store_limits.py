"""Limits are never exceeded, and only what was proved not done is given back."""

import secrets
import threading
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection
from store_making import DAY, RUN, SHARED_BACKENDS, act, admit, finish, intend, make_case, release, wish

from agent.domain.acts import IntentResult
from agent.domain.cases import Case
from agent.domain.money import Fen
from agent.errors import NotAuthorised, Stopped, StoreError
from agent.store import cases, limits
from agent.store.database import Database
from agent.store.intents import Intent
from agent.store.limits import LimitRules, Used


def reserve(tx: Connection, intent: Intent, rules: LimitRules, amount: int = 1000, run_id: str = RUN) -> None:
    limits.reserve(
        tx, shop=intent.shop, day=DAY, run_id=run_id, intent_id=intent.intent_id, amount=Fen(amount), rules=rules
    )


def count(db: Database, case: Case, rules: LimitRules, amount: int = 1000, run_id: str = RUN) -> Intent:
    def both(tx: Connection) -> Intent:
        intent = intend(tx, case, act(amount=amount))
        reserve(tx, intent, rules, amount, run_id)
        return intent

    return db.write(both)


def many_cases(db: Database, n: int, shop: str = "shop") -> list[Case]:
    ids = [a.case_id for a in db.write(lambda tx: admit(tx, [wish(i) for i in range(n)], shop=shop))]
    return db.read(lambda tx: cases.by_ids(tx, ids))


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (LimitRules(orders_per_run=2), "orders_per_run allows 2 orders, and 2 are used"),
        (LimitRules(orders_per_day=2), "orders_per_day allows 2 orders, and 2 are used"),
        (LimitRules(amount_per_run=Fen(2999)), "amount_per_run allows 29.99 yuan, 20.00 are used"),
        (LimitRules(amount_per_day=Fen(2999)), "amount_per_day allows 29.99 yuan, 20.00 are used"),
    ],
)
def test_the_first_act_above_a_limit_stops_the_run_and_leaves_nothing(
    db: Database, rules: LimitRules, said: str
) -> None:
    one, two, three = many_cases(db, 3)
    count(db, one, rules)
    count(db, two, rules)
    with pytest.raises(Stopped, match=said):
        count(db, three, rules)
    assert db.read(lambda tx: limits.used(tx, "shop", DAY)) == Used(2, Fen(2000))


def test_an_amount_above_what_one_order_may_have_stops_only_that_order(db: Database) -> None:
    case = make_case(db)
    rules = LimitRules(amount_per_order=Fen(1000))
    with pytest.raises(
        NotAuthorised, match=r"amount_per_order allows 10\.00 yuan, and this order has 10\.01"
    ) as caught:
        count(db, case, rules, 1001)
    assert not isinstance(caught.value, Stopped)
    count(db, case, rules, 1000)


def test_days_runs_and_shops_are_counted_apart(db: Database) -> None:
    rules = LimitRules(orders_per_run=1, orders_per_day=2)
    one, two = many_cases(db, 2)
    other = make_case(db, 1, shop="another")
    count(db, one, rules, run_id="r1")
    count(db, two, rules, run_id="r2")
    count(db, other, rules, run_id="r3")
    assert db.read(lambda tx: limits.used(tx, "shop", DAY)) == Used(2, Fen(2000))
    assert db.read(lambda tx: limits.used(tx, "another", DAY)) == Used(1, Fen(1000))
    assert db.read(lambda tx: limits.used(tx, "shop", DAY + timedelta(1))) == Used(0, Fen(0))


def test_what_was_not_done_is_given_back_once(db: Database) -> None:
    rules = LimitRules(orders_per_run=1, orders_per_day=1)
    one, two = many_cases(db, 2)
    intent = count(db, one, rules)
    db.write(lambda tx: finish(tx, intent, IntentResult.NOT_DONE))
    for _ in range(2):
        db.write(lambda tx: limits.give_back(tx, intent.intent_id))
    assert db.read(lambda tx: limits.used(tx, "shop", DAY)) == Used(0, Fen(0))
    count(db, two, rules)


@pytest.mark.parametrize("result", [None, IntentResult.DONE, IntentResult.UNKNOWN])
def test_what_was_or_may_have_been_done_stays_used(db: Database, result: IntentResult | None) -> None:
    intent = count(db, make_case(db), LimitRules())
    db.write(lambda tx: release(tx, intent))
    if result is not None:
        db.write(lambda tx: finish(tx, intent, result))
    with pytest.raises(StoreError, match="not given back"):
        db.write(lambda tx: limits.give_back(tx, intent.intent_id))
    assert db.read(lambda tx: limits.used(tx, "shop", DAY)) == Used(1, Fen(1000))


def test_an_intent_is_counted_once_and_giving_back_one_never_counted_does_nothing(db: Database) -> None:
    intent = count(db, make_case(db), LimitRules())
    with pytest.raises(StoreError, match="counted against the limits already"):
        db.write(lambda tx: reserve(tx, intent, LimitRules()))
    db.write(lambda tx: limits.give_back(tx, "inone"))
    assert db.read(lambda tx: limits.used(tx, "shop", DAY)) == Used(1, Fen(1000))


@pytest.mark.parametrize("backend", SHARED_BACKENDS, indirect=True)
def test_eight_who_reserve_at_once_never_exceed_a_limit(url: str, db: Database) -> None:
    """Each has a connection of its own, as separate processes have."""
    made = many_cases(db, 40)
    rules = LimitRules(orders_per_day=25, amount_per_day=Fen(20_999))
    ready = threading.Barrier(8)
    refused: list[Stopped] = []
    databases = [Database.open(url) for _ in range(8)]

    def work(mine: Database, share: list[Case]) -> None:
        ready.wait()
        for case in share:
            try:
                count(mine, case, rules)
            except Stopped as fault:
                refused.append(fault)

    threads = [threading.Thread(target=work, args=(mine, made[n::8])) for n, mine in enumerate(databases)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for mine in databases:
        mine.close()
    assert len(refused) == 20
    assert db.read(lambda tx: limits.used(tx, "shop", DAY)) == Used(20, Fen(20_000))


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    amounts=st.lists(st.tuples(st.integers(0, 2000), st.booleans()), max_size=6),
    most_orders=st.integers(0, 4),
    most_amount=st.integers(0, 5000),
)
def test_use_is_always_the_sum_of_what_stands_and_within_the_limits(
    db: Database, amounts: list[tuple[int, bool]], most_orders: int, most_amount: int
) -> None:
    shop = secrets.token_hex(8)  # the examples share one database
    rules = LimitRules(orders_per_day=most_orders, amount_per_day=Fen(most_amount))
    made = many_cases(db, len(amounts), shop=shop) if amounts else []
    standing = []
    for case, (amount, undo) in zip(made, amounts, strict=True):
        fits = len(standing) + 1 <= most_orders and sum(standing) + amount <= most_amount
        try:
            intent = count(db, case, rules, amount, run_id=shop)
        except Stopped:
            assert not fits
            continue
        assert fits
        if undo:
            db.write(lambda tx, intent=intent: finish(tx, intent, IntentResult.NOT_DONE))
            db.write(lambda tx, intent=intent: limits.give_back(tx, intent.intent_id))
        else:
            standing.append(amount)
    assert db.read(lambda tx: limits.used(tx, shop, DAY)) == Used(len(standing), Fen(sum(standing)))
