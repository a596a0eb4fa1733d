"""What is pressed is the one control of that name in our order's own container, seen and hit; else nothing is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from anyio.from_thread import BlockingPortal
from playwright.async_api import Browser, BrowserContext

from agent.browser.gate import RequestGate
from agent.browser.launch import open_context
from agent.domain.acts import ActKind
from agent.domain.cases import Role
from agent.domain.ids import OrderId
from agent.errors import ElementAmbiguous, ElementBlocked, ElementMissing, PageChanged, WrongOrder, WrongShop
from fixtures.mock_portal import server as mock_portal
from page_objects import hand, questions
from page_objects.form import ActForm
from page_objects.loader import load_profile
from page_objects.login import sign_in
from page_objects.order_detail import OrderDetail
from page_objects.requests import PortalRequests
from page_objects.site import Account, Site

Run = Callable[..., object]
PROFILE = load_profile("mock_classic").profile

BUTTON = "[...document.querySelectorAll('{}')].find(one => /{}/.test(one.innerText))"
OPENER = BUTTON.format("fieldset.bar .btn", "关闭订单")
CONFIRM = BUTTON.format("[role=dialog] button", "确定")


@dataclass
class Shop:
    """Two unpaid orders on a real portal's pages, and what anybody has done to them."""

    site: Site
    portal: mock_portal.Running
    mine: OrderId
    other: OrderId

    @property
    def form(self) -> ActForm:
        """The form that closes our order."""
        (variant,) = (each for each in PROFILE.acts[ActKind.CLOSE] if Role.SELLER in each.roles)
        return ActForm(self.site, ActKind.CLOSE, variant, self.mine)

    async def on_the_order(self, *mischief: str) -> None:
        """Open our order's page, then do something to it."""
        await OrderDetail(self.site).open(self.mine)
        for js in mischief:
            await self.site.page.evaluate(js)


@pytest.fixture(scope="module")
def portal() -> Iterator[mock_portal.Running]:
    running = mock_portal.start(skin="classic", orders=40, seed=7, render_ms=0, promo=False)
    yield running
    running.stop()


@pytest.fixture
def shop(loop_thread: BlockingPortal, walled_browser: Browser, portal: mock_portal.Running) -> Iterator[Shop]:
    account = Account("demo", portal.url, Role.SELLER, "seller")
    context: BrowserContext = loop_thread.call(open_context, walled_browser)
    unpaid = [OrderId(order.order_id) for order in portal.portal.shop.orders.values() if order.state == "waitbuyerpay"]

    async def signed_in() -> Site:
        await RequestGate(PortalRequests(PROFILE, account)).attach(context)
        site = Site(await context.new_page(), PROFILE, account)
        await sign_in(site, "demo")
        return site

    yield Shop(loop_thread.call(signed_in), portal, unpaid[0], unpaid[1])
    loop_thread.call(context.close)
    assert all(portal.portal.shop.orders[order_id].state == "waitbuyerpay" for order_id in unpaid)


def test_an_honest_page_is_read_and_its_form_opens(run: Run, shop: Shop) -> None:
    """Without this the refusals below would prove nothing."""

    async def work() -> None:
        await shop.on_the_order()
        assert (await OrderDetail(shop.site).read(shop.mine)).order_id == shop.mine
        await shop.form.open()

    run(work())


def test_another_orders_page_is_not_read_as_ours(run: Run, shop: Shop) -> None:
    async def work() -> None:
        await OrderDetail(shop.site).open(shop.other)
        with pytest.raises(WrongOrder):
            await OrderDetail(shop.site).read(shop.mine)

    run(work())


def test_a_form_that_names_another_order_is_not_used(run: Run, shop: Shop) -> None:
    rename = "document.querySelector('[role=dialog]').innerHTML = document.querySelector('[role=dialog]').innerHTML"

    async def work() -> None:
        await shop.on_the_order()
        await shop.form.open()
        await shop.site.page.evaluate(f"{rename}.replaceAll('{shop.mine}', '{shop.other}')")
        with pytest.raises(WrongOrder):
            await shop.form.verify()

    run(work())


def test_of_two_controls_of_one_name_neither_is_pressed(run: Run, shop: Shop) -> None:
    async def work() -> None:
        await shop.on_the_order(f"(b => b.after(b.cloneNode(true)))({OPENER})")
        with pytest.raises(ElementAmbiguous):
            await shop.form.open()

    run(work())


def test_of_two_last_buttons_neither_is_pressed(run: Run, shop: Shop) -> None:
    async def work() -> None:
        await shop.on_the_order()
        await shop.form.open()
        await shop.site.page.evaluate(f"(b => b.after(b.cloneNode(true)))({CONFIRM})")
        with pytest.raises(ElementAmbiguous):
            await shop.form.confirm()

    run(work())


