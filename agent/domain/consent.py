"""Reading the counterparty's answer: a clear yes, a clear no, or a person's."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from agent.domain.cases import Case, Consent, Path, Role
from agent.domain.orders import Message, Order, RefundState

_YES = frozenset({
    "同意", "同意的", "同意关闭", "同意关闭订单", "同意取消", "同意退款", "同意退货", "同意退货退款",
    "好", "好的", "好吧", "可以", "可以的", "可以关闭", "行", "行的", "没问题", "嗯", "嗯嗯", "对", "对的",
    "是", "是的", "确认", "确认关闭", "关闭吧", "取消吧", "退吧", "ok", "okay", "yes",
})  # fmt: skip
_NO = frozenset({
    "不同意", "不同意关闭", "不同意退款", "不同意退货", "不行", "不可以", "不好", "不要", "不要关闭", "不关闭",
    "不能关闭", "别关闭", "拒绝", "不取消", "我还要", "还要", "继续发货", "不", "no",
})  # fmt: skip
# Politeness carries no meaning and must not turn a clear answer into an unclear one.
_POLITE = (
    "谢谢您",
    "谢谢你",
    "谢谢",
    "多谢",
    "感谢",
    "麻烦了",
    "辛苦了",
    "亲爱的",
    "亲",
    "您好",
    "你好",
    "老板",
    "哦",
    "呢",
    "啊",
    "哈",
    "吧",
    "了",
)
_QUESTION = re.compile(r"[?？]|吗|么")  # who asks has not answered
_NOT_WORDS = re.compile(r"[\s,.!?;:~…，。！？；：～、\-—]+")


WORDLESS = "[图片]"  # how people see a line without words, as chats themselves write it: a sticker, a picture, a card
CONSENTED_AT = "consented_at"  # fact of a case: when its consent was given to us


def has_expired(case: Case, order: Order, valid: timedelta | None, now: datetime) -> bool:
    """Return whether a case's consent is older than the shop lets one count.

    Once the other side has applied for the refund or return itself, its word does not grow old any more.
    """
    given = case.facts.get(CONSENTED_AT)
    if valid is None or not isinstance(given, str) or order.refund.state not in {RefundState.NONE, RefundState.CLOSED}:
        return False
    return now - datetime.fromisoformat(given) > valid


def is_wanting(case: Case) -> bool:
    """Return whether a case is of a kind that wants the other side's agreement, and nobody has said a word of it."""
    asked = {Path.SHIPPED, Path.PAID_UNSHIPPED} if case.role is Role.SELLER else {Path.SHIPPED}
    return case.consent is Consent.NONE and case.path in asked


class Answer(StrEnum):
    """What the counterparty has said."""

    YES = "yes"
    NO = "no"
    UNCLEAR = "unclear"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Reading:
    """An answer with the text that it was read from."""

    answer: Answer
    text: str = ""


def read_answer(thread: Sequence[Message], asked: str) -> Reading:
    """Return what the counterparty has answered since our question, the last clear word counting.

    Only their own lines after our question are read. A yes with a no beside it, with a question, or with anything
    that is neither is unclear; so is a yes after somebody of ours has written something else meanwhile.
    """
    question = " ".join(asked.split())
    starts = [
        at for at, message in enumerate(thread) if message.sender == "us" and " ".join(message.text.split()) == question
    ]
    if not starts:
        return Reading(Answer.NOTHING)
    since = thread[starts[0] + 1 :]
    replies = [message.text.strip() or WORDLESS for message in since if message.sender == "them"]
    if not replies:
        return Reading(Answer.NOTHING)
    meanings = {_meaning(text) for text in replies}
    text = " / ".join(replies)
    if any(message.sender == "us" for message in since):
        meanings.add(Answer.UNCLEAR)
    return Reading(meanings.pop(), text) if len(meanings) == 1 else Reading(Answer.UNCLEAR, text)


def _meaning(text: str) -> Answer:
    if _QUESTION.search(text):
        return Answer.UNCLEAR
    parts = [_bare(part) for part in _NOT_WORDS.split(text.lower())]
    words = [part for part in parts if part]
    if words and all(word in _YES for word in words):
        return Answer.YES
    if words and all(word in _NO for word in words):
        return Answer.NO
    return Answer.UNCLEAR


def _bare(part: str) -> str:
    if part in _YES or part in _NO:
        return part
    for polite in _POLITE:
        part = part.removeprefix(polite).removesuffix(polite)
    return part
