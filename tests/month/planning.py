"""What is to happen in a month: who asks for which orders when, what people do, what goes wrong."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

from tests.chaos.plan import Shard
from tests.chaos.planning import a_shop

Role = Literal["seller", "purchaser"]
Rule = dict[str, object]
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
_IN_SHOPS: tuple[tuple[Role, float], ...] = (("seller", 0.8), ("purchaser", 0.2))
# Some hours after their first answer, which may have been acted on by then; or at once, beside it or instead of it.
_AGAIN = (0.1 * DAY_S, ({"do": "reply", "args": {"text": "等等，先别关，我还要"}},))
_ODDLY = (
    0.5,
    (
        {"do": "send_sticker"},
        {"do": "reply", "args": {"text": "要得嘛，退嘛"}},
        {"do": "reply", "args": {"text": "我问下老板"}},
    ),
)
_CLERKS = (
    (("ticket_resolve", 0.2), 0.25),
    (("ticket_resolve", 2.5), 0.15),
    (("ticket_ask_more", 0.2), 0.35),
    (("ticket_decline", 1.0), 0.1),
    (("", 0.0), 0.15),
)
_ENDS_TICKET = (0.4, 1.5, 6.0)  # days after our reply; the last of them later than somebody is reminded
_WANTS_STILL_MORE = 0.4  # of the tickets in which we have replied
_TAKES_GOODS_BACK = 0.5  # of the purchaser's applications about shipped orders
_RULINGS: tuple[tuple[dict[str, str], float], ...] = (
    ({"for": "buyer", "text": "经核实，支持买家退款。"}, 0.5),
    ({"for": "buyer", "share": "0.5", "text": "双方各承担一半。"}, 0.2),
    ({"for": "seller", "text": "凭证不足，不支持退款。"}, 0.15),
    ({}, 0.15),  # nobody decides
)


@dataclass(frozen=True, slots=True)
class Month:
    """One shop, the days on which its orders are asked for, and what other people do, each rule of theirs once."""

    shard: Shard
    days: int
    asked_on: dict[str, int]  # by order
    held: tuple[str, ...]  # orders whose money the platform holds back for a while
    others: tuple[Rule, ...]

    def asked(self, day: int) -> list[str]:
        """Return the orders that are asked for on a day."""
        return [order_id for order_id, on in self.asked_on.items() if on == day]


def make_months(seed: int, orders: int, *, skin: str, days: int) -> list[Month]:
    """Return the month of a seed, as it goes in a seller's shop and in a purchaser's."""
    return [make_month(seed, round(orders * share), skin=skin, days=days, role=role) for role, share in _IN_SHOPS]


def make_month(seed: int, orders: int, *, skin: str, days: int, role: Role = "seller") -> Month:
    """Return one shop's month; the last third of it is left for what takes its time."""
    rng = Random(f"month:{seed}")  # noqa: S311 - repeatable on purpose
    shard = a_shop(seed, orders, skin=skin, role=role, troubled=_TROUBLED, but=(HELD,))
    asking = max(1, days * 2 // 3)
    asked_on = {wish.order_id: place * asking // len(shard.wishes) for place, wish in enumerate(shard.wishes)}
    held = [wish.order_id for wish in shard.wishes if wish.kind.startswith("paid_") and rng.random() < _HELD_SHARE]
    others = [*_payers(rng, held)]
    if role == "seller":
        reviewed = [wish.order_id for wish in shard.wishes if rng.random() < _REVIEWED]
        others += [*_reviewers(rng, reviewed), *_buyers(rng, shard), *_clerks(rng, shard)]
    else:
        others += [*_suppliers(rng, shard), *_arbiters(rng, shard)]
    habits = tuple(habit for habit in shard.habits if habit.on != "ticket_filed")  # clerks take days here
    return Month(shard.model_copy(update={"habits": habits}), days, asked_on, tuple(held), tuple(others))


def _payers(rng: Random, held: Sequence[str]) -> Iterator[Rule]:
    for order_id in held:
        share = "0.5" if rng.random() < _SHORT else "1"
        after_s = rng.choice(_PAYS_AFTER_DAYS) * DAY_S
        what = {"who": "platform", "do": "pay_owed", "orders": [order_id], "times": 1, "args": {"share": share}}
        # A close, a ticket's answer and an agreed refund all end in this line of the ledger.
        yield {**what, "on": "order_closed", "after_s": after_s}


def _reviewers(rng: Random, reviewed: Sequence[str]) -> Iterator[Rule]:
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


def _buyers(rng: Random, shard: Shard) -> Iterator[Rule]:
    """Yield buyers who say more than yes or no: some think again after they have answered, some talk otherwise."""
    for wish in shard.wishes:
        if wish.kind == "unpaid" or wish.consent != "none":
            continue
        asked = {"who": "buyer", "on": "message_sent", "by": "seller", "orders": [wish.order_id], "times": 1}
        (how,) = rng.choices((_AGAIN, _ODDLY, None), (20, 20, 60))
        if how is not None:
            after_s, answers = how
            yield {**asked, "after_s": after_s, **rng.choice(answers)}


def _clerks(rng: Random, shard: Shard) -> Iterator[Rule]:
    """Yield what support does with a ticket and, later, with a reply of ours; some tickets it leaves to themselves."""
    for wish in shard.wishes:
        ((do, after_s),) = rng.choices([first for first, _ in _CLERKS], [share for _, share in _CLERKS])
        clerk = {"who": "platform", "by": "seller", "orders": [wish.order_id], "times": 1}
        if do:
            yield {**clerk, "on": "ticket_filed", "do": do, "after_s": after_s * DAY_S}
        after = {**clerk, "on": "ticket_replied"}
        if rng.random() < _WANTS_STILL_MORE:
            yield {**after, "do": "ticket_ask_more", "after_s": 0.3 * DAY_S, "args": {"text": "请补充聊天记录的原图。"}}
        yield {**after, "do": "ticket_resolve", "after_s": rng.choice(_ENDS_TICKET) * DAY_S}


def _suppliers(rng: Random, shard: Shard) -> Iterator[Rule]:
    """Yield suppliers who want the goods back before the money, and sign for them a day after they were sent."""
    for wish in shard.wishes:
        supplier = {"who": "supplier", "orders": [wish.order_id], "times": 1}
        if wish.kind == "shipped" and rng.random() < _TAKES_GOODS_BACK:
            yield {**supplier, "do": "agree_return", "on": "refund_applied", "by": "purchaser"}
            yield {**supplier, "do": "receive_return", "on": "return_sent", "after_s": DAY_S}


def _arbiters(rng: Random, shard: Shard) -> Iterator[Rule]:
    """Yield the platform's rulings on disputes."""
    for wish in shard.wishes:
        ((ruling, _),) = rng.choices(_RULINGS, [share for _, share in _RULINGS])
        if ruling:
            platform = {"who": "platform", "orders": [wish.order_id], "times": 1}
            after_s = rng.choice((0.5, 2.0)) * DAY_S
            yield {**platform, "do": "dispute_decide", "on": "dispute_opened", "after_s": after_s, "args": ruling}
