"""The one change that is expected is held, released once and answered; every other change stays in the browser."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.async_api import Browser, FilePayload, Page
from recording_server import RecordingServer, Reply, redirect
from simple_rules import Rules

from agent.browser.gate import Expectation, Mutating, RequestGate
from agent.browser.launch import open_context
from agent.errors import NotAuthorised, NotSent, OutcomeUnknown

Run = Callable[..., object]

CLOSE = "fetch('/do/close', {method: 'POST', body: new URLSearchParams({order_id: '1'})}).then(r => r.text())"


def expect(page: Page, *, order_id: str = "1", name: str = "close") -> Expectation:
    def check(seen: Mutating) -> str | None:
        return None if seen.fields.get("order_id") == order_id else f"order {seen.fields.get('order_id')}"

    return Expectation(name, page.main_frame, check)


def start(page: Page, js: str = CLOSE) -> "asyncio.Task[object]":
    """Let the page send something, and tell how it ended for the page."""
    return asyncio.create_task(page.evaluate(f"({js}).catch(e => 'failed')"))


def test_a_held_request_reaches_nobody_until_it_is_released_and_its_answer_comes_back(
    run: Run, page: Page, gate: RequestGate, server: RecordingServer
) -> None:
    server.pages["/do/close"] = Reply(body='{"ok": true}', headers=(("X-Id", "7"),))

    async def work() -> None:
        await page.goto(server.url("/"))
        async with gate.arm(expect(page)) as armed:
            sent = start(page)
            held = await armed.held(5)
            await page.evaluate("fetch('/later')")
            assert held.mutating == Mutating("close", {"order_id": "1"})
            assert held.seen.body == b"order_id=1"
            assert not server.at("/do/close")
            await armed.release()
            answer = await armed.answer(5)
            assert await sent == '{"ok": true}'
        assert (answer.status, answer.body, answer.headers["x-id"]) == (200, b'{"ok": true}', "7")
        assert len(server.at("/do/close")) == 1

    run(work())


def test_leaving_without_release_aborts_the_request(
    run: Run, page: Page, gate: RequestGate, server: RecordingServer
) -> None:
    async def work() -> None:
        await page.goto(server.url("/"))
        async with gate.arm(expect(page)) as armed:
            sent = start(page)
            await armed.held(5)
        assert await sent == "failed"
        await page.goto(server.url("/after"))
        assert not server.at("/do/close")

    run(work())


def test_a_change_that_nobody_expects_is_blocked_and_reported(
    run: Run, page: Page, gate: RequestGate, server: RecordingServer
) -> None:
    told = []
    gate.on_blocked = told.append

    async def work() -> None:
        await page.goto(server.url("/"))
        assert await start(page) == "failed"
        assert not server.at("/do/close")
        assert [(each.method, each.url) for each in gate.blocked] == [("POST", server.url("/do/close"))]
        assert told == list(gate.blocked)

    run(work())


@pytest.mark.parametrize(
    ("order_id", "name", "why"),
    [("2", "close", "order 1"), ("1", "refund", "the only change expected")],
    ids=["another order", "another act"],
)
def test_a_change_that_does_not_match_is_blocked_and_none_counts_as_sent(
    *, run: Run, page: Page, gate: RequestGate, server: RecordingServer, order_id: str, name: str, why: str
) -> None:
    async def work() -> None:
        await page.goto(server.url("/"))
        async with gate.arm(expect(page, order_id=order_id, name=name)) as armed:
            assert await start(page) == "failed"
            with pytest.raises(NotSent, match=why):
                await armed.held(0.05)
            assert why in armed.blocked[0].why
        assert not server.at("/do/close")

    run(work())


def test_a_double_click_sends_once(run: Run, page: Page, gate: RequestGate, server: RecordingServer) -> None:
    async def work() -> None:
        await page.goto(server.url("/"))
        async with gate.arm(expect(page)) as armed:
            first, second = start(page), start(page)
            await armed.held(5)
            await second
            await armed.release()
            await armed.answer(5)
            assert [await first, await second] == ["ok", "failed"]
            assert await start(page) == "failed"
        assert len(server.at("/do/close")) == 1
        assert "expected once" in armed.blocked[0].why

    run(work())


def test_a_second_release_is_refused(run: Run, page: Page, gate: RequestGate, server: RecordingServer) -> None:
    async def work() -> None:
        await page.goto(server.url("/"))
        async with gate.arm(expect(page)) as armed:
            with pytest.raises(NotSent):
                await armed.release()
            start_it = start(page)
            await armed.held(5)
            await armed.release()
            with pytest.raises(NotAuthorised):
                await armed.release()
            await armed.answer(5)
            await start_it
        assert len(server.at("/do/close")) == 1

    run(work())


def test_a_check_that_fails_lets_nothing_out(run: Run, page: Page, gate: RequestGate, server: RecordingServer) -> None:
    async def work() -> None:
        await page.goto(server.url("/"))
        async with gate.arm(replace(expect(page), check=broken)) as armed:
            assert await start(page) == "failed"
            assert "the check failed" in armed.blocked[0].why
        assert not server.at("/do/close")

    run(work())


def broken(_: Mutating) -> str | None:
    raise KeyError("broken")


@pytest.mark.parametrize("what", ["another frame's", "another act's", "another order's", "an unchecked one"])
def test_what_is_not_expected_is_never_what_is_held(
    run: Run, page: Page, gate: RequestGate, server: RecordingServer, what: str
) -> None:
    server.pages["/"] = Reply(f'<iframe src="{server.origin}/inner"></iframe>')

    async def work() -> None:
        await page.goto(server.url("/"))
        inner = next(frame for frame in page.frames if frame is not page.main_frame)
        expected = {
            "another frame's": replace(expect(page), frame=inner),
            "another act's": expect(page, name="refund"),
            "another order's": expect(page, order_id="2"),
            "an unchecked one": replace(expect(page), check=broken),
        }[what]
        async with gate.arm(expected) as armed:
            sent = start(page)
            with pytest.raises(NotSent):
                await armed.held(0.5)
        assert await sent == "failed"
        assert not server.at("/do/close")

    run(work())


@pytest.mark.parametrize("where", ["same process", "another site", "twin"])
def test_only_the_armed_frame_may_send(
    run: Run, page: Page, gate: RequestGate, server: RecordingServer, where: str
) -> None:
    """Frames are told apart even with the same address, and in a process of their own."""
    inner = server.other_origin if where == "another site" else server.origin
    twin = f'<iframe name="b" src="{inner}/inner"></iframe>' if where == "twin" else ""
    server.pages["/"] = Reply(f'<iframe name="a" src="{inner}/inner"></iframe>{twin}')
    send = f"fetch('{inner}/do/close', {{method: 'POST', body: 'order_id=1'}}).then(r => r.text())"

    async def work() -> None:
        await page.goto(server.url("/"))
        frame = next(each for each in page.frames if each.name == "a")
        others = [each for each in page.frames if each is not frame]
        expectation = Expectation("close", frame, lambda _: None)
        async with gate.arm(expectation) as armed:
            for other in others:
                assert await other.evaluate(f"({send}).catch(() => 'failed')") == "failed"
            sent = asyncio.create_task(frame.evaluate(send))
            await armed.held(5)
            assert not server.at("/do/close")
            await armed.release()
            await armed.answer(5)
            assert await sent == "ok"
        assert len(server.at("/do/close")) == 1

    run(work())


def test_two_pages_of_a_shop_act_at_the_same_time_and_one_page_only_once(
    run: Run, page: Page, gate: RequestGate, server: RecordingServer
) -> None:
    async def work() -> None:
        other = await page.context.new_page()
        await page.goto(server.url("/"))
        await other.goto(server.url("/"))
        async with gate.arm(expect(page)) as one, gate.arm(expect(other, order_id="2")) as two:
            with pytest.raises(NotSent):
                await gate.arm(expect(page)).__aenter__()
            sent = [start(page), start(other, CLOSE.replace("'1'", "'2'"))]
            await asyncio.gather(one.held(5), two.held(5))
            await two.release()
            await two.answer(5)
            assert [each.body for each in server.at("/do/close")] == [b"order_id=2"]
            await one.release()
            await one.answer(5)
            assert await asyncio.gather(*sent) == ["ok", "ok"]

    run(work())


def test_two_shops_in_one_browser_do_not_open_each_others_gate(
    run: Run, page: Page, gate: RequestGate, server: RecordingServer, walled_browser: Browser
) -> None:
    async def work() -> None:
        context = await open_context(walled_browser)
        await RequestGate(Rules()).attach(context)
        stranger = await context.new_page()
        await page.goto(server.url("/"))
        await stranger.goto(server.url("/"))
        async with gate.arm(expect(page)):
            assert await start(stranger) == "failed"
        await context.close()
        assert await page.evaluate("fetch('/still-reads').then(r => r.status)") == 200
        assert not server.at("/do/close")

    run(work())


def test_a_form_that_opens_a_page_is_held_and_its_redirect_is_the_answer(
    run: Run, page: Page, gate: RequestGate, server: RecordingServer
) -> None:
    server.pages["/"] = Reply('<form method=post action="/do/close"><input name=order_id value=1><button>go')
    server.pages["/do/close"] = redirect(303, "/done")
    server.pages["/done"] = Reply("<h1>done")

    async def work() -> None:
        await page.goto(server.url("/"))
        async with gate.arm(expect(page)) as armed:
            await page.locator("button").click(no_wait_after=True)
            held = await armed.held(5)
            assert held.seen.navigation
            await armed.release()
            answer = await armed.answer(5)
        assert (answer.status, answer.location) == (303, "/done")
        await page.get_by_role("heading", name="done").wait_for()

    run(work())


def test_an_aborted_form_leaves_the_page_as_it_was(
    run: Run, page: Page, gate: RequestGate, server: RecordingServer
) -> None:
    server.pages["/"] = Reply('<h1>here</h1><form method=post action="/do/close"><button name=order_id value=1>go')

    async def work() -> None:
        await page.goto(server.url("/"))
        async with gate.arm(expect(page)) as armed:
            await page.locator("button").click(no_wait_after=True)
            await armed.held(5)
        assert await page.get_by_role("heading", name="here").is_visible()
        assert not server.at("/do/close")

    run(work())


def test_a_ticket_with_a_file_can_be_read_and_is_sent_whole(
    run: Run, page: Page, gate: RequestGate, server: RecordingServer
) -> None:
    """Chromium hides the file's bytes from us, not the fields around it."""
    server.pages["/"] = Reply(
        '<form method=post action="/do/ticket" enctype="multipart/form-data">'
        "<input name=order_id value=1><input type=file name=file><button>go"
    )

    async def work() -> None:
        await page.goto(server.url("/"))
        upload: FilePayload = {"name": "a.png", "mimeType": "image/png", "buffer": b"PICTURE"}
        await page.locator("input[type=file]").set_input_files(upload)
        async with gate.arm(Expectation("ticket", page.main_frame, lambda _: None)) as armed:
            await page.locator("button").click(no_wait_after=True)
            held = await armed.held(5)
            assert b'name="order_id"\r\n\r\n1\r\n' in (held.seen.body or b"")
            await armed.release()
            await armed.answer(5)
        assert b"PICTURE" in server.at("/do/ticket")[0].body

    run(work())


