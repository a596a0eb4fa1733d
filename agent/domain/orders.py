"""An order as its page shows it now: frozen facts, in our own words."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from agent.domain.ids import OrderId
from agent.domain.money import Fen, format_yuan

_NOTHING = Fen(0)


class OrderState(StrEnum):
    """Where an order stands."""

    UNPAID = "unpaid"
    PAYING = "paying"  # a payment is under way: neither unpaid nor paid
    PAID = "paid"
    PARTLY_SHIPPED = "partly_shipped"
    SHIPPED = "shipped"
    RECEIVED = "received"
    SUCCESS = "success"
    CLOSED = "closed"
    TERMINATED = "terminated"
    UNSUPPORTED = "unsupported"  # a state the profile knows and no scenario handles


class PayState(StrEnum):
    """Where the buyer's money stands."""

    UNPAID = "unpaid"
    PAYING = "paying"
    AUTHORISED = "authorised"  # set aside at the buyer's bank, not taken
    PAID = "paid"
    REFUNDING = "refunding"  # all of it is on its way back, and not all of it has arrived
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"
    SETTLED = "settled"


class PaymentEvent(StrEnum):
    """One thing that was done with an order's money, on portals that list them."""

    PAYING = "paying"  # under way: nobody knows yet what becomes of it
    AUTHORISED = "authorised"
    VOIDED = "voided"  # an authorisation that was given up
    PAID = "paid"
    REFUNDING = "refunding"  # on its way back, not there yet
    REFUNDED = "refunded"
    FAILED = "failed"  # it changed nothing


class RefundState(StrEnum):
    """Where a refund stands, and whose turn it is."""

    NONE = "none"
    WAIT_SELLER = "wait_seller"
    WAIT_BUYER_MODIFY = "wait_buyer_modify"
    WAIT_BUYER_SEND = "wait_buyer_send"
    WAIT_SELLER_RECEIVE = "wait_seller_receive"
    SUCCESS = "success"
    CLOSED = "closed"


class RefundKind(StrEnum):
    """What a refund gives back."""

    MONEY = "money"
    RETURN = "return"


class ReturnParcel(StrEnum):
    """Where returned goods are."""

    NONE = "none"
    SENT = "sent"
    RECEIVED = "received"


class ClosedBy(StrEnum):
    """Who closed an order, as the portal records it."""

    SELLER = "seller"
    BUYER = "buyer"
    SYSTEM = "system"
    PLATFORM = "platform"
    UNKNOWN = "unknown"
    UNRECORDED = "unrecorded"  # this portal keeps no record of who closes orders


class ItemShipping(StrEnum):
    """Where one line of an order is."""

    NOT_SHIPPED = "not_shipped"
    SHIPPED = "shipped"
    PARTLY = "partly"
    RECEIVED = "received"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Item:
    """One line of an order."""

    sub_order_id: str
    title: str
    spec: str
    quantity: str
    shipping: ItemShipping | None
    sku: str = ""  # what the shop's stock calls it; empty where the page does not tell


@dataclass(frozen=True, slots=True)
class Refund:
    """The refund that an order's page shows."""

    state: RefundState
    kind: RefundKind | None = None
    refund_id: str = ""
    amount: Fen | None = None
    applicant: str = ""  # "buyer" or "seller"
    reason: str = ""
    parcel: ReturnParcel = ReturnParcel.NONE
    until: datetime | None = None  # when the portal decides by itself
    refusal: str = ""  # what the other side has said against it
    ended_by: str = ""  # whose act has ended it, in words of ``party``; "system": a timer has run out


