"""What a buyer is told when an order has been closed: texts by what was paid and why, filled in without running them.

A note or a template may hold braces of its own: they are taken as text, once.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from agent.domain.ids import OrderId
from agent.domain.money import Fen, format_yuan
from agent.domain.reasons import LABELS, Reason

Tongue = Literal["zh", "en"]
TONGUES: tuple[Tongue, ...] = ("zh", "en")
FIELDS = ("order_id", "reason", "amount", "refund_days")
REFUND_DAYS = 7  # working days; banks of cards are the slowest

_FIELD = re.compile(r"\{\{|\}\}|\{(" + "|".join(FIELDS) + r")\}")


class Text(StrEnum):
    """The parts of a notice that a shop may word itself."""

    SUBJECT = "subject"
    UNPAID = "unpaid"  # nothing was paid: nothing comes back
    PAID = "paid"


@dataclass(frozen=True, slots=True)
class Told:
    """What a notice is about; ``refund`` is what goes back to the buyer, None where nothing was paid."""

    order_id: OrderId
    reason: Reason
    note: str = ""
    refund: Fen | None = None


@dataclass(frozen=True, slots=True)
class Wording:
    """A shop's own words by language, where they differ from ours, and how long a refund may take."""

    texts: Mapping[Tongue, Mapping[Text, str]] = field(default_factory=dict)
    refund_days: int = REFUND_DAYS


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice as it is sent."""

    subject: str
    body: str


_OURS: Mapping[Tongue, Mapping[Text, str]] = {
    "zh": {
        Text.SUBJECT: "您的订单 {order_id} 已关闭",
        Text.UNPAID: "您好，您的订单 {order_id} 已关闭（{reason}）。该订单未付款，无需退款。{more}",
        Text.PAID: (
            "您好，您的订单 {order_id} 已关闭（{reason}）。已付款项 {amount} 元将原路退回，"
            "一般在 {refund_days} 个工作日内到账，以支付渠道为准。{more}"
        ),
    },
    "en": {
        Text.SUBJECT: "Your order {order_id} has been closed",
        Text.UNPAID: "Hello, your order {order_id} has been closed ({reason}). Nothing was paid for it. {more}",
        Text.PAID: (
            "Hello, your order {order_id} has been closed ({reason}). The CNY {amount} that you paid will come"
            " back by the way you paid, usually within {refund_days} working days; your bank or wallet decides the day."
            " {more}"
        ),
    },
}

# A buyer is told what concerns him, never what a shop thinks of him.
_REASONS_ZH: Mapping[Reason, str] = {
    Reason.OUT_OF_STOCK: "商品缺货",
    Reason.UNREACHABLE_BUYER: "未能与您取得联系",
    Reason.WRONG_ORDER_INFO: "订单信息有误",
    Reason.ABUSE: "订单未能通过核对",
    Reason.OFFLINE_TRADE: "已在线下交易",
}
_REASONS_EN: Mapping[Reason, str] = {
    Reason.BUYER_CANCELLED: "as you asked",
    Reason.UNPAID_TIMEOUT: "it was not paid in time",
    Reason.OUT_OF_STOCK: "the goods are out of stock",
    Reason.WRONG_ORDER_INFO: "its details were wrong",
    Reason.UNREACHABLE_BUYER: "we could not reach you",
    Reason.ABUSE: "it could not be verified",
    Reason.OFFLINE_TRADE: "it was traded in person",
    Reason.PRODUCT_INFO_ERROR: "the product's description was wrong",
    Reason.OTHER: "for another reason",
}
_MORE: Mapping[Tongue, Mapping[Reason, str]] = {
    "zh": {
        Reason.OUT_OF_STOCK: "给您带来不便，非常抱歉。",
        Reason.PRODUCT_INFO_ERROR: "给您带来不便，非常抱歉。",
        Reason.UNPAID_TIMEOUT: "如仍需要，欢迎重新下单。",
        Reason.WRONG_ORDER_INFO: "如仍需要，请核对信息后重新下单。",
        Reason.UNREACHABLE_BUYER: "如仍需要，请联系我们或重新下单。",
    },
    "en": {
        Reason.OUT_OF_STOCK: "We are sorry for the inconvenience.",
        Reason.PRODUCT_INFO_ERROR: "We are sorry for the inconvenience.",
        Reason.UNPAID_TIMEOUT: "If you still want the goods, please order again.",
        Reason.WRONG_ORDER_INFO: "If you still want the goods, please order again with the right details.",
        Reason.UNREACHABLE_BUYER: "If you still want the goods, please write to us, or order again.",
    },
}
_THANKS: Mapping[Tongue, str] = {"zh": "谢谢！", "en": "Thank you."}
_NO_WORDS = Wording()


def notice_of(told: Told, language: Tongue, wording: Wording = _NO_WORDS) -> Notice:
    """Return a notice in one language; a shop's own words go before ours."""
    body = Text.UNPAID if told.refund is None else Text.PAID
    return Notice(_filled(Text.SUBJECT, told, language, wording), _filled(body, told, language, wording))


def notice_text(told: Told, language: Tongue, wording: Wording = _NO_WORDS) -> str:
    """Return what a notice says, without its subject: the text of a message on the portal."""
    return notice_of(told, language, wording).body


def unknown_fields(template: str) -> list[str]:
    """Return what stands in a template's braces and is no field of a notice; a stray brace is one, too."""
    rest = _FIELD.sub("", template)
    found = re.findall(r"\{[^{}]*\}?|\}", rest)
    return list(dict.fromkeys(found))


def _filled(text: Text, told: Told, language: Tongue, wording: Wording) -> str:
    own = wording.texts.get(language, {}).get(text)
    template = own if own is not None else _with_more(_OURS[language][text], told.reason, language)
    values = {
        "order_id": told.order_id,
        "reason": reason_for_buyer(told.reason, told.note, language),
        "amount": format_yuan(told.refund or Fen(0)),
        "refund_days": str(wording.refund_days),
    }
    # In one go: what a note holds is never taken for a field.
    filled = _FIELD.sub(lambda found: values[found[1]] if found[1] else found[0][0], template)
    return filled.strip()


def _with_more(template: str, reason: Reason, language: Tongue) -> str:
    parts = (_MORE[language].get(reason, ""), _THANKS[language])
    return template.replace("{more}", ("" if language == "zh" else " ").join(part for part in parts if part))


def reason_for_buyer(reason: Reason, note: str, language: Tongue) -> str:
    """Return a reason as the buyer reads it; of the reason 'other', the note that came with the request."""
    if reason is Reason.OTHER and note:
        return note
    if language == "en":
        return _REASONS_EN[reason]
    return _REASONS_ZH.get(reason) or LABELS[reason][0]
