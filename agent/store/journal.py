"""The journal of a case: append-only, each entry committing to all before it, its head signed."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select

from agent.domain.chain import GENESIS, canonical, link
from agent.errors import StoreError
from agent.store.columns import iso, plain
from agent.store.tables import cases
from agent.store.tables import heads as heads_table
from agent.store.tables import journal as journal_table

Signer = Callable[[bytes], tuple[str, str]]  # message -> key id, signature in base64


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a journal; ``at`` is the very text that the hash covers."""

    n: int
    at: str
    kind: str
    body: dict[str, Any]
    prev: str
    hash: str


@dataclass(frozen=True, slots=True)
class Head:
    """A signature over a journal as it was after entry ``n``."""

    n: int
    hash: str
    key_id: str
    signature: str
    at: str


def append(tx: Connection, case_id: str, kind: str, body: Mapping[str, Any], *, at: datetime) -> Entry:
    """Add an entry at the end of a case's journal.

    Raises:
        StoreError: there is no such case, or the body cannot be written as JSON.
    """
    _lock(tx, case_id)
    n, last = head(tx, case_id)
    kept: dict[str, Any] = plain(body, f"journal entry {kind!r} of case {case_id}")
    entry = next_entry(case_id, kind, kept, at=iso(at), after=(n, last))
    tx.execute(insert(journal_table).values(row_of(case_id, entry)))
    return entry


def next_entry(case_id: str, kind: str, body: dict[str, Any], *, at: str, after: tuple[int, str]) -> Entry:
    """Return the entry that follows the head ``after``, without storing it; body and time as they will read back."""
    n, prev = after[0] + 1, after[1]
    hashed = link(prev=prev, case_id=case_id, n=n, at=at, kind=kind, body=body)
    return Entry(n, at, kind, body, prev, hashed)


def row_of(case_id: str, entry: Entry) -> dict[str, Any]:
    """Return the row that keeps an entry."""
    return {
        "case_id": case_id,
        "n": entry.n,
        "at": entry.at,
        "kind": entry.kind,
        "body": entry.body,
        "prev": entry.prev,
        "hash": entry.hash,
    }


def entries(tx: Connection, case_id: str) -> list[Entry]:
    """Return a case's journal, oldest first."""
    table = journal_table.c
    query = (
        select(table.n, table.at, table.kind, table.body, table.prev, table.hash)
        .where(table.case_id == case_id)
        .order_by(table.n)
    )
    return [Entry(**row) for row in tx.execute(query).mappings()]


def head(tx: Connection, case_id: str) -> tuple[int, str]:
    """Return number and hash of the last entry; ``(0, GENESIS)`` where there is none."""
    table = journal_table.c
    query = select(table.n, table.hash).where(table.case_id == case_id).order_by(table.n.desc()).limit(1)
    row = tx.execute(query).one_or_none()
    return (0, GENESIS) if row is None else (row.n, row.hash)


def count_of(tx: Connection, case_id: str, kinds: Collection[str]) -> int:
    """Return how many entries of these kinds a case has."""
    table = journal_table.c
    query = select(func.count()).where(table.case_id == case_id, table.kind.in_(kinds))
    return tx.execute(query).scalar_one()


def heads_of(tx: Connection, case_ids: Collection[str]) -> dict[str, tuple[int, str]]:
    """Return what ``head`` returns, for many cases at once; those without entries are left out."""
    table = journal_table.c
    last = (
        select(table.case_id, func.max(table.n).label("n"))
        .where(table.case_id.in_(case_ids))
        .group_by(table.case_id)
        .subquery()
    )
    query = select(table.case_id, table.n, table.hash).join(
        last, (table.case_id == last.c.case_id) & (table.n == last.c.n)
    )
    return {row.case_id: (row.n, row.hash) for row in tx.execute(query)}


def sign_head(tx: Connection, case_id: str, signer: Signer, *, at: datetime) -> Head:
    """Sign the journal as it is now; a head that this key has signed already is returned as it is.

    Raises:
        StoreError: there is nothing to sign.
    """
    _lock(tx, case_id)
    n, last = head(tx, case_id)
    if n == 0:
        raise StoreError(f"the journal of case {case_id} is empty: there is nothing to sign")
    key_id, signature = signer(canonical({"case_id": case_id, "n": n, "hash": last}))
    for known in heads(tx, case_id):
        if (known.n, known.key_id) == (n, key_id):
            return known
    signed = Head(n, last, key_id, signature, iso(at))
    row = {"case_id": case_id, "n": n, "key_id": key_id, "hash": last, "signature": signature, "at": signed.at}
    tx.execute(insert(heads_table).values(row))
    return signed


def heads(tx: Connection, case_id: str) -> list[Head]:
    """Return the signed heads of a case, oldest first."""
    table = heads_table.c
    query = (
        select(table.n, table.hash, table.key_id, table.signature, table.at)
        .where(table.case_id == case_id)
        .order_by(table.n, table.at, table.key_id)
    )
    return [Head(**row) for row in tx.execute(query).mappings()]


def _lock(tx: Connection, case_id: str) -> None:
    """Let nobody else extend this journal until the transaction ends."""
    if tx.execute(select(cases.c.case_id).where(cases.c.case_id == case_id).with_for_update()).one_or_none() is None:
        raise StoreError(f"there is no case {case_id}")
