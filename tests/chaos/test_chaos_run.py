"""Chaos on a few orders: real agents, killed and frozen at the dearest moments; the judge notices missing guards."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from .__main__ import main
from .judge import Findings
from .plan import Life, Plan, Shard, Wish
from .planning import make_plan, short_plan
from .shards import Numbers, Worked, work_shard
from .tables import complaints, failed, figures

needs_signals = pytest.mark.skipif(os.name == "nt", reason="POSIX signals")


@needs_signals
def test_killed_and_frozen_agents_lose_nothing_double_nothing_and_tell_the_truth() -> None:
    (shard,) = short_plan(1).shards
    worked = work_shard(shard)
    numbers = worked.numbers
    assert worked.findings.faults == {}
    assert numbers.leaked == 0
    assert {"send.before", "wrong.held", "send.after"} <= set(numbers.kills), (
        "a kill that was not reached proves nothing"
    )
    assert (numbers.frozen, numbers.kept_away) == (1, 1)
    assert numbers.orders_met * 3 >= numbers.orders
    assert numbers.changes
    assert numbers.recoveries_s


def lone(kind: str, *lives: Life) -> Shard:
    """Return a classic shop in which one order of this kind is asked for, and nothing goes wrong but these lives."""
    (shard,) = make_plan(1, 40).shards
    wish = next(wish for wish in shard.wishes if wish.kind == kind)
    asked = Wish(order_id=wish.order_id, kind=kind, reason="buyer_cancelled", consent="none")
    simple: dict[str, Any] = {"skin": "classic", "role": "seller", "lanes": 1, "wishes": (asked,), "lives": lives}
    return shard.model_copy(update=simple | {"troubles": (), "habits": ()})


@pytest.mark.long
@needs_signals
def test_a_case_whose_end_is_recorded_by_an_agent_that_dies_there_has_whole_evidence() -> None:
    """No later pass comes to an ended case, so whoever goes on has to write what the dead agent did not come to."""
    worked = work_shard(lone("unpaid", Life(how="boundary", at="manifest.before")))
    assert worked.numbers.kills == {"manifest.before": 1}
    assert worked.numbers.outcomes == {"closed": 1}
    assert worked.findings.faults == {}


@pytest.mark.long
@needs_signals
@pytest.mark.parametrize(
    ("guard", "kind", "at", "found"),
    [("memory", "paid_close", "answer.after", "double"), ("comparison", "unpaid", "wrong.held", "wrong")],
)
def test_a_guard_that_is_switched_off_is_seen_in_the_ledger(guard: str, kind: str, at: str, found: str) -> None:
    """Otherwise the zeros of a run would say nothing."""
    worked = work_shard(lone(kind, Life(how="boundary", at=at)), without=[guard])
    assert found in worked.findings.faults


def test_numbers_add_up_and_anything_that_must_be_zero_fails_the_run() -> None:
    shard = make_plan(1, 1).shards[0]
    fine = Worked(shard, Findings(parked=["a"]), Numbers(orders=10, seconds=20.0, recoveries_s=[1.0, 3.0, 8.0]))
    bad = Worked(
        shard, Findings(double=["x: close 2 times"]), Numbers(orders=20, seconds=10.0, kills={"click.before": 2})
    )
    leaky = Worked(shard, Findings(), Numbers(orders=1, leaked=1))
    assert not failed([fine])
    assert failed([fine, bad])
    assert failed([leaky])
    data = figures([fine, bad])
    assert (data["orders"], data["kills"], data["double changes"], data["seconds per order"]) == (30, 2, 1, 1.0)
    assert (data["recovery s, median"], data["recovery s, max"]) == (3.0, 8.0)
    assert data["upper bound of the rate of each zero"] == 0.1
    assert any("x: close 2 times" in line for line in complaints([fine, bad]))


def test_a_plan_can_be_kept_and_is_the_one_that_is_replayed(tmp_path: Path) -> None:
    kept = tmp_path / "plan.json"
    assert main(["--orders", "5", "--seed", "9", "--save-plan", str(kept), "--only-plan"]) == 0
    assert Plan.model_validate(json.loads(kept.read_text("utf-8"))) == make_plan(9, 5)
    again = tmp_path / "again.json"
    assert main(["--plan", str(kept), "--save-plan", str(again), "--only-plan"]) == 0
    assert again.read_bytes() == kept.read_bytes()
