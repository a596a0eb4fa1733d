"""The lit skin's one address: what is no call, names no order or carries no token changes nothing and says so."""

from collections.abc import Iterator
from typing import Any

import pytest

from fixtures.mock_portal.server import start

from .visitor import Visitor


@pytest.fixture(scope="module")
def visitor() -> Iterator[Visitor]:
    with start(skin="lit", orders=60, promo=False) as portal:
        one = Visitor(portal)
        yield one
        one.http.close()


@pytest.mark.parametrize(
    ("method", "code"),
    [("order.destroy", "METHOD_UNKNOWN"), ("ticket.create", "METHOD_UNKNOWN"), (7, "METHOD_UNKNOWN")],
)
def test_an_unknown_method_is_named_as_such(visitor: Visitor, method: Any, code: str) -> None:
    answer = visitor.call(method, order={"id": visitor.unpaid()})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, code)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"method": "order.close", "params": [1]}', b'"order.close"'])
def test_what_is_no_call_changes_nothing(visitor: Visitor, body: bytes) -> None:
    answer = visitor.http.post("/rpc", content=body, headers={"X-CSRF-Token": visitor.token})
    assert answer.status_code in {404, 409}
    assert visitor.ledger() == []


@pytest.mark.parametrize("order", [{}, {"id": 7}, {"id": "1"}, "1", None])
def test_a_call_about_no_order_is_refused(visitor: Visitor, order: Any) -> None:
    for method in ("order.get", "order.closeReasons", "message.list"):
        answer = visitor.call(method, order=order)
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "ORDER_NOT_EXIST")
    answer = visitor.call("order.close", order=order, input={"closeReason": "buyerCancel"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "ORDER_NOT_EXIST")
    assert visitor.ledger() == []


@pytest.mark.parametrize("fen", ["100", 1.5, True, -1, None, "一百"])
def test_an_amount_is_a_whole_number_of_fen(visitor: Visitor, fen: Any) -> None:
    given = {"reason": "other", "description": "协商退款", "amountFen": fen}
    answer = visitor.call("refund.apply", order={"id": visitor.paid("refund")["order_id"]}, input=given)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "5011")
    assert visitor.ledger() == []


def test_a_page_number_that_is_none_is_page_one(visitor: Visitor) -> None:
    first = visitor.rows(page=1)
    assert len(first) == 10
    for page in (0, -3, "2", None, [], 2.5):
        assert visitor.rows(page=page) == first
    assert visitor.rows(page=10**30) == []


def test_files_without_a_method_or_a_token_are_not_taken(visitor: Visitor) -> None:
    order_id = visitor.unpaid()
    fields = {"orderId": order_id, "kind": "其它", "title": "问题", "description": "描述"}
    token = {"X-CSRF-Token": visitor.token}
    assert visitor.http.put("/rpc/files", data=fields, headers=token).status_code == 404
    parts = {name: (None, value) for name, value in fields.items()}
    assert (
        visitor.http.put("/rpc/files", files={**parts, "method": (None, "order.close")}, headers=token).status_code
        == 404
    )
    assert visitor.http.put("/rpc/files", files={**parts, "method": (None, "ticket.create")}).status_code == 403
    assert visitor.ledger() == []


def test_who_is_not_signed_in_is_told_by_the_status(visitor: Visitor) -> None:
    visitor.http.cookies.clear()
    assert visitor.call("order.search").status_code == 401
    assert visitor.http.get("/console/orders").headers["location"].startswith("/login?next=%2Fconsole%2Forders")
    visitor.sign_in()
