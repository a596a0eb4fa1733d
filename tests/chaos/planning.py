"""Making a plan out of a seed."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain, cycle, islice
from random import Random
from typing import Literal

from fixtures.mock_portal.fault_specs import KINDS
from fixtures.mock_portal.orders import Order
from fixtures.mock_portal.seeded import make_orders
from fixtures.mock_portal.server import SKINS

from .boundaries import BOUNDARIES
from .plan import Consent, Habit, Life, Plan, Shard, Trouble, Wish

PER_SHARD = 100
REASONS = {"buyer_cancelled": "buyerCancel", "unpaid_timeout": "unpaidTimeout", "out_of_stock": "sellerGoodsLack"}
YES, NO, UNCLEAR = "同意，谢谢", "不同意", "同意的话能不能先发货？"
ODD = "odd"  # whatever is over, frozen, staged, or argued about from the start

_SHARES = {"unpaid": 45, "paid_close": 12, "paid_refund": 12, "paid_none": 8, "shipped": 13, ODD: 10}
_ROLES: Sequence[Literal["seller", "purchaser"]] = ("seller", "seller", "seller", "purchaser")
_SMALLEST_SHOP = 60
_NOW = datetime(2026, 1, 1, tzinfo=UTC)  # ids and kinds of a shop's orders do not hang on the time
# Systematic kills go round every boundary, once with the browser killed and once with it orphaned.
_SYSTEMATIC = tuple(
    Life(how="boundary", at=at, whole=whole) for whole in (True, False) for at in BOUNDARIES
)  # fmt: skip
_EXACT, _LOOSE = 0.10, 0.04  # lives per order
_RARELY = {"slider": 0.4, "maintenance": 0.4, "shop_switched": 0.4}  # each ends a run
FAULTS = tuple(sorted(name for name, kind in KINDS.items() if not kind.whole_shop))  # of one order each


def make_plan(seed: int, orders: int, *, per_shard: int = PER_SHARD) -> Plan:
    """Return the plan of a seed: the same one whenever and wherever it is asked for."""
    systematic = cycle(_SYSTEMATIC)
    rng = Random(f"chaos:{seed}")  # noqa: S311 - repeatable on purpose
    next(islice(systematic, rng.randrange(len(_SYSTEMATIC)), None))
    sizes = [per_shard] * (orders // per_shard) + ([orders % per_shard] if orders % per_shard else [])
    return Plan(seed=seed, shards=tuple(_shard(seed, number, size, systematic) for number, size in enumerate(sizes)))


def _shard(seed: int, number: int, size: int, systematic: Iterator[Life]) -> Shard:
    rng = Random(f"chaos:{seed}:{number}")  # noqa: S311 - the same
    shop_seed, shop_size = rng.randrange(1, 10**6), max(_SMALLEST_SHOP, 2 * size)
    shop = make_orders(shop_seed, shop_size, _NOW)
    victim = next(order for order in shop if kind_of(order) == "unpaid")
    role = rng.choice(_ROLES)
    wishes = _wishes(rng, [order for order in shop if order is not victim], size)
    return Shard(
        number=number,
        skin=rng.choice(SKINS),
        role=role,
        shop_seed=shop_seed,
        shop_size=shop_size,
        lanes=rng.choice((2, 3, 4)),
        victim=victim.order_id,
        wishes=wishes,
        troubles=tuple(_troubles(rng, wishes)),
        habits=tuple(chain.from_iterable(_habits(rng, wish, role) for wish in wishes)),
        lives=tuple(_lives(rng, size, systematic)),
    )


def kind_of(order: Order) -> str:
    """Return what an order is, as far as a way to close it goes."""
    if order.refund_state or order.stages or order.frozen or order.disputed or order.partly_shipped:
        return ODD
    match order.state, order.pay_state:
        case "waitbuyerpay", "1":
            return "unpaid"
        case "waitsellersend", "2":
            return f"paid_{order.button}"
        case "waitbuyerreceive", "2":
            return "shipped"
        case _:
            return ODD


def _wishes(rng: Random, shop: list[Order], size: int) -> tuple[Wish, ...]:
    pools: dict[str, list[str]] = {}
    for order in shop:
        pools.setdefault(kind_of(order), []).append(order.order_id)
    for pool in pools.values():
        rng.shuffle(pool)
    wishes = []
    for _ in range(min(size, len(shop))):
        left = [kind for kind in _SHARES if pools.get(kind)]
        (kind,) = rng.choices(left, [_SHARES[kind] for kind in left])
        order_id = pools[kind].pop()
        wishes.append(Wish(order_id=order_id, kind=kind, reason=rng.choice(list(REASONS)), consent=_consent(rng, kind)))
    return tuple(wishes)


def _consent(rng: Random, kind: str) -> Consent:
    shares = (30, 68, 2) if kind == "unpaid" else (55, 40, 5)
    choices: tuple[Consent, ...] = ("declared", "none", "denied")
    return rng.choices(choices, shares)[0]


# --- What goes wrong


def _troubles(rng: Random, wishes: Sequence[Wish]) -> Iterator[Trouble]:
    """Give every second order a fault for certain, some of the others too, and some a second one."""
    for place, wish in enumerate(wishes):
        chance = 1.0 if place % 2 == 0 else 0.25
        if rng.random() < chance:
            yield trouble(rng, wish)
            if rng.random() < 0.15:
                yield trouble(rng, wish)


def trouble(rng: Random, wish: Wish) -> Trouble:
    """Return any fault that can be one order's, at any of its steps."""
    (name,) = rng.choices(FAULTS, [_RARELY.get(name, 1.0) for name in FAULTS])
    args = some_args(rng, name, wish.reason)
    return Trouble(order_id=wish.order_id, name=name, step=rng.choice(KINDS[name].steps), args=args)


