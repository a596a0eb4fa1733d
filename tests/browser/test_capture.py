"""Private texts are black in the picture, everything else stays as it is, and the page does not notice."""

import asyncio
from collections.abc import Callable

import pytest
from playwright.async_api import Page
from recording_server import RecordingServer, Reply

from agent.browser import capture
from agent.errors import PageUnreadable

Run = Callable[..., object]

STYLE = (
    "<meta charset=utf-8><style>body { margin: 0; background: #fff; font: 16px monospace; font-kerning: none }"
    " p { margin: 8px }</style>"
)

OTHER = str.maketrans("王小明3824567一１", "李大伟5970643七１")  # as wide as what it stands for


async def look(page: Page, *private: str, patterns: tuple[str, ...] = ()) -> bytes:
    return await capture.picture(page, private_values=private, patterns=patterns)


TEXTS = {
    "a name": "<p><span id=x>王小明</span></p>",
    "in bold and plain": "<p><span id=x><b>王</b>小明</span></p>",
    "cut up by line breaks in the source": "<p><span id=x><b>王</b>\n   <i>小</i>\n明</span></p>",
    "in a row of boxes": "<div style='display:flex'><span id=x style='display:flex'><b>王</b><b>小明</b></span></div>",
    "spaced": "<p><span id=x>王 小\u200b明</span></p>",
    "selected by the user": "<p><span id=x>王小明</span></p><script>getSelection().selectAllChildren(x)</script>",
    "white on colour": "<p style='background:#0a0;color:#fff'><span id=x>王小明</span></p>",
    "coloured by force": "<style>span { color: red !important; background: #ff0 !important;"
    " -webkit-text-fill-color: red !important; text-shadow: 3px 3px red }</style><p><span id=x>王小明</span></p>",
    "gradient text": "<style>span { background: linear-gradient(red, blue); background-clip: text;"
    " color: transparent }</style><p><span id=x>王小明</span></p>",
    "first letter": "<style>p::first-letter { color: red }</style><p><span id=x>王小明</span></p>",
    "in svg": "<svg width=200 height=40><text x=10 y=30 fill=red>王小明</text></svg>",
    "with a pictograph": "<p>王小明<b>😀</b></p>",
    "in an input": "<p><input id=x value=王小明></p>",
    "typed into an input": "<p><input id=x></p><script>x.value = '王小明'</script>",
    "placeholder": "<p><input id=x placeholder=王小明></p>",
    "in a text area": "<p><textarea id=x>给王小明</textarea></p>",
    "in a select": "<p><select id=x><option>别人<option selected>王小明</select></p>",
    "on a button": "<p><input id=x type=button value=王小明></p>",
    "generated": "<style>#x::before { content: '王小明' }</style><p><span id=x></span></p>",
    "generated from an attribute": "<style>#x::after { content: attr(data-n) }</style>"
    "<p><span id=x data-n=王小明></span>",
    "open shadow root": "<p><x-y id=x></x-y></p><script>x.attachShadow({mode: 'open'}).innerHTML ="
    " '<style>span { color: red !important }</style><span>王小明</span>'</script>",
    "through a slot": "<p><x-y id=x><b>小明</b></x-y></p><script>x.attachShadow({mode: 'open'}).innerHTML ="
    " '王<slot></slot>'</script>",
    "input in a shadow root": "<p><x-y id=x></x-y></p><script>x.attachShadow({mode: 'open'}).innerHTML ="
    " '<input value=王小明>'</script>",
    "a number": "<p><span id=x>13812345678</span></p>",
    "a spaced number": "<p><span id=x>138 1234 5678</span></p>",
    "a hyphenated number": "<p><span id=x>138-1234-5678</span></p>",
    "a number in tags": "<p><span id=x><b>138</b> <b>1234</b> <b>5678</b></span></p>",
    "a full-width number": "<p><span id=x>１３８１２３４５６７８</span></p>",
    "a number beside a digit of another box": "<div style='display:flex'><b>9</b><span id=x>13812345678</span></div>",
    "by pattern": "<p><span id=x>杭州市西湖区文一路1号</span></p>",
}


async def shows(page: Page, server: RecordingServer, html: str, *private: str) -> bytes:
    server.pages["/"] = Reply(STYLE + html)
    await page.goto(server.url("/"))
    return await look(page, *private, patterns=("杭州市[^ ]{2,30}号",))


@pytest.mark.parametrize("where", TEXTS)
def test_the_picture_is_the_same_whoever_it_is_about(run: Run, page: Page, server: RecordingServer, where: str) -> None:
    """Not one point of it depends on a private text, and what stands beside is still to be read."""
    neighbour, html = "<p>订单 251267031008969822</p>", TEXTS[where]

    async def work() -> None:
        mine = await shows(page, server, neighbour + html, "王小明")
        assert await shows(page, server, neighbour + html.translate(OTHER), "李大伟") == mine
        assert await shows(page, server, neighbour.replace("51", "15") + html, "王小明") != mine
        if "number" not in where and "pattern" not in where:
            assert await shows(page, server, neighbour + html) != mine

    run(work())


@pytest.mark.parametrize("end", ["", "。"], ids=["one letter only", "another letter at the end"])
def test_a_very_long_value_that_repeats_itself_is_covered_in_time(
    run: Run, page: Page, server: RecordingServer, end: str
) -> None:
    style = "<style>p { word-break: break-all; overflow: hidden; height: 300px }</style><p>订单 251267031008969822</p>"

    async def work() -> None:
        mine, other = "王" * 100_000 + end, "李" * 100_000 + end
        first = await shows(page, server, f"{style}<p>{mine}</p><p>{mine[:-1]}</p>", mine)
        assert await shows(page, server, f"{style}<p>{other}</p><p>{other[:-1]}</p>", other) == first
        assert await shows(page, server, f"{style}<p>{mine}</p><p>{mine[:-1]}</p>") != first

    run(work())


