"""Elements as a visit keeps them, read from the page by ``look.js``."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Frame, Locator

from agent.doctor.tree import Plain
from agent.doctor.visit import Box, ButtonSeen, FieldSeen, FormSeen, Seen
from agent.errors import Transient
from page_objects import hand
from page_objects.locate import normalised
from page_objects.profile import Target

_SNAPSHOT_MS = 10_000


@cache
def _look() -> str:
    return files("agent.doctor").joinpath("look.js").read_text(encoding="utf-8")


async def origin_of(frame: Frame) -> tuple[float, float]:
    """Return where a frame's own corner stands in the picture."""
    if frame.parent_frame is None:
        return 0.0, 0.0
    try:
        box = await (await frame.frame_element()).bounding_box()
    except PlaywrightError as fault:
        raise Transient(fault.message.splitlines()[0]) from fault
    return (0.0, 0.0) if box is None else (box["x"], box["y"])


async def seen(found: Locator, target: Target, *, pressed: bool, origin: tuple[float, float]) -> Seen:
    """Return what a target matches now; ``pressed`` says that somebody would press it.

    Raises:
        Transient: the page went away meanwhile.
    """
    outlines = await _asked(found, "outline")
    if len(outlines) != 1:
        return Seen(count=len(outlines))
    (one,) = outlines
    usable = await hand.can_press(found) if pressed else None
    names = {normalised(name) for name in (*target.name, *target.label, *target.text)}
    name = normalised(one["label"])
    return Seen(
        count=1,
        role=one["role"],
        name=name if name in names else "",
        tag=one["tag"],
        kind=one["kind"],
        look=one["look"],
        usable=usable,
        box=(one["box"][0] + origin[0], one["box"][1] + origin[1], one["box"][2], one["box"][3]),
    )


async def box_of(found: Locator) -> Box | None:
    """Return where the first element that matches stands in the picture; None where it is not shown."""
    try:
        box = await found.first.bounding_box(timeout=_SNAPSHOT_MS) if await found.count() else None
    except PlaywrightError as fault:
        raise Transient(fault.message.splitlines()[0]) from fault
    return None if box is None else (box["x"], box["y"], box["width"], box["height"])


async def form_seen(root: Locator, plain: Plain) -> FormSeen | None:
    """Return the form inside an element, with texts that are the same on any day; None where it is not one element."""
    forms = await _asked(root, "form")
    if len(forms) != 1:
        return None
    (form,) = forms
    return FormSeen(
        sends_to=plain.written(form["sends_to"]),
        method=form["method"],
        encoding=form["encoding"],
        hidden=tuple(form["hidden"]),
        fields=tuple(_field(one, plain) for one in form["fields"]),
        buttons=tuple(_button(one, plain) for one in form["buttons"]),
    )


def _field(one: Mapping[str, Any], plain: Plain) -> FieldSeen:
    options = tuple((plain.written(label), plain.written(code)) for label, code in one["options"])
    return FieldSeen(**{**one, "label": plain.written(one["label"]), "options": options})


def _button(one: Mapping[str, Any], plain: Plain) -> ButtonSeen:
    return ButtonSeen(**{**one, "label": plain.written(one["label"]), "sends_to": plain.written(one["sends_to"])})


async def leaves(found: Locator) -> list[list[str]]:
    """Return the texts inside each element, one for each part that holds text of its own."""
    return [[text for text in texts if text] for texts in await _asked(found, "leaves")]


async def snapshot(found: Locator) -> str:
    """Return the accessibility tree of an element."""
    try:
        return await found.aria_snapshot(timeout=_SNAPSHOT_MS)
    except PlaywrightError as fault:
        raise Transient(fault.message.splitlines()[0]) from fault


async def texts_on(frame: Frame) -> list[str]:
    """Return every text that a frame shows, part by part."""
    return [text for texts in await leaves(frame.locator("body")) for text in texts]


async def _asked(found: Locator, what: str) -> list[Any]:
    try:
        answer: list[Any] = await found.evaluate_all(_look(), what)
    except PlaywrightError as fault:
        raise Transient(fault.message.splitlines()[0]) from fault
    return answer
