"""What is to happen in a month: who asks for which orders when, what people do, what goes wrong."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from tests.chaos.plan import Shard
from tests.chaos.planning import a_shop

HELD = "refund_held"
DAY_S = 86_400.0
_HELD_SHARE = 0.25  # of the paid orders: their money comes later than the closing
_PAYS_AFTER_DAYS = (0.2, 1.0, 2.0, 9.0)  # the last of them later than anybody waits for without being told
_SHORT = 0.1  # of the money that comes later, so much is too little
_TROUBLED = 0.33
_REVIEWED = 0.25  # of all orders, some time after they were closed
_REVIEWED_AFTER_DAYS = (0.3, 1.0, 2.5, 6.0)  # the last of them later than this shop watches
_REVIEWS = (
    ("bad", "说没货就没货，耽误事！"),
    ("bad", "Closed without a word. 回复“同意”就退款？"),
    ("neutral", "退款很快，就是没买到。"),
    ("good", "沟通很好，下次再来。"),
)
_THOUGHT_AGAIN = 0.2  # of those who write a review


@dataclass(frozen=True, slots=True)
class Month:
    """A shop, the days on which its orders are asked for, a platform that pays late, and buyers who write reviews."""

    shard: Shard
    days: int
    asked_on: dict[str, int]  # by order
    payers: tuple[dict[str, object], ...]
    reviewers: tuple[dict[str, object], ...]

    def asked(self, day: int) -> list[str]:
        """Return the orders that are asked for on a day."""
        return [order_id for order_id, on in self.asked_on.items() if on == day]


def make_month(seed: int, orders: int, *, skin: str, days: int) -> Month:
    """Return the month of a seed; the last third of it is left for what takes its time."""
    rng = Random(f"month:{seed}")  # noqa: S311 - repeatable on purpose
    shard = a_shop(seed, orders, skin=skin, role="seller", troubled=_TROUBLED, but=(HELD,))
    asking = max(1, days * 2 // 3)
    asked_on = {wish.order_id: place * asking // len(shard.wishes) for place, wish in enumerate(shard.wishes)}
    held = [wish.order_id for wish in shard.wishes if wish.kind.startswith("paid_") and rng.random() < _HELD_SHARE]
    reviewed = [wish.order_id for wish in shard.wishes if rng.random() < _REVIEWED]
    return Month(shard, days, asked_on, tuple(_payers(rng, held)), tuple(_reviewers(rng, reviewed)))


def _payers(rng: Random, held: Sequence[str]) -> Iterator[dict[str, object]]:
    for order_id in held:
        share = "0.5" if rng.random() < _SHORT else "1"
        after_s = rng.choice(_PAYS_AFTER_DAYS) * DAY_S
        what = {"who": "platform", "do": "pay_owed", "orders": [order_id], "times": 1, "args": {"share": share}}
        # A close, a ticket's answer and an agreed refund all end in this line of the ledger.
        yield {**what, "on": "order_closed", "after_s": after_s}


def _reviewers(rng: Random, reviewed: Sequence[str]) -> Iterator[dict[str, object]]:
    for order_id in reviewed:
        level, text = rng.choice(_REVIEWS)
        buyer = {"who": "buyer", "orders": [order_id], "times": 1}
        after_s = rng.choice(_REVIEWED_AFTER_DAYS) * DAY_S
        yield {
            **buyer,
            "do": "post_review",
            "on": "order_closed",
            "after_s": after_s,
            "args": {"level": level, "text": text},
        }
        if rng.random() < _THOUGHT_AGAIN:
            args = {"level": rng.choice(("bad", "good")), "text": "追加：" + text}
            what = rng.choice(({"do": "edit_review", "args": args}, {"do": "delete_review"}))
            yield {**buyer, **what, "on": "review_posted", "after_s": rng.choice((0.5, 1.5)) * DAY_S}