def some_args(rng: Random, name: str, reason: str) -> dict[str, object]:
    """Return what may be said about a fault of an order that is closed for this reason."""
    args: dict[str, object] = {}
    for key, type_ in sorted((KINDS[name].args or {}).items()):
        if type_ is bool:
            args[key] = rng.random() < 0.5
        elif isinstance(type_, tuple):
            args[key] = rng.choice(type_)
        elif key in _ARGS:
            args[key] = rng.choice(_ARGS[key])
    if name in {"reason_missing", "reason_renamed"}:
        args["reason"] = REASONS[reason]
    return args


# A server that is slower than the profile's settle time is beyond what any client can promise: see docs/safety.md.
_ARGS: dict[str, Sequence[object]] = {
    "ms": (200, 700, 1500),
    "late_ms": (0, 300),
    "age_s": (0.0, -20.0),
    "s": (0.5, 2.0),
    "share": (0.5, 1.0),
}


# --- What the others do

# No clerk answers within the seconds in which a form is open. One who closed the order just then, on a colleague's
# ticket, would have ours come after it, and the portal takes that: no look before a sending can exclude it.
_A_CLERK_S = 60.0


def _habits(rng: Random, wish: Wish, role: str) -> Iterator[Habit]:
    if wish.kind in {"unpaid", ODD}:
        return
    order_id, after = wish.order_id, rng.choice((0.0, 1.0, 3.0))
    if role == "purchaser":
        yield from _supplier(rng, order_id, after)
        return
    if wish.consent == "none":
        (text,) = rng.choices((YES, NO, UNCLEAR, ""), (65, 12, 8, 15))
        if text:
            yield Habit(
                order_id=order_id,
                who="buyer",
                on="message_sent",
                by="seller",
                do="reply",
                after_s=after,
                args={"text": text},
            )
    if wish.kind == "shipped" and rng.random() < 0.8:
        asked: dict[str, str | None] = {"on": "message_sent", "by": "seller"}
        when = asked if wish.consent == "none" else {"on": "start", "by": None}
        yield Habit.model_validate(
            {"order_id": order_id, "who": "buyer", "do": "request_return", "after_s": 2.0, **when}
        )
        yield Habit(order_id=order_id, who="buyer", on="return_agreed", do="send_return")
    if wish.kind != "shipped":
        (done,) = rng.choices(("ticket_resolve", "ticket_ask_more", "ticket_decline", ""), (60, 10, 10, 20))
        if done:
            yield Habit(order_id=order_id, who="platform", on="ticket_filed", do=done, after_s=_A_CLERK_S + after)


