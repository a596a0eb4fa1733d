"""What a person is asked: about what, until when, what happens if nobody answers, and the command that answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from agent.evidence.words import Phrase

# The commands that answer, by what a case waits for.
HINTS: dict[str, str] = {
    "consent": "closewright answer {case} consent [--file FILE] · closewright answer {case} refuse",
    "approval": "closewright approve {case} --as NAME · closewright reject {case} --as NAME",
    "human": "closewright answer {case} continue · closewright answer {case} give-up · closewright cancel {case}",
    "return_parcel": "closewright answer {case} received",
    "login": "closewright login --shop {shop}",
    "human_check": "closewright login --shop {shop} · closewright answer {case} continue",
}
UNPROVED = "closewright answer {case} done · closewright answer {case} not-done"
# Before the others, where the other side's word is missing, where one review may be answered, and where any is left.
AGREED = "closewright answer {case} consent [--file FILE] · closewright answer {case} refuse · "
SEND = "closewright answer {case} send [--text FILE] · "
LEAVE = "closewright answer {case} leave · "
# What people are asked about a case that has ended.
HANDED_OVER = "handed_over"
AFTERCARE = "aftercare"
AFTER_HINTS: dict[str, str] = {
    HANDED_OVER: "closewright show {case} · closewright reopen {case}",
    AFTERCARE: "closewright answer {case} continue · closewright answer {case} give-up --note WHY",
}

# What is asked where the case itself has no words that may be passed on.
ASKED: Mapping[str, Phrase] = {
    "consent": Phrase("买家是否同意", "whether the buyer agrees"),
    "approval": Phrase("请第二个人核对并审批这笔订单", "a second person's approval of exactly these terms"),
    "human": Phrase("有问题需要人工判断", "a question that only a person can settle"),
    "return_parcel": Phrase("退货是否已收到", "whether the returned goods are here"),
    "login": Phrase("请登录后台", "somebody has to sign in to the portal"),
    "human_check": Phrase("请在后台完成验证", "somebody has to pass the portal's check"),
    AFTERCARE: Phrase("订单已关闭，后续事项需要人工处理", "the order is closed, and something after it wants a person"),
    HANDED_OVER: Phrase("已转人工，请在后台处理", "it was handed over: people go on with it in the portal"),
}
_LOOKED_AT = Phrase("无期限；{at} 会再查看一次", "no end; it is looked at again at {at}")
_NO_END = Phrase("无期限", "no end")
_EXPIRES = Phrase("{at}", "{at}")
_DECIDES = Phrase("{at}，到时后台会自行处理", "{at}, when the portal decides by itself")
_NOTHING_CHANGES = Phrase(
    "后台不会有任何变动，订单保持原样", "nothing is changed on the portal, and the order stays as it is"
)
_DECIDED = Phrase(
    "我方不做任何改动；到期后由后台自行处理", "we change nothing; when the time is over the portal decides by itself"
)
_OTHERWISE: Mapping[str, Phrase] = {
    "approval": Phrase("订单保持原样，过期后重新请求审批", "the order stays as it is, and approval is asked for anew"),
    "login": Phrase("该店铺的订单都保持原样，只是等待", "the shop's orders stay as they are, and wait"),
    "human_check": Phrase("该店铺的订单都保持原样，只是等待", "the shop's orders stay as they are, and wait"),
    HANDED_OVER: Phrase("closewright 不再处理该订单", "closewright does nothing more about this order"),
}


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing that waits for a person, in both languages; ``until`` says when the asking ends."""

    word: str
    asked: Phrase
    until: Phrase
    otherwise: Phrase
    command: str


def todo(
    word: str,
    *,
    case_id: str,
    shop: str,
    asked: Phrase | None = None,
    looked_at: datetime | None = None,
    expires: datetime | None = None,
    deadline: datetime | None = None,
    unproved: bool = False,
    agreed: bool = True,
    reviews: int = 0,
    answers: Sequence[str] = (),
) -> Todo | None:
    """Return what a case that waits for ``word``, or has ended so, asks of people; None: it asks nothing of them.

    ``asked`` goes before our general words. ``looked_at`` is when the case is due again, ``expires`` when an approval
    can no longer be given, and ``deadline`` when the portal decides by itself; all in the zone in which they are to be
    read. The last four are as in ``command_for``.
    """
    if word not in ASKED:
        return None
    return Todo(
        word=word,
        asked=asked or ASKED[word],
        until=_until(looked_at, expires, deadline),
        otherwise=_DECIDED if deadline is not None else _OTHERWISE.get(word, _NOTHING_CHANGES),
        command=command_for(word, unproved=unproved, agreed=agreed, reviews=reviews, answers=answers).format(
            case=case_id, shop=shop
        ),
    )


def command_for(
    word: str, *, unproved: bool = False, agreed: bool = True, reviews: int = 0, answers: Sequence[str] = ()
) -> str:
    """Return the commands that answer, with gaps for case and shop; empty where people are asked nothing.

    ``unproved`` says that an act of the case is not proved, ``agreed`` False that the other side's agreement is
    still wanted, and ``reviews`` about how many reviews they are asked. ``answers`` are those that fit this question
    alone, and go before the usual ones.
    """
    hint = (HINTS | AFTER_HINTS).get(word, "")
    if word == AFTERCARE:
        before = (SEND if reviews == 1 else "") + (LEAVE if reviews else "")
        return (f"{UNPROVED} · " if unproved else "") + before + hint
    if word == "human" and unproved:
        return UNPROVED
    usual = AGREED + hint if word == "human" and not agreed else hint
    return " · ".join([*(f"closewright answer {{case}} {answer}" for answer in answers), usual]) if usual else ""


def _until(looked_at: datetime | None, expires: datetime | None, deadline: datetime | None) -> Phrase:
    ends = [(expires, _EXPIRES), (deadline, _DECIDES), (looked_at, _LOOKED_AT)]
    for at, phrase in ends:
        if at is not None:
            shown = f"{at:%Y-%m-%d %H:%M}"
            return Phrase(phrase.zh.format(at=shown), phrase.en.format(at=shown))
    return _NO_END
