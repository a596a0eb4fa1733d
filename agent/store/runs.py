"""Runs: who started what, and how it ended."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, exists, insert, select, update

from agent.errors import ShopBusy, StoreError
from agent.store.columns import plain
from agent.store.new_ids import new_id
from agent.store.tables import runs

LIVE = ("run", "resume", "close")  # the kinds that hold their shop and change something


@dataclass(frozen=True, slots=True)
class Run:
    """One run over a shop; ``how`` says in a few words how it ended."""

    run_id: str
    shop: str
    kind: str
    actor: dict[str, Any]
    pid: int
    started_at: datetime
    ended_at: datetime | None = None
    exit_code: int | None = None
    how: str | None = None
    counts: dict[str, int] | None = None


def begin(tx: Connection, *, shop: str, kind: str, actor: Mapping[str, Any], pid: int, now: datetime) -> str:
    """Write down that a run begins and return its id.

    Raises:
        StoreError: the actor is not plain data.
    """
    run_id = new_id("r")
    row = {"run_id": run_id, "shop": shop, "kind": kind, "actor": plain(actor, "actor"), "pid": pid}
    tx.execute(insert(runs).values(row | {"started_at": now}))
    return run_id


def end(tx: Connection, run_id: str, *, exit_code: int, how: str, counts: Mapping[str, int], now: datetime) -> None:
    """Write down how a run ended.

    Raises:
        StoreError: there is no such run, or it has ended.
    """
    change = (
        update(runs)
        .where(runs.c.run_id == run_id, runs.c.ended_at.is_(None))
        .values(exit_code=exit_code, how=how, counts=plain(counts, "counts"), ended_at=now)
    )
    if tx.execute(change).rowcount != 1:
        raise StoreError(f"there is no run {run_id} under way")


def check_not_replaced(tx: Connection, run_id: str) -> None:
    """Make sure that no later live run has taken over the shop of this one, which has lost its hold without knowing it.

    Raises:
        ShopBusy: one has; what this run knows is older than what stands in the database.
    """
    mine = select(runs.c.shop, runs.c.seq).where(runs.c.run_id == run_id).subquery()
    later = exists().where(runs.c.shop == mine.c.shop, runs.c.seq > mine.c.seq, runs.c.kind.in_(LIVE))
    if tx.execute(select(later)).scalar_one():
        raise ShopBusy(f"another live run has taken over the shop of run {run_id}, which writes nothing any more")


def has_ended(tx: Connection, run_id: str) -> bool:
    """Tell whether a run has written down its own end: nothing of it is under way then."""
    ended = exists().where(runs.c.run_id == run_id, runs.c.ended_at.is_not(None))
    return bool(tx.execute(select(ended)).scalar_one())


def get(tx: Connection, run_id: str) -> Run | None:
    """Return one run."""
    return _first(tx, _select().where(runs.c.run_id == run_id))


def last(tx: Connection, shop: str, kinds: Collection[str] | None = None) -> Run | None:
    """Return the run of a shop that ended last; those under way or killed are ``unfinished``."""
    query = _select().where(runs.c.shop == shop, runs.c.ended_at.is_not(None))
    if kinds is not None:
        query = query.where(runs.c.kind.in_(kinds))
    return _first(tx, query.order_by(runs.c.ended_at.desc(), runs.c.seq.desc()).limit(1))


def unfinished(tx: Connection, shop: str) -> list[Run]:
    """Return the runs of a shop that are under way or were killed, oldest first."""
    query = _select().where(runs.c.shop == shop, runs.c.ended_at.is_(None)).order_by(runs.c.seq)
    return [Run(**row) for row in tx.execute(query).mappings()]


def killed_before(tx: Connection, run_id: str) -> list[Run]:
    """Return the live runs of this one's shop that were killed since one came to its end, oldest first."""
    mine = get(tx, run_id)
    if mine is None:
        return []
    ended = last(tx, mine.shop, LIVE)
    since = ended.started_at if ended is not None else None
    return [
        run
        for run in unfinished(tx, mine.shop)
        if run.run_id != run_id and run.kind in LIVE and (since is None or run.started_at >= since)
    ]


def _select() -> Select[Any]:
    return select(*(column for column in runs.c if column is not runs.c.seq))


def _first(tx: Connection, query: Select[Any]) -> Run | None:
    row = tx.execute(query).mappings().one_or_none()
    return None if row is None else Run(**row)
