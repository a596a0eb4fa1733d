"""The baseline: the same clicks as plain Playwright, with no safety, no evidence and no database."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from playwright.async_api import Page, async_playwright

from agent.browser.find import find_browser, launch_args

from .portal import PASSWORD

CloseOne = Callable[[str], Awaitable[None]]

_REASON = "买家取消订单"
_DONE = "关闭订单成功"


@asynccontextmanager
async def bare_script(url: str, skin: str) -> AsyncIterator[CloseOne]:
    """Sign in with a browser like the product's and return what closes one order after the other in one page."""
    found = find_browser(None, None, headed=False)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=found.executable,
            channel=found.channel,
            args=launch_args([urlsplit(url).hostname or ""]),
        )
        context = await browser.new_context(
            viewport={"width": 1366, "height": 900}, locale="zh-CN", timezone_id="Asia/Shanghai"
        )
        page = await context.new_page()
        await _sign_in(page, url)
        steps = _classic if skin == "classic" else _workbench
        yield lambda order_id: steps(page, url, order_id)
        await browser.close()


async def _sign_in(page: Page, url: str) -> None:
    await page.goto(f"{url}/login")
    await page.get_by_label("账号").fill("seller")
    await page.get_by_label("密码").fill(PASSWORD)
    await page.get_by_role("button", name="登录").click()
    await page.get_by_role("navigation", name="主导航").wait_for()


async def _classic(page: Page, url: str, order_id: str) -> None:
    await page.goto(f"{url}/trade/sold?q={order_id}")
    await page.get_by_role("link", name="订单详情").click()
    await page.get_by_role("group", name="订单操作").get_by_role("button", name="关闭订单").click()
    await page.get_by_role("combobox", name="关闭原因").select_option(label=_REASON)
    await page.get_by_role("button", name="确定").click()
    await page.get_by_text(_DONE).wait_for()


async def _workbench(page: Page, url: str, order_id: str) -> None:
    await page.goto(f"{url}/workbench?_path_=trade/list&q={order_id}")
    frame = page.frame_locator("iframe[name=trade]")
    await frame.get_by_role("link", name="订单详情").click()
    await frame.get_by_role("group", name="订单操作").get_by_role("button", name="关闭订单").click()
    dialog = frame.get_by_role("dialog", name="关闭订单")
    await dialog.get_by_role("progressbar").wait_for(state="hidden")
    await dialog.get_by_role("combobox", name="关闭原因").click()
    await frame.get_by_role("option", name=_REASON).click()
    await dialog.get_by_role("button", name="确定").click()
    await frame.get_by_text(_DONE).wait_for()
