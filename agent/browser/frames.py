"""Chromium's own ids of frames, which Playwright keeps to itself."""

import secrets

from playwright.async_api import CDPSession, Frame
from playwright.async_api import Error as PlaywrightError

_COUNT = "performance.getEntriesByName({mark!r}).length"


async def frame_id(frame: Frame) -> str | None:
    """Return the id under which Chromium reports the frame's requests, or None if it cannot be told for certain."""
    session, owner = await _session_over(frame)
    try:
        if owner is frame:
            info = await session.send("Target.getTargetInfo")
            return str(info["targetInfo"]["targetId"])
        return await _marked(session, frame)
    finally:
        await session.detach()


async def _session_over(frame: Frame) -> tuple[CDPSession, Frame]:
    """Return a session of the nearest frame, from this one upwards, that has a process boundary of its own."""
    context = frame.page.context
    while frame.parent_frame is not None:
        try:
            return await context.new_cdp_session(frame), frame
        except PlaywrightError:  # it lives in its parent's process: ask there
            frame = frame.parent_frame
    return await context.new_cdp_session(frame.page), frame


async def _marked(session: CDPSession, frame: Frame) -> str | None:
    """Put a mark into the frame's performance timeline, which no framework reads, and look which frame has it."""
    mark = f"closewright-{secrets.token_hex(16)}"
    await frame.evaluate("mark => performance.mark(mark)", mark)
    try:
        tree = (await session.send("Page.getFrameTree"))["frameTree"]
        found = [child for child in _descendants(tree) if await _has(session, child, mark)]
    finally:
        await frame.evaluate("mark => performance.clearMarks(mark)", mark)
    return found[0] if len(found) == 1 else None


def _descendants(tree: dict[str, object]) -> list[str]:
    children = tree.get("childFrames", [])
    if not isinstance(children, list):
        return []
    return [name for child in children for name in (str(child["frame"]["id"]), *_descendants(child))]


async def _has(session: CDPSession, frame: str, mark: str) -> bool:
    world = await session.send("Page.createIsolatedWorld", {"frameId": frame, "worldName": "closewright"})
    asked = {"contextId": world["executionContextId"], "expression": _COUNT.format(mark=mark), "returnByValue": True}
    answer = await session.send("Runtime.evaluate", asked)
    return bool(answer["result"].get("value") == 1)
