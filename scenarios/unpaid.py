"""Unpaid orders: closed from the list of orders that wait for payment."""

from datetime import timedelta

from agent.domain.acts import Act, ActKind, End, Verdict, Wait
from agent.domain.cases import Outcome, WaitingFor
from agent.domain.orders import OrderState, PayState
from scenarios.common import over_or_untouchable
from scenarios.facts import Facts


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


def _no_button(unknown: tuple[str, ...]) -> str:
    seen = f"; labels there that the profile does not know: {', '.join(unknown)}" if unknown else ""
    return f"the page offers no way to close this unpaid order{seen}"
