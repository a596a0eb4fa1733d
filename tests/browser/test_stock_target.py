"""A stock is set in the row and the form of one SKU, compared whole, by a request that names SKU and number."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal
from playwright.async_api import Browser

from agent.browser.gate import Mutating, RequestGate
from agent.browser.launch import open_context
from agent.domain.acts import Act, ActKind
from agent.domain.cases import Role
from agent.domain.ids import OrderId
from agent.domain.orders import Refund, RefundState
from agent.engine import permission
from agent.engine.act import mismatch
from agent.errors import ElementAmbiguous, ElementMissing, PageUnreadable, WrongOrder
from fixtures.mock_portal import server as mock_portal
from page_objects.form import ActForm
from page_objects.loader import load_profile
from page_objects.login import sign_in
from page_objects.requests import PortalRequests
from page_objects.site import Account, Site
from page_objects.stock import read_stock

Run = Callable[..., object]
PROFILE = load_profile("mock_classic").profile.model_copy(update={"arrive_s": 3})
(VARIANT,) = PROFILE.acts[ActKind.SET_STOCK]
ORDER = OrderId("106886380946666222")
SKU, LONGER = "YS11", "YS111"
CELL = "document.querySelector('tr[data-sku=\"{}\"] .{}')"


@pytest.fixture(scope="module")
def portal() -> Iterator[mock_portal.Running]:
    running = mock_portal.start(skin="classic", orders=5, seed=7, render_ms=0, promo=False)
    before = running.portal.shop.stock.to_json()
    yield running
    assert running.portal.shop.stock.to_json() == before, "nothing here sets a stock"
    running.stop()


@pytest.fixture
def site(loop_thread: BlockingPortal, walled_browser: Browser, portal: mock_portal.Running) -> Iterator[Site]:
    account = Account("demo", portal.url, Role.SELLER, "seller")
    context = loop_thread.call(open_context, walled_browser)

    async def signed_in() -> Site:
        await RequestGate(PortalRequests(PROFILE, account)).attach(context)
        site = Site(await context.new_page(), PROFILE, account)
        await sign_in(site, "demo")
        return site

    yield loop_thread.call(signed_in)
    loop_thread.call(context.close)


def form(site: Site, sku: str = SKU) -> ActForm:
    return ActForm(site, ActKind.SET_STOCK, VARIANT, ORDER, sku=sku)


def test_an_honest_page_is_read_and_its_form_opens(run: Run, site: Site, portal: mock_portal.Running) -> None:
    """Without this the refusals below would prove nothing; the page shows longer SKUs beside ours."""

    async def work() -> None:
        assert await read_stock(site, SKU, ORDER) == portal.portal.shop.stock.goods[SKU].stock
        assert await site.page.locator(f"tr[data-sku={LONGER}]").count() == 1
        await form(site).open()
        await form(site).verify()

    run(work())


def test_the_row_of_a_longer_sku_is_not_read_as_ours(run: Run, site: Site) -> None:
    async def work() -> None:
        with pytest.raises(ElementMissing):
            await read_stock(site, "S111", ORDER)

    run(work())


def test_of_two_rows_of_one_sku_neither_is_used(run: Run, site: Site) -> None:
    async def work() -> None:
        await read_stock(site, SKU, ORDER)
        await site.page.evaluate(f"{CELL.format(LONGER, 'sku')}.textContent = '{SKU}'")
        with pytest.raises(ElementAmbiguous):
            await form(site).open()

    run(work())


def test_a_form_that_names_another_sku_is_not_used(run: Run, site: Site) -> None:
    rename = "document.querySelector('[role=dialog]').innerHTML = document.querySelector('[role=dialog]').innerHTML"

    async def work() -> None:
        await read_stock(site, SKU, ORDER)
        opened = form(site)
        await opened.open()
        await site.page.evaluate(f"{rename}.replaceAll('{SKU}', '{LONGER}')")
        with pytest.raises(WrongOrder):
            await opened.verify()

    run(work())


@pytest.mark.parametrize("shown", ["", "约100", "-3", "1.5", "100件", "1,00", "１２"])
def test_what_is_no_whole_number_is_no_stock(run: Run, site: Site, shown: str) -> None:
    """Read from a page that a script has changed before it came."""
    change = f"addEventListener('DOMContentLoaded', () => {{ {CELL.format(SKU, 'stock')}.textContent = '{shown}'; }})"

    async def work() -> None:
        await site.page.add_init_script(change)
        with pytest.raises(PageUnreadable):
            await read_stock(site, SKU, ORDER)

    run(work())


@pytest.mark.parametrize(
    "changed",
    [{"sku": LONGER}, {"stock": "50"}, {"order_id": "206886380946666222"}, {"stock": ""}, {}],
    ids=["sku", "stock", "order_id", "no number", "honest"],
)
def test_a_request_for_another_sku_or_number_is_not_what_was_meant(changed: dict[str, str]) -> None:
    act = Act(ActKind.SET_STOCK, "aftercare_stock", "", fields={"sku": SKU, "stock": 5, "was": 9})
    loaded: Any = SimpleNamespace(loaded=SimpleNamespace(profile=PROFILE))
    case: Any = SimpleNamespace(order_id=ORDER)
    order: Any = SimpleNamespace(refund=Refund(RefundState.NONE))
    wanted = permission.expected_fields(loaded, case, act, order, {"stock": "5"})
    sent = {"order_id": ORDER, "sku": SKU, "stock": "5"} | changed
    found = mismatch(Mutating("set_stock", dict(sent)), wanted, PROFILE.requests["set_stock"].compared)
    assert (found is None) is (changed == {})
