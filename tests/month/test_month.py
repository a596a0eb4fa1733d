"""A short month is right in every respect, and the judge of months sees each kind of wrong."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC

import pytest

from agent.report.statistics import statistics
from tests.e2e.e2e_shop import worker

from .judging import Json, faults_of
from .planning import Month, make_month
from .working import Lived, live


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Month, Lived]]:
    """A month of few orders and days."""
    month = make_month(1, 8, skin="classic", days=4)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CLOSEWRIGHT_TEST_PASSWORD", "demo")
        yield month, live(month, tmp_path_factory.mktemp("month"), said=lambda _line: None)
    worker().close()
    worker.cache_clear()


@pytest.mark.slow
def test_a_short_month_is_right_and_the_judge_sees_what_would_be_wrong(lived: tuple[Month, Lived]) -> None:
    """One test, for the month is lived once; each wrong thing is planted into what it has left."""
    month, month_lived = lived
    left, reported = month_lived.left, month_lived.reported

    def wrong(ledger: Sequence[Json]) -> list[str]:
        return list(
            faults_of(
                month.shard, replace(left, ledger=ledger), reported, statistics(reported, UTC), month_lived.approved
            )
        )

    assert wrong(left.ledger) == []
    ledger = list(left.ledger)
    told = next(line for line in ledger if line["what"] == "message_sent" and "已关闭" in line["data"]["text"])
    assert any(line.startswith("message: ") for line in wrong([*ledger, told])), "a message that was sent twice"
    assert any(line.startswith("notice: ") for line in wrong([one for one in ledger if one is not told])), "not told"
    paid = next(line for line in ledger if line["what"] == "refund_paid")
    less = {**paid, "data": {**paid["data"], "amount_fen": paid["data"]["amount_fen"] - 1}}
    assert any(line.startswith("money: ") for line in wrong([less if one is paid else one for one in ledger]))
    closing = next(line for line in ledger if line["what"] == "order_closed" and line["request_id"].startswith("req-"))
    assert any(line.startswith("double: ") for line in wrong([*ledger, {**closing, "seq": closing["seq"] + 1000}]))
    later = {**closing, "seq": closing["seq"] + 1000, "request_id": "req-planted"}
    answer = {**later, "what": "review_answered", "data": {"text": "谢谢"}}
    assert any("nobody had approved it" in line for line in wrong([*ledger, answer]))
    stock = {**later, "what": "stock_set", "data": {"sku": "YS11", "from": 3, "to": 0}}
    assert any(line.startswith("stock: YS11 was set") for line in wrong([*ledger, stock]))
    asked = {**later, "what": "ticket_answered", "by": "platform", "data": {"state": "need_more"}}
    reply = {**later, "what": "ticket_replied", "data": {"text": "在此"}}
    assert not any(line.startswith("ticket: ") for line in wrong([*ledger, asked, reply]))
    assert any("that nobody had asked for" in line for line in wrong([*ledger, reply]))
    assert any("got twice" in line for line in wrong([*ledger, asked, reply, asked, reply]))
    assert month_lived.report.stat().st_size > 1_000_000, "the charts are in the page"


def test_a_month_is_the_same_for_the_same_seed_and_every_order_has_its_day() -> None:
    month = make_month(3, 40, skin="lit", days=9)
    assert month == make_month(3, 40, skin="lit", days=9)
    assert month != make_month(4, 40, skin="lit", days=9)
    assert sum(len(month.asked(day)) for day in range(6)) == 40, "the last third of a month is for what takes its time"
