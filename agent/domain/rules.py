"""Rules: which orders of a portal's list are asked for, and which are never touched; pure, over what is shown."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from agent.domain.ids import OrderId
from agent.domain.money import Fen, format_yuan
from agent.domain.orders import Order, OrderState

RULE = "rule"  # the fact of a case, and the key of a request's source, that holds a rule's conditions
STATES = (OrderState.UNPAID, OrderState.PAID, OrderState.SHIPPED)  # those that a path begins at

_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)


class Finding(NamedTuple):
    """What one condition makes of an order; ``holds`` is None where what was looked at does not say."""

    holds: bool | None
    text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """What a row of the list, or an order's own page, shows; None for what it does not say."""

    order_id: OrderId
    state: OrderState | None = None
    created_at: datetime | None = None
    amount: Fen | None = None
    goods: tuple[str, ...] | None = None
    remark: str | None = None
    tags: tuple[str, ...] | None = None
    buyer: str | None = field(default=None, repr=False)


def shown_by(order: Order) -> Shown:
    """Return what an order's own page shows."""
    return Shown(
        order_id=order.order_id,
        state=order.state,
        created_at=order.created_at,
        amount=order.amount,
        goods=tuple(item.title for item in order.items),
        remark=order.remark,
        tags=order.tags,
        buyer=order.buyer,
    )


@dataclass(frozen=True, slots=True)
class Never:
    """The orders and the buyers that nobody's request may touch; buyers by the name that the portal shows."""

    orders: frozenset[str] = frozenset()
    buyers: frozenset[str] = field(default=frozenset(), repr=False)

    def finding(self, shown: Shown) -> Finding:
        """Return whether an order may be touched."""
        if shown.order_id in self.orders:
            return Finding(holds=False, text="on the white list of orders")
        if not self.buyers:
            return Finding(holds=True, text="not on the white list")
        if not shown.buyer:
            return Finding(holds=None, text="whose order it is, is not shown")
        if plain(shown.buyer) in self.buyers:
            return Finding(holds=False, text="on the white list of buyers")
        return Finding(holds=True, text="not on the white list")


NOBODY = Never()


