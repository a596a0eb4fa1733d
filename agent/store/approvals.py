"""Approvals: a second person's yes to the exact terms of one case, used once."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, insert, select, update
from sqlalchemy.exc import IntegrityError

from agent.domain.cases import WaitingFor
from agent.errors import StoreError
from agent.store import cases, journal
from agent.store.columns import plain
from agent.store.tables import approval_is_pending, approvals


@dataclass(frozen=True, slots=True)
class Approval:
    """One question for approval, and its answer.

    ``state`` is ``pending``, ``approved``, ``rejected`` or ``superseded``; ``name`` is who decided and ``actor``
    the OS user and host beside that name; ``intent_id`` is what has used it.
    """

    approval_id: int
    case_id: str
    terms: dict[str, Any]
    terms_hash: str
    state: str
    asked_by: str
    asked_at: datetime
    expires_at: datetime
    name: str | None = None
    actor: dict[str, Any] | None = None
    decided_at: datetime | None = None
    intent_id: str | None = None
    used_at: datetime | None = None


def request(
    tx: Connection,
    *,
    case_id: str,
    terms: Mapping[str, Any],
    terms_hash: str,
    asked_by: str,
    now: datetime,
    expires_at: datetime,
) -> Approval:
    """Ask for approval of these terms; a question that stands for the same terms is returned, any other replaced.

    Raises:
        StoreError: there is no such case, or the terms are not plain data.
    """
    standing = pending(tx, case_id)
    if standing is not None and standing.terms_hash == terms_hash and standing.expires_at > now:
        return standing
    kept = plain(terms, "terms")
    body = {"terms": kept, "terms_hash": terms_hash, "asked_by": asked_by, "expires_at": expires_at.isoformat()}
    journal.append(tx, case_id, "approval_asked", body, at=now)  # locks the case, so that two cannot ask at once
    row = approvals.c
    tx.execute(update(approvals).where(row.case_id == case_id, approval_is_pending).values(state="superseded"))
    asked = insert(approvals).values(
        case_id=case_id,
        terms=kept,
        terms_hash=terms_hash,
        state="pending",
        asked_by=asked_by,
        asked_at=now,
        expires_at=expires_at,
    )
    approval_id = tx.execute(asked.returning(row.approval_id)).scalar_one()
    return Approval(**tx.execute(select(approvals).where(row.approval_id == approval_id)).mappings().one())


def pending(tx: Connection, case_id: str) -> Approval | None:
    """Return the question that waits for an answer, expired or not."""
    return _one(tx, select(approvals).where(approvals.c.case_id == case_id, approval_is_pending))


def approve(tx: Connection, case_id: str, *, name: str, actor: Mapping[str, Any], now: datetime) -> Approval:
    """Say yes to what is asked, as ``name``; a case that waits for it is due now.

    Raises:
        StoreError: nothing is asked or the question has expired, no name is given, or it is that of a requester.
    """
    asked = _must_be_asked(tx, case_id, now)
    _check_second_person(tx, asked, name)
    return _decide(tx, asked, "approved", name=name, actor=actor, now=now)


def reject(tx: Connection, case_id: str, *, name: str, actor: Mapping[str, Any], now: datetime) -> Approval:
    """Say no to what is asked, as ``name``, who may be a requester; a case that waits for it is due now.

    Raises:
        StoreError: nothing is asked or the question has expired, or no name is given.
    """
    asked = _must_be_asked(tx, case_id, now)
    _check_named(name)
    return _decide(tx, asked, "rejected", name=name, actor=actor, now=now)


def decided(tx: Connection, case_id: str, terms_hash: str) -> Approval | None:
    """Return the last answer to the question about these terms, used or not; None where nobody has answered."""
    row = approvals.c
    query = (
        select(approvals)
        .where(row.case_id == case_id, row.terms_hash == terms_hash, row.state.in_(("approved", "rejected")))
        .order_by(row.approval_id.desc())
        .limit(1)
    )
    return _one(tx, query)


def usable(tx: Connection, case_id: str, terms_hash: str, now: datetime) -> Approval | None:
    """Return an approval of exactly these terms that is neither used nor expired."""
    row = approvals.c
    query = (
        select(approvals)
        .where(row.case_id == case_id, row.terms_hash == terms_hash, row.state == "approved")
        .where(row.intent_id.is_(None), row.expires_at > now)
        .order_by(row.approval_id.desc())
        .limit(1)
    )
    return _one(tx, query)


def consume(tx: Connection, approval_id: int, intent_id: str, now: datetime) -> None:
    """Use an approval for one intent, for good.

    Raises:
        StoreError: it is used, expired or no approval, or the intent has used another.
    """
    row = approvals.c
    change = (
        update(approvals)
        .where(row.approval_id == approval_id, row.state == "approved", row.intent_id.is_(None), row.expires_at > now)
        .values(intent_id=intent_id, used_at=now)
        .returning(row.case_id)
    )
    try:
        with tx.begin_nested():
            case_id = tx.execute(change).scalar_one_or_none()
    except IntegrityError as fault:
        raise StoreError(f"intent {intent_id} does not exist or has used another approval") from fault
    if case_id is None:
        raise StoreError(f"approval {approval_id} is used, expired or not given")
    journal.append(tx, case_id, "approval_used", {"approval": approval_id, "intent": intent_id}, at=now)


def _must_be_asked(tx: Connection, case_id: str, now: datetime) -> Approval:
    asked = pending(tx, case_id)
    if asked is None:
        raise StoreError(f"case {case_id} asks for no approval")
    if asked.expires_at <= now:
        expired = asked.expires_at.isoformat(timespec="seconds")
        raise StoreError(f"the question for approval of case {case_id} has expired at {expired}: resume the case first")
    return asked


def _check_named(name: str) -> None:
    if not _folded(name):
        raise StoreError("say who decides: the name is empty")


def _check_second_person(tx: Connection, asked: Approval, name: str) -> None:
    _check_named(name)
    requesters = {asked.asked_by} | {
        str(said.actor[key])
        for said in cases.requests_of(tx, asked.case_id)
        for key in ("name", "os_user")
        if said.actor.get(key)
    }
    if _folded(name) in {_folded(requester) for requester in requesters}:
        raise StoreError(f"{name!r} has asked for case {asked.case_id} and cannot approve it: somebody else must")


def _folded(name: str) -> str:
    # The same person in another script of digits or letters, or with other spaces, is the same person.
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _decide(
    tx: Connection, asked: Approval, state: str, *, name: str, actor: Mapping[str, Any], now: datetime
) -> Approval:
    who = plain(actor, "actor")
    change = (
        update(approvals)
        .where(approvals.c.approval_id == asked.approval_id, approval_is_pending)
        .values(state=state, name=name, actor=who, decided_at=now)
        .returning(approvals)
    )
    row = tx.execute(change).mappings().one_or_none()
    if row is None:
        raise StoreError(f"case {asked.case_id} has been decided meanwhile")
    body = {"approval": asked.approval_id, "terms_hash": asked.terms_hash, "name": name, "actor": who}
    journal.append(tx, asked.case_id, state, body, at=now)
    cases.wake(tx, asked.case_id, WaitingFor.APPROVAL, now=now)
    return Approval(**row)


def _one(tx: Connection, query: Select[Any]) -> Approval | None:
    row = tx.execute(query).mappings().one_or_none()
    return None if row is None else Approval(**row)
