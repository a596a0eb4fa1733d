"""From what a person has pointed at to targets: role and name first, CSS last, counted as a profile's are."""

import asyncio
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from playwright.async_api import ElementHandle, Locator
from playwright.async_api import Error as PlaywrightError
from pydantic import ValidationError

from agent.browser.faults import reading
from page_objects.locate import Scope, locate
from page_objects.profile import Target

Entry = Mapping[str, Any]  # a target as it stands in a profile

_PROPOSE = (resources.files("agent.teaching") / "propose.js").read_text("utf-8")
_WAYS = ("role", "label", "test_id", "placeholder", "text", "beside", "css")
_MOST = 4
# Whether each match is the element, lies in it, or holds it and shows the same.
_SAME = """(found, picked) => {
  const above = (one) => one.assignedSlot || one.parentElement || one.getRootNode().host;
  const up = function* (node) { for (let one = node; one; one = above(one)) yield one; };
  return found.map((one) => one === picked || [...up(picked)].includes(one) || [...up(one)].includes(picked));
}"""


@dataclass(frozen=True, slots=True)
class Seen:
    """An element as its page shows it, and the targets that might identify it, none of them counted yet."""

    element: ElementHandle
    targets: Sequence[Entry]
    about: Mapping[str, Any]
    more: Mapping[str, Any]


async def look(picked: ElementHandle, what: str, **asked: Any) -> Seen | None:
    """Return what an element is, lifted to what is asked for, such as a control, a value or a row.

    Raises:
        Transient: the page went away meanwhile.
    """
    with reading("what was pointed at"):
        result = await picked.evaluate_handle(_PROPOSE, {"what": what, **asked})
        parts = await result.get_properties()
        if "node" not in parts:
            return None
        element = parts["node"].as_element()
        data = await result.evaluate("({node, ...rest}) => rest")
        if element is None:
            return None
        return Seen(element, data.pop("targets"), data.pop("about"), data)


def ranked(targets: Iterable[Entry]) -> list[Entry]:
    """Return targets, the best first, each once."""
    unique = {repr(target): target for target in targets}.values()
    return sorted(unique, key=lambda target: next(at for at, way in enumerate(_WAYS) if way in target))


async def matching(scope: Scope, targets: Iterable[Entry], element: ElementHandle, *, most: int = _MOST) -> list[Entry]:
    """Return the targets that match this element and nothing else, the best first."""
    found: list[Entry] = []
    for target in ranked(targets):
        if await is_it(scope, target, element):
            found.append(target)
        if len(found) == most:
            break
    return found


async def is_it(scope: Scope, target: Entry, element: ElementHandle) -> bool:
    """Whether a target matches one thing, and that is what was pointed at."""
    try:
        same = await asyncio.wait_for(locate(scope, as_target(target)).evaluate_all(_SAME, element), 10)
    except (PlaywrightError, TimeoutError):
        return False  # a role that Playwright does not know, a selector that does not parse
    return bool(same == [True])


async def count(scope: Scope, target: Entry) -> int:
    """Return how many things a target matches now."""
    with reading("what a target matches"):
        return await locate(scope, as_target(target)).count()


async def index_of(found: Locator, element: ElementHandle) -> int:
    """Return which of the matches an element is, or lies in; -1 for none."""
    same = "(found, node) => found.findIndex((one) => one === node || one.contains(node))"
    with reading("what a target matches"):
        return int(await found.evaluate_all(same, element))


def located(scope: Scope, target: Entry) -> Locator:
    """Return the locator of a target."""
    return locate(scope, as_target(target))


def as_target(entry: Entry) -> Target:
    """Return a target of the profile."""
    return Target.model_validate(entry)


def typed(line: str) -> Entry:
    """Return the target that a person has typed as a profile has it.

    Raises:
        ValueError: it is none.
    """
    try:
        entry: Entry = tomllib.loads(f"target = {line}")["target"]
        Target.model_validate(entry)
    except tomllib.TOMLDecodeError as fault:
        raise ValueError(f"that is not TOML: {fault}") from fault
    except ValidationError as fault:
        why = fault.errors()[0]["msg"]
        raise ValueError(why) from fault
    return entry
