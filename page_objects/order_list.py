"""The list of orders: where a case is looked up by its whole id; a work queue, never the ground of a decision."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Locator

from agent.domain.ids import OrderId
from agent.errors import ElementAmbiguous, ElementMissing, PageChanged, Transient
from page_objects import hand
from page_objects.filters import set_filters
from page_objects.locate import described, locate, order_ids_in
from page_objects.profile import ListPage, Target
from page_objects.reading import shown_texts
from page_objects.site import Site

_ROW = "row of the order"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the list: what it says, and the row itself; None where the search has opened the order's page."""

    state_text: str
    locator: Locator | None


class OrderList:
    """Finds one order in the list by search."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._profile: ListPage = site.profile.pages.list

    async def find(self, order_id: OrderId) -> Row | None:
        """Search for an order and return its row, or None where the list says that there is none, or shows others only.

        Raises:
            ElementMissing: the search did not end in rows or in the empty marker.
            ElementAmbiguous: two rows show this whole id.
            PageChanged: the order is not there, and the list leaves out orders by something else than our search.
        """
        await self._site.open(self._profile, order_id)
        await set_filters(self._site, self._profile.filters)
        if self._profile.search_box is not None:
            await self._search(self._profile.search_box, self._profile.search_button, order_id)
        row = await self._row(order_id)
        if row is None:
            await self._check_whole(order_id)
        return row

    async def _check_whole(self, order_id: OrderId) -> None:
        """Make sure that nothing but our search says what the list leaves out: some lists keep an earlier choice."""
        narrowed = self._profile.narrowed
        if narrowed is not None and await self._is_there(locate(self._site.frame, narrowed)):
            raise PageChanged(
                f"the list does not show order {order_id}, and leaves orders out by a choice that was made before:"
                " take it back there"
            )

    async def open_detail(self, row: Row) -> None:
        """Open the order's own page from its row."""
        if row.locator is None:
            return
        self._site.expect_navigation()
        what = f"{_ROW}: {described(self._profile.row_open)}"
        await hand.press(locate(row.locator, self._profile.row_open), what, twice=self._profile.row_double_click)

    async def _search(self, box: Target, button: Target | None, order_id: OrderId) -> None:
        await hand.write(locate(self._site.frame, box), order_id, "search box")
        if button is not None:
            await hand.press(locate(self._site.frame, button), "search button")
        if self._profile.searched:
            await self._searched(order_id, self._profile.searched)

    async def _searched(self, order_id: OrderId, signs: Sequence[str]) -> None:
        """Wait until the address says that the search was begun."""
        try:
            await self._site.page.wait_for_url(
                lambda url: any(sign in url for sign in signs),
                wait_until="commit",
                timeout=self._site.profile.arrive_s * 1000,
            )
        except PlaywrightError as fault:
            await self._site.check()
            raise ElementMissing(f"search for {order_id}: the address does not say that it was made") from fault

    async def _row(self, order_id: OrderId) -> Row | None:
        """Wait until the list shows the wanted row alone, or its empty marker, then read it once."""
        profile, frame = self._profile, self._site.frame
        rows = locate(frame, profile.rows)
        ours = rows.filter(has_text=order_id)
        detail = locate(frame, self._site.profile.pages.detail.ready)
        come = ours.or_(locate(frame, profile.empty))
        if profile.opens_only_hit:
            come = come.or_(detail)
        try:
            await come.first.wait_for(timeout=self._site.profile.arrive_s * 1000)
        except PlaywrightError as fault:
            await self._site.check()
            # It does not filter as it was asked to: it is a queue, and decides nothing where there is another way.
            if await self._is_there(rows) and self._site.profile.pages.detail.key is None:
                return None
            raise ElementMissing(f"search for {order_id}: neither a row nor the empty marker came") from fault
        await self._site.check()
        if profile.opens_only_hit and await self._is_there(detail):
            return Row(state_text="", locator=None)  # whose page it is, its own reading says
        return await self._read(ours, order_id)

    async def _is_there(self, found: Locator) -> bool:
        try:
            return await found.count() > 0
        except PlaywrightError as fault:
            raise Transient(fault.message.splitlines()[0]) from fault

    async def _read(self, ours: Locator, order_id: OrderId) -> Row | None:
        profile = self._profile
        try:
            candidates = await ours.all()
            shown = await asyncio.gather(*(self._shown_by(row) for row in candidates))
        except PlaywrightError as fault:
            raise Transient(fault.message.splitlines()[0]) from fault
        matching = [
            (row, states)
            for row, (ids, states) in zip(candidates, shown, strict=True)
            if order_ids_in(" ".join(ids)) == {order_id}
        ]
        if not matching:
            return None
        if len(matching) > 1:
            raise ElementAmbiguous(f"{len(matching)} rows show {order_id}")
        row, states = matching[0]
        if len(states) > 1:
            raise ElementAmbiguous(f"{described(profile.row_state)}: more than one in the row of {order_id}")
        return Row(state_text="".join(states), locator=row)

    async def _shown_by(self, row: Locator) -> tuple[list[str], list[str]]:
        """Return the ids and the states that a row shows."""
        targets = (self._profile.row_id, self._profile.row_state)
        ids, states = await asyncio.gather(*(shown_texts(locate(row, target)) for target in targets))
        return ids, states
