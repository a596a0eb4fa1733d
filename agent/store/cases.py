"""Cases: taking requests in, finding what is due, keeping what a pass has learnt."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Select, and_, exists, or_, select, update
from sqlalchemy.exc import IntegrityError

from agent.domain.cases import Case, CaseState, Consent, WaitingFor
from agent.domain.ids import OrderId
from agent.domain.reasons import Reason
from agent.errors import StoreError
from agent.store.admission import Admitted, admit
from agent.store.case_rows import CHUNK, case_of, in_chunks, mutable_row_of, select_cases
from agent.store.columns import iso
from agent.store.consents import ConsentRecord, consent_of, with_later_consent
from agent.store.tables import case_is_open, case_presses, cases, journal, requests

__all__ = [
    "Admitted",
    "ConsentRecord",
    "RequestRecord",
    "admit",
    "by_ids",
    "consent_of",
    "due",
    "find_open",
    "get",
    "latest_for",
    "learn",
    "listing",
    "next_due_at",
    "reopen",
    "requests_of",
    "save",
    "wake",
]


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One request of a case; ``taken`` where its consent became the case's."""

    n: int
    order_id: OrderId
    reason: Reason
    consent: Consent
    consent_file: str | None
    note: str
    source: dict[str, Any]
    actor: dict[str, Any]
    at: datetime
    taken: bool


def get(tx: Connection, case_id: str) -> Case | None:
    """Return one case."""
    return _one(tx, select_cases().where(cases.c.case_id == case_id))


def find_open(tx: Connection, *, portal: str, account: str, order_id: OrderId) -> Case | None:
    """Return the open case of an order."""
    return _one(tx, _of_order(portal, account, order_id).where(case_is_open))


def latest_for(tx: Connection, *, portal: str, account: str, order_id: OrderId) -> Case | None:
    """Return the case of an order that was made last, open or ended."""
    return _one(tx, _of_order(portal, account, order_id).order_by(cases.c.seq.desc()).limit(1))


def by_ids(tx: Connection, ids: Sequence[str]) -> list[Case]:
    """Return the cases in the order of their ids; unknown ids are left out."""
    found: dict[str, Case] = {}
    for chunk in in_chunks(ids):
        query = select_cases().where(cases.c.case_id.in_(chunk))
        found.update((case.case_id, case) for case in map(case_of, tx.execute(query).mappings()))
    return [found[case_id] for case_id in dict.fromkeys(ids) if case_id in found]


def listing(
    tx: Connection,
    *,
    shop: str | None = None,
    open_only: bool = False,
    waiting_for: WaitingFor | None = None,
    since: datetime | None = None,
) -> list[Case]:
    """Return cases in the order in which they were made; ``since`` leaves out those whose journal is older."""
    query = select_cases().order_by(cases.c.seq)
    if shop is not None:
        query = query.where(cases.c.shop == shop)
    if open_only:
        query = query.where(case_is_open)
    if waiting_for is not None:
        query = query.where(cases.c.state == CaseState.WAITING, cases.c.waiting_for == waiting_for)
    if since is not None:
        query = query.where(exists().where(journal.c.case_id == cases.c.case_id, journal.c.at >= iso(since)))
    return [case_of(row) for row in tx.execute(query).mappings()]


def due(tx: Connection, *, shop: str, now: datetime, limit: int, case_ids: Collection[str] | None = None) -> list[Case]:
    """Return what wants a pass now; ``case_ids`` restricts it to those cases.

    Those of which the portal will decide by itself go first, the least time left before all, then what is due longest.
    """
    is_due = or_(cases.c.state == CaseState.DUE, and_(cases.c.state == CaseState.WAITING, cases.c.due_at <= now))
    pressing = select(cases.c.case_id).where(cases.c.shop == shop, case_presses).order_by(cases.c.deadline, cases.c.seq)
    first = _first_ids(tx, pressing.where(is_due), case_ids, limit)
    rest = _first_ids(tx, _in_due_order(shop).where(is_due), case_ids, limit) if len(first) < limit else []
    return by_ids(tx, list(dict.fromkeys([*first, *rest]))[:limit])


