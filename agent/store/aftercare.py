"""Aftercare: what cases that have ended are still open for."""

from collections.abc import Collection, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, insert, select, update

from agent.domain.aftercare import Aftercare, AftercareState, Opening
from agent.domain.cases import Case, CaseState
from agent.errors import StoreError
from agent.store.case_rows import case_of, in_chunks, select_cases
from agent.store.tables import aftercare, case_is_open, cases

_FIELDS = tuple(each.name for each in fields(Aftercare))


def open_items(tx: Connection, case_id: str, openings: Sequence[Opening], *, now: datetime) -> None:
    """Open what the end of a case asks for; what a case that was reopened had finished before stays finished."""
    known = {item.kind: item for item in of_case(tx, case_id)}
    for opening in openings:
        item = _item_of(case_id, opening, now)
        standing = known.get(opening.kind)
        if standing is None:
            tx.execute(insert(aftercare).values(_row(item)))
        elif standing.state is not AftercareState.DONE:
            save(tx, item)


def save(tx: Connection, item: Aftercare) -> None:
    """Keep what a look has made of an item.

    Raises:
        StoreError: there is no such item.
    """
    row = _row(item)
    change = update(aftercare).where(aftercare.c.case_id == item.case_id, aftercare.c.kind == item.kind).values(row)
    if tx.execute(change).rowcount != 1:
        raise StoreError(f"case {item.case_id} has no aftercare {item.kind}")


def ask_person(tx: Connection, case_id: str, why: str, *, now: datetime, due_at: datetime) -> None:
    """Have a person see to every item of a case that was due."""
    for item in of_case(tx, case_id):
        if item.due_at is not None and item.due_at <= now:
            save(tx, replace(item, state=AftercareState.HUMAN, why=why, due_at=due_at, attempts=0))


def make_due(tx: Connection, case_id: str, *, now: datetime) -> None:
    """Have every open item of a case looked at as soon as may be."""
    for item in of_case(tx, case_id):
        if item.is_open:
            save(tx, replace(item, state=AftercareState.WAITING, due_at=now, attempts=0))


def drop(tx: Connection, case_id: str, why: str, *, now: datetime) -> None:
    """Let every open item of a case be, because a person says so."""
    for item in of_case(tx, case_id):
        if item.is_open:
            save(tx, replace(item, state=AftercareState.DROPPED, why=why, due_at=None, ended_at=now))


def wanting_person(tx: Connection, shop: str | None = None) -> list[str]:
    """Return the ids of the ended cases of a shop, or of all, that have an item for a person."""
    query = select(aftercare.c.case_id).join(cases, cases.c.case_id == aftercare.c.case_id)
    query = query.where(aftercare.c.state == AftercareState.HUMAN).order_by(aftercare.c.opened_at, aftercare.c.case_id)
    if shop is not None:
        query = query.where(cases.c.shop == shop)
    return list(dict.fromkeys(tx.execute(query).scalars()))


def of_case(tx: Connection, case_id: str) -> list[Aftercare]:
    """Return every item of a case, by kind."""
    return of_cases(tx, [case_id]).get(case_id, [])


def of_cases(tx: Connection, case_ids: Sequence[str]) -> dict[str, list[Aftercare]]:
    """Return the items of cases, by case id and then by kind; a case without any is left out."""
    found: dict[str, list[Aftercare]] = {}
    for chunk in in_chunks(case_ids):
        query = select(aftercare).where(aftercare.c.case_id.in_(chunk)).order_by(aftercare.c.case_id, aftercare.c.kind)
        for row in tx.execute(query).mappings():
            found.setdefault(row["case_id"], []).append(_of_row(row))
    return found


def has_open(tx: Connection, case_id: str) -> bool:
    """Tell whether a case is still open for anything."""
    return any(item.is_open for item in of_case(tx, case_id))


def open_cases(tx: Connection, shop: str) -> list[str]:
    """Return the ids of a shop's ended cases that are still open for something, longest due first."""
    return list(dict.fromkeys(tx.execute(_in_due_order(shop)).scalars()))


def due(tx: Connection, *, shop: str, now: datetime, limit: int, case_ids: Collection[str] | None = None) -> list[Case]:
    """Return ended cases with an item that is due, longest due first; ``case_ids`` restricts it to those.

    A case whose order has got another, open case is left alone until that one has ended.
    """
    found = tx.execute(_in_due_order(shop).where(aftercare.c.due_at <= now)).scalars()
    ids = [case_id for case_id in dict.fromkeys(found) if case_ids is None or case_id in case_ids][:limit]
    by_id = {case.case_id: case for case in _cases(tx, ids)}
    return [by_id[case_id] for case_id in ids]


def next_due_at(
    tx: Connection, *, shop: str, case_ids: Collection[str] | None = None, but: Collection[str] = ()
) -> datetime | None:
    """Return when the next item of a shop's ended cases is due; None where none ever will be."""
    query = _in_due_order(shop).add_columns(aftercare.c.due_at)
    for case_id, due_at in tx.execute(query):
        if case_id not in but and (case_ids is None or case_id in case_ids):
            return due_at  # type: ignore[no-any-return]  # a Utc column
    return None


def _cases(tx: Connection, ids: Sequence[str]) -> list[Case]:
    return [case_of(row) for row in tx.execute(select_cases().where(cases.c.case_id.in_(ids))).mappings()]


def _in_due_order(shop: str) -> Select[Any]:
    again = cases.alias("again")
    held = (
        select(again.c.case_id)
        .where(
            again.c.portal == cases.c.portal,
            again.c.account == cases.c.account,
            again.c.order_id == cases.c.order_id,
            again.c.state != CaseState.ENDED,
        )
        .exists()
    )
    joined = aftercare.join(cases, cases.c.case_id == aftercare.c.case_id)
    return (
        select(aftercare.c.case_id)
        .select_from(joined)
        .where(cases.c.shop == shop, ~case_is_open, aftercare.c.due_at.is_not(None), ~held)
        .order_by(aftercare.c.due_at, aftercare.c.case_id, aftercare.c.kind)
    )


def _item_of(case_id: str, opening: Opening, now: datetime) -> Aftercare:
    done = opening.done
    return Aftercare(
        case_id=case_id,
        kind=opening.kind,
        state=AftercareState.DONE if done else AftercareState.WAITING,
        why=opening.why,
        opened_at=now,
        due_at=None if done else now + opening.after,
        ended_at=now if done else None,
    )


def _row(item: Aftercare) -> dict[str, Any]:
    return {name: getattr(item, name) for name in _FIELDS}


def _of_row(row: RowMapping) -> Aftercare:
    return Aftercare(**row)