def test_a_style_that_is_stronger_than_the_cover_gives_no_picture(
    run: Run, page: Page, server: RecordingServer
) -> None:
    async def work() -> None:
        with pytest.raises(PageUnreadable, match="stronger"):
            await shows(page, server, "<p style='text-shadow: 9px 9px red !important'>王小明", "王小明")

    run(work())


@pytest.mark.parametrize("site", ["same", "other"])
def test_every_frame_is_covered(run: Run, page: Page, server: RecordingServer, site: str) -> None:
    """Frames of other sites paint by themselves, a moment later: none may be late."""
    origin = server.origin if site == "same" else server.other_origin
    frame = f"<iframe src='{origin}/in' width=400 height=200></iframe>"

    async def work() -> None:
        server.pages["/in"] = Reply(STYLE + "<p>王小明")
        mine = await shows(page, server, frame, "王小明", "李大伟")
        assert [await look(page, "王小明") for _ in range(4)] == [mine] * 4
        server.pages["/in"] = Reply(STYLE + "<p>李大伟")
        assert await shows(page, server, frame, "李大伟") == mine
        server.pages["/in"] = Reply(STYLE + "<p>")
        assert await shows(page, server, frame, "李大伟") != mine

    run(work())


def test_the_page_does_not_notice(run: Run, page: Page, server: RecordingServer) -> None:
    """No mutation, no attribute, no rule is left; the page's own style sheets stay."""
    server.pages["/"] = Reply(STYLE + "<p><span id=x>王小明</span><input value=王小明></p>")

    async def work() -> None:
        await page.goto(server.url("/"))
        await page.evaluate(
            "() => { window.seen = []; new MutationObserver(r => window.seen.push(...r)).observe(document,"
            " {subtree: true, childList: true, attributes: true, characterData: true}) }"
        )
        before = await page.content()
        sheets = await page.evaluate("document.adoptedStyleSheets.length")
        await look(page, "王小明")
        assert await page.evaluate("window.seen.length") == 0
        assert await page.content() == before
        assert await page.evaluate("[document.adoptedStyleSheets.length, CSS.highlights.size]") == [sheets, 0]

    run(work())


def test_a_page_that_keeps_writing_private_text_gives_no_picture(run: Run, page: Page, server: RecordingServer) -> None:
    server.pages["/"] = Reply(
        STYLE + "<p id=x></p><script>let n = 0; (function write() { const s = document.createElement('span');"
        " s.textContent = '王小明' + n++; x.replaceChildren(s); requestAnimationFrame(write) })()</script>"
    )

    async def work() -> None:
        await page.goto(server.url("/"))
        with pytest.raises(PageUnreadable, match="none is kept"):
            await look(page, "王小明")
        assert await page.evaluate("CSS.highlights.size") == 0

    run(work())


def test_a_ticking_clock_does_not_stop_the_picture(run: Run, page: Page, server: RecordingServer) -> None:
    server.pages["/"] = Reply(
        STYLE + "<p>王小明</p><p id=x></p><script>(function tick() { x.textContent = Date.now();"
        " requestAnimationFrame(tick) })()</script>"
    )

    async def work() -> None:
        await page.goto(server.url("/"))
        assert await look(page, "王小明")

    run(work())


def test_a_pattern_that_javascript_does_not_know_gives_no_picture(
    run: Run, page: Page, server: RecordingServer
) -> None:
    async def work() -> None:
        await page.goto(server.url("/"))
        with pytest.raises(PageUnreadable, match="none is kept"):
            await look(page, patterns=("(?P<n>x)",))

    run(work())


def test_a_frame_that_cannot_be_covered_gives_no_picture(run: Run, page: Page, server: RecordingServer) -> None:
    """It fails closed, and the other frames are uncovered again."""
    server.pages["/"] = Reply(STYLE + "<p>王小明</p><iframe src=/in></iframe>")
    server.pages["/in"] = Reply("<script>CSS.highlights.set = () => { throw new Error('no') }</script>王小明")

    async def work() -> None:
        await page.goto(server.url("/"))
        with pytest.raises(PageUnreadable):
            await look(page, "王小明")
        assert await page.evaluate("CSS.highlights.size") == 0

    run(work())


def test_text_has_all_frames(run: Run, page: Page, server: RecordingServer) -> None:
    server.pages["/"] = Reply("<h1>outside</h1><iframe src=/in></iframe>")
    server.pages["/in"] = Reply("<button>inside</button>")

    async def work() -> None:
        await page.goto(server.url("/"))
        said = await capture.text(page)
        assert 'heading "outside"' in said
        assert 'button "inside"' in said
        assert server.url("/in") in said

    run(work())


def test_pictures_of_two_pages_are_taken_at_once(run: Run, page: Page, server: RecordingServer) -> None:
    server.pages["/"] = Reply(STYLE + "<p><span id=x>王小明</span></p>")

    async def work() -> None:
        other = await page.context.new_page()
        for each in (page, other):
            await each.goto(server.url("/"))
        one, two = await asyncio.gather(look(page, "王小明"), look(other))
        assert one != two

    run(work())
