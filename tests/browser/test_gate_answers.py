"""A released request reaches the server once, whatever the server or the network does with it."""

import asyncio
import datetime as dt
import ipaddress
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from playwright.async_api import Browser, Page
from recording_server import RecordingServer, Reply, redirect
from simple_rules import Rules

from agent.browser import armed
from agent.browser.gate import Answer, Expectation, RequestGate
from agent.errors import OutcomeUnknown

Run = Callable[..., object]


async def act(page: Page, gate: RequestGate, method: str = "POST", *, timeout_s: float = 10) -> Answer:
    """Let the page send its one change and wait for the answer."""
    async with gate.arm(Expectation("close", page.main_frame, lambda _: None)) as armed:
        asked = {"url": "/do/close?order_id=1", "method": method}
        sent = asyncio.create_task(
            page.evaluate(
                "({url, method}) => fetch(url, {method, body: method === 'GET' ? undefined : 'order_id=1'})"
                ".catch(() => 0).then(() => 0)",
                asked,
            )
        )
        try:
            await armed.held(5)
            await armed.release()
            return await armed.answer(timeout_s)
        finally:
            sent.cancel()


@pytest.mark.parametrize("status", [307, 308])
@pytest.mark.parametrize("where", ["the same path", "another path", "another host", "a foreign host", "a listed read"])
def test_an_answer_that_asks_to_send_it_again_is_not_followed(
    *, run: Run, page: Page, gate: RequestGate, server: RecordingServer, status: int, where: str
) -> None:
    goals = {
        "the same path": "/do/close?order_id=1",
        "another path": "/do/close2",
        "another host": server.other_origin + "/do/close",
        "a foreign host": server.origin.replace("127.0.0.1", "127.0.0.1.nip.invalid") + "/do/close",
        "a listed read": "/read/it",
    }
    server.pages["/do/close"] = redirect(status, goals[where])

    async def work() -> None:
        await page.goto(server.url("/"))
        with pytest.raises(OutcomeUnknown, match=f"{status} would send the POST again"):
            await act(page, gate)
        await page.evaluate("fetch('/end')")
        assert [each.path for each in server.got if each.method == "POST"] == ["/do/close?order_id=1"]

    run(work())


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_302_that_would_repeat_a_put_is_not_followed(
    run: Run, page: Page, gate: RequestGate, server: RecordingServer, method: str
) -> None:
    server.pages["/do/close"] = redirect(302, "/do/close2")

    async def work() -> None:
        await page.goto(server.url("/"))
        with pytest.raises(OutcomeUnknown):
            await act(page, gate, method)
        assert not server.at("/do/close2")

    run(work())


@pytest.mark.parametrize("status", [301, 302, 303])
@pytest.mark.parametrize("goal", ["/do/ship?order_id=2", "/do/close?order_id=1", "http://example.com/"])
def test_an_answer_is_not_followed_to_a_change_by_get_nor_off_the_portal(
    *, run: Run, page: Page, gate: RequestGate, server: RecordingServer, status: int, goal: str
) -> None:
    server.pages["/do/close"] = redirect(status, goal)

    async def work() -> None:
        await page.goto(server.url("/"))
        with pytest.raises(OutcomeUnknown, match="no read"):
            await act(page, gate)
        await page.evaluate("fetch('/end')")
        assert len([each for each in server.got if each.path.startswith("/do/")]) == 1

    run(work())


