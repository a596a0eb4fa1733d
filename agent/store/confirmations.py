"""Which unverified entries of a profile have been confirmed, for one shop and one text of the profile."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, select

from agent.store.columns import plain
from agent.store.dialects import insert_missing
from agent.store.tables import confirmations


def confirm(
    tx: Connection,
    *,
    profile_hash: str,
    shop: str,
    entry: str,
    how: Literal["doctor", "supervised"],
    actor: Mapping[str, Any],
    now: datetime,
) -> None:
    """Write down that an entry was seen to be right; the first confirmation stands.

    Raises:
        StoreError: the actor is not plain data.
    """
    key = {"profile_hash": profile_hash, "shop": shop, "entry": entry}
    insert_missing(tx, confirmations, key | {"how": how, "actor": plain(actor, "actor"), "at": now})


def confirmed(tx: Connection, profile_hash: str, shop: str) -> set[str]:
    """Return the entries confirmed for this shop and exactly this profile."""
    row = confirmations.c
    query = select(row.entry).where(row.profile_hash == profile_hash, row.shop == shop)
    return set(tx.execute(query).scalars())
