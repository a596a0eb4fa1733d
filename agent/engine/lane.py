"""Lanes: pages of one signed-in browser context; each works one order at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from playwright.async_api import BrowserContext, Page
from playwright.async_api import Error as PlaywrightError

from agent.browser.gate import RequestGate
from agent.engine.retry import reading
from agent.errors import SignedOut
from agent.settings import resolve_secret
from page_objects.login import sign_in
from page_objects.order_detail import OrderDetail
from page_objects.order_list import OrderList
from page_objects.profile import Profile
from page_objects.site import Account, Site

T = TypeVar("T")

_LEAVE_MS = 5_000

# One look may be signed out more than once: the lanes share a session, and each may be the one that loses it.
_MOST_SIGN_INS = 3


class Lane:
    """One browser page and the page objects over it."""

    def __init__(self, page: Page, profile: Profile, account: Account, gate: RequestGate) -> None:
        self.page = page
        self.gate = gate
        self.site = Site(page, profile, account)
        self.list = OrderList(self.site)
        self.detail = OrderDetail(self.site)

    async def close(self) -> None:
        """Close the page."""
        # Chromium forgets a wish to close a page whose error page is just arriving, and Playwright would wait for ever.
        with suppress(PlaywrightError):
            await self.page.goto("about:blank", timeout=_LEAVE_MS)
        await self.page.close()

    @property
    def on_detail(self) -> bool:
        """Whether the page of an order is what the browser shows."""
        return self.site.showing is self.site.profile.pages.detail


class ShopSession:
    """The signed-in state that all lanes of a shop share."""

    def __init__(
        self,
        context: BrowserContext,
        profile: Profile,
        account: Account,
        gate: RequestGate,
        *,
        password: str,
        save: Callable[[dict[str, object]], Path | None],
    ) -> None:
        self.context = context
        self._profile = profile
        self._account = account
        self.gate = gate
        self._password = password
        self._save = save
        # A SKU is many orders': of two lanes that set it from one look, the second would set what is no longer so.
        self.stock = asyncio.Lock()
        self._signing_in = asyncio.Lock()
        self._signed_in_times = 0

    async def new_lane(self) -> Lane:
        """Open one more page."""
        return Lane(await self.context.new_page(), self._profile, self._account, self.gate)

    @property
    def epoch(self) -> int:
        """How often we have signed in: a lane that was signed out asks whether another lane was quicker."""
        return self._signed_in_times

    async def sign_in(self, lane: Lane, *, seen_epoch: int) -> None:
        """Sign in once for all lanes; those that come while it happens wait and go on.

        Raises:
            SignedOut: the portal does not take the name and password.
            HumanCheck: the portal wants a person.
        """
        async with self._signing_in:
            if self._signed_in_times > seen_epoch:
                return
            if not self._password:
                raise SignedOut("the portal asks for a login and the shop has no password")
            await sign_in(lane.site, resolve_secret(self._password))
            self._signed_in_times += 1
            state = await self.context.storage_state()
            await asyncio.to_thread(self._save, dict(state))


async def look(session: ShopSession, lane: Lane, read: Callable[[], Awaitable[T]]) -> T:
    """Read, with retries, and after signing in where the portal asks for it.

    Raises:
        Transient, Arrival, PageChanged: the page cannot be read; see ``agent.errors``.
    """
    for _ in range(_MOST_SIGN_INS):
        epoch = session.epoch
        try:
            return await reading(read)
        except SignedOut:
            await session.sign_in(lane, seen_epoch=epoch)
    return await reading(read)
