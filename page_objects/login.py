"""Signing in with a name and a password; anything more is a person's."""

from contextlib import suppress
from urllib.parse import urlsplit

from playwright.async_api import Error as PlaywrightError

from agent.errors import ElementMissing, SignedOut
from page_objects import hand
from page_objects.locate import any_of, locate
from page_objects.site import Site

_NAMED_MS = 5_000


async def sign_in(site: Site, password: str) -> None:
    """Sign in once, and return on the list of orders.

    Raises:
        SignedOut: the portal did not take the name and password.
        HumanCheck: the portal wants a person.
    """
    login = site.profile.pages.login
    with suppress(SignedOut):  # the page that asks for a login is the one we want
        await site.open(login)
    frame = site.page.main_frame
    await hand.write(locate(frame, login.username), site.account.username, "user name")
    await hand.write(locate(frame, login.password), password, "password")
    here = _without_query(site.page.url)
    await hand.press(locate(frame, login.submit), "sign-in button")
    failed = any_of(frame, [login.failed])
    try:
        await site.page.wait_for_url(lambda url: _without_query(url) != here, timeout=site.profile.arrive_s * 1000)
    except PlaywrightError as fault:
        if failed is not None and await failed.count():
            raise SignedOut("the portal did not take the user name and password") from fault
        raise ElementMissing("signing in led nowhere") from fault
    await _named(site)
    await site.open(site.profile.pages.list)


async def _named(site: Site) -> None:
    """Wait until a page names the account: one that draws itself may pass by its own login on the way there."""
    identity = site.profile.identity
    if identity is not None:
        with suppress(PlaywrightError):  # where this page names nobody, the next one has to
            await locate(site.page, identity.target).first.wait_for(timeout=_NAMED_MS)


def _without_query(url: str) -> str:
    """Return an address without its query: a page may note there, as it comes, where it is to lead afterwards."""
    parts = urlsplit(url)
    return parts._replace(query="").geturl()
