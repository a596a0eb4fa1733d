"""What is read of an element is what a person sees of it, in whatever shadow roots it stands."""

from collections.abc import Callable

import pytest
from playwright.async_api import Page
from recording_server import RecordingServer, Reply

from page_objects.reading import shown_texts, shown_values

Run = Callable[..., object]


def host(root: str, slotted: str = "", **attributes: str) -> str:
    """Return a web component with an open shadow root."""
    given = "".join(f" {name}='{value}'" for name, value in attributes.items())
    return f"<x-y{given}><template shadowrootmode=open>{root}</template>{slotted}</x-y>"


BY_TURNS = "<b style=visibility:hidden>关闭<i style=visibility:visible>开</i></b>"
TEXTS = {
    "no shadow root": ("<p id=x>买家 <b>已付款</b></p>", "买家 已付款"),
    "a shadow root": (host("<b>等待</b>付款", id="x"), "等待付款"),
    "four, one in the other": (host(host(host(host("12"))), id="x"), "12"),
    "a root deep in a plain element": (f"<p id=x>金额 <span>{host('¥1.00')}</span></p>", "金额 ¥1.00"),
    "what is slotted, in the slots' order": (
        host("<slot name=a></slot>、<slot></slot>", "<i>二</i><b slot=a>一</b>", id="x"),
        "一、二",
    ),
    "what a slot holds for want of better": (host("<slot>无</slot>", id="x"), "无"),
    "not what no slot takes": (host("新", "旧", id="x"), "新"),
    "blocks as lines": (host("<p>一</p><div>二<br>三</div>", id="x"), "一\n二\n三"),
    "written line breaks": (host("<p style=white-space:pre-wrap>一\n<slot></slot></p>", "二", id="x"), "一\n二"),
    "no others": (host("<p><slot></slot>\n  二</p>", "<b>一</b>", id="x"), "一 二"),
    "nothing that is not displayed": (host("<p hidden>关闭</p>可见<style>p{}</style>", id="x"), "可见"),
    "nothing whose host is not displayed": (f"<p id=x>可见{host('关闭', style='display:none')}</p>", "可见"),
    "nothing that is invisible": (host(f"{BY_TURNS}<slot></slot>", id="x"), "开"),
    "nothing of templates and scripts": (host("一<template>二</template><script>3</script>", id="x"), "一"),
}


async def read(page: Page, server: RecordingServer, html: str) -> None:
    server.pages["/"] = Reply(f"<!doctype html><meta charset=utf-8>{html}")
    await page.goto(server.url("/"))


@pytest.mark.parametrize("what", TEXTS)
def test_a_text_is_read_as_it_is_shown(run: Run, page: Page, server: RecordingServer, what: str) -> None:
    html, expected = TEXTS[what]

    async def work() -> None:
        await read(page, server, html)
        assert await shown_texts(page.locator("#x")) == [expected]

    run(work())


def test_each_match_is_read_and_no_match_is_no_text(run: Run, page: Page, server: RecordingServer) -> None:
    async def work() -> None:
        await read(page, server, host("一") + host("") + host("<svg></svg>二"))
        assert await shown_texts(page.locator("x-y")) == ["一", "", "二"]
        assert await shown_texts(page.locator("svg")) == [""]
        assert await shown_texts(page.locator("x-z")) == []

    run(work())


def test_a_field_shows_its_value_and_its_component_shows_its_text(
    run: Run, page: Page, server: RecordingServer
) -> None:
    async def work() -> None:
        await read(page, server, host("<input value=12><b>元</b>"))
        assert await shown_values(page.locator("input")) == ["12"]
        assert await shown_texts(page.locator("input")) == [""]
        assert await shown_values(page.locator("x-y")) == ["元"]

    run(work())
