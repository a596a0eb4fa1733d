"""Takes requests in: a new case for each order, or a further request of the case that is open."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.sql import func

from agent.domain.cases import Case, CaseState, CloseRequest, Consent, Role
from agent.domain.chain import GENESIS
from agent.domain.ids import OrderId
from agent.store import journal
from agent.store.case_rows import case_of, in_chunks, mutable_row_of, row_of, select_cases
from agent.store.columns import JsonText, iso, json_text
from agent.store.consents import takes, with_consent
from agent.store.dialects import hold
from agent.store.new_ids import new_id
from agent.store.tables import case_is_open, cases, requests
from agent.store.tables import journal as journal_table

_ASKED = tuple(field.name for field in fields(CloseRequest))


@dataclass(frozen=True, slots=True)
class Admitted:
    """Where a request went; ``attached`` to a case that was open already."""

    case_id: str
    order_id: OrderId
    attached: bool


def admit(
    tx: Connection,
    requests: Sequence[CloseRequest],
    *,
    shop: str,
    portal: str,
    account: str,
    role: Role,
    now: datetime,
    actor: Mapping[str, Any],
) -> list[Admitted]:
    """Make a case of each request, or attach it to the order's open case; answers in the order of the requests.

    ``actor`` says who asks: ``os_user``, ``host``. The first request decides reason and note of a case.

    Raises:
        StoreError: a request's source or the actor are not plain data.
    """
    hold(tx, "admit", portal, account)  # two who ask for one order at once must get one case
    actor_text = json_text(actor, "actor")
    # Sorted, so that a large file's rows are appended to the tables instead of landing all over them.
    new_ids = iter(sorted(new_id("c") for _ in requests))
    desk = _Desk(shop, portal, account, role, now, iso(now), json.loads(actor_text), actor_text, new_ids)
    return [admitted for chunk in in_chunks(requests) for admitted in _admit_chunk(tx, chunk, desk)]


@dataclass(frozen=True, slots=True)
class _Desk:
    """What all requests of one admission share."""

    shop: str
    portal: str
    account: str
    role: Role
    now: datetime
    moment: str  # now, as the journal writes it
    actor: dict[str, Any]
    actor_text: JsonText
    new_ids: Iterator[str]


def _admit_chunk(tx: Connection, chunk: Sequence[CloseRequest], desk: _Desk) -> list[Admitted]:
    found = _open_cases(tx, chunk, desk)
    batch = _Batch(desk, found, _request_counts(tx, found), journal.heads_of(tx, [c.case_id for c in found.values()]))
    admitted = [batch.take(request) for request in chunk]
    batch.store(tx)
    return admitted


class _Batch:
    """The rows that one chunk of requests leads to, stored with one statement a table."""

    def __init__(
        self,
        desk: _Desk,
        found: Mapping[OrderId, Case],
        counts: Mapping[str, int],
        heads: Mapping[str, tuple[int, str]],
    ) -> None:
        self._desk = desk
        self._cases = dict(found)
        self._counts = dict(counts)
        self._heads = dict(heads)
        self._known = {case.case_id for case in found.values()}
        self._touched: dict[str, OrderId] = {}  # cases to write, by id, in order
        self._requests: list[dict[str, Any]] = []
        self._entries: list[dict[str, Any]] = []

    def take(self, request: CloseRequest) -> Admitted:
        """Note one request."""
        case = self._cases.get(request.order_id)
        attached = case is not None
        if case is None:
            case = _new_case(request, self._desk)
            self._touched[case.case_id] = case.order_id
        n = self._counts.get(case.case_id, 0) + 1
        taken = takes(case, request)
        if taken:
            case = with_consent(case, request, n, self._desk.now)
            self._touched[case.case_id] = case.order_id
        self._cases[request.order_id] = case
        self._counts[case.case_id] = n
        self._note(case.case_id, request, n, taken=taken, attached=attached)
        return Admitted(case.case_id, request.order_id, attached)

    def store(self, tx: Connection) -> None:
        """Write everything noted."""
        touched = [self._cases[order_id] for order_id in self._touched.values()]
        made = [row_of(case) for case in touched if case.case_id not in self._known]
        changed = [mutable_row_of(case) | {"key": case.case_id} for case in touched if case.case_id in self._known]
        if made:
            tx.execute(insert(cases), made)
        if changed:
            tx.execute(update(cases).where(cases.c.case_id == bindparam("key")), changed)
        tx.execute(insert(requests), self._requests)
        tx.execute(insert(journal_table), self._entries)

    def _note(self, case_id: str, request: CloseRequest, n: int, *, taken: bool, attached: bool) -> None:
        desk = self._desk
        asked = {name: getattr(request, name) for name in _ASKED}
        row = asked | {"case_id": case_id, "n": n, "actor": desk.actor_text, "at": desk.now, "taken": taken}
        self._requests.append(row)
        body = json_text(asked | {"actor": desk.actor, "attached": attached}, f"the request for {request.order_id}")
        after = self._heads.get(case_id, (0, GENESIS))
        entry = journal.next_entry(case_id, "requested", json.loads(body), at=desk.moment, after=after)
        self._heads[case_id] = (entry.n, entry.hash)
        self._entries.append(journal.row_of(case_id, entry) | {"body": body})


def _new_case(request: CloseRequest, desk: _Desk) -> Case:
    return Case(
        case_id=next(desk.new_ids),
        shop=desk.shop,
        portal=desk.portal,
        account=desk.account,
        role=desk.role,
        order_id=request.order_id,
        reason=request.reason,
        note=request.note,
        consent=Consent.NONE,
        state=CaseState.DUE,
        created_at=desk.now,
        due_at=desk.now,
        facts=request.standing,
    )


def _open_cases(tx: Connection, chunk: Sequence[CloseRequest], desk: _Desk) -> dict[OrderId, Case]:
    wanted = {request.order_id for request in chunk}
    query = (
        select_cases()
        .where(cases.c.portal == desk.portal, cases.c.account == desk.account, case_is_open)
        .where(cases.c.order_id.in_(wanted))
        .order_by(cases.c.seq)
        .with_for_update()
    )
    return {case.order_id: case for case in map(case_of, tx.execute(query).mappings())}


def _request_counts(tx: Connection, found: Mapping[OrderId, Case]) -> dict[str, int]:
    ids = [case.case_id for case in found.values()]
    query = (
        select(requests.c.case_id, func.max(requests.c.n).label("n"))
        .where(requests.c.case_id.in_(ids))
        .group_by(requests.c.case_id)
    )
    return {row.case_id: row.n for row in tx.execute(query)}
