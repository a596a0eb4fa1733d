"""A launched browser reaches the profile's hosts only; its contexts stand still; a lost one can be told."""

from collections.abc import Callable

import pytest
from playwright.async_api import Page
from recording_server import RecordingServer, Reply
from simple_rules import HOSTS, Rules

from agent.browser.faults import reading
from agent.browser.find import FoundBrowser, find_browser
from agent.browser.gate import Forbidden, Mutating, Read, RequestGate, SeenRequest
from agent.browser.launch import open_browser, open_context
from agent.errors import ConfigError, Transient

Run = Callable[..., object]


class Lenient(Rules):
    """Rules with a hole: every host may be read."""

    def classify(self, request: SeenRequest) -> Read | Mutating | Forbidden:
        """Return what a request is: a read."""
        return Read(request.method)


def test_other_hosts_are_out_of_reach_even_if_the_rules_let_them(run: Run, server: RecordingServer) -> None:
    async def work() -> None:
        async with open_browser(find_browser(None, None, headed=False), hosts=["127.0.0.1"]) as browser:
            context = await open_context(browser)
            await RequestGate(Lenient()).attach(context)
            page = await context.new_page()
            await page.goto(server.url("/"))
            asked = "url => fetch(url, {mode: 'no-cors'}).then(() => 'reached', () => 'failed')"
            assert await page.evaluate(asked, server.url("/again")) == "reached"
            for address in (server.other_origin, f"http://127.0.0.2:{server.port}", f"http://[::1]:{server.port}"):
                assert await page.evaluate(asked, address + "/out") == "failed"
            assert not server.at("/out")

    run(work())


def test_a_lost_browser_may_pass(run: Run) -> None:
    async def work() -> None:
        async with open_browser(find_browser(None, None, headed=False), hosts=HOSTS) as browser:
            page = await (await open_context(browser)).new_page()
            await browser.close()
            with pytest.raises(Transient):
                await open_context(browser)
            with pytest.raises(Transient, match="the page"), reading("the page"):
                await page.title()

    run(work())


def test_a_browser_that_does_not_start_is_a_matter_of_configuration(run: Run, tmp_path: object) -> None:
    async def work() -> None:
        missing = FoundBrowser(f"{tmp_path}/nowhere", None, "chromium")
        with pytest.raises(ConfigError, match="nowhere"):
            async with open_browser(missing, hosts=HOSTS):
                pass

    run(work())


def test_animations_end_at_once(run: Run, page: Page, server: RecordingServer) -> None:
    server.pages["/"] = Reply(
        "<style>@keyframes k { to { left: 9px } } p { position: absolute; top: 0; animation: k 60s infinite;"
        " transition: top 60s }</style><p>x</p><script>window.ended = [];"
        "for (const kind of ['animationend', 'transitionend']) addEventListener(kind, e => ended.push(kind));"
        "setTimeout(() => document.querySelector('p').style.top = '99px', 20)</script>"
    )

    async def work() -> None:
        await page.goto(server.url("/"))
        await page.wait_for_function("() => new Set(ended).size === 2", timeout=5000)
        assert await page.evaluate("matchMedia('(prefers-reduced-motion: reduce)').matches")

    run(work())


def test_the_page_is_where_and_when_the_portal_is(run: Run, page: Page, server: RecordingServer) -> None:
    async def work() -> None:
        await page.goto(server.url("/"))
        zone = "Intl.DateTimeFormat().resolvedOptions().timeZone"
        assert await page.evaluate(f"[navigator.language, {zone}]") == ["zh-CN", "Asia/Shanghai"]

    run(work())


def test_a_saved_session_signs_in_again(run: Run, page: Page, server: RecordingServer) -> None:
    server.pages["/"] = Reply("ok", headers=(("Set-Cookie", "sid=7; Path=/"),))

    async def work() -> None:
        await page.goto(server.url("/"))
        browser = page.context.browser
        assert browser is not None
        again = await open_context(browser, storage_state=dict(await page.context.storage_state()))
        await (await again.new_page()).goto(server.url("/again"))
        assert server.at("/again")[0].headers["cookie"] == "sid=7"
        await again.close()

    run(work())
