"""An agent that gets a request held, says so, and waits to be killed; run by ``test_gate_kill.py``."""

import asyncio
import sys

from simple_rules import HOSTS, Rules

from agent.browser.find import find_browser
from agent.browser.gate import Expectation, RequestGate
from agent.browser.launch import open_browser, open_context


async def hold(origin: str, options: str, *more: str) -> None:
    """Open the page, arm, let it send, and keep what it sends; with ``then``, the second of two in one click."""
    async with open_browser(find_browser(None, None, headed=False), hosts=HOSTS) as browser:
        context = await open_context(browser)
        gate = RequestGate(Rules())
        await gate.attach(context)
        page = await context.new_page()
        await page.goto(origin + "/")
        refund = Expectation("refund", page.main_frame, lambda _: None)
        close = Expectation("close", page.main_frame, lambda _: None, then=refund, goes_on=lambda _: True)
        async with gate.arm(close) as armed:
            post = f"{{{options} method: 'POST', body: 'x=1'}}"
            sent = asyncio.create_task(
                page.evaluate(f"fetch('/do/close', {post}).then(() => fetch('/do/refund', {post}))")
            )
            await armed.held(10)
            if more == ("then",) and armed.then is not None:
                await armed.release()
                await armed.answer(10)
                await armed.then.held(10)
            sys.stdout.write("held\n")
            sys.stdout.flush()
            await sent


asyncio.run(hold(*sys.argv[1:]))
