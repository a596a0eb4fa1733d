"""What the texts of a portal mean."""

from collections.abc import Mapping
from typing import Self

from pydantic import Field, model_validator

from agent.domain.acts import ActKind
from agent.domain.orders import (
    ClosedBy,
    ItemShipping,
    OrderState,
    PaymentEvent,
    PayState,
    RefundKind,
    RefundState,
    ReturnParcel,
    RuledFor,
    TicketState,
)
from agent.domain.reviews import ReviewLevel
from page_objects.profile.strict import Faults, Strict, Words


class ReasonWords(Strict):
    """How a reason is chosen: the first of ``labels`` that the form offers; ``codes`` are what may be sent for it."""

    labels: Words
    codes: Words
    remark: str | None = None


Axis = dict[str, Words]


class WordTables(Strict):
    """Texts to meanings, one table an axis; what is not listed is unreadable."""

    order_state: Axis
    item_shipping: Axis
    controls: Axis
    pay_state: Axis = Field(default_factory=dict)
    payment_event: Axis = Field(default_factory=dict)
    refund_event: Axis = Field(default_factory=dict)
    refund_state: Axis = Field(default_factory=dict)
    trade: Axis = Field(default_factory=dict)
    flag: Axis = Field(default_factory=dict)
    refund_kind: Axis = Field(default_factory=dict)
    party: Axis = Field(default_factory=dict)
    return_parcel: Axis = Field(default_factory=dict)
    ruling: Axis = Field(default_factory=dict)
    closed_by: Axis = Field(default_factory=dict)
    sender: Axis = Field(default_factory=dict)
    ticket_state: Axis = Field(default_factory=dict)
    ticket_sender: Axis = Field(default_factory=dict)
    review_level: Axis = Field(default_factory=dict)

    @model_validator(mode="after")
    def _known_meanings(self) -> Self:
        faults: list[str] = []
        for axis, meanings in AXES.items():
            table: Axis = getattr(self, axis)
            faults += [
                f"{axis}.{word}: not a meaning; use one of {', '.join(meanings)}"
                for word in table
                if word not in meanings
            ]
            seen: dict[str, str] = {}
            for meaning, labels in table.items():
                for label in labels:
                    if seen.setdefault(label, meaning) != meaning:
                        faults.append(f"{axis}: {label!r} means both {seen[label]} and {meaning}")
        if faults:
            raise Faults(faults)
        return self


HARMLESS = "harmless"
AXES: Mapping[str, tuple[str, ...]] = {
    "order_state": tuple(OrderState),
    "pay_state": tuple(PayState),
    "payment_event": tuple(PaymentEvent),
    "refund_event": (PaymentEvent.REFUNDING, PaymentEvent.REFUNDED, PaymentEvent.FAILED),
    "refund_state": tuple(RefundState),
    "refund_kind": tuple(RefundKind),
    "party": ("seller", "buyer", "platform", "system"),
    "return_parcel": tuple(ReturnParcel),
    "ruling": tuple(RuledFor),
    "trade": ("normal", "staged", "unsupported"),
    "flag": ("no", "yes"),
    "item_shipping": tuple(ItemShipping),
    "closed_by": tuple(ClosedBy),
    "sender": ("us", "them", "system"),
    "ticket_state": tuple(TicketState),
    "ticket_sender": ("us", "platform"),
    "review_level": tuple(ReviewLevel),
    "controls": (*(kind.value for kind in ActKind), "refuse_refund", HARMLESS),
}
