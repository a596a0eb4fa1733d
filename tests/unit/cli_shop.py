"""A shop's folder on which commands are run as a person runs them, without a browser."""

import json
import os
import sys
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from agent.__main__ import main
from agent.app import App, system_clock
from agent.domain.acts import Act, ActKind, IntentResult
from agent.domain.cases import Case, CaseState, CloseRequest, Outcome, WaitingFor
from agent.domain.cases import Path as CasePath
from agent.domain.ids import OrderId
from agent.domain.money import Fen
from agent.domain.reasons import Reason
from agent.engine.files import case_manifest, header
from agent.evidence import manifest
from agent.settings import load
from agent.store import cases, intents, journal
from agent.store.database import Database

SETTINGS = f"""\
[store]
signing_key = "signing.key"

[doctor]
before_batch = "off"

[browser]
executable = {json.dumps(Path(sys.executable).as_posix())}

[shops.demo]
portal = "mock_classic"
base_url = "http://127.0.0.1:9"
role = "seller"
username = "seller"
password = "env:CLI_TEST_PASSWORD"

[shops.other]
portal = "mock_classic"
base_url = "http://127.0.0.1:9"
role = "purchaser"
username = "purchaser"
password = "env:CLI_TEST_PASSWORD"
"""


@dataclass(frozen=True)
class Said:
    """How a command ended and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """The JSON object on stdout."""
        return json.loads(self.out)


class CliShop:
    """Runs commands in a folder of their own, and fills its store by hand."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, caught: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._caught = caught
        for name in os.environ:
            if name.startswith("CLOSEWRIGHT_"):
                patch.delenv(name)
        patch.chdir(folder)
        patch.setenv("CLI_TEST_PASSWORD", "demo")
        patch.setenv("CLOSEWRIGHT_LANGUAGE", "en")
        self.write("closewright.toml", SETTINGS)
        (folder / "closewright.db").write_bytes(empty_database())

    def write(self, name: str, text: str) -> Path:
        """Write a file beside the settings."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def run(self, *args: str) -> Said:
        """Run one command, without a terminal."""
        self._caught.readouterr()
        code = main(args)
        return Said(code, *self._caught.readouterr())

    def open(self) -> App:
        """Open what the commands open; the caller closes it."""
        return App(load(None))

    def case(self, n: int = 1, *, shop: str = "demo", **changes: Any) -> Case:
        """Make a case and leave it as a pass would: saved, journaled, signed, with its manifest."""
        app = self.open()
        try:
            [admitted] = app.admit(shop, [CloseRequest(order(n), Reason.OUT_OF_STOCK, source={"command": "test"})])
            return leave(app, admitted.case_id, **changes)
        finally:
            app.close()

    def reread(self, case: Case) -> Case:
        """Return a case as the store has it now."""
        app = self.open()
        try:
            found = app.db.read(lambda tx: cases.get(tx, case.case_id))
        finally:
            app.close()
        assert found is not None
        return found


@cache
def empty_database() -> bytes:
    """Return a migrated database: making one takes longer than most of what the tests do with it."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "empty.db"
        Database.open(f"sqlite:///{file.as_posix()}").close()
        return file.read_bytes()


def order(n: int) -> OrderId:
    return OrderId(f"{157094266502147025 + n}")


def leave(app: App, case_id: str, **changes: Any) -> Case:
    """Write a case as a pass leaves it."""
    now = app.clock()

    def work(tx: Any) -> Case:
        case = cases.get(tx, case_id)
        assert case is not None
        values = {field: getattr(case, field) for field in Case.__slots__} | {"amount": Fen(12_350)} | changes
        left = Case(**values)
        cases.save(tx, left)
        journal.append(tx, case_id, left.state.value, {"case": header(left)}, at=now)
        journal.sign_head(tx, case_id, app.key.sign, at=now)
        return left

    left = app.db.write(work)
    manifest.write(app.blobs.root, case_manifest(app.db, left, app.key.public_b64))
    return left


def waiting(waiting_for: WaitingFor) -> dict[str, Any]:
    """Return what is changed about a case that waits."""
    return {
        "state": CaseState.WAITING,
        "waiting_for": waiting_for,
        "due_at": system_clock() + timedelta(hours=4),
        "path": CasePath.PAID_UNSHIPPED,
        "why": "it waits",
    }


def ended(outcome: Outcome) -> dict[str, Any]:
    """Return what is changed about a case that has ended."""
    return {"state": CaseState.ENDED, "outcome": outcome, "due_at": None, "why": "it ended", "path": CasePath.UNPAID}


def release(app: App, case: Case, kind: ActKind = ActKind.CLOSE) -> str:
    """Write an intent whose request has left, and return its id."""
    now = app.clock()

    def work(tx: Any) -> str:
        act = Act(kind, "close", "because", Fen(100))
        intent = intents.write(tx, case=case, act=act, terms={}, owner="rgone", now=now)
        intents.mark_releasing(tx, intent.intent_id, owner="rgone", now=now, request={"url": "/close"})
        return intent.intent_id

    return app.db.write(work)


def settle(app: App, intent_id: str, result: IntentResult, request_id: str) -> None:
    """Settle an intent as the portal has answered it."""
    now = app.clock()
    app.db.write(lambda tx: intents.settle(tx, intent_id, result, now=now, request_id=request_id))
