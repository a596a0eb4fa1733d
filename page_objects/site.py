"""One browser page on one portal: addresses, arriving, and knowing when we are somewhere else."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import quote, urljoin

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Frame, Locator, Page, Request, Response
from playwright.async_api import TimeoutError as PlaywrightTimeout

from agent.domain.cases import Role
from agent.domain.ids import OrderId
from agent.errors import (
    Arrival,
    ElementBlocked,
    ElementMissing,
    HumanCheck,
    Maintenance,
    OrderAbsent,
    PageChanged,
    RateLimited,
    SignedOut,
    Transient,
    Unreachable,
    WrongShop,
)
from page_objects import hand
from page_objects.locate import Scope, any_of, described, locate, normalised
from page_objects.profile import KEY_IN_URL, SKU_IN_URL, Popup, Profile, Signal, Target
from page_objects.profile import Page as PageProfile
from page_objects.questions import Questions
from page_objects.reading import shown_texts
from page_objects.words import WordReader

# Chromium's words for a host that cannot be connected to at all.
_NOBODY_THERE = (
    "net::ERR_CONNECTION_REFUSED",
    "net::ERR_CONNECTION_TIMED_OUT",
    "net::ERR_SOCKS_CONNECTION_FAILED",
    "net::ERR_PROXY_CONNECTION_FAILED",
    "net::ERR_NAME_NOT_RESOLVED",
    "net::ERR_ADDRESS_UNREACHABLE",
    "net::ERR_INTERNET_DISCONNECTED",
)
_SERVER_ERROR = 500
_MOST_POPUPS = 5
_POPUP_MS = 2_000
_ASKS = ("document", "xhr", "fetch")  # kinds of requests that a page waits for before it can show something
_LANDING_S = 5.0
_SAYS_WHY_S = 2.0
_OURS = ("net::ERR_ABORTED", "net::ERR_BLOCKED_BY_CLIENT")  # left by a newer navigation, or blocked by our gate


@dataclass(frozen=True, slots=True)
class Account:
    """Who we are on the portal."""

    shop: str
    base_url: str
    role: Role
    username: str
    shown_as: str | None = None  # what the portal's pages call it, where that is not the user name


class Site:
    """Opens pages of a profile in one browser page; every opening proves where it has arrived."""

    def __init__(self, page: Page, profile: Profile, account: Account) -> None:
        self.page = page
        self.profile = profile
        self.account = account
        self.words = WordReader(profile)
        self.frame: Frame = page.main_frame
        self.showing: PageProfile | None = None
        self._trouble: asyncio.Event = asyncio.Event()
        self._landed: asyncio.Event = asyncio.Event()
        self._trouble_text = ""
        self._unanswered: set[Request] = set()
        self.answers: list[Response] = []  # since something led to the page, where they tell whose page it is
        self.questions = Questions(page)
        self._signals = self._signal_targets()
        page.on("request", self._on_request)
        page.on("response", self._on_response)
        page.on("requestfailed", self._on_failed)
        page.on("framenavigated", self._on_navigated)

    def address(self, url: str, order_id: OrderId | None = None, *, key: str = KEY_IN_URL, sku: str = "") -> str:
        """Return the absolute address of a page, with order id and SKU filled in, or the portal's key of the order."""
        filled = url.replace("{order_id}", quote(order_id or "")).replace(KEY_IN_URL, key)
        filled = filled.replace(SKU_IN_URL, quote(sku, safe=""))
        return (
            urljoin(self.account.base_url.rstrip("/") + "/", filled.removeprefix("/"))
            if filled.startswith("/")
            else filled
        )

    async def open(self, page: PageProfile, order_id: OrderId | None = None, *, key: str = "", sku: str = "") -> Frame:
        """Go to a page and return the frame that holds it, once it has come and is ours.

        Raises:
            Transient: the portal did not answer, or with a server error.
            SignedOut, HumanCheck, RateLimited, Maintenance, OrderAbsent, WrongShop: we are somewhere else.
            ElementMissing: the page came without the element that says so.
        """
        self._calm()
        address = self.address(page.url_for(self.account.role), order_id, key=key, sku=sku)
        try:
            response = await self.page.goto(address, wait_until="commit", timeout=self.profile.arrive_s * 1000)
        except PlaywrightError as fault:
            kind = Unreachable if any(sign in fault.message for sign in _NOBODY_THERE) else Transient
            raise kind(f"{self._named(page)}: {fault.message.splitlines()[0]}") from fault
        self._raise_by_address(self.page.main_frame)
        if response is not None and response.status >= _SERVER_ERROR:
            with suppress(Transient):  # that this page is none is known; it may say why
                await self._whole(self.page.main_frame)
            await self._raise_signals(self.page.main_frame)
            raise Transient(f"{self._named(page)}: the portal answered {response.status}")
        return await self.arrive(page)

    @property
    def waits_for_answers(self) -> bool:
        """Whether the page has asked the portal for something that has not come yet."""
        return bool(self._unanswered)

    def _named(self, page: PageProfile) -> str:
        return page.url_for(self.account.role).replace("{order_id}", "…")

    def expect_navigation(self) -> None:
        """Forget troubles of earlier pages, before something that leads to a new one."""
        self._calm()

    async def landed(self, timeout_s: float = _LANDING_S) -> None:
        """Wait until the page has gone where an answered form leads: two navigations at once cut each other off."""
        try:
            await asyncio.wait_for(self._landed.wait(), timeout_s)
        except TimeoutError:
            return  # it stays where it is; the next opening of a page decides

    async def arrive(self, page: PageProfile) -> Frame:
        """Wait until a page has come in its frame, and return that frame (errors as in ``open``)."""
        self.showing = None
        frame = await self._frame_of(page)
        await self._wait_for(frame, page.ready)
        await self._whole(frame)
        self.frame = frame
        try:
            await self._clear(frame, page.ready)
        except PlaywrightError as fault:
            raise Transient(fault.message.splitlines()[0]) from fault
        self.showing = page
        return frame

    async def part(self, target: Target) -> Locator:
        """Wait for a part of the page that is open now, and return it once nothing loads any more (as ``open``)."""
        found = await self._wait_for(self.frame, target)
        await self._whole(self.frame)
        if not await self._is_clear():
            await self._idle(self.frame)
            await self._raise_signals(self.frame)
        return found

    async def check(self) -> None:
        """Raise where the page that is open now is no longer where we wanted to be, or broke off."""
        await self._raise_signals(self.frame)
        self.check_unbroken()

    def check_unbroken(self) -> None:
        """Raise where the document that is open now has failed to come, whatever of it may be seen.

        Raises:
            Transient: it has.
        """
        if self._trouble.is_set():
            raise Transient(self._trouble_text)

    async def _whole(self, frame: Frame) -> None:
        """Wait until all of a document has come: half a page can look like a page."""
        try:
            await frame.wait_for_load_state("domcontentloaded", timeout=self.profile.arrive_s * 1000)
        except PlaywrightError as fault:
            raise Transient(fault.message.splitlines()[0]) from fault
        if self._trouble.is_set():
            await self._raise_signals(frame)  # what led us elsewhere says more than that we are not where we were
        self.check_unbroken()

    async def _frame_of(self, page: PageProfile) -> Frame:
        if page.frame is None:
            return self.page.main_frame
        target = self.profile.frames[page.frame]
        holder = await self._wait_for(self.page.main_frame, target)
        try:
            if not await holder.count():  # what has come is a sign that we are somewhere else
                await self._raise_signals(self.page.main_frame)
            handle = await holder.element_handle()
            frame = await handle.content_frame() if handle is not None else None
        except PlaywrightError as fault:
            raise Transient(f"frame {page.frame}: {fault.message.splitlines()[0]}") from fault
        if frame is None:
            raise ElementMissing(f"{described(target)} holds no frame")
        return frame

    async def _wait_for(self, scope: Frame, target: Target) -> Locator:
        wanted = locate(scope, target)
        signs = any_of(scope, self._signals)
        either = (wanted if signs is None else wanted.or_(signs)).first
        waiting = asyncio.ensure_future(either.wait_for(timeout=self.profile.arrive_s * 1000))
        trouble = asyncio.ensure_future(self._trouble.wait())
        try:
            await asyncio.wait({waiting, trouble}, return_when=asyncio.FIRST_COMPLETED)
            if waiting.done():
                waiting.result()
                return wanted
        except PlaywrightTimeout:
            await self._raise_signals(scope)
            if self._trouble_text:
                raise Transient(self._trouble_text) from None
            if self._unanswered:
                raise Transient(f"{next(iter(self._unanswered)).url}: still not answered") from None
            raise ElementMissing(f"{described(target)}: did not come within {self.profile.arrive_s:g} s") from None
        except PlaywrightError as fault:
            raise Transient(f"{described(target)}: {fault.message.splitlines()[0]}") from fault
        finally:
            waiting.cancel()
            trouble.cancel()
            await asyncio.gather(waiting, trouble, return_exceptions=True)
        await self.landed(_SAYS_WHY_S)  # a page that is told of by its answer only may say why it is none
        with suppress(Transient):
            await self._whole(scope)
        await self._raise_signals(scope)
        raise Transient(self._trouble_text)

    async def _clear(self, frame: Frame, ready: Target) -> None:
        """Make sure that nothing lies over the page, that it is our account's, and that nothing loads any more."""
        names, clear = await asyncio.gather(self._account_names(), self._is_clear(), return_exceptions=True)
        if clear is not True or isinstance(names, BaseException):
            await self._clear_away(frame)
            names = await self._account_names()
        self._check_identity(names)
        if frame is not self.page.main_frame and frame.is_detached():
            raise Transient(f"{described(ready)}: its frame went away")

    async def _is_clear(self) -> bool:
        """Ask each frame once whether it shows anything that would hold us up."""
        asked = [found.count() for found in map(self._obstacles, self._scopes()) if found is not None]
        try:
            return not any(await asyncio.gather(*asked))
        except PlaywrightError as fault:
            raise Transient(fault.message.splitlines()[0]) from fault

    def _obstacles(self, scope: Frame) -> Locator | None:
        roots = [popup.root for popup in self.profile.popups]
        busy = [self.profile.busy] if self.profile.busy is not None else []
        return any_of(scope, [*self._signals, *roots, *busy])

    async def _clear_away(self, frame: Frame) -> None:
        for _ in range(_MOST_POPUPS):
            await self._raise_signals(frame)
            if not await self._dismiss_popup():
                break
        else:
            raise PageChanged("pop-ups keep coming")
        await self._idle(frame)

    async def _idle(self, frame: Frame) -> None:
        """Wait until the sign that something is still loading has gone, where the profile names one."""
        if self.profile.busy is None:
            return
        try:
            await locate(frame, self.profile.busy).first.wait_for(state="hidden", timeout=self.profile.arrive_s * 1000)
        except PlaywrightTimeout:
            raise Transient(f"the page was still loading after {self.profile.arrive_s:g} s") from None
        except PlaywrightError as fault:
            raise Transient(fault.message.splitlines()[0]) from fault

    async def dismiss_popups(self) -> bool:
        """Dismiss the pop-ups of the profile that lie over the page; say whether there was one.

        Raises:
            PageChanged: they keep coming, or one cannot be dismissed.
        """
        try:
            for dismissed in range(_MOST_POPUPS):
                if not await self._dismiss_popup():
                    return dismissed > 0
        except PlaywrightError as fault:
            raise Transient(fault.message.splitlines()[0]) from fault
        raise PageChanged("pop-ups keep coming")

    async def _dismiss_popup(self) -> bool:
        blocked: ElementBlocked | None = None
        for scope in self._scopes():
            for popup in self.profile.popups:
                try:
                    if await self._dismissed(locate(scope, popup.root), popup):
                        return True
                except ElementBlocked as fault:
                    blocked = fault  # another one may lie over it
        if blocked is not None:
            raise blocked
        return False

    async def _dismissed(self, root: Locator, popup: Popup) -> bool:
        if not await root.count():
            return False
        await hand.press(locate(root, popup.dismiss), f"pop-up {described(popup.root)}", timeout_ms=_POPUP_MS)
        await root.first.wait_for(state="hidden")
        return True

    def _scopes(self) -> list[Frame]:
        main = self.page.main_frame
        return [main] if self.frame is main or self.frame.is_detached() else [main, self.frame]

    async def _account_names(self) -> list[str]:
        identity = self.profile.identity
        return await shown_texts(locate(self.page, identity.target)) if identity is not None else []

    def _check_identity(self, names: Sequence[str]) -> None:
        identity = self.profile.identity
        if identity is None:
            return
        account = self.account
        wanted = identity.text.replace("{username}", account.username)
        wanted = wanted.replace("{shown_as}", account.shown_as or account.username)
        if [normalised(name) for name in names] != [normalised(wanted)]:
            raise WrongShop(f"the page names {list(names[:2])!r}, not {wanted!r}")

    async def _raise_signals(self, frame: Frame) -> None:
        scopes = [self.page.main_frame] if frame is self.page.main_frame else [self.page.main_frame, frame]
        for scope in scopes:
            self._raise_by_address(scope)
            try:
                union = any_of(scope, self._signals)
                if union is None or not await union.count():
                    continue
                await self._raise_first(scope)
            except OrderAbsent:
                names = await self._account_names()
                absent = self.profile.signals.absent
                if names or absent is None or not absent.nameless:
                    self._check_identity(names)  # an order is absent from any shop but its own
                raise
            except PlaywrightError as fault:
                raise Transient(fault.message.splitlines()[0]) from fault

    def _raise_by_address(self, frame: Frame) -> None:
        for signal, error in self._ordered_signals():
            if any(part in frame.url for part in signal.url):
                raise error

    async def _raise_first(self, scope: Scope) -> None:
        for signal, error in self._ordered_signals():
            union = any_of(scope, signal.targets)
            if union is not None and await union.count():
                raise error

    def _ordered_signals(self) -> list[tuple[Signal, Arrival | Transient]]:
        signals = self.profile.signals
        pairs: list[tuple[Signal | None, Arrival | Transient]] = [
            (signals.human_check, HumanCheck("the portal asks for a check by a person (slider or captcha)")),
            (signals.maintenance, Maintenance("the portal is closed for maintenance")),
            (signals.rate_limited, RateLimited("the portal asks to slow down")),
            (signals.login, SignedOut("the portal asks for a login")),
            (signals.failed, Transient("the portal shows that it failed to load the page")),
            (signals.absent, OrderAbsent("the portal shows no such order to this account")),
        ]
        return [(signal, error) for signal, error in pairs if signal is not None]

    def _signal_targets(self) -> list[Target]:
        return [target for signal, _ in self._ordered_signals() for target in signal.targets]

    def _on_navigated(self, frame: Frame) -> None:
        if frame is self.frame:
            self._landed.set()
        if any(part in frame.url for signal, _ in self._ordered_signals() for part in signal.url):
            self._trouble_text = f"the portal led to {frame.url}"
            self._trouble.set()

    def _on_request(self, request: Request) -> None:
        if request.resource_type in _ASKS:
            self._unanswered.add(request)

    def _on_response(self, response: Response) -> None:
        self._unanswered.discard(response.request)
        if self.profile.pages.detail.key is not None and response.request.resource_type in _ASKS:
            self.answers.append(response)
        if response.status >= _SERVER_ERROR:
            self._note(response.request, f"{response.url} answered {response.status}")

    def _on_failed(self, request: Request) -> None:
        self._unanswered.discard(request)
        if request.failure not in _OURS:
            self._note(request, f"{request.url} failed: {request.failure}")

    def _note(self, request: Request, text: str) -> None:
        """Remember a failed request; a failed document ends the waiting, a page may outlive another failed call."""
        self._trouble_text = text
        if request.is_navigation_request():
            self._trouble.set()

    def _calm(self) -> None:
        self.answers = []
        self._unanswered.clear()  # what an earlier page asked for is nobody's concern any more
        self._landed.clear()
        self._trouble.clear()
        self._trouble_text = ""
