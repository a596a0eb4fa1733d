"""A refused refund: the platform is called in with the whole record, and what it decides is read back."""

from agent.domain.acts import Act, ActKind, Verdict, Wait
from agent.domain.cases import Role, WaitingFor
from agent.domain.money import format_yuan
from agent.domain.orders import RuledFor
from scenarios.facts import Facts
from scenarios.texts import text

DISPUTE = "dispute"


def call_platform_in(facts: Facts) -> Verdict:
    """Decide about a refund of ours that the counterparty has refused."""
    if facts.did(ActKind.OPEN_DISPUTE):
        return Wait(WaitingFor.HUMAN, "our dispute is over, and the page does not show what the platform has decided")
    if not facts.dispute_said:
        return Wait(
            WaitingFor.HUMAN,
            f"the supplier refused the refund: {facts.order.refund.refusal or '-'}; 'answer CASE dispute' calls the"
            " platform in, or change the application on the portal",
            answers=("dispute",),
        )
    if ActKind.OPEN_DISPUTE not in facts.order.controls:
        return Wait(WaitingFor.HUMAN, "the refund was refused, and the page offers no button to call the platform in")
    return Act(
        ActKind.OPEN_DISPUTE,
        DISPUTE,
        "the supplier refused the refund",
        fields={"text": text("dispute", facts), "evidence_pack": True},
    )


def is_won(facts: Facts) -> bool:
    """Return whether the platform has decided a dispute of ours for us, and all of the money goes back."""
    ruling, ours = facts.order.ruling, RuledFor.SELLER if facts.role is Role.SELLER else RuledFor.BUYER
    if ruling is None or not facts.did(ActKind.OPEN_DISPUTE) or ruling.favour is not ours:
        return False
    return ours is RuledFor.SELLER or ruling.amount is None or ruling.amount >= facts.order.amount


def after_ruling(facts: Facts) -> Wait | None:
    """Return what to do about an open order whose dispute the platform has decided; None where it has not."""
    order, ruling = facts.order, facts.order.ruling
    if ruling is None or order.disputed or not facts.did(ActKind.OPEN_DISPUTE):
        return None
    if is_won(facts):
        return Wait(WaitingFor.REFUND, "the platform has decided for us; the order does not show as closed yet")
    said = ruling.text or "-"
    if ruling.favour is RuledFor.SELLER or ruling.amount is None:
        return Wait(WaitingFor.HUMAN, f"the platform has decided for the {ruling.favour}: {said}")
    back, asked = format_yuan(ruling.amount), format_yuan(order.amount)
    return Wait(WaitingFor.HUMAN, f"the platform has decided that {back} of {asked} yuan go back: {said}")