@dataclass(frozen=True, slots=True)
class Rule:
    """What an order must show to be asked for; words are looked for whatever their capitals, any of them is enough.

    With ``remind_after`` it is asked for from that age on: its buyer is reminded, and it is closed from ``close_after``
    on.
    """

    name: str
    state: OrderState
    close_after: timedelta | None = None
    remind_after: timedelta | None = None
    amount_from: Fen | None = None
    amount_to: Fen | None = None
    products: tuple[str, ...] = ()
    buyer_remarks: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()

    @property
    def narrows(self) -> bool:
        """Whether it leaves out anything but orders in other states."""
        some = (self.close_after, self.amount_from, self.products, self.buyer_remarks, self.tags)
        return any(some) or self.amount_to is not None

    def findings(self, shown: Shown, now: datetime) -> list[Finding]:
        """Return what each condition makes of an order."""
        return [
            self._of_state(shown),
            *self._of_age(shown, now),
            *self._of_amount(shown),
            *self._of_goods(shown),
            *self._of_remark(shown),
            *self._of_tags(shown),
        ]

    def _of_state(self, shown: Shown) -> Finding:
        if shown.state is None:
            return Finding(holds=None, text="its state is not shown")
        if shown.state is self.state:
            return Finding(holds=True, text=f"it is {shown.state}")
        return Finding(holds=False, text=f"it is {shown.state}, not {self.state}")

    def _of_age(self, shown: Shown, now: datetime) -> Iterator[Finding]:
        least = self.remind_after or self.close_after
        if not least:
            return
        if shown.created_at is None:
            yield Finding(holds=None, text="its age is not shown")
            return
        age = now - shown.created_at
        if age < least:
            yield Finding(holds=False, text=f"younger than {span(least)}: {span(age)}")
        else:
            yield Finding(holds=True, text=f"{span(age)} old, at least {span(least)}")

    def _of_amount(self, shown: Shown) -> Iterator[Finding]:
        if not self.amount_from and self.amount_to is None:
            return
        if shown.amount is None:
            yield Finding(holds=None, text="its amount is not shown")
            return
        amount = format_yuan(shown.amount)
        if self.amount_from and shown.amount < self.amount_from:
            yield Finding(holds=False, text=f"{amount} yuan is below {format_yuan(self.amount_from)}")
        elif self.amount_to is not None and shown.amount > self.amount_to:
            yield Finding(holds=False, text=f"{amount} yuan is above {format_yuan(self.amount_to)}")
        else:
            yield Finding(holds=True, text=f"{amount} yuan")

    def _of_goods(self, shown: Shown) -> Iterator[Finding]:
        if not self.products:
            return
        if shown.goods is None:
            yield Finding(holds=None, text="its goods are not shown")
            return
        word = _first_in(shown.goods, self.products)
        if word is None:
            yield Finding(holds=False, text=f"none of its goods is called {', '.join(self.products)}")
        else:
            yield Finding(holds=True, text=f"one of its goods is called {word}")

    def _of_remark(self, shown: Shown) -> Iterator[Finding]:
        if not self.buyer_remarks:
            return
        if shown.remark is None:
            yield Finding(holds=None, text="its buyer's remark is not shown")
            return
        word = _first_in([shown.remark], self.buyer_remarks)
        if word is None:
            yield Finding(holds=False, text=f"its buyer's remark has none of {', '.join(self.buyer_remarks)}")
        else:
            yield Finding(holds=True, text=f"its buyer's remark has {word}")

    def _of_tags(self, shown: Shown) -> Iterator[Finding]:
        if not self.tags:
            return
        wanted = ", ".join(self.tags)
        if shown.tags is None:
            yield Finding(holds=None, text="its tags are not shown")
            return
        found = {plain(tag) for tag in shown.tags}
        here = [tag for tag in self.tags if plain(tag) in found]
        if here:
            yield Finding(holds=True, text=f"it has the tag {here[0]}")
        else:
            yield Finding(holds=False, text=f"it has none of the tags {wanted}")

    def as_json(self) -> dict[str, Any]:
        """Return the rule as plain JSON."""
        return {
            "name": self.name,
            "state": self.state.value,
            "close_after_s": _seconds(self.close_after),
            "remind_after_s": _seconds(self.remind_after),
            "amount_from_fen": self.amount_from,
            "amount_to_fen": self.amount_to,
            "products": list(self.products),
            "buyer_remarks": list(self.buyer_remarks),
            "tags": list(self.tags),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Rule":
        """Return the rule that ``as_json`` wrote."""
        return cls(
            name=data["name"],
            state=OrderState(data["state"]),
            close_after=_time(data["close_after_s"]),
            remind_after=_time(data["remind_after_s"]),
            amount_from=data["amount_from_fen"],
            amount_to=data["amount_to_fen"],
            products=tuple(data["products"]),
            buyer_remarks=tuple(data["buyer_remarks"]),
            tags=tuple(data["tags"]),
        )


def _seconds(time: timedelta | None) -> int | None:
    return None if time is None else int(time.total_seconds())


def _time(seconds: int | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)


def _first_in(texts: Sequence[str], words: Sequence[str]) -> str | None:
    """Return the first of some words that stands in any of the texts."""
    shown = [plain(text) for text in texts]
    return next((word for word in words if any(plain(word) in text for text in shown)), None)


def plain(text: str) -> str:
    """Return a text as words and names are compared: inner white space as one space, capitals or not."""
    return " ".join(text.split()).casefold()


def span(time: timedelta) -> str:
    """Return a time span as a person reads it: ``71 h 12 min``, ``5 min``, ``40 s``."""
    if time < _MINUTE:
        return f"{max(int(time.total_seconds()), 0)} s"
    hours, rest = divmod(time, _HOUR)
    minutes = rest // _MINUTE
    parts = [f"{hours} h"] if hours else []
    if minutes or not hours:
        parts.append(f"{minutes} min")
    return " ".join(parts)
