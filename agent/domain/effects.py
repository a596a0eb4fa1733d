"""What an order's page must show for an act to be proved, and what it shows instead."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, assert_never

from agent.domain.acts import ActKind
from agent.domain.cases import Role
from agent.domain.money import Fen
from agent.domain.orders import ClosedBy, Message, Order, OrderState, PayState, RefundState, ReturnParcel, Ticket
from agent.domain.reviews import Review

_NOTHING = Fen(0)
_SKEW = timedelta(minutes=2)  # how far a portal's clock may run behind ours


class Seen(StrEnum):
    """What a fresh look says of an act."""

    OURS = "ours"  # the effect is there, and the portal's own record fits our act
    NOTHING = "nothing"
    OTHER = "other"  # the order was changed by somebody else
    UNSURE = "unsure"  # an effect is there, and nothing on the page says whose it is


@dataclass(frozen=True, slots=True)
class Meant:
    """What an act was to bring about, as it was bound when it was released.

    ``reason_labels`` are the labels that our reason may have been chosen by; ``since`` is when the act was
    released; ``accepted`` says that the server has answered yes, so that the page only has to agree; ``refunded`` is
    what had been given back before, where the page says it.
    """

    kind: ActKind
    role: Role
    reason_labels: tuple[str, ...] = ()
    amount: Fen = _NOTHING
    refund_id: str = ""
    was_unpaid: bool = False
    since: datetime | None = None
    accepted: bool = False
    refunded: Fen | None = None


def seen_on_order(meant: Meant, order: Order) -> Seen:
    """Return what an order's page says of an act that changes the order.

    Without the server's yes, the portal's own record has to fit in full: who, why and when of a closing, the
    amount or the id of a refund. Whatever has no such record is unsure.
    """
    match meant.kind:
        case ActKind.CLOSE:
            return _closed(meant, order)
        case ActKind.APPLY_REFUND:
            return _applied(meant, order)
        case ActKind.REFUND:
            return _given_back(meant, order)
        case ActKind.AGREE_REFUND | ActKind.CONFIRM_RETURN:
            return _refund_reached(meant, order, {RefundState.SUCCESS})
        case ActKind.AGREE_RETURN:
            later = {RefundState.WAIT_BUYER_SEND, RefundState.WAIT_SELLER_RECEIVE, RefundState.SUCCESS}
            return _refund_reached(meant, order, later)
        case ActKind.OPEN_DISPUTE:
            return _fitting(meant, fits=False) if order.disputed else Seen.NOTHING
        case (
            ActKind.SEND_MESSAGE
            | ActKind.FILE_TICKET
            | ActKind.REPLY_TICKET
            | ActKind.ANSWER_REVIEW
            | ActKind.SET_STOCK
            | ActKind.SEND_RETURN
        ):
            raise ValueError(f"{meant.kind} is not seen on the order's page")
        case other:
            assert_never(other)


def _fitting(meant: Meant, *, fits: bool) -> Seen:
    return Seen.OURS if meant.accepted or fits else Seen.UNSURE


def _closed(meant: Meant, order: Order) -> Seen:
    closing = order.closing
    if order.state is not OrderState.CLOSED or closing is None:
        return Seen.NOTHING
    our_side = ClosedBy.SELLER if meant.role is Role.SELLER else ClosedBy.BUYER
    too_early = meant.since is not None and closing.at is not None and closing.at < meant.since - _SKEW
    other_reason = bool(closing.reason) and closing.reason not in meant.reason_labels
    if closing.by not in {our_side, ClosedBy.UNRECORDED} or too_early or other_reason:
        return Seen.OTHER
    if meant.was_unpaid and order.pay_state is not PayState.UNPAID:
        return Seen.UNSURE  # it was paid while we closed it: a person has to see where the money is
    recorded = closing.by is our_side and bool(closing.reason) and closing.at is not None
    return _fitting(meant, fits=recorded)


def _given_back(meant: Meant, order: Order) -> Seen:
    if meant.refunded is None or order.refunded is None:
        return Seen.UNSURE
    given = order.refunded + order.going_back  # what is on its way has been given, and has not arrived
    if given == meant.refunded:
        return Seen.NOTHING
    return _fitting(meant, fits=False) if given == meant.refunded + meant.amount else Seen.OTHER


def _applied(meant: Meant, order: Order) -> Seen:
    refund = order.refund
    if refund.state in {RefundState.NONE, RefundState.CLOSED}:
        return Seen.OTHER if order.state is OrderState.CLOSED else Seen.NOTHING
    ours = "seller" if meant.role is Role.SELLER else "buyer"
    if refund.applicant != ours:
        return Seen.OTHER
    return _fitting(meant, fits=refund.amount == meant.amount and refund.refund_id != meant.refund_id)


def _refund_reached(meant: Meant, order: Order, wanted: set[RefundState]) -> Seen:
    refund = order.refund
    if refund.state not in wanted:
        return Seen.OTHER if refund.state is RefundState.CLOSED else Seen.NOTHING
    same = bool(meant.refund_id) and refund.refund_id == meant.refund_id and refund.amount == meant.amount
    if order.state is OrderState.CLOSED and not meant.accepted:
        return _money_is_back(meant, order, same=same)
    return _fitting(meant, fits=same)


def _money_is_back(meant: Meant, order: Order, *, same: bool) -> Seen:
    """Whose doing it is that a closed order's refund has succeeded: closing a paid order pays its refund as well."""
    by = order.closing.by if order.closing is not None else ClosedBy.UNKNOWN
    paid_by_closing = by not in {ClosedBy.SYSTEM, ClosedBy.UNKNOWN}
    if paid_by_closing or (same and meant.kind is ActKind.AGREE_RETURN):  # to agree to a return closes nothing
        return Seen.OTHER
    return Seen.UNSURE  # the system closes after a refund of ours, and after a time-out