def test_every_further_hop_is_judged_again(run: Run, page: Page, gate: RequestGate, server: RecordingServer) -> None:
    """An allowed first hop cannot lead on to a change."""
    server.pages["/do/close"] = redirect(303, "/seen")
    server.pages["/seen"] = redirect(302, "/do/ship?order_id=2")

    async def work() -> None:
        await page.goto(server.url("/"))
        answer = await act(page, gate)
        assert (answer.status, answer.location) == (303, "/seen")
        await server.arrival("/seen")
        await page.evaluate("fetch('/end')")
        assert not server.at("/do/ship")

    run(work())


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("start", ["GET", "POST"])
def test_a_read_cannot_be_redirected_into_a_change(
    *, run: Run, page: Page, gate: RequestGate, server: RecordingServer, status: int, start: str
) -> None:
    server.pages["/read/it"] = redirect(status, "/do/close?order_id=1")

    async def work() -> None:
        await page.goto(server.url("/"))
        sent = f"fetch('/read/it', {{method: '{start}', body: {'null' if start == 'GET' else repr('q=1')}}})"
        assert await page.evaluate(f"{sent}.catch(() => 'failed')") == "failed"
        assert not server.at("/do/close")
        assert gate.blocked[-1].url == server.url("/do/close?order_id=1")

    run(work())


def test_navigations_cannot_be_redirected_into_a_change(
    run: Run, page: Page, gate: RequestGate, server: RecordingServer
) -> None:
    server.pages["/go"] = redirect(302, "/do/close?order_id=1")
    server.pages["/"] = Reply("<iframe src=/go></iframe><img src=/go><link rel=stylesheet href=/go><script src=/go>")

    async def work() -> None:
        all_blocked = asyncio.Event()
        gate.on_blocked = lambda _: all_blocked.set() if len(gate.blocked) == 4 else None
        await page.goto(server.url("/"), wait_until="load")
        await asyncio.wait_for(all_blocked.wait(), 10)  # the last may be told just after the page has loaded
        assert len(server.at("/go")) == 4
        assert not server.at("/do/close")

    run(work())


def test_an_unauthorised_or_failed_answer_is_an_answer(
    run: Run, page: Page, gate: RequestGate, server: RecordingServer
) -> None:
    server.pages["/do/close"] = Reply(status=500, body="sorry")

    async def work() -> None:
        await page.goto(server.url("/"))
        answer = await act(page, gate)
        assert (answer.status, answer.body) == (500, b"sorry")

    run(work())


@pytest.fixture
def tls_server(loop_thread: BlockingPortal, tmp_path: Path) -> Iterator[RecordingServer]:
    server = RecordingServer(tls=_own_certificate(tmp_path))
    loop_thread.call(server.start)
    yield server
    loop_thread.call(server.stop)


def _own_certificate(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = dt.datetime.now(dt.UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1))
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = builder.add_extension(alternative, critical=False).sign(key, hashes.SHA256())
    plain = serialization.NoEncryption()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / "own.pem").write_bytes(pem + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "own.pem")
    return context


@pytest.mark.parametrize("reset", [True, False], ids=["reset", "closed"])
@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "tls"])
def test_an_act_whose_connection_is_lost_is_not_sent_again(
    *,
    run: Run,
    walled_browser: Browser,
    server: RecordingServer,
    tls_server: RecordingServer,
    reset: bool,
    encrypted: bool,
) -> None:
    """Chromium by itself sends a POST again when a connection that it had used before dies without an answer."""
    portal = tls_server if encrypted else server
    portal.pages["/do/close"] = Reply(reset=reset, drop=not reset)

    async def work() -> None:
        context = await walled_browser.new_context(ignore_https_errors=True)
        gate = RequestGate(Rules())
        await gate.attach(context)
        page = await context.new_page()
        await page.goto(portal.url("/"))
        for nth in (1, 2):
            await page.evaluate("Promise.all([1, 2, 3].map(n => fetch('/warm?' + n).then(r => r.text())))")
            with pytest.raises(OutcomeUnknown, match="connection was lost"):
                await act(page, gate)
            assert await page.evaluate("fetch('/still-reads').then(r => r.status)") == 200
            assert len(portal.at("/do/close")) == nth
        assert portal.at("/do/close")[0].nth_on_connection > 1
        await context.close()
        assert len(portal.at("/do/close")) == 2

    run(work())


