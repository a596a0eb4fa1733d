"""What closewright writes to buyers, suppliers and support, where the shop has no text of its own."""

from collections.abc import Mapping

from agent.domain.cases import Role
from agent.domain.reasons import LABELS, Reason
from scenarios.facts import Facts

DEFAULTS: Mapping[str, str] = {
    "ask_consent": (
        "您好，关于订单 {order_id}：因“{reason}”，我们想为您关闭该订单，货款 {amount} 元将原路退回。"
        "如您同意，请回复“同意”；如不同意，请回复“不同意”。谢谢！"
    ),
    "ask_return": (
        "您好，关于订单 {order_id}：因“{reason}”，我们想与您协商退货退款（{amount} 元）。"
        "如您同意，请回复“同意”，并在订单页面申请退货退款；如不同意，请回复“不同意”。谢谢！"
    ),
    "ask_return_purchaser": (
        "您好，关于订单 {order_id}：因“{reason}”，我们想退货并申请退款（{amount} 元）。"
        "如您同意，请回复“同意”；如不同意，请回复“不同意”。谢谢！"
    ),
    "remind_payment": (
        "您好，您的订单 {order_id}（{amount} 元）尚未付款。如仍需要，请尽快付款；逾期未付款的订单将被关闭。谢谢！"
    ),
    # Public, so it names neither the order nor why it was closed.
    "answer_review": ("您好，很抱歉这次购物没有让您满意，感谢您的反馈。请通过旺旺与我们联系，我们会尽快为您核实处理。"),
    "refund": "因“{reason}”申请退款，已与对方协商一致。{note}",
    "ticket_title": "申请协助关闭订单 {order_id}（{case_id}）",
    "ticket": (
        "订单 {order_id} 已付款、未发货。因“{reason}”，买家已同意关闭，但订单详情页没有“关闭订单”或“申请退款”按钮。"
        "请协助关闭该订单并退款 {amount} 元。沟通记录与页面截图见附件。{note}"
    ),
    "ticket_more": (
        "您好，关于订单 {order_id}：现按要求补充材料，含处理记录、与买家的沟通记录和页面截图，请见附件。"
        "请继续协助关闭该订单并退款 {amount} 元，谢谢！"
    ),
    "ticket_reminder": ("您好，请问订单 {order_id} 的工单处理得如何？买家已同意关闭，烦请尽快处理，谢谢！"),
    "dispute": (
        "订单 {order_id} 的退款申请（{amount} 元，“{reason}”）被拒绝，双方协商未果，申请平台介入。"
        "沟通记录与页面截图见附件。{note}"
    ),
}


QUESTIONS = frozenset({"ask_consent", "ask_return", "ask_return_purchaser"})


def template_of(purpose: str, role: Role) -> str:
    """Return the name of the template that a question for this purpose was asked with."""
    if purpose == "negotiate_return":
        return "ask_return" if role is Role.SELLER else "ask_return_purchaser"
    return purpose


def text(name: str, facts: Facts) -> str:
    """Return a text filled in for one case; a shop's own template goes before ours."""
    template = facts.texts.get(name) or DEFAULTS[name]
    case = facts.case
    values = {
        "order_id": case.order_id,
        "case_id": case.case_id,
        "reason": reason_words(case.reason, case.note),
        "amount": f"{facts.order.amount / 100:.2f}",
        "note": case.note,
    }
    for key, value in values.items():
        template = template.replace("{" + key + "}", value)  # str.format would run what a note may hold
    reference = f"（编号：{case.case_id}）" if name in QUESTIONS else ""  # an older question's answer is not this one's
    return template.strip() + reference


def reason_words(reason: Reason, note: str) -> str:
    """Return the reason as a counterparty reads it."""
    return note if reason is Reason.OTHER and note else LABELS[reason][0]
