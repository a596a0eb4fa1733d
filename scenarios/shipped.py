"""Shipped orders: negotiate, take the goods back, then the refund; a refusal goes to dispute."""

from agent.domain.acts import Act, ActKind, End, Verdict, Wait
from agent.domain.cases import Outcome, Role, WaitingFor
from agent.domain.consent import Reading
from agent.domain.orders import OrderState, RefundKind, RefundState, ReturnParcel
from scenarios.apply import application, pictures_missing
from scenarios.common import ask_first, moved_on, over_or_untouchable, terms_changed
from scenarios.dispute import call_platform_in
from scenarios.facts import Facts
from scenarios.texts import template_of

NEGOTIATE = "negotiate_return"
_RETURNS = frozenset({ActKind.AGREE_RETURN, ActKind.CONFIRM_RETURN, ActKind.APPLY_REFUND})


def shipped(facts: Facts, reading: Reading | None) -> Verdict:
    """Decide one pass over an order that was on its way when the case began."""
    common = over_or_untouchable(facts)
    if common is not None:
        return common
    if facts.order.state is not OrderState.SHIPPED:
        return moved_on(facts, f"the order was shipped and is now {facts.order.state}")
    if not facts.possible & _RETURNS:
        return End(Outcome.HANDED_OVER, "this portal has no returns: what becomes of a shipped order is a person's")
    asked = ask_first(facts, NEGOTIATE, template_of(NEGOTIATE, facts.role), reading) or terms_changed(facts)
    if asked is not None:
        return asked
    return _as_seller(facts) if facts.role is Role.SELLER else _as_purchaser(facts)


def _as_seller(facts: Facts) -> Verdict:
    order = facts.order
    match order.refund.state:
        case RefundState.CLOSED if facts.did(ActKind.AGREE_RETURN):
            return Wait(
                WaitingFor.HUMAN,
                "the return that we agreed to was closed again, and no goods came: look what is wanted",
            )
        case RefundState.NONE | RefundState.CLOSED:
            return Wait(WaitingFor.RETURN_PARCEL, "agreed; the buyer has not applied for the return yet")
        case RefundState.WAIT_SELLER if facts.did(ActKind.AGREE_RETURN):
            return Wait(
                WaitingFor.HUMAN, "the buyer has applied once more after we had agreed: a person decides this one"
            )
        case RefundState.WAIT_SELLER:
            return _agree_return(facts)
        case RefundState.WAIT_BUYER_SEND:
            return Wait(WaitingFor.RETURN_PARCEL, "the return is agreed; the parcel is not sent yet")
        case RefundState.WAIT_SELLER_RECEIVE:
            return _take_back(facts)
        case RefundState.WAIT_BUYER_MODIFY:
            return Wait(WaitingFor.COUNTERPARTY, "the buyer has to change the refund application")
        case RefundState.SUCCESS:
            return Wait(WaitingFor.REFUND, "the refund is paid; the order does not show as closed yet")


def _agree_return(facts: Facts) -> Verdict:
    order = facts.order
    if order.refund.kind is not RefundKind.RETURN:
        return Wait(WaitingFor.HUMAN, "the buyer wants the money without sending back the shipped goods")
    if ActKind.AGREE_RETURN not in order.controls:
        return Wait(WaitingFor.HUMAN, "the return is applied for and the page offers no button to agree to it")
    if order.refund.amount is None or order.refund.amount > order.amount:
        return Wait(WaitingFor.HUMAN, "the refund's amount is not shown, or is more than the order's")
    return Act(
        ActKind.AGREE_RETURN,
        "agree_return",
        "the buyer has applied for the agreed return",
        amount=order.refund.amount,
    )


def _take_back(facts: Facts) -> Verdict:
    order = facts.order
    if not _parcel_is_here(facts):
        return Wait(
            WaitingFor.RETURN_PARCEL, "the parcel is on its way; confirm its arrival with 'answer CASE received'"
        )
    if order.refund.amount != order.amount:
        return Wait(WaitingFor.HUMAN, "the refund is not for the whole amount: paying it would not close the order")
    if ActKind.CONFIRM_RETURN not in order.controls:
        return Wait(WaitingFor.HUMAN, "the parcel is here and the page offers no button to confirm and refund")
    return Act(ActKind.CONFIRM_RETURN, "confirm_return", "the returned goods are here", amount=order.refund.amount)


def _as_purchaser(facts: Facts) -> Verdict:
    order = facts.order
    ours = facts.did(ActKind.APPLY_REFUND)
    match order.refund.state:
        case RefundState.NONE | RefundState.CLOSED if not ours:
            return _apply(facts)
        case RefundState.CLOSED:
            return Wait(
                WaitingFor.HUMAN,
                "our refund application was closed without the money: apply again on the portal, or say"
                " 'answer CASE give-up'",
            )
        case RefundState.WAIT_BUYER_MODIFY if ours:
            return call_platform_in(facts)
        case RefundState.SUCCESS:
            return Wait(WaitingFor.REFUND, "the refund is paid; the order does not show as closed yet")
        case RefundState.WAIT_BUYER_SEND:
            return _send_back(facts)
        case RefundState.WAIT_SELLER | RefundState.WAIT_SELLER_RECEIVE:
            return Wait(WaitingFor.COUNTERPARTY, "the supplier has to answer the refund application")
        case _:
            return Wait(WaitingFor.HUMAN, f"the refund is {order.refund.state}, which this path does not expect")


def _send_back(facts: Facts) -> Verdict:
    """Decide about goods that the supplier takes back: a person sends them, we tell the portal which way."""
    sent, where = facts.sent_back, facts.order.return_address or "-"
    if sent is None:
        return Wait(
            WaitingFor.RETURN_PARCEL,
            f"the supplier takes the goods back: send them to {where}, and say which way with"
            f" 'answer CASE sent --carrier C --number N'",
            answers=("sent --carrier C --number N",),
        )
    if facts.did(ActKind.SEND_RETURN):
        return Wait(WaitingFor.HUMAN, "the parcel's number was told, and the page still asks for it")
    if ActKind.SEND_RETURN not in facts.order.controls:
        return Wait(
            WaitingFor.HUMAN, f"the page offers no button to tell the parcel's number: do it there ({sent.words})"
        )
    return Act(ActKind.SEND_RETURN, "send_return", "the goods are on their way back", fields=sent.as_json())


def _apply(facts: Facts) -> Verdict:
    order = facts.order
    if not _parcel_is_here(facts):
        if facts.sent_back is None:
            return Wait(
                WaitingFor.RETURN_PARCEL,
                "agreed; the goods are not back yet",
                answers=("sent --carrier C --number N",),
            )
        return Wait(
            WaitingFor.RETURN_PARCEL,
            f"the goods are on their way back ({facts.sent_back.words}); confirm with 'answer CASE received' once the"
            " supplier has them",
        )
    if ActKind.APPLY_REFUND not in order.controls:
        return Wait(WaitingFor.HUMAN, "the goods are back and the page offers no refund button")
    return pictures_missing(facts) or Act(
        ActKind.APPLY_REFUND,
        "refund",
        "agreed, and the goods are back",
        amount=order.amount,
        fields=application(facts),
    )


def _parcel_is_here(facts: Facts) -> bool:
    return facts.parcel_word or ReturnParcel.RECEIVED in (facts.order.parcel, facts.order.refund.parcel)
