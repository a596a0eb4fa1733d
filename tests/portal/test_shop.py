"""What a seeded shop holds."""

from collections import Counter
from datetime import datetime

from fixtures.mock_portal.clock import SHANGHAI, Clock
from fixtures.mock_portal.orders import Order
from fixtures.mock_portal.rules import RefusedError, check_close
from fixtures.mock_portal.seeded import make_orders
from fixtures.mock_portal.shop import Shop

NOW = datetime(2026, 3, 5, 12, tzinfo=SHANGHAI)


def closable(order: Order) -> bool:
    try:
        check_close(order, "seller", NOW)
    except RefusedError:
        return False
    return True


def test_the_same_seed_makes_the_same_shop() -> None:
    assert make_orders(7, 50, NOW) == make_orders(7, 50, NOW)
    assert make_orders(7, 50, NOW) != make_orders(8, 50, NOW)


def test_the_default_shop_has_the_promised_mixture() -> None:
    orders = make_orders(1, 200, NOW)
    states = Counter(order.state for order in orders)
    assert len(orders) == 200
    assert states["waitbuyerpay"] == 60
    unpaid = [order for order in orders if order.state == "waitbuyerpay"]
    assert sum(map(closable, unpaid)) >= 54
    plain = [order for order in orders if order.state == "waitsellersend" and not order.partly_shipped]
    plain = [one for one in plain if not (one.frozen or one.disputed or one.stages or one.refund)]
    buttons = Counter(order.button for order in plain)
    assert 50 <= len(plain) <= 54
    assert buttons["close"] > buttons["refund"] > buttons["none"] > 0
    for special in ("frozen", "disputed", "partly_shipped", "stages", "refund"):
        assert any(getattr(order, special) for order in orders), special
    assert {"1", "2", "9"} <= {order.pay_state for order in orders}
    assert {order.closed_by for order in orders} == {
        None,
        "CLOSE_TRADE_BY_SELLER",
        "CLOSE_TRADE_BY_BUYER",
        "CLOSE_TRADE_BY_SYSTEM",
    }


def test_ids_are_long_never_look_spoilt_and_differ_from_their_lines_in_one_digit() -> None:
    orders = make_orders(3, 2000, NOW)
    ids = [order.order_id for order in orders] + [item.sub_order_id for order in orders for item in order.items]
    assert len(set(ids)) == len(ids)
    assert {len(one) for one in ids} == {18, 19}
    assert all(set(one[15:]) != {"0"} for one in ids)
    for order in orders:
        for item in order.items:
            assert sum(a != b for a, b in zip(order.order_id, item.sub_order_id, strict=True)) == 1
    tails = {order.buyer.nick + order.buyer.phone: order.order_id[-6:] for order in orders}
    assert all(tails[order.buyer.nick + order.buyer.phone] == order.order_id[-6:] for order in orders)


def test_amounts_add_up_and_are_mostly_everyday() -> None:
    orders = make_orders(1, 1000, NOW)
    for order in orders:
        assert order.amount_fen == sum(item.price_fen * item.quantity for item in order.items) + order.freight_fen
        assert sum(stage.amount_fen for stage in order.stages) in {0, order.amount_fen}
    assert sum(order.amount_fen < 100_000 for order in orders) > 850
    assert any(order.amount_fen > 300_000 for order in orders)


def test_tabs_follow_every_change() -> None:
    shop = Shop(Clock(), seed=1, orders=60)
    order = next(order for order in shop.orders.values() if order.state == "waitbuyerpay")
    before = shop.counts()
    order.state = "cancel"
    shop.place(order)
    after = shop.counts()
    assert after["waitbuyerpay"] == before["waitbuyerpay"] - 1
    assert after["cancel"] == before["cancel"] + 1
    assert after["all"] == before["all"] == 60
    assert shop.find("cancel", order.order_id) == [order.order_id]
    assert shop.find("waitbuyerpay", order.order_id) == []
