"""Every path of the article, in both roles and on every skin, judged by the portal's ledger."""

from collections.abc import Callable

import pytest
from e2e_shop import Shop, agreed, want

from agent.domain.cases import CaseState, Consent, Outcome, Path, WaitingFor
from agent.domain.reasons import Reason

OpenShop = Callable[..., Shop]
QUICK = {"promo": False, "render_ms": 20}
YES = {
    "who": "buyer",
    "on": "message_sent",
    "by": "seller",
    "after_s": 0,
    "do": "reply",
    "args": {"text": "同意，谢谢"},
}


def paid(shop: Shop, button: str, n: int = 0) -> str:
    """Return a plain paid order that shows this button to the seller."""
    found = shop.orders(
        state="waitsellersend", pay_state="2", refund_state="", button=button, partly_shipped=False, frozen=False,
        disputed=False, stages=[],
    )  # fmt: skip
    return str(found[n]["order_id"])


def shipped(shop: Shop) -> str:
    """Return a plain shipped order."""
    found = shop.orders(state="waitbuyerreceive", refund_state="", frozen=False, disputed=False, stages=[])
    return str(found[0]["order_id"])


def unpaid(shop: Shop, n: int = 0) -> str:
    """Return a plain unpaid order."""
    found = shop.orders(state="waitbuyerpay", pay_state="1", frozen=False, disputed=False, stages=[])
    return str(found[n]["order_id"])


def test_unpaid_orders_are_closed_once_for_the_reason_asked(open_shop: OpenShop, skin: str) -> None:
    shop = open_shop(skin, **QUICK)
    first, second = unpaid(shop), unpaid(shop, 1)
    shop.run(want(first, Reason.UNPAID_TIMEOUT), want(second, Reason.OTHER, note="客户重复下单"))
    assert [shop.what(order) for order in (first, second)] == [["order_closed"], ["order_closed"]]
    assert (shop.order(first)["close_reason"], shop.order(first)["closed_by"]) == (
        "unpaidTimeout",
        "CLOSE_TRADE_BY_SELLER",
    )
    assert (shop.order(second)["close_reason"], shop.order(second)["close_remark"]) == ("other", "客户重复下单")
    assert shop.case(first).outcome is Outcome.CLOSED


@pytest.mark.slow
def test_a_run_ends_though_what_waits_comes_due_faster_than_it_is_looked_at(open_shop: OpenShop) -> None:
    """So it is where each look takes longer than the wait, as on a slow portal."""
    shop = open_shop("classic", extra='waits = { platform = "0s" }', **QUICK)
    ticket, plain = paid(shop, "none"), unpaid(shop)
    end = shop.run(agreed(ticket), want(plain))
    assert end.stopped_by is None
    assert (shop.what(ticket), shop.what(plain)) == (["ticket_filed"], ["order_closed"])
    assert shop.case(ticket).waiting_for is WaitingFor.PLATFORM


@pytest.mark.slow
def test_a_page_that_comes_seconds_late_and_piece_by_piece_is_waited_for(open_shop: OpenShop) -> None:
    """Buttons that are not there yet are not taken for missing ones: that would have made it a ticket."""
    shop = open_shop("lit", promo=False, render_ms=2500)
    order = paid(shop, "close")
    shop.run(agreed(order))
    assert shop.what(order) == ["order_closed", "refund_paid"], shop.case(order).why
    assert shop.case(order).outcome is Outcome.CLOSED


@pytest.mark.slow
def test_paid_orders_with_consent_go_by_whichever_button_is_there(open_shop: OpenShop, skin: str) -> None:
    shop = open_shop(skin, **QUICK)
    by_close, by_refund = paid(shop, "close"), paid(shop, "refund")
    shop.run(agreed(by_close, Reason.OUT_OF_STOCK), agreed(by_refund, Reason.OUT_OF_STOCK))
    assert shop.what(by_close).count("order_closed") == 1
    assert "refund_applied" not in shop.what(by_close)
    assert shop.what(by_refund).count("refund_applied") == 1
    for order in (by_close, by_refund):
        assert shop.order(order)["refund_state"] == "refundsuccess"
        assert shop.case(order).outcome is Outcome.CLOSED


