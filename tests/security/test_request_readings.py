"""A request that a server could read in another way than the gate does is not let out."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

import page_objects
from agent.browser.gate import Forbidden, Mutating, Read, SeenRequest
from agent.domain.cases import Role
from agent.domain.ids import OrderId
from agent.domain.money import Fen
from agent.domain.orders import Order, OrderState, PayState
from agent.engine.act import mismatch
from agent.engine.permission import wanted_keys
from agent.errors import ConfigError
from page_objects.loader import load_profile, parse_profile
from page_objects.requests import PortalRequests
from page_objects.site import Account

BASE = "http://127.0.0.1:8765"
FORM = "application/x-www-form-urlencoded"
OURS, OTHER = "157094266502147025", "157094266502147026"
WORKBENCH = (Path(page_objects.__file__).parent / "portals/mock_workbench/profile.toml").read_text("utf-8")
CLOSE = 'path = "/api/order/close"\nbody = "json"\nfields = { order_id = "orderId", reason = "closeReason"'
GRAPHQL = (
    'path = "/graphql"\nbody = "json"\noperation = { operationName = "CloseOrder" }\n'
    'fields = { order_id = "variables.orderId", reason = "variables.reason"'
)
ONE = {"operationName": "CloseOrder", "variables": {"orderId": OURS, "reason": "buyerCancel"}}
TWO = {"operationName": "CloseOrder", "variables": {"orderId": OTHER, "reason": "buyerCancel"}}


def rules(name: str = "mock_classic") -> PortalRequests:
    account = Account(shop="demo", base_url=BASE, role=Role.SELLER, username="seller")
    return PortalRequests(load_profile(name).profile, account)


def graphql() -> PortalRequests:
    """Rules of a portal like the workbench whose close is a GraphQL operation."""
    assert WORKBENCH.count(CLOSE) == 1
    text = WORKBENCH.replace(CLOSE, GRAPHQL)
    profile = parse_profile(text.encode(), origin="test").profile
    return PortalRequests(profile, Account(shop="demo", base_url=BASE, role=Role.SELLER, username="seller"))


def seen(path: str, body: str | None, kind: str = FORM, method: str = "POST") -> SeenRequest:
    raw = None if body is None else body.encode()
    headers = {"content-type": kind} if kind else {}
    return SeenRequest(method, BASE + path, headers, raw, "xhr", navigation=False)


def test_a_graphql_operation_is_told_by_its_name_and_carries_its_variables() -> None:
    verdict = graphql().classify(seen("/graphql", json.dumps(ONE), "application/json"))
    assert verdict == Mutating("close", {"order_id": OURS, "reason": "buyerCancel"})


def test_an_order_id_that_a_server_would_round_to_another_is_not_let_out() -> None:
    """Every 16th number of this size is the same to a server that reads numbers as JavaScript does."""
    body = f'{{"orderId": {OURS}, "closeReason": "buyerCancel"}}'
    verdict = rules("mock_workbench").classify(seen("/api/order/close", body, "application/json"))
    assert isinstance(verdict, Forbidden)
    assert "round" in verdict.why


@pytest.mark.parametrize("batch", [[ONE], [ONE, TWO], [{"operationName": "Orders"}, TWO], []])
def test_a_graphql_batch_is_not_let_out_whatever_is_in_it(batch: list[object]) -> None:
    assert isinstance(graphql().classify(seen("/graphql", json.dumps(batch), "application/json")), Forbidden)


@pytest.mark.parametrize(
    "body",
    [
        '{"operationName": "Orders", "operationName": "CloseOrder", "variables": {"orderId": "1"}}',
        '{"operationName": "CloseOrder", "variables": {"orderId": "1", "orderId": "2"}}',
        '{"operationName": "Orders"}',
        "{}",
        '"CloseOrder"',
        "",
    ],
)
def test_a_graphql_body_that_names_twice_or_nothing_listed_is_not_let_out(body: str) -> None:
    assert isinstance(graphql().classify(seen("/graphql", body, "application/json")), Forbidden)


def close_form(order_id: str = OURS) -> str:
    return f"orderId={order_id}&closeReason=buyerCancel&remark="


def multipart(*fields: tuple[str, str], boundary: str = "b") -> str:
    parts = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields
    )
    return "".join(parts) + f"--{boundary}--\r\n"


@pytest.mark.parametrize(
    "kind", ["multipart/form-data; boundary=b", "text/plain", "application/json", "Multipart/Form-Data;boundary=b"]
)
def test_a_form_that_calls_itself_something_else_is_not_let_out(kind: str) -> None:
    """A multipart body can hold another order in its parts, and ours behind its end, where only a form is read."""
    polyglot = multipart(("orderId", OTHER), ("closeReason", "buyerCancel")) + "&" + close_form()
    verdict = rules().classify(seen("/trade/order/close", polyglot, kind))
    assert isinstance(verdict, Forbidden)
    assert "calls itself" in verdict.why


@pytest.mark.parametrize("kind", [FORM, f"{FORM}; charset=UTF-8", ""])
def test_an_honest_form_is_understood(kind: str) -> None:
    verdict = rules().classify(seen("/trade/order/close", close_form(), kind))
    assert verdict == Mutating("close", {"order_id": OURS, "reason": "buyerCancel", "remark": ""})


@pytest.mark.parametrize(
    "fields",
    [
        [("orderId", OURS), ("orderId", OTHER), ("title", "t"), ("description", "d")],
        [],
    ],
    ids=["an order twice", "nothing"],
)
def test_a_multipart_body_that_can_be_read_in_two_ways_is_not_let_out(fields: list[tuple[str, str]]) -> None:
    body = multipart(*fields)
    verdict = rules().classify(seen("/service/new", body, "multipart/form-data; boundary=b"))
    assert isinstance(verdict, Forbidden)


def test_a_multipart_body_is_read_by_its_own_boundary() -> None:
    """What stands before the first part, behind the last, or under another boundary is nothing to the server either."""
    inside = multipart(("orderId", OURS), ("title", "t"), ("description", "d"))
    outside = multipart(("orderId", OTHER), boundary="c")
    for body in (inside, outside + inside, inside + outside):
        verdict = rules().classify(seen("/service/new", body, "multipart/form-data; boundary=b"))
        assert isinstance(verdict, Mutating)
        assert verdict.fields["order_id"] == OURS


def test_a_multipart_name_in_another_spelling_hides_no_field() -> None:
    body = multipart(("orderId", OURS)).replace(
        "--b--", f"--b\r\nContent-Disposition: form-data; name*=UTF-8''orderId\r\n\r\n{OTHER}\r\n--b--"
    )
    assert isinstance(rules().classify(seen("/service/new", body, "multipart/form-data; boundary=b")), Forbidden)


@pytest.mark.parametrize(
    "query",
    [
        f"?orderId={OTHER}",
        f"?x=1&orderId={OURS}",
        "?closeReason=other",
        "?orderId",
        f"?order.orderId={OTHER}",
        f"?order[orderId]={OTHER}",
        f"?orders%5B0%5D[orderId]={OTHER}",
    ],
)
def test_a_field_that_the_address_names_beside_the_body_is_not_let_out(query: str) -> None:
    for name, path, body, kind in (
        ("mock_classic", "/trade/order/close", close_form(), FORM),
        ("mock_workbench", "/api/order/close", json.dumps({"orderId": OURS}), "application/json"),
    ):
        verdict = rules(name).classify(seen(path + query, body, kind))
        assert isinstance(verdict, Forbidden)
        assert "stands in the address and in the body" in verdict.why


@pytest.mark.parametrize(
    "path",
    [
        "/_mock/ledger",
        "/%5fmock/ledger",
        "/%255Fmock/ledger",
        "//_mock/ledger",
        "/x/..%2f_mock/ledger",
        "/_mock",
        "/_mock;x/",
    ],
)
def test_a_denied_path_is_denied_however_it_is_written(path: str) -> None:
    verdict = rules().classify(seen(path, None, "", method="GET"))
    assert isinstance(verdict, Forbidden)
    assert "is denied" in verdict.why


@pytest.mark.parametrize(
    "path", ["/do/close", "/do/%63lose", "//do//close", "/do/close/", "/do/x/../close", "/do/close;a=1", "/do%2Fclose"]
)
def test_a_get_that_changes_something_is_known_however_it_is_written(path: str) -> None:
    text = WORKBENCH.replace(CLOSE, CLOSE.replace("/api/order/close", "/do/close").replace("json", "query"))
    text = text.replace('path = "/do/close"', 'method = "GET"\npath = "/do/close"')
    profile = parse_profile(text.encode(), origin="test").profile
    account = Account(shop="demo", base_url=BASE, role=Role.SELLER, username="seller")
    got = seen(f"{path}?orderId={OTHER}", None, "", method="GET")
    assert PortalRequests(profile, account).classify(got) == Mutating("close", {"order_id": OTHER})


def test_a_listed_read_by_post_is_no_way_to_another_path() -> None:
    assert isinstance(rules().classify(seen("/login", "", "")), Read)
    for path in ("/login/../trade/order/memo", "/login/..%2ftrade%2forder%2fmemo", "/login/x"):
        assert isinstance(rules().classify(seen(path, "", "")), Forbidden)


def test_a_text_that_we_did_not_write_is_a_mismatch() -> None:
    wanted = {"order_id": {OURS}, "remark": {""}}
    mapped = frozenset({"order_id", "remark"})
    for fields, fits in (
        ({"order_id": OURS}, True),
        ({"order_id": OURS, "remark": ""}, True),
        ({"order_id": OURS, "remark": "x"}, False),
        ({"order_id": "", "remark": ""}, False),
        ({"remark": ""}, False),
    ):
        assert (mismatch(Mutating("close", fields), wanted, mapped) is None) is fits


KEYED = (Path(__file__).parent.parent / "browser" / "keyed.toml").read_bytes()


@pytest.mark.parametrize(
    ("fields", "known", "fits"),
    [
        ({"order_key": "2", "payment_key": "8"}, True, True),
        ({"order_key": "3", "payment_key": "8"}, True, False),
        ({"order_key": "2", "payment_key": "9"}, True, False),
        ({"order_key": "2", "payment_key": ""}, True, False),
        ({"order_key": "2"}, True, False),
        ({"payment_key": "8"}, True, False),
        ({"order_key": "2", "payment_key": "8"}, False, False),
        ({"order_key": "", "payment_key": ""}, False, False),
        ({}, False, False),
    ],
)
def test_a_key_is_compared_with_those_of_this_order_and_where_none_is_known_none_fits(
    *, fields: dict[str, str], known: bool, fits: bool
) -> None:
    profile = parse_profile(KEYED, origin="keyed.toml").profile
    order = Order(OrderId(OURS), OrderState.PAID, PayState.PAID, Fen(500), None, frozenset())
    if known:
        order = replace(order, key="2", parts=(("payment_key", "7"), ("payment_key", "8")))
    wanted = wanted_keys(profile, order)
    assert (mismatch(Mutating("close", fields), wanted, frozenset(profile.requests["close"].fields)) is None) is fits


@pytest.mark.parametrize(
    ("edit", "fault"),
    [
        (("/orders/{key}", "/orders/{order_id}"), "key goes with {key} in url"),
        (('request = "order"\nkey', 'request = "orders"\nkey'), "no read [requests.orders]"),
        (('request = "order"\nkey', 'request = "close"\nkey'), "no read [requests.close]"),
        (('fields = { order_key = "id", ', "fields = { "), None),
        (('payment_key = "paymentId"', 'refund_key = "refundId"'), "refund_key is not told by [pages.detail.key]"),
        (("parts = { payment_key", "parts = { payment"), "use names such as payment_key"),
        (("parts = { payment_key", "parts = { order_key"), "use names such as payment_key"),
    ],
)
def test_a_profile_whose_changes_name_a_key_says_how_it_is_known(edit: tuple[str, str], fault: str | None) -> None:
    text = KEYED.decode()
    assert text.count(edit[0]) == 1
    changed = text.replace(*edit).encode()
    if fault is None:
        parse_profile(changed, origin="keyed.toml")
        return
    with pytest.raises(ConfigError) as caught:
        parse_profile(changed, origin="keyed.toml")
    assert any(fault in each for each in caught.value.faults)
