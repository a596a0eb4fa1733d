"""Signing in to back offices that draw themselves: where the address goes meanwhile says nothing of having arrived."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.async_api import Page
from recording_server import RecordingServer, Reply

from agent.domain.cases import Role
from page_objects.loader import parse_profile
from page_objects.login import sign_in
from page_objects.site import Account, Site

KEYED = Path(__file__).with_name("keyed.toml").read_text("utf-8")
LIST = "<b id=who>seller</b><main><h1>Orders</h1></main>"
LOGIN = """<!doctype html><body></body><script>
const form = `<label>Name<input></label><label>Password<input type=password></label><button>Sign in</button>`
const later = (ms, work) => setTimeout(work, ms)
later(100, () => {
  document.body.innerHTML = form
  document.querySelector('button').onclick = async () => {
    BEFORE
    await fetch('/session')
    AFTER
  }
})
</script>"""
NOTES_THE_GOAL = "history.replaceState(null, '', '/login?redirect=%2F')"
PASSES_BY_ITS_LOGIN = """
    const bounce = left => {
      history.pushState(null, '', left % 2 ? '/login?redirect=%2F' : '/')
      if (left) later(1, () => bounce(left - 1))
      else document.body.innerHTML = `<b id=who>seller</b>`
    }
    bounce(40)"""


@pytest.mark.parametrize(
    ("before", "after"),
    [(NOTES_THE_GOAL, PASSES_BY_ITS_LOGIN), ("", PASSES_BY_ITS_LOGIN), (NOTES_THE_GOAL, "location = '/orders'")],
    ids=["notes the goal and passes by its login", "passes by its login", "notes the goal"],
)
def test_signing_in_ends_on_the_list_whatever_the_address_was_meanwhile(
    *, run: Callable[..., object], page: Page, server: RecordingServer, before: str, after: str
) -> None:
    server.pages["/login"] = Reply(LOGIN.replace("BEFORE", before).replace("AFTER", after))
    server.pages["/orders"] = Reply(LIST)
    account = Account(shop="demo", base_url=server.origin, role=Role.SELLER, username="seller")

    async def work() -> None:
        site = Site(page, parse_profile(KEYED.encode(), origin="keyed.toml").profile, account)
        await sign_in(site, "demo")
        assert site.showing is site.profile.pages.list

    run(work())
    assert len(server.at("/session")) == 1
