"""The databases that the contract holds for."""

import contextlib
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
import store_postgres
from sqlalchemy import create_engine, make_url, text

from agent.store.database import Database
from agent.store.tables import APPEND_ONLY, metadata

BACKENDS = ["sqlite_file", "sqlite_memory", "postgresql"]


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """A PostgreSQL database that is never used itself, only to make others beside it."""
    with store_postgres.server() as url:
        yield url


@pytest.fixture(scope="session")
def migrated(postgresql_url: str) -> Iterator[str]:
    """The URL of a migrated PostgreSQL database that this session's tests use one after the other."""
    with _new_database(postgresql_url) as url:
        Database.open(url).close()
        yield url


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """Which database a test runs on."""
    return str(request.param)


@pytest.fixture
def empty_url(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a database of the test's own, which nobody has opened yet."""
    if backend == "postgresql":
        with _new_database(request.getfixturevalue("postgresql_url")) as url:
            yield url
    else:
        yield _sqlite_url(backend, tmp_path)


@pytest.fixture
def url(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """The URL of a database without rows."""
    if backend != "postgresql":
        return _sqlite_url(backend, tmp_path)
    shared: str = request.getfixturevalue("migrated")
    _empty(shared)  # many times as quick as a new database
    return shared


@pytest.fixture
def db(url: str) -> Iterator[Database]:
    """An open database without cases."""
    database = Database.open(url)
    yield database
    database.close()


def _sqlite_url(backend: str, folder: Path) -> str:
    return "sqlite:///:memory:" if backend == "sqlite_memory" else f"sqlite:///{folder / 'closewright.db'}"


@contextlib.contextmanager
def _new_database(server: str) -> Iterator[str]:
    name = f"closewright_{secrets.token_hex(6)}"
    _command(server, f"CREATE DATABASE {name}")
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    _command(server, f"DROP DATABASE {name} WITH (FORCE)")


def _empty(url: str) -> None:
    """Remove all rows, those of the append-only tables too, and put their triggers on again."""
    triggers = [f"ALTER TABLE {table.name} {{}} TRIGGER USER" for table in APPEND_ONLY]
    _command(
        url,
        *(trigger.format("DISABLE") for trigger in triggers),
        *(f"DELETE FROM {table.name}" for table in reversed(metadata.sorted_tables)),  # noqa: S608
        *(trigger.format("ENABLE") for trigger in triggers),
    )


def _command(url: str, *statements: str) -> None:
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()
