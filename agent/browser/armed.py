"""One act at the last hop: its request is held, then released once, and its answer is caught; or it is aborted."""

import asyncio
import base64
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Frame, Page

from agent.browser.frames import frame_id
from agent.browser.traffic import Answer, Blocked, Mutating, Read, SeenRequest, header_map
from agent.browser.wall import Event, Guard, Wall
from agent.browser.wire import Flight
from agent.errors import NotAuthorised, NotSent, OutcomeUnknown

_GONE = "Invalid InterceptionId"  # Chromium's words for a stopped request that was cancelled with its page
_SEE_OTHER = 303
_REDIRECTS = {301, 302, _SEE_OTHER, 307, 308}
_POST_TURNS_INTO_GET = {301, 302, _SEE_OTHER}
_BODY_S = 10.0


@dataclass(frozen=True, slots=True)
class Expectation:
    """The one request that an act may send.

    Attributes:
        name: the mutating request's name in the profile.
        frame: the only frame, its workers included, that may send it.
        check: says why a request of that name is not the one, or None when it is.
        then: the one that the same click sends next, after this one was answered.
        goes_on: says whether an answer lets that one follow.
    """

    name: str
    frame: Frame
    check: Callable[[Mutating], str | None]
    then: "Expectation | None" = None
    goes_on: Callable[[Answer], bool] = lambda _: False


@dataclass(frozen=True, slots=True)
class HeldRequest:
    """A request that waits at the wall."""

    seen: SeenRequest
    mutating: Mutating


