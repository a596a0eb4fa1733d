"""closewright closes orders on django-oscar by its profile alone: the shop's own database says what came of it."""

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from fixtures.real.oscar import Shop, start
from fixtures.real.oscar.shop.words import LANGUAGES

from .closing import Desk, changed

pytestmark = pytest.mark.real("oscar")
SPOKEN = {"en": None, "zh-hans": "zh-Hans"}
OF_EACH = 2
Order = Mapping[str, Any]


@pytest.fixture(params=LANGUAGES)
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    with start(tmp_path / "shop", language=request.param) as running:
        yield running


@pytest.fixture
def desk(shop: Shop, tmp_path: Path) -> Desk:
    folder = tmp_path / "desk"
    folder.mkdir()
    return Desk(folder, "oscar", shop.url, f"{shop.username}@example.com", shop.password, SPOKEN[shop.language])


def kind_of(shop: Shop, order: Order) -> str:
    """Return what an order is, by its state and by what was done with its money."""
    state = next(ours for ours, word in shop.statuses.items() if word == order["status"])
    events = [event["event"] for event in order["payment_events"]]
    return f"{state} {' '.join(events) or 'unpaid'}"


def expected(kind: str) -> str:
    """Return how the case of such an order has to end, with the buyer's consent."""
    state, _, money = kind.partition(" ")
    match state:
        case "pending":
            return "closed" if money == "unpaid" else "waiting:human"
        case "paid" | "processing":
            return "waiting:human" if "refunded" in money else "closed"
        case "part_shipped" | "shipped":
            return "handed_over"
        case "complete":
            return "not_eligible"
        case "cancelled":
            return "already_closed"
        case _:
            return "waiting:human"


def is_as_asked(shop: Shop, before: Order, after: Order) -> bool:
    """Whether an order was cancelled, once, and its money given back, once, and nothing else was done to it."""
    refunds = [event["amount"] for event in after["payment_events"][len(before["payment_events"]) :]]
    return (
        after["status"] == shop.statuses["cancelled"]
        and after["history"] == [*before["history"], {"from": before["status"], "to": after["status"]}]
        and refunds == ([before["total"]] if before["payment_events"] else [])
        and after["sources"] == before["sources"]
        and after["total"] == before["total"]
    )


def picked(shop: Shop) -> dict[str, list[Order]]:
    """Return some orders of each kind; the rest of the shop has to stay as it is."""
    kinds: dict[str, list[Order]] = {}
    for order in shop.truth():
        kinds.setdefault(kind_of(shop, order), []).append(order)
    assert len(kinds) > len(shop.statuses)
    return {kind: orders[:OF_EACH] for kind, orders in kinds.items()}


def asked(kinds: Mapping[str, Sequence[Order]]) -> dict[str, str]:
    """Return the buyer's consent for every order that needs one."""
    return {
        order["number"]: "" if kind == "pending unpaid" else "yes" for kind, orders in kinds.items() for order in orders
    }


def test_orders_of_every_kind_end_as_the_portal_allows_and_no_other_order_changes(shop: Shop, desk: Desk) -> None:
    before = shop.truth()
    kinds = picked(shop)
    ended = desk.run(asked(kinds))
    assert ended.code == 1, ended.err  # some are a person's
    after = {order["number"]: order for order in shop.truth()}
    words = {kind: {ended.word(order["number"]) for order in orders} for kind, orders in kinds.items()}
    assert words == {kind: {expected(kind)} for kind in kinds}
    closed = [order for kind, orders in kinds.items() if expected(kind) == "closed" for order in orders]
    assert all(is_as_asked(shop, order, after[order["number"]]) for order in closed)
    assert changed(before, list(after.values()), "number") == {order["number"] for order in closed}
    assert shop.mail() == []
    verified = desk.start("evidence", "verify")
    assert "broken" not in verified.communicate(timeout=60)[0]
    assert verified.returncode == 0


def test_cancelled_with_the_money_still_taken_is_said(shop: Shop, desk: Desk) -> None:
    kinds = picked(shop)
    taken = [order["number"] for order in kinds["cancelled authorised paid"]]
    ended = desk.run(dict.fromkeys(taken, "yes"))
    assert all("its payment is paid" in ended.cases[number]["why"] for number in taken)