def test_a_control_outside_the_orders_own_bar_is_not_the_control(run: Run, shop: Shop) -> None:
    async def work() -> None:
        await shop.on_the_order(f"document.body.append({OPENER})")
        with pytest.raises(ElementMissing):
            await shop.form.open()

    run(work())


def test_a_control_whose_name_only_contains_the_name_is_not_the_control(run: Run, shop: Shop) -> None:
    async def work() -> None:
        await shop.on_the_order(f"(b => b.innerText = '关闭订单并拉黑买家')({OPENER})")
        with pytest.raises(ElementMissing):
            await shop.form.open()

    run(work())


def test_an_unknown_label_in_the_bar_is_no_missing_button(run: Run, shop: Shop) -> None:
    async def work() -> None:
        await shop.on_the_order(f"(b => b.innerText = '终止交易')({OPENER})")
        order = await OrderDetail(shop.site).read(shop.mine)
        assert order.unknown_controls == ("终止交易",)

    run(work())


COVER = "Object.assign(document.createElement('div'), {style: 'position:fixed; inset:0; z-index:9'})"
MISCHIEF = {
    "covered": f"document.body.append({COVER})",
    "disabled": f"{OPENER}.setAttribute('aria-disabled', 'true')",
    "restless": f"{OPENER}.animate([{{translate: 0}}, {{translate: '300px'}}], {{duration: 99, iterations: 1e6}})",
}


@pytest.mark.parametrize("how", MISCHIEF)
def test_a_control_that_the_pointer_would_not_hit_is_not_pressed(run: Run, shop: Shop, how: str) -> None:
    async def work() -> None:
        await shop.on_the_order(MISCHIEF[how])
        opener = shop.form._opener()
        with pytest.raises(ElementBlocked):
            await hand.press(opener, "the opener", timeout_ms=500)

    run(work())


ASKS = """document.querySelector('[role=dialog] form').addEventListener(
    'submit', event => {{ if (!confirm('{}')) event.preventDefault() }})"""
ASKED = "真的要关闭订单 {order_id} 吗？"


def asked_form(shop: Shop) -> ActForm:
    """The form, with a question of the browser's before its last click is heard."""
    form = shop.form
    form.form = form.form.model_copy(update={"asked": (ASKED,)})
    return form


def test_the_browsers_question_about_our_order_is_answered_with_yes(run: Run, shop: Shop) -> None:
    """Nobody expects the request that follows: the gate stops it."""

    async def work() -> None:
        await shop.on_the_order()
        form = asked_form(shop)
        await form.open()
        await shop.site.page.evaluate(ASKS.format(ASKED.format(order_id=shop.mine)))
        async with shop.site.page.expect_event("requestfailed", lambda asked: asked.method == "POST"):
            await form.confirm()

    run(work())


@pytest.mark.parametrize("question", ["真的要关闭订单 106886380946666222 吗？", "同时拉黑买家？"])
def test_another_question_of_the_browser_is_dismissed_and_ends_the_act(run: Run, shop: Shop, question: str) -> None:
    sent: list[str] = []

    async def work() -> None:
        await shop.on_the_order()
        form = asked_form(shop)
        await form.open()
        await shop.site.page.evaluate(ASKS.format(question))
        shop.site.page.on("request", lambda asked: sent.append(asked.method))
        with pytest.raises(PageChanged, match=question):
            await form.confirm()
        assert await form.root.is_visible()

    run(work())
    assert sent == []


def test_a_question_that_does_not_come_ends_the_act(run: Run, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions, "_COMES_S", 0.3)

    async def work() -> None:
        await shop.on_the_order()
        form = asked_form(shop)
        await form.open()
        await shop.site.page.evaluate("document.querySelector('[role=dialog] form').onsubmit = () => false")
        with pytest.raises(ElementMissing, match="真的要关闭订单"):
            await form.confirm()

    run(work())


def test_a_question_that_the_profile_does_not_tell_is_dismissed_and_named(run: Run, shop: Shop) -> None:
    async def work() -> None:
        await shop.on_the_order()
        form = shop.form
        await form.open()
        await shop.site.page.evaluate(ASKS.format("同时拉黑买家？"))
        await form.confirm()
        with pytest.raises(PageChanged, match="同时拉黑买家？"):
            form.refuse_questions()

    run(work())


def test_a_page_of_another_account_is_no_page_of_ours(run: Run, shop: Shop) -> None:
    async def work() -> None:
        await shop.on_the_order("document.querySelector('header.top .account').innerText = '账号：seller2'")
        with pytest.raises(WrongShop):
            await shop.site.arrive(PROFILE.pages.detail)

    run(work())
