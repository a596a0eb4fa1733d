"""A browser launched by us, walled in from its first moment, and contexts in it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Protocol

from playwright.async_api import Browser, BrowserContext, ViewportSize, async_playwright
from playwright.async_api import Error as PlaywrightError

from agent.browser.faults import reading
from agent.browser.find import FoundBrowser, launch_args
from agent.browser.wall import raise_wall
from agent.browser.wire import open_wire
from agent.errors import ConfigError

_VIEWPORT: ViewportSize = {"width": 1366, "height": 900}
_TIMEOUT_S = 15.0
# The shortest durations rather than none: pages wait for the end of an animation, and get it at once.
_STILL = """
(() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`*, *::before, *::after {
    animation-duration: 0.001ms !important; animation-delay: 0s !important; animation-iteration-count: 1 !important;
    transition-duration: 0.001ms !important; transition-delay: 0s !important;
    scroll-behavior: auto !important; caret-color: transparent !important; }`);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
})();
"""
# Speculation rules have pages fetched ahead, by the browser itself, past every hook. They are read in a microtask that
# is queued after this observer's own, so a script with them is gone before they count.
_NO_SPECULATION = """
(() => {
  const rules = 'script[type="speculationrules" i]';
  const isOne = (node) => node.nodeName === 'SCRIPT' && node.matches(rules);
  const among = (node) => isOne(node) ? [node] : node.firstElementChild ? node.querySelectorAll(rules) : [];
  new MutationObserver((records) => {
    for (const record of records) {
      if (isOne(record.target)) record.target.remove();
      for (const node of record.addedNodes) for (const each of among(node)) each.remove();
    }
  }).observe(document, {childList: true, subtree: true});
})();
"""


class OpenBrowser(Protocol):
    """Gives a walled-in browser for as long as a context lasts; errors as in ``open_browser``."""

    def __call__(
        self, found: FoundBrowser, *, hosts: Sequence[str], headed: bool = False, ws_hosts: Sequence[str] = ()
    ) -> AbstractAsyncContextManager[Browser]:
        """Give it; arguments as in ``open_browser``."""


@asynccontextmanager
async def open_browser(
    found: FoundBrowser, *, hosts: Sequence[str], headed: bool = False, ws_hosts: Sequence[str] = ()
) -> AsyncIterator[Browser]:
    """Launch a browser that reaches ``hosts`` only (web sockets: ``ws_hosts`` only), and sends nothing without a gate.

    Raises:
        ConfigError: it does not start.
    """
    async with open_wire(hosts) as wire, open_wire(ws_hosts) as ws_wire, async_playwright() as playwright:
        try:
            browser = await playwright.chromium.launch(
                executable_path=found.executable,
                channel=found.channel,
                headless=not headed,
                args=launch_args(hosts, wire_port=wire.port, ws_port=ws_wire.port),
                # Ctrl-C is ours: the current pass ends cleanly, then the browser is closed.
                handle_sigint=False,
                handle_sigterm=False,
                handle_sighup=False,
            )
        except PlaywrightError as fault:
            named = found.executable or found.channel or "Playwright's Chromium"
            raise ConfigError([f"browser {named!r} does not start: {fault.message}"]) from fault
        try:
            await raise_wall(browser, wire)
            yield browser
        finally:
            await browser.close()


async def open_context(
    browser: Browser,
    *,
    storage_state: dict[str, Any] | None = None,
    viewport: ViewportSize | None = None,
    locale: str = "zh-CN",
    timezone: str = "Asia/Shanghai",
    timeout_s: float = _TIMEOUT_S,
) -> BrowserContext:
    """Open a context for one shop: still pictures, no service workers, no downloads.

    Raises:
        Transient: the browser is lost.
    """
    with reading("a browser context"):
        context = await browser.new_context(
            storage_state=storage_state,  # type: ignore[arg-type]  # it came from Playwright, by way of JSON
            viewport=viewport or _VIEWPORT,
            locale=locale,
            timezone_id=timezone,
            service_workers="block",
            accept_downloads=False,
            reduced_motion="reduce",
        )
        await context.add_init_script(_STILL + _NO_SPECULATION)
        context.set_default_timeout(timeout_s * 1000)
    return context
