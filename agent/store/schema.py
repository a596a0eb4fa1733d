"""Brings a database to the schema of this version, however many processes open it at once."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock
from sqlalchemy import Connection, Engine, inspect, text

from agent.errors import StoreError
from agent.store.connect import READ_ONLY
from agent.store.dialects import hold
from agent.store.migrations import LATEST

_VERSION_TABLE = "alembic_version"


def bring_up(engine: Engine, file: Path | None) -> None:
    """Create or migrate the schema; ``file`` is the SQLite file, None elsewhere.

    Raises:
        StoreError: a newer closewright has written this database.
    """
    with _file_locked(file):
        # Only reading: an open must not wait for whoever is writing, frozen in the middle of it perhaps.
        with engine.connect().execution_options(**{READ_ONLY: True}) as connection:
            if _version(connection) == LATEST:
                return
        if file is not None:
            _use_wal(engine)
        with engine.begin() as tx:
            hold(tx, "closewright schema")
            _migrate(tx)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_VERSION_TABLE):
        return None
    version: str | None = connection.execute(text(f"SELECT version_num FROM {_VERSION_TABLE}")).scalar()  # noqa: S608
    return version


@contextlib.contextmanager
def _file_locked(file: Path | None) -> Iterator[None]:
    # Switching to WAL does not wait for others as statements do: it fails while anybody else even reads.
    if file is None:
        yield
    else:
        with FileLock(f"{file}.lock"):
            yield


def _use_wal(engine: Engine) -> None:
    raw = engine.raw_connection()  # outside any transaction: SQLite switches only there
    try:
        cursor = raw.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.close()
    finally:
        raw.close()


def _migrate(tx: Connection) -> None:
    # Imported here because it is slow to load and most starts find the schema as it should be.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config(attributes={"connection": tx})
    config.set_main_option("script_location", "agent.store:migrations")
    config.set_main_option("path_separator", "os")
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    version = _version(tx)
    if version is not None and version not in known:
        raise StoreError(
            f"the database has schema {version}, and this closewright knows only up to {LATEST}:"
            " a newer closewright has written it; install that version or a later one"
        )
    command.upgrade(config, "head")
