"""What is left of one SKU, on the portal's page of its goods."""

import re

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Locator

from agent.domain.ids import OrderId
from agent.errors import ElementAmbiguous, ElementMissing, PageChanged, PageUnreadable, Transient
from page_objects import hand
from page_objects.locate import locate, normalised, whole
from page_objects.profile import StockPage, Target
from page_objects.reading import shown_texts
from page_objects.site import Site

_NUMBER = re.compile(r"\d{1,3}(?:,\d{3})+|\d+", re.ASCII)


async def read_stock(site: Site, sku: str, order_id: OrderId) -> int:
    """Open the page of the stock for the sake of an order, and return how much is left of one SKU.

    Raises:
        PageUnreadable: the profile has no such page, or the number is none.
        PageChanged: no row, or more than one, is of this whole SKU.
    """
    page = stock_page(site)
    await _open(site, page, sku, order_id)
    row = row_of(site, sku)
    try:
        rows = await row.count()
        texts = [normalised(text) for text in await shown_texts(locate(row, page.row_stock))]
    except PlaywrightError as fault:
        raise Transient(fault.message.splitlines()[0]) from fault
    if rows == 0:
        raise ElementMissing(f"the stock shows no SKU {sku}")
    if rows > 1:
        raise ElementAmbiguous(f"{rows} rows of the stock show SKU {sku}")
    if len(texts) != 1 or _NUMBER.fullmatch(texts[0]) is None:
        raise PageUnreadable(f"the stock of SKU {sku} is shown as {texts[:3]!r}, which is no number")
    return int(texts[0].replace(",", ""))


def stock_page(site: Site) -> StockPage:
    """Return the profile's page of the stock.

    Raises:
        PageUnreadable: it has none.
    """
    page = site.profile.pages.stock
    if page is None:
        raise PageUnreadable("the profile has no [pages.stock]")
    return page


def row_of(site: Site, sku: str) -> Locator:
    """Return the rows of the open page whose SKU, compared whole, is this one."""
    page = stock_page(site)
    named = locate(site.frame, page.row_sku).filter(has_text=whole([sku]))
    return locate(site.frame, page.rows).filter(has=named)


async def _open(site: Site, page: StockPage, sku: str, order_id: OrderId) -> None:
    await site.open(page, order_id, sku=sku)
    if page.search_box is not None:
        await _search(site, page.search_box, page, sku)
    come = row_of(site, sku).or_(locate(site.frame, page.empty))
    try:
        await come.first.wait_for(timeout=site.profile.arrive_s * 1000)
    except PlaywrightError as fault:
        await site.check()
        raise ElementMissing(f"search for SKU {sku}: neither its row nor the empty marker came") from fault
    await site.check()


async def _search(site: Site, box: Target, page: StockPage, sku: str) -> None:
    """Search, and wait until no row is left that the search cannot have found."""
    site.expect_navigation()
    await hand.write(locate(site.frame, box), sku, "search box of the stock")
    if page.search_button is not None:
        await hand.press(locate(site.frame, page.search_button), "search button of the stock")
    others = locate(site.frame, page.rows).filter(has_not_text=sku)
    try:
        await others.first.wait_for(state="hidden", timeout=site.profile.arrive_s * 1000)
    except PlaywrightError as fault:
        await site.check()
        raise PageChanged(f"the stock shows other goods than those that were searched for by SKU {sku}") from fault
