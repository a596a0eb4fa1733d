"""closewright closes orders on Vendure by one interface's profile alone: Vendure's own API says what came of it."""

import os
import signal
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page

from agent.domain.acts import ActKind
from fixtures.real.vendure import Shop, start
from fixtures.real.vendure.truth import Entry, Order, Refund

from .closing import Desk

# Each test has a shop of its own, which comes up in some seconds once its sixty orders have been made.
pytestmark = [pytest.mark.real("vendure"), pytest.mark.timeout(900)]


@dataclass(frozen=True)
class Interface:
    """One of Vendure's back offices.

    Attributes:
        profile: its profile.
        ends: how the case of an order ends there, with the buyer's consent, by the order's life.
        begun: lives that end otherwise than closed and are changed all the same: money that does not come back at once.
        shown_as: what its pages call the seller, where that is not the user name.
        resumes: how a case ends whose order was cancelled, and whose money kept, when we died between the two.
    """

    profile: str
    ends: Mapping[str, str]
    begun: frozenset[str]
    resumes: str
    shown_as: str | None = None


INTERFACES = [
    Interface(
        "vendure_react",
        {
            "unpaid": "closed",
            "paid": "closed",
            "paid_by_transfer": "closed:refund_unknown",
            "paid_for_good": "waiting:human",
            "authorized": "refused",
            "refunded": "waiting:human",
            "refunded_part": "waiting:human",
            "shipped": "handed_over",
            "partly_shipped": "handed_over",
            "delivered": "not_eligible",
            "cancelled_unpaid": "already_closed",
            "cancelled_refunded": "already_closed",
            "cancelled_unrefunded": "already_closed",
            "refund_pending": "already_closed",
            "cart": "handed_over",
        },
        begun=frozenset({"paid_by_transfer", "paid_for_good"}),
        resumes="closed",
    ),
    Interface(
        "vendure_angular",
        {
            "unpaid": "closed",
            "paid": "closed",
            "paid_by_transfer": "closed:refund_unknown",
            "paid_for_good": "waiting:human",
            "authorized": "waiting:human",
            "refunded": "waiting:human",
            "refunded_part": "waiting:human",
            "shipped": "handed_over",
            "partly_shipped": "handed_over",
            "delivered": "not_eligible",
            "cancelled_unpaid": "already_closed",
            "cancelled_authorized": "already_closed",
            "cancelled_refunded": "already_closed",
            "cancelled_unrefunded": "already_closed",
            "refund_pending": "already_closed",
            "cart": "handed_over",
        },
        begun=frozenset({"authorized", "paid_by_transfer", "paid_for_good"}),
        resumes="waiting:human",  # the page of a cancelled order offers no refund there
        shown_as="Super Admin",
    ),
]
FEW = ("unpaid", "paid")


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
    return Desk(folder, interface.profile, shop.url, shop.username, shop.password, shown_as=interface.shown_as)


def asked(shop: Shop, lives: Iterable[str]) -> dict[str, str]:
    """Return the buyer's consent for one order of each life that needs one, by its code."""
    return {shop.lived(life)[0]: "" if life == "unpaid" else "yes" for life in lives}


def is_as_asked(before: Order, after: Order) -> bool:
    """Whether an order was cancelled, once, all of its money is back, once, and it is the same order still."""
    taken = sum(payment.amount for payment in before.payments if payment.state == "Settled")
    return (
        after.state == "Cancelled"
        and len(_cancellations(before, after)) == 1
        and after.refunded == taken
        and len(_refunds(after)) == (1 if taken else 0)
        and (after.id, after.code, after.buyer) == (before.id, before.code, before.buyer)
        and [line.id for line in after.lines] == [line.id for line in before.lines]
        and all(line.cancelled == line.order_placed_quantity for line in after.lines)
    )


def _cancellations(before: Order, after: Order) -> list[Entry]:
    new = [entry for entry in after.history if entry not in before.history]
    return [entry for entry in new if entry.type == "ORDER_STATE_TRANSITION" and entry.data.get("to") == "Cancelled"]


def _refunds(order: Order) -> list[Refund]:
    return [refund for payment in order.payments for refund in payment.refunds]


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
    assert changed(before, after) == closed | {code for code in orders if shop.lives[code] in interface.begun}
    verified = desk.start("evidence", "verify")
    assert "broken" not in verified.communicate(timeout=60)[0]
    assert verified.returncode == 0


def test_cancelled_with_the_money_still_taken_is_said(shop: Shop, desk: Desk) -> None:
    [kept] = shop.lived("cancelled_unrefunded")
    [coming] = shop.lived("refund_pending")
    ended = desk.run({kept: "yes", coming: "yes"})
    assert "its payment is paid" in ended.cases[kept]["why"]
    assert "its payment is refunding" in ended.cases[coming]["why"]


