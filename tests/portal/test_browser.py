"""A real browser can use every skin, and meets the wire's faults as a person would."""

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


def lit(page: Page, **more: object) -> Running:
    """Start the lit skin and sign in to it."""
    portal = start(orders=30, skin="lit", **{"render_ms": 20, "promo": False, **more})
    sign_in(page, portal)
    return portal


def test_lit_closes_an_order_behind_its_pop_ups(page: Page) -> None:
    with lit(page, promo=True) as portal:
        order_id = unpaid(portal)
        page.get_by_role("dialog", name="大促报名").get_by_role("button", name="我知道了").click()
        page.get_by_role("dialog", name="规则更新通知").get_by_role("button", name="关闭").click()
        page.get_by_role("searchbox", name="商品名称/订单号").fill(order_id)
        page.get_by_role("button", name="搜索").click()
        row = page.get_by_role("rowgroup", name="订单", exact=True).get_by_role("row").filter(has_text=order_id)
        row.get_by_role("link", name="订单详情").click()
        bar = page.get_by_role("group", name="订单操作")
        bar.get_by_role("button", name="关闭订单", exact=True).click()
        dialog = page.get_by_role("dialog", name="关闭订单")
        dialog.get_by_role("combobox", name="关闭原因").click()
        page.get_by_role("option", name="未及时付款", exact=True).click()
        dialog.get_by_role("button", name="确定").click()
        expect(page.get_by_role("status")).to_have_text("关闭订单成功")
        expect(page.get_by_test_id("order-sheet").get_by_text("交易关闭").first).to_be_visible()
        assert ledger(portal) == ["order_closed"]


def test_lit_stands_in_shadow_roots_several_deep(page: Page) -> None:
    with lit(page):
        link = page.get_by_role("link", name="订单详情").first
        hosts = """link => {
            const hosts = [link];
            while (hosts.at(-1).getRootNode().host) hosts.push(hosts.at(-1).getRootNode().host);
            return hosts.map((host) => host.localName);
        }"""
        assert link.evaluate(hosts) == ["mp-link", "mp-order-row", "mp-order-table", "mp-orders-page", "mp-app"]


def test_lit_is_pressed_by_real_input_only(page: Page) -> None:
    """A script's click, and events that a script makes, do nothing; pointer and keyboard do."""
    with lit(page) as portal:
        page.goto(f"{portal.url}/console/orders/{unpaid(portal)}")
        button = page.get_by_role("group", name="订单操作").get_by_role("button", name="关闭订单", exact=True)
        dialog = page.get_by_role("dialog", name="关闭订单")
        button.evaluate("button => { button.click(); button.shadowRoot.firstChild.click(); }")
        for kind in ("pointerdown", "pointerup", "click"):
            button.dispatch_event(kind, {"pointerId": 1, "button": 0})
        button.hover()
        page.mouse.down()
        page.mouse.move(5, 5)
        page.mouse.up()
        page.mouse.move(5, 300)
        page.mouse.down()
        button.hover()
        page.mouse.up()
        expect(dialog).to_have_count(0)
        button.press("Enter")
        expect(dialog).to_be_visible()
        dialog.get_by_role("button", name="取消").click()
        expect(dialog).to_have_count(0)
        button.click()
        expect(dialog).to_be_visible()


def test_lit_reuses_few_rows_and_fills_them_late(page: Page) -> None:
    """A row that has come by scrolling stands for its new order at once, and shows the former one for a while."""
    with lit(page, render_ms=2000):
        rows = page.locator("mp-order-row")
        expect(rows.filter(has_text="订单详情")).to_have_count(7)
        rows.first.evaluate("row => { window.reused = row; window.before = row.shadowRoot.textContent; }")
        scrolled = page.get_by_role("rowgroup", name="订单", exact=True)
        scrolled.evaluate("box => { box.scrollTop = box.scrollHeight; }")
        page.wait_for_function("() => window.reused.order !== window.reused.drawn")
        assert page.evaluate("() => window.reused.shadowRoot.textContent === window.before")
        page.wait_for_function("() => window.reused.shadowRoot.textContent.includes(window.reused.order.orderId)")
        assert rows.count() == 7
        assert page.evaluate("() => window.reused.shadowRoot.textContent !== window.before")


def test_lit_holds_templates_that_nobody_sees(page: Page) -> None:
    with lit(page):
        expect(page.get_by_role("link", name="订单详情").first).to_be_visible()
        for hidden in (
            page.locator("mp-dialog[aria-label=关闭订单]"),
            page.locator("mp-order-table [role=row][hidden]"),
        ):
            expect(hidden.filter(visible=False)).not_to_have_count(0)
            expect(hidden.filter(visible=True)).to_have_count(0)
            expect(hidden.first).to_contain_text("订单号")
