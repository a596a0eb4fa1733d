"""Who changed what outside a case: stops, starts and their like; append-only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from agent.store.columns import plain
from agent.store.tables import audit_trail


@dataclass(frozen=True, slots=True)
class Trace:
    """One human action."""

    what: str
    body: dict[str, Any]
    actor: dict[str, Any]
    at: datetime


def audit(tx: Connection, what: str, body: Mapping[str, Any], actor: Mapping[str, Any], now: datetime) -> None:
    """Write down that ``actor`` (``os_user``, ``host``) did ``what``.

    Raises:
        StoreError: body or actor are not plain data.
    """
    row = {"what": what, "body": plain(body, what), "actor": plain(actor, "actor"), "at": now}
    tx.execute(insert(audit_trail).values(row))


def trail(tx: Connection) -> list[Trace]:
    """Return every human action, oldest first."""
    columns = [audit_trail.c.what, audit_trail.c.body, audit_trail.c.actor, audit_trail.c.at]
    return [Trace(**row) for row in tx.execute(select(*columns).order_by(audit_trail.c.seq)).mappings()]
