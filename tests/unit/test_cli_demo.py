"""The demo's batch is mixed, and its check finds whatever does not agree with the portal's truth."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from agent.cli.demo_batch import PURCHASER, SELLER, Batch, make_batch
from agent.cli.demo_check import check
from agent.cli.demo_settings import written_settings
from agent.cli.options import Skin
from agent.domain.cases import Case, CaseState, Consent, Outcome, Role, WaitingFor
from agent.domain.ids import OrderId
from agent.domain.reasons import Reason
from agent.settings import load
from fixtures.mock_portal.actors import ActorSpec
from fixtures.mock_portal.seeded import make_orders

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ORDER = OrderId("157094266502147025")


@pytest.fixture(scope="module")
def truth() -> dict[str, dict[str, Any]]:
    return {order.order_id: order.to_json() for order in make_orders(1, 400, NOW)}


@pytest.fixture
def batch(truth: dict[str, dict[str, Any]], tmp_path: Path) -> Batch:
    return make_batch(truth, 40, tmp_path)


@pytest.mark.parametrize("count", [1, 7, 40, 100])
def test_a_batch_has_as_many_different_orders_as_asked_for(
    truth: dict[str, dict[str, Any]], tmp_path: Path, count: int
) -> None:
    batch = make_batch(truth, count, tmp_path)
    ids = [request.order_id for requests in batch.requests.values() for request in requests]
    assert len(ids) == len(set(ids)) == count


def test_the_batch_holds_every_kind_in_both_roles(truth: dict[str, dict[str, Any]], batch: Batch) -> None:
    seen = Counter(
        (shop, truth[request.order_id]["state"]) for shop, requests in batch.requests.items() for request in requests
    )
    assert {(SELLER, state) for state in ("waitbuyerpay", "waitsellersend", "waitbuyerreceive", "cancel")} <= set(seen)
    assert {(PURCHASER, state) for state in ("waitbuyerpay", "waitsellersend", "waitbuyerreceive")} <= set(seen)
    buttons = {truth[request.order_id]["button"] for request in batch.requests[SELLER]}
    assert buttons >= {"close", "refund", "none"}
    assert {request.consent for request in batch.requests[SELLER]} >= {
        Consent.NONE,
        Consent.DECLARED,
        Consent.PROVED,
    }
    assert batch.returned


def test_the_portal_understands_what_its_people_are_to_do(batch: Batch) -> None:
    assert batch.actors
    for actor in batch.actors:
        ActorSpec.model_validate(actor)
        assert actor["orders"]
        assert "times" not in actor  # it would count over all orders of the rule


@pytest.mark.parametrize("skin", list(Skin))
def test_the_settings_of_the_demo_are_good(tmp_path: Path, skin: Skin) -> None:
    settings = load(written_settings(tmp_path, "http://127.0.0.1:8765", skin, headed=False))
    assert settings.store.evidence.is_relative_to(tmp_path)
    assert settings.store.signing_key.is_relative_to(tmp_path)
    assert {name: shop.role for name, shop in settings.shops.items()} == {
        SELLER: Role.SELLER,
        PURCHASER: Role.PURCHASER,
    }


# --- The check

CASE = Case(
    case_id="c1",
    shop=SELLER,
    portal="mock_classic",
    account="seller",
    role=Role.SELLER,
    order_id=ORDER,
    reason=Reason.UNPAID_TIMEOUT,
    note="",
    consent=Consent.NONE,
    state=CaseState.ENDED,
    created_at=NOW,
    due_at=None,
    outcome=Outcome.CLOSED,
)
OPEN = {"state": "waitbuyerpay", "pay_state": "1"}
PAID = {"state": "waitsellersend", "pay_state": "2"}
GONE = {"state": "cancel", "pay_state": "1"}


def happened(*whats: str, by: str = "seller", order_id: str = ORDER) -> list[dict[str, Any]]:
    return [{"order_id": order_id, "what": what, "by": by} for what in whats]


def differences(case: Case, before: Any, after: Any, ledger: list[dict[str, Any]]) -> list[str]:
    return check([case], before={ORDER: before}, after={ORDER: after}, ledger=ledger)


def test_a_closing_that_happened_once_agrees() -> None:
    assert differences(CASE, OPEN, GONE, happened("order_closed")) == []


@pytest.mark.parametrize(
    ("changes", "before", "after", "ledger"),
    [
        ({}, OPEN, OPEN, []),
        ({}, OPEN, GONE, happened("order_closed", "order_closed")),
        ({}, PAID, {"state": "cancel", "pay_state": "2"}, happened("order_closed")),
        ({}, GONE, GONE, []),
        ({"outcome": Outcome.ALREADY_CLOSED}, OPEN, OPEN, []),
        ({"outcome": Outcome.NOT_ELIGIBLE}, OPEN, GONE, happened("order_closed")),
        ({"outcome": Outcome.HANDED_OVER}, PAID, PAID, happened("refund_applied")),
        ({"outcome": Outcome.REJECTED}, PAID, PAID, happened("message_sent", "message_sent")),
        (
            {"state": CaseState.WAITING, "outcome": None, "waiting_for": WaitingFor.PLATFORM},
            PAID,
            PAID,
            happened("ticket_filed", "ticket_filed"),
        ),
        ({}, OPEN, GONE, [*happened("order_closed"), *happened("memo_written", order_id="999999999999999999")]),
    ],
)
def test_every_difference_is_found(
    changes: dict[str, Any], before: dict[str, str], after: dict[str, str], ledger: list[dict[str, Any]]
) -> None:
    assert differences(replace(CASE, **changes), before, after, ledger)


@pytest.mark.parametrize(
    ("outcome", "before", "ledger"),
    [
        (Outcome.ALREADY_CLOSED, GONE, []),
        (Outcome.REJECTED, PAID, [*happened("message_sent"), *happened("message_sent", by="buyer")]),
        (Outcome.HANDED_OVER, PAID, []),
    ],
)
def test_an_order_that_was_left_alone_agrees(
    outcome: Outcome, before: dict[str, str], ledger: list[dict[str, Any]]
) -> None:
    assert differences(replace(CASE, outcome=outcome), before, before, ledger) == []
