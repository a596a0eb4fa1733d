"""Every way a page knows to send something is stopped, and the server hears of none of them."""

import asyncio
from collections.abc import Callable

import pytest
from playwright.async_api import Browser, BrowserContext, Page
from recording_server import RecordingServer, Reply, script
from simple_rules import HOSTS, Rules

from agent.browser.find import find_browser
from agent.browser.gate import Blocked, RequestGate
from agent.browser.launch import open_browser, open_context

Run = Callable[..., object]

POST = "{method: 'POST', mode: 'no-cors', body: 'order_id=1'}"
FORM = (
    "(() => {{ const form = document.createElement('form'); form.method = '{method}'; form.action = '/do/close';"
    " form.enctype = '{enctype}'; form.target = '{target}'; form.innerHTML = '<input name=order_id value=1>';"
    " document.documentElement.append(form); form.submit(); }})()"
)
WAYS = {
    "fetch": f"fetch('/do/close', {POST})",
    "fetch to another site": f"fetch(location.origin.replace('127.0.0.1', 'localhost') + '/do/close', {POST})",
    "fetch of a blob": "fetch('/do/close', {method: 'POST', body: new Blob(['order_id=1'])})",
    "keepalive": f"fetch('/do/close', {{...{POST}, keepalive: true}})",
    "XMLHttpRequest": "(() => { const x = new XMLHttpRequest(); x.open('POST', '/do/close'); x.send('order_id=1') })()",
    "beacon": "navigator.sendBeacon('/do/close', 'order_id=1')",
    "beacon at the end": "addEventListener('pagehide', () => navigator.sendBeacon('/do/close', 'order_id=1')),"
    " location = '/away'",
    "fetchLater": f"window.fetchLater ? fetchLater('/do/close', {{...{POST}, activateAfter: 0}})"
    f" : fetch('/do/close', {POST})",
    "form": FORM.format(method="post", enctype="", target=""),
    "form by get": FORM.format(method="get", enctype="", target=""),
    "multipart form": FORM.format(method="post", enctype="multipart/form-data", target=""),
    "form to a new window": FORM.format(method="post", enctype="", target="_blank"),
    "form to a frame": "document.body.append(Object.assign(document.createElement('iframe'), {name: 'f'})), "
    + FORM.format(method="post", enctype="", target="f"),
    "ping of a link": "(() => { const a = document.createElement('a'); a.href = '/away'; a.ping = '/do/close';"
    " document.body.append(a); a.click() })()",
    "image": "(() => { new Image().src = '/do/close?order_id=1' })()",
    "script": "document.body.append(Object.assign(document.createElement('script'), {src: '/do/close?order_id=1'}))",
    "style": "document.body.append(Object.assign(document.createElement('link'),"
    " {rel: 'stylesheet', href: '/do/close?order_id=1'}))",
    "prefetch": "document.head.append(Object.assign(document.createElement('link'),"
    " {rel: 'prefetch', href: '/do/close?order_id=1'}))",
    "event source": "(() => { new EventSource('/do/close?order_id=1') })()",
    "new window": "(() => { open('/do/close?order_id=1') })()",
    "navigation": "(() => { location = '/do/close?order_id=1' })()",
    "worker": f"(() => {{ new Worker(URL.createObjectURL(new Blob([`fetch('${{location.origin}}/do/close', {POST})`])))"
    " })()",
    "worker in a worker": "(() => { new Worker('/nested.js') })()",
    "shared worker": "(() => { new SharedWorker('/posting.js') })()",
    "popup's own script": "(() => { open('/posting') })()",
    "frame's own script": "document.body.append(Object.assign(document.createElement('iframe'), {src: '/posting'}))",
    "frame of another site": "document.body.append(Object.assign(document.createElement('iframe'),"
    " {src: location.origin.replace('127.0.0.1', 'localhost') + '/posting'}))",
}


async def until_blocked(gate: RequestGate, send: Callable[[], object]) -> Blocked:
    """Return the first request that is stopped after ``send``."""
    stopped: asyncio.Future[Blocked] = asyncio.get_running_loop().create_future()
    gate.on_blocked = lambda blocked: None if stopped.done() else stopped.set_result(blocked)
    result = send()
    if asyncio.iscoroutine(result):
        await result
    return await asyncio.wait_for(stopped, 5)


async def settle(page: Page, server: RecordingServer) -> None:
    """Wait until a later request of another page has come in: what was on its way is there by then."""
    other = await page.context.new_page()
    await other.goto(server.url("/end"))
    await other.close()


@pytest.mark.parametrize("way", WAYS)
def test_it_is_stopped_and_reported(run: Run, page: Page, gate: RequestGate, server: RecordingServer, way: str) -> None:
    posting = f"fetch('/do/close', {POST})"
    server.pages["/posting"] = Reply(f"<script>{posting}</script>")
    server.pages["/posting.js"] = script(posting)
    server.pages["/nested.js"] = script("new Worker('/posting.js')")

    async def work() -> None:
        await page.goto(server.url("/"))
        blocked = await until_blocked(gate, lambda: page.evaluate(f"(() => {{ {WAYS[way]} }})()"))
        assert "/do/close" in blocked.url
        await settle(page, server)
        assert not server.at("/do/close")

    run(work())


