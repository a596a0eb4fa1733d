"""A page of web components gives away no more than any other: its private texts are found, blackened and cut."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from playwright.async_api import Page

from agent.browser import capture
from agent.browser.gate import RequestGate
from agent.domain.cases import Role
from agent.domain.ids import OrderId
from agent.evidence.masking import Mask
from fixtures.mock_portal.server import Running, start
from page_objects.loader import load_profile
from page_objects.login import sign_in
from page_objects.order_detail import OrderDetail
from page_objects.requests import PortalRequests
from page_objects.site import Account, Site

Run = Callable[..., object]
PROFILE = load_profile("mock_lit").profile

# Puts other characters, as wide as those that stand there, in the place of each of the texts, in every shadow root.
OTHERS = """texts => {
  const other = (text) => [...text].map((one, at) =>
    /\\p{Script=Han}/u.test(one) ? (one === '田' ? '甲' : '田') : at > 1 && /[0-9]/.test(one) ? 9 - one : one).join('');
  const walk = (node) => {
    if (node.nodeType === Node.TEXT_NODE) {
      for (const text of texts) node.data = node.data.replaceAll(text, other(text));
    }
    for (const child of [...node.childNodes, ...(node.shadowRoot ? [node.shadowRoot] : [])]) walk(child);
  };
  walk(document.body);
  return texts.map(other);
}"""


@pytest.fixture(scope="module")
def portal() -> Iterator[Running]:
    with start(orders=30, skin="lit", promo=False, render_ms=20) as portal:
        yield portal


@pytest.fixture
def account(portal: Running) -> Account:
    return Account(shop="demo", base_url=portal.url, role=Role.SELLER, username="seller")


@pytest.fixture
def gate(account: Account) -> RequestGate:
    return RequestGate(PortalRequests(PROFILE, account))


def order_of_a_chinese_name(portal: Running) -> dict[str, Any]:
    """Return an order whose private texts all have characters that can be changed for others of their width."""
    orders: list[dict[str, Any]] = httpx.get(f"{portal.url}/_mock/orders", trust_env=False).json()["orders"]
    return next(order for order in orders if order["buyer"]["nick"][0] > "一")


def test_private_texts_in_shadow_roots_are_read_blackened_and_cut(
    run: Run, page: Page, portal: Running, account: Account
) -> None:
    order = order_of_a_chinese_name(portal)
    order_id = OrderId(order["order_id"])
    patterns = PROFILE.private.patterns

    async def work() -> None:
        site = Site(page, PROFILE, account)
        await sign_in(site, "demo")
        detail = OrderDetail(site)
        await detail.open(order_id)
        await detail.read(order_id)
        private = detail.private or ()
        assert set(private) >= {order["buyer"][field] for field in ("nick", "name", "phone", "address")}
        mine = await capture.picture(page, private_values=private, patterns=patterns)
        assert await capture.picture(page, private_values=(), patterns=()) != mine
        text = await capture.text(page)
        assert all(value in text for value in private), "the page's text is taken through shadow roots"
        cut = Mask(private, patterns).text(text)
        assert order_id in cut
        assert not [value for value in private if value in cut]
        others = await page.evaluate(OTHERS, list(private))
        assert not set(others) & set(private)
        assert await capture.picture(page, private_values=others, patterns=patterns) == mine

    run(work())
