"""The judge: what really happened, by the portal's ledger and its orders, held against what was asked for and reported.

Pure. It believes nothing that the agent says of itself: reports are what is judged.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from .plan import Shard, Wish
from .planning import NO, ODD, REASONS, UNCLEAR, YES

Json = Mapping[str, Any]

# What the first line of a request's effect calls the act, in the words of a report.
ACTS: Mapping[str, str] = {
    "order_closed": "close",
    "refund_applied": "apply_refund",
    "refund_agreed": "agree_refund",
    "return_agreed": "agree_return",
    "return_received": "confirm_return",
    "return_sent": "send_return",
    "message_sent": "send_message",
    "ticket_filed": "file_ticket",
    "ticket_replied": "reply_ticket",
    "dispute_opened": "open_dispute",
    "stock_set": "set_stock",
    "review_answered": "answer_review",
}
ENDING = frozenset({"close", "apply_refund", "agree_refund", "confirm_return", "file_ticket", "open_dispute"})
NEEDS_CONSENT = frozenset({"close", "apply_refund", "confirm_return", "file_ticket", "open_dispute"})
AFTERWARDS = frozenset({"set_stock", "answer_review"})
# After these alone nobody has to be asked: the truth is on the page, or comes there by itself.
NEED_NOBODY = frozenset(
    {
        "paid_meanwhile",
        "closed_by_system",
        "closed_by_buyer",
        "too_new",
        "slow_page",
        "list_stale",
        "list_shifts",
        "twin_button",
    }
)
PASSING = frozenset({"error_500", "reset", "session_expired"})  # nobody's either, unless they strike at the last step
STILL_MOVING = frozenset({"settle", "retry", "too_new", "login", "human_check"})
FOR_A_PERSON = frozenset({"human", "human_check", "login"})


@dataclass(frozen=True, slots=True)
class Left:
    """What a shard has left behind: the portal's truth before and after, and the agent's reports."""

    before: Mapping[str, Json]
    after: Mapping[str, Json]
    ledger: Sequence[Json]
    fired: Sequence[tuple[str, str, str]]  # fault, step, order
    cases: Sequence[Json]
    received: frozenset[str] = frozenset()  # orders whose goods a person has said to be here
    hung: Sequence[str] = ()
    disturbed: Sequence[str] = ()  # second agents that did not keep away
    leaked: int = 0
    broken: Sequence[str] = ()  # what 'evidence verify' found, and commands that failed


@dataclass(slots=True)
class Findings:
    """What the judge found; each line names an order. All but ``parked`` must be empty."""

    wrong: list[str] = field(default_factory=list)
    double: list[str] = field(default_factory=list)
    false_closed: list[str] = field(default_factory=list)
    misreported: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    disturbed: list[str] = field(default_factory=list)
    hung: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    parked: list[str] = field(default_factory=list)
    parked_without_need: list[str] = field(default_factory=list)

    @property
    def faults(self) -> dict[str, list[str]]:
        """What must not be, by its kind, where there is any."""
        named = {
            "wrong": self.wrong,
            "double": self.double,
            "false closed": self.false_closed,
            "misreported": self.misreported,
            "lost": self.lost,
            "disturbed": self.disturbed,
            "hung": self.hung,
            "broken": self.broken,
        }
        return {name: lines for name, lines in named.items() if lines}


@dataclass(frozen=True, slots=True)
class Change:
    """What one request of ours has really done to one order."""

    order_id: str
    request_id: str
    act: str
    line: Json


def judge(shard: Shard, left: Left) -> Findings:
    """Hold a shard's truth against its plan and its reports."""
    found = Findings(hung=list(left.hung), disturbed=list(left.disturbed), broken=list(left.broken))
    wishes = {wish.order_id: wish for wish in shard.wishes}
    mine = list(changes(left.ledger))
    for change in mine:
        why = _why_wrong(change, wishes.get(change.order_id), shard, left)
        if why:
            found.wrong.append(f"{change.order_id}: {change.act} ({change.request_id}) {why}")
    for (order_id, act), times in Counter((change.order_id, change.act) for change in mine).items():
        if times > 1:
            found.double.append(f"{order_id}: {act} {times} times")
    for wish in shard.wishes:
        done = [change for change in mine if change.order_id == wish.order_id]
        cases = [case for case in left.cases if case["order_id"] == wish.order_id]
        _judge_reports(wish, cases, done, left, found)
    return found


