"""Which entries of a profile a person would repair one by one, as dotted paths."""

from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from page_objects.profile import FormField, Profile, Target

# A page's address and frame are entries of their own; so are rows of tables that hold words.
_LEAVES = (Target, FormField, str, tuple)


def entries_of(profile: Profile) -> tuple[str, ...]:
    """Return the entries of a profile, in the order of its format."""
    return tuple(_entries(profile))


def _entries(profile: Profile) -> Iterator[str]:
    yield from (f"frames.{name}" for name in profile.frames)
    yield from (name for name in ("identity", "popups", "busy") if getattr(profile, name))
    yield from (f"signals.{name}" for name, signal in profile.signals if signal is not None)
    for name, page in profile.pages:
        if page is not None:
            yield from _parts(page, f"pages.{name}")
    yield from (f"words.{axis}" for axis, table in profile.words if table)
    yield from (f"reasons.{reason}" for reason in profile.reasons)
    yield from _parts(profile.forms, "forms")
    yield from (f"acts.{kind}" for kind in profile.acts)
    yield from (f"requests.{name}" for name in profile.requests)
    if profile.private.targets:
        yield "private.targets"


def _parts(value: object, path: str) -> Iterator[str]:
    if value == ():
        return  # nothing is told there
    if isinstance(value, _LEAVES) or path.endswith(".url"):
        yield path
    elif isinstance(value, BaseModel):
        for name, inner in value:
            yield from _parts(inner, f"{path}.{name}")
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _parts(inner, f"{path}.{name}")