@pytest.mark.slow
def test_without_a_button_support_gets_a_ticket_with_evidence_and_closes_the_order(
    open_shop: OpenShop, skin: str
) -> None:
    shop = open_shop(skin, **QUICK)
    order = paid(shop, "none")
    shop.run(agreed(order))
    assert shop.what(order) == ["ticket_filed"]
    assert (shop.case(order).path, shop.case(order).waiting_for) == (Path.TICKET, WaitingFor.PLATFORM)
    (ticket,) = shop.order(order)["tickets"]
    (pack,) = [file for file in ticket["attachments"] if file["name"].endswith(".html")]
    assert pack["size"] > 10_000
    shop.actors({"who": "platform", "on": "start", "orders": [order], "after_s": 0, "do": "ticket_resolve"})
    shop.run(ahead_s=5)
    assert shop.what(order).count("ticket_filed") == 1
    case = shop.case(order)
    assert (case.outcome, case.by) == (Outcome.CLOSED, "platform")


def test_a_paid_order_without_consent_asks_once_and_goes_on_by_the_buyers_own_yes(
    open_shop: OpenShop, skin: str
) -> None:
    shop = open_shop(skin, **QUICK)
    order = paid(shop, "close")
    shop.run(want(order, Reason.OUT_OF_STOCK))
    assert shop.what(order) == ["message_sent"]
    assert shop.case(order).waiting_for is WaitingFor.CONSENT
    shop.run(ahead_s=5)
    assert shop.what(order) == ["message_sent"], "asked once only"
    shop.actors(YES | {"on": "start", "by": None, "orders": [order]})
    shop.run(ahead_s=10)
    assert shop.what(order).count("order_closed") == 1
    assert [entry["by"] for entry in shop.ledger(order) if entry["what"] == "message_sent"] == ["seller", "buyer"]
    assert (shop.case(order).consent, shop.case(order).outcome) == (Consent.PROVED, Outcome.CLOSED)


UNCLEAR = (
    ("reply", {"text": "同意的话能不能先发货？"}, "同意的话能不能先发货？"),
    ("reply", {"text": "要得嘛，退嘛"}, "要得嘛，退嘛"),
    ("send_sticker", {}, "[图片]"),
)


@pytest.mark.slow
def test_a_no_ends_the_case_and_an_unclear_answer_is_a_persons(open_shop: OpenShop, skin: str) -> None:
    shop = open_shop(skin, **QUICK)
    refused, *others = [paid(shop, "close", n) for n in range(1 + len(UNCLEAR))]
    unclear = dict(zip(others, UNCLEAR, strict=True))
    shop.actors(
        YES | {"orders": [refused], "args": {"text": "不同意"}},
        *(YES | {"orders": [order], "do": do, "args": args} for order, (do, args, _) in unclear.items()),
    )
    shop.run(want(refused), *map(want, unclear), lanes=2, wait_s=3)
    assert "order_closed" not in [entry["what"] for entry in shop.ledger()]
    assert shop.case(refused).outcome is Outcome.REJECTED
    for order, (_, _, shown) in unclear.items():
        assert shop.case(order).waiting_for is WaitingFor.HUMAN
        assert shop.case(order).why.endswith(shown)


def test_consent_denied_in_the_request_changes_nothing(open_shop: OpenShop, skin: str) -> None:
    shop = open_shop(skin, **QUICK)
    order = paid(shop, "close")
    shop.run(want(order, consent=Consent.DENIED))
    assert shop.what(order) == []
    assert shop.case(order).outcome is Outcome.REJECTED


@pytest.mark.slow
def test_a_buyers_open_refund_is_decided_instead_of_closing(open_shop: OpenShop, skin: str) -> None:
    shop = open_shop(skin, **QUICK)
    order = paid(shop, "close")
    shop.actors({"who": "buyer", "on": "start", "orders": [order], "after_s": 0, "do": "apply_refund"})
    shop.run(agreed(order))
    assert [(entry["what"], entry["by"]) for entry in shop.ledger(order)][:2] == [
        ("refund_applied", "buyer"),
        ("refund_agreed", "seller"),
    ]
    assert shop.case(order).outcome is Outcome.CLOSED