@pytest.mark.parametrize(
    "tag",
    [
        "<link rel=icon href={}>",
        "<link rel=manifest href={}>",
        "<link rel=modulepreload href={}>",
        "<link rel=preload as=fetch href={}>",
        "<object data={}></object>",
        "<embed src={}>",
        "<video src={}></video>",
        "<style>@import url({})</style>",
        "<body background={}>",
        "<meta http-equiv=refresh content='0;url={}'>",
    ],
)
def test_no_tag_fetches_a_change(run: Run, page: Page, server: RecordingServer, tag: str) -> None:
    server.pages["/"] = Reply(tag.format("/do/close?order_id=1"))

    async def work() -> None:
        await page.goto(server.url("/"), wait_until="commit")
        await settle(page, server)
        assert not server.at("/do/close")

    run(work())


def test_a_report_on_the_pages_policy_is_stopped(
    run: Run, page: Page, gate: RequestGate, server: RecordingServer
) -> None:
    policy = ("Content-Security-Policy", "img-src 'none'; report-uri /do/close")
    server.pages["/"] = Reply("<img src=/x.png>", headers=(policy,))

    async def work() -> None:
        blocked = await until_blocked(gate, lambda: page.goto(server.url("/")))
        assert (blocked.method, blocked.url) == ("POST", server.url("/do/close"))
        assert not server.at("/do/close")

    run(work())


@pytest.mark.parametrize(
    ("url", "why"),
    [("/boom", "the rules failed: KeyError"), ("/other", "not listed")],
)
def test_what_the_rules_do_not_know_is_stopped(
    *, run: Run, page: Page, gate: RequestGate, server: RecordingServer, url: str, why: str
) -> None:
    async def work() -> None:
        await page.goto(server.url("/"))
        send = f"fetch('{url}', {{method: 'POST', body: '1'}}).catch(() => 0).then(() => 0)"
        blocked = await until_blocked(gate, lambda: page.evaluate(send))
        assert why in blocked.why
        assert blocked.at_frame == server.url("/")
        assert not server.at(url)

    run(work())


def test_a_body_that_cannot_be_seen_is_stopped(
    run: Run, page: Page, gate: RequestGate, server: RecordingServer
) -> None:
    """A stream has no bytes yet when it would have to be judged; not even a listed read may carry one."""
    stream = "new ReadableStream({start(c) { c.enqueue(new Uint8Array([1])); c.close() }})"

    async def work() -> None:
        await page.goto(server.url("/"))
        send = f"fetch('/read/it', {{method: 'POST', duplex: 'half', body: {stream}}}).catch(() => 0).then(() => 0)"
        blocked = await until_blocked(gate, lambda: page.evaluate(send))
        assert "cannot be seen" in blocked.why
        assert not server.at("/read/it")

    run(work())


def test_fetch_later_is_not_there(run: Run, page: Page, server: RecordingServer) -> None:
    async def work() -> None:
        await page.goto(server.url("/"))
        assert await page.evaluate("typeof window.fetchLater") == "undefined"

    run(work())


AHEAD = '{"prefetch": [{"urls": ["/ahead"], "eagerness": "immediate"}]}'
AHEAD_OR_READY = AHEAD.replace("prefetch", "prerender")
POINTED_AT = '{"prefetch": [{"where": {"href_matches": "/*"}, "eagerness": "conservative"}]}'
SCRIPT = "<script type=speculationrules>{}</script>"
LATE = (
    "<script>const script = document.createElement('script'); script.type = 'speculationrules'; {}"
    " script.textContent = `{}`; {}</script>"
)
SPECULATIONS = {
    "prefetch": Reply(SCRIPT.format(AHEAD)),
    "prerender": Reply(SCRIPT.format(AHEAD_OR_READY)),
    "link under the pointer": Reply(SCRIPT.format(POINTED_AT) + "<a href=/ahead>go</a>"),
    "made by a script": Reply(LATE.format("", AHEAD, "document.head.append(script)")),
    "filled by a script": Reply(LATE.format("document.head.append(script);", AHEAD, "")),
    "header": Reply("go", headers=(("Speculation-Rules", '"/rules.json"'),)),
    "old prerender": Reply("<link rel=prerender href=/ahead>"),
}


async def _speculate(page: Page, server: RecordingServer, reply: Reply) -> None:
    rules = (("Content-Type", "application/speculationrules+json"),)
    server.pages["/rules.json"] = Reply(AHEAD, headers=rules)
    server.pages["/"] = reply
    await page.goto(server.url("/"))
    if "<a " in reply.body:
        await page.locator("a").hover()
        await page.mouse.down()


