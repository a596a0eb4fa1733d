"""A case's evidence on disk: its header, its signed head, its manifest."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection

from agent.domain.cases import Case
from agent.domain.money import format_yuan
from agent.engine.shop_run import ShopRun
from agent.evidence import manifest
from agent.store import cases, journal, runs
from agent.store.database import Database


def header(case: Case) -> dict[str, Any]:
    """Return a case as the header of its evidence, which the signed journal states as well."""
    return {
        "case_id": case.case_id,
        "shop": case.shop,
        "portal": case.portal,
        "account": case.account,
        "role": case.role.value,
        "order_id": case.order_id,
        "reason": case.reason.value,
        "note": case.note,
        "consent": case.consent.value,
        "path": case.path.value if case.path else None,
        "state": case.state.value,
        "waiting_for": case.waiting_for.value if case.waiting_for else None,
        "outcome": case.outcome.value if case.outcome else None,
        "why": case.why,
        "by": case.by,
        "amount": None if case.amount is None else format_yuan(case.amount),
    }


def sign(tx: Connection, shop_run: ShopRun, case_id: str) -> None:
    """Sign the head of a case's journal as it is in this transaction."""
    journal.sign_head(tx, case_id, shop_run.key.sign, at=shop_run.clock())


def case_manifest(db: Database, case: Case, public_b64: str) -> dict[str, Any]:
    """Return the manifest of a case as the database has it now."""
    entries, heads = db.read(lambda tx: (journal.entries(tx, case.case_id), journal.heads(tx, case.case_id)))
    lines = [asdict(entry) for entry in entries]
    stated = [line["body"]["case"] for line in lines if "case" in line["body"]]
    return manifest.build(stated[-1] if stated else header(case), lines, [asdict(head) for head in heads], public_b64)


def write_manifest(shop_run: ShopRun, case: Case) -> None:
    """Write a case's manifest beside its evidence."""
    manifest.write(shop_run.blobs.root, case_manifest(shop_run.db, case, shop_run.key.public_b64))


def finish_manifests(shop_run: ShopRun) -> None:
    """Write the manifests that killed runs did not come to: an ended case has no later pass that would."""

    def touched(tx: Connection) -> list[Case]:
        killed = runs.killed_before(tx, shop_run.run_id)
        return cases.listing(tx, shop=shop_run.name, since=killed[0].started_at) if killed else []

    for case in shop_run.db.read(touched):
        write_manifest(shop_run, case)
