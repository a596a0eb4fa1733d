"""How a person teaches the dashboard of django-oscar: what they point at, and what they type."""

from typing import Any

from playwright.async_api import Page

from agent.teaching.asking import Question

from .pupil import click, order_in

EMAIL, PASSWORD = "seller@example.com", "demo"


async def _try(page: Page, password: str) -> None:
    await page.get_by_label("Username:").fill("seller")
    await page.get_by_label("Password:").fill(password)
    await click(page.get_by_role("button", name="Login"))


async def fail_to_sign_in(page: Page, _question: Question) -> None:
    await _try(page, "wrong")
    await page.locator(".alert-danger").first.wait_for()


async def sign_in(page: Page, _question: Question) -> None:
    await _try(page, PASSWORD)
    await page.locator(".navbar em").wait_for()


async def search(page: Page, question: Question) -> None:
    order = order_in(question)
    await page.get_by_label("Order number").first.fill(order)
    await click(page.get_by_role("button", name="Search"))
    await page.get_by_role("heading", name=order).wait_for()


def other_page(number: int) -> Any:
    async def go(page: Page, _question: Question) -> str:
        await click(page.locator(f"a.page-link[href$='page={number}']").first)
        await page.wait_for_url(f"**page={number}")
        return "y"

    return go


def goes_to(order: str) -> Any:
    """Open one order by its address, as a bookmark would."""

    async def go(page: Page, _question: Question) -> None:
        await page.goto(f"{page.url.split('/dashboard')[0]}/dashboard/orders/{order}/")

    return go


async def press_last_button(page: Page, _question: Question) -> None:
    await page.locator("#id_new_status").select_option(label="Cancelled")
    async with page.expect_event("requestfailed"):
        await click(page.get_by_role("button", name="Change status"))


def table(page: Page, name: str) -> Any:
    return page.get_by_role("table", name=name)


def answers(paid: str, unpaid: str) -> dict[str, Any]:
    """Return the whole lesson; the two orders are one that was paid and one that was not."""
    row = lambda page: page.locator("tr:has(input[name=selected_order])").first  # noqa: E731 - read where it is used
    events = lambda page: page.locator("table", has=page.get_by_role("columnheader", name="Amount", exact=True))  # noqa: E731
    return {
        "login.username": lambda page: page.get_by_label("Username:"),
        "login.password": lambda page: page.get_by_label("Password:"),
        "login.submit": lambda page: page.get_by_role("button", name="Login"),
        "login.try_wrong": fail_to_sign_in,
        "login.failed": lambda page: page.locator(".alert-danger").first,
        "login.by_hand": sign_in,
        "list.row": lambda page: row(page).locator("td").nth(2),
        "list.row_id": lambda page: row(page).locator("td").nth(1).locator("a"),
        "list.row_state": lambda page: row(page).locator("td").nth(4),
        "list.row_open": lambda page: row(page).get_by_role("link", name="View"),
        "identity": lambda page: page.locator(".navbar em"),
        "list.more": [other_page(2), other_page(3)],
        "list.search": search,
        "list.empty": lambda page: page.get_by_text("No orders found."),
        "order.order_id": lambda page: page.locator(".page-header h1"),
        "order.order_state": lambda page: table(page, "Order information").locator("td").nth(3),
        "order.amount": lambda page: table(page, "Order information").locator("td").nth(0),
        "order.item": lambda page: page.locator("tr:has(input[name=selected_line]) td").nth(3),
        "order.action": lambda page: page.locator("#id_new_status + .select2"),
        "money.open_paid": goes_to(paid),
        "money.cell": lambda page: events(page).locator("td").first,
        "money.open_unpaid": goes_to(unpaid),
        "money.empty": lambda page: page.get_by_text("No payment events."),
        "absent": lambda page: page.get_by_role("heading", name="Page not found!"),
        "private": [lambda page: table(page, "Customer Information").locator("td").first],
        "words.controls.Cancelled": "close",
        "form.confirm": lambda page: page.get_by_role("button", name="Change status"),
        "form.order_id": lambda page: page.locator(".page-header h1"),
        "field.New order status": "state = Cancelled",
        "act.send": press_last_button,
        "operation.order_action": "y",
        "operation.new_status": "y",
        "act.opens": "n",
    }
