"""Choices that say what a list leaves out: set as the profile wants them, and looked at again afterwards."""

import asyncio
from collections.abc import Iterable

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Locator

from agent.errors import PageChanged
from page_objects import hand
from page_objects.locate import described, locate, normalised
from page_objects.profile import ListFilter
from page_objects.site import Site

_PAUSE_S = 0.1
_SHOWN_BY_SELECT = "one => one.selectedOptions?.[0]?.label ?? null"
_CHOSEN_BY_SELF = """one => one.checked === true
  || ['aria-selected', 'aria-checked', 'aria-pressed', 'aria-current'].some(
    name => ![null, 'false'].includes(one.getAttribute(name)))"""


async def set_filters(site: Site, filters: Iterable[ListFilter]) -> None:
    """Set each filter that does not stand as it should: a list may keep what was chosen on an earlier visit.

    Raises:
        PageChanged: a filter is not there, cannot be set, or does not stay as it was set.
    """
    for wanted in filters:
        if not await _stands(site, wanted):
            await _set(site, wanted)


async def _set(site: Site, wanted: ListFilter) -> None:
    what = f"filter {described(wanted.target)}"
    control = locate(site.frame, wanted.target)
    site.expect_navigation()  # some lists load anew for it
    if wanted.value is None:
        await hand.press(control, what)
    else:
        await hand.choose(control, wanted.value, what)
    if wanted.apply is not None:
        await hand.press(locate(site.frame, wanted.apply), f"{what}: {described(wanted.apply)}")
    loop = asyncio.get_running_loop()
    ends = loop.time() + site.profile.arrive_s
    await asyncio.sleep(_PAUSE_S)  # what it has asked the portal for is on its way then
    while site.waits_for_answers or not await _stands(site, wanted):
        if loop.time() >= ends:
            raise PageChanged(f"{what}: was set and does not stay so")
        await asyncio.sleep(_PAUSE_S)


async def _stands(site: Site, wanted: ListFilter) -> bool:
    """Return whether the list shows the filter as it should be; not while it is loading anew."""
    try:
        if wanted.chosen is not None:
            return await locate(site.frame, wanted.chosen).count() == 1
        return await _chosen(locate(site.frame, wanted.target), wanted.value)
    except PlaywrightError:
        return False


async def _chosen(control: Locator, value: str | None) -> bool:
    if await control.count() != 1:
        return False
    if value is None:
        return bool(await control.evaluate(_CHOSEN_BY_SELF))
    return normalised(str(await control.evaluate(_SHOWN_BY_SELECT))) == normalised(value)
