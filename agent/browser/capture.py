"""Pictures of a page with the private texts blackened, and its text; nothing is kept where blackening fails."""

import asyncio
import base64
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from playwright.async_api import CDPSession, Frame, JSHandle, Page
from playwright.async_api import Error as PlaywrightError

from agent.errors import PageUnreadable, Transient

_QUALITY = 70
_TRIES = 4
_FRAME_S = 10.0
# Chinese mobile numbers, as one piece or as 138 1234 5678.
_PHONE = r"(?<![0-9])(?:\+?86[-\s]*)?1[3-9][0-9][-\s.]{0,3}[0-9]{4}[-\s.]{0,3}[0-9]{4}(?![0-9])"
# A frame with a process of its own paints by itself: wait until it has painted the cover.
_PAINTED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done())))"

_sessions: WeakKeyDictionary[Page, CDPSession] = WeakKeyDictionary()


async def picture(page: Page, *, private_values: Sequence[str], patterns: Sequence[str]) -> bytes:
    """Return a JPEG of what the page shows, without private texts.

    Args:
        page: the page; its DOM is not changed.
        private_values: texts that may not be seen, however they are spaced or cut up by tags.
        patterns: regular expressions, of the kind that Python and JavaScript share, of further private texts;
            Chinese mobile numbers are always among them.

    Raises:
        PageUnreadable: a frame cannot be blackened, or the page changes faster than it can be taken.
        Transient: the page is closed or the browser lost.
    """
    asked = {"values": list(private_values), "patterns": [_PHONE, *patterns]}
    try:
        for _ in range(_TRIES):
            taken = await _take(page, asked)
            if taken is not None:
                return taken
    except (PlaywrightError, TimeoutError) as fault:
        if page.is_closed():
            raise Transient("picture: the page was closed") from fault
        why = str(fault) or f"it took longer than {_FRAME_S:.0f} s"
        raise PageUnreadable(f"picture: private texts cannot be covered, so none is kept: {why}") from fault
    raise PageUnreadable("picture: the page changes faster than private texts can be covered, so none is kept")


async def text(page: Page) -> str:
    """Return the page's text as accessibility snapshots of all its frames; private texts are still in it.

    Raises:
        Transient: the page was lost or a frame went away meanwhile.
    """
    try:
        parts = await asyncio.gather(*(_snapshot(frame) for frame in page.frames))
    except PlaywrightError as fault:
        raise Transient(f"page text: {fault.message.partition(chr(10))[0]}") from fault
    return "\n".join(parts)


async def _snapshot(frame: Frame) -> str:
    said = await frame.locator(":root").aria_snapshot(timeout=_FRAME_S * 1000)
    return said if frame.parent_frame is None else f"# frame {frame.url}\n{said}"


async def _take(page: Page, asked: dict[str, list[str]]) -> bytes | None:
    """Return the picture, or None if the page changed under the cover."""
    frames = [(frame, frame.url) for frame in page.frames]
    hosts = {urlsplit(url).hostname for _, url in frames if url.startswith("http")}
    covering = [asyncio.create_task(_cover(frame, asked, own_paint=len(hosts) > 1)) for frame, _ in frames]
    good = False
    try:
        async with asyncio.timeout(_FRAME_S):
            await asyncio.gather(*covering)
            shot = await _shoot(page)
            good = True
    finally:
        ends = await asyncio.gather(*(_uncover(each) for each in covering))
    same = frames == [(frame, frame.url) for frame in page.frames]
    return shot if good and same and all(ends) else None


async def _cover(frame: Frame, asked: dict[str, list[str]], *, own_paint: bool) -> JSHandle:
    cover = await frame.evaluate_handle(_script(), asked)
    if own_paint and frame.parent_frame is not None:
        await frame.evaluate(_PAINTED)
    return cover


async def _uncover(covering: asyncio.Task[JSHandle]) -> bool:
    """Take a cover off and return whether all was under it; what cannot be reached any more takes it off by itself."""
    covering.cancel()
    try:
        cover = await covering
        good = bool(await cover.evaluate("cover => cover.end()"))
        await cover.dispose()
    except (PlaywrightError, asyncio.CancelledError):
        return False  # it never came, or its document is gone, and the cover with it
    return good


async def _shoot(page: Page) -> bytes:
    session = _sessions.get(page)
    if session is None:
        session = _sessions[page] = await page.context.new_cdp_session(page)
    shot = await session.send("Page.captureScreenshot", {"format": "jpeg", "quality": _QUALITY})
    return base64.b64decode(shot["data"])


@cache
def _script() -> str:
    return files("agent.browser").joinpath("mask.js").read_text(encoding="utf-8")
