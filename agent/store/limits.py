"""Limits by count and money, reserved together with the intent that will use them."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, insert, select, update

from agent.domain.acts import IntentResult
from agent.domain.money import Fen, format_yuan
from agent.errors import NotAuthorised, Stopped, StoreError
from agent.store.dialects import insert_missing
from agent.store.tables import counters, intents, reservations

_FREES = frozenset({IntentResult.NOT_DONE, IntentResult.REFUSED})


@dataclass(frozen=True, slots=True)
class LimitRules:
    """How much a shop may close; None sets no limit. Every reserved act counts as one order."""

    orders_per_run: int | None = None
    orders_per_day: int | None = None
    amount_per_order: Fen | None = None
    amount_per_day: Fen | None = None
    amount_per_run: Fen | None = None


@dataclass(frozen=True, slots=True)
class Used:
    """What has been reserved and not given back."""

    orders: int
    amount: Fen


@dataclass(frozen=True, slots=True)
class _Span:
    """A stretch of work that has its own counter and limits."""

    word: str  # "day" or "run", as in the names of the limits
    key: str
    orders: int | None
    amount: Fen | None


def reserve(
    tx: Connection, *, shop: str, day: date, run_id: str, intent_id: str, amount: Fen, rules: LimitRules
) -> None:
    """Count an intent against the limits of its shop's day and of its run.

    Raises:
        NotAuthorised: the amount is above what one order may have.
        Stopped: a limit of the day or of the run is used up.
        StoreError: there is no such intent, or it has been counted already.
    """
    if rules.amount_per_order is not None and amount > rules.amount_per_order:
        limit = format_yuan(rules.amount_per_order)
        raise NotAuthorised(f"amount_per_order allows {limit} yuan, and this order has {format_yuan(amount)}")
    _check_uncounted(tx, intent_id)
    for span in _spans(day, run_id, rules):
        _count(tx, shop, span, amount)
    tx.execute(
        insert(reservations).values(
            intent_id=intent_id, shop=shop, day=day, run_id=run_id, amount=amount, given_back=False
        )
    )


def give_back(tx: Connection, intent_id: str) -> None:
    """Uncount an intent that is settled as not done or refused; once, and nothing happens for one never counted.

    Raises:
        StoreError: the intent is open, done or unknown: what it reserved stays used.
    """
    taken = reservations.c
    reserved = tx.execute(
        select(reservations).where(taken.intent_id == intent_id, ~taken.given_back).with_for_update()
    ).one_or_none()
    if reserved is None:
        return
    result = tx.execute(select(intents.c.result).where(intents.c.intent_id == intent_id)).scalar_one()
    if result not in _FREES:
        said = "not settled" if result is None else f"settled as {result}"
        raise StoreError(f"intent {intent_id} is {said}: what it reserved is not given back")
    tx.execute(update(reservations).where(taken.intent_id == intent_id).values(given_back=True))
    for span in _spans(reserved.day, reserved.run_id, LimitRules()):
        _add(tx, reserved.shop, span, orders=-1, amount=-reserved.amount)


def used(tx: Connection, shop: str, day: date) -> Used:
    """Return what a shop has used of its day."""
    row = counters.c
    query = select(row.orders, row.amount).where(row.shop == shop, row.span == "day", row.key == day.isoformat())
    found = tx.execute(query).one_or_none()
    return Used(0, Fen(0)) if found is None else Used(found.orders, Fen(found.amount))


def _spans(day: date, run_id: str, rules: LimitRules) -> tuple[_Span, _Span]:
    # Always in this order: two transactions that lock the same rows in two orders would wait for each other.
    return (
        _Span("day", day.isoformat(), rules.orders_per_day, rules.amount_per_day),
        _Span("run", run_id, rules.orders_per_run, rules.amount_per_run),
    )


def _check_uncounted(tx: Connection, intent_id: str) -> None:
    if tx.execute(select(intents.c.seq).where(intents.c.intent_id == intent_id)).one_or_none() is None:
        raise StoreError(f"there is no intent {intent_id}")
    if tx.execute(select(reservations.c.day).where(reservations.c.intent_id == intent_id)).one_or_none() is not None:
        raise StoreError(f"intent {intent_id} has been counted against the limits already")


def _count(tx: Connection, shop: str, span: _Span, amount: Fen) -> None:
    row = counters.c
    insert_missing(tx, counters, {"shop": shop, "span": span.word, "key": span.key, "orders": 0, "amount": 0})
    so_far = tx.execute(
        select(row.orders, row.amount)
        .where(row.shop == shop, row.span == span.word, row.key == span.key)
        .with_for_update()
    ).one()
    where = f"shop {shop}, {span.word} {span.key}"
    if span.orders is not None and so_far.orders + 1 > span.orders:
        raise Stopped(f"orders_per_{span.word} allows {span.orders} orders, and {so_far.orders} are used ({where})")
    if span.amount is not None and so_far.amount + amount > span.amount:
        raise Stopped(
            f"amount_per_{span.word} allows {format_yuan(span.amount)} yuan, {format_yuan(so_far.amount)} are used,"
            f" and this order needs {format_yuan(amount)} ({where})"
        )
    _add(tx, shop, span, orders=1, amount=amount)


def _add(tx: Connection, shop: str, span: _Span, *, orders: int, amount: int) -> None:
    row = counters.c
    tx.execute(
        update(counters)
        .where(row.shop == shop, row.span == span.word, row.key == span.key)
        .values(orders=row.orders + orders, amount=row.amount + amount)
    )
