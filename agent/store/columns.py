"""How our values are kept in columns, the same on both databases."""

import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

from sqlalchemy import Dialect, Text, TypeDecorator
from sqlalchemy.types import TypeEngine

from agent.domain.chain import canonical
from agent.errors import StoreError

E = TypeVar("E", bound=StrEnum)


def iso(at: datetime) -> str:
    """Return the one text of a time that is stored and hashed: UTC, always with microseconds, sortable.

    Raises:
        StoreError: the time has no zone.
    """
    if at.tzinfo is None:
        raise StoreError(f"the time {at} has no zone: pass an aware time")
    return at.astimezone(UTC).isoformat(timespec="microseconds")


class JsonText(str):
    """JSON that is encoded already: a ``Json`` column keeps it as it is."""

    __slots__ = ()


def json_text(data: Any, what: str) -> JsonText:
    """Return the canonical JSON of ``data``; ``what`` names it in the error.

    Raises:
        StoreError: it cannot be written as JSON.
    """
    try:
        return JsonText(canonical(data).decode())
    except (TypeError, ValueError) as fault:
        raise StoreError(f"{what} cannot be written as JSON: {fault}") from fault


def plain(data: Any, what: str) -> Any:
    """Return ``data`` as it will read back from JSON; ``what`` names it in the error.

    Raises:
        StoreError: it cannot be written as JSON.
    """
    return json.loads(json_text(data, what))


class Utc(TypeDecorator[datetime]):
    """An aware time, kept as text that sorts by time."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Compare by bytes on PostgreSQL too, whatever the locale of the database."""
        collation = "C" if dialect.name == "postgresql" else None
        return Text(collation=collation)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Write the time as text."""
        return None if value is None else iso(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Read the time back, in UTC."""
        return None if value is None else datetime.fromisoformat(value)


class Json(TypeDecorator[Any]):
    """Plain data, kept as its canonical JSON text, so that its hash survives the round trip."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Write the data as text."""
        if value is None:
            return None
        return str(value) if isinstance(value, JsonText) else canonical(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002
        """Read the data back."""
        return None if value is None else json.loads(value)


class Word(TypeDecorator[E], Generic[E]):
    """A member of an enum, kept as its word; another word in the database is an error."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: type[E]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: E | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Write the word."""
        return None if value is None else self.kind(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> E | None:  # noqa: ARG002
        """Read the member back."""
        return None if value is None else self.kind(value)
