"""The Vendure shop that real runs are made against: what it promises to them."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import httpx
import psutil
import pytest
from playwright.sync_api import Page, expect

from fixtures.real.vendure import Shop, start
from fixtures.real.vendure.api import Api, ApiError
from fixtures.real.vendure.filling import fill
from fixtures.real.vendure.lives import LIVES
from fixtures.real.vendure.truth import Payment

# Filling a shop takes half a minute, on a machine that has nothing else to do.
pytestmark = [pytest.mark.real("vendure"), pytest.mark.timeout(900)]

ROOT = Path(__file__).parents[2]
ORDERS = 60


@dataclass(frozen=True)
class BackOffice:
    """What one of the two is known by: its path, the labels of its login, and a control that stands inside."""

    path: str
    account: str
    enter: str
    role: Literal["button", "link"]
    inside: str


REACT = BackOffice("/dashboard/", "Email", "Sign in", "button", "Sales")
ANGULAR = BackOffice("/admin/", "Username", "Log in", "link", "Orders Orders")
COMMAND = [sys.executable, "-m", "fixtures.real.vendure"]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with start(tmp_path_factory.mktemp("vendure"), orders=ORDERS) as running:
        yield running


def test_every_state_that_a_seller_meets_is_there(shop: Shop) -> None:
    truth = shop.truth()
    assert len(truth) == len(shop.lives) == ORDERS
    assert {order.state for order in truth.values()} == {
        "Draft",
        "AddingItems",
        "ArrangingPayment",
        "PaymentAuthorized",
        "PaymentSettled",
        "PartiallyShipped",
        "Shipped",
        "PartiallyDelivered",
        "Delivered",
        "Modifying",
        "ArrangingAdditionalPayment",
        "Cancelled",
    }
    assert set(shop.lives.values()) == {*LIVES, "draft"}


def test_the_state_of_the_order_and_of_its_money_are_separate_facts(shop: Shop) -> None:
    """Cancelled with the money held, kept, on its way and back; the same money back without a cancelled order."""
    truth = shop.truth()
    told = {life: truth[shop.lived(life)[0]] for life in LIVES}
    assert _money(told["cancelled_authorized"].payments) == [("Authorized", [])]
    assert _money(told["cancelled_unrefunded"].payments) == [("Settled", [])]
    assert _money(told["refund_pending"].payments) == [("Settled", ["Pending"])]
    assert _money(told["cancelled_refunded"].payments) == [("Settled", ["Settled"])]
    assert told["refunded"].state == "PaymentSettled"
    assert told["refunded"].refunded == told["refunded"].payments[0].amount
    assert 0 < told["refunded_part"].refunded < told["refunded_part"].payments[0].amount
    assert all(line.cancelled for line in told["cancelled_refunded"].lines)


def test_order_codes_are_ids_that_closewright_takes(shop: Shop) -> None:
    """15 to 20 digits, none of which a spreadsheet spoils unseen."""
    assert all(code.isascii() and code.isdigit() and 16 <= len(code) <= 18 for code in shop.lives)
    assert not any(code.startswith("0") or code.endswith("0") for code in shop.lives)


def test_an_orders_code_stands_in_the_goods_of_others(shop: Shop) -> None:
    truth = shop.truth()
    named = {
        line.name.removeprefix("补差价 订单 ")
        for order in truth.values()
        for line in order.lines
        if "补差价" in line.name
    }
    assert len(named) == 1
    (code,) = named
    assert code in truth
    assert not any(code in line.name for line in truth[code].lines)


def test_what_a_shop_is_filled_with_follows_from_its_seed(shop: Shop, tmp_path: Path) -> None:
    """Codes, lives, buyers and amounts are alike in a shop that is filled anew; another seed gives other orders."""
    anew = tmp_path / "vendure-3-2.sqlite"
    fill(anew, orders=3, seed=2)
    with start(tmp_path, orders=3, seed=2) as one, start(tmp_path / "other", orders=3, seed=2) as other:
        assert one.database == anew
        assert one.lives == other.lives
        assert _sums(one) == _sums(other)
        assert not set(one.lives) & set(shop.lives)


def test_a_shop_goes_on_as_it_was_left(tmp_path: Path) -> None:
    with start(tmp_path, orders=3, seed=2) as shop:
        code = next(iter(shop.lives))
        note = {"id": shop.truth()[code].id, "note": "left here", "isPublic": False}
        shop.admin("mutation ($input: AddNoteToOrderInput!) { addNoteToOrder(input: $input) { id } }", input=note)
    with start(tmp_path, orders=3, seed=2) as shop:
        assert [entry.data for entry in shop.truth()[code].history if entry.type == "ORDER_NOTE"] == [
            {"note": "left here"}
        ]


def test_gateways_refuse_where_the_order_offers_the_act(shop: Shop) -> None:
    """A payment that is not released, and a refund that fails, as answers of the shop's own kind."""
    truth = shop.truth()
    held = truth[shop.lived("authorized_for_good")[0]].payments[0]
    cancel = "mutation ($id: ID!) { done: cancelPayment(id: $id) { ... on ErrorResult { errorCode message } } }"
    with pytest.raises(ApiError, match="CANCEL_PAYMENT_ERROR"):
        shop.admin(cancel, id=held.id)
    taken = shop.lived("paid_for_good")[0]
    payment = truth[taken].payments[0]
    wish = {"paymentId": payment.id, "amount": payment.amount, "lines": [], "shipping": 0, "adjustment": 0}
    refund = """mutation ($input: RefundOrderInput!) {
        done: refundOrder(input: $input) { ... on Refund { state } ... on ErrorResult { errorCode message } } }"""
    assert shop.admin(refund, input=wish)["done"] == {"state": "Failed"}
    assert shop.truth()[taken].refunded == 0


