"""A shop at a set hour, worked by the commands that a person types, in this process so that its clock can be ours."""

import io
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from types import SimpleNamespace

import pytest

from agent.__main__ import main
from agent.app import App
from agent.store import journal, new_ids
from fixtures.mock_portal import server
from tests.e2e.e2e_shop import Shop

BEGAN = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # nine in the morning, where the portal is
SKIN, SEED, ORDERS = "workbench", 7, 60
WIDTH = 110
LANGUAGES = ("en", "zh")
WAITS = 'waits = { settle = "1s", retry = "1s" }'
HOME = "/home/wang/shop"  # what a picture shows in place of a test's own folder
PEOPLE = {"LOGNAME": "wang", "USER": "wang"}


@dataclass(frozen=True, slots=True)
class Said:
    """How a command ended and what it wrote."""

    code: int
    out: str
    err: str


class ShownShop(Shop):
    """A shop whose clock began at ``BEGAN``, with the commands of a person who works it."""

    began: datetime

    def now(self) -> datetime:
        """Return the time of the shop."""
        return BEGAN + (datetime.now(UTC) - self.began) + timedelta(seconds=self.passed_s)

    def closewright(self, *arguments: str, language: str = "en") -> Said:
        """Run one command as on a coloured terminal, and return what it wrote."""
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = main(("--language", language, *arguments))
        return Said(code, out.getvalue().replace(str(self.folder), HOME), err.getvalue())

    def work(self, *arguments: str) -> None:
        """Run a command that works orders; whatever it leaves to people is no failure of it."""
        said = self.closewright(*arguments)
        assert said.code in {0, 1}, said.err

    def pass_time(self, **more: float) -> None:
        """Let time pass, for the portal and for the product."""
        seconds = timedelta(**more).total_seconds()
        self.post("clock", {"advance_s": seconds})
        self.passed_s += seconds

    def photograph(self, order_id: str, name: str) -> bytes:
        """Return the newest picture of this name in an order's evidence."""
        case_id = self.case(order_id).case_id
        app = self.app()
        try:
            kept = [entry.body for entry in app.db.read(lambda tx: journal.entries(tx, case_id))]
            files = {body["name"]: app.blobs.path(body["sha256"], body["ext"]) for body in kept if "ext" in body}
        finally:
            app.close()
        assert f"{name}.jpg" in files, sorted(files)
        return files[f"{name}.jpg"].read_bytes()


def open_shop(folder: Path, patch: pytest.MonkeyPatch, *, extra: str = "") -> ShownShop:
    """Open a shop on a portal of its own; the caller stops that."""
    running = server.start(skin=SKIN, orders=ORDERS, seed=SEED, promo=False, render_ms=20)
    shop = ShownShop(running, folder, SKIN, extra=f"{WAITS}\nwait_s = 0\n{extra}")
    shop.began = datetime.now(UTC)
    running.portal.clock.advance((BEGAN - shop.began).total_seconds())
    running.portal.shop.restock(SEED, ORDERS)
    for name, value in {**PEOPLE, "FORCE_COLOR": "1", "COLUMNS": str(WIDTH), "TZ": "Asia/Shanghai"}.items():
        patch.setenv(name, value)
    patch.setenv("CLOSEWRIGHT_TEST_PASSWORD", "demo")
    patch.setitem(App.__init__.__kwdefaults__, "clock", shop.now)
    patch.setattr(new_ids, "secrets", SimpleNamespace(token_bytes=Random(SEED).randbytes))  # noqa: S311 - ids only
    patch.chdir(folder)
    shop.config()
    return shop
