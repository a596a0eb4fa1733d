"""Stops, breakers, runs and confirmations."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection
from store_making import BOSS, CLERK, LATER, NOW, order

from agent.errors import ShopBusy, StoreError
from agent.store import breakers, confirmations, runs, stops, visits
from agent.store.audit import trail
from agent.store.database import Database


def fault(tx: Connection, n: int, what: str = "ElementMissing", path: str = "unpaid", shop: str = "a") -> bool:
    return breakers.record_fault(tx, shop=shop, path=path, fault=what, order_id=order(n), now=NOW)


def test_a_stop_holds_its_shop_until_it_is_lifted(db: Database) -> None:
    db.write(lambda tx: stops.stop(tx, shop="a", why="prices", actor=BOSS, now=NOW))
    held = db.read(lambda tx: stops.active(tx, "a"))
    assert held == stops.Stop("a", "prices", BOSS, NOW)
    assert db.read(lambda tx: stops.active(tx, "b")) is None
    assert db.write(lambda tx: stops.start(tx, shop="a", actor=BOSS, now=LATER)) == 1
    assert db.read(lambda tx: stops.active(tx, "a")) is None
    assert db.write(lambda tx: stops.start(tx, shop="a", actor=BOSS, now=LATER)) == 0


def test_a_general_stop_holds_every_shop_and_a_general_start_leaves_single_stops_standing(db: Database) -> None:
    db.write(lambda tx: stops.stop(tx, shop="a", why="prices", actor=BOSS, now=NOW))
    db.write(lambda tx: stops.stop(tx, shop=None, why="holiday", actor=BOSS, now=NOW))
    assert [s.shop for s in db.read(stops.standing)] == ["a", None]
    held = db.read(lambda tx: stops.active(tx, "b"))
    assert held is not None
    assert held.why == "holiday"
    assert db.write(lambda tx: stops.start(tx, shop="b", actor=BOSS, now=NOW)) == 0
    assert db.write(lambda tx: stops.start(tx, shop=None, actor=BOSS, now=NOW)) == 1
    assert db.read(lambda tx: stops.active(tx, "b")) is None
    assert db.read(lambda tx: stops.active(tx, "a")) is not None


def test_stops_and_starts_are_in_the_audit_trail(db: Database) -> None:
    db.write(lambda tx: stops.stop(tx, shop=None, why="holiday", actor=BOSS, now=NOW))
    db.write(lambda tx: stops.start(tx, shop=None, actor=CLERK, now=LATER))
    kept = db.read(trail)
    assert [(t.what, t.actor, t.at) for t in kept] == [("stop", BOSS, NOW), ("start", CLERK, LATER)]
    assert kept[0].body == {"shop": None, "why": "holiday"}


def test_the_same_fault_on_three_orders_in_a_row_opens_the_breaker_of_that_path(db: Database) -> None:
    assert [db.write(lambda tx, n=n: fault(tx, n)) for n in (1, 2, 3)] == [False, False, True]
    opened = db.read(lambda tx: breakers.open_breaker(tx, "a", "unpaid"))
    assert opened is not None
    assert (opened.fault, opened.orders) == ("ElementMissing", (order(1), order(2), order(3)))
    assert db.read(lambda tx: breakers.open_breaker(tx, "a", "shipped")) is None
    assert db.read(lambda tx: breakers.open_breaker(tx, "b", "unpaid")) is None


@pytest.mark.parametrize(
    "faults",
    [
        [(1, "A"), (1, "A"), (1, "A"), (2, "A")],
        [(1, "A"), (2, "A"), (3, "B"), (4, "A"), (5, "A")],
    ],
)
def test_the_same_order_or_another_fault_does_not_open_it(db: Database, faults: list[tuple[int, str]]) -> None:
    assert not any(db.write(lambda tx, f=f: fault(tx, *f)) for f in faults)


def test_a_success_ends_the_row_and_leaves_an_open_breaker_open(db: Database) -> None:
    for n in (1, 2):
        db.write(lambda tx, n=n: fault(tx, n))
    db.write(lambda tx: breakers.record_success(tx, shop="a", path="unpaid"))
    assert [db.write(lambda tx, n=n: fault(tx, n)) for n in (3, 4, 5)] == [False, False, True]
    db.write(lambda tx: breakers.record_success(tx, shop="a", path="unpaid"))
    assert db.read(lambda tx: breakers.open_breaker(tx, "a", "unpaid")) is not None
    assert db.write(lambda tx: fault(tx, 6, "B")) is True


def test_a_reset_closes_the_breakers_of_its_shop_and_counts_them(db: Database) -> None:
    for shop in ("a", "b"):
        for n in (1, 2, 3):
            db.write(lambda tx, n=n, shop=shop: fault(tx, n, shop=shop))
    db.write(lambda tx: fault(tx, 1, path="shipped"))
    assert db.write(lambda tx: breakers.reset(tx, "a")) == 1
    assert db.read(lambda tx: breakers.open_breaker(tx, "a", "unpaid")) is None
    assert db.read(lambda tx: breakers.open_breaker(tx, "b", "unpaid")) is not None
    assert db.write(lambda tx: breakers.reset(tx, None)) == 1


def test_a_run_is_replaced_by_a_later_live_run_of_its_shop_and_by_nothing_else(db: Database) -> None:
    """What holds no shop replaces nobody, and a run that nobody has recorded is held up by nobody."""

    def begin(shop: str, kind: str) -> str:
        return db.write(lambda tx: runs.begin(tx, shop=shop, kind=kind, actor=CLERK, pid=42, now=NOW))

    first = begin("a", "run")
    for shop, kind in (("a", "planned"), ("a", "rehearsed"), ("b", "run")):
        begin(shop, kind)
    for standing in (first, "r-unknown"):
        db.read(lambda tx, run_id=standing: runs.check_not_replaced(tx, run_id))
    later = begin("a", "resume")
    with pytest.raises(ShopBusy, match=first):
        db.read(lambda tx: runs.check_not_replaced(tx, first))
    db.read(lambda tx: runs.check_not_replaced(tx, later))
    assert not db.read(lambda tx: runs.has_ended(tx, first))
    db.write(lambda tx: runs.end(tx, first, exit_code=3, how="stopped", counts={}, now=LATER))
    assert db.read(lambda tx: runs.has_ended(tx, first))


def test_runs_are_under_way_until_they_end_and_end_once(db: Database) -> None:
    def begin(kind: str) -> str:
        return db.write(lambda tx: runs.begin(tx, shop="a", kind=kind, actor=CLERK, pid=42, now=NOW))

    first, second, third = begin("run"), begin("resume"), begin("run")
    assert [r.run_id for r in db.read(lambda tx: runs.unfinished(tx, "a"))] == [first, second, third]
    assert db.read(lambda tx: runs.last(tx, "a")) is None
    for n, run_id in enumerate((second, first)):
        at = LATER + timedelta(minutes=n)
        db.write(lambda tx, i=run_id, at=at: runs.end(tx, i, exit_code=3, how="stopped", counts={"closed": 2}, now=at))
    last = db.read(lambda tx: runs.last(tx, "a"))
    assert last is not None
    assert (last.run_id, last.exit_code, last.how, last.counts) == (first, 3, "stopped", {"closed": 2})
    resumed = db.read(lambda tx: runs.last(tx, "a", ["resume"]))
    assert resumed is not None
    assert resumed.run_id == second
    assert [r.run_id for r in db.read(lambda tx: runs.unfinished(tx, "a"))] == [third]
    with pytest.raises(StoreError, match=r"no run .* under way"):
        db.write(lambda tx: runs.end(tx, first, exit_code=0, how="again", counts={}, now=LATER))


def test_a_confirmation_holds_for_one_profile_text_and_one_shop(db: Database) -> None:
    def confirm(entry: str) -> None:
        db.write(
            lambda tx: confirmations.confirm(
                tx, profile_hash="h", shop="a", entry=entry, how="doctor", actor=CLERK, now=NOW
            )
        )

    for entry in ("list.row", "detail.state", "list.row"):
        confirm(entry)
    assert db.read(lambda tx: confirmations.confirmed(tx, "h", "a")) == {"list.row", "detail.state"}
    assert db.read(lambda tx: confirmations.confirmed(tx, "h2", "a")) == set()
    assert db.read(lambda tx: confirmations.confirmed(tx, "h", "b")) == set()


def test_a_breaker_that_is_opened_at_once_says_where_to_look_and_an_open_one_stays_as_it_is(db: Database) -> None:
    db.write(lambda tx: fault(tx, 1))
    for detail in ("see a.html", "see b.html"):
        db.write(
            lambda tx, detail=detail: breakers.open_at_once(
                tx, shop="a", path="unpaid", fault="changed", detail=detail, now=NOW
            )
        )
    held = db.read(lambda tx: breakers.open_breaker(tx, "a", "unpaid"))
    assert held == breakers.Breaker("a", "unpaid", "changed", (), NOW, "see a.html")
    assert db.read(lambda tx: breakers.open_breaker(tx, "a", "shipped")) is None
    db.write(lambda tx: breakers.record_success(tx, shop="a", path="unpaid"))
    assert db.read(lambda tx: breakers.open_breaker(tx, "a", "unpaid")) == held
    assert db.write(lambda tx: breakers.reset(tx, "a")) == 1


def test_the_last_good_visit_is_kept_for_one_shop_and_one_text_of_its_profile(db: Database) -> None:
    def keep(shop: str, profile_hash: str, n: int) -> None:
        db.write(
            lambda tx: visits.keep(
                tx, shop=shop, profile_hash=profile_hash, visit={"n": n}, how="first", actor=CLERK, now=LATER
            )
        )

    keep("a", "p1", 1)
    keep("a", "p2", 2)
    keep("a", "p1", 3)
    assert db.read(lambda tx: visits.last_good(tx, "a", "p1")) == visits.KeptVisit({"n": 3}, "first", LATER)
    kept = db.read(lambda tx: visits.last_good(tx, "a", "p2"))
    assert kept is not None
    assert kept.visit == {"n": 2}
    assert db.read(lambda tx: visits.last_good(tx, "b", "p1")) is None
