"""The report as a workbook: orders, reasons and acts, every text a text and every amount a number."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Literal

import xlsxwriter  # type: ignore[import-untyped]

from agent.evidence.phrases import in_chinese
from agent.evidence.words import moment, phrase_of, reason_phrase, shortened, visible
from agent.report import figures
from agent.report.advice import DEFAULTS, Advice, Thresholds, advice
from agent.report.model import ReportCase
from agent.report.statistics import Group, Statistics, statistics

_LONGEST = 32_000  # a cell takes 32,767 characters; control characters are written as several
_Cell = str | int | Decimal | None


@dataclass(frozen=True, slots=True)
class _Column:
    title: str
    width: int


_ORDERS = (
    _Column("订单号 Order", 24),
    _Column("店铺 Shop", 14),
    _Column("处理路径 Path", 18),
    _Column("关闭原因 Reason", 24),
    _Column("金额（元） Amount", 14),
    _Column("结果 Outcome", 26),
    _Column("代码 Code", 20),
    _Column("说明 Why", 60),
    _Column("关闭方 By", 14),
    _Column("备注 Note", 30),
    _Column("请求时间 Asked for", 27),
    _Column("更新时间 Updated", 27),
    _Column("案件 Case", 30),
    _Column("记录链末端 Chain head", 68),
    _Column("签名 Signed by", 20),
    _Column("证据 Evidence", 40),
    _Column("退货 Goods back", 50),
    _Column("平台裁决 Ruling", 50),
)
_REASONS = (
    _Column("关闭原因 Reason", 40),
    _Column("订单数 Orders", 14),
    _Column("由我们关闭 Closed", 18),
    _Column("已关闭金额（元） Amount", 24),
)
_ACTS = (
    _Column("订单号 Order", 24),
    _Column("案件 Case", 30),
    _Column("操作 Act", 34),
    _Column("目的 Purpose", 30),
    _Column("时间 At", 27),
    _Column("意图 Intent", 26),
    _Column("结果 Result", 22),
    _Column("请求编号 Request id", 40),
)


_GROUPS = (_Column("名称 Name", 50), _Column("关闭订单 Closings", 20), _Column("金额（元） Amount", 20))
_HOURS = (_Column("钟点 Hour", 14), _Column("关闭订单 Closings", 20))
_DAYS = (
    _Column("日期 Day", 16),
    _Column("关闭订单 Closings", 20),
    _Column("金额（元） Amount", 20),
    _Column("七日均值 Mean of seven days", 28),
)
_TOTALS = (_Column("项目 Item", 50), _Column("数值 Number", 20))
_ADVICE = (
    _Column("建议 Advice", 60),
    _Column("依据 Numbers", 90),
    _Column("货品或规格 About", 50),
    _Column("关闭订单 Closings", 20),
    _Column("金额（元） Amount", 20),
)


def write(
    cases: Sequence[ReportCase],
    path: Path,
    *,
    zone: tzinfo | None = None,
    language: Literal["zh", "en"] = "zh",
    thresholds: Thresholds = DEFAULTS,
) -> None:
    """Write the workbook; nothing that a page said becomes a formula, a link or a number.

    Headings and single words stand in both languages, sentences in ``language``.
    """
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    unfinished = path.with_name(f".{path.name}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with xlsxwriter.Workbook(str(unfinished), options) as book:
            _sheet(book, "订单", _ORDERS, (_order_row(case, language) for case in cases))
            _sheet(book, "原因统计", _REASONS, _reason_rows(cases))
            _sheet(book, "动作", _ACTS, _act_rows(cases))
            counted = statistics(cases, zone)
            _sheet(book, "总计", _TOTALS, _total_rows(counted))
            _sheet(book, "按原因", _GROUPS, _group_rows(counted.reasons))
            _sheet(book, "按货品", _GROUPS, _group_rows(counted.goods))
            _sheet(book, "按路径", _GROUPS, _group_rows(counted.paths))
            _sheet(book, "按钟点", _HOURS, ((f"{hour:02}:00", count) for hour, count in enumerate(counted.hours)))
            _sheet(book, "按日", _DAYS, _day_rows(counted))
            _sheet(book, "建议", _ADVICE, _advice_rows(advice(cases, thresholds), language))
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _sheet(book: xlsxwriter.Workbook, name: str, columns: Sequence[_Column], rows: Iterator[tuple[_Cell, ...]]) -> None:
    sheet = book.add_worksheet(name)
    heading = book.add_format({"bold": True, "bg_color": "#E1EFEC", "bottom": 1, "bottom_color": "#B9CFC9"})
    money = book.add_format({"num_format": "0.00"})
    text = book.add_format({"num_format": "@"})  # so that a cell stays text when somebody edits it
    for place, column in enumerate(columns):
        sheet.set_column(place, place, column.width)
        sheet.write_string(0, place, column.title, heading)
    last = 0
    for last, row in enumerate(rows, 1):
        for place, cell in enumerate(row):
            match cell:
                case str():
                    sheet.write_string(last, place, shortened(visible(cell), _LONGEST), text)
                case Decimal():
                    sheet.write_number(last, place, float(cell), money)
                case int():
                    sheet.write_number(last, place, cell)
                case None:
                    continue
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(last, 1), len(columns) - 1)


def _order_row(case: ReportCase, language: str) -> tuple[_Cell, ...]:
    return (
        case.order_id,
        case.shop,
        _both(case.path),
        _reason(case.reason),
        figures.amount_of(case),
        _both(case.stands),
        case.status,
        in_chinese(case.why) if language == "zh" else case.why,
        _both(case.by),
        case.note,
        moment(case.requested_at),
        moment(case.updated_at),
        case.case_id,
        case.head_hash,
        case.signed_by,
        case.evidence,
        case.parcel_back,
        _ruling(case),
    )


def _ruling(case: ReportCase) -> str | None:
    if case.ruling is None:
        return None
    parts = (_both(case.ruling["favour"]), case.ruling["amount"], case.ruling["text"])
    return " · ".join(part for part in parts if part)


def _reason_rows(cases: Sequence[ReportCase]) -> Iterator[tuple[_Cell, ...]]:
    for reason in figures.by_reason(cases):
        yield _pair(reason.phrase.zh, reason.phrase.en), reason.count, reason.closed, reason.amount


def _total_rows(counted: Statistics) -> Iterator[tuple[_Cell, ...]]:
    taken = counted.typical_hours
    yield "订单 Orders", counted.cases
    yield "由我们关闭 Closed by us", counted.closed
    yield "退还买家的货款（元） Money returned to buyers", counted.returned
    yield "未见到账的退款（元） Refunds not seen yet", counted.awaited
    yield "需要过人工（%） Needed a person", _number(counted.persons)
    yield "从请求到结束（小时，中位数） Hours from request to end (median)", None if taken is None else _number(taken)
    yield "最近七天关闭 Closed in the last seven days", counted.recent
    yield "前七天关闭 Closed in the seven days before", counted.before


def _number(number: float) -> Decimal:
    return Decimal(f"{number:.2f}")


def _group_rows(groups: Sequence[Group]) -> Iterator[tuple[_Cell, ...]]:
    for group in groups:
        yield _pair(group.name.zh, group.name.en), group.count, group.amount


def _day_rows(counted: Statistics) -> Iterator[tuple[_Cell, ...]]:
    for day in counted.days:
        yield day.day.isoformat(), day.count, day.amount, _number(day.mean)


def _advice_rows(advices: Sequence[Advice], language: str) -> Iterator[tuple[_Cell, ...]]:
    for one in advices:
        numbers = one.numbers.zh if language == "zh" else one.numbers.en
        yield _pair(one.what.zh, one.what.en), numbers, None, None, None
        for group in one.about:
            yield None, None, group.name.zh, group.count, group.amount


def _act_rows(cases: Sequence[ReportCase]) -> Iterator[tuple[_Cell, ...]]:
    for case in cases:
        for act in case.acts:
            yield (
                case.order_id,
                case.case_id,
                _both(act.act),
                act.purpose,
                moment(act.at),
                _both(act.intent),
                _both(act.result),
                act.request_id,
            )


def _reason(reason: str) -> str:
    phrase = reason_phrase(reason)
    return _pair(phrase.zh, phrase.en)


def _both(word: str | None) -> str | None:
    if word is None:
        return None
    phrase = phrase_of(word)
    return _pair(phrase.zh, phrase.en)


def _pair(zh: str, en: str) -> str:
    return zh if zh == en else f"{zh} {en}"
