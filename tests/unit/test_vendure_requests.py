"""What may leave Vendure's Angular admin: its three changes, with nothing in them that the profile does not name."""

import json
from typing import Any

import pytest

from agent.browser.gate import Forbidden, Mutating, Read, SeenRequest
from agent.domain.cases import Role
from page_objects.loader import load_profile
from page_objects.requests import PortalRequests
from page_objects.site import Account

BASE = "http://127.0.0.1:8811"
RULES = PortalRequests(load_profile("vendure_angular").profile, Account("s", BASE, Role.SELLER, "seller"))
LINES = [{"orderLineId": "48", "quantity": 2}, {"orderLineId": "49", "quantity": 3}]
CANCEL = {"orderId": "12", "reason": "Customer request", "cancelShipping": True}
REFUND = {"lines": LINES, "reason": "Other", "paymentId": "35", "amount": 25598, "shipping": 0, "adjustment": 0}


def classified(query: str, variables: dict[str, Any]) -> Read | Mutating | Forbidden:
    body = json.dumps({"operationName": "Op", "variables": variables, "query": query}).encode()
    url = f"{BASE}/admin-api?languageCode=en"
    headers = {"content-type": "application/json"}
    return RULES.classify(SeenRequest("POST", url, headers, body, "fetch", navigation=False))


def change(field: str, kind: str, given: dict[str, Any]) -> Read | Mutating | Forbidden:
    query = f"mutation Op($input: {kind}!) {{ {field}(input: $input) {{ ... on Order {{ id }} __typename }} }}"
    return classified(query, {"input": given})


def test_an_order_that_was_not_placed_is_cancelled_without_naming_lines() -> None:
    found = change("cancelOrder", "CancelOrderInput", CANCEL)
    assert found == Mutating("close_unpaid", {"order_key": "12", "reason": "Customer request"})


def test_an_order_that_was_placed_is_cancelled_with_its_lines() -> None:
    found = change("cancelOrder", "CancelOrderInput", CANCEL | {"lines": LINES})
    assert isinstance(found, Mutating)
    assert (found.name, found.fields["order_key"]) == ("close_lines", "12")
    assert found.fields["all"] == "48×2, 49×3"


def test_money_goes_back_by_payment_amount_and_lines() -> None:
    found = change("refundOrder", "RefundOrderInput", REFUND)
    assert isinstance(found, Mutating)
    assert found.name == "give_back"
    assert found.fields == {"payment_key": "35", "amount_fen": "25598", "reason": "Other", "all": "48×2, 49×3"}


@pytest.mark.parametrize(
    ("field", "kind", "given"),
    [
        ("cancelOrder", "CancelOrderInput", CANCEL | {"cancelShipping": False}),
        ("cancelOrder", "CancelOrderInput", CANCEL | {"force": True}),
        ("refundOrder", "RefundOrderInput", REFUND | {"shipping": 1000}),
        ("refundOrder", "RefundOrderInput", REFUND | {"adjustment": 5}),
        ("refundOrder", "RefundOrderInput", REFUND | {"lines": [*LINES, LINES[0]]}),
        ("settleRefund", "SettleRefundInput", {"id": "7", "transactionId": "T"}),
        ("modifyOrder", "ModifyOrderInput", {"orderId": "12", "dryRun": False}),
        ("deleteProduct", "ID", {"id": "1"}),
    ],
)
def test_anything_else_stays_in_the_browser(field: str, kind: str, given: dict[str, Any]) -> None:
    assert isinstance(change(field, kind, given), Forbidden)


@pytest.mark.parametrize("field", ["cancelPayment", "settlePayment", "transitionOrderToState"])
def test_a_change_of_the_payment_or_the_state_stays_in_the_browser(field: str) -> None:
    assert isinstance(classified(f"mutation Op($id: ID!) {{ {field}(id: $id) {{ id }} }}", {"id": "12"}), Forbidden)


def test_two_changes_in_one_document_stay_in_the_browser() -> None:
    query = "mutation Op($input: CancelOrderInput!) { cancelOrder(input: $input) { id } logout { success } }"
    assert isinstance(classified(query, {"input": CANCEL}), Forbidden)


def test_what_the_page_asks_is_a_read() -> None:
    assert classified("query Op($id: ID!) { order(id: $id) { id code } }", {"id": "12"}) == Read("order")
    assert classified("query Op { jobs { totalItems } }", {}) == Read("queries")
