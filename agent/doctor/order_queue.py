"""The list as a rule reads it: its tabs, its pages, and what its rows show."""

from playwright.async_api import Frame

from agent.doctor.findings import State
from agent.doctor.looks import Visitor, drawn, matches, texts_of
from agent.domain.orders import OrderState
from agent.errors import PageChanged, Transient
from page_objects.locate import locate
from page_objects.profile import ListPage, QueuePages

_QUEUE = "pages.list.queue"
_MOST_PAGES = 4  # of one tab that are turned, to see its last one


async def visit_queue(visitor: Visitor) -> None:
    """Look at each tab that a rule could read, and turn the pages of one until its last."""
    page = visitor.profile.pages.list
    if page.queue is None:
        return
    for state in page.queue.tabs:
        for number in range(1, _MOST_PAGES + 1):
            frame = await _open(visitor, page, page.queue, state, number)
            if frame is None:
                return
            await _look_at(visitor, frame, page.queue, state)
            turned_enough = visitor.sheet.state(f"{_QUEUE}.last") is not State.UNREAD
            if turned_enough or not await matches(locate(frame, page.queue.next)):
                break


async def _open(visitor: Visitor, page: ListPage, queue: QueuePages, state: OrderState, number: int) -> Frame | None:
    where = _place(state)
    address = queue.url_for(visitor.site.account.role, state, number)
    tab = page.model_copy(update={"url": address})
    try:
        frame = await visitor.look(lambda: visitor.site.open(tab))
    except (PageChanged, Transient) as fault:
        visitor.wrong(f"{_QUEUE}.url", where, fault)
        return None
    visitor.sheet.found(f"{_QUEUE}.url", where)
    rows = locate(frame, page.rows)
    await drawn(rows.or_(locate(frame, page.empty)).first, visitor.profile.arrive_s)
    return frame


def _place(state: OrderState) -> str:
    return f"list, tab {state}"


async def _look_at(visitor: Visitor, frame: Frame, queue: QueuePages, state: OrderState) -> None:
    where = _place(state)
    page = visitor.profile.pages.list
    await _look_at_turning(visitor, frame, queue, where)
    for name in ("counted", "scroll"):
        await visitor.once(f"{_QUEUE}.{name}", frame, getattr(queue, name), where)
    rows = locate(frame, page.rows)
    if not await matches(rows):
        visitor.sheet.write(f"{_QUEUE}.tabs.{state}", State.UNREAD, where, "shows no orders now")
        return
    shown = await texts_of(locate(rows, page.row_state))
    if any(visitor.site.words.known("order_state", text) == state for text in shown):
        visitor.sheet.found(f"{_QUEUE}.tabs.{state}", where)
    else:
        visitor.sheet.missing(f"{_QUEUE}.tabs.{state}", where, "shows orders, and none in this state")
    for name in ("row_created", "row_amount", "row_buyer"):
        await visitor.once(f"{_QUEUE}.{name}", rows.first, getattr(queue, name), where)
    if queue.row_goods is not None:
        await visitor.texts(f"{_QUEUE}.row_goods", rows.first, queue.row_goods, where)


async def _look_at_turning(visitor: Visitor, frame: Frame, queue: QueuePages, where: str) -> None:
    """Write down which of the two signs is there: exactly one of them has to be."""
    more, last = await matches(locate(frame, queue.next)), await matches(locate(frame, queue.last))
    if bool(more) is not bool(last):
        visitor.sheet.found(f"{_QUEUE}.{'next' if more else 'last'}", where)
        return
    for name in ("next", "last"):
        visitor.sheet.missing(f"{_QUEUE}.{name}", where, "both are there" if more else "neither is there")
