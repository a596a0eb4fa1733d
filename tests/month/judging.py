"""Whether the month was right: by the portal's ledger, to the fen and to the message."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from agent.report.model import ReportCase
from agent.report.statistics import Statistics
from scenarios.texts import DEFAULTS
from tests.chaos.judge import Left, judge
from tests.chaos.plan import Shard

Json = Mapping[str, Any]
_SURELY_SEEN = timedelta(days=3)  # after its order was closed: so early a review is never missed
_ANSWER = DEFAULTS["answer_review"]
_SILENCE = timedelta(days=2)  # after which this shop reminds the platform
_NOTICE = "已关闭"  # of our own notices alone: what buyers and clerks write has other words


def faults_of(
    shard: Shard, left: Left, reported: Sequence[ReportCase], counted: Statistics, approved: Collection[str]
) -> Iterator[str]:
    """Yield a line for everything that is wrong."""
    left = _with_orders(left, reported)
    for name, lines in judge(shard, left).faults.items():
        yield from (f"{name}: {line}" for line in lines if not _told_apart(name, line))
    yield from _without_outcome(reported)
    yield from _money(reported, left, counted)
    yield from _messages(reported, left, notified=shard.role == "seller")
    yield from _tickets(reported, left)
    yield from _reviews(reported, left, approved)
    yield from _stock(reported, left)


def _told_apart(name: str, line: str) -> bool:
    """Return whether ``_messages`` and ``_tickets`` judge it better: each text of a kind is due once."""
    if name == "double":
        return ": send_message " in line or ": reply_ticket " in line
    return ": reply_ticket " in line and line.endswith("without a request of the platform")


def _with_orders(left: Left, reported: Sequence[ReportCase]) -> Left:
    """Return the ledger with the order of each stock set on a page that names none, by the report's requests."""
    named = {act.request_id: case.order_id for case in reported for act in case.acts}
    lines = ({**line, "order_id": line["order_id"] or named.get(line["request_id"], "")} for line in left.ledger)
    return replace(left, ledger=list(lines))


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


def _messages(reported: Sequence[ReportCase], left: Left, *, notified: bool) -> Iterator[str]:
    """Each buyer whose order we closed has been told so once, after it was closed, and nobody else has."""
    for case in reported:
        sent = [line for line in _lines(left, case.order_id, "message_sent") if _ours(line)]
        texts = Counter(line["data"]["text"] for line in sent)
        yield from (f"message: {case.order_id} was sent {n} times {text!r}" for text, n in texts.items() if n > 1)
        told = [line for line in sent if _NOTICE in line["data"]["text"]]
        dropped = any(item["kind"] == "notice" and item["state"] == "dropped" for item in case.aftercare)
        due = notified and case.outcome == "closed"
        if len(told) != due and not (dropped and not told):
            yield f"notice: {case.order_id} ended as {case.outcome} and was told {len(told)} times"
        closed = _lines(left, case.order_id, "order_closed")
        if told and (not closed or closed[0]["seq"] > told[0]["seq"]):
            yield f"notice: {case.order_id} was told before it was closed"


def _tickets(reported: Sequence[ReportCase], left: Left) -> Iterator[str]:
    """Each reply answers the platform, once for each time it asked, or reminds it after a silence; none comes twice."""
    for case in reported:
        asked, last = False, None
        said: set[str] = set()
        for line in (line for line in left.ledger if line["order_id"] == case.order_id):
            at = datetime.fromisoformat(line["at"])
            if line["what"] == "ticket_answered":
                asked, last = line["data"]["state"] == "need_more", at
            elif line["what"] == "ticket_filed":
                last = at
            elif line["what"] == "ticket_replied":
                if _ours(line):
                    if not asked and (last is None or at - last < _SILENCE):
                        yield f"ticket: {case.order_id} got a reply that nobody had asked for"
                    if line["data"]["text"] in said:
                        yield f"ticket: {case.order_id} got twice {line['data']['text']!r}"
                    said.add(line["data"]["text"])
                asked, last = False, at


def _reviews(reported: Sequence[ReportCase], left: Left, approved: Collection[str]) -> Iterator[str]:
    """No review is answered unless a person said so, none twice; a bad one that came in time was never missed."""
    for line in left.ledger:
        if _ours(line) and line["what"] == "review_answered" and line["order_id"] not in approved:
            yield f"review: {line['order_id']} was answered, and nobody had approved it"
    for case in reported:
        answers = [line for line in _lines(left, case.order_id, "review_answered") if _ours(line)]
        yield from (
            f"review: {case.order_id} was answered in other words" for one in answers if one["data"]["text"] != _ANSWER
        )
        for item in (item for item in case.aftercare if item["kind"] == "review"):
            as_told = item["state"] == "done" and item["why"].startswith("the review was answered, as a person")
            if len(answers) != as_told and not (item["state"] == "dropped" and len(answers) <= 1):
                yield f"review: {case.order_id} was answered {len(answers)} times, and is said to be {item['why']!r}"
            if item["why"].startswith("no review came") and _bad_review_in_time(left, case.order_id):
                yield f"review: {case.order_id} got a bad one that nobody was shown"


def _bad_review_in_time(left: Left, order_id: str) -> bool:
    closed = _lines(left, order_id, "order_closed")
    if not closed or _lines(left, order_id, "review_deleted") or _lines(left, order_id, "review_edited"):
        return False
    until = datetime.fromisoformat(closed[-1]["at"]) + _SURELY_SEEN
    posted = _lines(left, order_id, "review_posted")
    return any(one["data"]["level"] != "good" and datetime.fromisoformat(one["at"]) < until for one in posted)


def _stock(reported: Sequence[ReportCase], left: Left) -> Iterator[str]:
    """Each SKU that ran out was set to nothing, no more often than orders were closed for it, and no other was set."""
    allowed = Counter[str]()
    for case in reported:
        if case.outcome == "closed" and case.reason == "out_of_stock":
            allowed.update({item["sku"] for item in left.after[case.order_id]["items"]})
    made = Counter[str]()
    for line in left.ledger:
        if _ours(line) and line["what"] == "stock_set":
            made[line["data"]["sku"]] += 1
    yield from (
        f"stock: {sku} was set {n} times, for {allowed[sku]} orders" for sku, n in made.items() if n > allowed[sku]
    )
    for case in reported:
        for item in (item for item in case.aftercare if item["kind"] == "stock" and item["state"] == "done"):
            skus = {entry["sku"] for entry in left.after[case.order_id]["items"]}
            if item["why"].startswith("the stock of SKU") and not (len(skus) == 1 and made[next(iter(skus))]):
                yield f"stock: {case.order_id} is said to have had its stock set: {item['why']!r}"


def _ours(line: Json) -> bool:
    return bool(line["request_id"].startswith("req-"))


def _lines(left: Left, order_id: str, what: str) -> list[Json]:
    return [line for line in left.ledger if line["order_id"] == order_id and line["what"] == what]
