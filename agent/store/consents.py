"""How a request's word about consent reaches its case."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from agent.domain.cases import Case, CaseState, CloseRequest, Consent, WaitingFor
from agent.domain.consent import CONSENTED_AT
from agent.store.tables import requests

# Facts of a case that belong to this module; passes keep them as they are.
CONSENT_FILE = "consent_file"
CONSENT_REQUEST = "consent_request"  # number of the request that the consent came with

_STRENGTH = {Consent.NONE: 0, Consent.DECLARED: 1, Consent.PROVED: 2, Consent.DENIED: 3}


@dataclass(frozen=True, slots=True)
class ConsentRecord:
    """Who said when, and on what ground, that the counterparty agrees or does not."""

    consent: Consent
    file: str | None
    source: dict[str, Any]
    actor: dict[str, Any]
    at: datetime


def takes(case: Case, request: CloseRequest) -> bool:
    """Tell whether a request's consent counts for an open case.

    What is stronger counts: proof over declaration, denial over both. A case that waits for consent takes any,
    because what it had was not enough.
    """
    if request.consent is Consent.NONE:
        return False
    return case.waiting_for is WaitingFor.CONSENT or _STRENGTH[request.consent] > _STRENGTH[case.consent]


def with_consent(case: Case, request: CloseRequest, n: int, now: datetime) -> Case:
    """Return the case with the consent of its request ``n``; due now where it waited for that."""
    known = {CONSENT_FILE: request.consent_file, CONSENT_REQUEST: n, CONSENTED_AT: now.isoformat()}
    return _woken(replace(case, consent=request.consent, facts=case.facts | known), now)


def with_later_consent(case: Case, *, consent: Consent, facts: dict[str, Any]) -> Case:
    """Return a case as a pass left it, with the stored consent where that came after the pass had begun."""
    if facts.get(CONSENT_REQUEST, 0) <= case.facts.get(CONSENT_REQUEST, 0):
        return case
    known = {key: facts[key] for key in (CONSENT_FILE, CONSENT_REQUEST, CONSENTED_AT) if key in facts}
    return _woken(replace(case, consent=consent, facts=case.facts | known), None)


def consent_of(tx: Connection, case_id: str) -> ConsentRecord | None:
    """Return where a case's consent or denial came from; None where no request brought one."""
    row = requests.c
    query = (
        select(row.consent, row.consent_file.label("file"), row.source, row.actor, row.at)
        .where(row.case_id == case_id, row.taken)
        .order_by(row.n.desc())
        .limit(1)
    )
    found = tx.execute(query).mappings().one_or_none()
    return None if found is None else ConsentRecord(**found)


def _woken(case: Case, now: datetime | None) -> Case:
    if case.waiting_for is not WaitingFor.CONSENT:
        return case
    return replace(case, state=CaseState.DUE, waiting_for=None, due_at=now, why="consent came with a new request")
