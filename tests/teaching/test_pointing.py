"""Pointing chooses and never presses, wherever the thing lies."""

import asyncio

import pytest
from playwright.async_api import Page

from agent.browser.launch import open_context
from agent.teaching.pointing import inspecting, show
from agent.teaching.proposals import count, look, matching
from tests.e2e.e2e_shop import HOSTS, finish, worker

from .pupil import click

PAGE = """<body onclick="window.pressed = true"><h1>Orders</h1>
<button onclick="window.pressed = true"><i>Close order</i></button><button style="display: none">Close order</button>
<x-part></x-part>
<iframe srcdoc="<button onclick='parent.pressed = true'>Framed</button>"></iframe>
<dl><dt>State:</dt><dd>Paid</dd></dl>
<script>customElements.define('x-part', class extends HTMLElement {
  connectedCallback() { this.attachShadow({mode: 'open'}).innerHTML = '<a href="#gone">In the shadow</a>'; }
});</script>"""


async def _pointed_at(selector: str, frame: int = 0) -> tuple[str, list[object], bool, str]:
    """Point at something; return its text, the best targets for it, whether anything was pressed, and the address."""
    async with worker().browsers(None, hosts=HOSTS) as browser:  # type: ignore[arg-type]  # the worker has found its own
        context = await open_context(browser)
        page = await context.new_page()
        await page.set_content(PAGE)
        async with inspecting(page) as inspector:
            pointer = asyncio.ensure_future(inspector.picked())
            await click(page.frames[frame].locator(selector))
            element = await asyncio.wait_for(pointer, 20)
        seen = await look(element, "control")
        assert seen is not None
        scope = await element.owner_frame() or page
        found = list(await matching(scope, seen.targets, seen.element))
        answer = (await element.inner_text(), found[:1], await _pressed(page), page.url)
        await context.close()
        return answer


async def _pressed(page: Page) -> bool:
    return bool(await page.evaluate("Boolean(window.pressed)"))


@pytest.mark.parametrize(
    ("selector", "frame", "text", "role"),
    [
        ("button:visible i", 0, "Close order", {"role": "button", "name": "Close order"}),
        ("x-part a", 0, "In the shadow", {"role": "link", "name": "In the shadow"}),
        ("button", 1, "Framed", {"role": "button", "name": "Framed"}),
    ],
    ids=["in a button", "in an open shadow root", "in a frame"],
)
def test_the_click_chooses_and_never_reaches_the_page(selector: str, frame: int, text: str, role: object) -> None:
    """What is proposed first is role and whole name; a hidden twin does not count."""
    assert finish(_pointed_at(selector, frame)) == (text, [role], False, "about:blank")


async def _after_a_layer() -> tuple[int, str, bool]:
    async with worker().browsers(None, hosts=HOSTS) as browser:  # type: ignore[arg-type]  # the worker has found its own
        context = await open_context(browser)
        page = await context.new_page()
        await page.set_content(PAGE)
        await show(page, "Close order", page.get_by_role("heading"))
        named = await count(page, {"text": "Close order"})
        await click(page.get_by_role("button", name="Close order"))
        answer = (named, await page.locator("body").inner_text(), await _pressed(page))
        await context.close()
        return answer


def test_what_is_shown_over_the_page_is_no_part_of_it() -> None:
    """No target matches it, and it takes no click from the page."""
    named, text, pressed = finish(_after_a_layer())
    assert named == 1
    assert text.count("Close order") == 1
    assert pressed
