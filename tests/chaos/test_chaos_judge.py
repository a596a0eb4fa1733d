"""The judge: silent about an honest shop, and never about a planted violation."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fixtures.mock_portal.ledger import WHAT
from fixtures.mock_portal.seeded import make_orders

from .judge import ACTS, Findings, Left, judge
from .plan import Shard, Wish
from .planning import REASONS, make_plan

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class World:
    """An honest shop: every order that can be closed was closed once, and the others ended without a change."""

    shard: Shard
    before: dict[str, Any]
    after: dict[str, Any]
    ledger: list[dict[str, Any]] = field(default_factory=list)
    cases: list[dict[str, Any]] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)
    number: int = 0

    def line(self, order_id: str, what: str, *, by: str = "", request_id: str = "", **data: Any) -> str:
        """Add a line to the ledger; by us, unless somebody else is named."""
        self.number += 1
        request_id = request_id or f"req-{self.number:08d}"
        line = {"seq": len(self.ledger) + 1, "order_id": order_id, "what": what, "by": by or self.shard.role}
        self.ledger.append(line | {"request_id": request_id, "data": data})
        return request_id

    def close(self, wish: Wish, **data: Any) -> str:
        """Close an order as it was asked for."""
        self.after[wish.order_id]["state"] = "cancel"
        amount = self.before[wish.order_id]["amount_fen"]
        fields = {"reason": REASONS[wish.reason], "amount_fen": amount} | data
        return self.line(wish.order_id, "order_closed", **fields)

    def case(self, order_id: str) -> dict[str, Any]:
        """Return the report about an order."""
        return next(case for case in self.cases if case["order_id"] == order_id)

    def judged(self) -> Findings:
        """Return what the judge says."""
        left = Left(before=self.before, after=self.after, ledger=self.ledger, fired=(), cases=self.cases)
        return judge(self.shard, replace(left, **self.more))


def report(order_id: str, outcome: str | None, *acts: dict[str, Any], **more: Any) -> dict[str, Any]:
    state = "ended" if outcome else "waiting"
    plain = {"order_id": order_id, "state": state, "outcome": outcome, "waiting_for": None, "why": "so it is"}
    return plain | {"acts": list(acts)} | more


def honest(seed: int) -> World:
    (shard,) = make_plan(seed, 14).shards
    before = {order.order_id: order.to_json() for order in make_orders(shard.shop_seed, shard.shop_size, NOW)}
    world = World(shard, before, copy.deepcopy(before))
    for wish in shard.wishes:
        if closable(wish):
            request_id = world.close(wish)
            act = {"act": "close", "result": "done", "request_id": request_id}
            world.cases.append(report(wish.order_id, "closed", act))
        else:
            world.cases.append(report(wish.order_id, "not_eligible"))
    return world


def closable(wish: Wish) -> bool:
    return wish.kind == "unpaid" or (wish.kind == "paid_close" and wish.consent == "declared")


def a_closed_one(world: World) -> Wish:
    return next(wish for wish in world.shard.wishes if wish.kind == "unpaid")


def an_open_one(world: World) -> Wish:
    return next(wish for wish in world.shard.wishes if not closable(wish) and wish.kind != "odd")


Plant = Callable[[World], None]
PLANTS: dict[str, tuple[str, Plant]] = {}


def plants(kind: str) -> Callable[[Plant], Plant]:
    """Name the kind of violation that a function plants into an honest world."""

    def named(plant: Plant) -> Plant:
        PLANTS[plant.__name__] = (kind, plant)
        return plant

    return named


@plants("wrong")
def an_order_that_nobody_asked_for_is_closed(world: World) -> None:
    world.line(world.shard.victim, "order_closed", reason="buyerCancel", amount_fen=1)


@plants("wrong")
def an_order_is_closed_for_another_reason(world: World) -> None:
    line = next(line for line in world.ledger if line["order_id"] == a_closed_one(world).order_id)
    line["data"]["reason"] = "abuse"


@plants("wrong")
def an_unpaid_order_is_closed_after_it_was_paid(world: World) -> None:
    order_id = a_closed_one(world).order_id
    paid = {"seq": 0, "order_id": order_id, "what": "order_paid", "by": "buyer", "request_id": "fault-1", "data": {}}
    world.ledger.insert(0, paid)


@plants("wrong")
def a_paid_order_is_closed_against_the_buyers_no(world: World) -> None:
    wish = an_open_one(world)
    other = "supplier" if world.shard.role == "purchaser" else "buyer"
    world.line(wish.order_id, "message_sent", by=other, request_id="actor-1-1", text="不同意")
    request_id = world.close(wish)
    act = {"act": "close", "result": "done", "request_id": request_id}
    world.case(wish.order_id).update(report(wish.order_id, "closed", act))


@plants("wrong")
def the_memo_of_an_order_is_overwritten(world: World) -> None:
    order_id = a_closed_one(world).order_id
    world.line(order_id, "memo_written", text="x")
    world.case(order_id)["acts"].append({"act": "memo_written", "result": "done", "request_id": None})


@plants("wrong")
def a_ticket_is_replied_to_that_nobody_has_asked_about(world: World) -> None:
    order_id = an_open_one(world).order_id
    world.line(order_id, "ticket_replied", text="x")
    world.case(order_id)["acts"].append({"act": "reply_ticket", "result": "done", "request_id": None})


@plants("wrong")
def a_dispute_is_opened_that_nobody_refused(world: World) -> None:
    order_id = an_open_one(world).order_id
    world.line(order_id, "dispute_opened", text="x")
    world.case(order_id)["acts"].append({"act": "open_dispute", "result": "done", "request_id": None})


@plants("double")
def an_order_is_closed_twice(world: World) -> None:
    line = next(line for line in world.ledger if line["order_id"] == a_closed_one(world).order_id)
    world.ledger.insert(0, line | {"seq": 0, "request_id": "req-90000000"})
    line["seq"] = 0  # neither is later than the other


@plants("double")
def a_buyer_is_asked_twice(world: World) -> None:
    order_id = an_open_one(world).order_id
    for _ in range(2):
        world.line(order_id, "message_sent", text="may we?")
    world.case(order_id)["acts"].append({"act": "send_message", "result": "done", "request_id": None})


@plants("false closed")
def an_open_order_is_reported_as_closed(world: World) -> None:
    world.case(an_open_one(world).order_id)["outcome"] = "closed"


@plants("false closed")
def somebody_elses_closing_is_reported_as_ours(world: World) -> None:
    order_id = an_open_one(world).order_id
    world.line(order_id, "order_closed", by="buyer", request_id="fault-7", reason="buyerCancel")
    world.after[order_id]["state"] = "cancel"
    world.case(order_id)["outcome"] = "closed"


@plants("misreported")
def an_open_order_is_reported_as_closed_by_others(world: World) -> None:
    world.case(an_open_one(world).order_id)["outcome"] = "already_closed"


@plants("misreported")
def our_own_closing_is_reported_as_somebody_elses(world: World) -> None:
    world.case(a_closed_one(world).order_id)["outcome"] = "already_closed"


@plants("misreported")
def a_report_names_a_change_that_never_was(world: World) -> None:
    act = {"act": "send_message", "result": "done", "request_id": None}
    world.case(an_open_one(world).order_id)["acts"].append(act)


@plants("misreported")
def a_report_hides_a_change(world: World) -> None:
    world.line(an_open_one(world).order_id, "message_sent", text="may we?")


@plants("misreported")
def a_report_names_a_request_of_nobody(world: World) -> None:
    world.case(a_closed_one(world).order_id)["acts"][0]["request_id"] = "req-99999999"


@plants("misreported")
def an_order_of_the_shop_is_not_found(world: World) -> None:
    world.case(an_open_one(world).order_id)["outcome"] = "not_found"


@plants("lost")
def an_order_has_no_case(world: World) -> None:
    world.cases.remove(world.case(an_open_one(world).order_id))


@plants("lost")
def an_order_is_still_due(world: World) -> None:
    world.case(an_open_one(world).order_id).update(state="due", outcome=None)


@plants("lost")
def an_order_is_tried_again_for_ever(world: World) -> None:
    world.case(an_open_one(world).order_id).update(state="waiting", outcome=None, waiting_for="retry")


@plants("lost")
def an_order_waits_and_nobody_knows_why(world: World) -> None:
    world.case(an_open_one(world).order_id).update(state="waiting", outcome=None, waiting_for="consent", why="")


@plants("disturbed")
def a_second_agent_stayed(world: World) -> None:
    world.more["disturbed"] = ["it ended with 0"]


@plants("hung")
def an_agent_stood_still(world: World) -> None:
    world.more["hung"] = ["an agent stood still"]


@plants("broken")
def evidence_is_broken(world: World) -> None:
    world.more["broken"] = ["evidence verify ended with 1"]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(min_value=0, max_value=10**6))
def test_an_honest_shop_has_no_findings(seed: int) -> None:
    found = honest(seed).judged()
    assert found.faults == {}
    assert found.parked == found.parked_without_need == []


@pytest.mark.parametrize("name", list(PLANTS))
@settings(max_examples=8, deadline=None)
@given(seed=st.integers(min_value=0, max_value=10**6))
def test_each_planted_violation_is_found_and_no_other(name: str, seed: int) -> None:
    kind, plant = PLANTS[name]
    world = honest(seed)
    kinds = {(wish.kind, closable(wish)) for wish in world.shard.wishes if wish.kind != "odd"}
    assume(("unpaid", True) in kinds and any(not done for _, done in kinds))
    plant(world)
    assert set(world.judged().faults) == {kind}


def test_every_kind_of_finding_has_a_plant() -> None:
    everything = Findings(**{name: ["x"] for name in Findings.__dataclass_fields__}).faults
    assert {kind for kind, _ in PLANTS.values()} == set(everything)


@pytest.mark.parametrize(
    ("fired", "rightly"),
    [
        ((), False),
        ((("slow_page", "submit"),), False),
        ((("error_500", "detail"),), False),
        ((("error_500", "submit"),), True),
        ((("button_renamed", "start"),), True),
        ((("slow_page", "submit"), ("toast_success_lie", "submit")), True),
        ((("a_fault_of_tomorrow", "submit"),), True),
    ],
)
def test_whether_a_person_was_needed_is_told_from_the_faults_that_struck(
    fired: tuple[tuple[str, str], ...], *, rightly: bool
) -> None:
    world = honest(1)
    order_id = an_open_one(world).order_id
    world.case(order_id).update(state="waiting", outcome=None, waiting_for="human")
    world.more["fired"] = [(name, step, order_id) for name, step in fired]
    found = world.judged()
    assert found.faults == {}
    assert (len(found.parked), len(found.parked_without_need)) == ((1, 0) if rightly else (0, 1))


def test_the_acts_of_reports_and_the_words_of_the_ledger_belong_together() -> None:
    assert set(ACTS) <= WHAT
