"""The list of orders: its elements, its search, and which orders are worth a closer look."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from playwright.async_api import Frame, Locator

from agent.doctor.book import Aim
from agent.doctor.elements import leaves
from agent.doctor.findings import State
from agent.doctor.looks import NOBODYS, Visitor, drawn, matches, texts_of
from agent.domain.ids import OrderId
from agent.errors import OrderAbsent, PageChanged, Transient
from page_objects.locate import locate, order_ids_in
from page_objects.order_list import Row
from page_objects.profile import ListPage

_LIST = "list"


class Listed(NamedTuple):
    """One order of the list; ``shape`` is what its row says that the word tables know."""

    order_id: OrderId
    state: str
    shape: frozenset[str]


async def visit_list(visitor: Visitor) -> list[Listed]:
    """Look at the list as it opens, and return the orders that it shows."""
    page = visitor.profile.pages.list
    frame = await visitor.arrive(_LIST, page, lambda: visitor.site.open(page), _LIST)
    if frame is None:
        return []
    for name in ("search_box", "search_button"):
        await visitor.once(f"pages.list.{name}", frame, getattr(page, name), _LIST)
    rows, empty = locate(frame, page.rows), locate(frame, page.empty)
    await drawn(rows.or_(empty).first, visitor.profile.arrive_s)
    count = await matches(rows)
    if count:
        visitor.sheet.count("pages.list.rows", count, _LIST, several=True)
    elif not await visitor.counted("pages.list.empty", empty, _LIST):
        visitor.sheet.missing("pages.list.rows", _LIST, "neither rows nor the empty marker came")
    said = await leaves(rows)
    listed = [await _row(visitor, page, rows.nth(at), f"list, row {at + 1}", said[at:]) for at in range(count)]
    await visitor.book.page(visitor, _LIST, _LIST, _aims(page, frame, rows))
    return [one for one in listed if one is not None]


def _aims(page: ListPage, frame: Frame, rows: Locator) -> dict[str, Aim]:
    aims = {"pages.list.ready": Aim(frame, page.ready)}
    for name, target in (("search_box", page.search_box), ("search_button", page.search_button)):
        if target is not None:
            aims[f"pages.list.{name}"] = Aim(frame, target, pressed=True)
    aims["pages.list.row_open"] = Aim(rows.first, page.row_open, pressed=True)
    aims["pages.list.row_id"] = Aim(rows.first, page.row_id)
    aims["pages.list.row_state"] = Aim(rows.first, page.row_state)
    return aims


async def _row(
    visitor: Visitor, page: ListPage, row: Locator, where: str, said: Sequence[Sequence[str]]
) -> Listed | None:
    """Look at one row, and return its order; None where it does not show the id of just one."""
    found, states, _ = await asyncio.gather(
        texts_of(locate(row, page.row_id)),
        texts_of(locate(row, page.row_state)),
        visitor.once("pages.list.row_open", row, page.row_open, where),
    )
    ids = order_ids_in(" ".join(found))
    visitor.sheet.count("pages.list.row_id", len(ids), where)
    visitor.sheet.count("pages.list.row_state", len(states), where)
    for text in states[:1]:
        visitor.sheet.word("order_state", text, where)
    if len(ids) != 1:
        return None
    known = frozenset(text for texts in said[:1] for text in texts if visitor.book.knows(text))
    return Listed(OrderId(next(iter(ids))), "".join(states[:1]), known)


async def try_search(visitor: Visitor, order_id: OrderId) -> None:
    """Find an order by search and open its page from its row; then search for an order that nobody has."""
    row = await _find(visitor, order_id)
    if row is not None:
        await _open(visitor, row, f"row of order {order_id}")
    nobodys = await _find(visitor, NOBODYS)
    if nobodys is None and visitor.site.showing is visitor.profile.pages.list:
        where = "search for an order that nobody has"
        await visitor.once("pages.list.empty", visitor.site.frame, visitor.profile.pages.list.empty, where)


async def _find(visitor: Visitor, order_id: OrderId) -> Row | None:
    page = visitor.profile.pages.list
    where = f"search for order {order_id}"
    before = visitor.sheet.troubles
    try:
        return await visitor.look(lambda: visitor.lane.list.find(order_id))
    except (PageChanged, Transient) as fault:
        if visitor.sheet.troubles == before:
            entry = "pages.list.search_box" if page.search_box is not None else "pages.list.url"
            visitor.wrong(entry, where, fault)
        return None


async def _open(visitor: Visitor, row: Row, where: str) -> None:
    """Open an order from its row, as a run does; its page is looked at later."""
    try:
        await visitor.lane.list.open_detail(row)
        await visitor.lane.detail.arrive()
    except OrderAbsent:
        visitor.sheet.write("signals.absent", State.FOUND, where)
    except (PageChanged, Transient) as fault:
        visitor.wrong("pages.list.row_open", where, fault, "does not lead to [pages.detail]: ")
