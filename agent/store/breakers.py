"""Circuit breakers: one fault on several orders in a row stops the path it stands on."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from agent.domain.ids import OrderId
from agent.store.dialects import insert_missing
from agent.store.tables import breakers

_THRESHOLD = 3


@dataclass(frozen=True, slots=True)
class Breaker:
    """A breaker that is open, with the fault and the orders that opened it; ``detail`` says where to look."""

    shop: str
    path: str
    fault: str
    orders: tuple[OrderId, ...]
    opened_at: datetime
    detail: str | None = None


def record_fault(
    tx: Connection,
    *,
    shop: str,
    path: str,
    fault: str,
    order_id: OrderId,
    now: datetime,
    threshold: int = _THRESHOLD,
) -> bool:
    """Note a fault on an order and tell whether the breaker of that path is open now.

    Another fault begins a new row; the same order again does not lengthen it.
    """
    insert_missing(tx, breakers, {"shop": shop, "path": path, "fault": fault, "orders": [], "opened_at": None})
    here = (breakers.c.shop == shop) & (breakers.c.path == path)
    row = tx.execute(select(breakers).where(here).with_for_update()).one()
    if row.opened_at is not None:
        return True
    so_far = row.orders if row.fault == fault else []
    orders = so_far if order_id in so_far else [*so_far, order_id]
    opened = len(orders) >= threshold
    tx.execute(update(breakers).where(here).values(fault=fault, orders=orders, opened_at=now if opened else None))
    return opened


def open_at_once(tx: Connection, *, shop: str, path: str, fault: str, detail: str, now: datetime) -> None:
    """Open a path's breaker for a fault that no order had to meet first; one that is open already stays as it is."""
    insert_missing(tx, breakers, {"shop": shop, "path": path, "fault": fault, "orders": [], "opened_at": None})
    row = breakers.c
    closed = (row.shop == shop) & (row.path == path) & row.opened_at.is_(None)
    tx.execute(update(breakers).where(closed).values(fault=fault, orders=[], opened_at=now, detail=detail))


def record_success(tx: Connection, *, shop: str, path: str) -> None:
    """End a row of faults; a breaker that is open stays open until somebody resets it."""
    row = breakers.c
    tx.execute(delete(breakers).where(row.shop == shop, row.path == path, row.opened_at.is_(None)))


def open_breaker(tx: Connection, shop: str, path: str) -> Breaker | None:
    """Return the breaker of a path if it is open."""
    row = breakers.c
    query = select(breakers).where(row.shop == shop, row.path == path, row.opened_at.is_not(None))
    found = tx.execute(query).one_or_none()
    return (
        None if found is None else Breaker(shop, path, found.fault, tuple(found.orders), found.opened_at, found.detail)
    )


def reset(tx: Connection, shop: str | None) -> int:
    """Close the breakers of a shop (None: of every shop), and return how many were open."""
    everywhere = delete(breakers) if shop is None else delete(breakers).where(breakers.c.shop == shop)
    opened = tx.execute(everywhere.returning(breakers.c.opened_at)).scalars()
    return sum(opened_at is not None for opened_at in opened)