class RuledFor(StrEnum):
    """In whose favour the platform has decided a dispute."""

    BUYER = "buyer"
    SELLER = "seller"


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the platform has decided about a dispute; ``amount`` is what goes back to the buyer."""

    favour: RuledFor
    amount: Fen | None = None
    text: str = ""
    at: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the ruling as plain JSON."""
        return {
            "favour": self.favour.value,
            "amount": None if self.amount is None else format_yuan(self.amount),
            "text": self.text,
            "at": None if self.at is None else self.at.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Closing:
    """What the portal records about how an order was closed."""

    by: ClosedBy
    reason: str = ""
    remark: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """One order, read fresh from its detail page.

    ``controls`` are the canonical names of the controls that the action bar shows; ``unknown_controls`` the
    labels there that the profile does not know. An order whose action bar did not come has not been read.
    ``refunded`` is the money given back so far, on portals whose pages say it, and ``going_back`` what is on its way;
    ``refund_failed`` says that a refund listed there did not go through. ``key`` is what the portal itself calls the
    order in what it sends, and ``parts`` what it calls its payments and the like, by the field that holds them.
    ``return_address`` and ``tracking`` are where returned goods go and by which parcel, as the page shows them.
    ``remark`` and ``tags`` are None on portals whose pages do not tell them.
    """

    order_id: OrderId
    state: OrderState
    pay_state: PayState
    amount: Fen
    created_at: datetime | None
    controls: frozenset[str]
    unknown_controls: tuple[str, ...] = ()
    refund: Refund = Refund(RefundState.NONE)
    parcel: ReturnParcel = ReturnParcel.NONE
    return_address: str = ""
    tracking: str = ""
    items: tuple[Item, ...] = ()
    staged: bool = False
    frozen: bool = False
    disputed: bool = False
    ruling: Ruling | None = None
    closing: Closing | None = None
    refunded: Fen | None = None
    going_back: Fen = _NOTHING
    refund_failed: bool = False
    key: str = ""
    parts: tuple[tuple[str, str], ...] = ()
    buyer: str = field(default="", repr=False)
    remark: str | None = field(default=None, repr=False)
    tags: tuple[str, ...] | None = None


def balance(events: Sequence[tuple[PaymentEvent, Fen]], amount: Fen) -> tuple[PayState, Fen]:
    """Return where an order's money stands after all that was done with it, and how much of it went back.

    What was paid or authorised in part only is ``paying``: neither unpaid nor paid.
    """
    sums = {kind: sum(fen for event, fen in events if event is kind) for kind in PaymentEvent}
    paid, refunded = sums[PaymentEvent.PAID], sums[PaymentEvent.REFUNDED]
    held = sums[PaymentEvent.AUTHORISED] - sums[PaymentEvent.VOIDED] - paid
    going = refunded + sums[PaymentEvent.REFUNDING]
    if sums[PaymentEvent.PAYING]:
        state = PayState.PAYING
    elif going > refunded and going >= max(paid, amount):
        state = PayState.REFUNDING
    elif going:
        state = PayState.REFUNDED if refunded >= max(paid, amount) else PayState.PARTLY_REFUNDED
    elif paid:
        state = PayState.PAID if paid >= amount else PayState.PAYING
    elif held > 0:
        state = PayState.AUTHORISED if held >= amount else PayState.PAYING
    else:
        state = PayState.UNPAID
    return state, Fen(refunded)


def charged(events: Sequence[tuple[PaymentEvent, Fen]]) -> Fen:
    """Return how much of the buyer's money was taken or is held, whatever went back of it."""
    sums = {kind: sum(fen for event, fen in events if event is kind) for kind in PaymentEvent}
    return Fen(max(sums[PaymentEvent.PAID], sums[PaymentEvent.AUTHORISED] - sums[PaymentEvent.VOIDED]))


def going_back(events: Sequence[tuple[PaymentEvent, Fen]]) -> Fen:
    """Return how much is on its way back to the buyer."""
    return Fen(sum(fen for event, fen in events if event is PaymentEvent.REFUNDING))


@dataclass(frozen=True, slots=True)
class Message:
    """One line of the thread with the counterparty, as the portal shows it."""

    sender: str  # "us", "them" or "system"
    text: str
    at: datetime | None


class TicketState(StrEnum):
    """Where a support ticket stands."""

    OPEN = "open"
    MORE_ASKED = "more_asked"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class TicketLine:
    """One line of a ticket's thread; the platform's clerks said it unless it is ours."""

    ours: bool
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Ticket:
    """One support ticket about an order; ``talk`` is None where the portal's profile does not tell who said what."""

    ticket_id: str
    state: TicketState
    title: str
    thread: tuple[str, ...] = ()
    talk: tuple[TicketLine, ...] | None = None

    @property
    def heard(self) -> str:
        """What the platform has said so far, as one short word: what answers it is meant for this and nothing else."""
        lines = [f"{one.text}\0{one.at.isoformat()}" for one in self.talk or () if not one.ours]
        return sha256("\0".join(lines).encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def takes_replies(self) -> bool:
        """Whether a reply still reaches somebody."""
        return self.state is not TicketState.DONE

    @property
    def ours_since(self) -> tuple[TicketLine, ...]:
        """What we have said since the platform's last word."""
        talk = self.talk or ()
        last = max((at for at, one in enumerate(talk) if not one.ours), default=-1)
        return talk[last + 1 :]
