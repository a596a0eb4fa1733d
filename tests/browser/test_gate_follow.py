"""One click, two requests: the second leaves once, and only after the first was answered as done."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from playwright.async_api import Page
from recording_server import RecordingServer, Reply

from agent.browser.gate import Answer, Armed, Expectation, Mutating, RequestGate
from agent.errors import NotSent, OutcomeUnknown

HERE = Path(__file__).parent
Run = Callable[..., object]

DONE = Reply(body='{"done": true}')
CLOSE, REFUND = "post('/do/close', '1')", "post('/do/refund', '1')"
POST = "const post = (path, id) => fetch(path, {method: 'POST', body: new URLSearchParams({order_id: id})})"


def of_order_1(seen: Mutating) -> str | None:
    return None if seen.fields == {"order_id": "1"} else f"order {seen.fields.get('order_id')}"


def says_done(answer: Answer) -> bool:
    return b"done" in answer.body


def both(page: Page) -> Expectation:
    refund = Expectation("refund", page.main_frame, of_order_1)
    return Expectation("close", page.main_frame, of_order_1, then=refund, goes_on=says_done)


Work = Callable[[Armed], Awaitable[None]]


@pytest.fixture
def click(run: Run, page: Page, gate: RequestGate, server: RecordingServer) -> Callable[[str, Work], Armed]:
    """Let a page send what a script says, and work on it while both changes are armed."""
    server.pages["/do/close"] = DONE

    def clicked(script: str, work: Work) -> Armed:
        async def in_page() -> Armed:
            await page.goto(server.url("/"))
            async with gate.arm(both(page)) as armed:
                sent = asyncio.create_task(
                    page.evaluate(f"(async () => {{ {POST}; {script} }})().catch(e => 'failed')")
                )
                await work(armed)
                if armed.then is not None and armed.then.released:
                    await sent  # what else it sends, it sends while both are armed
            await sent
            return armed

        return run(in_page())  # type: ignore[return-value]  # what the work returns

    return clicked


async def let_first_go(armed: Armed) -> None:
    await armed.held(5)
    await armed.release()
    await armed.answer(5)


async def let_both_go(armed: Armed) -> None:
    await let_first_go(armed)
    assert armed.then is not None
    await armed.then.held(5)
    await armed.then.release()
    await armed.then.answer(5)


async def nothing_follows(armed: Armed) -> None:
    await let_first_go(armed)
    assert armed.then is not None
    with pytest.raises(NotSent):
        await armed.then.held(0.5)


def test_each_of_two_requests_is_held_released_and_answered_by_itself(
    click: Callable[[str, Work], Armed], server: RecordingServer
) -> None:
    async def work(armed: Armed) -> None:
        await let_first_go(armed)
        assert armed.then is not None
        held = await armed.then.held(5)
        assert held.mutating == Mutating("refund", {"order_id": "1"})
        assert [len(server.at(f"/do/{each}")) for each in ("close", "refund")] == [1, 0]
        await armed.then.release()
        assert (await armed.then.answer(5)).status == 200

    armed = click(f"await {CLOSE}; await {REFUND}", work)
    assert [len(server.at(f"/do/{each}")) for each in ("close", "refund")] == [1, 1]
    assert armed.blocked == []


@pytest.mark.parametrize(
    ("script", "work", "arrived", "why"),
    [
        (f"await {REFUND}", None, [0, 0], "the only change expected now"),
        (f"{REFUND}.catch(e => e); await {CLOSE}", let_first_go, [1, 0], "the only change expected now"),
        (f"await {CLOSE}; await {CLOSE}", nothing_follows, [1, 0], "the only change expected now"),
        (f"await {CLOSE}; await post('/do/refund', '2')", nothing_follows, [1, 0], "order 2"),
        (f"await {CLOSE}; await post('/do/ship', '1')", nothing_follows, [1, 0], "the only change expected now"),
        (f"await {CLOSE}; await {REFUND}; await {REFUND}", let_both_go, [1, 1], "expected once"),
        (f"await {CLOSE}; await {REFUND}; await {CLOSE}", let_both_go, [1, 1], "the only change expected now"),
    ],
    ids=["the second alone", "in the other order", "the first twice", "another order's", "a third of its own",
         "the second twice", "the first again"],
)  # fmt: skip
def test_any_other_order_a_third_and_a_repeated_request_stay_here(
    *,
    click: Callable[[str, Work], Armed],
    server: RecordingServer,
    script: str,
    work: Work | None,
    arrived: list[int],
    why: str,
) -> None:
    async def nothing_at_all(armed: Armed) -> None:
        with pytest.raises(NotSent):
            await armed.held(0.5)

    armed = click(script, work or nothing_at_all)
    assert [len(server.at(f"/do/{each}")) for each in ("close", "refund")] == arrived
    assert server.at("/do/ship") == []
    assert any(why in blocked.why for blocked in armed.blocked)


@pytest.mark.parametrize("reply", [Reply(body="no"), Reply(body="done", drop=True), Reply(body="done", half=True)])
def test_nothing_follows_a_first_request_that_was_not_answered_as_done(
    run: Run, page: Page, gate: RequestGate, server: RecordingServer, reply: Reply
) -> None:
    server.pages["/do/close"] = reply
    server.let_go.set()

    async def work() -> None:
        await page.goto(server.url("/"))
        async with gate.arm(both(page)) as armed:
            sent = asyncio.create_task(
                page.evaluate(
                    f"(async () => {{ {POST}; await {CLOSE}.catch(e => e); await {REFUND} }})().catch(e => e)"
                )
            )
            await armed.held(5)
            await armed.release()
            with suppress(OutcomeUnknown):
                await armed.answer(5)
            with suppress(NotSent):
                assert armed.then is not None
                await armed.then.held(1)
                await armed.then.release()
                await armed.then.answer(5)
            await sent
            assert server.at("/do/refund") == []
            assert "the only change expected now" in armed.blocked[0].why

    run(work())


def test_nothing_follows_an_answer_that_nobody_can_understand(
    run: Run, page: Page, gate: RequestGate, server: RecordingServer
) -> None:
    def broken(_: Answer) -> bool:
        raise KeyError("broken")

    async def work() -> None:
        await page.goto(server.url("/"))
        async with gate.arm(replace(both(page), goes_on=broken)) as armed:
            sent = asyncio.create_task(
                page.evaluate(f"(async () => {{ {POST}; await {CLOSE}; await {REFUND} }})().catch(e => e)")
            )
            await let_first_go(armed)
            await sent
        assert server.at("/do/refund") == []

    run(work())


def test_a_second_request_that_nobody_releases_is_aborted(
    click: Callable[[str, Work], Armed], server: RecordingServer
) -> None:
    async def work(armed: Armed) -> None:
        await let_first_go(armed)
        assert armed.then is not None
        await armed.then.held(5)

    click(f"await {CLOSE}; await {REFUND}", work)
    assert server.at("/do/refund") == []


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_killed_between_the_two_the_second_never_leaves(run: Run, server: RecordingServer) -> None:
    server.pages["/do/close"] = DONE

    async def work() -> None:
        agent = await asyncio.create_subprocess_exec(
            sys.executable,
            str(HERE / "holding_agent.py"),
            server.origin,
            "",
            "then",
            stdout=asyncio.subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": os.pathsep.join([str(HERE), str(HERE.parents[1])])},
        )
        assert agent.stdout is not None
        assert (await asyncio.wait_for(agent.stdout.readline(), 20)).strip() == b"held"
        family = psutil.Process(agent.pid).children(recursive=True)
        os.kill(agent.pid, signal.SIGKILL)
        await asyncio.wait_for(agent.wait(), 20)
        await asyncio.to_thread(psutil.wait_procs, family, 15)
        assert [len(server.at(f"/do/{each}")) for each in ("close", "refund")] == [1, 0]

    run(work())
