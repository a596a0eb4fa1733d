"""The product at work on a real back office, as an operator starts it: settings, a file of requests, the command."""

import asyncio
import csv
import json
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from agent.app import App, work
from agent.browser.gate import HeldRequest
from agent.domain.acts import Act, ActKind
from agent.domain.cases import Case, CloseRequest, Consent
from agent.domain.ids import OrderId
from agent.domain.reasons import Reason
from agent.engine.queue import StoredQueue
from agent.engine.shop_run import Mode, Supervise
from agent.settings import load
from agent.store import cases, intents

COMMAND = [sys.executable, "-m", "agent"]
PASSWORD = "CLOSEWRIGHT_TEST_REAL_PASSWORD"
PATIENCE_S = 500  # sixty orders, on a machine that does other work as well
LIMITS = """
limits = { orders_per_run = 500, orders_per_day = 2000, amount_per_order = "90000.00", \
amount_per_day = "9000000.00", approve_above = "90000.00" }
"""


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    cases: dict[str, dict[str, Any]]
    err: str

    def word(self, order: str) -> str:
        """Return where an order's case stands, in the words of ``counts``, or that its money is not back."""
        case = self.cases[order]
        if ("refund", "waiting") in {(item["kind"], item["state"]) for item in case["aftercare"]}:
            return f"{case['outcome']}:refund_unknown"
        return str(case["outcome"] or (f"waiting:{case['waiting_for']}" if case["waiting_for"] else case["state"]))


@dataclass(frozen=True)
class Desk:
    """A folder with settings for one shop, and the commands typed in it."""

    folder: Path
    portal: str
    url: str
    username: str
    password: str
    language: str | None = None
    more: str = ""  # further lines of the shop's settings
    shown_as: str | None = None

    def config(self) -> Path:
        """Write the settings and return their file."""
        path = self.folder / "closewright.toml"
        language = f'language = "{self.language}"' if self.language else ""
        shown_as = f'shown_as = "{self.shown_as}"' if self.shown_as else ""
        path.write_text(
            f"""
[store]
url = "sqlite:///closewright.db"
evidence = "evidence"
signing_key = "keys/signing.key"

[doctor]
before_batch = "off"

[shops.real]
portal = "{self.portal}"
base_url = "{self.url}"
{language}
{self.more}
{shown_as}
role = "seller"
username = "{self.username}"
password = "env:{PASSWORD}"
waits = {{ settle = "1s", retry = "1s" }}
{LIMITS}
""",
            encoding="utf-8",
        )
        return path

    def requests(self, consents: Mapping[str, str]) -> Path:
        """Write a file of requests: the consent to each order."""
        path = self.folder / "requests.csv"
        with path.open("w", newline="", encoding="utf-8-sig") as file:
            writer = csv.writer(file)
            writer.writerow(["order_id", "reason", "consent", "note"])
            writer.writerows([order, "buyer_cancelled", consent, ""] for order, consent in consents.items())
        return path

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Type a command."""
        self.config()
        return subprocess.Popen(  # noqa: S603 - our own command
            [*COMMAND, *words],
            cwd=self.folder,
            env=os.environ | {"PYTHONUTF8": "1", "CLOSEWRIGHT_LANGUAGE": "en", PASSWORD: self.password},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            start_new_session=os.name != "nt",
        )

    def command(self, *words: str) -> Ended:
        """Type a command and wait for its end."""
        process = self.start(*words, "--json")
        out, err = process.communicate(timeout=PATIENCE_S)
        found = json.loads(out)["cases"] if out.strip() else []
        return Ended(process.returncode, {case["order_id"]: case for case in found}, err)

    def run(self, consents: Mapping[str, str], *more: str) -> Ended:
        """Have requests worked."""
        file = self.requests(consents)
        return self.command("run", str(file), "--shop", "real", "--yes", *more)

    def resume(self) -> Ended:
        """Go on with what is open."""
        return self.command("resume", "--shop", "real")

    def close_until(self, order: str, held: ActKind) -> None:
        """Have one order closed by a process that dies, by kill -9, while it holds the request of this act."""
        os.environ[PASSWORD] = self.password
        process = multiprocessing.get_context("spawn").Process(target=_close_and_die, args=(self, order, held))
        process.start()
        process.join(PATIENCE_S)
        assert process.exitcode == -signal.SIGKILL, process.exitcode

    def close_beside(self, order: str, colleague: Callable[[], None]) -> tuple[str, list[str]]:
        """Have one order closed while a colleague acts between our last click and its request.

        Return how the case ended, and what became of each act.
        """

        async def supervise(_case: Case, _act: Act, _held: HeldRequest) -> bool:
            await asyncio.to_thread(colleague)
            return True

        return self.close_supervised(order, supervise)

    def close_supervised(self, order: str, supervise: Supervise) -> tuple[str, list[str]]:
        """Have one order closed in this process, while somebody looks at each held request.

        Return how the case ended, and what became of each act.
        """
        os.environ[PASSWORD] = self.password
        app = App(load(self.config()))
        request = CloseRequest(
            OrderId(order), Reason.BUYER_CANCELLED, consent=Consent.DECLARED, source={"command": "test"}
        )

        with app.hold("real"), app.recorded_run("real", "close") as recorded:
            run = app.shop_run("real", run_id=recorded.run_id, mode=Mode.LIVE, supervise=supervise)
            app.admit("real", [request])
            queue = StoredQueue(app.db, "real", None)
            asyncio.run(work(app, run, queue=queue, lanes=1, wait_s=0, on_pass=lambda _end: None))
            [case] = app.db.read(lambda tx: cases.listing(tx, shop="real"))
            made = app.db.read(lambda tx: intents.of_case(tx, case.case_id))
        app.close()
        return str(case.outcome or case.waiting_for or case.state), [str(intent.result) for intent in made]


def _close_and_die(desk: Desk, order: str, held: ActKind) -> None:
    async def supervise(_case: Case, act: Act, _held: HeldRequest) -> bool:
        if act.kind is held:
            os.kill(os.getpid(), signal.SIGKILL)
        return True

    desk.close_supervised(order, supervise)


def changed(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]], key: str) -> set[str]:
    """Return the orders of which anything at all has changed."""
    then = {order[key]: order for order in before}
    now = {order[key]: order for order in after}
    assert then.keys() == now.keys()
    return {str(order) for order in then if then[order] != now[order]}
