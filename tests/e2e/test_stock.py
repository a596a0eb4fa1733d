"""What is left of each SKU after an order was closed, on every skin: judged by the portal's own numbers."""

from collections.abc import Callable

from e2e_shop import Shop, want


def pieces(shop: Shop) -> dict[str, int]:
    """Return how many pieces of each SKU can really be sold."""
    return {good["sku"]: good["stock"] for good in shop.truth("stock")["stock"]}


def test_a_close_is_proved_whether_or_not_the_portal_puts_the_pieces_back(
    open_shop: Callable[..., Shop], skin: str
) -> None:
    shop = open_shop(skin, render_ms=20, promo=False)
    kept, back = shop.orders(state="waitbuyerpay", pay_state="1", frozen=False, disputed=False, trade_type="escrow")[:2]
    shop.fault("stock_not_put_back", [kept["order_id"]])
    before = pieces(shop)
    shop.run(want(kept["order_id"]), want(back["order_id"]))
    assert [shop.what(order["order_id"]) for order in (kept, back)] == [["order_closed"]] * 2
    gained = {sku: number - before[sku] for sku, number in pieces(shop).items() if number != before[sku]}
    assert gained == {item["sku"]: item["quantity"] for item in back["items"]}
