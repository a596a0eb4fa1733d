"""How a person teaches the classic skin of the mock portal: what they point at, and what they type."""

import re
from typing import Any

from playwright.async_api import Locator, Page

from agent.teaching.asking import Question

from .pupil import click, order_in

LABELS = {
    "order_id": "订单号", "order_state": "订单状态", "pay_state": "付款状态", "refund_state": "退款状态",
    "trade": "交易类型", "created_at": "下单时间", "frozen": "风控状态", "disputed": "纠纷状态",
    "receiver": "收货人", "phone": "联系电话", "address": "收货地址",
}  # fmt: skip
TYPED = {  # what stands on some orders only
    "buyer": "买家", "closed_by": "关闭方", "close_reason": "关闭原因", "refund_id": "退款编号",
    "refund_kind": "退款类型", "refund_amount": "退款金额", "refund_reason": "退款原因",
    "refund_applicant": "申请方", "return_parcel": "退货物流",
}  # fmt: skip
AMOUNT = re.compile("^(应付款|实付款)$")
TABS = ("waitsellersend", "waitbuyerreceive", "refunding", "success", "cancel")


def fact(label: str) -> Any:
    """Point at the value of a labelled fact of the order."""
    return lambda page: page.locator("section.order > dl.facts > div", has_text=label).locator("dd").first


def amount(page: Page) -> Locator:
    """Point at what is to pay, or was paid: the label depends on the order's state."""
    facts = page.locator("section.order > dl.facts > div", has=page.locator("dt", has_text=AMOUNT))
    return facts.locator("dd")


def other_tab(name: str) -> Any:
    """Open another tab of the list and say so."""

    async def go(page: Page, _question: Question) -> str:
        await click(page.locator(f"[role=tab][href$='tab={name}']"))
        await page.wait_for_url(f"**tab={name}")
        return "y"

    return go


async def sign_in(page: Page, _question: Question) -> None:
    await page.get_by_label("账号").fill("seller")
    await page.get_by_label("密码").fill("demo")
    await click(page.get_by_role("button", name="登录"))
    await page.wait_for_url("**/trade/**")


async def fail_to_sign_in(page: Page, _question: Question) -> None:
    await page.get_by_label("账号").fill("seller")
    await page.get_by_label("密码").fill("wrong")
    await click(page.get_by_role("button", name="登录"))
    await page.get_by_text("账号或密码错误").wait_for()


async def search(page: Page, question: Question) -> None:
    order = order_in(question)
    await page.get_by_role("searchbox").fill(order)
    await click(page.get_by_role("button", name="搜索"))
    await page.wait_for_url(f"**q={order}**")


async def open_dialog(page: Page, _question: Question) -> None:
    await click(page.get_by_role("group", name="订单操作").get_by_role("button", name="关闭订单"))
    await page.get_by_role("dialog").wait_for()


async def press_last_button(page: Page, _question: Question) -> None:
    await page.get_by_role("combobox", name="关闭原因").select_option(label="卖家库存不足")
    async with page.expect_event("requestfailed"):
        await click(page.get_by_role("button", name="确定"))


def answers() -> dict[str, Any]:
    """Return the whole lesson."""
    first = lambda page: page.locator("tr[data-order-id]").first  # noqa: E731 - read where it is used
    return {
        "login.username": lambda page: page.get_by_label("账号"),
        "login.password": lambda page: page.get_by_label("密码"),
        "login.submit": lambda page: page.get_by_role("button", name="登录"),
        "login.try_wrong": fail_to_sign_in,
        "login.failed": lambda page: page.get_by_text("账号或密码错误"),
        "login.by_hand": sign_in,
        "list.row": lambda page: first(page).locator(".goods").first,
        "list.row_id": lambda page: first(page).locator(".order-id"),
        "list.row_state": lambda page: first(page).locator(".status"),
        "list.row_open": lambda page: first(page).get_by_role("link", name="订单详情"),
        "identity": lambda page: page.locator("header .account b"),
        "identity.name": "seller",
        "list.more": [other_tab(tab) for tab in TABS],
        "list.search": search,
        "list.empty": lambda page: page.locator("tr.empty td"),
        **{f"order.{field}": fact(label) for field, label in LABELS.items()},
        "order.amount": [amount, amount],
        "order.more": [*list(LABELS)[4:], *TYPED],
        **{f"order.{field}": f'{{ beside = "{label}" }}' for field, label in TYPED.items()},
        "order.item": lambda page: page.get_by_role("table", name="货品清单").locator("td").first,
        "order.action": lambda page: page.get_by_role("group", name="订单操作").get_by_role("button").first,
        "absent": lambda page: page.get_by_text("订单不存在或无权查看"),
        "act.open": open_dialog,
        "act.send": press_last_button,
        "form.confirm": lambda page: page.get_by_role("button", name="确定"),
        "form.dismiss": lambda page: page.get_by_role("button", name="取消"),
        "form.order_id": lambda page: page.get_by_role("dialog").locator("dd").first,
    }  # fmt: skip
