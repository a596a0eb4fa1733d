"""What a report advises, each with the numbers that led to it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from agent.domain.reasons import Reason
from agent.evidence.words import Phrase, phrase_of, reason_phrase
from agent.report.figures import closed_amount
from agent.report.model import ReportCase
from agent.report.statistics import Group, age_at_end, goods_of, kinds_of

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From how many closings on there is advice; ``remind_after`` is when a reminder would be sent, if none is yet."""

    product_info_errors: int = 3
    unpaid_timeouts: int = 10
    stock_outs: int = 1
    remind_after: timedelta = timedelta(hours=24)
    reminds: bool = False


DEFAULTS = Thresholds()


@dataclass(frozen=True, slots=True)
class Advice:
    """One piece of advice: what to do, the numbers that led to it, and what it is about."""

    what: Phrase
    numbers: Phrase
    about: tuple[Group, ...] = ()


def advice(cases: Sequence[ReportCase], thresholds: Thresholds = DEFAULTS) -> list[Advice]:
    """Return what the closings of a report suggest."""
    closings = [case for case in cases if case.outcome == "closed"]
    return [
        *_product_information(closings, thresholds.product_info_errors),
        *([] if thresholds.reminds else _reminder(closings, thresholds.unpaid_timeouts, thresholds.remind_after)),
        *_stock(closings, thresholds.stock_outs),
    ]


def _for(closings: Sequence[ReportCase], reason: Reason) -> list[ReportCase]:
    return [case for case in closings if reason_phrase(case.reason) == phrase_of(reason)]


def _product_information(closings: Sequence[ReportCase], least: int) -> Iterator[Advice]:
    wrong = _for(closings, Reason.PRODUCT_INFO_ERROR)
    if len(wrong) < least:
        return
    share = f"{len(wrong)} / {len(closings)}"
    yield Advice(
        Phrase("核对以下货品的标题、规格、价格和图片", "Check title, kinds, price and pictures of these products"),
        Phrase(
            f"因商品信息错误关闭 {share} 个订单，共 {_yuan(wrong)}（达到 {least} 个即提示）",
            f"{share} closings were for wrong product information, {_yuan(wrong)} in all (told from {least} on)",
        ),
        tuple(goods_of(wrong)),
    )


def _reminder(closings: Sequence[ReportCase], least: int, after: timedelta) -> Iterator[Advice]:
    unpaid = _for(closings, Reason.UNPAID_TIMEOUT)
    if len(unpaid) < least:
        return
    reached = [case for case in unpaid if (age := age_at_end(case)) is not None and age > after]
    hours = f"{after / _HOUR:g}"
    share = f"{len(unpaid)} / {len(closings)}"
    yield Advice(
        Phrase("下单后提醒买家付款，再关闭未付款订单", "Remind buyers to pay before their orders are closed"),
        Phrase(
            f"因未及时付款关闭 {share} 个订单，共 {_yuan(unpaid)}（达到 {least} 个即提示）。"
            f"若下单 {hours} 小时后提醒一次，"
            f"其中 {len(reached)} 个（{_yuan(reached)}）在关闭前会收到提醒",
            f"{share} closings were for want of payment, {_yuan(unpaid)} in all (told from {least} on). A reminder"
            f" {hours} h after the order would have reached {len(reached)} of them ({_yuan(reached)}) before they were"
            " closed",
        ),
    )


def _stock(closings: Sequence[ReportCase], least: int) -> Iterator[Advice]:
    out = _for(closings, Reason.OUT_OF_STOCK)
    if len(out) < least:
        return
    share = f"{len(out)} / {len(closings)}"
    yield Advice(
        Phrase("核对以下规格的库存，或先下架", "Correct the stock of these kinds, or take them off sale"),
        Phrase(
            f"因缺货关闭 {share} 个订单，共 {_yuan(out)}（达到 {least} 个即提示）",
            f"{share} closings were for want of stock, {_yuan(out)} in all (told from {least} on)",
        ),
        tuple(kinds_of(out)),
    )


def _yuan(cases: Sequence[ReportCase]) -> str:
    return f"¥{closed_amount(cases):,.2f}"
