"""Opening, migrating, transactions."""

import asyncio
import multiprocessing
import os
import sqlite3
import sys
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from store_making import CLERK, NOW, SHARED_BACKENDS, admit, make_case, wish

from agent.errors import ConfigError, StoreError
from agent.store import cases
from agent.store.audit import audit, trail
from agent.store.database import Database
from agent.store.migrations import LATEST
from agent.store.tables import metadata


def note(tx: Connection, what: str = "noted") -> None:
    audit(tx, what, {}, CLERK, NOW)


def test_an_empty_place_becomes_a_database_with_exactly_the_tables_of_the_code(empty_url: str) -> None:
    db = Database.open(empty_url)
    compared = db.write(lambda tx: compare_metadata(MigrationContext.configure(tx), metadata))
    db.close()
    assert compared == []


@pytest.mark.parametrize("backend", SHARED_BACKENDS, indirect=True)
def test_opening_again_keeps_what_was_written(empty_url: str) -> None:
    for _ in range(2):
        db = Database.open(empty_url)
        db.write(note)
        db.close()
    db = Database.open(empty_url)
    assert len(db.read(trail)) == 2
    db.close()


def test_the_version_that_opening_looks_for_is_the_last_migration() -> None:
    config = Config()
    config.set_main_option("script_location", "agent.store:migrations")
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [LATEST]


@pytest.mark.parametrize("backend", SHARED_BACKENDS, indirect=True)
def test_a_database_of_a_newer_version_is_refused_and_left_alone(empty_url: str) -> None:
    db = Database.open(empty_url)
    db.write(lambda tx: tx.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    db.close()
    with pytest.raises(StoreError, match=r"schema 9999.*newer closewright"):
        Database.open(empty_url)


def open_and_note(url: str, ready: threading.Barrier) -> None:
    ready.wait()
    db = Database.open(url)
    db.write(note)
    db.close()


@pytest.mark.parametrize("backend", SHARED_BACKENDS, indirect=True)
def test_processes_that_open_an_empty_place_at_once_all_succeed(empty_url: str) -> None:
    context = multiprocessing.get_context("spawn")
    ready = context.Barrier(2)
    processes = [context.Process(target=open_and_note, args=(empty_url, ready)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0]
    db = Database.open(empty_url)
    assert len(db.read(trail)) == 2
    db.close()


@pytest.mark.parametrize("backend", SHARED_BACKENDS, indirect=True)
def test_opening_waits_for_nobody_who_writes(url: str, db: Database) -> None:
    """A writer that stands still in its transaction holds up no command that only looks who is at work."""
    opened: list[int] = []

    def write_slowly(tx: Connection) -> None:
        note(tx)
        another = Database.open(url)
        opened.append(another.read(lambda reading: len(trail(reading))))
        another.close()

    db.write(write_slowly)
    assert opened == [0], "what is not committed yet is not seen"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("nonsense", "not a database URL"),
        ("", "not a database URL"),
        ("mysql://root@localhost/x", "'mysql'"),
        ("sqlite:///file:x.db?uri=true", "plain file"),
        ("postgresql://nobody:topsecret@127.0.0.1:1/nothing", "cannot be opened"),
    ],
)
def test_a_bad_url_is_a_configuration_error_that_names_the_key_and_no_password(url: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        Database.open(url)
    assert "store.url" in str(caught.value)
    assert "topsecret" not in str(caught.value)


def test_a_place_that_cannot_be_written_is_a_configuration_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "text.db").write_text("not a database" * 100)
    for place in ("file/closewright.db", ".", "text.db"):
        with pytest.raises(ConfigError, match="cannot be opened and written"):
            Database.open(f"sqlite:///{tmp_path / place}")


def test_a_missing_folder_is_made(tmp_path: Path) -> None:
    Database.open(f"sqlite:///{tmp_path / 'a' / 'b' / 'closewright.db'}").close()
    assert (tmp_path / "a" / "b" / "closewright.db").exists()


def test_the_file_is_in_wal_mode_and_every_connection_has_the_safe_settings(tmp_path: Path) -> None:
    db = Database.open(f"sqlite:///{tmp_path / 'x.db'}")
    wanted = {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 2, "busy_timeout": 30000}
    for ask in (db.read, db.write):
        assert {key: ask(lambda tx, key=key: tx.exec_driver_sql(f"PRAGMA {key}").scalar()) for key in wanted} == wanted
    db.close()


