"""Frames: a page that opens inside another one, and how the outer page names it."""

from playwright.async_api import Frame

from agent.browser.faults import reading
from agent.teaching.lesson import Lesson
from agent.teaching.proposals import matching

_FRAME = "content"


async def note_frame(lesson: Lesson, table: str, frame: Frame) -> None:
    """Write down in which frame a page opens, unless it is the outermost."""
    if frame is lesson.page.main_frame:
        return
    with reading("a frame"):
        holder = await frame.frame_element()
        name, title = await holder.get_attribute("name"), await holder.get_attribute("title")
    why = lesson.say("why_frame")
    named = [
        {"css": f"iframe[{key}={value!r}]", "why": why} for key, value in (("name", name), ("title", title)) if value
    ]
    options = await matching(lesson.page.main_frame, [*named, {"css": "iframe", "why": why}], holder)
    if options:
        lesson.notes.put("frames", _FRAME, options[0])
        lesson.notes.put(table, "frame", _FRAME)
    else:
        lesson.tell("frame_unknown")


async def frame_of(lesson: Lesson, table: str) -> Frame:
    """Return the frame in which a page has opened."""
    entry = lesson.notes.get("frames", lesson.notes.get(table, "frame") or "")
    if entry is None:
        return lesson.page.main_frame
    with reading("a frame"):
        handle = await lesson.page.query_selector(entry["css"])
        inner = await handle.content_frame() if handle is not None else None
    return inner or lesson.page.main_frame
