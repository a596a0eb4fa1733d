"""Unpaid orders: closed from the list of orders that wait for payment."""

from datetime import timedelta

from agent.domain.acts import Act, ActKind, End, Verdict, Wait
from agent.domain.cases import Outcome, WaitingFor
from agent.domain.orders import OrderState, PayState
from scenarios.common import over_or_untouchable
from scenarios.facts import Facts
from scenarios.texts import text

REMIND = "remind_payment"


def unpaid(facts: Facts) -> Verdict:
    """Decide one pass over an order that was unpaid when the case began."""
    order = facts.order
    common = over_or_untouchable(facts)
    if common is not None:
        return common
    if order.state is not OrderState.UNPAID:
        return End(Outcome.NOT_ELIGIBLE, f"the order was unpaid and is now {order.state}: it needs a new request")
    if order.pay_state is not PayState.UNPAID:
        return Wait(WaitingFor.HUMAN, f"the order is unpaid and its payment is {order.pay_state}")
    young = _too_young(facts)
    if young is not None:
        return young
    if facts.did(ActKind.CLOSE):
        return Wait(WaitingFor.HUMAN, "a close was proved and the order shows as unpaid again")
    reminder = _remind_first(facts)
    if reminder is not None:
        return reminder
    if ActKind.CLOSE in order.controls:
        return Act(ActKind.CLOSE, "close", "unpaid, and nothing speaks against it", amount=order.amount)
    return Wait(WaitingFor.HUMAN, _no_button(order.unknown_controls), page_fault=True)


def _too_young(facts: Facts) -> Wait | None:
    created = facts.order.created_at
    if created is None or not facts.min_age:
        return None
    left = facts.min_age - (facts.now - created)
    if left <= timedelta(0):
        return None
    return Wait(WaitingFor.TOO_NEW, f"the portal closes orders from {facts.min_age.seconds} s of age", after=left)


def _remind_first(facts: Facts) -> Verdict | None:
    """Return what comes before the closing, where the rule has the buyer reminded: once, and with time left to pay."""
    rule, created = facts.rule, facts.order.created_at
    if rule is None or rule.remind_after is None or rule.close_after is None or created is None:
        return None
    if facts.reminded_at is None:
        if ActKind.SEND_MESSAGE not in facts.possible:
            return Wait(WaitingFor.HUMAN, "the rule has the buyer reminded, and this portal has no messages")
        words = {"text": text(REMIND, facts)}
        return Act(ActKind.SEND_MESSAGE, REMIND, "unpaid: remind the buyer once", fields=words)
    closes_at = max(created + rule.close_after, facts.reminded_at + (rule.close_after - rule.remind_after))
    left = closes_at - facts.now
    if left <= timedelta(0):
        return None
    return Wait(
        WaitingFor.COUNTERPARTY, "the buyer is reminded to pay; the order is closed if that does not help", after=left
    )


def _no_button(unknown: tuple[str, ...]) -> str:
    seen = f"; labels there that the profile does not know: {', '.join(unknown)}" if unknown else ""
    return f"the page offers no way to close this unpaid order{seen}"
