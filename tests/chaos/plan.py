"""A plan: which orders are asked for, what goes wrong with them, and how each life of the agent ends.

It is plain data and a pure function of a seed and a number of orders, so that a run can be had again, be cut shorter,
and be kept.
"""

from collections.abc import Callable, Iterable
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict

Who = Literal["buyer", "supplier", "platform"]
Consent = Literal["declared", "none", "denied"]


class _Plain(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Wish(_Plain):
    """One order that is asked for; ``kind`` is what the shop's seed made of it."""

    order_id: str
    kind: str
    reason: str
    consent: Consent


class Trouble(_Plain):
    """A fault of the portal, switched on for one order."""

    order_id: str
    name: str
    step: str
    args: dict[str, Any] = {}

    def spec(self) -> dict[str, Any]:
        """Return what the portal is told."""
        return {"name": self.name, "orders": [self.order_id], "step": self.step, "args": self.args}


class Habit(_Plain):
    """What a buyer, a supplier or a clerk does about one order."""

    order_id: str
    who: Who
    on: str
    do: str
    by: str | None = None
    after_s: float = 0
    args: dict[str, str] = {}

    def spec(self) -> dict[str, Any]:
        """Return what the portal is told."""
        return self.model_dump(exclude={"order_id"}) | {"orders": [self.order_id], "times": 1}


class Life(_Plain):
    """How one life of the agent ends, if it does not finish its work before.

    ``boundary`` kills at the ``nth`` passing of ``at``, ``delay_ms`` later; ``clock`` kills ``delay_ms`` after the
    start or after the first sign of work (``at``); ``frozen`` stops it at a boundary while a second agent comes, wakes
    it, and kills it later; ``crowd`` starts several at once. ``whole``: its browser is killed as well, not orphaned.
    """

    how: Literal["boundary", "clock", "frozen", "crowd"]
    at: str = ""
    nth: int = 1
    delay_ms: int = 0
    whole: bool = True


Item = Wish | Trouble | Habit | Life


class Shard(_Plain):
    """One shop on a portal of its own; ``victim`` is an order that nobody asked for and a wrong request aims at."""

    number: int
    skin: str
    role: Literal["seller", "purchaser"]
    shop_seed: int
    shop_size: int
    lanes: int
    victim: str
    wishes: tuple[Wish, ...]
    troubles: tuple[Trouble, ...] = ()
    habits: tuple[Habit, ...] = ()
    lives: tuple[Life, ...] = ()

    @property
    def items(self) -> tuple[Item, ...]:
        """Everything that can be left out of it."""
        return (*self.wishes, *self.troubles, *self.habits, *self.lives)

    def only(self, keep: Callable[[int], bool]) -> Self:
        """Return the shard with some of its items, by their places; what is about an order left out goes with it."""
        kept = [item for place, item in enumerate(self.items) if keep(place)]
        asked = {item.order_id for item in kept if isinstance(item, Wish)}
        return self.model_copy(
            update={
                "wishes": tuple(item for item in kept if isinstance(item, Wish)),
                "troubles": tuple(item for item in kept if isinstance(item, Trouble) and item.order_id in asked),
                "habits": tuple(item for item in kept if isinstance(item, Habit) and item.order_id in asked),
                "lives": tuple(item for item in kept if isinstance(item, Life)),
            }
        )


class Plan(_Plain):
    """A whole run."""

    seed: int
    shards: tuple[Shard, ...]

    @property
    def size(self) -> int:
        """How many orders are asked for."""
        return sum(len(shard.wishes) for shard in self.shards)

    @property
    def places(self) -> list[tuple[int, int]]:
        """Every item as (shard, place in it)."""
        return [(at, place) for at, shard in enumerate(self.shards) for place in range(len(shard.items))]

    def only(self, places: Iterable[tuple[int, int]]) -> "Plan":
        """Return the plan with these items; shards that ask for nothing any more are gone."""
        wanted = set(places)
        cut = [
            shard.only(lambda place, at=at: (at, place) in wanted)  # type: ignore[misc]
            for at, shard in enumerate(self.shards)
        ]
        return self.model_copy(update={"shards": tuple(shard for shard in cut if shard.wishes)})
