"""Whether the month was right: by the portal's ledger, to the fen and to the message."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from agent.report.model import ReportCase
from agent.report.statistics import Statistics
from tests.chaos.judge import Left, judge
from tests.chaos.plan import Shard

Json = Mapping[str, Any]
_NOTICE = "已关闭"  # of our own notices alone: what buyers and clerks write has other words


def faults_of(shard: Shard, left: Left, reported: Sequence[ReportCase], counted: Statistics) -> Iterator[str]:
    """Yield a line for everything that is wrong."""
    for name, lines in judge(shard, left).faults.items():
        # Asking, reminding and telling are messages, each due once: told apart below, by their texts.
        yield from (f"{name}: {line}" for line in lines if name != "double" or ": send_message " not in line)
    yield from _without_outcome(reported)
    yield from _money(reported, left, counted)
    yield from _messages(reported, left)


def _without_outcome(reported: Sequence[ReportCase]) -> Iterator[str]:
    for case in reported:
        if case.outcome is None:
            yield f"no outcome: {case.order_id} is {case.status}, {case.why!r}"
        for item in case.aftercare:
            if item["state"] in {"waiting", "human"}:
                yield f"aftercare open: {case.order_id} {item['kind']} {item['state']}, {item['why']!r}"


def _money(reported: Sequence[ReportCase], left: Left, counted: Statistics) -> Iterator[str]:
    """Hold the money that the report calls returned against what the portal has really paid back."""
    seen = {case.order_id for case in reported if case.outcome == "closed" and case.was_paid and case.money_is_back}
    paid = sum(_paid_back(left, order_id) for order_id in seen)
    if counted.returned != Decimal(paid) / 100:
        yield f"money: the report says {counted.returned} yuan are back, the ledger {Decimal(paid) / 100}"
    for case in reported:
        back = Decimal(_paid_back(left, case.order_id)) / 100
        if case.order_id in seen and back != Decimal(case.amount or "0"):
            yield f"money: {case.order_id} is told to have got back {case.amount}, and got {back}"


def _paid_back(left: Left, order_id: str) -> int:
    return sum(line["data"]["amount_fen"] for line in _lines(left, order_id, "refund_paid"))


def _messages(reported: Sequence[ReportCase], left: Left) -> Iterator[str]:
    """Each buyer whose order we closed has been told so once, after it was closed, and nobody else has."""
    for case in reported:
        sent = [line for line in _lines(left, case.order_id, "message_sent") if line["request_id"].startswith("req-")]
        texts = Counter(line["data"]["text"] for line in sent)
        yield from (f"message: {case.order_id} was sent {n} times {text!r}" for text, n in texts.items() if n > 1)
        told = [line for line in sent if _NOTICE in line["data"]["text"]]
        dropped = any(item["kind"] == "notice" and item["state"] == "dropped" for item in case.aftercare)
        due = case.outcome == "closed"
        if len(told) != due and not (dropped and not told):
            yield f"notice: {case.order_id} ended as {case.outcome} and was told {len(told)} times"
        closed = _lines(left, case.order_id, "order_closed")
        if told and (not closed or closed[0]["seq"] > told[0]["seq"]):
            yield f"notice: {case.order_id} was told before it was closed"


def _lines(left: Left, order_id: str, what: str) -> list[Json]:
    return [line for line in left.ledger if line["order_id"] == order_id and line["what"] == what]
