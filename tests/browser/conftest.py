"""One event loop in a thread, one real browser behind its wall for the whole session, a fresh server per test."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from playwright.async_api import Browser, BrowserContext, Page
from recording_server import RecordingServer
from simple_rules import HOSTS, Rules

from agent.browser.find import find_browser
from agent.browser.gate import RequestGate
from agent.browser.launch import open_browser, open_context

T = TypeVar("T")


@pytest.fixture(scope="session")
def loop_thread() -> Iterator[BlockingPortal]:
    with start_blocking_portal() as portal:
        yield portal


@pytest.fixture(scope="session")
def walled_browser(loop_thread: BlockingPortal) -> Iterator[Browser]:
    found = find_browser(None, None, headed=False)
    opening = open_browser(found, hosts=HOSTS, headed=False)
    with loop_thread.wrap_async_context_manager(opening) as browser:
        yield browser


@pytest.fixture
def run(loop_thread: BlockingPortal) -> Callable[[Coroutine[Any, Any, T]], T]:
    """Run a coroutine in the session's loop, for half a minute at most."""

    async def caught(work: Coroutine[Any, Any, T]) -> T | pytest.fail.Exception:
        try:
            return await asyncio.wait_for(work, 30)
        except pytest.fail.Exception as failure:  # no Exception, and so it would end the loop for all tests
            return failure

    def run_it(work: Coroutine[Any, Any, T]) -> T:
        result = loop_thread.call(caught, work)
        if isinstance(result, pytest.fail.Exception):
            raise result
        return result

    return run_it


@pytest.fixture
def server(loop_thread: BlockingPortal) -> Iterator[RecordingServer]:
    server = RecordingServer()
    loop_thread.call(server.start)
    yield server
    loop_thread.call(server.stop)


@pytest.fixture
def rules() -> Rules:
    return Rules()


@pytest.fixture
def gate(rules: Rules) -> RequestGate:
    return RequestGate(rules)


@pytest.fixture
def context(loop_thread: BlockingPortal, walled_browser: Browser, gate: RequestGate) -> Iterator[BrowserContext]:
    context = loop_thread.call(open_context, walled_browser)
    loop_thread.call(gate.attach, context)
    yield context
    loop_thread.call(context.close)


@pytest.fixture
def page(loop_thread: BlockingPortal, context: BrowserContext) -> Page:
    return loop_thread.call(context.new_page)
