"""Where a batch takes its cases from: the store, or a list that lives only as long as a plan or a rehearsal."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection

from agent.domain.cases import Case
from agent.store import aftercare, cases
from agent.store.database import Database


class Queue(Protocol):
    """Cases that want a pass."""

    async def due(self, now: datetime, held: Collection[str]) -> Case | None:
        """Return the case that has been due longest and that no lane holds."""

    async def next_due_at(self, held: Collection[str]) -> datetime | None:
        """Return when the next case that is not held wants a pass; None where none ever will."""


class StoredQueue:
    """The due cases of one shop in the store; ``case_ids`` restricts it to those."""

    def __init__(self, db: Database, shop: str, case_ids: Collection[str] | None) -> None:
        self._db = db
        self._shop = shop
        self._case_ids = case_ids

    async def due(self, now: datetime, held: Collection[str]) -> Case | None:
        """Return the case that has been due longest and that no lane holds."""
        found = await self._db.aread(
            lambda tx: cases.due(tx, shop=self._shop, now=now, limit=len(held) + 1, case_ids=self._case_ids)
        )
        case = next((case for case in found if case.case_id not in held), None)
        return case or await self._after(now, held)

    async def _after(self, now: datetime, held: Collection[str]) -> Case | None:
        """Return an ended case that is still open for something: what closes orders goes before it."""
        found = await self._db.aread(
            lambda tx: aftercare.due(tx, shop=self._shop, now=now, limit=len(held) + 1, case_ids=self._case_ids)
        )
        return next((case for case in found if case.case_id not in held), None)

    async def next_due_at(self, held: Collection[str]) -> datetime | None:
        """Return when the next case that is not held wants a pass; None where none ever will."""
        return await self._db.aread(lambda tx: next_due_at(tx, self._shop, self._case_ids, but=held))


def next_due_at(
    tx: Connection, shop: str, case_ids: Collection[str] | None, *, but: Collection[str] = ()
) -> datetime | None:
    """Return when the next case of a shop wants a pass, open or ended; None where none ever will."""
    times = (
        cases.next_due_at(tx, shop=shop, case_ids=case_ids, but=but),
        aftercare.next_due_at(tx, shop=shop, case_ids=case_ids, but=but),
    )
    return min((at for at in times if at is not None), default=None)


class ListedQueue:
    """Cases that are not stored; each gets one pass."""

    def __init__(self, listed: Sequence[Case]) -> None:
        self._left = list(reversed(listed))

    async def due(self, _now: datetime, _held: Collection[str]) -> Case | None:
        """Return the next case of the list."""
        return self._left.pop() if self._left else None

    async def next_due_at(self, _held: Collection[str]) -> datetime | None:
        """Return None: nothing of a list comes back."""
        return None
