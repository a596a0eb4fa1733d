"""What our own gate holds back: limits, approval, kill switch, breaker, quiet hours, rehearsal, unconfirmed entries."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from e2e_shop import Shop, agreed, want
from test_paths import paid

from agent import desk
from agent.app import Overrides
from agent.domain.cases import CaseState, Outcome, WaitingFor
from agent.domain.money import Fen
from agent.engine.shop_run import Mode
from agent.errors import PathStopped, ShopBusy, Stopped, StoreError
from agent.store import intents, limits

OpenShop = Callable[..., Shop]
QUICK = {"promo": False, "render_ms": 20}
LIMITS = (
    "limits = {{ orders_per_run = {run}, orders_per_day = {day}, amount_per_order = {order}, "
    "amount_per_day = {amount}, approve_above = {approve} }}"
)


def with_limits(
    *, run: int = 500, day: int = 500, order: str = "90000", amount: str = "900000", approve: str = "90000"
) -> str:
    return LIMITS.format(run=run, day=day, order=f'"{order}"', amount=f'"{amount}"', approve=f'"{approve}"')


def unpaid(shop: Shop, n: int) -> list[str]:
    found = shop.orders(state="waitbuyerpay", pay_state="1", frozen=False, disputed=False, stages=[])
    return [str(order["order_id"]) for order in found[:n]]


def closed(shop: Shop, orders: list[str]) -> int:
    return sum(shop.what(order).count("order_closed") for order in orders)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("extra", "overrides"),
    [(with_limits(run=2), None), (with_limits(day=2), None), ("", Overrides(limit_orders=2))],
    ids=["per run", "per day", "by option"],
)
def test_a_limit_by_count_stops_the_run_and_leaves_the_rest_due(
    open_shop: OpenShop, extra: str, overrides: Overrides | None
) -> None:
    shop = open_shop("classic", extra=extra, **QUICK)
    orders = unpaid(shop, 4)
    end = shop.run(*map(want, orders), lanes=2, overrides=overrides)
    assert closed(shop, orders) == 2
    assert isinstance(end.stopped_by, Stopped)
    assert [shop.case(order).state for order in orders].count(CaseState.DUE) == 2


@pytest.mark.slow
def test_limits_by_money_hold_for_one_order_and_for_the_day(open_shop: OpenShop) -> None:
    shop = open_shop("classic", **QUICK)
    orders = sorted(unpaid(shop, 6), key=lambda order: shop.order(order)["amount_fen"])
    cheap, dear = orders[0], orders[-1]
    amount = shop.order(cheap)["amount_fen"]
    shop.extra = with_limits(order=f"{amount / 100:.2f}", amount=f"{amount / 100:.2f}")
    end = shop.run(want(dear), want(cheap), want(orders[1]))
    assert shop.case(dear).outcome is Outcome.NOT_ELIGIBLE
    assert closed(shop, orders) == 1
    assert shop.what(cheap) == ["order_closed"] or isinstance(end.stopped_by, Stopped)


@pytest.mark.slow
def test_the_money_of_an_act_that_never_left_is_given_back(open_shop: OpenShop) -> None:
    shop = open_shop("classic", **QUICK)
    (order,) = unpaid(shop, 1)
    shop.fault("error_500", [order], step="dialog", times=50)
    shop.run(want(order))
    app = shop.app()
    used = app.db.read(lambda tx: limits.used(tx, "demo", datetime.now(UTC).astimezone().date()))
    app.close()
    assert (used.orders, used.amount) == (0, Fen(0))


def test_above_the_limit_a_second_person_approves_exactly_these_terms_once(open_shop: OpenShop) -> None:
    shop = open_shop("classic", extra=with_limits(approve="0.01"), **QUICK)
    (order,) = unpaid(shop, 1)
    shop.run(want(order))
    assert shop.what(order) == []
    case = shop.case(order)
    assert case.waiting_for is WaitingFor.APPROVAL
    app = shop.app()
    with pytest.raises(StoreError):
        desk.approve(app, case, name=app.actor["os_user"])
    desk.approve(app, case, name="boss")
    app.close()
    shop.run()
    assert shop.what(order) == ["order_closed"]
    assert shop.case(order).outcome is Outcome.CLOSED


@pytest.mark.slow
def test_approval_of_other_terms_is_worth_nothing(open_shop: OpenShop) -> None:
    shop = open_shop("classic", extra=with_limits(approve="0.01"), **QUICK)
    (order,) = unpaid(shop, 1)
    shop.run(want(order))
    app = shop.app()
    desk.approve(app, shop.case(order), name="boss")
    app.close()
    shop.fault("paid_meanwhile", [order], step="start")
    shop.run()
    assert "order_closed" not in shop.what(order)
    assert shop.case(order).outcome is Outcome.NOT_ELIGIBLE


def test_the_kill_switch_stops_every_act_until_it_is_lifted(open_shop: OpenShop) -> None:
    shop = open_shop("classic", **QUICK)
    orders = unpaid(shop, 2)
    app = shop.app()
    desk.stop(app, "demo", why="a test")
    app.close()
    end = shop.run(*map(want, orders))
    assert isinstance(end.stopped_by, Stopped)
    assert closed(shop, orders) == 0
    app = shop.app()
    desk.start(app, "demo")
    app.close()
    shop.run()
    assert closed(shop, orders) == 2


@pytest.mark.slow
def test_one_fault_on_three_orders_in_a_row_opens_the_breaker_of_that_path(open_shop: OpenShop) -> None:
    shop = open_shop("classic", **QUICK)
    orders = unpaid(shop, 5)
    shop.fault("button_renamed", orders[:3], step="start")
    paid = shop.orders(state="waitsellersend", pay_state="2", refund_state="", button="close", partly_shipped=False)
    other = str(next(order["order_id"] for order in paid if not order["stages"]))
    end = shop.run(*map(want, orders), agreed(other), wait_s=1)
    assert closed(shop, orders) == 0
    assert isinstance(end.stopped_by, PathStopped)
    assert [shop.word(order) for order in orders[3:]] == ["due", "due"], "held back, not given up"
    assert shop.word(other) == "closed", "another path goes on"
    assert shop.run().passes == 2, "the next run asks once for each, and opens no page"


@pytest.mark.slow
def test_in_quiet_hours_orders_are_looked_at_and_left_alone(open_shop: OpenShop) -> None:
    shop = open_shop("classic", extra='quiet_hours = { from = "00:00", to = "23:59" }', **QUICK)
    (order,) = unpaid(shop, 1)
    shop.run(want(order))
    assert shop.what(order) == []
    assert "quiet hours" in shop.case(order).why


def test_a_rehearsal_changes_nothing_and_records_the_request_of_each_order(open_shop: OpenShop, skin: str) -> None:
    shop = open_shop(skin, **QUICK)
    orders = unpaid(shop, 2)
    paid = shop.orders(state="waitsellersend", pay_state="2", refund_state="", button="refund", partly_shipped=False)
    before = shop.truth("orders")
    end = shop.run(*map(want, orders), agreed(paid[0]["order_id"]), want(paid[1]["order_id"]), mode=Mode.REHEARSE)
    assert shop.ledger() == []
    assert shop.truth("orders") == before
    held = {
        one.case.order_id: line["body"]["request"]
        for one in end.ends.values()
        for line in one.lines
        if line["kind"] == "rehearsed"
    }
    assert set(held) == {*orders, paid[0]["order_id"], paid[1]["order_id"]}
    assert all(order in json.dumps(held[order]["fields"]) for order in held)
    app = shop.app()
    kept = app.db.read(lambda tx: intents.open_in_shop(tx, "demo"))
    app.close()
    assert kept == []
    assert "13" not in json.dumps(held[orders[0]].get("phone", ""))


def test_a_second_live_run_on_the_same_shop_is_refused(open_shop: OpenShop) -> None:
    shop = open_shop("classic", **QUICK)
    first = shop.app()
    with first.hold("demo"), pytest.raises(ShopBusy):
        shop.run(*map(want, unpaid(shop, 1)))
    first.close()
    assert shop.ledger() == []


@pytest.mark.slow
def test_lanes_share_a_shop_without_touching_an_order_twice(open_shop: OpenShop, skin: str) -> None:
    shop = open_shop(skin, orders=120, **QUICK)
    orders = unpaid(shop, 16)
    shop.run(*map(want, orders), lanes=4)
    assert [shop.what(order) for order in orders] == [["order_closed"]] * 16
    assert {entry["order_id"] for entry in shop.ledger()} == set(orders)


@pytest.mark.slow
def test_no_more_conversations_begin_than_the_portal_lets(open_shop: OpenShop) -> None:
    shop = open_shop("classic", **QUICK)
    shop.edit_profile(("min_age_s = 10", "min_age_s = 10\nnew_chats = { most = 2, within_s = 300 }"))
    orders = [paid(shop, "close", n) for n in range(4)]
    shop.run(*(want(order) for order in orders), lanes=3)
    assert [shop.what(order) for order in orders].count(["message_sent"]) == 2
    late = [order for order in orders if not shop.what(order)]
    assert {shop.word(order) for order in late} == {"waiting:retry"}
    shop.later(301)
    assert [shop.what(order) for order in orders] == [["message_sent"]] * 4
