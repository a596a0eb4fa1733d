"""The journal cannot be changed, and a change made all the same is seen."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from store_making import CLERK, LATER, NOW, make_case

from agent.domain.chain import GENESIS, canonical, link
from agent.errors import StoreError
from agent.store import journal
from agent.store.audit import audit
from agent.store.database import Database
from agent.store.journal import Entry

plain_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
    max_leaves=8,
)


def first_broken(case_id: str, entries: list[Entry]) -> int | None:
    prev = GENESIS
    for n, entry in enumerate(entries, 1):
        right = link(prev=prev, case_id=case_id, n=n, at=entry.at, kind=entry.kind, body=entry.body)
        if (entry.n, entry.prev, entry.hash) != (n, prev, right):
            return n
        prev = entry.hash
    return None


def signer(message: bytes) -> tuple[str, str]:
    return "key1", message.decode()


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bodies=st.lists(st.dictionaries(st.text(st.characters(codec="utf-8")), plain_values), max_size=4))
def test_every_entry_commits_to_all_before_it_and_bodies_read_back_the_same(
    db: Database, bodies: list[dict[str, Any]]
) -> None:
    case = make_case(db)
    before = db.read(lambda tx: journal.head(tx, case.case_id))[0]
    for body in bodies:
        db.write(lambda tx, body=body: journal.append(tx, case.case_id, "noted", body, at=LATER))
    kept = db.read(lambda tx: journal.entries(tx, case.case_id))
    assert first_broken(case.case_id, kept) is None
    assert [entry.body for entry in kept[before:]] == bodies
    assert db.read(lambda tx: journal.head(tx, case.case_id)) == (len(kept), kept[-1].hash)


def test_keys_and_tuples_are_hashed_as_they_read_back(db: Database) -> None:
    case = make_case(db)
    body: dict[str, Any] = {"by": {10: "a", 9: "b"}, "pair": (1, 2)}
    db.write(lambda tx: journal.append(tx, case.case_id, "noted", body, at=NOW))
    kept = db.read(lambda tx: journal.entries(tx, case.case_id))
    assert first_broken(case.case_id, kept) is None
    assert kept[-1].body == {"by": {"10": "a", "9": "b"}, "pair": [1, 2]}


def test_many_heads_are_the_same_as_each_head(db: Database) -> None:
    one, two = make_case(db, 1), make_case(db, 2)
    db.write(lambda tx: journal.append(tx, one.case_id, "noted", {}, at=NOW))
    ids = [one.case_id, two.case_id]
    many = db.read(lambda tx: journal.heads_of(tx, [*ids, "cnone"]))
    assert many == {case_id: db.read(lambda tx, i=case_id: journal.head(tx, i)) for case_id in ids}


@pytest.mark.parametrize("body", [{"bad": object()}, {"bad": float("nan")}, {"bad": "\ud800"}])
def test_a_body_that_json_cannot_say_is_refused_by_name(db: Database, body: dict[str, Any]) -> None:
    case = make_case(db)
    with pytest.raises(StoreError, match=f"'seen' of case {case.case_id}"):
        db.write(lambda tx: journal.append(tx, case.case_id, "seen", body, at=NOW))


def test_only_a_case_that_is_there_has_a_journal(db: Database) -> None:
    with pytest.raises(StoreError, match="no case cnone"):
        db.write(lambda tx: journal.append(tx, "cnone", "seen", {}, at=NOW))


@pytest.mark.parametrize("table", ["journal", "heads", "audit"])
@pytest.mark.parametrize("change", ["UPDATE {} SET at = at", "DELETE FROM {}"])
def test_records_cannot_be_changed_or_removed(db: Database, table: str, change: str) -> None:
    case = make_case(db)
    db.write(lambda tx: journal.sign_head(tx, case.case_id, signer, at=NOW))
    db.write(lambda tx: audit(tx, "stop", {}, CLERK, NOW))
    with pytest.raises(StoreError, match="append-only"):
        db.write(lambda tx: tx.execute(text(change.format(table))))


def test_records_cannot_be_replaced_or_emptied_in_the_ways_of_one_database(db: Database, backend: str) -> None:
    case = make_case(db)
    db.write(lambda tx: journal.sign_head(tx, case.case_id, signer, at=NOW))
    db.write(lambda tx: audit(tx, "stop", {}, CLERK, NOW))
    for table in ("journal", "heads", "audit"):
        emptied, replaced = f"TRUNCATE {table}", f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"  # noqa: S608
        statement = emptied if backend == "postgresql" else replaced
        with pytest.raises(StoreError, match="append-only"):
            db.write(lambda tx, statement=statement: tx.execute(text(statement)))


def test_a_change_behind_the_back_of_the_database_breaks_the_chain_where_it_was_made(
    db: Database, backend: str
) -> None:
    case = make_case(db)
    for n in range(4):
        db.write(lambda tx, n=n: journal.append(tx, case.case_id, "noted", {"n": n}, at=NOW + timedelta(n)))
    disarm = (
        "ALTER TABLE journal DISABLE TRIGGER journal_append_only"
        if backend == "postgresql"
        else "DROP TRIGGER journal_no_update"
    )
    db.write(lambda tx: tx.execute(text(disarm)))
    db.write(lambda tx: tx.execute(text("UPDATE journal SET body = '{}' WHERE n = 3")))
    assert first_broken(case.case_id, db.read(lambda tx: journal.entries(tx, case.case_id))) == 3


def test_a_signed_head_says_what_was_signed(db: Database) -> None:
    case = make_case(db)
    head = db.write(lambda tx: journal.sign_head(tx, case.case_id, signer, at=NOW))
    n, last = db.read(lambda tx: journal.head(tx, case.case_id))
    assert (head.n, head.hash) == (n, last)
    assert head.signature.encode() == canonical({"case_id": case.case_id, "n": n, "hash": last})
    db.write(lambda tx: journal.append(tx, case.case_id, "noted", {}, at=LATER))
    second = db.write(lambda tx: journal.sign_head(tx, case.case_id, signer, at=LATER))
    assert db.read(lambda tx: journal.heads(tx, case.case_id)) == [head, second]


def test_signing_the_same_head_again_adds_nothing_unless_the_key_is_new(db: Database) -> None:
    case = make_case(db)
    first = db.write(lambda tx: journal.sign_head(tx, case.case_id, signer, at=NOW))
    assert db.write(lambda tx: journal.sign_head(tx, case.case_id, signer, at=LATER)) == first
    db.write(lambda tx: journal.sign_head(tx, case.case_id, lambda _: ("key2", "s"), at=LATER))
    assert [h.key_id for h in db.read(lambda tx: journal.heads(tx, case.case_id))] == ["key1", "key2"]


def test_entries_are_counted_by_their_kinds_for_one_case(db: Database) -> None:
    case, other = make_case(db, 1), make_case(db, 2)
    for case_id, kind in ((case.case_id, "answered"), (case.case_id, "approved"), (other.case_id, "answered")):
        db.write(lambda tx, case_id=case_id, kind=kind: journal.append(tx, case_id, kind, {}, at=LATER))
    assert db.read(lambda tx: journal.count_of(tx, case.case_id, ["answered", "approved", "reopened"])) == 2
    assert db.read(lambda tx: journal.count_of(tx, case.case_id, ["reopened"])) == 0
