"""Pointing: Chromium's own inspect mode outlines what lies under the pointer and takes the click away from the page."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from importlib import resources
from typing import Any

from playwright.async_api import CDPSession, ElementHandle, Locator, Page
from playwright.async_api import Error as PlaywrightError

from agent.browser.faults import reading

_LAYER = (resources.files("agent.teaching") / "layer.js").read_text("utf-8")
_MARK = "data-closewright-picked"
_SET = f"function(mark) {{ (this.nodeType === 1 ? this : this.parentElement).setAttribute('{_MARK}', mark); }}"
_LOOK = {
    "showInfo": True,
    "showAccessibilityInfo": True,
    "contentColor": {"r": 255, "g": 169, "b": 77, "a": 0.35},
    "borderColor": {"r": 217, "g": 72, "b": 15, "a": 1},
}


class Inspector:
    """A page in inspect mode: hovering outlines, and a click chooses instead of pressing."""

    def __init__(self, page: Page, sessions: Sequence[CDPSession]) -> None:
        self._page = page
        self._sessions = sessions
        self._chosen: asyncio.Queue[tuple[CDPSession, int]] = asyncio.Queue()

    async def begin(self) -> None:
        """Take every click from now on."""
        for session in self._sessions:
            session.on("Overlay.inspectNodeRequested", self._listener(session))
            await session.send("DOM.enable")
            await session.send("Overlay.enable")
        await self._inspect()

    async def picked(self) -> ElementHandle:
        """Wait until the person has pointed at something, and return it."""
        with reading("pointing"):
            while True:
                element = await _element(self._page, *await self._chosen.get())
                if element is not None:
                    return element
                await self._inspect()  # it was in a closed shadow root: wait for another

    async def _inspect(self) -> None:
        for session in self._sessions:
            await session.send("Overlay.setInspectMode", {"mode": "searchForNode", "highlightConfig": _LOOK})

    def _listener(self, session: CDPSession) -> Callable[[Mapping[str, Any]], None]:
        return lambda event: self._chosen.put_nowait((session, int(event["backendNodeId"])))


@asynccontextmanager
async def inspecting(page: Page) -> AsyncIterator[Inspector]:
    """Put a page into inspect mode, with its frames and open shadow roots; no click reaches the page meanwhile.

    Raises:
        Transient: the page went away.
    """
    with reading("pointing"):
        sessions = [await page.context.new_cdp_session(page), *await _of_frames(page)]
        inspector = Inspector(page, sessions)
        try:
            await inspector.begin()
            yield inspector
        finally:
            for session in sessions:
                with suppress(PlaywrightError):  # the page is gone, and the session with it
                    await session.detach()  # inspect mode ends with it


async def _of_frames(page: Page) -> list[CDPSession]:
    """Return a session of each frame that has a process of its own; the others belong to their page's."""
    sessions = []
    for frame in page.frames:
        if frame is not page.main_frame:
            with suppress(PlaywrightError):
                sessions.append(await page.context.new_cdp_session(frame))
    return sessions


async def _element(page: Page, session: CDPSession, node: int) -> ElementHandle | None:
    """Return Playwright's handle of a node of the protocol, which is marked for a moment and looked for in frames."""
    mark = secrets.token_hex(8)
    found = await session.send("DOM.resolveNode", {"backendNodeId": node})
    call = {"objectId": found["object"]["objectId"], "functionDeclaration": _SET, "arguments": [{"value": mark}]}
    await session.send("Runtime.callFunctionOn", call)
    for frame in page.frames:
        handle = await frame.query_selector(f"[{_MARK}='{mark}']")
        if handle is not None:
            await handle.evaluate(f"node => node.removeAttribute('{_MARK}')")
            return handle
    return None


async def show(page: Page, text: str, found: Locator | None = None) -> None:
    """Write what is asked over the page, and frame what a locator matches."""
    with reading("a page that is taught"):
        boxes = [await each.bounding_box() for each in await found.all()] if found is not None else []
        await page.evaluate(_LAYER, {"text": text, "boxes": [box for box in boxes if box is not None]})
