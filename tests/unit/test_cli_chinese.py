"""Who asks for Chinese reads in Chinese why a case stands as it does, on the screen and in reports; scripts do not."""

import json
from pathlib import Path
from typing import Any

import pytest
from cli_shop import CliShop, ended, order, waiting
from python_calamine import CalamineWorkbook

from agent.domain.cases import Outcome, WaitingFor
from agent.store import breakers

ASKED = "asked; no answer yet"
ASKED_ZH = "已询问，对方尚未回复"
TAKEN = "the portal refused to close: ORDER_STATUS_ERROR asked; no answer yet"
TAKEN_ZH = "后台拒绝“关闭订单”：ORDER_STATUS_ERROR asked; no answer yet"  # what the portal said stays


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CliShop:
    return CliShop(tmp_path, monkeypatch, capsys)


@pytest.fixture
def two_cases(shop: CliShop) -> CliShop:
    shop.case(1, **{**waiting(WaitingFor.CONSENT), "why": ASKED})
    shop.case(2, **{**ended(Outcome.REFUSED), "why": TAKEN})
    return shop


def test_the_table_says_why_in_the_operators_language(two_cases: CliShop) -> None:
    chinese, english = two_cases.run("--language", "zh", "cases").out, two_cases.run("cases").out
    assert ASKED_ZH in chinese
    assert "后台拒绝“关闭订单”：ORDER_STATUS_ERROR" in chinese
    assert ASKED_ZH not in english
    assert ASKED in english


def test_a_narrow_table_cuts_nothing_off(two_cases: CliShop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Chinese has no blanks at which a line could be broken."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "80")
    shown = two_cases.run("--language", "zh", "cases").out
    assert "…" not in shown
    why = [line.split("│")[-2].strip() for line in shown.splitlines() if "│" in line]
    assert "".join(why).startswith(ASKED_ZH)


def test_one_case_and_its_story_say_why_in_the_operators_language(two_cases: CliShop) -> None:
    chinese, english = two_cases.run("--language", "zh", "show", order(1)).out, two_cases.run("show", order(1)).out
    assert chinese.count(ASKED_ZH) == english.count(ASKED) == 1
    assert ASKED not in chinese


def test_a_story_is_told_in_one_language(two_cases: CliShop) -> None:
    """The evidence tells it in both at once, for it may go to somebody whose language nobody knows."""
    stories = {
        language: two_cases.run("--language", language, "show", order(1)).out.partition(title)[2].partition(".json")[0]
        for language, title in {"en": "Story", "zh": "经过"}.items()
    }
    assert "Closing the order was asked for · out of stock" in stories["en"]
    assert "收到关闭订单的请求 · 卖家库存不足" in stories["zh"]
    assert "收到" not in stories["en"]
    assert "Closing" not in stories["zh"]


def test_json_is_english_whatever_the_operator_speaks(two_cases: CliShop) -> None:
    for command in (["cases", "--json"], ["show", order(2), "--json"]):
        assert two_cases.run("--language", "zh", *command).data == two_cases.run(*command).data
    assert two_cases.run("--language", "zh", "show", order(2), "--json").data["cases"][0]["why"] == TAKEN


def test_what_is_kept_is_english_whatever_the_operator_speaks(two_cases: CliShop) -> None:
    two_cases.run("--language", "zh", "cancel", order(1), "--note", "误操作")
    [case] = two_cases.run("show", order(1), "--json").data["cases"]
    assert case["why"].startswith("cancelled by ")
    kept = json.loads(Path(case["evidence"]).read_text(encoding="utf-8"))
    assert kept["case"]["why"] == case["why"]
    assert "人工取消：" in two_cases.run("--language", "zh", "show", order(1)).out


@pytest.mark.parametrize(
    ("args", "line"),
    [
        (["show", "nothing"], "closewright: 没有案件 'nothing'：可用 'closewright cases' 列出"),
        (["resume", "--shop", "shut"], "closewright: 设置中没有店铺 'shut'；已有的店铺：demo, other"),
        (["report", "--to", "a.pdf"], "closewright: --to：a.pdf 必须以 .html 或 .xlsx 结尾"),
        (["close", "1234", "--shop", "demo", "--reason", "缺货"], "'1234' 必须是 15 到 20 位数字（0-9）"),
        (["--config", "none.toml", "cases"], "closewright: none.toml：没有这个文件；找的是 "),
    ],
)
def test_what_went_wrong_is_told_in_the_operators_language(shop: CliShop, args: list[str], line: str) -> None:
    chinese, english = shop.run("--language", "zh", *args), shop.run(*args)
    assert line in chinese.err
    assert (chinese.code, chinese.out) == (english.code, english.out) == (2, "")
    assert english.err.isascii() or "缺货" in english.err


def test_each_fault_of_a_request_file_is_told_in_chinese_with_its_place(shop: CliShop) -> None:
    rows = "订单号,关闭原因\n106886380946666222,未知\n106886380946666000,缺货\n1,缺货\n"
    file = shop.write("orders.csv", rows)
    said = shop.run("--language", "zh", "plan", str(file), "--shop", "demo")
    assert said.code == 2
    assert "orders.csv：第 2 行，'reason' (关闭原因) 列：没有关闭原因 '未知'；请用 " in said.err
    assert "orders.csv：第 4 行，'order_id' (订单号) 列：订单号 '1' 必须是 15 到 20 位数字（0-9）" in said.err


def test_a_breaker_is_named_in_chinese(shop: CliShop) -> None:
    app = shop.open()

    def trip(tx: Any) -> None:
        for n in (1, 2, 3):
            breakers.record_fault(
                tx, shop="demo", path="unpaid", fault="ElementMissing", order_id=order(n), now=app.clock()
            )

    app.db.write(trip)
    app.close()
    said = shop.run("--language", "zh", "cases")
    assert "店铺 demo 的路径 未付款 已熔断（页面元素缺失，订单 " in said.err
    assert order(3) in said.err


def test_the_page_of_a_report_has_both_languages(two_cases: CliShop) -> None:
    assert two_cases.run("report", "--to", "report.html").code == 0
    page = Path("report.html").read_text(encoding="utf-8")
    for text in (ASKED, ASKED_ZH, TAKEN, TAKEN_ZH):
        assert text in page
    assert f'<span class="zh"><span class="data">{ASKED_ZH}</span></span>' in page
    assert f'<span class="en" lang="en"><span class="data">{ASKED}</span></span>' in page


@pytest.mark.parametrize(("language", "why"), [("zh", ASKED_ZH), ("en", ASKED)])
def test_the_workbook_says_why_in_the_operators_language(two_cases: CliShop, language: str, why: str) -> None:
    assert two_cases.run("--language", language, "report", "--to", "report.xlsx").code == 0
    rows = CalamineWorkbook.from_path("report.xlsx").get_sheet_by_index(0).to_python()
    column = next(at for at, heading in enumerate(rows[0]) if str(heading).endswith("Why"))
    assert rows[1][column] == why
