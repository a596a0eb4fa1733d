"""Which texts of a portal its profile knows: they are the portal's own, and nobody's data."""

from collections.abc import Iterable, Iterator, Mapping

from pydantic import BaseModel

from page_objects.locate import normalised
from page_objects.profile import Profile, Target

_TEXTS = ("name", "label", "placeholder", "text", "beside")


def axes_of(profile: Profile) -> dict[str, str]:
    """Return the axis of every text of the word tables."""
    return {normalised(text): axis for axis, table in profile.words for texts in table.values() for text in texts}


def labels_of(profile: Profile) -> frozenset[str]:
    """Return every label, name and heading that the profile looks for."""
    found = {text for target in _targets(profile) for way in _TEXTS for text in getattr(target, way)}
    detail = profile.pages.detail
    found.update(label for labels in detail.fields.values() for label in labels)
    found.update(label for labels in detail.items.columns.values() for label in labels)
    found.update(label for reason in profile.reasons.values() for label in reason.labels)
    return frozenset(map(normalised, found))


def _targets(value: object) -> Iterator[Target]:
    if isinstance(value, Target):
        yield value
    parts: Iterable[object] = ()
    if isinstance(value, BaseModel):
        parts = (inner for _, inner in value)
    elif isinstance(value, Mapping):
        parts = value.values()
    elif isinstance(value, tuple):
        parts = value
    for part in parts:
        yield from _targets(part)