def test_work_that_fails_leaves_nothing(db: Database) -> None:
    def half(tx: Connection) -> None:
        admit(tx, [wish(1)])
        raise KeyError("crash")

    with pytest.raises(KeyError):
        db.write(half)
    assert db.read(cases.listing) == []


def die_halfway(url: str) -> None:
    def half(tx: Connection) -> None:
        admit(tx, [wish(1), wish(2)])
        os._exit(9)  # no handler runs, as with kill -9

    Database.open(url).write(half)


@pytest.mark.parametrize("backend", SHARED_BACKENDS, indirect=True)
def test_a_process_that_dies_in_a_transaction_leaves_nothing_and_holds_nobody_up(url: str, db: Database) -> None:
    process = multiprocessing.get_context("spawn").Process(target=die_halfway, args=(url,))
    process.start()
    process.join()
    assert process.exitcode == 9
    assert db.read(cases.listing) == []
    assert make_case(db).order_id == wish(1).order_id


def test_a_missing_driver_is_a_configuration_error_that_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ConfigError, match=r"closewright\[postgres\]"):
        Database.open("postgresql://nobody@127.0.0.1:1/nothing")


def test_a_reader_cannot_write(db: Database) -> None:
    with pytest.raises(StoreError, match="read"):
        db.read(note)
    db.write(note)
    assert len(db.read(trail)) == 1


def test_a_transaction_inside_another_is_an_error_and_not_a_deadlock(db: Database) -> None:
    for outer in (db.read, db.write):
        with pytest.raises(StoreError, match="inside another"):
            outer(lambda _: db.write(note))


def test_a_closed_database_says_so(db: Database) -> None:
    db.close()
    db.close()
    with pytest.raises(StoreError, match="closed"):
        db.read(trail)


def test_a_cancelled_writer_leaves_after_its_commit(db: Database) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(tx: Connection) -> None:
        begun.set()
        go_on.wait(10)
        note(tx)

    async def cancel_it() -> None:
        task = asyncio.create_task(db.awrite(slow))
        await asyncio.to_thread(begun.wait, 10)
        task.cancel()
        await asyncio.to_thread(go_on.set)
        with pytest.raises(asyncio.CancelledError):
            await task
        assert len(await db.aread(trail)) == 1

    asyncio.run(cancel_it())


def test_awaited_writes_answer_and_raise_as_the_others_do(db: Database) -> None:
    async def ask() -> int:
        await db.awrite(note)
        with pytest.raises(StoreError, match="JSON"):
            await db.awrite(lambda tx: audit(tx, "x", {"bad": object()}, CLERK, NOW))
        return len(await db.aread(trail))

    assert asyncio.run(ask()) == 1


def test_writers_of_many_threads_do_not_disturb_each_other(db: Database) -> None:
    threads = [threading.Thread(target=lambda: [db.write(note) for _ in range(20)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(db.read(trail)) == 160


def test_values_of_rows_do_not_stand_in_error_messages(db: Database) -> None:
    case = make_case(db)
    statement = text(
        "INSERT INTO cases (case_id, shop, portal, account, role, order_id, reason, note, consent, state,"
        " created_at, why, attempts, facts) SELECT case_id, shop, portal, account, role, order_id, reason,"
        " 'secret note', consent, state, created_at, why, attempts, facts FROM cases"
    )
    with pytest.raises(StoreError) as caught:
        db.write(lambda tx: tx.execute(statement))
    assert "secret" not in str(caught.value)
    assert case.case_id not in str(caught.value)


def test_a_naive_time_is_refused(db: Database) -> None:
    with pytest.raises(StoreError, match="no zone"):
        db.write(lambda tx: audit(tx, "x", {}, CLERK, NOW.replace(tzinfo=None)))


def test_sqlite_files_are_plain_and_can_be_read_with_the_usual_tools(tmp_path: Path) -> None:
    db = Database.open(f"sqlite:///{tmp_path / 'x.db'}")
    db.write(note)
    db.close()
    raw = sqlite3.connect(tmp_path / "x.db")
    assert raw.execute("SELECT at FROM audit").fetchall() == [("2026-03-01T09:30:00.000000+00:00",)]
    raw.close()
