"""Menus and folded parts of an order's page: what stands in them is there only while they are open."""

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Locator

from agent.errors import ElementAmbiguous, PageChanged, Transient
from page_objects import hand
from page_objects.locate import described, locate
from page_objects.profile import Menu, Target
from page_objects.reading import shown_texts
from page_objects.site import Site

_MOST_FOLDS = 20


async def unfold(site: Site, folded: Target) -> None:
    """Open each part of the page that is still folded up.

    Raises:
        ElementBlocked, Transient: one cannot be opened.
        PageChanged: there is always one more, so that nothing says which of them has opened.
    """
    found = locate(site.frame, folded)
    for _ in range(_MOST_FOLDS):
        try:
            parts = await found.count()
        except PlaywrightError as fault:
            raise Transient(fault.message.splitlines()[0]) from fault
        if not parts:
            return
        await hand.press(found.last, f"folded part {described(folded)}")
    raise PageChanged(f"folded part {described(folded)}: there is always one more")


def items_of(site: Site, menu: Menu) -> Locator:
    """Return the items of a menu; none while it is shut."""
    return locate(site.frame, menu.item)


async def pull_down(site: Site, menu: Menu) -> None:
    """Open a menu and wait for its items.

    Raises:
        ElementMissing, ElementAmbiguous, ElementBlocked: its button, or its items, are not as told.
    """
    await hand.press(locate(site.frame, menu.button), f"menu {described(menu.button)}")
    await site.part(menu.item)


async def labels_of(site: Site, menu: Menu) -> list[str]:
    """Open a menu, read its items, and shut it again; a menu that the page does not have, has none.

    Raises:
        ElementAmbiguous: several buttons could be the menu's.
        PageChanged: it does not open, or does not shut again.
    """
    try:
        buttons = await locate(site.frame, menu.button).count()
    except PlaywrightError as fault:
        raise Transient(fault.message.splitlines()[0]) from fault
    if not buttons:
        return []
    if buttons > 1:
        raise ElementAmbiguous(f"menu {described(menu.button)}: {buttons} of them on the page, expected one")
    await pull_down(site, menu)
    items = items_of(site, menu)
    try:
        labels = await shown_texts(items)
    except PlaywrightError as fault:
        raise Transient(fault.message.splitlines()[0]) from fault
    await hand.leave(items, f"menu {described(menu.button)}")
    return labels
