"""What a report adds up and what it advises, against cases that are counted by hand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from agent.report import xlsx
from agent.report.advice import Thresholds, advice
from agent.report.model import Goods, ReportCase
from agent.report.statistics import statistics

END = datetime(2026, 8, 21, 14, 30, tzinfo=UTC)
CHINA = timezone(timedelta(hours=8))
CUP, TOWEL = Goods("马克杯", "蓝 420ml", "2"), Goods("毛巾", "灰", "1")


def case(reason: str = "unpaid_timeout", **changes: object) -> ReportCase:
    """Return an order of 10 yuan, unpaid, that was closed at END: asked for 2 h and made 30 h before."""
    plain = ReportCase(
        case_id="c1", shop="demo", order_id="202711458975969812", path="unpaid", state="ended", outcome="closed",
        waiting_for=None, why="", by="us", amount="10.00", reason=reason, note="",
        requested_at=(END - timedelta(hours=2)).isoformat(), updated_at=None, acts=(), pictures=(), timeline=(),
        head_hash="", signed_by="", evidence=None, goods=(CUP,), ended_at=END.isoformat(),
        ordered_at=(END - timedelta(hours=30)).isoformat(),
    )  # fmt: skip
    return replace(plain, **changes)  # type: ignore[arg-type]


def at(days: int = 0, hours: int = 0) -> dict[str, object]:
    return {"ended_at": (END + timedelta(days=days, hours=hours)).isoformat()}


CASES = [
    case(),
    case("unpaid_timeout", goods=(CUP, TOWEL), amount="5.50", **at(hours=1)),
    case("out_of_stock", path="paid_unshipped", was_paid=True, amount="100.00", goods=(TOWEL,), **at(days=3)),
    case("other", outcome="handed_over", needed_person=True, was_paid=True, amount="7.00"),
    case("other", state="waiting", outcome=None, waiting_for="approval", needed_person=True, ended_at=None),
]


def test_money_counts_as_returned_only_once_it_was_seen() -> None:
    seen, unseen = ({"kind": "refund", "state": state, "due": None, "why": ""} for state in ("done", "waiting"))
    paid = {"was_paid": True, "amount": "100.00"}
    notice = {**unseen, "kind": "notice"}
    cases = [case(**paid, aftercare=(seen, notice)), case(**paid, aftercare=(unseen,)), case(**paid), case()]
    counted = statistics(cases, UTC)
    assert (counted.returned, counted.awaited) == (Decimal("200.00"), Decimal("100.00"))


def test_closings_are_counted_by_reason_product_path_hour_and_day() -> None:
    counted = statistics(CASES, UTC)
    assert (counted.cases, counted.closed, counted.returned) == (5, 3, Decimal("100.00"))
    assert [(one.name.en, one.count, one.amount) for one in counted.reasons] == [
        ("not paid in time", 2, Decimal("15.50")),
        ("out of stock", 1, Decimal("100.00")),
    ]
    assert [(one.name.zh, one.count, one.amount) for one in counted.goods] == [
        ("毛巾", 2, Decimal("105.50")),
        ("马克杯", 2, Decimal("15.50")),
    ]
    assert [(one.name.en, one.count) for one in counted.paths] == [("unpaid", 2), ("paid, unshipped", 1)]
    assert [(hour, count) for hour, count in enumerate(counted.hours) if count] == [(14, 2), (15, 1)]
    assert [(day.day.day, day.count) for day in counted.days] == [(21, 2), (22, 0), (23, 0), (24, 1)]
    assert [round(day.mean, 2) for day in counted.days] == [2, 1, 0.67, 0.75]
    assert counted.persons == 40
    assert counted.typical_hours == 2.5


def test_hours_and_days_are_those_of_the_zone() -> None:
    """Half past four in the afternoon in London is past midnight of the next day in Shanghai."""
    counted = statistics([case(**at(hours=2))], CHINA)
    assert counted.hours.index(1) == 0
    assert counted.days[0].day.day == 22


def test_the_mean_is_of_seven_days_and_the_trend_of_the_weeks() -> None:
    counted = statistics([case(**at(days=n)) for n in range(14) for _ in range(1 if n < 7 else 3)], UTC)
    assert (counted.recent, counted.before) == (21, 7)
    assert (counted.days[6].mean, counted.days[13].mean) == (1, 3)


def test_a_product_of_several_lines_counts_once_for_an_order() -> None:
    assert [one.count for one in statistics([case(goods=(CUP, CUP))], UTC).goods] == [1]


def test_nothing_adds_up_to_nothing() -> None:
    counted = statistics([], UTC)
    assert (counted.closed, counted.persons, counted.typical_hours, counted.days) == (0, 0, None, [])
    assert advice([]) == []


# --- Advice


@pytest.mark.parametrize(("reason", "least"), [("product_info_error", 3), ("unpaid_timeout", 10), ("out_of_stock", 1)])
def test_advice_begins_at_its_threshold(reason: str, least: int) -> None:
    assert advice([case(reason)] * (least - 1)) == []
    [one] = advice([case(reason)] * least)
    assert f"{least} / {least}" in one.numbers.en
    assert f"{least} / {least}" in one.numbers.zh


def test_thresholds_can_be_set() -> None:
    assert len(advice([case()] * 2, Thresholds(unpaid_timeouts=2))) == 1
    assert advice([case("out_of_stock")] * 4, Thresholds(stock_outs=5)) == []


def test_the_products_whose_information_was_wrong_are_named_most_first() -> None:
    wrong = [case("product_info_error", goods=(TOWEL,))] * 2 + [case("product_info_error"), case("unpaid_timeout")]
    [one] = advice(wrong)
    assert [(group.name.zh, group.count) for group in one.about] == [("毛巾", 2), ("马克杯", 1)]


def test_stock_advice_names_each_kind_of_a_product() -> None:
    other = replace(CUP, spec="白 420ml")
    [one] = advice([case("缺货"), case("out_of_stock", goods=(other,))])
    assert {group.name.zh for group in one.about} == {"马克杯 蓝 420ml", "马克杯 白 420ml"}


def test_what_a_reminder_would_have_caught_is_what_was_old_enough_for_it() -> None:
    quick = case(ordered_at=(END - timedelta(hours=23)).isoformat())
    [one] = advice([case()] * 9 + [quick, case(ordered_at=None)])
    assert "11 / 11 closings" in one.numbers.en
    assert "24 h after the order would have reached 9 of them (¥90.00)" in one.numbers.en
    assert "其中 9 个（¥90.00）" in one.numbers.zh


def test_where_a_rule_reminds_already_nobody_is_told_to() -> None:
    assert advice([case()] * 20, Thresholds(reminds=True)) == []


def test_orders_that_were_not_closed_by_us_lead_to_no_advice() -> None:
    assert advice([case("out_of_stock", outcome="not_eligible")]) == []


# --- The workbook


def test_the_workbook_has_the_same_tables(tmp_path: Path) -> None:
    xlsx.write(CASES, tmp_path / "r.xlsx", zone=UTC, thresholds=Thresholds(unpaid_timeouts=2))
    book = CalamineWorkbook.from_path(tmp_path / "r.xlsx")
    rows = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    assert rows["按原因"][1:] == [["未及时付款 not paid in time", 2, 15.5], ["卖家库存不足 out of stock", 1, 100]]
    assert [row[0] for row in rows["按货品"][1:]] == ["毛巾", "马克杯"]
    assert len(rows["按钟点"]) == 25
    assert [row[:2] for row in rows["按日"][1:]] == [
        ["2026-08-21", 2], ["2026-08-22", 0], ["2026-08-23", 0], ["2026-08-24", 1]
    ]  # fmt: skip
    assert [row[1] for row in rows["总计"][1:4]] == [5, 3, 100]
    assert {row[2] for row in rows["建议"][1:]} == {"", "毛巾 灰"}
