"""Pairwise combinations of scenario, skin, fault and step, laid out as shops that chaos can work."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import product
from random import Random

from pydantic import BaseModel, ConfigDict

from fixtures.mock_portal.fault_specs import KINDS
from fixtures.mock_portal.seeded import make_orders
from fixtures.mock_portal.server import SKINS
from tests.chaos.plan import Plan, Shard, Trouble, Wish
from tests.chaos.planning import FAULTS, kind_of, some_args

from .scripted import SCRIPTED

NO_FAULT = "none"
_STEPS = _FIRST, _OTHER = "first", "other"
NOW = datetime(2026, 1, 1, tzinfo=UTC)  # ids and kinds of a shop's orders do not hang on the time
_ENDS_THE_RUN = frozenset({"slider", "maintenance", "shop_switched"})  # nobody else goes on: a shop of its own
_PER_SHOP = 80
_REASON = "buyer_cancelled"


class Row(BaseModel):
    """One combination."""

    model_config = ConfigDict(frozen=True)

    scenario: str
    skin: str
    fault: str
    step: str


def rows() -> list[Row]:
    """Return combinations in which every two values of any two of the four meet at least once.

    Every scenario meets every fault anyway; skins and steps go round, so that each is met equally often.
    """
    scenarios, faults = enumerate(SCRIPTED), enumerate([NO_FAULT, *FAULTS])
    return [
        Row(scenario=scenario, skin=SKINS[(i + j) % len(SKINS)], fault=fault, step=_STEPS[(i + j // 3) % 2])
        for (i, scenario), (j, fault) in product(scenarios, faults)
    ]


def plan_of(wanted: Sequence[Row], seed: int) -> tuple[Plan, Mapping[str, Row]]:
    """Lay combinations out over shops; each order of the plan stands for one of them."""
    shards: list[Shard] = []
    meant: dict[str, Row] = {}
    for shop in _shops(wanted):
        shard, orders = _shard(shop, number=len(shards), seed=seed)
        shards.append(shard)
        meant |= orders
    return Plan(seed=seed, shards=tuple(shards)), meant


def _shops(wanted: Iterable[Row]) -> Iterator[list[Row]]:
    """Yield what can stand in one shop: one skin, one role, and nothing that would end the run for the others."""
    groups: dict[tuple[str, str, bool], list[Row]] = defaultdict(list)
    for row in wanted:
        groups[row.skin, SCRIPTED[row.scenario].role, row.fault in _ENDS_THE_RUN].append(row)
    for rest in groups.values():
        yield from (rest[at : at + _PER_SHOP] for at in range(0, len(rest), _PER_SHOP))


def _shard(shop: Sequence[Row], *, number: int, seed: int) -> tuple[Shard, dict[str, Row]]:
    rng = Random(f"pass8:{seed}:{number}")  # noqa: S311 - repeatable on purpose
    needed = [SCRIPTED[row.scenario].kind for row in shop]
    shop_seed, shop_size, pools = _stocked(rng.randrange(1, 10**6), needed)
    victim = pools["unpaid"].pop()
    meant = {pools[kind].pop(): row for kind, row in zip(needed, shop, strict=True)}
    scripts = {order_id: SCRIPTED[row.scenario] for order_id, row in meant.items()}
    shard = Shard(
        number=number,
        skin=shop[0].skin,
        role=SCRIPTED[shop[0].scenario].role,
        shop_seed=shop_seed,
        shop_size=shop_size,
        lanes=3,
        victim=victim,
        wishes=tuple(
            Wish(order_id=order_id, kind=script.kind, reason=_REASON, consent=script.consent)
            for order_id, script in scripts.items()
        ),
        troubles=tuple(_trouble(rng, order_id, row) for order_id, row in meant.items() if row.fault != NO_FAULT),
        habits=tuple(made(order_id) for order_id, script in scripts.items() for made in script.habits),
    )
    return shard, meant


def _stocked(shop_seed: int, needed: Sequence[str]) -> tuple[int, int, dict[str, list[str]]]:
    """Return a shop that has enough orders of every kind, and what it has of each."""
    size = max(60, 2 * len(needed))
    while True:
        pools: dict[str, list[str]] = defaultdict(list)
        for order in make_orders(shop_seed, size, NOW):
            pools[kind_of(order)].append(order.order_id)
        if len(pools["unpaid"]) > needed.count("unpaid") and all(
            len(pools[kind]) >= needed.count(kind) for kind in needed
        ):
            return shop_seed, size, pools
        size *= 2


def _trouble(rng: Random, order_id: str, row: Row) -> Trouble:
    steps = KINDS[row.fault].steps
    step = steps[0] if row.step == _FIRST or len(steps) == 1 else rng.choice(steps[1:])
    return Trouble(order_id=order_id, name=row.fault, step=step, args=some_args(rng, row.fault, _REASON))
