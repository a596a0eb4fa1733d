"""Looks that every page has in common: counting matches, arriving, and telling what an arrival failed on."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Locator
from playwright.async_api import TimeoutError as PlaywrightTimeout

from agent.doctor.findings import State
from agent.doctor.sheet import Sheet
from agent.domain.ids import OrderId
from agent.engine.lane import Lane, ShopSession
from agent.engine.retry import reading
from agent.errors import PageChanged, SignedOut, Transient
from page_objects.locate import Scope, locate
from page_objects.profile import Page as PageProfile
from page_objects.profile import Target
from page_objects.reading import shown_texts

if TYPE_CHECKING:
    from agent.doctor.book import Book

T = TypeVar("T")

# Nobody's order: the list has to answer the search for it with its empty marker, its address with a sign of absence.
NOBODYS = OrderId("100000000000000003")


class Visitor:
    """One lane on the portal and the sheet that it fills; every look is a read."""

    def __init__(self, session: ShopSession, lane: Lane, sheet: Sheet, book: "Book") -> None:
        self.session = session
        self.book = book
        self.lane = lane
        self.site = lane.site
        self.profile = lane.site.profile
        self.sheet = sheet

    async def look(self, read: Callable[[], Awaitable[T]]) -> T:
        """Read, with retries, and after signing in where the portal asks for it.

        Raises:
            Transient, Arrival, PageChanged: see ``agent.errors``.
        """
        try:
            return await reading(read)
        except SignedOut:
            await self._sign_in()
            return await reading(read)

    async def _sign_in(self) -> None:
        self.sheet.found("signals.login", "asked for a login")
        login = self.profile.pages.login
        try:
            await self.site.open(login)
        except SignedOut:  # the page that asks for a login is the one that is wanted
            frame = self.site.page.main_frame
            self.sheet.found("pages.login.url", "login page")
            await drawn(locate(frame, login.ready).first, self.profile.arrive_s)  # its address came before it did
            for name in ("ready", "username", "password", "submit"):
                await self.once(f"pages.login.{name}", frame, getattr(login, name), "login page")
        await self.session.sign_in(self.lane, seen_epoch=self.session.epoch)

    async def arrive(self, name: str, page: PageProfile, read: Callable[[], Awaitable[T]], where: str) -> T | None:
        """Take a look that begins with opening a page; None where the page is not as the profile tells.

        Raises:
            Arrival: the portal sent us elsewhere.
        """
        self.site.showing = None  # what is shown afterwards has come by this look
        self.book.begin()
        try:
            result = await self.look(read)
        except (PageChanged, Transient) as fault:
            await self._why_not(name, page, fault, where)
            return None
        await self._came(name, page, where)
        return result

    async def _came(self, name: str, page: PageProfile, where: str) -> None:
        self.sheet.found(f"pages.{name}.url", where)
        if page.frame is not None:
            self.sheet.found(f"pages.{name}.frame", where)
            await self.once(f"frames.{page.frame}", self.site.page, self.profile.frames[page.frame], where)
        await self.once(f"pages.{name}.ready", self.site.frame, page.ready, where)
        if self.profile.identity is not None:
            self.sheet.found("identity", where)

    async def _why_not(self, name: str, page: PageProfile, fault: Exception, where: str) -> None:
        """Write down which entry kept a page from coming: its frame, or the page itself."""
        if self.site.showing is page:  # it came; what was read there is not as told
            await self._came(name, page, where)
            return
        frame = None if page.frame is None else self.profile.frames[page.frame]
        if frame is not None and not await self.once(f"frames.{page.frame}", self.site.page, frame, where):
            return
        self.wrong(f"pages.{name}.ready", where, fault)
        if not isinstance(fault, Transient):
            await self.book.trouble(self, where, {f"pages.{name}.ready": page.ready})

    def wrong(self, entry: str, where: str, fault: Exception, before: str = "") -> None:
        """Write down what a look failed on; a portal that is down or slow says nothing about an entry."""
        if isinstance(fault, Transient):
            self.book.troubles.append(f"{where}: {fault}")
            self.sheet.write(entry, State.UNREAD, where, f"did not come: {fault}")
        else:
            self.sheet.missing(entry, where, f"{before}{fault}")

    async def once(self, entry: str, scope: Scope, target: Target | None, where: str, *, needed: bool = True) -> bool:
        """Write down whether exactly one thing matches a target."""
        return target is not None and await self.counted(entry, locate(scope, target), where, needed=needed)

    async def counted(self, entry: str, found: Locator, where: str, *, needed: bool = True) -> bool:
        """Write down whether a locator matches exactly one thing."""
        return self.sheet.count(entry, await matches(found), where, needed=needed)

    async def texts(self, entry: str, scope: Scope, target: Target, where: str, *, needed: bool = True) -> list[str]:
        """Return the texts of what may match several times, and write down whether anything does."""
        texts = await texts_of(locate(scope, target))
        self.sheet.count(entry, len(texts), where, needed=needed, several=True)
        return texts

    async def private(self, where: str) -> None:
        """Write down whether anything that is to be cut from evidence stands on the page that is open."""
        for target in self.profile.private.targets:
            await self.texts("private.targets", self.site.frame, target, where, needed=False)


async def drawn(either: Locator, arrive_s: float) -> None:
    """Give what is drawn late its time; that nothing came is seen by counting afterwards."""
    try:
        await either.wait_for(timeout=arrive_s * 1000)
    except PlaywrightTimeout:
        return
    except PlaywrightError as fault:
        raise Transient(fault.message.splitlines()[0]) from fault


async def matches(found: Locator) -> int:
    """Return how many things a locator matches now.

    Raises:
        Transient: the page went away meanwhile.
    """
    try:
        return await found.count()
    except PlaywrightError as fault:
        raise Transient(fault.message.splitlines()[0]) from fault


async def texts_of(found: Locator) -> list[str]:
    """Return the texts of everything that a locator matches now.

    Raises:
        Transient: the page went away meanwhile.
    """
    try:
        return await shown_texts(found)
    except PlaywrightError as fault:
        raise Transient(fault.message.splitlines()[0]) from fault
