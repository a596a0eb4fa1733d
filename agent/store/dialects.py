"""What the two databases say differently."""

from typing import Any

from sqlalchemy import Connection, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite


def hold(tx: Connection, *name: str) -> None:
    """Let nobody else hold ``name`` until this transaction ends.

    A write transaction on SQLite already excludes all others.
    """
    if tx.dialect.name == "postgresql":
        tx.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("\x1f".join(name), 0))))


def insert_missing(tx: Connection, table: Table, values: dict[str, Any]) -> None:
    """Insert a row unless one with its key is there."""
    if tx.dialect.name == "postgresql":
        tx.execute(postgresql.insert(table).values(values).on_conflict_do_nothing())
    else:
        tx.execute(sqlite.insert(table).values(values).on_conflict_do_nothing())
