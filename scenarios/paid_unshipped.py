"""Paid, not shipped: agreed with the buyer first, then by the button that is there, else by a support ticket."""

from agent.domain.acts import Act, ActKind, Verdict, Wait
from agent.domain.cases import Role, WaitingFor
from agent.domain.consent import Reading
from agent.domain.orders import Order, OrderState, PayState, RefundKind, RefundState
from scenarios.apply import application, pictures_missing
from scenarios.common import ask_first, moved_on, over_or_untouchable, terms_changed
from scenarios.dispute import call_platform_in
from scenarios.facts import Facts
from scenarios.texts import text

ASK = "ask_consent"
TICKET = "ticket"


def paid_unshipped(facts: Facts, reading: Reading | None) -> Verdict:
    """Decide one pass over an order that was paid and not shipped when the case began."""
    common = over_or_untouchable(facts)
    if common is not None:
        return common
    if facts.order.state is not OrderState.PAID:
        return moved_on(facts, f"the order was paid and unshipped and is now {facts.order.state}")
    refund = _open_refund(facts) or _money_elsewhere(facts.order)
    if refund is not None:
        return refund
    if facts.role is Role.PURCHASER:
        return terms_changed(facts) or _by_button(facts)
    return ask_first(facts, ASK, ASK, reading) or terms_changed(facts) or _by_button(facts)


def _open_refund(facts: Facts) -> Verdict | None:
    refund = facts.order.refund
    ours = facts.did(ActKind.APPLY_REFUND)
    match refund.state:
        case RefundState.NONE | RefundState.CLOSED:
            return None
        case RefundState.SUCCESS:
            return Wait(WaitingFor.REFUND, "the refund is paid; the order does not show as closed yet")
        case RefundState.WAIT_SELLER if facts.role is Role.SELLER and not ours:
            return terms_changed(facts) or _decide_refund(facts.order)
        case RefundState.WAIT_BUYER_MODIFY if facts.role is Role.PURCHASER and ours:
            return call_platform_in(facts)
        case _:
            return Wait(WaitingFor.COUNTERPARTY, f"a refund is open ({refund.state}); it is not our turn")


def _money_elsewhere(order: Order) -> Verdict | None:
    """Return a person's wait for an order whose money does not stand where a paid order's does."""
    if order.pay_state in {PayState.UNPAID, PayState.REFUNDING, PayState.PARTLY_REFUNDED, PayState.REFUNDED}:
        return Wait(WaitingFor.HUMAN, f"the order is {order.state} and its payment is {order.pay_state}")
    return None


def _decide_refund(order: Order) -> Verdict:
    refund = order.refund
    if refund.kind is not RefundKind.MONEY or refund.amount != order.amount or refund.applicant != "buyer":
        return Wait(WaitingFor.HUMAN, "the buyer's open refund is not for the whole amount of this unshipped order")
    if ActKind.AGREE_REFUND not in order.controls:
        return Wait(WaitingFor.HUMAN, "the buyer's refund is open and the page offers no button to agree to it")
    return Act(ActKind.AGREE_REFUND, "agree_refund", "the buyer has applied for the whole amount", amount=order.amount)


def _by_button(facts: Facts) -> Verdict:
    order = facts.order
    if facts.did(ActKind.CLOSE, ActKind.APPLY_REFUND):
        return Wait(WaitingFor.HUMAN, "a close or refund was proved and the order shows as open again")
    if ActKind.CLOSE in order.controls:
        return Act(ActKind.CLOSE, "close", "paid, agreed, and the page has the close button", amount=order.amount)
    if ActKind.APPLY_REFUND in order.controls:
        return pictures_missing(facts) or Act(
            ActKind.APPLY_REFUND,
            "refund",
            "paid, agreed, and the page has the refund button",
            amount=order.amount,
            fields=application(facts),
        )
    if order.unknown_controls:
        labels = ", ".join(order.unknown_controls)
        return Wait(WaitingFor.HUMAN, f"no known button, and labels unknown to the profile: {labels}", page_fault=True)
    if facts.role is Role.PURCHASER:
        return Wait(WaitingFor.HUMAN, "the page offers no refund button on this order")
    if ActKind.FILE_TICKET not in facts.possible:
        return Wait(WaitingFor.HUMAN, "the page offers no way to close this paid order, and the portal has no tickets")
    return Act(
        ActKind.FILE_TICKET,
        TICKET,
        "paid, agreed, and the page has neither button",
        amount=order.amount,
        fields={"title": text("ticket_title", facts), "text": text("ticket", facts), "evidence_pack": True},
    )