def test_a_rehearsal_changes_nothing_and_shows_the_request_of_each_order(shop: Shop, desk: Desk) -> None:
    before = shop.truth()
    orders = [*picked(shop)["pending unpaid"], *picked(shop)["paid authorised paid"]]
    ended = desk.run({order["number"]: "yes" for order in orders}, "--rehearse")
    assert ended.code == 0, ended.err
    assert {case["outcome"] or case["state"] for case in ended.cases.values()} == {"rehearsed"}
    assert changed(before, shop.truth(), "number") == set()


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is POSIX's")
def test_killed_in_the_middle_it_goes_on_without_doing_anything_twice(shop: Shop, desk: Desk) -> None:
    before = {order["number"]: order for order in shop.truth()}
    kinds = picked(shop)
    orders = [order for kind in ("pending unpaid", "paid authorised paid") for order in kinds[kind]]
    file = desk.requests({order["number"]: "yes" for order in orders})
    for _ in range(2):
        changes = len(changed(list(before.values()), shop.truth(), "number"))
        process = desk.start("run", str(file), "--shop", "real", "--yes")
        _wait_until(lambda done=changes, dead=process.poll: dead() is not None or _changes(shop, before) > done)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    ended = desk.resume()
    after = {order["number"]: order for order in shop.truth()}
    for order in orders:
        number = order["number"]
        if ended.cases.get(number) is not None and ended.word(number) == "waiting:human":
            # It was sent, and nobody lived to hear the answer; this portal keeps no record of who has done it.
            assert len(after[number]["history"]) <= len(order["history"]) + 1
            assert len(after[number]["payment_events"]) <= len(order["payment_events"]) + 1
        else:
            assert is_as_asked(shop, order, after[number])
    assert changed(list(before.values()), list(after.values()), "number") <= {order["number"] for order in orders}


def test_a_portal_that_is_down_parks_nothing(shop: Shop, desk: Desk) -> None:
    order = picked(shop)["pending unpaid"][0]["number"]
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # held and not listened at
        away = replace(desk, url=f"http://127.0.0.1:{nobody.getsockname()[1]}")
        ended = away.run({order: ""})
    assert ended.code == 3, ended.err
    assert ended.word(order) == "waiting:retry"
    assert "ERR_" in ended.cases[order]["why"]
    assert desk.run({order: ""}).word(order) == "closed"


def _changes(shop: Shop, before: Mapping[str, Order]) -> int:
    return len(changed(list(before.values()), shop.truth(), "number"))


def _wait_until(holds: Callable[[], bool], *, within_s: float = 240) -> None:
    ends = time.monotonic() + within_s
    while not holds():  # each look reads the whole database: that is pause enough
        assert time.monotonic() < ends, "nothing happened"


def test_an_act_that_is_offered_and_refused_is_a_refusal(shop: Shop, desk: Desk) -> None:
    """A colleague is faster: the page still offers to cancel, and the portal says no."""
    number = picked(shop)["paid authorised paid"][0]["number"]
    before = {order["number"]: order for order in shop.truth()}[number]
    ended, results = desk.close_beside(number, lambda: _ship(shop, number))
    after = {order["number"]: order for order in shop.truth()}[number]
    assert results == ["refused"]
    assert ended == "not_eligible"  # its new state says why
    assert after["status"] == shop.statuses["shipped"]
    assert after["payment_events"] == before["payment_events"]


def _ship(shop: Shop, number: str) -> None:
    """Mark an order as shipped, as a colleague would on the same dashboard."""
    with httpx.Client(base_url=shop.url, follow_redirects=True, timeout=60) as clerk:
        clerk.get("/dashboard/login/")
        clerk.post(
            "/dashboard/login/",
            data={
                "username": shop.username,
                "password": shop.password,
                "csrfmiddlewaretoken": clerk.cookies["csrftoken"],
            },
        )
        for state in ("processing", "shipped"):
            clerk.post(
                f"/dashboard/orders/{number}/",
                data={
                    "order_action": "change_order_status",
                    "new_status": shop.statuses[state],
                    "csrfmiddlewaretoken": clerk.cookies["csrftoken"],
                },
            ).raise_for_status()