def seen_in_thread(fields: Mapping[str, Any], thread: tuple[Message, ...]) -> Seen:
    """Return whether the thread shows the message, compared whole, as ours."""
    wanted = _plain(fields["text"])
    sent = any(message.sender == "us" and _plain(message.text) == wanted for message in thread)
    return Seen.OURS if sent else Seen.NOTHING


def seen_in_stock(fields: Mapping[str, Any], shown: int) -> Seen:
    """Return what the number that the stock page shows says of having set it.

    A number that is neither the one from before nor the one that was set is somebody else's: a sale, or a colleague.
    """
    if shown == fields["stock"]:
        return Seen.OURS
    return Seen.NOTHING if shown == fields["was"] else Seen.OTHER


def seen_in_parcel(fields: Mapping[str, Any], order: Order) -> Seen:
    """Return whether the order's page shows the parcel that goes back under our number, or under another."""
    if not order.tracking:
        return Seen.NOTHING if order.parcel is ReturnParcel.NONE else Seen.UNSURE
    return Seen.OURS if str(fields["number"]) in order.tracking.split() else Seen.OTHER


def seen_in_tickets(fields: Mapping[str, Any], tickets: tuple[Ticket, ...]) -> Seen:
    """Return whether the tickets show the one with our title, compared whole."""
    wanted = _plain(fields["title"])
    return Seen.OURS if any(_plain(ticket.title) == wanted for ticket in tickets) else Seen.NOTHING


def seen_in_talk(fields: Mapping[str, Any], tickets: tuple[Ticket, ...]) -> Seen:
    """Return whether the ticket that was replied to shows our reply, compared whole, after what it replies to.

    What has our reference and other words is nobody's to guess about.
    """
    ticket = next((one for one in tickets if one.ticket_id == fields["ticket"]), None)
    if ticket is None or ticket.talk is None:
        return Seen.NOTHING
    wanted, reference = _plain(fields["text"]), str(fields.get("reference", ""))
    said = [_plain(one.text) for one in ticket.talk if one.ours]
    fresh = [_plain(one.text) for one in ticket.ours_since] if ticket.heard == fields["heard"] else said
    if wanted in (said if reference else fresh):
        return Seen.OURS
    return Seen.UNSURE if reference and any(reference in text for text in said) else Seen.NOTHING


def seen_in_reviews(fields: Mapping[str, Any], reviews: tuple[Review, ...]) -> Seen:
    """Return whether a review of the order shows our answer, compared whole, or one of somebody else."""
    wanted = _plain(fields["text"])
    replies = [_plain(review.reply) for review in reviews if review.reply]
    if wanted in replies:
        return Seen.OURS
    return Seen.OTHER if replies else Seen.NOTHING


def _plain(text: str) -> str:
    return " ".join(text.split())
