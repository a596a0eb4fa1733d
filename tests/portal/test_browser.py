"""A real browser can use both skins, and meets the wire's faults as a person would."""

import shutil
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect, sync_playwright

from fixtures.mock_portal.server import Running, start

BROWSERS = ("chromium-headless-shell", "chrome-headless-shell", "chromium", "chromium-browser", "google-chrome")
QUIET = ("quic", "background-networking", "component-update", "sync")
ARGS = ["--no-sandbox", "--no-first-run", *(f"--disable-{word}" for word in QUIET)]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    # Not the plugin's own: it lives as long as the session, and its loop would be in the way of every asyncio test.
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=path, args=ARGS)
        yield made
        made.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


def sign_in(page: Page, portal: Running) -> None:
    page.goto(portal.url)
    page.get_by_label("账号").fill("seller")
    page.get_by_label("密码").fill("demo")
    page.get_by_role("button", name="登录").click()


def unpaid(portal: Running) -> str:
    orders = httpx.get(f"{portal.url}/_mock/orders", trust_env=False).json()["orders"]
    plain = (one for one in orders if one["state"] == "waitbuyerpay" and one["pay_state"] == "1")
    return next(one["order_id"] for one in plain if one["trade_type"] == "escrow")


def ledger(portal: Running) -> list[str]:
    return [one["what"] for one in httpx.get(f"{portal.url}/_mock/ledger", trust_env=False).json()["ledger"]]


def test_classic_closes_an_order_page_by_page(page: Page) -> None:
    with start(orders=30) as portal:
        order_id = unpaid(portal)
        sign_in(page, portal)
        page.get_by_placeholder("商品名称/订单号").fill(order_id)
        page.get_by_role("button", name="搜索").click()
        row = page.get_by_role("table", name="订单列表").get_by_role("row").filter(has_text=order_id)
        row.get_by_role("link", name="订单详情").click()
        order = page.get_by_role("region", name=f"订单 {order_id}")
        order.get_by_role("group", name="订单操作").get_by_role("button", name="关闭订单", exact=True).click()
        dialog = page.get_by_role("dialog", name="关闭订单")
        dialog.get_by_label("关闭原因").select_option(label="未及时付款")
        dialog.get_by_role("button", name="确定").click()
        expect(page.get_by_role("status")).to_have_text("关闭订单成功")
        assert ledger(portal) == ["order_closed"]


def close_in(frame: FrameLocator) -> None:
    """Close the shown order in the workbench as far as the last click."""
    bar = frame.get_by_role("group", name="订单操作")
    bar.get_by_role("button", name="关闭订单", exact=True).click()
    dialog = frame.get_by_role("dialog", name="关闭订单")
    dialog.get_by_role("combobox", name="关闭原因").click()
    frame.get_by_role("option", name="未及时付款", exact=True).click()
    dialog.get_by_role("button", name="确定").click()


def test_workbench_closes_an_order_behind_its_pop_ups(page: Page) -> None:
    with start(orders=30, skin="workbench", render_ms=20) as portal:
        order_id = unpaid(portal)
        sign_in(page, portal)
        page.get_by_role("dialog", name="大促报名").get_by_role("button", name="我知道了").click()
        page.get_by_role("dialog", name="规则更新通知").get_by_role("button", name="关闭").click()
        frame = page.frame_locator("iframe[name=trade]")
        frame.get_by_placeholder("商品名称/订单号").fill(order_id)
        frame.get_by_role("button", name="搜索").click()
        row = frame.get_by_role("table", name="订单列表").get_by_role("row").filter(has_text=order_id)
        row.get_by_role("link", name="订单详情").click()
        close_in(frame)
        expect(frame.get_by_role("status")).to_have_text("关闭订单成功")
        expect(frame.locator(".order-status")).to_have_text("交易关闭")
        assert ledger(portal) == ["order_closed"]


def test_a_lost_answer_stays_lost_though_the_browser_sends_again(page: Page) -> None:
    with start(orders=30, skin="workbench", render_ms=20, promo=False) as portal:
        order_id = unpaid(portal)
        faults = {"faults": [{"name": "answer_lost", "orders": [order_id]}]}
        httpx.post(f"{portal.url}/_mock/faults", json=faults, trust_env=False)
        sign_in(page, portal)
        page.goto(f"{portal.url}/workbench?_path_=trade/detail&orderId={order_id}")
        frame = page.frame_locator("iframe[name=trade]")
        close_in(frame)
        expect(frame.get_by_role("alert").filter(has_text="网络异常")).to_be_visible()
        assert ledger(portal) == ["order_closed"]


def test_the_slider_lies_over_the_page_until_it_is_drawn(page: Page) -> None:
    with start(orders=30, skin="workbench", render_ms=20, promo=False) as portal:
        order_id = unpaid(portal)
        faults = {"faults": [{"name": "slider", "orders": [order_id], "step": "detail"}]}
        httpx.post(f"{portal.url}/_mock/faults", json=faults, trust_env=False)
        sign_in(page, portal)
        page.goto(f"{portal.inner_url}/trade/detail?orderId={order_id}")
        page.frame_locator("iframe#baxia-dialog-content").get_by_role("button", name="滑块").click()
        expect(page.get_by_role("region", name=f"订单 {order_id}")).to_be_visible()
