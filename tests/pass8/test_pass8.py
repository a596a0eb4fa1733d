"""The combinations are pairwise, one that ends differently is seen, and a few of them end the same way every time."""

from itertools import combinations, product

import pytest

from tests.chaos.plan import Plan
from tests.chaos.planning import kind_of, make_orders

from .combining import NOW, Row, plan_of, rows
from .repeating import Repeated, differences, repeat
from .scripted import SCRIPTED

ALL = rows()


@pytest.mark.parametrize(("one", "other"), list(combinations(Row.model_fields, 2)))
def test_every_two_values_of_any_two_axes_meet(one: str, other: str) -> None:
    met = {(getattr(row, one), getattr(row, other)) for row in ALL}
    assert met == set(product({first for first, _ in met}, {second for _, second in met}))


def test_each_order_of_the_shops_is_of_the_kind_that_its_scenario_wants() -> None:
    plan, meant = plan_of(ALL, 1)
    assert sorted(map(repr, meant.values())) == sorted(map(repr, ALL))
    for shard in plan.shards:
        kinds = {order.order_id: kind_of(order) for order in make_orders(shard.shop_seed, shard.shop_size, NOW)}
        for wish in shard.wishes:
            row = meant[wish.order_id]
            script = SCRIPTED[row.scenario]
            assert (kinds[wish.order_id], shard.skin, shard.role) == (script.kind, row.skin, script.role)


def test_what_ends_differently_is_named() -> None:
    repeated = Repeated(ends={"1": ["closed close"] * 8, "2": ["closed close"] * 7 + ["human"]})
    lines = differences(repeated, {"1": ALL[0], "2": ALL[1]})
    assert len(lines) == 1
    assert ALL[1].fault in lines[0]
    assert "7 times 'closed close'" in lines[0]


FEW = [("unpaid",), pytest.param(("unpaid", "paid, close, agreed"), marks=pytest.mark.slow)]


@pytest.mark.parametrize("scenarios", FEW)
def test_a_few_combinations_end_the_same_way_every_time(scenarios: tuple[str, ...]) -> None:
    skin = "classic"
    few = [row for row in ALL if row.skin == skin and SCRIPTED[row.scenario].role == "seller"]
    chosen = [next(row for row in few if row.scenario == name) for name in scenarios]
    plan, meant = plan_of([*chosen, *[row for row in few if row.fault == "answer_lost"][:1]], 1)
    repeated = repeat(Plan.model_validate(plan), 2, jobs=2, said=str)
    assert differences(repeated, meant) == []
    assert repeated.faults == []
    assert all(len(ends) == 2 for ends in repeated.ends.values())
