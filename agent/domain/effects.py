"""What an order's page must show for an act to be proved, and what it shows instead."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, assert_never

from agent.domain.acts import ActKind
from agent.domain.cases import Role
from agent.domain.orders import ClosedBy, Message, Order, OrderState, Refund, RefundState, Ticket

_SKEW = timedelta(minutes=2)  # how far a portal's clock may run behind ours


class Seen(StrEnum):
    """What a fresh look says of an act."""

    OURS = "ours"  # the effect is there, and the portal's own record fits our act
    NOTHING = "nothing"
    OTHER = "other"  # the order was changed by somebody else


def seen_on_order(
    kind: ActKind, order: Order, *, role: Role, reason_labels: tuple[str, ...], since: datetime | None
) -> Seen:
    """Return what an order's page says of an act that changes the order.

    ``reason_labels`` are the labels that our reason may have been chosen by; ``since`` is when the act was
    released: a closing that the portal dates earlier is not ours.
    """
    match kind:
        case ActKind.CLOSE:
            return _closed(order, role, reason_labels, since)
        case ActKind.APPLY_REFUND:
            return _applied(order, role)
        case ActKind.AGREE_REFUND | ActKind.CONFIRM_RETURN:
            return _refund_reached(order.refund, {RefundState.SUCCESS})
        case ActKind.AGREE_RETURN:
            later = {RefundState.WAIT_BUYER_SEND, RefundState.WAIT_SELLER_RECEIVE, RefundState.SUCCESS}
            return _refund_reached(order.refund, later)
        case ActKind.OPEN_DISPUTE:
            return Seen.OURS if order.disputed else Seen.NOTHING
        case ActKind.SEND_MESSAGE | ActKind.FILE_TICKET:
            raise ValueError(f"{kind} is not seen on the order's page")
        case other:
            assert_never(other)


def _closed(order: Order, role: Role, reason_labels: tuple[str, ...], since: datetime | None) -> Seen:
    if order.state is not OrderState.CLOSED or order.closing is None:
        return Seen.NOTHING
    closing = order.closing
    our_side = ClosedBy.SELLER if role is Role.SELLER else ClosedBy.BUYER
    in_time = since is None or closing.at is None or closing.at >= since - _SKEW
    for_our_reason = not closing.reason or closing.reason in reason_labels
    return Seen.OURS if closing.by is our_side and in_time and for_our_reason else Seen.OTHER


def _applied(order: Order, role: Role) -> Seen:
    refund = order.refund
    if refund.state in {RefundState.NONE, RefundState.CLOSED}:
        return Seen.OTHER if order.state is OrderState.CLOSED else Seen.NOTHING
    ours = "seller" if role is Role.SELLER else "buyer"
    return Seen.OURS if refund.applicant == ours else Seen.OTHER


def _refund_reached(refund: Refund, wanted: set[RefundState]) -> Seen:
    if refund.state in wanted:
        return Seen.OURS
    return Seen.OTHER if refund.state is RefundState.CLOSED else Seen.NOTHING


def seen_in_thread(fields: dict[str, Any], thread: tuple[Message, ...]) -> Seen:
    """Return whether the thread shows the message, compared whole, as ours."""
    wanted = _plain(fields["text"])
    sent = any(message.sender == "us" and _plain(message.text) == wanted for message in thread)
    return Seen.OURS if sent else Seen.NOTHING


def seen_in_tickets(fields: dict[str, Any], tickets: tuple[Ticket, ...]) -> Seen:
    """Return whether the tickets show the one with our title, compared whole."""
    wanted = _plain(fields["title"])
    return Seen.OURS if any(_plain(ticket.title) == wanted for ticket in tickets) else Seen.NOTHING


def _plain(text: str) -> str:
    return " ".join(text.split())