class Armed:
    """An act that is expected; an async context manager, entered before the click that sends it.

    Attributes:
        blocked: what this frame tried to send meanwhile and was not let out.
        then: the change that follows in the same click, armed with this one; it is held and released by itself.
    """

    def __init__(self, wall: Wall, guard: Guard, busy: set[Page], expectation: Expectation) -> None:
        self.name = expectation.name
        self.guard = guard
        self.blocked: list[Blocked] = []
        self.then = Armed(wall, guard, busy, expectation.then) if expectation.then is not None else None
        self._wall = wall
        self._busy = busy  # pages with an armed act
        self._expectation = expectation
        self._page = expectation.frame.page
        self._key: str | None = None
        self._event: Event | None = None
        self._has_come: asyncio.Future[HeldRequest] = asyncio.get_running_loop().create_future()
        self._answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._flight: Flight | None = None
        self._released = False
        self._answered_well = False  # it was released, and its answer says that it is done: what follows may come

    async def __aenter__(self) -> Self:
        """Arm.

        Raises:
            NotSent: the frame is gone or cannot be told from others, or another act is armed on this page.
        """
        if self._page in self._busy:
            raise NotSent(f"{self.name}: another act is armed on this page")
        self._busy.add(self._page)
        try:
            self._key = await self._find_frame()
        except BaseException:
            self._busy.discard(self._page)
            raise
        self._wall.holders[self._key] = self
        self.begin(self._key)
        return self

    def begin(self, key: str) -> None:
        """Expect from now on what comes from a frame, and what follows it."""
        self._key = key
        self._page.on("close", self._page_gone)
        self._page.on("crash", self._page_gone)
        if self.then is not None:
            self.then.blocked = self.blocked
            self.then.begin(key)

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Disarm; abort what is held, give up what was not answered."""
        if self._key is not None:
            self._wall.holders.pop(self._key, None)
        self._busy.discard(self._page)
        await self.end()

    async def end(self) -> None:
        """Expect nothing any more; abort what is held, give up what was not answered."""
        if self.then is not None:
            await self.then.end()
        self._key = None
        self._page.remove_listener("close", self._page_gone)
        self._page.remove_listener("crash", self._page_gone)
        for waited in (self._has_come, self._answer):
            if waited.done():
                waited.exception()  # nobody may have asked for it
            waited.cancel()
        if self._event is not None and not self._released:
            await self._wall.drop(self._event)
        await self._give_up()

    def take(self, event: Event, request: SeenRequest, mutating: Mutating) -> str | None:
        """Hold the request if it is the expected one; else say why not."""
        if self.then is not None and self._answered_well:
            return self.then.take(event, request, mutating)
        if mutating.name != self.name:
            return f"{mutating.name} is not {self.name}, the only change expected now"
        if self._event is not None or self._has_come.done():
            return f"{self.name} is expected once, and this is another"
        try:
            why = self._expectation.check(mutating)
        except Exception as fault:  # noqa: BLE001 - whatever goes wrong in the check, the request stays here
            why = f"the check failed: {type(fault).__name__}: {fault}"
        if why is not None:
            return f"{self.name} does not match: {why}"
        self._event = event
        self._has_come.set_result(HeldRequest(request, mutating))
        return None

    def _says_go_on(self, answer: Answer) -> bool:
        try:
            return self._expectation.goes_on(answer)
        except Exception:  # noqa: BLE001 - an answer that cannot be understood lets nothing follow
            return False

    def report(self, blocked: Blocked) -> None:
        """Take note of a request of this frame that was not let out."""
        self.blocked.append(blocked)
        self.guard.report(blocked)

    async def held(self, timeout_s: float) -> HeldRequest:
        """Wait until the expected request waits at the wall.

        Raises:
            NotSent: it did not come in time, or its page was closed; what came instead was blocked.
        """
        await asyncio.wait([self._has_come], timeout=timeout_s)
        if self._has_come.done():
            return self._has_come.result()
        instead = "".join(f"; blocked {each.method} {each.url}: {each.why}" for each in self.blocked[-3:])
        raise NotSent(f"{self.name} was not sent within {timeout_s:g} s{instead}")

    async def release(self) -> None:
        """Let the held request go; its redirects and its answer stop at the wall.

        Raises:
            NotSent: nothing is held, the page has cancelled it, or the browser was not launched by us.
            NotAuthorised: it has been released before.
            OutcomeUnknown: the browser was lost in this moment.
        """
        if self._released:
            raise NotAuthorised(f"{self.name} was released before: an act is sent once")
        if self._event is None or self._key is None:
            raise NotSent(f"{self.name}: nothing is held")
        if self._wall.wire is None:
            raise NotSent(f"{self.name}: changes need a browser that closewright launched; this one may only read")
        request_id = self._event["requestId"]
        self._released = True
        self._flight = self._wall.wire.fly(urlsplit(self._event["request"]["url"]).hostname or "", self._lost)
        self._wall.awaited[request_id] = self._answered
        try:
            await self._wall.send("Fetch.continueRequest", {"requestId": request_id, "interceptResponse": True})
        except PlaywrightError as fault:
            if _GONE not in str(fault):
                raise OutcomeUnknown(f"{self.name}: the browser was lost while the request was released") from fault
            self._flight.land()
            raise NotSent(f"{self.name}: the page cancelled the request while it was held") from fault

    async def answer(self, timeout_s: float) -> Answer:
        """Wait for the server's answer to the released request.

        Raises:
            NotSent: nothing was released.
            OutcomeUnknown: there was no answer in time, the connection or the page was lost, or the server
                redirected the request to where it may not go.
        """
        if self._flight is None:
            raise NotSent(f"{self.name}: nothing was released")
        await asyncio.wait([self._answer], timeout=timeout_s)
        if not self._answer.done():
            self._fail(f"no answer within {timeout_s:g} s")
        await self._give_up()
        return self._answer.result()

    @property
    def released(self) -> bool:
        """Whether it was let go."""
        return self._released

    async def _find_frame(self) -> str:
        try:
            key = await frame_id(self._expectation.frame)
        except PlaywrightError as fault:
            raise NotSent(f"{self.name}: the frame that it must come from is gone") from fault
        if key is None or key in self._wall.holders:
            raise NotSent(f"{self.name}: the frame that it must come from cannot be told from others")
        return key

    async def _give_up(self) -> None:
        """Make sure that Chromium sends a released request that was not answered never again."""
        if self._flight is None or self._flight.over:
            return
        if self._event is not None:
            self._wall.awaited[self._event["requestId"]] = self._wall.drop  # should it come after all
        self._flight.abandon()
        if self._page.is_closed():
            return
        try:
            session = await self._page.context.new_cdp_session(self._page)
            await session.send("Page.stopLoading")
            await session.detach()
        except PlaywrightError:
            return  # the page went meanwhile, and its requests with it

    async def _answered(self, event: Event) -> None:
        """Take the answer that stopped at the wall and pass it on to the page, unless it leads where it may not."""
        if self._flight is not None:
            self._flight.land()
        why = self._why_not_good(event)
        answer = None if why else await self._read(event)
        if answer is None:
            self._fail(why or "the connection was lost within the answer")
            await self._wall.drop(event)
            return
        if not self._answer.done():
            # Said before the page hears of it, for it may go on at once.
            self._answered_well = self._says_go_on(answer)
            self._answer.set_result(answer)
        await self._wall.settle("Fetch.continueResponse", {"requestId": event["requestId"]})

    def _why_not_good(self, event: Event) -> str | None:
        """Return why the answer is none, or leads where it may not; where it leads is judged again at the wall."""
        status = event.get("responseStatusCode")
        if status is None:
            return f"the connection was lost ({event['responseErrorReason']})"
        location = header_map(event.get("responseHeaders", [])).get("location")
        if status not in _REDIRECTS or location is None:
            return None
        method, goal = event["request"]["method"], urljoin(event["request"]["url"], location)
        if method != "GET" and not (status == _SEE_OTHER or (method == "POST" and status in _POST_TURNS_INTO_GET)):
            return f"the answer {status} would send the {method} again, to {goal}"
        kind = str(event["resourceType"]).lower()
        verdict = self._wall.verdict(SeenRequest("GET", goal, {}, None, kind, kind == "document"), self.guard)
        return (
            None if isinstance(verdict, Read) else f"the answer {status} leads to {goal}, which is no read: {verdict}"
        )

    async def _read(self, event: Event) -> Answer | None:
        """Return the answer, or None if it broke off."""
        status, headers = event["responseStatusCode"], header_map(event.get("responseHeaders", []))
        location = headers.get("location") if status in _REDIRECTS else None
        body = b""
        if location is None:
            try:
                async with asyncio.timeout(_BODY_S):  # Chromium may never answer for a body that breaks off
                    got: dict[str, Any] = await self._wall.send(
                        "Fetch.getResponseBody", {"requestId": event["requestId"]}
                    )
            except (PlaywrightError, TimeoutError):
                return None
            body = base64.b64decode(got["body"]) if got["base64Encoded"] else str(got["body"]).encode()
        return Answer(status, headers, body, event["request"]["url"], location)

    def _fail(self, why: str) -> None:
        if not self._answer.done():
            self._answer.set_exception(OutcomeUnknown(f"{self.name}: {why}"))

    def _lost(self) -> None:
        self._fail("the connection was lost before an answer came")

    def _page_gone(self, _: Page) -> None:
        if not self._has_come.done():
            self._has_come.set_exception(NotSent(f"{self.name}: the page was closed or crashed"))
        self._fail("its page was closed or crashed")