@pytest.mark.parametrize("back_office", [REACT, ANGULAR], ids=["react", "angular"])
def test_both_back_offices_let_the_seller_in_and_ask_nobody_else(
    shop: Shop, page: Page, back_office: BackOffice
) -> None:
    """Signing in leads away from the login page, and no request leaves the shop's own address."""
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(request.url))
    page.goto(f"{shop.url}{back_office.path}")
    page.get_by_role("textbox", name=back_office.account).fill(shop.username)
    page.get_by_role("textbox", name="Password").fill(shop.password)
    page.get_by_role("button", name=back_office.enter, exact=True).click()
    expect(page.get_by_role(back_office.role, name=back_office.inside, exact=True)).to_be_visible()
    assert {url for url in asked if not url.startswith((shop.url, "data:", "blob:"))} == set()


def test_the_server_listens_on_loopback_only(shop: Shop) -> None:
    listening = {
        connection.laddr.ip
        for connection in psutil.Process(shop.pid).net_connections(kind="tcp")
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}


def test_the_command_tells_where_the_shop_is_and_stops_it_by_its_pid(tmp_path: Path) -> None:
    with subprocess.Popen(  # noqa: S603 - our own command
        [*COMMAND, "start", "--folder", tmp_path, "--orders", "3", "--seed", "2"], stdout=subprocess.PIPE, cwd=ROOT
    ) as serving:
        assert serving.stdout
        told = json.loads(serving.stdout.readline())
        servers = psutil.Process(serving.pid).children(recursive=True)
        with Api(f"{told['address']}/admin-api") as admin:
            admin.sign_in(told["username"], told["password"])
        assert Path(told["database"]).is_file()
        subprocess.run([*COMMAND, "stop", str(told["pid"])], check=True, cwd=ROOT)  # noqa: S603 - our own command
        assert serving.wait(60) == 0
    assert servers
    assert psutil.wait_procs(servers, timeout=20)[1] == []
    with pytest.raises(httpx.ConnectError):
        httpx.get(told["address"], trust_env=False)


def test_a_server_does_not_outlive_a_command_that_is_killed(tmp_path: Path) -> None:
    with subprocess.Popen(  # noqa: S603 - our own command
        [*COMMAND, "start", "--folder", tmp_path, "--orders", "3", "--seed", "2"], stdout=subprocess.PIPE, cwd=ROOT
    ) as serving:
        assert serving.stdout
        assert serving.stdout.readline()
        servers = psutil.Process(serving.pid).children(recursive=True)
        serving.kill()
    assert servers
    assert psutil.wait_procs(servers, timeout=20)[1] == []


def _money(payments: tuple[Payment, ...]) -> list[tuple[str, list[str]]]:
    return [(payment.state, [refund.state for refund in payment.refunds]) for payment in payments]


def _sums(shop: Shop) -> list[tuple[str, str | None, int]]:
    return [(code, order.buyer, order.total_with_tax) for code, order in shop.truth().items()]
