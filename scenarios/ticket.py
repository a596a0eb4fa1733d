"""Orders without a button: the platform's support closes and refunds them, and we follow its ticket."""

from agent.domain.acts import End, Verdict, Wait
from agent.domain.cases import Outcome, WaitingFor
from agent.domain.orders import OrderState, Ticket, TicketState
from scenarios.common import over_or_untouchable
from scenarios.facts import Facts


def ticket(facts: Facts, tickets: tuple[Ticket, ...]) -> Verdict:
    """Decide one pass over an order that platform support was asked to close, by the tickets of our title."""
    common = over_or_untouchable(facts)
    if common is not None:
        return common
    if facts.order.state is not OrderState.PAID:
        return End(Outcome.HANDED_OVER, f"a ticket is filed and the order is now {facts.order.state}")
    if len(tickets) != 1:
        return Wait(WaitingFor.HUMAN, f"our ticket was filed, and the portal shows {len(tickets)} of its title")
    match tickets[0].state:
        case TicketState.OPEN:
            return Wait(WaitingFor.PLATFORM, f"ticket {tickets[0].ticket_id} is with the platform")
        case TicketState.MORE_ASKED:
            return Wait(WaitingFor.HUMAN, f"ticket {tickets[0].ticket_id}: the platform asks for more evidence")
        case TicketState.DONE:
            return Wait(WaitingFor.HUMAN, f"ticket {tickets[0].ticket_id} is finished and the order is still open")