def test_without_the_wire_chromium_does_send_it_again(
    run: Run, walled_browser: Browser, server: RecordingServer
) -> None:
    """If this fails, Chromium has learnt better, and the wire can go."""
    server.pages["/do/close"] = Reply(reset=True)

    async def work() -> None:
        browser = await walled_browser.browser_type.launch(
            executable_path=_executable(), args=["--no-sandbox"], handle_sigint=False
        )
        page = await browser.new_page()
        await page.goto(server.url("/"))
        await page.evaluate("fetch('/warm').then(r => r.text())")
        await page.evaluate("fetch('/do/close', {method: 'POST', body: 'order_id=1'}).catch(() => 0)")
        await browser.close()
        assert len(server.at("/do/close")) > 1

    run(work())


def _executable() -> str | None:
    from agent.browser.find import find_browser  # noqa: PLC0415

    return find_browser(None, None, headed=False).executable


def test_a_read_whose_connection_is_lost_is_repeated_as_ever(run: Run, page: Page, server: RecordingServer) -> None:
    """The wire keeps losses back only while an act waits for its answer."""

    async def work() -> None:
        await page.goto(server.url("/"))
        await page.evaluate("fetch('/warm').then(r => r.text())")
        server.pages["/once"] = lambda _: Reply(reset=len(server.at("/once")) == 1)
        assert await page.evaluate("fetch('/once').then(r => r.text())") == "ok"

    run(work())


@pytest.mark.parametrize("options", ["", "keepalive: true, "])
def test_an_answer_that_does_not_come_is_unknown_and_the_request_is_not_repeated_later(
    run: Run, page: Page, gate: RequestGate, server: RecordingServer, options: str
) -> None:
    """The page's own request is cancelled; one that outlives that never learns that its connection died."""
    server.pages["/do/close"] = Reply(never=True)
    js = f"fetch('/do/close', {{{options}method: 'POST', body: 'order_id=1'}}).catch(() => 'cancelled')"

    async def work() -> None:
        await page.goto(server.url("/"))
        await page.evaluate("fetch('/warm').then(r => r.text())")
        async with gate.arm(Expectation("close", page.main_frame, lambda _: None)) as armed:
            sent = asyncio.create_task(page.evaluate(js))
            await armed.held(5)
            await armed.release()
            with pytest.raises(OutcomeUnknown, match="no answer within"):
                await armed.answer(0.2)
            assert await sent == "cancelled"
        server.let_go.set()
        assert await page.evaluate("fetch('/still-reads').then(r => r.status)") == 200
        await page.goto(server.url("/away"))
        assert len(server.at("/do/close")) == 1

    run(work())


def test_an_answer_that_stops_in_its_middle_is_lost_and_holds_nobody_up(
    run: Run, page: Page, gate: RequestGate, server: RecordingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Chromium itself waits for the rest for as long as the connection stands."""
    monkeypatch.setattr(armed, "_BODY_S", 0.2)
    server.pages["/do/close"] = Reply("done" * 100, half=True)

    async def work() -> None:
        await page.goto(server.url("/"))
        with pytest.raises(OutcomeUnknown, match="lost within the answer"):
            await act(page, gate)
        assert await page.evaluate("fetch('/still-reads').then(r => r.status)") == 200
        assert len(server.at("/do/close")) == 1

    run(work())


def test_reads_of_another_page_go_on_while_an_act_waits(
    run: Run, page: Page, gate: RequestGate, server: RecordingServer
) -> None:
    server.pages["/do/close"] = Reply(never=True)
    server.pages["/short"] = Reply("short", headers=(("Connection", "close"),))

    async def work() -> None:
        other = await page.context.new_page()
        await page.goto(server.url("/"))
        await other.goto(server.url("/"))
        waiting = asyncio.create_task(act(page, gate, timeout_s=1.5))
        await server.arrival("/do/close")
        for _ in range(3):
            assert await other.evaluate("fetch('/short?' + Math.random()).then(r => r.text())") == "short"
        with pytest.raises(OutcomeUnknown, match="no answer within"):
            await waiting

    run(work())
