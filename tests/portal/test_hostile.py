"""Hostile texts and pages do what the documentation says, in every skin."""

import json
import re
from html import unescape

import pytest

from fixtures.mock_portal.hostile_texts import OTHER, TEXTS
from fixtures.mock_portal.hostile_tricks import MOMENTS, PARTS, TRICKS

from .visitor import Visitor

ORDER_ID = re.compile(r"\d{18}")
SAID = re.compile(r'data-hostile="([^"]+)"')

DETAIL = {
    "classic": "/trade/order?orderId={}",
    "workbench": "/trade/detail?orderId={}",
    "lit": "/console/orders/{}",
}


def tricks_in(page: str) -> list[dict[str, object]]:
    found = SAID.search(page)
    return json.loads(unescape(found[1]))["tricks"] if found else []


def detail_page(seller: Visitor, order_id: str) -> str:
    """Return the order's page, as the browser gets it."""
    return seller.http.get(DETAIL[seller.skin].format(order_id)).text


@pytest.mark.parametrize("kind", TEXTS)
def test_hostile_text_stands_wherever_others_write_and_leaves_no_line_in_the_ledger(seller: Visitor, kind: str) -> None:
    order_id = seller.unpaid()
    seller.fault("hostile_text", order_id, args={"kind": kind})
    order = seller.truth(order_id)
    [other] = set(ORDER_ID.findall(order["items"][0]["name"])) or {""}  # where the kind names another order
    texts = {text.replace(OTHER, other) for text in TEXTS[kind]}
    places = [order["buyer"][part] for part in ("nick", "name", "address")]
    places += [item[part] for item in order["items"] for part in ("name", "spec")]
    places += [order["memo"], order["messages"][-1]["text"], order["tickets"][-1]["title"]]
    places += [file["name"] for file in order["tickets"][-1]["attachments"]]
    assert set(places) <= texts
    assert (seller.ledger(), seller.fired()) == ([], 1)
    assert seller.close(order_id) == "SUCCESS"


def test_hostile_text_on_one_order_is_on_no_other_of_the_same_buyer(seller: Visitor) -> None:
    by_buyer: dict[str, list[str]] = {}
    for order in seller.orders():
        by_buyer.setdefault(order["buyer"]["nick"], []).append(order["order_id"])
    one, other, *_ = next(orders for orders in by_buyer.values() if len(orders) > 1)
    before = seller.truth(other)
    seller.fault("hostile_text", one, args={"kind": "html"})
    assert seller.truth(other) == before


def test_a_title_that_holds_an_orders_id_comes_up_in_the_search_for_it(seller: Visitor) -> None:
    order_id = seller.unpaid()
    seller.fault("hostile_text", order_id, args={"kind": "other_id"})
    named = seller.truth(order_id)["items"][0]["name"]
    assert named != order_id
    assert seller.rows(q=named) == [order_id, named]
    assert seller.rows(q=order_id) == [order_id]


def test_a_hostile_page_comes_with_its_script_and_counts_once_it_was_played(seller: Visitor) -> None:
    order_id, other = (order["order_id"] for order in seller.orders(state="waitbuyerpay", pay_state="1")[:2])
    seller.fault("hostile_page", order_id, args={"trick": "sent_other", "moment": "press", "other": other})
    [trick] = tricks_in(detail_page(seller, order_id))
    wanted = {"trick": "sent_other", "moment": "press", "other": other, "delay_ms": 0, "place": 0}
    assert wanted.items() <= trick.items()
    assert tricks_in(detail_page(seller, other)) == []
    assert seller.fired() == 0
    for _ in range(2):
        seller.http.get("/hostile/struck", params={"orderId": order_id, "place": 0}).raise_for_status()
    seller.http.get("/hostile/struck", params={"orderId": other, "place": 0}).raise_for_status()
    assert seller.fired() == 1


def test_a_page_may_play_several_tricks(seller: Visitor) -> None:
    order_id = seller.unpaid()
    args = [{"trick": "gone", "part": "bar"}, {"trick": "sent_twice"}]
    seller.tell("faults", faults=[{"name": "hostile_page", "orders": [order_id], "args": one} for one in args])
    assert [trick["trick"] for trick in tricks_in(detail_page(seller, order_id))] == ["gone", "sent_twice"]


@pytest.mark.parametrize(("key", "known"), [("trick", TRICKS), ("part", PARTS), ("moment", MOMENTS)])
def test_an_unknown_trick_part_or_moment_is_named(seller: Visitor, key: str, known: tuple[str, ...]) -> None:
    answer = seller.http.post("/_mock/faults", json={"faults": [{"name": "hostile_page", "args": {key: "x"}}]})
    assert answer.status_code == 422
    assert f"args.{key} must be one of {', '.join(known)}" in answer.text


def test_every_trick_kind_part_and_moment_stands_in_the_documentation(docs: str) -> None:
    told = set(re.findall(r"`(\w+)`", docs))
    assert {*TRICKS, *TEXTS, *PARTS, *MOMENTS} - told == set()