def changes(ledger: Sequence[Json]) -> Iterator[Change]:
    """Yield what visitors' requests have done; the agent is the only visitor, actors and faults have other ids."""
    mine = (line for line in ledger if line["request_id"].startswith("req-"))
    for (request_id, order_id), lines in groupby(mine, key=lambda line: (line["request_id"], line["order_id"])):
        first = next(lines)
        what: str = first["what"]
        yield Change(order_id, request_id, ACTS.get(what, what), first)


# --- Was it asked for?


def _why_wrong(change: Change, wish: Wish | None, shard: Shard, left: Left) -> str | None:
    """Return why a change should not have been, as things stood at that moment."""
    if wish is None:
        return "was asked for by nobody"
    if change.act not in ACTS.values():
        return "is no act of this work"
    if change.line["by"] not in {shard.role, "system"}:
        return f"was done as {change.line['by']}"
    earlier = [line for line in left.ledger if line["order_id"] == wish.order_id and line["seq"] < change.line["seq"]]
    return _why_not_meant(change, wish, left) or _why_not_yet(change, wish, shard.role, earlier, left)


def _why_not_meant(change: Change, wish: Wish, left: Left) -> str | None:
    data, order = change.line["data"], left.before[wish.order_id]
    if change.act == "close" and data["reason"] != REASONS[wish.reason]:
        return f"for the reason {data['reason']}, not {REASONS[wish.reason]}"
    if change.act == "set_stock" and (wish.reason != "out_of_stock" or data["to"] != 0):
        return f"of {data['sku']} to {data['to']}, closed as {wish.reason}"
    if change.act in {"apply_refund", "agree_refund"} and data["amount_fen"] != order["amount_fen"]:
        return f"about {data['amount_fen']} fen, not {order['amount_fen']}"
    return None


def _why_not_yet(change: Change, wish: Wish, role: str, earlier: Sequence[Json], left: Left) -> str | None:
    order = left.before[wish.order_id]
    happened = {line["what"] for line in earlier}
    paid = order["pay_state"] == "2" or "order_paid" in happened
    if change.act == "send_message":
        return None
    if change.act in AFTERWARDS:
        return None if "order_closed" in happened else "before the order was closed"
    if wish.kind == "unpaid" and paid:
        return "after the order, asked for as unpaid, had been paid"
    if "order_closed" in happened:
        return "after the order had been closed"
    asked_for = order["refund_state"] == "waitselleragree" or any(
        line["what"] in {"refund_applied", "return_requested"} and line["by"] == "buyer" for line in earlier
    )
    if change.act in {"agree_refund", "agree_return"}:
        return None if asked_for else "without the buyer's application"
    if change.act == "confirm_return" and not ("return_sent" in happened and wish.order_id in left.received):
        return "before the goods were back"
    if why := _why_unasked(change.act, earlier):
        return why
    if (
        role == "purchaser"
        and wish.kind == "shipped"
        and change.act == "apply_refund"
        and wish.order_id not in left.received
    ):
        return "before the goods were back"
    asks = role == "purchaser" and change.act in {"apply_refund", "open_dispute"} and wish.kind != "shipped"
    if paid and change.act in NEEDS_CONSENT and not asks and not _agreed(wish, role, earlier):
        return "without the other side's consent"
    return None


