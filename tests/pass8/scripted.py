"""The scripted scenarios: one order each, and people around it who do the same thing every time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from tests.chaos.plan import Consent, Habit, Who
from tests.chaos.planning import NO, ODD, UNCLEAR, YES

Role = Literal["seller", "purchaser"]
Made = Callable[[str], Habit]


@dataclass(frozen=True, slots=True)
class Scripted:
    """One kind of order, asked for in one way, among people who behave in one way."""

    role: Role
    kind: str
    consent: Consent = "none"
    habits: tuple[Made, ...] = ()


def _does(who: Who, on: str, do: str, by: str | None = None, **args: str) -> Made:
    def made(order_id: str) -> Habit:
        return Habit(order_id=order_id, who=who, on=on, do=do, by=by, args=args)

    return made


def _buyer_says(text: str) -> Made:
    return _does("buyer", "message_sent", "reply", by="seller", text=text)


def _supplier_says(text: str) -> Made:
    return _does("supplier", "message_sent", "reply", by="purchaser", text=text)


def _returned() -> dict[str, Any]:
    sends = _does("buyer", "return_agreed", "send_return")
    return {"consent": "declared", "habits": (_does("buyer", "start", "request_return"), sends)}


_RESOLVES = _does("platform", "ticket_filed", "ticket_resolve")
_ASKS_MORE = _does("platform", "ticket_filed", "ticket_ask_more")
_CONTENTED = _does("platform", "ticket_replied", "ticket_resolve")
_AGREES = _does("supplier", "refund_applied", "agree_refund", by="purchaser")
_REFUSES = _does("supplier", "refund_applied", "refuse_refund", by="purchaser")

SCRIPTED: Mapping[str, Scripted] = {
    "unpaid": Scripted("seller", "unpaid"),
    "paid, close, agreed": Scripted("seller", "paid_close", "declared"),
    "paid, close, asked and yes": Scripted("seller", "paid_close", habits=(_buyer_says(YES),)),
    "paid, close, asked and no": Scripted("seller", "paid_close", habits=(_buyer_says(NO),)),
    "paid, refund, asked and unclear": Scripted("seller", "paid_refund", habits=(_buyer_says(UNCLEAR),)),
    "paid, refund, agreed": Scripted("seller", "paid_refund", "declared"),
    "paid, no button, resolved": Scripted("seller", "paid_none", "declared", (_RESOLVES,)),
    "paid, no button, asked for more": Scripted("seller", "paid_none", "declared", (_ASKS_MORE,)),
    "paid, no button, resolved after more": Scripted("seller", "paid_none", "declared", (_ASKS_MORE, _CONTENTED)),
    "shipped and returned": Scripted("seller", "shipped", **_returned()),
    "for a person": Scripted("seller", ODD),
    "purchaser, unpaid": Scripted("purchaser", "unpaid"),
    "purchaser, paid, agreed": Scripted("purchaser", "paid_close", "declared", (_AGREES,)),
    "purchaser, paid, refused": Scripted("purchaser", "paid_refund", "declared", (_REFUSES,)),
    "purchaser, shipped": Scripted("purchaser", "shipped", habits=(_supplier_says(YES), _AGREES)),
}