@pytest.mark.slow
def test_the_seller_takes_shipped_goods_back_before_any_money_moves(open_shop: OpenShop, skin: str) -> None:
    shop = open_shop(skin, **QUICK)
    order = shipped(shop)
    shop.actors(
        YES | {"orders": [order]},
        {"who": "buyer", "on": "message_sent", "by": "seller", "after_s": 1, "do": "request_return", "orders": [order]},
        {"who": "buyer", "on": "return_agreed", "after_s": 0, "do": "send_return", "orders": [order]},
    )
    shop.run(want(order), wait_s=4)
    assert shop.case(order).waiting_for is WaitingFor.RETURN_PARCEL
    assert [entry["what"] for entry in shop.ledger(order) if entry["by"] == "seller"] == [
        "message_sent",
        "return_agreed",
    ]
    shop.answer(order, "received")
    shop.run(ahead_s=10)
    assert shop.what(order).count("refund_agreed") == 1
    assert shop.order(order)["state"] == "cancel"
    assert shop.case(order).outcome is Outcome.CLOSED


def purchaser_flow(shop: Shop, order: str, answer: str) -> None:
    shop.actors(
        YES | {"who": "supplier", "by": "purchaser", "orders": [order]},
        {"who": "supplier", "on": "refund_applied", "after_s": 0, "do": answer, "orders": [order]},
    )
    shop.run(want(order, Reason.WRONG_ORDER_INFO), wait_s=3)
    assert shop.case(order).waiting_for is WaitingFor.RETURN_PARCEL
    assert "refund_applied" not in shop.what(order), "no refund before the goods are back"
    shop.answer(order, "received")
    shop.run(wait_s=3, ahead_s=5)


@pytest.mark.slow
def test_the_purchasers_refund_after_the_return_closes_when_the_supplier_agrees(open_shop: OpenShop, skin: str) -> None:
    shop = open_shop(skin, role="purchaser", **QUICK)
    order = shipped(shop)
    purchaser_flow(shop, order, "agree_refund")
    assert [entry["what"] for entry in shop.ledger(order) if entry["by"] == "purchaser"] == [
        "message_sent",
        "refund_applied",
    ]
    assert shop.case(order).outcome is Outcome.CLOSED


@pytest.mark.slow
def test_the_purchasers_refused_refund_goes_to_dispute_with_evidence(open_shop: OpenShop, skin: str) -> None:
    shop = open_shop(skin, role="purchaser", **QUICK)
    order = shipped(shop)
    purchaser_flow(shop, order, "refuse_refund")
    assert shop.what(order).count("dispute_opened") == 1
    case = shop.case(order)
    assert (case.state, case.waiting_for) == (CaseState.WAITING, WaitingFor.PLATFORM)


@pytest.mark.slow
def test_the_purchaser_cancels_unpaid_and_applies_for_refund_on_paid_orders(open_shop: OpenShop, skin: str) -> None:
    shop = open_shop(skin, role="purchaser", **QUICK)
    order, bought = unpaid(shop), paid(shop, "none")
    shop.actors({"who": "supplier", "on": "refund_applied", "after_s": 0, "do": "agree_refund"})
    shop.run(want(order), want(bought), wait_s=3)
    assert shop.order(order)["closed_by"] == "CLOSE_TRADE_BY_BUYER"
    assert shop.what(bought)[:2] == ["refund_applied", "refund_agreed"]
    assert [shop.case(one).outcome for one in (order, bought)] == [Outcome.CLOSED, Outcome.CLOSED]


@pytest.mark.slow
def test_a_person_is_told_before_the_portal_decides_a_refund_by_itself(open_shop: OpenShop, skin: str) -> None:
    shop = open_shop(skin, role="purchaser", **QUICK)
    order = paid(shop, "none")
    shop.run(agreed(order))
    assert shop.word(order) == "waiting:counterparty"
    shop.later(4 * 86400 - 3600)
    assert shop.word(order) == "waiting:counterparty", "five days are given, and the last of them has not begun"
    shop.later(2 * 3600)
    assert shop.word(order) == "waiting:human"
    assert "the portal decides by itself in 23 h" in shop.case(order).why
    shop.actors({"who": "supplier", "on": "start", "do": "agree_refund", "orders": [order]})
    shop.later(3600)
    assert shop.case(order).outcome is Outcome.CLOSED
