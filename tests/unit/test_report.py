"""Reports say what was done to each order, to people and to scripts, and nothing a page said runs in them."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from evidence_sample import HOSTILE, ORDER, picture
from playwright.sync_api import Page, expect, sync_playwright
from python_calamine import CalamineWorkbook

from agent.errors import EvidenceBroken
from agent.evidence.blobs import BlobStore
from agent.report import charts, html, xlsx
from agent.report.figures import by_reason, by_status, closed_amount
from agent.report.model import Goods, Picture, ReportAct, ReportCase, Step, summary
from agent.report.statistics import statistics

_NOW = datetime(2026, 8, 21, 6, 3, tzinfo=UTC)
_ACT = ReportAct("close", "close_unpaid", "2026-08-21T14:03:11+08:00", "settled", "done", "req-1")
_CLOSED = ReportCase(
    case_id="case-1",
    shop="demo",
    order_id=ORDER,
    path="unpaid",
    state="ended",
    outcome="closed",
    waiting_for=None,
    why="closed: proved from two sides",
    by=None,
    amount="1234.50",
    reason="buyer_cancelled",
    note="",
    requested_at="2026-08-21T14:03:05+08:00",
    updated_at="2026-08-21T14:03:12+08:00",
    acts=(_ACT,),
    pictures=(),
    timeline=(Step("2026-08-21T14:03:05+08:00", "收到请求"),),
    head_hash="ab" * 32,
    signed_by="1f216f366bde0636",
    evidence="cases/case-1.json",
)


def _case(number: int, **changes: object) -> ReportCase:
    return replace(_CLOSED, case_id=f"case-{number}", order_id=str(int(ORDER) + number), **changes)  # type: ignore[arg-type]


_WAITING = _case(1, state="waiting", outcome=None, waiting_for="consent", reason="买家取消", acts=(), amount=None)
_HANDED = _case(2, outcome="handed_over", reason="out_of_stock", path="shipped", acts=())


@pytest.fixture
def blobs(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "evidence")


def _render(cases: list[ReportCase], blobs: BlobStore, **options: object) -> str:
    meta = {"shop": "demo", "role": "seller"}
    return html.render(cases, title="报告", generated_at=_NOW, blobs=blobs, shop_meta=meta, **options)  # type: ignore[arg-type]


def test_json_of_a_case_has_exactly_the_keys_of_the_contract() -> None:
    keys = [
        "case_id",
        "shop",
        "order_id",
        "path",
        "state",
        "outcome",
        "waiting_for",
        "why",
        "by",
        "amount",
        "evidence",
        "acts",
        "aftercare",
    ]
    case = replace(_CLOSED, aftercare=({"kind": "stock", "state": "open", "due": None},)).as_json()
    assert list(case) == keys
    assert case["acts"] == [
        {
            "act": "close",
            "purpose": "close_unpaid",
            "at": "2026-08-21T14:03:11+08:00",
            "intent": "settled",
            "result": "done",
            "request_id": "req-1",
        }
    ]
    assert case["aftercare"] == [{"kind": "stock", "state": "open", "due": None}]


def test_counts_have_one_key_per_outcome_per_wait_and_per_state_without_either() -> None:
    due, planned, rehearsed = (
        _case(n, state=state, outcome=None) for n, state in enumerate(("due", "planned", "rehearsed"))
    )
    counts = summary([_CLOSED, _CLOSED, _WAITING, _HANDED, due, planned, rehearsed])["counts"]
    assert counts == {"closed": 2, "waiting:consent": 1, "handed_over": 1, "due": 1, "planned": 1, "rehearsed": 1}
    assert summary([]) == {"cases": [], "counts": {}}


def test_figures_join_labels_with_their_reason_and_count_only_what_we_closed() -> None:
    reasons = by_reason([_CLOSED, _WAITING, _HANDED])
    assert [(one.phrase.en, one.count, one.closed, one.amount) for one in reasons] == [
        ("buyer cancelled", 2, 1, Decimal("1234.50")),
        ("out of stock", 1, 0, Decimal(0)),
    ]
    assert closed_amount([_CLOSED, replace(_CLOSED, amount="NaN"), replace(_CLOSED, amount="x")]) == Decimal("1234.50")
    assert [share.key for share in by_status([_HANDED, _WAITING, _CLOSED])] == [
        "closed",
        "waiting:consent",
        "handed_over",
    ]


def _cells(path: Path, sheet: str) -> list[list[object]]:
    return CalamineWorkbook.from_path(path).get_sheet_by_name(sheet).to_python()


def test_a_workbook_keeps_order_ids_whole_amounts_as_numbers_and_formulas_as_text(tmp_path: Path) -> None:
    path = tmp_path / "report.xlsx"
    formula = '=HYPERLINK("http://x")'
    acts = (replace(_ACT, purpose="+1", request_id="{=1+1}"),)
    xlsx.write([_CLOSED, _case(7, why=formula, note="@SUM(1)", reason="-1+1", acts=acts)], path)
    orders = _cells(path, "订单")
    assert orders[1][0] == ORDER
    assert orders[1][4] == 1234.5
    assert orders[1][3] == "买家取消订单 buyer cancelled"
    assert (orders[2][7], orders[2][9], orders[2][3]) == (formula, "@SUM(1)", "-1+1")
    assert [row[0] for row in _cells(path, "原因统计")[1:]] == ["-1+1", "买家取消订单 buyer cancelled"]
    assert _cells(path, "动作")[2][3] == "+1"
    assert _cells(path, "动作")[2][7] == "{=1+1}"
    unpacked = tmp_path / "unpacked"
    shutil.unpack_archive(path, unpacked, "zip")
    sheets = "".join(file.read_text("utf-8") for file in unpacked.rglob("sheet*.xml"))
    assert "<f>" not in sheets
    assert "hyperlink" not in sheets.lower()
    assert sheets.count("<autoFilter") == 10
    assert sheets.count('state="frozen"') == 10


def test_a_workbook_takes_hostile_and_endless_text(tmp_path: Path) -> None:
    path = tmp_path / "report.xlsx"
    xlsx.write([replace(_CLOSED, why=HOSTILE, note="长" * 100_000, shop="_x0041_\x1b")], path)
    row = _cells(path, "订单")[1]
    assert "⟨U+202E⟩gnp.exe ⟨U+0000⟩" in str(row[7])
    assert str(row[9]).endswith("… (+68000)")
    assert row[1] == "_x0041_⟨U+001B⟩"


def test_where_goods_went_and_what_the_platform_decided_are_shown_as_text(tmp_path: Path, blobs: BlobStore) -> None:
    ruling = {"favour": "seller", "amount": "0.00", "text": "<b>=1+1</b>", "at": None}
    back = {"address": "浙江省 云杉仓", "tracking": "顺丰速运 SF139", "parcel": "sent"}
    case = _case(5, going_back=back, ruling=ruling)
    xlsx.write([case], tmp_path / "report.xlsx")
    row = _cells(tmp_path / "report.xlsx", "订单")[1]
    assert row[-2:] == ["浙江省 云杉仓 · 顺丰速运 SF139", "卖家 seller · 0.00 · <b>=1+1</b>"]
    page = _render([case], blobs)
    assert "浙江省 云杉仓 · 顺丰速运 SF139" in page
    assert "&lt;b&gt;=1+1&lt;/b&gt;" in page
    printed = case.as_json()
    assert (printed["return"], printed["ruling"]) == (back, ruling)


def test_an_empty_workbook_and_an_empty_page_can_be_written(tmp_path: Path, blobs: BlobStore) -> None:
    xlsx.write([], tmp_path / "report.xlsx")
    assert len(_cells(tmp_path / "report.xlsx", "订单")) == 1
    assert "没有符合条件的订单" in _render([], blobs)


def _own(page: str) -> str:
    """Return a page without the library that draws its charts."""
    return page.replace(charts.library(), "")


def _elements(page: str) -> list[str]:
    return re.findall(r"<[a-z!/][\w-]*", page)


def test_hostile_text_in_every_place_adds_no_element_to_the_page(blobs: BlobStore) -> None:
    def everywhere(text: str) -> ReportCase:
        stored = blobs.put(picture(1), ext="png")
        return replace(
            _CLOSED,
            case_id=text,
            shop=text,
            order_id=text,
            why=text,
            by=text,
            amount=text,
            reason=text,
            note=text,
            path=text,
            outcome=text,
            updated_at=text,
            requested_at=text,
            head_hash=text,
            signed_by=text,
            evidence=text,
            acts=(ReportAct(text, text, text, text, text, text),),
            pictures=(Picture(text, stored.sha256, "png"), Picture(text, stored.sha256, text[:0] + "exe")),
            timeline=(Step(text, text),),
            aftercare=({"kind": text, "state": text, "due": text},),
        )

    harmless, hostile = _render([everywhere("x")], blobs), _render([everywhere(HOSTILE)], blobs)
    assert _elements(hostile) == _elements(harmless)
    assert "\u202e" not in hostile
    hostile.encode()


def test_text_without_end_is_shortened(blobs: BlobStore) -> None:
    long = "长" * 100_000
    page = _render([replace(_CLOSED, why=long, note=long, timeline=(Step("", long),))], blobs)
    assert page.count("长") < 15_000
    assert "… (+96000)" in page


def test_pictures_fill_the_budget_with_the_cases_that_want_a_person_first_and_the_rest_is_linked(
    blobs: BlobStore,
) -> None:
    stored = [blobs.put(picture(n), ext="png") for n in range(2)]
    pictures = [Picture(f"picture {n}", one.sha256, one.ext) for n, one in enumerate(stored)]
    cases = [replace(_CLOSED, pictures=(pictures[0],)), replace(_HANDED, pictures=(pictures[1],))]
    page = _render(cases, blobs, max_bytes=stored[1].size * 2)
    assert re.findall(r'alt="(picture \d)"', page) == ["picture 1"]
    assert blobs.path(stored[0].sha256, "png").resolve().as_uri() in page
    assert len(re.findall(r'alt="picture \d"', _render(cases, blobs))) == 2
    assert "data:image" not in _own(_render(cases, blobs, max_bytes=0))


def test_a_picture_that_two_cases_share_is_counted_twice(blobs: BlobStore) -> None:
    stored = blobs.put(picture(1), ext="png")
    cases = [_case(n, pictures=(Picture("same", stored.sha256, "png"),)) for n in range(9)]
    assert _own(_render(cases, blobs, max_bytes=stored.size * 3)).count("data:image/png") == 2


def test_a_removed_picture_is_said_to_be_gone_and_a_changed_one_stops_the_report(
    blobs: BlobStore, tmp_path: Path
) -> None:
    stored = blobs.put(picture(1), ext="png")
    case = replace(_CLOSED, pictures=(Picture("before", stored.sha256, "png"),))
    blobs.path(stored.sha256, "png").write_bytes(b"changed")
    target = tmp_path / "out" / "report.html"
    with pytest.raises(EvidenceBroken, match=stored.sha256):
        html.write([case], target, title="x", generated_at=_NOW, blobs=blobs, shop_meta={})
    assert list(target.parent.iterdir()) == []
    blobs.path(stored.sha256, "png").unlink()
    assert "图片已不在证据目录中" in _render([case], blobs)


def test_writing_gives_the_same_page_as_rendering(blobs: BlobStore, tmp_path: Path) -> None:
    cases = [_CLOSED, _WAITING, replace(_HANDED, why=HOSTILE)]
    path = tmp_path / "report.html"
    html.write(cases, path, title="报告", generated_at=_NOW, blobs=blobs, shop_meta={"shop": "demo", "role": "seller"})
    assert path.read_bytes().decode() == _render(cases, blobs)


@pytest.fixture(scope="module")
def browser_page() -> Iterator[Page]:
    executable = next(
        (found for name in ("chromium-headless-shell", "chromium", "google-chrome") if (found := shutil.which(name))),
        None,
    )
    with sync_playwright() as playwright:
        # CI and containers run as root, where Chromium's own sandbox cannot start.
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield browser.new_page()
        browser.close()


@pytest.mark.parametrize("width", [pytest.param(1280, marks=pytest.mark.slow), 390])
def test_the_page_filters_opens_enlarges_and_runs_nothing_else(
    browser_page: Page, blobs: BlobStore, tmp_path: Path, width: int
) -> None:
    """Also: the hostile text, seen by a real browser, is text; and no width makes the page scroll sideways."""
    stored = blobs.put(picture(1), ext="png")
    pictures = (Picture(HOSTILE, stored.sha256, "png"), Picture("after", stored.sha256, "png"))
    case = replace(_CLOSED, pictures=pictures, why=HOSTILE, note="长" * 5000, reason=HOSTILE)
    path = tmp_path / "report.html"
    html.write(
        [case, _WAITING, _HANDED], path, title=HOSTILE, generated_at=_NOW, blobs=blobs, shop_meta={"shop": HOSTILE}
    )

    page = browser_page
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(path.as_uri())
    rows = page.locator("details.case:visible")
    assert rows.count() == 3
    assert page.locator(".shot").count() == 0

    page.locator("#search").fill(_HANDED.order_id)
    assert rows.count() == 1
    page.locator("#search").fill("")
    page.locator('[data-value="waiting:consent"]').click()
    assert rows.count() == 1
    assert "买家取消订单" in rows.inner_text()
    page.locator('[data-to="en"]').click()
    assert "buyer cancelled" in rows.inner_text()
    page.locator('[data-value="waiting:consent"]').click()
    assert rows.count() == 3

    rows.first.locator("summary").click()
    page.locator(".shot").nth(1).click()
    assert page.locator("#light p").inner_text() == "after"
    assert page.locator("#light img").evaluate("image => image.naturalWidth") == 24
    page.keyboard.press("Escape")
    assert not page.locator("#light").is_visible()

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert "owned" not in page.title().split("'")[0]
    assert page.locator("img[src=x]").count() == 0
    assert said == []


SPANS = ("10 s – 1 min", "1 – 10 min", "10 min – 1 h", "1 – 6 h", "6 – 24 h", "1 – 3 d", "3 – 7 d")
CHARTS = ("days", "reasons", "goods", "paths", "hours", "taken")
TITLE = '</script><img src=x onerror="document.title=1"><a href="https://evil.example">%{y}</a>'


def test_charts_are_drawn_without_network_in_both_languages_and_hold_no_markup_of_others(
    browser_page: Page, blobs: BlobStore, tmp_path: Path
) -> None:
    ended = [(_NOW - timedelta(hours=7 * n)).isoformat() for n in range(12)]
    titles = ["北欧风陶瓷马克杯", TITLE]
    cases = [_case(n, ended_at=at, goods=(Goods(titles[n % 2], "", "1"),)) for n, at in enumerate(ended)]
    path = tmp_path / "report.html"
    html.write(cases, path, title="报告", generated_at=_NOW, blobs=blobs, shop_meta={"shop": "demo"})
    page = browser_page
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(path.as_uri(), timeout=90_000)  # a script of five megabytes on a busy machine
    for chart in CHARTS:
        expect(page.locator(f"[data-chart={chart}] .main-svg").first).to_be_visible(timeout=30_000)
    reasons = page.locator("[data-chart=reasons]")
    expect(reasons).to_contain_text("买家取消订单")
    page.locator('[data-to="en"]').click()
    expect(reasons).to_contain_text("buyer cancelled")
    expect(reasons).not_to_contain_text("买家取消订单")
    expect(page.locator("[data-chart=goods]")).to_contain_text("</script><img src=x")
    assert page.locator(".plot .yaxislayer-above a, .plot img").count() == 0
    assert page.title() == "报告 · closewright"
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    assert said == []


@pytest.mark.parametrize(
    ("taken", "shown"),
    [
        ([20 / 3600, 25 / 3600, 0.1], {"10 s – 1 min": 2, "1 – 10 min": 1}),
        ([5, 100], {"1 – 6 h": 1, "6 – 24 h": 0, "1 – 3 d": 0, "3 – 7 d": 1}),
        ([9 / 3600, 1000], {"< 10 s": 1, **dict.fromkeys(SPANS, 0), "> 7 d": 1}),
        ([24, 72, 168], {"1 – 3 d": 1, "3 – 7 d": 1, "> 7 d": 1}),
        ([], {}),
    ],
)
def test_how_long_cases_took_is_drawn_from_seconds_to_weeks(taken: list[float], shown: dict[str, int]) -> None:
    counted = replace(statistics([_CLOSED], UTC), hours_taken=taken)
    assert {one["en"]: one["count"] for one in charts.figures_of(counted)["taken"]} == shown


def test_a_report_without_closings_carries_no_charts(blobs: BlobStore) -> None:
    assert len(_render([_WAITING, _HANDED], blobs)) < 100_000
    assert charts.library() in _render([_CLOSED], blobs)
