"""A picture of a long conversation is taken where its newest message stands."""

from collections.abc import Callable

import pytest
from anyio.from_thread import BlockingPortal
from playwright.async_api import Browser, expect

from agent.browser.gate import RequestGate
from agent.browser.launch import open_context
from agent.domain.cases import Role
from agent.domain.ids import OrderId
from agent.errors import Transient
from fixtures.mock_portal import server as mock_portal
from fixtures.mock_portal.changes import Change, send_message
from page_objects.loader import load_profile
from page_objects.locate import locate
from page_objects.login import sign_in
from page_objects.requests import PortalRequests
from page_objects.site import Account, Site
from page_objects.thread import read_thread, show_newest

LAST = "最后这句才是答复"


@pytest.mark.parametrize("skin", mock_portal.SKINS)
def test_the_newest_message_of_a_long_conversation_is_what_the_browser_shows(
    loop_thread: BlockingPortal, walled_browser: Browser, run: Callable[..., object], skin: str
) -> None:
    profile = load_profile(f"mock_{skin}").profile
    portal = mock_portal.start(skin=skin, orders=5, seed=7, render_ms=0, promo=False)
    shop = portal.portal.shop
    order = next(iter(shop.orders.values()))
    change = Change(shop, order, shop.now(), "req-1")
    for n in range(30):
        send_message(change, "buyer", f"第 {n} 句")
    send_message(change, "buyer", LAST)
    context = loop_thread.call(open_context, walled_browser)
    account = Account("demo", portal.url, Role.SELLER, "seller")

    async def work() -> None:
        await RequestGate(PortalRequests(profile, account)).attach(context)
        site = Site(await context.new_page(), profile, account)
        await sign_in(site, "demo")
        with pytest.raises(Transient):
            await show_newest(site)  # nothing is scrolled on another page than the conversation
        thread = await read_thread(site, OrderId(order.order_id))
        assert thread[-1].text == LAST
        page = profile.pages.thread
        assert page is not None
        last = locate(site.frame, page.row_text).filter(has_text=LAST)
        await expect(last).not_to_be_in_viewport()
        await show_newest(site)
        await expect(last).to_be_in_viewport(ratio=1)

    try:
        run(work())
    finally:
        loop_thread.call(context.close)
        portal.stop()
