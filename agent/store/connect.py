"""From a database URL to an engine that keeps our rules on every connection."""

from pathlib import Path

from sqlalchemy import URL, Connection, Engine, StaticPool, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from agent.errors import ConfigError

READ_ONLY = "closewright_read_only"  # execution option of a transaction that changes nothing
_BUSY_TIMEOUT_S = 30
_CACHE_KIB = 32 * 1024  # enough for a large request file: case ids are random, so its rows land all over the tables
_EXAMPLES = "use sqlite:///closewright.db or postgresql://user:password@host/database"


def parse_url(url: str) -> URL:
    """Return a URL of a database that we can use, with our driver named in it.

    Raises:
        ConfigError: it is no such URL.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ConfigError([f"store.url is not a database URL: {_EXAMPLES}"]) from None
    match parsed.drivername:
        case "sqlite" | "sqlite+pysqlite":
            return _sqlite(parsed)
        case "postgresql" | "postgres" | "postgresql+psycopg":
            return parsed.set(drivername="postgresql+psycopg")
        case other:
            raise ConfigError([f"store.url names the database {other!r}, which we do not know: {_EXAMPLES}"])


def file_of(url: URL) -> Path | None:
    """Return the file of a SQLite database, None where there is none."""
    if url.get_backend_name() != "sqlite" or in_memory(url):
        return None
    return Path(url.database or "").absolute()


def in_memory(url: URL) -> bool:
    """Tell whether the database lives in this process only."""
    return url.get_backend_name() == "sqlite" and url.database in {None, "", ":memory:"}


def make_engine(url: URL) -> Engine:
    """Return an engine for a URL from ``parse_url``; nothing is connected yet.

    Raises:
        ConfigError: the driver is not installed.
    """
    if url.get_backend_name() == "postgresql":
        return _postgresql_engine(url)
    arguments = {"check_same_thread": False, "timeout": _BUSY_TIMEOUT_S}
    if in_memory(url):
        engine = create_engine(url, connect_args=arguments, hide_parameters=True, poolclass=StaticPool)
    else:
        engine = create_engine(url, connect_args=arguments, hide_parameters=True)
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _sqlite(url: URL) -> URL:
    if (url.database or "").startswith("file:") or url.query:
        raise ConfigError([f"store.url must name a plain file, without file: and without ?…: {_EXAMPLES}"])
    return url.set(drivername="sqlite+pysqlite")


def _postgresql_engine(url: URL) -> Engine:
    try:
        return create_engine(url, pool_pre_ping=True, hide_parameters=True)
    except ImportError as fault:
        raise ConfigError(
            ["store.url names a PostgreSQL database, and its driver is missing: install closewright[postgres]"]
        ) from fault


def _set_up_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # the driver must not begin transactions behind our back
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that may write takes the write lock first: one that began by reading could not wait for it later.
    read_only = connection.get_execution_options().get(READ_ONLY, False)
    connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if read_only else 'OFF'}")
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")
