"""Between a case and its row."""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any, TypeVar

from sqlalchemy import RowMapping, Select, select

from agent.domain.cases import Case, CaseState, Terms
from agent.store.tables import cases

T = TypeVar("T")

CHUNK = 900  # ids in one statement: some builds of SQLite take no more than 999 parameters

_FIELDS = tuple(field.name for field in fields(Case))
_FIXED = frozenset({"case_id", "shop", "portal", "account", "role", "order_id", "created_at"})


def in_chunks(things: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield the things in runs that one statement can name."""
    for start in range(0, len(things), CHUNK):
        yield things[start : start + CHUNK]


def select_cases() -> Select[Any]:
    """Return the query of all cases, in the columns that ``case_of`` reads."""
    return select(*(column for column in cases.c if column is not cases.c.seq))


def case_of(row: RowMapping) -> Case:
    """Return the case that a row keeps."""
    kept: dict[str, Any] = dict(row)
    terms = kept.pop("terms")
    return Case(**kept, terms=None if terms is None else Terms.from_json(terms))


def row_of(case: Case) -> dict[str, Any]:
    """Return the row that keeps a case; one that is due and has no time is due since it was made."""
    row = {name: getattr(case, name) for name in _FIELDS}
    row["terms"] = None if case.terms is None else case.terms.as_json()
    if case.state is CaseState.DUE and case.due_at is None:
        row["due_at"] = case.created_at
    return row


def mutable_row_of(case: Case) -> dict[str, Any]:
    """Return the part of the row that a pass may change."""
    return {name: value for name, value in row_of(case).items() if name not in _FIXED}
