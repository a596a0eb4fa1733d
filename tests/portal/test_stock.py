"""What is left of each SKU: closing puts pieces back, and the seller sets the number, in every skin."""

import pytest

from .visitor import Order, Visitor


def pieces(order: Order) -> dict[str, int]:
    return {item["sku"]: item["quantity"] for item in order["items"]}


def gained(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    return {sku: after[sku] - before[sku] for sku in before if after[sku] != before[sku]}


def test_every_line_of_every_order_has_a_sku_of_the_shop(seller: Visitor) -> None:
    skus = {item["sku"] for order in seller.http.get("/_mock/orders").json()["orders"] for item in order["items"]}
    assert skus <= set(seller.stock())
    assert len(seller.stock()) == len({(one["name"], one["spec"]) for one in _goods(seller)})


def _goods(seller: Visitor) -> list[dict[str, str]]:
    return seller.http.get("/_mock/stock").json()["stock"]


def test_the_same_seed_has_the_same_stock(seller: Visitor) -> None:
    before = seller.stock()
    seller.post("stock", "", sku="YS11", stock="7")
    assert seller.stock() != before
    seller.tell("reset")
    assert seller.stock() == before
    seller.tell("reset", seed=99)
    assert seller.stock() != before


@pytest.mark.parametrize("state", ["waitbuyerpay", "waitsellersend"])
def test_closing_an_order_puts_its_pieces_back(seller: Visitor, state: str) -> None:
    order = seller.orders(state="waitbuyerpay", pay_state="1")[0] if state == "waitbuyerpay" else seller.paid("close")
    before = seller.stock()
    assert seller.close(order["order_id"]) == "SUCCESS"
    assert gained(before, seller.stock()) == pieces(order)


def test_goods_that_have_left_do_not_come_back_by_closing(seller: Visitor) -> None:
    order_id = seller.shipped()["order_id"]
    before = seller.stock()
    seller.tell("actors", actors=[{"who": "buyer", "on": "start", "orders": [order_id], "do": "apply_refund"}])
    seller.fault("closed_by_platform", order_id, step="start")
    assert seller.truth(order_id)["state"] == "cancel"
    assert seller.stock() == before


def test_a_fault_leaves_the_pieces_where_they_are(seller: Visitor) -> None:
    order_id = seller.unpaid()
    seller.fault("stock_not_put_back", order_id)
    before = seller.stock()
    assert seller.close(order_id) == "SUCCESS"
    assert seller.stock() == before
    assert seller.fired() == 1


@pytest.mark.parametrize("named", [True, False], ids=["for an order", "for none"])
def test_the_seller_sets_the_stock_of_one_sku_alone(seller: Visitor, named: bool) -> None:
    order_id = seller.unpaid() if named else ""
    before = seller.stock()
    answer = seller.post("stock", order_id, sku="YS11", stock="3")
    after = seller.stock()
    assert after == before | {"YS11": 3}
    (entry,) = seller.http.get("/_mock/ledger").json()["ledger"]
    assert (entry["what"], entry["by"], entry["order_id"]) == ("stock_set", "seller", order_id)
    assert entry["data"] == {"sku": "YS11", "from": before["YS11"], "to": 3}
    assert entry["request_id"] == answer.headers["X-Request-Id"]
    assert seller.goods("YS11")["YS11"] == "3"


def test_what_changes_nothing_is_no_line_of_the_ledger(seller: Visitor) -> None:
    for _ in range(2):
        seller.post("stock", "", sku="YS11", stock="3")
    assert seller.ledger() == [("stock_set", "seller")]


@pytest.mark.parametrize(
    ("fields", "order_id"),
    [
        ({"sku": "YS1", "stock": "3"}, ""),
        ({"sku": "", "stock": "3"}, ""),
        ({"sku": "YS11", "stock": "-1"}, ""),
        ({"sku": "YS11", "stock": "1.5"}, ""),
        ({"sku": "YS11", "stock": ""}, ""),
        ({"sku": "YS11", "stock": "3"}, "100000000000000000"),
    ],
)
def test_no_such_sku_number_or_order_changes_nothing(seller: Visitor, fields: dict[str, str], order_id: str) -> None:
    before = seller.stock()
    seller.post("stock", order_id, **fields)
    assert (seller.stock(), seller.ledger()) == (before, [])


def test_the_purchaser_neither_sees_nor_sets_stock(seller: Visitor, purchaser: Visitor) -> None:
    before = seller.stock()
    assert purchaser.goods("YS11") == {}
    purchaser.post("stock", "", sku="YS11", stock="3")
    assert (seller.stock(), seller.ledger()) == (before, [])


def test_the_search_finds_more_than_the_whole_sku(seller: Visitor) -> None:
    """So whoever looks for one has to compare it whole."""
    found = seller.goods("YS11")
    assert set(found) > {"YS11", "YS111"}
    assert found == {sku: str(number) for sku, number in seller.stock().items() if sku in found}
    assert seller.goods("YS999") == {}
