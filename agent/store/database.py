"""The database: one writer thread, short transactions, on SQLite or PostgreSQL."""

import asyncio
import contextlib
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import TypeVar

from sqlalchemy import URL, Connection, Engine
from sqlalchemy.exc import DatabaseError, SQLAlchemyError, StatementError

from agent.errors import ConfigError, StoreError
from agent.store.connect import READ_ONLY, file_of, in_memory, make_engine, parse_url
from agent.store.schema import bring_up
from agent.store.shop_lock import held

T = TypeVar("T")

_READERS = 4


class Database:
    """A database that is open; every change goes through its one writer thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writer = ThreadPoolExecutor(1, "closewright-writer")
        # A database in memory is one connection, which two threads may not use at once.
        shared = in_memory(engine.url)
        self._readers = self._writer if shared else ThreadPoolExecutor(_READERS, "closewright-reader")
        self._thread = threading.local()

    @classmethod
    def open(cls, url: str) -> "Database":
        """Open the database, creating or migrating it first.

        Raises:
            ConfigError: the URL is bad, its driver is missing, or the place cannot be opened or written.
            StoreError: a newer closewright has written it.
        """
        parsed = parse_url(url)
        engine = make_engine(parsed)
        try:
            with _opening(parsed):
                _make_room(parsed)
                bring_up(engine, file_of(parsed))
        except BaseException:
            engine.dispose()
            raise
        return cls(engine)

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` in one transaction on the writer thread: all of it is kept, or nothing.

        Raises:
            StoreError: the database refused, or could not be reached; nothing is kept.
        """
        return self._submit_write(work).result()

    async def awrite(self, work: Callable[[Connection], T]) -> T:
        """Do as ``write`` does; a caller that is cancelled meanwhile leaves only after the transaction has ended.

        Raises:
            StoreError: the database refused, or could not be reached; nothing is kept.
        """
        pending = asyncio.wrap_future(self._submit_write(work))
        try:
            return await asyncio.shield(pending)
        except asyncio.CancelledError:
            await asyncio.wait([pending])
            raise

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` in one transaction that cannot change anything.

        Raises:
            StoreError: the database could not be read.
        """
        return self._submit_read(work).result()

    async def aread(self, work: Callable[[Connection], T]) -> T:
        """Do as ``read`` does, without holding up the event loop.

        Raises:
            StoreError: the database could not be read.
        """
        return await asyncio.wrap_future(self._submit_read(work))

    def hold_shop(self, portal: str, account: str) -> AbstractContextManager[None]:
        """Hold an account of a portal against other live runs; see ``shop_lock.held``."""
        return held(self._engine, portal, account)

    @property
    def lock_dies_with_holder(self) -> bool:
        """Whether a shop's lock can only be free because its holder let go of it or is dead; see ``shop_lock``."""
        return self._engine.dialect.name != "postgresql"

    def close(self) -> None:
        """Finish what was submitted and let go of the database; closing twice does nothing."""
        self._writer.shutdown()
        self._readers.shutdown()
        self._engine.dispose()

    def _submit_write(self, work: Callable[[Connection], T]) -> Future[T]:
        return self._submit(self._writer, work, read_only=False)

    def _submit_read(self, work: Callable[[Connection], T]) -> Future[T]:
        return self._submit(self._readers, work, read_only=True)

    def _submit(self, threads: ThreadPoolExecutor, work: Callable[[Connection], T], *, read_only: bool) -> Future[T]:
        if getattr(self._thread, "busy", False):  # it would wait for itself
            raise StoreError("a transaction was asked for inside another one: use the connection given to the work")
        try:
            return threads.submit(self._run, work, read_only=read_only)
        except RuntimeError as fault:
            raise StoreError("the database has been closed") from fault

    def _run(self, work: Callable[[Connection], T], *, read_only: bool) -> T:
        options = {READ_ONLY: read_only}
        if self._engine.dialect.name == "postgresql":
            options["postgresql_readonly"] = read_only
        self._thread.busy = True
        try:
            with _translated(), self._engine.connect().execution_options(**options) as tx, tx.begin():
                return work(tx)
        finally:
            self._thread.busy = False


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as fault:
        raise StoreError(f"the database refused: {_first_line(fault)}") from fault


@contextlib.contextmanager
def _opening(url: URL) -> Iterator[None]:
    try:
        yield
    except (DatabaseError, sqlite3.Error, OSError) as fault:
        place = url.render_as_string(hide_password=True)
        raise ConfigError(
            [f"store.url: {place} cannot be opened and written ({_first_line(fault)}): check the place and its rights"]
        ) from fault


def _make_room(url: URL) -> None:
    file = file_of(url)
    if file is None:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    # SQLite opens what it may only read, and would fail at the first change, in the middle of a run.
    for place in (file, file.parent):
        if place.exists() and not os.access(place, os.W_OK):
            raise PermissionError(f"no right to write {place}")


def _first_line(fault: Exception) -> str:
    # The lines after the first may hold values of the row, which are private.
    cause = fault.orig if isinstance(fault, StatementError) and fault.orig is not None else fault
    return (str(cause).splitlines() or [type(cause).__name__])[0]
