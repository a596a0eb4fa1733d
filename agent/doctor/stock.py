"""What is left of the goods: the page that shows it, for one SKU of an order."""

from agent.doctor.looks import Visitor
from agent.domain.ids import OrderId
from page_objects.locate import locate
from page_objects.stock import read_stock, row_of


async def visit_stock(visitor: Visitor, order_id: OrderId, sku: str) -> bool:
    """Look at the page of the stock as a run does, and say whether it came."""
    page = visitor.profile.pages.stock
    if page is None:
        return False
    where = f"stock of an order's goods ({order_id})"
    await visitor.arrive("stock", page, lambda: read_stock(visitor.site, sku, order_id), where)
    if visitor.site.showing is not page:
        return False
    frame = visitor.site.frame
    for name in ("rows", "row_sku", "row_stock"):
        await visitor.texts(f"pages.stock.{name}", frame, getattr(page, name), where)
    await visitor.once("pages.stock.search_box", frame, page.search_box, where)
    await visitor.once("pages.stock.search_button", frame, page.search_button, where)
    return await visitor.counted("pages.stock.row_open", locate(row_of(visitor.site, sku), page.row_open), where)
