"""What the words of a portal mean: each that was met is asked for, and what nobody knows is left out."""

from collections.abc import Mapping, Sequence

from agent.domain.acts import ActKind
from agent.domain.reasons import Reason, parse_reason
from agent.teaching.lesson import Lesson
from agent.teaching.survey import Survey
from page_objects.profile import AXES, HARMLESS

# Words that mean the same in most shops: only a suggestion, which the person confirms.
_USUAL: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "order_state": {
        "unpaid": ("pending", "awaiting payment", "unpaid", "等待买家付款", "待付款"),
        "paid": ("paid", "processing", "being processed", "等待卖家发货", "待发货", "已付款"),
        "partly_shipped": ("part shipped", "partially shipped", "部分发货"),
        "shipped": ("shipped", "等待买家收货", "已发货"),
        "success": ("complete", "completed", "delivered", "交易成功", "交易完成"),
        "closed": ("cancelled", "canceled", "closed", "交易关闭", "已取消"),
        "terminated": ("交易终止",),
    },
    "pay_state": {
        "unpaid": ("unpaid", "未付款"), "paying": ("付款处理中",), "paid": ("paid", "已付款"),
        "refunded": ("refunded", "已全额退款"), "authorised": ("authorised", "authorized"),
    },
    "payment_event": {
        "authorised": ("authorised", "authorized", "已授权"), "paid": ("paid", "settled", "已付款"),
        "refunded": ("refunded", "已退款"),
    },
    "refund_state": {
        "none": ("无退款", "none"), "wait_seller": ("等待卖家同意",), "wait_buyer_modify": ("待买家修改",),
        "wait_buyer_send": ("等待买家退货",), "wait_seller_receive": ("等待卖家确认收货",),
        "success": ("退款成功",), "closed": ("退款关闭",),
    },
    "item_shipping": {
        "not_shipped": ("pending", "being processed", "not shipped", "未发货", "cancelled", "待付款", "备货中"),
        "shipped": ("shipped", "已发货"), "received": ("已收货",), "returned": ("已退货",), "partly": ("部分发货",),
    },
    "trade": {"normal": ("担保交易",), "staged": ("分阶段付款",)},
    "flag": {"no": ("正常", "无", "no"), "yes": ("冻结中", "yes")},
    "closed_by": {
        "seller": ("卖家", "seller"), "buyer": ("买家", "buyer"), "system": ("系统超时",), "platform": ("平台客服",),
    },
    "party": {"seller": ("卖家",), "buyer": ("买家",)},
    "refund_kind": {"money": ("仅退款",), "return": ("退货退款",)},
    "ruling": {"buyer": ("支持买家",), "seller": ("支持卖家",)},
    "return_parcel": {"none": ("-",), "sent": ("运输中",), "received": ("已签收",)},
    "controls": {"close": ("关闭订单", "取消订单", "cancel order", "cancel")},
}  # fmt: skip
_MARKS = {"controls": "note_controls"}


async def learn_words(lesson: Lesson, met: Survey) -> None:
    """Ask what each word means that the orders have shown."""
    for axis, texts in met.words.items():
        if texts:
            await _learn_axis(lesson, axis, texts)


async def _learn_axis(lesson: Lesson, axis: str, texts: Sequence[str]) -> None:
    table = f"words.{axis}"
    meanings: dict[str, list[str]] = {}
    unknown: list[str] = []
    lesson.tell("axis", axis=axis, meanings=", ".join(_asked_for(axis)))
    for text in texts:
        answer = await lesson.ask(f"{table}.{text}", "which_meaning", _usual(axis, text), text=text)
        if answer in AXES[axis]:
            meanings.setdefault(answer, []).append(text)
        else:
            unknown.append(text)
    for meaning, labels in meanings.items():
        lesson.notes.put(table, meaning, labels[0] if len(labels) == 1 else labels)
    if unknown:
        lesson.notes.put(table, "", None, lesson.say("note_unknown", words=", ".join(unknown)))
        lesson.notes.tables[table].pop("", None)
    elif axis in _MARKS:
        lesson.notes.comment(table, "", lesson.say(_MARKS[axis]))


def _asked_for(axis: str) -> Sequence[str]:
    return AXES[axis]


def _usual(axis: str, text: str) -> str:
    known = _USUAL.get(axis, {})
    meaning = next((meaning for meaning, words in known.items() if text.casefold() in words), "")
    return meaning or (HARMLESS if axis == "controls" else "")


async def learn_reasons(lesson: Lesson, options: Sequence[tuple[str, str]]) -> None:
    """Ask which of our reasons each choice of a form stands for; its code is what the form would send."""
    lesson.tell("axis", axis="reasons", meanings=", ".join(Reason))
    for label, code in options:
        answer = await lesson.ask(f"reasons.{label}", "which_meaning", _usual_reason(label), text=label)
        if answer in set(Reason) and lesson.notes.get("reasons", answer) is None:
            lesson.notes.put("reasons", answer, {"labels": label, "codes": code})
        elif answer in set(Reason):
            known = lesson.notes.get("reasons", answer)
            both = {key: [*_several(known[key]), new] for key, new in (("labels", label), ("codes", code))}
            lesson.notes.put("reasons", answer, both)


def _several(value: str | Sequence[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _usual_reason(label: str) -> str:
    try:
        return parse_reason(label).value
    except ValueError:
        return ""


def acts_named(lesson: Lesson) -> list[str]:
    """Return the acts for which a control was named."""
    named = lesson.notes.tables.get("words.controls", {})
    return [kind.value for kind in ActKind if kind.value in named]
