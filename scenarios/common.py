"""What every path has in common: orders that are over, and orders that nobody but a person may touch."""

from datetime import timedelta

from agent.domain.acts import GIVE_BACK, Act, ActKind, End, Verdict, Wait
from agent.domain.cases import Consent, Outcome, Role, WaitingFor
from agent.domain.consent import Answer, Reading
from agent.domain.orders import ClosedBy, Order, OrderState, PayState, RefundState
from agent.domain.rules import shown_by
from scenarios.dispute import after_ruling, is_won
from scenarios.facts import Facts
from scenarios.refund_watch import openings
from scenarios.texts import text

ENDING_ACTS = (
    ActKind.CLOSE,
    ActKind.APPLY_REFUND,
    ActKind.REFUND,
    ActKind.AGREE_REFUND,
    ActKind.CONFIRM_RETURN,
    ActKind.FILE_TICKET,
    ActKind.OPEN_DISPUTE,
)
_BY = {
    ClosedBy.SELLER: "seller_other",
    ClosedBy.BUYER: "buyer",
    ClosedBy.SYSTEM: "system",
    ClosedBy.PLATFORM: "platform",
    ClosedBy.UNKNOWN: "unknown",
    ClosedBy.UNRECORDED: "unknown",
}


def over_or_untouchable(facts: Facts) -> Verdict | None:
    """Return a verdict for an order that is over or that only a person may touch, else None."""
    order = facts.order
    if order.state is OrderState.CLOSED:
        return _closed(facts)
    if facts.consent is Consent.DENIED:
        no = "the counterparty did not agree"
        begun = facts.did(*ENDING_ACTS)
        return moved_on(facts, no) if begun else End(Outcome.REJECTED, no, by="counterparty")
    ruled = after_ruling(facts)
    if ruled is not None:
        return ruled
    if order.state in {OrderState.SUCCESS, OrderState.TERMINATED, OrderState.RECEIVED}:
        return moved_on(facts, f"order state is {order.state}: nothing to close")
    return _on_white_list(facts) or _untouchable(facts)


def _on_white_list(facts: Facts) -> Verdict | None:
    """Return the end of a case whose order, or whose buyer, nobody's request may touch."""
    finding = facts.never.finding(shown_by(facts.order))
    if finding.holds is None:
        return Wait(WaitingFor.HUMAN, "the white list names buyers, and the page does not show whose order this is")
    return None if finding.holds else moved_on(facts, finding.text)


def moved_on(facts: Facts, why: str) -> Verdict:
    """Return the end of a case whose order has left its path; a person's, where an act of ours is still open there."""
    begun = [kind for kind in (*ENDING_ACTS, ActKind.SEND_RETURN) if facts.did(kind)]
    if begun:
        return Wait(WaitingFor.HUMAN, f"{why}; but {' and '.join(begun)} of ours is under way")
    return End(Outcome.NOT_ELIGIBLE, why)


def _closed(facts: Facts) -> Verdict:
    closing = facts.order.closing
    by = closing.by if closing is not None else ClosedBy.UNKNOWN
    ours = _our_effect(facts, by)
    if ours is None:
        return End(Outcome.ALREADY_CLOSED, _closed_by_others(facts, by), by=_BY[by])
    if not _money_is_back(facts.order):
        wanted = _give_back(facts)
        if wanted is not None:
            return wanted
    said = "platform" if by is ClosedBy.PLATFORM else "us"
    done = f"{ours} and refund done" if facts.did(ActKind.REFUND) else f"{ours} done"
    if ours is ActKind.OPEN_DISPUTE and facts.order.ruling is not None:
        done = "the platform has decided our dispute for us"
    shown = f"{done}, and the portal shows the order closed"
    if facts.order.refund.ended_by == "system":
        shown = f"{ours} done, the portal agreed by itself as the time ran out, and shows the order closed"
    return End(Outcome.CLOSED, shown, by=said, aftercare=tuple(openings(facts)))


def _closed_by_others(facts: Facts, by: ClosedBy) -> str:
    if facts.order.refund.ended_by == "system":
        return f"closed by {by}: the time of the refund ran out, and the portal agreed to it by itself"
    left = [kind for kind in ENDING_ACTS if facts.did(kind)]
    who = "closed" if by is ClosedBy.UNRECORDED else f"closed by {by}"
    why = who + (f", not by our {' and '.join(left)}" if left else " before we did anything")
    if facts.order.refunded is None or _money_is_back(facts.order):
        return why
    return f"{why}; its payment is {facts.order.pay_state}"  # two facts: that it is over says nothing of the money