def _supplier(rng: Random, order_id: str, after: float) -> Iterator[Habit]:
    (text,) = rng.choices((YES, NO, ""), (75, 10, 15))
    if text:
        yield Habit(
            order_id=order_id,
            who="supplier",
            on="message_sent",
            by="purchaser",
            do="reply",
            after_s=after,
            args={"text": text},
        )
    (done,) = rng.choices(("agree_refund", "refuse_refund", ""), (60, 20, 20))
    if done:
        yield Habit(order_id=order_id, who="supplier", on="refund_applied", by="purchaser", do=done, after_s=after)


# --- How the agent dies


def _lives(rng: Random, size: int, systematic: Iterator[Life]) -> list[Life]:
    exact = [
        life.model_copy(update={"nth": rng.choice((1, 1, 2, 3))})
        for life in islice(systematic, max(2, round(size * _EXACT)))
    ]
    loose = [_loose(rng) for _ in range(max(1, round(size * _LOOSE)))]
    lives = [*exact, *loose, *_together(rng)]
    rng.shuffle(lives)
    return lives


def _loose(rng: Random) -> Life:
    """Return a kill at no particular line."""
    whole = rng.random() < 0.5
    if rng.random() < 0.5:
        at = rng.choice(("start", "work", "work"))
        return Life(how="clock", at=at, delay_ms=rng.randrange(4000), whole=whole)
    at = rng.choice([name for name in BOUNDARIES if name != "wrong.held"])
    return Life(how="boundary", at=at, nth=rng.randrange(1, 5), delay_ms=rng.randrange(1, 400), whole=whole)


def _together(rng: Random) -> Iterator[Life]:
    """Return the lives in which there is more than one agent."""
    frozen = rng.choice(("intent.after", "hold.after", "send.before", "send.after", "answer.after", "record.within"))
    yield Life(how="frozen", at=frozen, nth=rng.choice((1, 2)))
    yield Life(how="crowd", nth=rng.choice((2, 3)))


def short_plan(seed: int) -> Plan:
    """Return a plan for the default tests: few orders, kills at the dearest moments, and a frozen agent."""
    lives = (
        Life(how="boundary", at="send.before", whole=False),
        Life(how="boundary", at="wrong.held", whole=False),
        Life(how="frozen", at="hold.after"),
        Life(how="boundary", at="send.after", delay_ms=30),
    )
    (shard,) = make_plan(seed, 8).shards
    return Plan(seed=seed, shards=(shard.model_copy(update={"lives": lives, "lanes": 2}),))


def a_shop(
    seed: int, orders: int, *, skin: str, role: Literal["seller", "purchaser"], troubled: float, but: Sequence[str] = ()
) -> Shard:
    """Return one shop of so many orders whose agent lives on; a share of the orders has a fault, none of ``but``."""
    rng = Random(f"shop:{seed}")  # noqa: S311 - repeatable on purpose
    shop_seed, shop_size = rng.randrange(1, 10**6), max(_SMALLEST_SHOP, 2 * orders)
    shop = make_orders(shop_seed, shop_size, _NOW)
    victim = next(order for order in shop if kind_of(order) == "unpaid")
    wishes = _wishes(rng, [order for order in shop if order is not victim], orders)
    troubles = (trouble(rng, wish) for wish in wishes if rng.random() < troubled)
    return Shard(
        number=0,
        skin=skin,
        role=role,
        shop_seed=shop_seed,
        shop_size=shop_size,
        lanes=4,
        victim=victim.order_id,
        wishes=wishes,
        troubles=tuple(one for one in troubles if one.name not in but),
        habits=tuple(chain.from_iterable(_habits(rng, wish, role) for wish in wishes)),
    )
