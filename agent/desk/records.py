"""How a case is kept once a person has spoken: in store, journal, audit trail and folder."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from agent.app import App
from agent.domain.cases import Case
from agent.engine.files import case_manifest, header
from agent.errors import StoreError
from agent.evidence import manifest
from agent.store import approvals, cases, journal
from agent.store.audit import audit

_SAVED_ALREADY = {"reopened", "looked_after"}


def write_down(tx: Connection, app: App, case: Case, *, kind: str, body: dict[str, Any], now: datetime) -> Case:
    """Keep the case, and say in journal and audit trail who has changed it, under a signed head."""
    if kind not in _SAVED_ALREADY:
        cases.save(tx, case)
    journal.append(tx, case.case_id, kind, {**body, "actor": app.actor, "case": header(case)}, at=now)
    audit(tx, kind, {"case": case.case_id, **body}, app.actor, now)
    journal.sign_head(tx, case.case_id, app.key.sign, at=now)
    return case


def decided_as(tx: Connection, app: App, decided: approvals.Approval, what: str, now: datetime) -> Case:
    """Say how a decision that ``approvals`` has journaled leaves the case, under a signed head."""
    case = fresh(tx, decided.case_id)
    journal.append(tx, case.case_id, case.state.value, {"case": header(case)}, at=now)
    audit(tx, what, {"case": case.case_id, "name": decided.name, "terms": decided.terms_hash}, app.actor, now)
    journal.sign_head(tx, case.case_id, app.key.sign, at=now)
    return case


def with_manifest(app: App, case: Case) -> Case:
    """Write the case's manifest again, so that the folder says what the database says."""
    manifest.write(app.blobs.root, case_manifest(app.db, case, app.key.public_b64))
    return case


def fresh(tx: Connection, case_id: str) -> Case:
    """Return a case as the store has it now.

    Raises:
        StoreError: there is none.
    """
    case = cases.get(tx, case_id)
    if case is None:
        raise StoreError(f"there is no case {case_id}")
    return case


def who(app: App) -> str:
    """Return whom records name as the one who has spoken."""
    return app.actor["os_user"]
