"""closewright closes orders on Vendure by one interface's profile alone: Vendure's own API says what came of it."""

import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from fixtures.real.vendure import Shop, start
from fixtures.real.vendure.truth import Entry, Order

from .closing import Desk

# Each test has a shop of its own, which comes up in some seconds once its sixty orders have been made.
pytestmark = [pytest.mark.real("vendure"), pytest.mark.timeout(900)]


@dataclass(frozen=True)
class Interface:
    """One of Vendure's back offices: its profile, and how the case of an order ends there, by the order's life."""

    profile: str
    ends: Mapping[str, str]


INTERFACES = [
    Interface(
        "vendure_react",
        {
            "unpaid": "closed",
            "cancelled_unpaid": "already_closed",
            "cart": "handed_over",
        },
    ),
]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with start(tmp_path / "shop") as running:
        yield running


@pytest.fixture(params=INTERFACES, ids=lambda interface: interface.profile)
def interface(request: pytest.FixtureRequest) -> Interface:
    found: Interface = request.param
    return found


@pytest.fixture
def desk(shop: Shop, interface: Interface, tmp_path: Path) -> Desk:
    folder = tmp_path / "desk"
    folder.mkdir()
    return Desk(folder, interface.profile, shop.url, shop.username, shop.password)


def asked(shop: Shop, lives: Mapping[str, str]) -> dict[str, str]:
    """Return the buyer's consent for one order of each life that needs one, by its code."""
    return {shop.lived(life)[0]: "" if life == "unpaid" else "yes" for life in lives}


def is_as_asked(before: Order, after: Order) -> bool:
    """Whether an order was cancelled, once, all of its money is back, once, and it is the same order still."""
    taken = sum(payment.amount for payment in before.payments if payment.state == "Settled")
    cancelled = [entry for entry in _new(before, after) if entry.data.get("to") == "Cancelled"]
    refunds = [refund for payment in after.payments for refund in payment.refunds]
    return (
        after.state == "Cancelled"
        and len([entry for entry in cancelled if entry.type == "ORDER_STATE_TRANSITION"]) == 1
        and after.refunded == taken
        and len(refunds) == (1 if taken else 0)
        and (after.id, after.code, after.buyer) == (before.id, before.code, before.buyer)
        and [line.order_placed_quantity for line in after.lines]
        == [line.order_placed_quantity for line in before.lines]
    )


def _new(before: Order, after: Order) -> list[Entry]:
    return [entry for entry in after.history if entry not in before.history]


def changed(before: Mapping[str, Order], after: Mapping[str, Order]) -> set[str]:
    """Return the codes of the orders of which anything at all has changed."""
    assert before.keys() == after.keys()
    return {code for code in before if before[code] != after[code]}


def test_orders_of_every_kind_end_as_the_portal_allows_and_no_other_order_changes(
    shop: Shop, interface: Interface, desk: Desk
) -> None:
    before = shop.truth()
    orders = asked(shop, interface.ends)
    ended = desk.run(orders)
    after = shop.truth()
    words = {shop.lives[code]: ended.word(code) for code in orders}
    assert words == interface.ends, {code: case["why"] for code, case in ended.cases.items()}
    closed = {code for code in orders if ended.word(code) == "closed"}
    assert [code for code in closed if not is_as_asked(before[code], after[code])] == []
    assert changed(before, after) == closed
    verified = desk.start("evidence", "verify")
    assert "broken" not in verified.communicate(timeout=60)[0]
    assert verified.returncode == 0


def test_a_rehearsal_changes_nothing_and_shows_the_request_of_each_order(shop: Shop, desk: Desk) -> None:
    before = shop.truth()
    ended = desk.run({shop.lived("unpaid")[0]: ""}, "--rehearse")
    assert ended.code == 0, ended.err
    assert {case["outcome"] or case["state"] for case in ended.cases.values()} == {"rehearsed"}
    assert changed(before, shop.truth()) == set()


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is POSIX's")
def test_killed_in_the_middle_it_goes_on_without_doing_anything_twice(shop: Shop, desk: Desk) -> None:
    before = shop.truth()
    orders = dict.fromkeys(shop.lived("unpaid")[:2], "")
    process = desk.start("run", str(desk.requests(orders)), "--shop", "real", "--yes")
    _wait_until(lambda: process.poll() is not None or changed(before, shop.truth()) != set())
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    ended = desk.resume()
    after = shop.truth()
    for code in orders:
        if ended.cases.get(code) is not None and ended.word(code) == "waiting:human":
            # It was sent, and nobody lived to hear the answer; this portal keeps no record of who has done it.
            assert len(_new(before[code], after[code])) <= 1
        else:
            assert is_as_asked(before[code], after[code])
    assert changed(before, after) <= set(orders)


def _wait_until(holds: Callable[[], bool], *, within_s: float = 240) -> None:
    ends = time.monotonic() + within_s
    while not holds():  # each look asks the server for every order: that is pause enough
        assert time.monotonic() < ends, "nothing happened"
