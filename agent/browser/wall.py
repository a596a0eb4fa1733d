"""The wall around one browser: Chromium stops every request here and waits for our word.

Fetch interception is switched on once, on the browser itself, so that popups, frames, workers and redirects are in it
from their first request, the HTTP cache stays on, and closing a page lets nothing go. It is never switched off.
Two things do not pass here: web sockets, which the gate and the wire deny, and what speculation rules fetch ahead.
Their header is cut here, their scripts are removed by the context's own script.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from playwright.async_api import Browser, CDPSession
from playwright.async_api import Error as PlaywrightError

from agent.browser.traffic import Blocked, Forbidden, Mutating, Read, RequestRules, SeenRequest, Verdict, seen_request
from agent.browser.wire import Wire

Event = Mapping[str, Any]

_EVERY_REQUEST = {"urlPattern": "*", "requestStage": "Request"}
_PAGES_THAT_CAME = {"urlPattern": "*", "requestStage": "Response", "resourceType": "Document"}
_SPECULATION = "speculation-rules"


class Guard(Protocol):
    """A gate, as the wall sees it."""

    rules: RequestRules

    def report(self, blocked: Blocked) -> None:
        """Take note of a request that was not let out."""


class Holder(Protocol):
    """An armed act, as the wall sees it."""

    guard: Guard

    def take(self, event: Event, request: SeenRequest, mutating: Mutating) -> str | None:
        """Hold the request; else say why it is not the one."""

    def report(self, blocked: Blocked) -> None:
        """Take note of a request of this frame that was not let out."""


class Wall:
    """Decides about every request of one browser."""

    def __init__(self, session: CDPSession, wire: Wire | None) -> None:
        self.wire = wire
        self.guards: list[Guard] = []
        self.holders: dict[str, Holder] = {}  # by Chromium's id of the frame
        self.awaited: dict[str, Callable[[Event], Coroutine[Any, Any, None]]] = {}  # answers, by request id
        self._session = session
        self._tasks: set[asyncio.Task[None]] = set()

    async def stand(self) -> None:
        """Begin to stop requests."""
        self._session.on("Fetch.requestPaused", self._paused)
        await self._session.send("Fetch.enable", {"patterns": [_EVERY_REQUEST, _PAGES_THAT_CAME]})

    async def send(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """Send a command about a stopped request.

        Raises:
            PlaywrightError: the request or the browser is gone.
        """
        return dict(await self._session.send(method, params) or {})

    async def drop(self, event: Event) -> None:
        """Abort a stopped request."""
        # An aborted navigation leaves the page as it was; anything else is told who did it.
        reason = "Aborted" if event["resourceType"] == "Document" else "BlockedByClient"
        await self.settle("Fetch.failRequest", {"requestId": event["requestId"], "errorReason": reason})

    async def settle(self, method: str, params: dict[str, Any]) -> None:
        """Send a command about a stopped request that may be gone, with its page, by now."""
        try:
            await self.send(method, params)
        except PlaywrightError:
            return  # nobody is waiting for it any more, and without our word it does not leave

    def verdict(self, request: SeenRequest, guard: Guard | None = None) -> Verdict:
        """Return what a gate, or all of them together, call a request: what one calls mutating is mutating."""
        verdicts = [_classify(each.rules, request) for each in ([guard] if guard else self.guards)]
        for kind in (Mutating, Read):
            for verdict in verdicts:
                if isinstance(verdict, kind):
                    return verdict
        return verdicts[0] if verdicts else Forbidden("no gate is open")

    def _paused(self, event: Event) -> None:
        task = asyncio.get_running_loop().create_task(self._decide(event))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _decide(self, event: Event) -> None:
        if "responseStatusCode" in event or "responseErrorReason" in event:
            answered = self.awaited.pop(event["requestId"], self._page_came)
            await answered(event)
            return
        why = self._why_not(event)
        if why is None:
            await self.settle("Fetch.continueRequest", {"requestId": event["requestId"]})
        elif why:
            self._report(event, why)
            await self.drop(event)

    async def _page_came(self, event: Event) -> None:
        """Pass a page on without the header by which it would have others fetched ahead, past this wall."""
        params: dict[str, Any] = {"requestId": event["requestId"]}
        if "responseErrorReason" in event:
            await self.settle("Fetch.continueRequest", params)
            return
        headers = event.get("responseHeaders", [])
        kept = [header for header in headers if header["name"].lower() != _SPECULATION]
        if len(kept) < len(headers):
            params |= {"responseCode": event["responseStatusCode"], "responseHeaders": kept}
        await self.settle("Fetch.continueResponse", params)

    def _why_not(self, event: Event) -> str | None:
        """Return None for a request that may go, "" for one that is held, else why it is blocked."""
        try:
            request = seen_request(event)
        except (ValueError, KeyError) as fault:
            return str(fault)
        if request.headers.get("service-worker") == "script":
            return "service workers are blocked"
        holder = self.holders.get(event["frameId"])
        match self.verdict(request, holder.guard if holder else None):
            case Read():
                return None
            case Forbidden(why):
                return why
            case Mutating() as mutating if holder:
                return holder.take(event, request, mutating) or ""
            case Mutating(name):
                return f"{name} is not expected: nothing is armed for this frame"

    def _report(self, event: Event, why: str) -> None:
        request = event["request"]
        at_frame = str(request["headers"].get("Referer") or event["frameId"])
        blocked = Blocked(request["method"], request["url"], why, at_frame)
        holder = self.holders.get(event["frameId"])
        if holder is not None:
            holder.report(blocked)
        else:
            for guard in self.guards:
                guard.report(blocked)


def _classify(rules: RequestRules, request: SeenRequest) -> Verdict:
    try:
        return rules.classify(request)
    except Exception as fault:  # noqa: BLE001 - whatever goes wrong in the rules, the request stays here
        return Forbidden(f"the rules failed: {type(fault).__name__}: {fault}")


_walls: WeakKeyDictionary[Browser, Wall] = WeakKeyDictionary()


async def raise_wall(browser: Browser, wire: Wire | None) -> Wall:
    """Build the wall around a browser; without a wire of ours nothing that changes something is ever let out."""
    wall = Wall(await browser.new_browser_cdp_session(), wire)
    await wall.stand()
    _walls[browser] = wall
    return wall


async def wall_of(browser: Browser) -> Wall:
    """Return the one wall around a browser; one that we did not launch gets its wall now."""
    return _walls.get(browser) or await raise_wall(browser, None)
