"""Orders without a button: the platform's support closes and refunds them, and we follow its ticket."""

from datetime import timedelta
from typing import Any

from agent.domain.acts import Act, ActKind, End, Verdict, Wait
from agent.domain.cases import Outcome, WaitingFor
from agent.domain.orders import OrderState, Ticket, TicketState
from agent.domain.tickets import SAID, Reply
from scenarios.common import over_or_untouchable
from scenarios.facts import Facts
from scenarios.texts import text

MORE = "ticket_more"
_REMINDER, _REPLY = "ticket_reminder", "ticket_reply"
_AT_ONCE = timedelta(0)
_MARK = 16  # of the word that names a person's reply


def ticket(facts: Facts, tickets: tuple[Ticket, ...]) -> Verdict:
    """Decide one pass over an order that platform support was asked to close, by the tickets of our title."""
    common = over_or_untouchable(facts)
    if common is not None:
        return common
    if facts.order.state is not OrderState.PAID:
        return End(Outcome.HANDED_OVER, f"a ticket is filed and the order is now {facts.order.state}")
    if len(tickets) != 1:
        return Wait(WaitingFor.HUMAN, f"our ticket was filed, and the portal shows {len(tickets)} of its title")
    [one] = tickets
    if one.state is TicketState.DONE:
        return Wait(WaitingFor.HUMAN, f"ticket {one.ticket_id} is finished and the order is still open")
    can_reply = ActKind.REPLY_TICKET in facts.possible and bool(one.talk)
    if not can_reply and one.state is TicketState.MORE_ASKED:
        return Wait(WaitingFor.HUMAN, f"ticket {one.ticket_id}: the platform asks for more evidence")
    if not can_reply:
        return Wait(WaitingFor.PLATFORM, f"ticket {one.ticket_id} is with the platform")
    return _as_said(facts, one) or (_more(facts, one) if _is_our_turn(facts, one) else _silence(facts, one))


def _as_said(facts: Facts, one: Ticket) -> Act | None:
    """Return the reply that a person has given to this ticket as it is now, unless it was sent."""
    said = facts.case.facts.get(SAID)
    reply = None if said is None else Reply.from_json(said)
    if reply is None or (reply.ticket, reply.heard) != (one.ticket_id, one.heard):
        return None
    purpose = f"{_REPLY}_{reply.mark[:_MARK]}"
    if facts.did_for(purpose):
        return None
    return Act(
        ActKind.REPLY_TICKET,
        purpose,
        f"{reply.by} answers the platform",
        fields={"text": reply.text, "files": list(reply.files), **_to(one)},
    )


def _is_our_turn(facts: Facts, one: Ticket) -> bool:
    """Say whether the platform waits for us: it has asked for more, and nobody of us has spoken since."""
    if one.state is not TicketState.MORE_ASKED:
        return False
    spoken = any(not line.ours for line in one.talk or ())  # else it asks by the ticket's state alone
    return not one.ours_since if spoken else not facts.did_for(MORE)


def _more(facts: Facts, one: Ticket) -> Verdict:
    if not facts.did_for(MORE):
        return Act(
            ActKind.REPLY_TICKET,
            MORE,
            f"the platform asks for more in ticket {one.ticket_id}: all the evidence, once",
            fields=_worded(facts, one, MORE, "补充") | {"evidence_pack": True},
        )
    case_id = facts.case.case_id
    return Wait(
        WaitingFor.HUMAN,
        f"ticket {one.ticket_id}: the platform asks for more once again; 'closewright show {case_id}' shows its words;"
        f" then say 'closewright answer {case_id} reply --text FILE [--file FILE]', or 'continue' once it is answered",
    )


def _silence(facts: Facts, one: Ticket) -> Verdict:
    """Decide about a ticket that is with the platform: remind it after a while, and a person after that."""
    wishes, talk = facts.tickets, one.talk or ()
    with_platform = f"ticket {one.ticket_id} is with the platform"
    if wishes.remind_after is None:
        return Wait(WaitingFor.PLATFORM, with_platform)
    left = wishes.remind_after - (facts.now - talk[-1].at)
    if left > _AT_ONCE:
        return Wait(WaitingFor.PLATFORM, with_platform, after=min(left, wishes.look_every))
    sent = sum(facts.did_for(f"{_REMINDER}_{number}") for number in range(1, wishes.reminders + 1))
    if sent < wishes.reminders:
        return Act(
            ActKind.REPLY_TICKET,
            f"{_REMINDER}_{sent + 1}",
            f"the platform has long said nothing in ticket {one.ticket_id}: reminder {sent + 1}",
            fields=_worded(facts, one, _REMINDER, f"催办{sent + 1}"),
        )
    return Wait(
        WaitingFor.HUMAN,
        f"ticket {one.ticket_id}: the platform has long said nothing, after {sent} reminders: see to it on the portal,"
        f" or say 'closewright answer {facts.case.case_id} reply --text FILE [--file FILE]'",
    )


def _worded(facts: Facts, one: Ticket, name: str, what: str) -> dict[str, Any]:
    """Return the fields of a reply in the words of a template; its reference tells it from every other one."""
    return {"text": text(name, facts), "reference": f"（编号：{facts.case.case_id}-{what}）", **_to(one)}


def _to(one: Ticket) -> dict[str, str]:
    return {"ticket": one.ticket_id, "heard": one.heard}
