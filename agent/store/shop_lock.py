"""One live run for each account on a portal: a lock that lies where the intents lie, and dies with its holder."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from filelock import FileLock, Timeout
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import DBAPIError

from agent.errors import ShopBusy
from agent.store.connect import file_of


@contextmanager
def held(engine: Engine, portal: str, account: str) -> Iterator[None]:
    """Hold an account of a portal against all other live runs over this database, on any machine.

    Raises:
        ShopBusy: another live run holds it.
    """
    name = f"{portal}\x1f{account}"
    if engine.dialect.name == "postgresql":
        with _on_server(engine, name):
            yield
        return
    file = file_of(engine.url)
    if file is None:  # in memory: nobody else can see this database
        yield
        return
    lock = FileLock(file.with_name(f"{file.name}.{hashlib.sha256(name.encode()).hexdigest()[:16]}.lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise ShopBusy(f"another live run is working {account} on {portal}; it goes on undisturbed") from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _on_server(engine: Engine, name: str) -> Iterator[None]:
    # A connection of its own, not in a transaction: the server lets go of the lock when the connection ends. That can
    # happen to a holder that lives, cut off or frozen for too long: see ``runs.check_not_replaced``.
    key = func.hashtextextended(name, 1)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not connection.execute(select(func.pg_try_advisory_lock(key))).scalar_one():
            portal, _, account = name.partition("\x1f")
            raise ShopBusy(f"another live run is working {account} on {portal}; it goes on undisturbed")
        try:
            yield
        finally:
            with suppress(DBAPIError):  # the connection has ended, and the lock with it
                connection.execute(select(func.pg_advisory_unlock(key)))
