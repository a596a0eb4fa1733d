"""Our words in Chinese and English, and page text made harmless to look at."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Any

from agent.domain.reasons import LABELS, Reason


@dataclass(frozen=True, slots=True)
class Phrase:
    """The same thing said in both languages."""

    zh: str
    en: str


WORDS: dict[str, Phrase] = {
    # states and outcomes
    "due": Phrase("待处理", "due"),
    "waiting": Phrase("等待中", "waiting"),
    "ended": Phrase("已结束", "ended"),
    "planned": Phrase("仅计划", "planned"),
    "rehearsed": Phrase("已演练", "rehearsed"),
    "closed": Phrase("已关闭", "closed"),
    "already_closed": Phrase("此前已关闭", "already closed"),
    "not_eligible": Phrase("不符合条件", "not eligible"),
    "refused": Phrase("平台拒绝", "refused"),
    "rejected": Phrase("未获同意", "rejected"),
    "handed_over": Phrase("转人工", "handed over"),
    "not_found": Phrase("未找到", "not found"),
    # what a case waits for
    "waiting:consent": Phrase("等待买家同意", "waiting: consent"),
    "waiting:approval": Phrase("等待审批", "waiting: approval"),
    "waiting:human": Phrase("等待人工答复", "waiting: a person"),
    "waiting:return_parcel": Phrase("等待退货包裹", "waiting: return parcel"),
    "closed:refund_unknown": Phrase("已关闭，退款未知", "closed, refund unknown"),
    "closed:human": Phrase("已关闭，后续待人工", "closed, then a person"),
    "waiting:refund": Phrase("等待退款", "waiting: refund"),
    "waiting:counterparty": Phrase("等待对方处理", "waiting: counterparty"),
    "waiting:platform": Phrase("等待平台处理", "waiting: platform"),
    "waiting:too_new": Phrase("下单时间太短", "waiting: too new"),
    "waiting:login": Phrase("等待登录", "waiting: login"),
    "waiting:human_check": Phrase("等待人工验证", "waiting: human check"),
    "waiting:settle": Phrase("等待平台确认", "waiting: settle"),
    "waiting:retry": Phrase("稍后重试", "waiting: retry"),
    # paths and roles
    "unpaid": Phrase("未付款", "unpaid"),
    "paid_unshipped": Phrase("已付款未发货", "paid, unshipped"),
    "shipped": Phrase("已发货", "shipped"),
    "ticket": Phrase("平台工单", "support ticket"),
    "seller": Phrase("卖家", "seller"),
    "purchaser": Phrase("采购方", "purchaser"),
    # who
    "buyer": Phrase("买家", "buyer"),
    "supplier": Phrase("供应商", "supplier"),
    "system": Phrase("系统", "system"),
    "platform": Phrase("平台", "platform"),
    "seller_other": Phrase("店铺其他人员", "somebody else of the shop"),
    "unknown": Phrase("未知", "unknown"),
    "us": Phrase("我方", "us"),
    "them": Phrase("对方", "counterparty"),
    # acts
    "close": Phrase("关闭订单", "close the order"),
    "apply_refund": Phrase("申请退款", "apply for refund"),
    "refund": Phrase("退款", "refund"),
    "agree_refund": Phrase("同意退款", "agree to refund"),
    "send_return": Phrase("填写退货物流", "tell the return parcel's number"),
    "agree_return": Phrase("同意退货", "agree to return"),
    "confirm_return": Phrase("确认收货并退款", "confirm return and refund"),
    "open_dispute": Phrase("申请平台介入", "open a dispute"),
    "send_message": Phrase("发送消息", "send a message"),
    "file_ticket": Phrase("提交工单", "file a ticket"),
    "reply_ticket": Phrase("补充工单说明", "reply in a ticket"),
    "answer_review": Phrase("回复评价", "answer a review"),
    "set_stock": Phrase("修改库存", "set the stock"),
    # intents
    "written": Phrase("已记录意图", "intent written"),
    "releasing": Phrase("正在放行", "releasing"),
    "settled": Phrase("已确认", "settled"),
    "done": Phrase("已完成", "done"),
    "not_done": Phrase("未执行", "not done"),
    # aftercare
    "notice": Phrase("通知", "notice"),
    "stock": Phrase("调整库存", "stock"),
    "review": Phrase("评价跟进", "review"),
    "good": Phrase("好评", "good"),
    "neutral": Phrase("中评", "neutral"),
    "bad": Phrase("差评", "bad"),
    "open": Phrase("待办", "open"),
    "human": Phrase("待人工处理", "for a person"),
    "dropped": Phrase("不再跟进", "dropped"),
    # reasons
    "buyer_cancelled": Phrase("买家取消订单", "buyer cancelled"),
    "unpaid_timeout": Phrase("未及时付款", "not paid in time"),
    "out_of_stock": Phrase("卖家库存不足", "out of stock"),
    "wrong_order_info": Phrase("买家信息填写错误", "wrong order details"),
    "unreachable_buyer": Phrase("买家联系不上", "buyer unreachable"),
    "abuse": Phrase("恶意买家/同行捣乱", "abuse"),
    "offline_trade": Phrase("同城见面交易", "traded offline"),
    "product_info_error": Phrase("商品信息错误", "product details wrong"),
    "other": Phrase("其它", "other"),
}

# What the facts of a case are called, in the order in which they are shown.
FIELDS: dict[str, Phrase] = {
    "order_id": Phrase("订单号", "Order"),
    "shop": Phrase("店铺", "Shop"),
    "portal": Phrase("后台", "Portal"),
    "account": Phrase("账号", "Account"),
    "role": Phrase("角色", "Role"),
    "reason": Phrase("关闭原因", "Reason"),
    "note": Phrase("备注", "Note"),
    "consent": Phrase("买家同意", "Consent"),
    "amount": Phrase("金额（元）", "Amount (CNY)"),
    "path": Phrase("处理路径", "Path"),
    "outcome": Phrase("结果", "Outcome"),
    "state": Phrase("状态", "State"),
    "waiting_for": Phrase("等待", "Waiting for"),
    "why": Phrase("说明", "Why"),
    "by": Phrase("关闭方", "Closed by"),
    "requested_at": Phrase("请求时间", "Asked for at"),
    "created_at": Phrase("请求时间", "Asked for at"),
    "updated_at": Phrase("更新时间", "Updated at"),
}

# What an entry of the journal tells, by its kind; an unknown kind is shown as it is.
KINDS: dict[str, Phrase] = {
    "requested": Phrase("收到关闭订单的请求", "Closing the order was asked for"),
    "attached": Phrase("再次收到同一订单的请求", "Closing the same order was asked for again"),
    "observed": Phrase("读取订单详情页", "The order's page was read"),
    "decided": Phrase("作出判断", "Decided what to do"),
    "planned": Phrase("计划", "Planned"),
    "gate": Phrase("检查授权与限额", "Permission and limits were checked"),
    "intent": Phrase("操作前记录意图", "Wrote down the intent before acting"),
    "releasing": Phrase("放行一次请求", "One request was released"),
    "rehearsed": Phrase("演练：请求未发出", "Rehearsed: the request was not sent"),
    "settled": Phrase("确认操作结果", "The act's result was settled"),
    "proved": Phrase("重新读取页面，核实结果", "Proved by a fresh look"),
    "evidence": Phrase("留存证据", "Evidence was kept"),
    "consent": Phrase("买家同意情况", "Consent"),
    "messages": Phrase("读取聊天记录", "The messages were read"),
    "message": Phrase("发送消息", "A message was sent"),
    "ticket": Phrase("平台工单", "Support ticket"),
    "return": Phrase("退货的去向与物流", "Where the goods go back to, and by which parcel"),
    "left_as_shown": Phrase(
        "退货地址未指定，保持页面上已选的", "No return address is named: the one that the page shows stays"
    ),
    "pictures": Phrase("附上人工提供的图片", "Pictures given by people are attached"),
    "refusal": Phrase("对方拒绝退款", "The other side has refused the refund"),
    "ruling": Phrase("平台裁决", "What the platform has decided"),
    "waiting": Phrase("等待", "Waiting"),
    "ended": Phrase("处理结束", "The case ended"),
    "fault": Phrase("遇到问题", "Something went wrong"),
    "approval_asked": Phrase("请求审批", "Approval was asked for"),
    "approved": Phrase("审批通过", "Approved"),
    "rejected": Phrase("审批未通过", "Rejected"),
    "answered": Phrase("人工答复", "A person answered"),
    "looked_after": Phrase("人工答复（后续事项）", "A person answered about aftercare"),
    "aftercare": Phrase("后续事项", "Aftercare"),
    "review": Phrase("买家的评价", "The buyer's review"),
    "looked": Phrase("后续事项已查看", "What was left was looked at"),
    "cancelled": Phrase("人工取消", "A person cancelled the case"),
    "reopened": Phrase("重新打开", "The case was opened again"),
    "answer": Phrase("后台的应答", "The portal answered"),
    "notice": Phrase("页面提示（不作为证据）", "What the page said (which proves nothing)"),
    "unproved": Phrase("结果无法证实，转人工", "The result could not be proved; a person decides"),
    "books": Phrase("通知店铺的进销存系统", "The shop's books"),
    "pack": Phrase("生成证据包", "The evidence pack was made"),
    "due": Phrase("待继续处理", "To be gone on with"),
    "retention": Phrase("按保存期限删除证据文件", "Evidence files were removed by the retention rule"),
}

# What a server's answer was taken for, in entries that settle an act.
_ANSWERS: dict[str, Phrase] = {
    "accepted": Phrase("后台已接受", "accepted"),
    "refused": Phrase("后台拒绝", "refused"),
    "nothing_done": Phrase("后台未执行", "nothing done"),
    "unknown": Phrase("应答不明", "unknown"),
    "none": Phrase("没有应答", "none"),
}
# What a person can answer a case.
ANSWERED: dict[str, Phrase] = {
    "consent": Phrase("对方同意", "consent"),
    "refuse": Phrase("对方不同意", "refuse"),
    "received": Phrase("已收到退货", "received"),
    "picture": Phrase("提供图片", "picture"),
    "dispute": Phrase("申请平台介入", "dispute"),
    "sent": Phrase("退货已寄出", "sent"),
    "done": Phrase("操作已生效", "done"),
    "not-done": Phrase("操作未生效", "not-done"),
    "continue": Phrase("继续", "continue"),
    "send": Phrase("发送回复", "send"),
    "leave": Phrase("不回复", "leave"),
    "reply": Phrase("答复平台", "reply"),
    "give-up": Phrase("放弃", "give-up"),
}
_PARCEL: dict[str, Phrase] = {"sent": Phrase("已寄出", "sent"), "received": Phrase("已收到", "received")}
# Words of ours in fields that else hold what people and pages have said.
_OURS: dict[tuple[str, str], dict[str, Phrase]] = {
    ("proved", "answer"): _ANSWERS,
    ("settled", "answer"): _ANSWERS,
    ("unproved", "answer"): _ANSWERS,
    ("answered", "text"): ANSWERED,
    ("looked_after", "text"): ANSWERED,
}
_OTHERS = frozenset({"name", "caption", "why", "text", "answer", "draft", "note"})

# Fields of an entry's body that are told beside its kind, in this order.
_TOLD = (
    "item",
    "stands",
    "name",
    "caption",
    "act",
    "purpose",
    "outcome",
    "waiting_for",
    "result",
    "by",
    "reason",
    "why",
    "text",
    "answer",
    "draft",
    "note",
)
_LONGEST = 600
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
    "|[\U000e0000-\U000e007f]"
)


@dataclass(frozen=True, slots=True)
class Told:
    """One entry of a journal in plain words.

    ``detail`` is data and may hold what a page said; ``details`` is the same in either language alone.
    """

    n: int
    at: str
    kind: str
    phrase: Phrase
    detail: str
    details: Phrase

    def in_words(self) -> Phrase:
        """Return the entry as one line, in either language."""
        return Phrase(*(_line(*parts) for parts in zip(astuple(self.phrase), astuple(self.details), strict=True)))


def phrase_of(word: str) -> Phrase:
    """Return a word of ours in both languages; one that has no translation is shown as it is."""
    return WORDS.get(word) or Phrase(visible(word), visible(word).replace("_", " "))


def reason_phrase(reason: str) -> Phrase:
    """Return a reason, canonical or one of its Chinese labels, in both languages."""
    for known, labels in LABELS.items():
        if reason in labels:
            return phrase_of(known)
    return phrase_of(reason) if reason in set(Reason) else Phrase(visible(reason), visible(reason))


def tell(entries: Sequence[Mapping[str, Any]]) -> tuple[Told, ...]:
    """Return a journal as a story, one line an entry."""
    return tuple(
        Told(
            n=entry["n"],
            at=entry["at"],
            kind=entry["kind"],
            phrase=KINDS.get(entry["kind"]) or Phrase(visible(entry["kind"]), visible(entry["kind"])),
            detail=_detail(entry["kind"], entry["body"]),
            details=_details(entry["kind"], entry["body"]),
        )
        for entry in entries
    )


def moment(at: str | None) -> str:
    """Return an ISO time as people write it, to the second, its zone kept."""
    match = re.fullmatch(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d)?(?:\.\d+)?(Z|[+-]\d\d:?\d\d)?", at or "", re.ASCII)
    if match is None:
        return visible(at or "")
    day, minute, second, zone = match.groups(default="")
    return f"{day} {minute}{second}{' ' + zone if zone else ''}"


def visible(text: str) -> str:
    """Return ``text`` with characters that nobody sees, or that turn the reading direction, written as ``⟨U+202E⟩``."""
    return _INVISIBLE.sub(lambda char: f"⟨U+{ord(char.group()):04X}⟩", text.replace("\r\n", "\n"))


def plain_json(data: Any) -> str:
    """Return JSON in which characters that ``visible`` would name are escapes, so that no terminal obeys them."""
    return _INVISIBLE.sub(lambda char: json.dumps(char.group())[1:-1], json.dumps(data, ensure_ascii=False))


def shortened(text: str, length: int) -> str:
    """Return at most ``length`` characters of ``text``, saying how many were left out."""
    return text if len(text) <= length else f"{text[:length]}… (+{len(text) - length})"


def _line(said: str, detail: str) -> str:
    return f"{said} · {detail}" if detail else said


def _detail(kind: str, body: Mapping[str, Any]) -> str:
    return _joined(one.zh if one.zh == one.en else f"{one.zh} ({one.en})" for one in _parts(kind, body))


def _details(kind: str, body: Mapping[str, Any]) -> Phrase:
    parts = list(_parts(kind, body))
    return Phrase(_joined(one.zh for one in parts), _joined(one.en for one in parts))


def _parts(kind: str, body: Mapping[str, Any]) -> Iterator[Phrase]:
    for key in _TOLD:
        if key == "text" and (told := list(_pieces(kind, body))):
            yield from told
            continue
        value = body.get(key)
        if not isinstance(value, str) or not value or (key == "name" and body.get("caption")):
            continue
        yield _known(kind, key, value) or _as_it_is(value)


def _known(kind: str, key: str, value: str) -> Phrase | None:
    """Return a value that is a word of ours; what people and pages have said stays, whatever it looks like."""
    if (kind, key) in _OURS:
        return _OURS[kind, key].get(value)
    if key == "reason":
        return reason_phrase(value)
    return None if key in _OTHERS else WORDS.get(f"waiting:{value}" if key == "waiting_for" else value)


def _pieces(kind: str, body: Mapping[str, Any]) -> Iterator[Phrase]:
    """Yield what an entry holds piece by piece, where its text is put together from words of ours and others'."""
    seen = body.get(kind)
    if kind in {"ruling", "return"} and isinstance(seen, Mapping):
        words = {"favour": WORDS, "parcel": _PARCEL}
        for name, value in seen.items():
            if isinstance(value, str) and value:
                yield words.get(name, {}).get(value) or _as_it_is(moment(value) if name == "at" else value)
    if kind == "review" and isinstance(body.get("reviews"), list):
        for one in body["reviews"]:
            level, said = phrase_of(str(one.get("level"))), visible(str(one.get("text")))
            yield Phrase(f"{level.zh}：{said}", f"{level.en}: {said}")


def _as_it_is(value: str) -> Phrase:
    return Phrase(visible(value), visible(value))


def _joined(parts: Iterable[str]) -> str:
    return shortened(" · ".join(dict.fromkeys(parts)), _LONGEST)
