"""Plans: pure, whole, replayable, and aimed at everything that can go wrong."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.mock_portal.actors import ActorSpec
from fixtures.mock_portal.clock import Clock
from fixtures.mock_portal.fault_specs import KINDS, FaultSpec
from fixtures.mock_portal.shop import Shop

from .boundaries import BOUNDARIES
from .plan import Life, Plan, Wish
from .planning import FAULTS, make_plan, short_plan, trouble

SEEDS = st.integers(min_value=0, max_value=10**6)


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, orders=st.integers(min_value=1, max_value=60))
def test_a_plan_is_a_pure_function_of_seed_and_size_and_survives_its_file(seed: int, orders: int) -> None:
    plan = make_plan(seed, orders, per_shard=25)
    assert plan == make_plan(seed, orders, per_shard=25)
    assert plan == Plan.model_validate_json(plan.model_dump_json())
    assert plan.size == orders
    longer = make_plan(seed, orders + 25, per_shard=25)
    whole = orders // 25
    assert longer.shards[:whole] == plan.shards[:whole], "a longer run begins as the shorter one"


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS)
def test_a_plan_asks_for_orders_of_its_shop_and_troubles_at_least_every_third(seed: int) -> None:
    (shard,) = make_plan(seed, 40).shards
    shop = Shop(Clock(), seed=shard.shop_seed, orders=shard.shop_size)
    asked = [wish.order_id for wish in shard.wishes]
    assert len(set(asked)) == 40
    assert {*asked, shard.victim} <= set(shop.orders)
    assert shard.victim not in asked
    assert len({one.order_id for one in shard.troubles}) * 3 >= len(asked)
    for one in shard.troubles:
        FaultSpec.model_validate(one.spec())
    for habit in shard.habits:
        ActorSpec.model_validate(habit.spec())
    assert {one.order_id for one in shard.troubles} | {one.order_id for one in shard.habits} <= set(asked)
    assert {life.how for life in shard.lives} >= {"boundary", "frozen", "crowd"}


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_of_the_portal_can_be_planned(name: str) -> None:
    """A fault that wants an argument which nobody gives it here would end every run that chooses it."""
    wish = Wish(order_id="123456789012345678", kind="unpaid", reason="out_of_stock", consent="none")
    rng = Random(name)  # noqa: S311 - repeatable on purpose
    found = [one for _ in range(4000) if (one := trouble(rng, wish)).name == name]
    assert found
    assert {one.step for one in found} == set(KINDS[name].steps)
    for one in found:
        FaultSpec.model_validate(one.spec())


def test_a_thousand_orders_meet_a_kill_at_every_boundary_with_the_browser_killed_and_orphaned() -> None:
    lives = [life for shard in make_plan(1, 1000).shards for life in shard.lives if not life.delay_ms]
    met = {(life.at, life.whole) for life in lives if life.how == "boundary"}
    assert met == {(at, whole) for at in BOUNDARIES for whole in (True, False)}


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, data=st.data())
def test_what_is_left_out_of_a_plan_takes_its_faults_along_and_nothing_else(seed: int, data: st.DataObject) -> None:
    plan = make_plan(seed, 12, per_shard=6)
    kept = data.draw(st.sets(st.sampled_from(plan.places)))
    smaller = plan.only(kept)
    for shard in smaller.shards:
        (before,) = (one for one in plan.shards if one.number == shard.number)
        at = plan.shards.index(before)
        chosen = [item for place, item in enumerate(before.items) if (at, place) in kept]
        asked = {item.order_id for item in chosen if isinstance(item, Wish)}
        assert list(shard.items) == [item for item in chosen if isinstance(item, Life) or item.order_id in asked]
        assert shard.model_copy(update={"wishes": (), "troubles": (), "habits": (), "lives": ()}) == before.model_copy(
            update={"wishes": (), "troubles": (), "habits": (), "lives": ()}
        )


def test_the_short_plan_of_the_default_tests_kills_in_the_one_window_and_while_a_wrong_request_is_held() -> None:
    (shard,) = short_plan(1).shards
    assert {"send.before", "wrong.held"} <= {life.at for life in shard.lives}
    assert "frozen" in {life.how for life in shard.lives}
