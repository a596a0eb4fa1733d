"""What a portal's next release may change, and what each change touches: that alone says how much it weighs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.doctor.bearing import Weight
from fixtures.mock_portal.server import SKINS

BUTTON = "button, [role=button]"
BAR = "fieldset, [role=group]"
DIALOG = "[role=dialog]"
FACTS = "section.order, .order-detail, [data-testid=order-sheet]"
CHAT, TICKET = '[aria-label="旺旺会话"]', '[aria-labelledby=ticket-title], [aria-label="新建工单"]'
CHOICE = "select, [role=combobox]"
Change = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Drift:
    """One change of a portal."""

    name: str
    kind: str
    weight: Weight
    changes: tuple[Change, ...] = ()
    addresses: Mapping[str, str] = field(default_factory=dict)
    skins: tuple[str, ...] = SKINS


def _retext(old: str, now: str, css: str = "*", inside: str = "") -> Change:
    return {"op": "retext", "css": css, "old": old, "now": now, "inside": inside}


def _on(op: str, css: str, text: str, inside: str, **more: Any) -> Change:
    return {"op": op, "css": css, "text": text, "inside": inside, **more}


def _acting(name: str, *changes: Change, **more: Any) -> Drift:
    return Drift(name, name.split(maxsplit=1)[0], Weight.ACTING, changes, **more)


def _controls() -> Iterator[Drift]:
    for label, new in (("关闭订单", "关闭交易"), ("同意退款", "同意退钱"), ("申请退款", "退款申请")):
        yield _acting(f"control renamed {label}", _retext(label, new, inside=BAR))
    for label in ("关闭订单", "同意退款"):
        at = (BUTTON, label, BAR)
        yield _acting(f"control removed {label}", _on("remove", *at))
        yield _acting(f"control moved {label}", _on("move_out", *at, **{"from": BAR}))
        yield _acting(f"control duplicated {label}", _on("duplicate", *at))
        yield _acting(f"control covered {label}", _on("cover", *at))


def _dialogs() -> Iterator[Drift]:
    yield _acting("dialog renamed", _retext("关闭订单", "关闭确认", inside=DIALOG))
    yield _acting("dialog id label renamed", _retext("订单号", "单号", inside=DIALOG))
    yield _acting("dialog amount renamed", _retext("订单金额", "金额合计", inside=DIALOG))
    yield _acting("dialog refund amount renamed", _retext("退款金额", "金额合计", inside=DIALOG))
    for label, new in (("确定", "提交"), ("取消", "返回")):
        at = (BUTTON, label, DIALOG)
        yield _acting(f"button renamed {label}", _retext(label, new, inside=DIALOG))
        yield _acting(f"button removed {label}", _on("remove", *at))
        yield _acting(f"button duplicated {label}", _on("duplicate", *at))
        yield _acting(f"button covered {label}", _on("cover", *at))
        yield _acting(f"button moved {label}", _on("move_out", *at, **{"from": DIALOG}))
    swap = {"op": "swap", "css": "*", "inside": DIALOG, "one": "确定", "other": "取消"}
    yield _acting("swapped confirm and dismiss", swap)
    html = '<button type="button">确定并拉黑</button>'
    yield _acting("button added", _on("after", BUTTON, "取消", DIALOG, html=html))


def _fields() -> Iterator[Drift]:
    yield _acting("field renamed 关闭原因", _retext("关闭原因", "取消原因", inside=DIALOG))
    yield _acting("field renamed 备注", _retext("备注", "说明", inside=DIALOG))
    yield _acting("field removed reason", {"op": "remove", "css": CHOICE, "inside": DIALOG})
    yield _acting("field removed remark", {"op": "remove", "css": "textarea", "inside": DIALOG})
    yield _acting("field duplicated remark", {"op": "duplicate", "css": "textarea", "inside": DIALOG})
    yield _acting("field covered reason", {"op": "cover", "css": CHOICE, "inside": DIALOG})
    for name, value in (("maxlength", "5"), ("required", ""), ("readonly", "")):
        change = {"op": "attribute", "css": "textarea", "inside": DIALOG, "name": name, "value": value}
        yield _acting(f"field {name}", change)
    html = '<label><input type="checkbox" name="block" checked>同时拉黑买家</label>'
    yield _acting("field added", {"op": "after", "css": "textarea", "inside": DIALOG, "html": html})
    for old, new in (("消息内容", "内容"), ("发送", "发出")):
        yield _acting(f"message {old} renamed", _retext(old, new, inside=CHAT))
    for old, new in (("提交工单", "提交"), ("标题", "主题"), ("关闭订单协助", "关单协助")):
        yield _acting(f"ticket {old} renamed", _retext(old, new, css="*"))


def _reasons() -> Iterator[Drift]:
    options = "option, [role=option]"
    yield _acting("reason renamed", _retext("未及时付款", "超时未付款"))
    yield _acting("reason removed", {"op": "remove", "css": options, "text": "卖家库存不足"})
    yield _acting("reason duplicated", {"op": "duplicate", "css": options, "text": "买家联系不上"})
    code = {"op": "attribute", "css": "option", "text": "未及时付款", "name": "value", "value": "timeoutUnpaid"}
    yield _acting("reason code", code, skins=("classic",))


def _requests() -> Iterator[Drift]:
    form = "form[action='/trade/order/close']"
    yield _acting(
        "form action", addresses={'action="/trade/order/close"': 'action="/trade/order/shut"'}, skins=("classic",)
    )
    yield _acting("form method", {"op": "attribute", "css": form, "name": "method", "value": "get"}, skins=("classic",))
    names = (
        ("select[name=closeReason]", "reason"),
        ("textarea[name=remark]", "memo"),
        (f"{form} [name=orderId]", "order"),
    )
    for css, new in names:
        change = {"op": "attribute", "css": css, "name": "name", "value": new}
        yield _acting(f"form field name {new}", change, skins=("classic",))
    hidden = '<input type="hidden" name="blacklist" value="1">'
    yield _acting("form hidden field", {"op": "append", "css": form, "html": hidden}, skins=("classic",))


def _readings() -> Iterator[Drift]:
    texts = {
        "label 付款状态": ("付款状态", "支付状态", FACTS),
        "label 订单状态": ("订单状态", "状态", FACTS),
        "label 退款状态": ("退款状态", "售后状态", FACTS),
        "label 应付款": ("应付款", "应付总额", FACTS),
        "word 等待买家付款": ("等待买家付款", "待支付", ""),
        "word 未付款": ("未付款", "待付", FACTS),
        "word 无退款": ("无退款", "没有退款", FACTS),
        "word 未发货": ("未发货", "待发", ""),
        "heading 数量": ("数量", "件数", ""),
        "heading 子订单号": ("子订单号", "子单", ""),
        "list 订单详情": ("订单详情", "查看", "table, [role=table]"),
        "chat 关联订单": ("关联订单", "相关单", CHAT),
        "tickets 工单列表": ("工单列表", "工单", ""),
        "bar 订单操作": ("订单操作", "操作", ""),
    }
    for name, (old, now, inside) in texts.items():
        weight = Weight.ACTING if name.startswith("bar") else Weight.READING
        yield Drift(name, name.split()[0], weight, (_retext(old, now, inside=inside),))


def _cosmetics() -> Iterator[Drift]:
    def drift(name: str, *changes: Change, **more: Any) -> Drift:
        return Drift(name, "cosmetic", Weight.COSMETIC, changes, **more)

    yield drift("colours of buttons", {"op": "style", "css": BUTTON, "css_text": "background:#063;color:#fff"})
    yield drift("page font", {"op": "style", "css": "body", "css_text": "font-size:15px;background:#fafafa"})
    yield drift("banner", {"op": "prepend", "css": "main", "html": "<p>双十一大促报名进行中，点击查看详情</p>"})
    yield drift(
        "nav order",
        {"op": "swap", "css": "*", "inside": "nav", "one": "待付款", "other": "待发货"},
        {"op": "swap", "css": "*", "inside": "nav", "one": "待付款订单", "other": "待发货订单"},
        skins=("classic", "lit"),
    )
    yield drift(
        "nav link new", {"op": "append", "css": "nav", "html": '<a href="/help">帮助中心</a>'}, skins=("classic", "lit")
    )
    yield drift("hint of message", _retext("请输入消息，最多500字", "说点什么吧"))
    yield drift("hint of reason", _retext("请选择关闭原因", "选一个原因"))
    yield drift(
        "hint in dialog", {"op": "before", "css": "textarea", "inside": DIALOG, "html": "<p>关闭后无法恢复</p>"}
    )
    yield drift("footer", {"op": "append", "css": "body", "html": "<footer>© 云杉商家平台</footer>"})
    yield drift("heading unused", _retext("单价", "价格"))
    yield drift("heading of page", _retext("订单详情", "订单信息页", css="h1"))
    yield drift("reason order", {"op": "last", "css": "option, [role=option]", "text": "买家联系不上"})
    yield drift(
        "reason unused",
        {"op": "after", "css": "option", "text": "其它", "html": '<option value="weather">天气原因</option>'},
        skins=("classic",),
    )
    yield drift(
        "icon",
        {"op": "prepend", "css": "h1", "html": '<svg width="16" height="16" aria-hidden="true"><circle r="6"/></svg>'},
    )
    yield drift(
        "help in dialog",
        {
            "op": "append",
            "css": f"{DIALOG} .buttons, .next-dialog-footer",
            "html": '<a href="/help">如何选择关闭原因</a>',
        },
        skins=("classic", "workbench"),
    )
    yield drift("class names", {"op": "attribute", "css": "h1", "name": "class", "value": "css-1x9k2"})


def all_drifts() -> tuple[Drift, ...]:
    """Return every change that is tried."""
    parts = (_controls(), _dialogs(), _fields(), _reasons(), _requests(), _readings(), _cosmetics())
    return tuple(drift for part in parts for drift in part)