@pytest.mark.parametrize("how", SPECULATIONS)
def test_no_page_is_fetched_ahead(run: Run, page: Page, server: RecordingServer, how: str) -> None:
    """The browser itself would fetch it, past every hook: it must not come to that."""

    async def work() -> None:
        await _speculate(page, server, SPECULATIONS[how])
        await settle(page, server)
        await settle(page, server)
        assert not server.at("/ahead")

    run(work())


def test_without_our_context_it_is_fetched_ahead(
    run: Run, page: Page, walled_browser: Browser, server: RecordingServer
) -> None:
    """If this fails, the test above proves nothing any more."""

    async def work() -> None:
        assert page.context.browser is walled_browser  # its gate lets reads out
        plain = await walled_browser.new_context()
        await _speculate(await plain.new_page(), server, SPECULATIONS["prefetch"])
        await server.arrival("/ahead")
        await plain.close()

    run(work())


@pytest.mark.parametrize(
    "register",
    [
        "navigator.serviceWorker.register('/worker.js')",
        "ServiceWorkerContainer.prototype.register.call(navigator.serviceWorker, '/worker.js')",
    ],
)
def test_service_workers_do_not_start(run: Run, page: Page, server: RecordingServer, register: str) -> None:
    server.pages["/worker.js"] = script(f"fetch('/do/close', {POST})")

    async def work() -> None:
        await page.goto(server.url("/"))
        await page.evaluate(f"Promise.race([{register}, fetch('/end')]).catch(() => 0).then(() => 0)")
        await settle(page, server)
        assert not server.at("/worker.js")
        assert not server.at("/do/close")

    run(work())


def test_service_workers_do_not_start_even_where_playwright_would_let_them(
    run: Run, walled_browser: Browser, server: RecordingServer
) -> None:
    server.pages["/worker.js"] = script(f"fetch('/do/close', {POST})")

    async def work() -> None:
        context = await walled_browser.new_context(service_workers="allow")
        gate = RequestGate(Rules())
        await gate.attach(context)
        page = await context.new_page()
        await page.goto(server.url("/"))
        failed = "navigator.serviceWorker.register('/worker.js').then(() => 'started', () => 'failed')"
        assert await page.evaluate(failed) == "failed"
        assert not server.at("/worker.js")
        await context.close()

    run(work())


def _socket(server: RecordingServer) -> str:
    return (
        f"new Promise(done => {{ const s = new WebSocket('{server.url('/ws').replace('http', 'ws')}');"
        " s.onopen = () => done('open'); s.onclose = event => done(event.code) })"
    )


def test_web_sockets_that_are_not_listed_are_closed_and_reported(
    run: Run, page: Page, gate: RequestGate, server: RecordingServer
) -> None:
    async def work() -> None:
        await page.goto(server.url("/"))
        assert await page.evaluate(_socket(server)) == 1008
        assert "/ws" in gate.blocked[-1].url
        assert not server.at("/ws")

    run(work())


@pytest.mark.parametrize("kind", ["Worker", "SharedWorker"])
def test_web_sockets_of_workers_reach_nobody(run: Run, page: Page, server: RecordingServer, kind: str) -> None:
    """Playwright's routing does not see them: the wire does."""
    server.pages["/socket.js"] = script(
        f"const tell = (port) => {_socket(server)}.then(end => port.postMessage(end));"
        "self.onconnect = event => tell(event.ports[0]); if (!('onconnect' in SharedWorkerGlobalScope.prototype"
        " && self instanceof SharedWorkerGlobalScope)) tell(self);"
        if kind == "SharedWorker"
        else f"{_socket(server)}.then(end => postMessage(end))"
    )
    port = "worker.port" if kind == "SharedWorker" else "worker"

    async def work() -> None:
        await page.goto(server.url("/"))
        js = f"new Promise(done => {{ const worker = new {kind}('/socket.js'); {port}.onmessage = e => done(e.data) }})"
        assert await page.evaluate(js) == 1006
        assert not server.at("/ws")

    run(work())


def test_a_listed_web_socket_opens(run: Run, server: RecordingServer) -> None:
    rules = Rules()
    rules.ws_allowed = [server.url("/ws").replace("http", "ws")]

    async def work() -> None:
        found = find_browser(None, None, headed=False)
        async with open_browser(found, hosts=HOSTS, ws_hosts=["127.0.0.1"]) as browser:
            context = await open_context(browser)
            gate = RequestGate(rules)
            await gate.attach(context)
            page = await context.new_page()
            await page.goto(server.url("/"))
            assert await page.evaluate(_socket(server)) == "open"
            other = _socket(server).replace("/ws", "/other")
            assert await page.evaluate(other) == 1008

    run(work())


def test_no_gate_means_nothing_leaves(run: Run, walled_browser: Browser, server: RecordingServer) -> None:
    """A browser of ours is closed before its gate is attached, not open."""

    async def work() -> None:
        context: BrowserContext = await open_context(walled_browser)
        page = await context.new_page()
        await page.evaluate(f"fetch('{server.url('/any')}').catch(() => 0).then(() => 0)")
        await context.close()
        assert not server.got

    run(work())
