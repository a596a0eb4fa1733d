"""Shrinking: what is found still fails, and nothing of it can be left out."""

from collections.abc import Sequence

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from .plan import Plan
from .planning import make_plan
from .shrink import shortest, shrink


@given(st.sets(st.integers(min_value=0, max_value=60), min_size=1), st.data())
def test_exactly_the_items_that_fail_together_are_left(needed: set[int], data: st.DataObject) -> None:
    items = data.draw(st.permutations(range(61)))
    found = shortest(items, needed.issubset)
    assert set(found) == needed


@given(st.lists(st.integers(min_value=0, max_value=9), min_size=1, max_size=25), st.integers(min_value=1, max_value=40))
def test_what_is_left_fails_and_none_of_it_can_be_spared(items: list[int], most: int) -> None:
    """Also where more items may pass again, as it is with agents that die earlier."""

    def fails(some: Sequence[int]) -> bool:
        return sum(some) >= most or sum(some) % 7 == 3

    assume(fails(items))
    found = shortest(items, fails)
    assert fails(found)
    assert len(found) == 1 or not any(fails(found[:at] + found[at + 1 :]) for at in range(len(found)))


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(min_value=0, max_value=10**6), data=st.data())
def test_a_planted_failure_is_shrunk_to_the_one_order_and_the_one_kill_that_make_it(
    seed: int, data: st.DataObject
) -> None:
    plan = make_plan(seed, 24, per_shard=8)
    wish = data.draw(st.sampled_from([wish for shard in plan.shards for wish in shard.wishes]))
    life = data.draw(st.sampled_from([life for shard in plan.shards for life in shard.lives if wish in shard.wishes]))

    def fails(smaller: Plan) -> bool:
        return any(wish in shard.wishes and life in shard.lives for shard in smaller.shards)

    found = shrink(plan, fails, most=10_000)
    assert [item for shard in found.shards for item in shard.items] == [wish, life]


def test_tries_are_bounded_and_the_best_so_far_is_kept() -> None:
    plan = make_plan(1, 24, per_shard=8)
    tries = 0

    def fails(_smaller: Plan) -> bool:
        nonlocal tries
        tries += 1
        return True

    found = shrink(plan, fails, most=3)
    assert tries == 3
    assert 0 < len(found.places) < len(plan.places)
