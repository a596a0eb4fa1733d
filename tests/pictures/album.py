"""The pictures of docs/images: what a terminal showed and what a page showed, written where they are asked for."""

import io
import re
from contextlib import ExitStack
from functools import partial
from html import escape
from pathlib import Path

from anyio.from_thread import start_blocking_portal
from playwright.async_api import Browser, async_playwright
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from agent.browser.find import find_browser
from tests.pictures.shown_shop import LANGUAGES, WIDTH, ShownShop

_WIDE = re.compile(r"[^\x00-\u2e7f]")
# One font for what is narrow, and a box of two columns around each wide sign: so tables stand as in a terminal.
_TERMINAL = """<!doctype html><meta charset="utf-8"><style>
body { margin: 0; background: #fff }
pre { margin: 0; padding: 14px 18px; width: WIDTHch; box-sizing: content-box; border-radius: 6px; background: #16191d;
  color: #d7dce2; font: 13px/1.42 "DejaVu Sans Mono", "Noto Sans Mono CJK SC", monospace; white-space: pre-wrap;
  overflow-wrap: anywhere; display: inline-block }
b { font-weight: normal; color: #7ee0a1 }
i { display: inline-block; width: 2ch; font-style: normal; text-align: center }
</style><pre><b>$ COMMAND</b>
SHOWN</pre>"""


class Studio:
    """A browser of our own, which no gate holds, in an event loop of its own: commands need this thread's."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self._loop = self._open.enter_context(start_blocking_portal())
        playwright = self._open.enter_context(self._loop.wrap_async_context_manager(async_playwright()))
        found = find_browser(None, None, headed=False)
        launch = partial(playwright.chromium.launch, executable_path=found.executable, channel=found.channel)
        self._browser: Browser = self._loop.call(launch)

    def close(self) -> None:
        """Close the browser and end the loop."""
        self._loop.call(self._browser.close)
        self._open.close()

    def terminal(self, command: tuple[str, ...], shown: str) -> bytes:
        """Return a picture of a command and what a terminal then shows."""
        return self._loop.call(self._terminal, command, shown)

    def top_of(self, html: str, to: str, until: str) -> bytes:
        """Return a picture of a page down to the end of ``to``, once it shows what ``until`` selects."""
        return self._loop.call(self._top_of, html, to, until)

    def thread(self, shop: ShownShop, order_id: str) -> bytes:
        """Return a picture of the conversation about an order, as the seller sees it."""
        return self._loop.call(self._thread, shop, order_id)

    async def _terminal(self, command: tuple[str, ...], shown: str) -> bytes:
        typed = escape(" ".join(("closewright", *command)))
        page = _TERMINAL.replace("WIDTH", str(WIDTH + 1)).replace("COMMAND", typed).replace("SHOWN", _as_html(shown))
        async with await self._browser.new_page(viewport={"width": 1200, "height": 400}) as tab:
            await tab.set_content(page)
            return await tab.locator("pre").screenshot(type="png")

    async def _top_of(self, html: str, to: str, until: str) -> bytes:
        async with await self._browser.new_page(viewport={"width": 1180, "height": 900}) as tab:
            await tab.set_content(html)
            await tab.locator(until).last.wait_for()
            end = await tab.locator(to).bounding_box()
            assert end is not None
            clip = {"x": 0.0, "y": 0.0, "width": 1180.0, "height": end["y"] + end["height"] + 34}
            return await tab.screenshot(type="jpeg", quality=72, full_page=True, clip=clip)

    async def _thread(self, shop: ShownShop, order_id: str) -> bytes:
        async with await self._browser.new_page(viewport={"width": 1366, "height": 580}) as tab:
            await tab.goto(f"{shop.portal.url}/login")
            await tab.locator("#username").fill("seller")
            await tab.locator("#password").fill("demo")
            await tab.locator("button[type=submit]").click()
            await tab.wait_for_url(lambda url: "/login" not in url)
            await tab.goto(f"{shop.portal.url}/workbench?_path_=trade/chat&orderId={order_id}")
            await tab.frame_locator("iframe").locator("li.message").last.wait_for()
            return await tab.screenshot(type="jpeg", quality=70)


def _as_html(shown: str) -> str:
    """Return what a terminal was sent as HTML, each wide sign in a box of its own."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), emoji=False)
    console.print(Text.from_ansi(shown.rstrip()), soft_wrap=True)
    html = console.export_html(inline_styles=True, code_format="{code}")
    return _WIDE.sub(lambda sign: f"<i>{sign[0]}</i>" if cell_len(sign[0]) == 2 else sign[0], html)


class Album:
    """Keeps pictures in a folder; where nobody has asked for them, in none, and then none are taken."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._studio = None if folder is None else Studio()

    def close(self) -> None:
        """Close what pictures were taken with."""
        if self._studio is not None:
            self._studio.close()

    def screens(self, shop: ShownShop, name: str, *command: str) -> dict[str, str]:
        """Run a command in both languages, keep what each shows, and return that as plain text."""
        said = {}
        for language in LANGUAGES:
            shown = shop.closewright(*command, language=language)
            said[language] = Text.from_ansi(shown.out).plain
            if self._studio is not None:
                self._keep(f"{name}-{language}.png", self._studio.terminal(command, shown.out))
        return said

    def thread(self, shop: ShownShop, name: str, order_id: str) -> None:
        """Keep the conversation about an order, as the seller sees it."""
        if self._studio is not None:
            self._keep(f"{name}.jpg", self._studio.thread(shop, order_id))

    def evidence(self, shop: ShownShop, name: str, order_id: str, kept_as: str) -> None:
        """Keep a picture of an order's evidence."""
        self._keep(f"{name}.jpg", shop.photograph(order_id, kept_as))

    def page(self, name: str, html: str, *, to: str, until: str) -> None:
        """Keep a page that needs no network down to the end of ``to``, once all that ``until`` selects is there."""
        if self._studio is not None:
            self._keep(f"{name}.jpg", self._studio.top_of(html, to, until))

    def _keep(self, name: str, picture: bytes) -> None:
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
            (self._folder / name).write_bytes(picture)
