"""The list of orders read from end to end for a rule: a work queue, never the ground of a decision."""

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Locator

from agent.domain.ids import OrderId
from agent.domain.orders import OrderState
from agent.domain.rules import Shown
from agent.errors import ElementMissing, PageChanged, PageUnreadable, Transient
from page_objects.filters import set_filters
from page_objects.locate import locate, normalised, order_ids_in
from page_objects.profile import ListPage, QueuePages, Target
from page_objects.reading import shown_texts
from page_objects.site import Site

T = TypeVar("T")

_MOST_PAGES = 2_000
_DRAWN_S = 3.0  # how long new rows may take to be drawn after scrolling, where nothing says that there are any
_PAUSE_S = 0.1
_NUMBER = re.compile(r"[0-9][0-9,]*", re.ASCII)
# Less than what is to be seen at once: the rows of two looks overlap.
_SCROLL_ON = """(box) => {
  const before = box.scrollTop;
  box.scrollTop = before + Math.max(1, Math.floor(box.clientHeight * 0.6));
  return box.scrollTop > before;
}"""


@dataclass(frozen=True, slots=True)
class Queue:
    """The orders of one tab, each once, in the order of the list; ``counted`` is how many the list says it has."""

    orders: tuple[Shown, ...]
    counted: int | None

    @property
    def whole(self) -> bool:
        """Whether every order that the list counts was shown."""
        return self.counted is None or self.counted == len(self.orders)


class OrderQueue:
    """Reads all pages of one tab."""

    def __init__(self, site: Site, queue: QueuePages) -> None:
        self._site = site
        self._list: ListPage = site.profile.pages.list
        self._queue = queue

    async def read(self, state: OrderState) -> Queue:
        """Return what the tab of a state shows.

        Raises:
            ElementMissing: a page came with neither rows nor the empty marker.
            PageChanged: a page says neither that there is another one nor that it is the last.
            Transient, Arrival: see ``Site.open``.
        """
        found: dict[OrderId, Shown] = {}
        counted: int | None = None
        before: Mapping[OrderId, Shown] = {}
        for number in range(1, _MOST_PAGES + 1):
            await self._open(state, number)
            counted = await self._counted()
            rows = await self._rows_of_page(enough=None if counted is None else counted - len(found))
            if rows and rows.keys() == before.keys():
                raise Transient(f"the list of orders shows page {number - 1} again instead of page {number}")
            found |= {order_id: row for order_id, row in rows.items() if order_id not in found}
            before = rows
            if await self._is_last():
                return Queue(tuple(found.values()), counted)
        raise PageChanged(f"the list of orders does not end within {_MOST_PAGES} pages")

    async def _open(self, state: OrderState, number: int) -> None:
        """Open one page of the tab, and wait until it shows rows, or says that it has none."""
        page = self._list.model_copy(update={"url": self._queue.url_for(self._site.account.role, state, number)})
        frame = await self._site.open(page)
        await set_filters(self._site, self._list.filters)
        come = locate(frame, self._list.rows).or_(locate(frame, self._list.empty))
        try:
            await come.first.wait_for(timeout=self._site.profile.arrive_s * 1000)
        except PlaywrightError as fault:
            await self._site.check()
            raise ElementMissing("the list of orders shows neither rows nor its empty marker") from fault
        await self._site.check()

    async def _rows_of_page(self, *, enough: int | None) -> dict[OrderId, Shown]:
        """Return the orders of the page that is open, scrolled to its end where it draws only some of them."""
        rows = await self._drawn({})
        while self._queue.scroll is not None and (enough is None or len(rows) < enough):
            if not await self._scrolled(self._queue.scroll):
                break
            rows = {**rows, **await self._drawn(rows)}
        return rows

    async def _scrolled(self, box: Target) -> bool:
        found = locate(self._site.frame, box)
        try:
            return bool(await found.count()) and bool(await found.first.evaluate(_SCROLL_ON))
        except PlaywrightError as fault:
            raise Transient(fault.message.splitlines()[0]) from fault

    async def _drawn(self, known: Mapping[OrderId, Shown]) -> dict[OrderId, Shown]:
        """Return the rows once two looks agree; after scrolling, once there are new ones among them."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        last: dict[OrderId, Shown] | None = None
        while True:
            rows = await self._read_rows()
            waited = loop.time() - begun
            if rows == last and (not known or rows.keys() - known.keys() or waited > _DRAWN_S):
                return rows
            if waited > self._site.profile.arrive_s and rows != last:
                raise Transient("the rows of the list do not come to rest")
            last = rows
            await asyncio.sleep(_PAUSE_S)

    async def _read_rows(self) -> dict[OrderId, Shown]:
        try:
            rows = await locate(self._site.frame, self._list.rows).all()
            shown = await asyncio.gather(*(self._row(row) for row in rows))
        except PlaywrightError as fault:
            raise Transient(fault.message.splitlines()[0]) from fault
        return {one.order_id: one for one in shown if one is not None}

    async def _row(self, row: Locator) -> Shown | None:
        """Return what a row shows; None for one that does not show the whole id of just one order."""
        queue = self._queue
        targets = (self._list.row_id, self._list.row_state)
        more = (queue.row_created, queue.row_amount, queue.row_goods, queue.row_buyer)
        ids, states, created, amount, goods, buyer = await asyncio.gather(
            *(_texts(row, target) for target in (*targets, *more))
        )
        found = order_ids_in(" ".join(ids))
        if len(found) != 1:
            return None
        words = self._site.words
        state = words.known("order_state", states[0]) if len(states) == 1 else None
        return Shown(
            order_id=OrderId(next(iter(found))),
            state=None if state is None else OrderState(state),
            created_at=_or_none(words.time, created),
            amount=_or_none(words.money, amount),
            goods=tuple(map(normalised, goods)) or None,
            buyer=normalised(buyer[0]) or None if len(buyer) == 1 else None,
        )

    async def _counted(self) -> int | None:
        """Return how many orders the list says it has; None where it does not say."""
        if self._queue.counted is None:
            return None
        try:
            texts = await shown_texts(locate(self._site.frame, self._queue.counted))
        except PlaywrightError as fault:
            raise Transient(fault.message.splitlines()[0]) from fault
        numbers = _NUMBER.findall(" ".join(texts))
        return int(numbers[0].replace(",", "")) if len(numbers) == 1 else None

    async def _is_last(self) -> bool:
        frame = self._site.frame
        try:
            more = await locate(frame, self._queue.next).count()
            last = await locate(frame, self._queue.last).count()
        except PlaywrightError as fault:
            raise Transient(fault.message.splitlines()[0]) from fault
        if bool(more) is bool(last):
            raise PageChanged("the list of orders does not say whether another page follows")
        return bool(last)


async def _texts(row: Locator, target: Target | None) -> list[str]:
    return [] if target is None else await shown_texts(locate(row, target))


def _or_none(read: Callable[[str], T], texts: Sequence[str]) -> T | None:
    """Return what the one text says; None where it says nothing that can be read: the order's own page will."""
    if len(texts) != 1:
        return None
    try:
        return read(texts[0])
    except PageUnreadable:
        return None