def next_due_at(
    tx: Connection, *, shop: str, case_ids: Collection[str] | None = None, but: Collection[str] = ()
) -> datetime | None:
    """Return when the next case wants a pass, in the past where one does already; None where none ever will.

    ``but`` leaves out some cases, however due they are.
    """
    found = _first_ids(tx, _in_due_order(shop).where(cases.c.due_at.is_not(None)), case_ids, len(but) + 1)
    return next((case.due_at for case in by_ids(tx, found) if case.case_id not in but), None)


def save(tx: Connection, case: Case) -> None:
    """Keep what a pass has made of a case; consent that came in during the pass is not lost.

    Raises:
        StoreError: there is no such case, or it has ended.
    """
    stored = tx.execute(
        select(cases.c.state, cases.c.consent, cases.c.facts).where(cases.c.case_id == case.case_id).with_for_update()
    ).one_or_none()
    if stored is None:
        raise StoreError(f"there is no case {case.case_id}")
    if stored.state is CaseState.ENDED:
        raise StoreError(f"case {case.case_id} has ended: reopen it before changing it")
    _write(tx, with_later_consent(case, consent=stored.consent, facts=stored.facts))


def learn(tx: Connection, case: Case) -> None:
    """Keep what aftercare has learnt about a case that has ended; nothing else of it changes any more."""
    tx.execute(update(cases).where(cases.c.case_id == case.case_id).values(facts=case.facts))


def wake(tx: Connection, case_id: str, waiting_for: WaitingFor, *, now: datetime) -> bool:
    """Make a case due now if it waits for exactly this; tell whether it did."""
    change = (
        update(cases)
        .where(cases.c.case_id == case_id, cases.c.state == CaseState.WAITING, cases.c.waiting_for == waiting_for)
        .values(state=CaseState.DUE, waiting_for=None, due_at=now)
    )
    return tx.execute(change).rowcount == 1


def reopen(tx: Connection, case_id: str, now: datetime) -> Case:
    """Make an ended case due again, with what it has learnt and without its outcome.

    Raises:
        StoreError: there is no such case, it has not ended, or its order has another open case.
    """
    case = get(tx, case_id)
    if case is None:
        raise StoreError(f"there is no case {case_id}")
    if case.state is not CaseState.ENDED:
        raise StoreError(f"case {case_id} has not ended: there is nothing to reopen")
    other = find_open(tx, portal=case.portal, account=case.account, order_id=case.order_id)
    if other is not None:
        raise StoreError(f"order {case.order_id} has the open case {other.case_id}: work on that one")
    case = replace(case, state=CaseState.DUE, due_at=now, waiting_for=None, outcome=None, why="", by=None, attempts=0)
    try:
        with tx.begin_nested():
            _write(tx, case)
    except IntegrityError as fault:
        raise StoreError(f"order {case.order_id} has got an open case meanwhile: work on that one") from fault
    return case


def requests_of(tx: Connection, case_id: str) -> list[RequestRecord]:
    """Return every request of a case, oldest first."""
    columns = (column for column in requests.c if column is not requests.c.case_id)
    query = select(*columns).where(requests.c.case_id == case_id).order_by(requests.c.n)
    return [RequestRecord(**row) for row in tx.execute(query).mappings()]


def _write(tx: Connection, case: Case) -> None:
    tx.execute(update(cases).where(cases.c.case_id == case.case_id).values(mutable_row_of(case)))


def _of_order(portal: str, account: str, order_id: OrderId) -> Select[Any]:
    return select_cases().where(cases.c.portal == portal, cases.c.account == account, cases.c.order_id == order_id)


def _one(tx: Connection, query: Select[Any]) -> Case | None:
    row = tx.execute(query).mappings().one_or_none()
    return None if row is None else case_of(row)


def _in_due_order(shop: str) -> Select[Any]:
    return select(cases.c.case_id).where(cases.c.shop == shop, case_is_open).order_by(cases.c.due_at, cases.c.seq)


def _first_ids(tx: Connection, query: Select[Any], wanted: Collection[str] | None, limit: int) -> list[str]:
    if wanted is None:
        return list(tx.execute(query.limit(limit)).scalars())
    if len(wanted) <= CHUNK:
        return list(tx.execute(query.where(cases.c.case_id.in_(wanted)).limit(limit)).scalars())
    # Too many to name in a statement: walk the queue until enough of them have come by.
    keep = wanted if isinstance(wanted, set | frozenset) else frozenset(wanted)
    with tx.execute(query.execution_options(yield_per=CHUNK)) as result:
        return list(islice((case_id for case_id in result.scalars() if case_id in keep), limit))
