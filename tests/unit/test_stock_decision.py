"""What is done about the stock of a closed order is decided by what its page, the request and the stock page say."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agent.domain.acts import Act, ActKind
from agent.domain.aftercare import AskPerson, Finished, Later
from agent.domain.effects import Seen, seen_in_stock
from agent.domain.ids import OrderId
from agent.domain.money import Fen
from agent.domain.orders import Item, Order, OrderState, PayState
from agent.domain.stock import WantedStock, parse_stock
from scenarios.stock import PATIENCE, SET, pieces_of, put_back, set_stock, to_set

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def item(sku: str, quantity: str = "2") -> Item:
    return Item(sub_order_id="1", title="杯子", spec="白", quantity=quantity, shipping=None, sku=sku)


def order(*items: Item) -> Order:
    return Order(
        order_id=OrderId("106886380946666222"),
        state=OrderState.CLOSED,
        pay_state=PayState.UNPAID,
        amount=Fen(100),
        created_at=None,
        controls=frozenset(),
        items=items,
    )


def test_the_only_sku_of_an_order_is_the_one_that_has_run_out() -> None:
    assert to_set(order(item("A1")), WantedStock()) == "A1"
    assert to_set(order(item("A1"), item("A1")), WantedStock()) == "A1"


def test_of_several_skus_only_the_one_that_the_request_names_is_set() -> None:
    assert to_set(order(item("A1"), item("A12")), WantedStock(3, "A12")) == "A12"


@pytest.mark.parametrize(
    ("items", "wanted"),
    [
        ((item(""),), WantedStock()),
        ((item("A1"), item("A12")), WantedStock()),
        ((item("A1"), item("")), WantedStock()),
        ((item("A12"),), WantedStock(0, "A1")),
        ((item("A1"),), WantedStock(0, "a1")),
        ((), WantedStock()),
    ],
    ids=["no SKU", "several", "one line without", "part of one", "other capitals", "no goods"],
)
def test_no_sku_is_ever_guessed(items: tuple[Item, ...], wanted: WantedStock) -> None:
    assert isinstance(to_set(order(*items), wanted), AskPerson)


def test_a_stock_that_differs_is_set_and_bound_to_what_was_shown() -> None:
    act = set_stock("A1", 0, 7)
    assert isinstance(act, Act)
    assert (act.kind, act.purpose) == (ActKind.SET_STOCK, SET)
    assert act.fields == {"sku": "A1", "stock": 0, "was": 7}
    assert act.purpose.startswith("aftercare_"), "else a case that has ended would not have it"


def test_a_stock_that_stands_there_already_is_not_set() -> None:
    assert isinstance(set_stock("A1", 7, 7), Finished)


@pytest.mark.parametrize(("shown", "seen"), [(5, Seen.OURS), (9, Seen.NOTHING), (4, Seen.OTHER), (8, Seen.OTHER)])
def test_a_number_that_is_neither_ours_nor_the_former_one_is_somebody_elses(shown: int, seen: Seen) -> None:
    assert seen_in_stock({"sku": "A1", "stock": 5, "was": 9}, shown) is seen


def test_pieces_are_counted_by_sku_and_only_where_every_line_tells_them() -> None:
    assert pieces_of(order(item("A1"), item("A1", "3"), item("B"))) == {"A1": 5, "B": 2}
    for unclear in (item(""), item("A1", ""), item("A1", "2件"), item("A1", "１")):
        assert pieces_of(order(item("B"), unclear)) is None
    assert pieces_of(order()) is None


def back(shown: int, after: timedelta = PATIENCE) -> Finished | Later | AskPerson | Act:
    return put_back({"A1": 10}, {"A1": 2}, {"A1": shown}, since=NOW, now=NOW + after)


@pytest.mark.parametrize("shown", [12, 13])
def test_pieces_that_are_back_end_it_whatever_else_has_come(shown: int) -> None:
    assert isinstance(back(shown, timedelta(0)), Finished)


@pytest.mark.parametrize("shown", [11, 10, 3])
def test_pieces_that_are_missing_are_waited_for_and_then_told_to_a_person(shown: int) -> None:
    early, late = back(shown, PATIENCE - timedelta(seconds=1)), back(shown)
    assert isinstance(early, Later)
    assert isinstance(late, AskPerson)
    assert f"A1 ×{12 - shown}" in late.why


def test_every_sku_whose_pieces_are_missing_is_named() -> None:
    step = put_back({"A": 1, "B": 1, "C": 1}, {"A": 1, "B": 2, "C": 3}, {"A": 1, "B": 3, "C": 1}, since=NOW, now=NOW)
    assert "A ×1, C ×3" in step.why
    assert "B" not in step.why


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("12", 12), ("0012", 12), ("9999999", 9_999_999)])
def test_a_number_of_pieces_is_whole_and_not_below_zero(text: str, number: int) -> None:
    assert parse_stock(text) == number


@pytest.mark.parametrize("text", ["-1", "1.5", "1,000", "一", "１２", "+3", "", "10000000", " 3", "1e3"])
def test_what_is_no_number_of_pieces_is_named(text: str) -> None:
    with pytest.raises(ValueError, match="below zero" if text == "-1" else "is not a number of pieces"):
        parse_stock(text)


def test_what_a_request_says_survives_the_store() -> None:
    wanted = WantedStock(3, "A1")
    assert WantedStock.from_json(wanted.as_json()) == wanted
    assert replace(wanted, number=0) != wanted
