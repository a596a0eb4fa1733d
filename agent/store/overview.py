"""What reports need of many cases at once: a few statements for all of them instead of a few for each."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import Connection, select

from agent.store.case_rows import in_chunks
from agent.store.intents import Intent
from agent.store.journal import Entry, Head
from agent.store.tables import heads, intents, journal


def intents_of(tx: Connection, case_ids: Sequence[str]) -> dict[str, list[Intent]]:
    """Return the intents of each case, oldest first; cases without one are left out."""
    columns = [column for column in intents.c if column is not intents.c.seq]
    found: dict[str, list[Intent]] = defaultdict(list)
    for chunk in in_chunks(case_ids):
        query = select(*columns).where(intents.c.case_id.in_(chunk)).order_by(intents.c.seq)
        for row in tx.execute(query).mappings():
            found[row["case_id"]].append(Intent(**row))
    return dict(found)


def journals_of(
    tx: Connection, case_ids: Sequence[str], *, kinds: Collection[str] | None = None
) -> dict[str, list[Entry]]:
    """Return the journal of each case, oldest entry first; ``kinds`` restricts it to those entries."""
    row = journal.c
    wanted = select(row.case_id, row.n, row.at, row.kind, row.body, row.prev, row.hash)
    if kinds is not None:
        wanted = wanted.where(row.kind.in_(kinds))
    found: dict[str, list[Entry]] = defaultdict(list)
    for chunk in in_chunks(case_ids):
        query = wanted.where(row.case_id.in_(chunk)).order_by(row.case_id, row.n)
        for case_id, *entry in tx.execute(query):
            found[case_id].append(Entry(*entry))
    return dict(found)


def last_heads_of(tx: Connection, case_ids: Sequence[str]) -> dict[str, Head]:
    """Return the last signed head of each case; cases that nobody has signed are left out."""
    row = heads.c
    found: dict[str, Head] = {}
    for chunk in in_chunks(case_ids):
        query = (
            select(row.case_id, row.n, row.hash, row.key_id, row.signature, row.at)
            .where(row.case_id.in_(chunk))
            .order_by(row.case_id, row.n, row.at)
        )
        for case_id, *head in tx.execute(query):
            found[case_id] = Head(*head)  # the last one of a case stays
    return found