def test_money_that_is_only_held_is_kept_apart_from_money_that_is_back(
    shop: Shop, interface: Interface, desk: Desk
) -> None:
    """Where such an order can be cancelled, its payment stays authorised: a person's, and never closed by itself."""
    before = shop.truth()
    [code] = asked(shop, ["authorized"])
    ended = desk.run({code: "yes"})
    after = shop.truth()
    assert ended.word(code) == interface.ends["authorized"]
    if "authorized" in interface.begun:
        assert "its payment is authorised" in ended.cases[code]["why"]
        assert after[code].state == "Cancelled"
        assert all(line.quantity == 0 for line in after[code].lines)
        assert after[code].payments == before[code].payments
        assert changed(before, after) == {code}
    else:
        assert changed(before, after) == set()


def test_a_rehearsal_changes_nothing_and_shows_the_request_of_each_order(shop: Shop, desk: Desk) -> None:
    before = shop.truth()
    ended = desk.run(asked(shop, FEW), "--rehearse")
    assert ended.code == 0, ended.err
    assert {case["outcome"] or case["state"] for case in ended.cases.values()} == {"rehearsed"}
    assert changed(before, shop.truth()) == set()


def test_a_filter_that_a_colleague_has_left_on_makes_no_order_absent(shop: Shop, tmp_path: Path, page: Page) -> None:
    """React keeps the filters of its list on the server, and adds them to what is searched for."""
    code = shop.lived("unpaid")[0]
    page.goto(shop.dashboard)
    page.get_by_role("textbox", name="Email").fill(shop.username)
    page.get_by_role("textbox", name="Password").fill(shop.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("button", name="Sales").wait_for()
    page.goto(f"{shop.dashboard}orders")
    page.get_by_role("button", name="State", exact=True).first.click()
    with page.expect_response(lambda answer: "SetSettingsStoreValue" in (answer.request.post_data or "")):
        page.get_by_role("option", name="PaymentSettled").click()
    desk = Desk(tmp_path, "vendure_react", shop.url, shop.username, shop.password)
    ended = desk.run({code: ""})
    assert ended.word(code) == "waiting:human"
    assert "leaves orders out by a choice that was made before" in ended.cases[code]["why"]


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is POSIX's")
def test_killed_in_the_middle_it_goes_on_without_doing_anything_twice(shop: Shop, desk: Desk) -> None:
    before = shop.truth()
    orders = asked(shop, FEW)
    file = desk.requests(orders)
    killed = [_killed_at_its_first_change(shop, desk, file) for _ in FEW]
    assert any(killed)
    ended = desk.resume()
    after = shop.truth()
    for code in orders:
        if ended.cases.get(code) is not None and ended.word(code) == "waiting:human":
            # It was sent, and nobody lived to hear the answer; this portal keeps no record of who has done it.
            assert len(_cancellations(before[code], after[code])) <= 1
            assert len(_refunds(after[code])) <= 1
        else:
            assert is_as_asked(before[code], after[code])
    assert changed(before, after) <= set(orders)


@pytest.mark.skipif(os.name == "nt", reason="kill -9 is POSIX's")
def test_killed_between_cancel_and_refund_the_money_is_named_and_goes_back_once(
    shop: Shop, interface: Interface, desk: Desk
) -> None:
    before = shop.truth()
    code = shop.lived("paid")[0]
    desk.close_until(code, ActKind.REFUND)
    between = shop.truth()
    assert between[code].state == "Cancelled"
    assert _refunds(between[code]) == []
    ended = desk.resume()
    after = shop.truth()
    assert ended.word(code) == interface.resumes, ended.cases[code]["why"]
    if interface.resumes == "closed":
        assert is_as_asked(before[code], after[code])
    else:
        assert "its payment is paid" in ended.cases[code]["why"]
        assert after[code] == between[code]
    assert changed(before, after) == {code}


def _killed_at_its_first_change(shop: Shop, desk: Desk, file: Path) -> bool:
    """Have requests worked, and kill that at the first change; False where nothing was left to change."""
    before = shop.truth()
    process = desk.start("run", str(file), "--shop", "real", "--yes")
    _wait_until(lambda: process.poll() is not None or changed(before, shop.truth()) != set())
    alive = process.poll() is None
    if alive:
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    return alive


def _wait_until(holds: Callable[[], bool], *, within_s: float = 240) -> None:
    ends = time.monotonic() + within_s
    while not holds():  # each look asks the server for every order: that is pause enough
        assert time.monotonic() < ends, "nothing happened"
