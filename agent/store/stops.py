"""The kill switch: while a stop stands, no request leaves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, insert, or_, select, update

from agent.store.audit import audit
from agent.store.columns import plain
from agent.store.tables import stops


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop that stands; ``shop`` is None where it stops every shop."""

    shop: str | None
    why: str
    actor: dict[str, Any]
    at: datetime


def stop(tx: Connection, *, shop: str | None, why: str, actor: Mapping[str, Any], now: datetime) -> None:
    """Stop one shop, or all of them.

    Raises:
        StoreError: the actor is not plain data.
    """
    audit(tx, "stop", {"shop": shop, "why": why}, actor, now)
    tx.execute(insert(stops).values(shop=shop, why=why, actor=plain(actor, "actor"), at=now))


def start(tx: Connection, *, shop: str | None, actor: Mapping[str, Any], now: datetime) -> int:
    """Lift the stops of one shop, or those of all shops together, and return how many stood.

    A general start leaves the stop of a single shop standing: whoever stopped that shop meant it.

    Raises:
        StoreError: the actor is not plain data.
    """
    lifted = tx.execute(
        update(stops)
        .where(stops.c.lifted_at.is_(None), stops.c.shop.is_(None) if shop is None else stops.c.shop == shop)
        .values(lifted_at=now)
    ).rowcount
    audit(tx, "start", {"shop": shop, "lifted": lifted}, actor, now)
    return lifted


def active(tx: Connection, shop: str) -> Stop | None:
    """Return the first stop that holds a shop."""
    query = _standing().where(or_(stops.c.shop.is_(None), stops.c.shop == shop)).limit(1)
    row = tx.execute(query).mappings().one_or_none()
    return None if row is None else Stop(**row)


def standing(tx: Connection) -> list[Stop]:
    """Return every stop that stands, oldest first."""
    return [Stop(**row) for row in tx.execute(_standing()).mappings()]


def _standing() -> Select[Any]:
    columns = (stops.c.shop, stops.c.why, stops.c.actor, stops.c.at)
    return select(*columns).where(stops.c.lifted_at.is_(None)).order_by(stops.c.seq)
