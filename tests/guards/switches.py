"""How each guard is switched off: by a patch from outside, for the product has no setting for any of them."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from playwright.async_api import Locator, WebSocketRoute

from agent.browser import launch
from agent.browser.armed import Armed
from agent.browser.gate import RequestGate
from agent.browser.wall import Event, Wall
from agent.domain.acts import ActKind
from agent.domain.cases import Case
from agent.domain.ids import OrderId
from page_objects.form import ActForm
from page_objects.locate import locate
from page_objects.order_key import KeyedPage, Tie
from page_objects.profile import RequestRule, ReviewsPage
from page_objects.site import Site

Switch = Callable[[], AbstractContextManager[object]]


def nothing(*_args: Any, **_more: Any) -> None:
    """Do nothing."""


async def nothing_async(*_args: Any, **_more: Any) -> None:
    """Do nothing."""


def always(result: Any) -> Callable[..., Any]:
    """Return a function that always says the same."""
    return lambda *_args, **_more: result


async def noted(*_args: Any) -> str:
    """Say that a field was filled in, and leave it as it is."""
    return ""


def off(owner: Any, name: str, instead: Any = nothing) -> Switch:
    """Return a switch that puts something else in the place of a function.

    Raises:
        AttributeError: there is none of this name any more, so the guard is somewhere else now.
    """
    if not hasattr(owner, name):
        raise AttributeError(f"{owner} has no {name} any more: this guard is somewhere else now")
    return lambda: patch.object(owner, name, instead)


def of_any_order(site: Site, page: ReviewsPage, _order_id: OrderId) -> Locator:
    """Take every review on the page for one of the order that was asked for."""
    return locate(site.frame, page.entry)


async def tied_as_asked(page: KeyedPage, order_id: OrderId) -> Tie:
    """Take the page's key for the key of the order that was asked for."""
    return Tie(page.key(), order_id, ())


def both(*switches: Switch) -> Switch:
    """Return a switch for two places that are one guard."""

    @contextmanager
    def switched() -> Iterator[None]:
        with switches[0](), switches[1]():
            yield

    return switched


def unheld(*_args: Any) -> AbstractContextManager[None]:
    """Hold nothing."""
    return nullcontext()


class AnyIds:
    """A set of order ids that is equal to every other."""

    __hash__ = None  # type: ignore[assignment]  # nobody keeps it

    def __eq__(self, _other: object) -> bool:
        return True


# --- Pressing


async def first_match(locator: Locator, _what: str, **more: Any) -> None:
    """Press whichever comes first."""
    await locator.first.click(timeout=more.get("timeout_ms", 2_000), no_wait_after=True)


async def by_force(locator: Locator, _what: str, **_more: Any) -> None:
    """Press whatever lies over it."""
    await locator.click(force=True, timeout=2_000, no_wait_after=True)


def any_part(names: Iterable[str]) -> re.Pattern[str]:
    """Match what holds one of the names."""
    return re.compile("|".join(map(re.escape, names)))


def order_only(_run: object, case: Case, *_more: object) -> dict[str, set[str]]:
    """Expect nothing of a request but the order that it names."""
    return {"order_id": {case.order_id}}


def anywhere(form: ActForm) -> Locator:
    """Look for the control on the whole page."""
    (label, *_) = form._site.words.labels("controls", ActKind.CLOSE)
    return form._site.frame.get_by_role("button", name=label)


def part_of_the_name(form: ActForm) -> Locator:
    """Look for a control whose name contains the name."""
    (label, *_) = form._site.words.labels("controls", ActKind.CLOSE)
    return form._site.frame.get_by_role("group").get_by_role("button").filter(has_text=label)


# --- The gate

_why_not, _take, _release, _launch_args = Wall._why_not, Armed.take, Armed.release, launch.launch_args


def from_any_frame(wall: Wall, event: Event) -> str | None:
    """Take every request for one of the frame that is armed."""
    return _why_not(wall, {**event, "frameId": next(iter(wall.holders), event["frameId"])})


def without_worker_header(wall: Wall, event: Event) -> str | None:
    """Overlook what says that a script is a service worker's."""
    request = event["request"]
    headers = {name: text for name, text in request["headers"].items() if name.lower() != "service-worker"}
    return _why_not(wall, {**event, "request": {**request, "headers": headers}})


async def released_again(armed: Armed) -> None:
    """Forget that it was released."""
    armed._released = False
    await _release(armed)


def take_unchecked(armed: Armed, event: Event, request: Any, mutating: Any) -> str | None:
    """Hold whatever comes under the expected name."""
    armed._expectation = replace(armed._expectation, check=always(None))
    return _take(armed, event, request, mutating)


def take_by_any_name(armed: Armed, event: Event, request: Any, mutating: Any) -> str | None:
    """Hold whatever changes something."""
    return _take(armed, event, request, replace(mutating, name=armed.name))


def named_fields(rule: RequestRule) -> frozenset[str]:
    """Compare single values only."""
    return frozenset(rule.fields)


async def open_socket(_gate: RequestGate, socket: WebSocketRoute) -> None:
    """Let every web socket through."""
    socket.connect_to_server()


def args_without(word: str) -> Callable[..., list[str]]:
    """Return what launches a browser without one of its switches."""
    return lambda *args, **more: [arg for arg in _launch_args(*args, **more) if word not in arg]