def _our_effect(facts: Facts, by: ClosedBy) -> ActKind | None:
    """Return the act of ours that this closing is the effect of, by the portal's record; None where it is not."""
    our_side = ClosedBy.SELLER if facts.role is Role.SELLER else ClosedBy.BUYER
    refunded = facts.order.refund.state is RefundState.SUCCESS
    if by is ClosedBy.PLATFORM and is_won(facts):
        return ActKind.OPEN_DISPUTE
    fitting = {
        ActKind.CLOSE: by in {our_side, ClosedBy.UNRECORDED},
        ActKind.APPLY_REFUND: refunded,
        ActKind.REFUND: False,  # it closes nothing
        ActKind.AGREE_REFUND: refunded,
        ActKind.CONFIRM_RETURN: refunded,
        ActKind.FILE_TICKET: by is ClosedBy.PLATFORM,
        ActKind.OPEN_DISPUTE: by is ClosedBy.PLATFORM and facts.order.ruling is None,
    }
    return next((kind for kind in ENDING_ACTS if fitting[kind] and facts.did(kind)), None)


def _give_back(facts: Facts) -> Verdict | None:
    """Decide about the money of an order that we closed; None where it is on its way and only has to be watched.

    Some portals pay it back with the closing, some do not.
    """
    order = facts.order
    if order.pay_state is PayState.REFUNDING:
        return _unless_watched(facts, "the order is closed; the refund is on its way and not paid yet")
    if facts.did(ActKind.REFUND):
        return Wait(WaitingFor.HUMAN, f"a refund was proved, and the payment is shown as {order.pay_state}")
    if order.pay_state in {PayState.AUTHORISED, PayState.PARTLY_REFUNDED}:
        return Wait(WaitingFor.HUMAN, f"the order is closed and its payment is {order.pay_state}")
    if order.refund_failed:
        return Wait(WaitingFor.HUMAN, f"the order is closed, its payment is {order.pay_state}, and a refund has failed")
    if ActKind.REFUND in order.controls:
        return Act(
            ActKind.REFUND, GIVE_BACK, "closed, agreed, and the money is still with the shop", amount=order.amount
        )
    if ActKind.REFUND in facts.possible:  # here no money goes back by itself
        return Wait(WaitingFor.HUMAN, f"the order is closed and its payment is {order.pay_state}; no refund is offered")
    return _unless_watched(facts, "the order is closed; the refund is not shown as paid yet")


def _unless_watched(facts: Facts, why: str) -> Wait | None:
    """Return a wait where nobody would look after the refund of a case that has ended."""
    return None if facts.wishes.refund_within is not None else Wait(WaitingFor.REFUND, why)


def _money_is_back(order: Order) -> bool:
    return order.pay_state in {PayState.UNPAID, PayState.REFUNDED} or order.refund.state is RefundState.SUCCESS


def _untouchable(facts: Facts) -> Verdict | None:
    order = facts.order
    if order.disputed and facts.did(ActKind.OPEN_DISPUTE):
        return Wait(WaitingFor.PLATFORM, "the platform is deciding our dispute")
    hands_off = [
        (order.disputed, "a dispute is open: the platform is deciding"),
        (order.frozen, "the order is frozen by risk control"),
        (order.staged, "the order is paid in stages"),
        (order.state is OrderState.PARTLY_SHIPPED, "the order is partly shipped"),
        (order.state is OrderState.UNSUPPORTED, "this kind of order is not handled"),
    ]
    for holds, why in hands_off:
        if holds:
            return End(Outcome.HANDED_OVER, why)
    if order.pay_state is PayState.PAYING or order.state is OrderState.PAYING:
        return Wait(WaitingFor.RETRY, "a payment is under way", after=timedelta(minutes=5))
    return None


def terms_changed(facts: Facts) -> Wait | None:
    """Return a wait for a person where the order is no longer what was agreed to."""
    bound = facts.case.terms
    now = facts.terms_now
    if bound is None or bound == now:
        return None
    changed = [name for name in ("state", "amount", "items") if getattr(bound, name) != getattr(now, name)]
    return Wait(WaitingFor.HUMAN, f"the order's {', '.join(changed)} changed since the request was bound to its terms")


def ask_first(facts: Facts, purpose: str, template: str, reading: Reading | None) -> Verdict | None:
    """Return what to do until the counterparty has agreed: ask once, then read the answer; None once agreed."""
    if facts.consented:
        return None
    if facts.consent_expired:
        return Wait(WaitingFor.CONSENT, "the consent is too old to count: a new one is needed")
    if facts.consent is Consent.DECLARED:
        return Wait(WaitingFor.CONSENT, "this shop wants proof of consent: a file, or the buyer's own answer")
    if ActKind.SEND_MESSAGE not in facts.possible:
        return Wait(WaitingFor.CONSENT, "this portal has no messages to ask by: ask again with the consent")
    if not facts.did_for(purpose):
        return Act(ActKind.SEND_MESSAGE, purpose, "ask the counterparty once", fields={"text": text(template, facts)})
    match reading.answer if reading is not None else Answer.NOTHING:
        case Answer.NO:
            return End(Outcome.REJECTED, "the counterparty answered no", by="counterparty")
        case Answer.UNCLEAR:
            said = reading.text[:200] if reading is not None else ""
            return Wait(WaitingFor.HUMAN, f"the answer is neither a clear yes nor a clear no: {said}")
        case Answer.YES | Answer.NOTHING:
            return Wait(WaitingFor.CONSENT, "asked; no answer yet")