def test_what_the_page_cancelled_while_it_was_held_was_not_sent(
    run: Run, page: Page, gate: RequestGate, server: RecordingServer
) -> None:
    async def work() -> None:
        await page.goto(server.url("/"))
        async with gate.arm(expect(page)) as armed:
            start_it = start(page, f"(() => {{ setTimeout(() => location = '/away', 50); return {CLOSE} }})()")
            await armed.held(5)
            await server.arrival("/away")
            await page.wait_for_url("**/away")
            with pytest.raises(NotSent):
                await armed.release()
            await asyncio.gather(start_it, return_exceptions=True)
        assert not server.at("/do/close")

    run(work())


def test_a_page_closed_while_its_request_is_held_or_answered(
    run: Run, page: Page, gate: RequestGate, server: RecordingServer
) -> None:
    """Before the release nothing leaves; after it nobody knows, and that is said at once."""
    server.pages["/do/close"] = Reply(never=True)

    async def work() -> None:
        await page.goto(server.url("/"))
        other = await page.context.new_page()
        await other.goto(server.url("/"))
        keepalive = CLOSE.replace("method:", "keepalive: true, method:")
        async with gate.arm(expect(page)) as armed:
            sent = start(page, keepalive)
            await armed.held(5)
            await page.close()
            await asyncio.gather(sent, return_exceptions=True)
        async with gate.arm(expect(other)) as armed:
            sent = start(other)
            await armed.held(5)
            assert not server.at("/do/close")
            await armed.release()
            await server.arrival("/do/close")
            await other.close()
            # Which of the two is told first, the closed page or its dropped connection, is Chromium's business.
            with pytest.raises(OutcomeUnknown, match=r"closed|connection was lost"):
                await armed.answer(20)
            await asyncio.gather(sent, return_exceptions=True)
        assert len(server.at("/do/close")) == 1

    run(work())


@pytest.mark.parametrize("options", ["", "keepalive: true, "])
def test_a_context_closed_while_a_request_is_held_lets_nothing_out(
    *, run: Run, page: Page, gate: RequestGate, server: RecordingServer, walled_browser: Browser, options: str
) -> None:
    async def work() -> None:
        await page.goto(server.url("/"))
        async with gate.arm(expect(page)) as armed:
            sent = start(page, CLOSE.replace("method:", f"{options}method:"))
            await armed.held(5)
            await page.context.close()
            with pytest.raises((NotSent, OutcomeUnknown)):
                await armed.release()
            await asyncio.gather(sent, return_exceptions=True)
        other = await open_context(walled_browser)
        await RequestGate(Rules()).attach(other)
        await (await other.new_page()).goto(server.url("/end"))
        await other.close()
        assert server.at("/end")
        assert not server.at("/do/close")

    run(work())
