"""Does what we say of each order agree with what the portal's own ledger says happened to it?"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from agent.domain.cases import Case, Outcome, Role

Truth = Mapping[str, Any]

# Changes that we make, which must never be made twice.
_OURS_ONCE = ("message_sent", "ticket_filed", "refund_applied", "dispute_opened", "order_closed")
# Outcomes after which the order must be as it was, but for a question to the other side.
_UNTOUCHED = frozenset({Outcome.NOT_ELIGIBLE, Outcome.REJECTED, Outcome.HANDED_OVER, Outcome.ALREADY_CLOSED})
_HARMLESS = frozenset({"message_sent"})


def check(
    cases: Sequence[Case], *, before: Mapping[str, Truth], after: Mapping[str, Truth], ledger: Sequence[Truth]
) -> list[str]:
    """Return every difference between the cases and the truth; the ledger begins with the batch."""
    happened: dict[str, list[Truth]] = defaultdict(list)
    for entry in ledger:
        happened[entry["order_id"]].append(entry)
    asked = {case.order_id for case in cases}
    strange = [
        f"order {order_id} was changed and nobody asked for it" for order_id in happened if order_id not in asked
    ]
    return strange + [
        f"order {case.order_id}: {difference}"
        for case in cases
        for difference in _differences(
            case, before[case.order_id], after[case.order_id], happened.get(case.order_id, [])
        )
    ]


def _differences(case: Case, before: Truth, after: Truth, happened: Sequence[Truth]) -> Iterator[str]:
    closings = sum(entry["what"] == "order_closed" for entry in happened)
    said = case.outcome or f"{case.state} {case.waiting_for or ''}".strip()
    if (case.outcome is Outcome.CLOSED) != (closings == 1):
        yield f"we say {said}, the ledger has {closings} closings"
    if case.outcome is Outcome.CLOSED and after["state"] != "cancel":
        yield f"we say closed, the portal says {after['state']}"
    if case.outcome is Outcome.CLOSED and after["pay_state"] == "2":
        yield "we say closed, and the buyer's money is not back"
    if (case.outcome is Outcome.ALREADY_CLOSED) != (before["state"] == "cancel"):
        yield f"we say {said}, the order was {before['state']} before"
    yield from _doubled(case, happened)
    yield from _touched(case, happened)


def _doubled(case: Case, happened: Sequence[Truth]) -> Iterator[str]:
    ours = Counter(entry["what"] for entry in happened if entry["by"] == _side(case))
    for what in _OURS_ONCE:
        if ours[what] > 1:
            yield f"{what} happened {ours[what]} times"


def _touched(case: Case, happened: Sequence[Truth]) -> Iterator[str]:
    if case.outcome not in _UNTOUCHED:
        return
    for entry in happened:
        if entry["by"] == _side(case) and entry["what"] not in _HARMLESS:
            yield f"we say {case.outcome}, and did {entry['what']}"


def _side(case: Case) -> str:
    return "seller" if case.role is Role.SELLER else "purchaser"