def _why_unasked(act: str, earlier: Sequence[Json]) -> str | None:
    """Return why what answers others came before they had said anything; no time here is long enough for a reminder."""
    if act == "open_dispute" and not any(line["what"] == "refund_refused" for line in earlier):
        return "without a refusal"
    states = [line["data"]["state"] for line in earlier if line["what"] == "ticket_answered"]
    return "without a request of the platform" if act == "reply_ticket" and "need_more" not in states else None


def _agreed(wish: Wish, role: str, earlier: Sequence[Json]) -> bool:
    words = [line["data"]["text"] for line in earlier if line["what"] == "message_sent" and line["by"] != role]
    return words[-1] == YES if words else wish.consent == "declared"


# --- Is what was reported true?


def _judge_reports(wish: Wish, cases: Sequence[Json], done: Sequence[Change], left: Left, found: Findings) -> None:
    order_id = wish.order_id
    if not cases:
        found.lost.append(f"{order_id}: no case")
    for case in cases:
        where = f"{order_id}: {case['outcome'] or case['waiting_for'] or case['state']}, {case['why']!r}"
        if _is_lost(case):
            found.lost.append(where)
        if case["outcome"] == "closed" and not _really_closed(order_id, done, left):
            found.false_closed.append(where)
        why = _why_misreported(case, done, left)
        if why:
            found.misreported.append(f"{where}: {why}")
        if case["waiting_for"] in FOR_A_PERSON:
            rightly = _person_needed(wish, left)
            (found.parked if rightly else found.parked_without_need).append(where)


def _is_lost(case: Json) -> bool:
    """Return whether nobody would find an order again: due for ever, moving for ever, or waiting without a word."""
    match case["state"]:
        case "ended":
            return not case["outcome"]
        case "waiting":
            return not case["why"] or case["waiting_for"] in STILL_MOVING
        case _:
            return True


def _really_closed(order_id: str, done: Sequence[Change], left: Left) -> bool:
    return left.after[order_id]["state"] == "cancel" and any(change.act in ENDING for change in done)


def _why_misreported(case: Json, done: Sequence[Change], left: Left) -> str | None:
    """Return where a report contradicts the ledger, or None."""
    over = left.after[case["order_id"]]["state"] == "cancel"
    if case["outcome"] == "already_closed" and not over:
        return "the order is open"
    if case["outcome"] is not None and case["outcome"] != "closed" and any(change.act == "close" for change in done):
        return "we closed it"
    if case["outcome"] == "not_found":
        return "the order is there"
    really = Counter(change.act for change in done)
    said = Counter(act["act"] for act in case["acts"] if act["result"] == "done")
    unsure = {act["act"] for act in case["acts"] if act["result"] in {"open", "unknown"}}
    for act in said:
        if act not in really:
            return f"{act} is said to be done and was not"
    for act in really:
        if act not in said and act not in unsure:
            return f"{act} was done and is not said to be"
    ids = {change.request_id for change in done}
    strange = [act["request_id"] for act in case["acts"] if act["request_id"] and act["result"] == "done"]
    return next((f"no change has the request id {one}" for one in strange if one not in ids), None)


def _person_needed(wish: Wish, left: Left) -> bool:
    """Return whether anything in the truth of an order is a person's to decide."""
    lines = [line for line in left.ledger if line["order_id"] == wish.order_id]
    faults = any(_asks_for_one(name, step) for name, step, order_id in left.fired if order_id == wish.order_id)
    words = [line["data"].get("text") for line in lines if line["what"] == "message_sent"]
    answered = [line["data"].get("state") for line in lines if line["what"] == "ticket_answered"]
    happened = {line["what"] for line in lines}
    return (
        wish.kind == ODD
        or faults
        or UNCLEAR in words
        or bool(answered)  # asked for more, or ended without closing
        or (NO in words and bool(happened & {"refund_applied", "return_requested"}))
        or bool({"refund_refused", "dispute_opened"} & happened)
    )


def _asks_for_one(fault: str, step: str) -> bool:
    """Return whether a fault may leave an order to a person; one that is new here may."""
    return fault not in NEED_NOBODY and (fault not in PASSING or step == "submit")
