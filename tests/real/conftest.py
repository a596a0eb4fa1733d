"""A real browser for real back offices: the one that the product would find, walled in to loopback."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from agent.browser.find import find_browser, launch_args

PATIENCE_MS = 60_000.0  # real servers on a machine that does other work as well


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = find_browser(None, None, headed=False)
    # Not the plugin's own: it lives as long as the session, and its loop would be in the way of every asyncio test.
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(
            executable_path=found.executable, channel=found.channel, args=launch_args(["127.0.0.1"])
        )
        yield made
        made.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    expect.set_options(timeout=PATIENCE_MS)
    context = browser.new_context()
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()
    expect.set_options(timeout=None)
