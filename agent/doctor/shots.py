"""Pictures of places that have changed: the spot is marked, and whatever may be somebody's is blackened."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agent.browser import capture
from agent.doctor.elements import box_of, texts_on
from agent.doctor.looks import Visitor, texts_of
from agent.doctor.visit import Box
from agent.doctor.vocabulary import axes_of, labels_of
from agent.errors import ClosewrightError
from page_objects.locate import Scope, label_of, locate, normalised, order_ids_in
from page_objects.profile import Target

_HARMLESS = re.compile(r"[¥￥$€\s\d.,:/×x()（）\-]*", re.ASCII)
_LONG_NUMBER = re.compile(r"\d{7}")
_SHORTEST = 2
_AUTHORED = "button, [role=button], label, legend, th, [role=columnheader], option, [role=option], [role=tab]"


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a picture; ``former`` where something stood that is not there any more."""

    entry: str
    box: Box
    former: bool = False


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture with its marks, or why there is none."""

    jpeg: bytes | None
    marks: tuple[Mark, ...] = ()
    size: tuple[int, int] = (1, 1)
    why_not: str = ""


async def take(visitor: Visitor, marks: Sequence[Mark]) -> Shot:
    """Take a picture of what is open now; where private texts cannot be covered there is none."""
    page = visitor.site.page
    size = page.viewport_size or {"width": 1280, "height": 720}
    try:
        private = await _unknown_texts(visitor)
        jpeg = await capture.picture(page, private_values=private, patterns=visitor.profile.private.patterns)
    except ClosewrightError as fault:
        return Shot(None, why_not=str(fault))
    return Shot(jpeg, tuple(marks), (size["width"], size["height"]))


async def mark(entry: str, scope: Scope, target: Target, former: Box | None) -> Mark | None:
    """Return where to mark an entry: where it is now, else where it was; None where nobody knows."""
    box = await box_of(locate(scope, target))
    if box is not None:
        return Mark(entry, box)
    return None if former is None else Mark(entry, former, former=True)


async def _unknown_texts(visitor: Visitor) -> list[str]:
    """Return every text on the page that neither the profile knows nor a page's author can have written.

    A label that has changed no longer says that what stands beside it is private; so all such values are covered.
    """
    facts = visitor.profile.pages.detail.facts
    known = labels_of(visitor.profile) | axes_of(visitor.profile).keys()
    authored: set[str] = set()
    shown: list[str] = []
    for frame in visitor.site.page.frames:
        shown += await texts_on(frame)
        authored.update(await texts_of(frame.locator(_AUTHORED)))
        if facts is not None:
            authored.update(await texts_of(locate(frame, facts.label)))
    mine = {label_of(text) for text in _split(authored)} | known
    own = set(visitor.lane.detail.private or ())
    unknown = {text for text in shown if label_of(text) not in mine and not _says_nobody(text)}
    return sorted(unknown | own)


def _split(texts: Iterable[str]) -> set[str]:
    return {part for text in texts for part in (text, *text.splitlines())}


def _says_nobody(text: str) -> bool:
    bare = normalised(text)
    number = _HARMLESS.fullmatch(bare) is not None and not _LONG_NUMBER.search(bare)
    return len(bare) < _SHORTEST or number or order_ids_in(bare) == {bare}
