"""The last-hop request gate: nothing leaves the browser unless it is a read, or the one change that was asked for."""

from collections import deque
from collections.abc import Callable
from fnmatch import fnmatchcase

from playwright.async_api import BrowserContext, Page, WebSocketRoute

from agent.browser.armed import Armed, Expectation, HeldRequest
from agent.browser.traffic import Answer, Blocked, Forbidden, Mutating, Read, RequestRules, SeenRequest
from agent.browser.wall import Wall, wall_of
from agent.errors import NotAuthorised, NotSent

__all__ = [
    "Answer",
    "Armed",
    "Blocked",
    "Expectation",
    "Forbidden",
    "HeldRequest",
    "Mutating",
    "Read",
    "RequestGate",
    "RequestRules",
    "SeenRequest",
]

_KEPT = 1000  # blocked requests that a gate remembers
_POLICY_VIOLATION = 1008


class RequestGate:
    """Lets a context's reads out, and one change at a time per page.

    Attributes:
        blocked: the latest requests that were not let out.
        on_blocked: called with each of them.
    """

    def __init__(self, rules: RequestRules) -> None:
        self.rules = rules
        self.blocked: deque[Blocked] = deque(maxlen=_KEPT)
        self.on_blocked: Callable[[Blocked], None] | None = None
        self._wall: Wall | None = None
        self._busy: set[Page] = set()

    async def attach(self, context: BrowserContext) -> None:
        """Open the gate for a context, before its first page.

        Raises:
            NotAuthorised: the context has no browser that could be walled in.
        """
        if context.browser is None:
            raise NotAuthorised("a persistent context cannot be guarded: use a browser that closewright launched")
        self._wall = await wall_of(context.browser)
        self._wall.guards.append(self)
        context.on("close", self._detach)
        await context.route_web_socket(lambda _: True, self._web_socket)

    def arm(self, expectation: Expectation) -> Armed:
        """Expect one change; enter the result before the click that sends it.

        Raises:
            NotSent: the gate is not attached to a context.
        """
        if self._wall is None:
            raise NotSent("the gate is not attached to a context")
        return Armed(self._wall, self, self._busy, expectation)

    def report(self, blocked: Blocked) -> None:
        """Take note of a request that was not let out."""
        self.blocked.append(blocked)
        if self.on_blocked is not None:
            self.on_blocked(blocked)

    def _detach(self, _: BrowserContext) -> None:
        if self._wall is not None and self in self._wall.guards:
            self._wall.guards.remove(self)

    async def _web_socket(self, socket: WebSocketRoute) -> None:
        address = socket.url.partition("?")[0]
        if any(fnmatchcase(address, pattern) for pattern in self.rules.ws_allowed):
            socket.connect_to_server()
            return
        self.report(Blocked("GET", socket.url, "this web socket is not listed", ""))
        await socket.close(code=_POLICY_VIOLATION, reason="not listed")
