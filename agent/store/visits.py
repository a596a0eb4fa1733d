"""The last good visit of a shop, for exactly one text of the profile."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from agent.store.columns import json_text, plain
from agent.store.tables import visits


@dataclass(frozen=True, slots=True)
class KeptVisit:
    """A visit that was found good: by itself, or by somebody who has looked at the differences."""

    visit: dict[str, Any]
    how: str
    seen_at: datetime


def keep(
    tx: Connection,
    *,
    shop: str,
    profile_hash: str,
    visit: Mapping[str, Any],
    how: str,
    actor: Mapping[str, Any],
    now: datetime,
) -> None:
    """Keep a visit as the good one of this shop and this profile, in place of the one before.

    Raises:
        StoreError: the visit or the actor is not plain data.
    """
    values = {"visit": json_text(visit, "visit"), "how": how, "actor": plain(actor, "actor"), "seen_at": now}
    row = visits.c
    here = (row.shop == shop) & (row.profile_hash == profile_hash)
    if not tx.execute(update(visits).where(here).values(values)).rowcount:
        tx.execute(insert(visits).values(shop=shop, profile_hash=profile_hash, **values))


def last_good(tx: Connection, shop: str, profile_hash: str) -> KeptVisit | None:
    """Return the good visit of this shop and this profile."""
    row = visits.c
    found = tx.execute(select(visits).where(row.shop == shop, row.profile_hash == profile_hash)).one_or_none()
    return None if found is None else KeptVisit(found.visit, found.how, found.seen_at)
