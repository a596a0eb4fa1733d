"""A shop on a mock portal of its own, and the product working it: judged by the portal's ledger, never by our log."""

from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

import httpx
from anyio.from_thread import start_blocking_portal
from playwright.async_api import Browser

from agent import desk
from agent.app import App, Overrides, work
from agent.browser.find import FoundBrowser, find_browser
from agent.browser.launch import open_browser
from agent.domain.cases import Case, CloseRequest, Consent
from agent.domain.ids import OrderId
from agent.domain.reasons import Reason
from agent.engine.batch import BatchEnd
from agent.engine.queue import ListedQueue, StoredQueue
from agent.engine.shop_run import Mode
from agent.settings import load
from agent.store import cases, journal
from fixtures.mock_portal import server

T = TypeVar("T")
SKINS = server.SKINS
HOSTS = ["127.0.0.1"]
_PATIENT_S = 60  # the portal shares this process, and the machine with others
# One for all tests: a client of its own for each question would read the system's certificates each time.
HTTP = httpx.Client(timeout=_PATIENT_S, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))
LIMITS = (
    'limits = { orders_per_run = 500, orders_per_day = 2000, amount_per_order = "90000.00", '
    'amount_per_day = "9000000.00", approve_above = "90000.00" }'
)
LIVELY = (
    'waits = { consent = "1s", counterparty = "1s", return_parcel = "1s", platform = "1s", refund = "1s", '
    'settle = "1s", retry = "1s", too_new = "1s" }'
)


class Worker:
    """One event loop in a thread, and one browser in it: a start of its own would cost each test a second."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self.loop = self._open.enter_context(start_blocking_portal())
        found = find_browser(None, None, headed=False)
        self._browser = self._open.enter_context(self.loop.wrap_async_context_manager(open_browser(found, hosts=HOSTS)))

    @asynccontextmanager
    async def browsers(
        self, found: FoundBrowser, *, hosts: Sequence[str], headed: bool = False, ws_hosts: Sequence[str] = ()
    ) -> AsyncIterator[Browser]:
        """Give the one browser to whoever wants one like it."""
        if (list(hosts), headed, list(ws_hosts)) == (HOSTS, False, []):
            yield self._browser
        else:
            async with open_browser(found, hosts=hosts, headed=headed, ws_hosts=ws_hosts) as own:
                yield own

    def close(self) -> None:
        """Close the browser and end the loop."""
        self._open.close()


@cache
def worker() -> Worker:
    """Return this process's worker; the session's fixture closes it."""
    return Worker()


def finish(job: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end in the worker's loop, beside any loop that a fixture of Playwright keeps."""

    async def work() -> T:
        return await job

    return worker().loop.call(work)


@dataclass
class Shop:
    """One shop on a running mock portal, with the product's settings for it."""

    portal: server.Running
    folder: Path
    skin: str
    role: str = "seller"
    extra: str = ""
    before_batch: str = "off"
    apps: list[App] = field(default_factory=list)
    passed_s: float = 0
    remembered: dict[str, dict[str, Any]] = field(default_factory=dict)

    def truth(self, path: str) -> dict[str, Any]:
        """Return what the portal says of itself."""
        answer: dict[str, Any] = HTTP.get(f"{self.portal.url}/_mock/{path}").raise_for_status().json()
        return answer

    def order(self, order_id: str) -> dict[str, Any]:
        """Return the true state of one order."""
        found = self.truth(f"orders/{order_id}")
        inner: dict[str, Any] = found.get("order", found)
        return inner

    def orders(self, **wanted: Any) -> list[dict[str, Any]]:
        """Return the true orders that have these values and nothing that forbids to work them."""
        return [
            order
            for order in self.truth("orders")["orders"]
            if all(order[key] == value for key, value in wanted.items())
        ]

    def ledger(self, order_id: str | None = None) -> list[dict[str, Any]]:
        """Return what really happened, to one order or to all."""
        entries: list[dict[str, Any]] = self.truth("ledger")["ledger"]
        return [entry for entry in entries if order_id is None or entry["order_id"] == order_id]

    def what(self, order_id: str) -> list[str]:
        """Return the words of an order's ledger."""
        return [entry["what"] for entry in self.ledger(order_id)]

    def post(self, path: str, data: dict[str, Any]) -> None:
        """Tell the portal what to do."""
        HTTP.post(f"{self.portal.url}/_mock/{path}", json=data).raise_for_status()

    def fault(self, name: str, orders: Sequence[str], **more: Any) -> None:
        """Switch a fault on for some orders."""
        self.faults({"name": name, "orders": list(orders), **more})

    def faults(self, *faults: dict[str, Any]) -> None:
        """Switch faults on; those of earlier calls end."""
        self.post("faults", {"seed": 1, "faults": list(faults)})

    def unfired(self) -> list[str]:
        """Return the faults that have not struck every order that they were aimed at."""
        return [
            f"{fault['name']} at {fault['step']}: {order_id}"
            for fault in self.truth("faults")["faults"]
            for order_id in fault["orders"] or ()
            if not fault["fired_orders"].get(order_id)
        ]

    def remember(self) -> None:
        """Keep the true state of every order, for ``touched``."""
        self.remembered = {order["order_id"]: order for order in self.truth("orders")["orders"]}

    def touched(self) -> set[str]:
        """Return the orders to which anything has happened since ``remember``."""
        now = {order["order_id"]: order for order in self.truth("orders")["orders"]}
        changed = {order_id for order_id in now | self.remembered if now.get(order_id) != self.remembered.get(order_id)}
        return changed | {entry["order_id"] for entry in self.ledger()}

    def actors(self, *actors: dict[str, Any]) -> None:
        """Say what buyer, supplier and clerk will do."""
        self.post("actors", {"actors": list(actors)})

    def config(self) -> Path:
        """Write the settings of the shop and return their file."""
        path = self.folder / "closewright.toml"
        path.write_text(
            f"""
[store]
url = "sqlite:///closewright.db"
evidence = "evidence"
signing_key = "keys/signing.key"

[doctor]
before_batch = "{self.before_batch}"

[shops.demo]
portal = "mock_{self.skin}"
base_url = "{self.portal.url}"
role = "{self.role}"
username = "{self.role}"
password = "env:CLOSEWRIGHT_TEST_PASSWORD"
{LIMITS if "limits" not in self.extra else ""}
{LIVELY if "waits" not in self.extra else ""}
{self.extra}
""",
            encoding="utf-8",
        )
        return path

    def edit_profile(self, *edits: tuple[str, str], end: str = "") -> None:
        """Have the shop worked by a copy of its profile with some places changed."""
        name = f"mock_{self.skin}"
        text = (resources.files("page_objects") / "portals" / name / "profile.toml").read_text("utf-8")
        for old, new in edits:
            assert old in text, old
            text = text.replace(old, new, 1)
        folder = self.folder / "profiles" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "profile.toml").write_text(text + end, encoding="utf-8")
        self.extra += '\nprofile_dir = "profiles"\n'

    def app(self, ahead_s: float = 0) -> App:
        """Return the product, built for this shop, with a clock that is ahead by so many seconds."""
        app = App(
            load(self.config()),
            clock=lambda: datetime.now(UTC) + timedelta(seconds=ahead_s),
            browsers=lambda *asked, **more: worker().browsers(*asked, **more),
        )
        self.apps.append(app)
        return app

    def run(
        self,
        *requests: CloseRequest,
        mode: Mode = Mode.LIVE,
        lanes: int = 1,
        wait_s: float = 0,
        overrides: Overrides | None = None,
        ahead_s: float = 0,
    ) -> BatchEnd:
        """Have the product work requests (and whatever is due), and return how the batch ended."""
        app = self.app(ahead_s + self.passed_s)
        try:
            with app.hold("demo"), app.recorded_run("demo", "run") as recorded:
                run = app.shop_run("demo", run_id=recorded.run_id, mode=mode, overrides=overrides)
                if mode is Mode.LIVE:
                    app.admit("demo", requests)
                    queue: Any = StoredQueue(app.db, "demo", None)
                else:
                    queue = ListedQueue(app.passing_cases("demo", requests))
                return finish(work(app, run, queue=queue, lanes=lanes, wait_s=wait_s, on_pass=lambda _end: None))
        finally:
            app.close()

    def later(self, seconds: float, **more: Any) -> BatchEnd:
        """Let time pass, for the portal and for the product, then work what is due."""
        self.post("clock", {"advance_s": seconds})
        self.passed_s += seconds
        return self.run(**more)

    def answer(self, order_id: str, word: str, **more: Any) -> None:
        """Give a person's answer to the case of an order."""
        case = self.case(order_id)
        app = self.app(self.passed_s)
        try:
            desk.answer(app, case, desk.Word(word), **more)
        finally:
            app.close()

    def case(self, order_id: str) -> Case:
        """Return the latest case of an order."""
        app = self.app()
        try:
            found = app.db.read(
                lambda tx: cases.latest_for(
                    tx, portal=f"mock_{self.skin}", account=self.role, order_id=OrderId(order_id)
                )
            )
        finally:
            app.close()
        assert found is not None, f"no case of {order_id}"
        return found

    def cases(self) -> list[Case]:
        """Return every case of the shop."""
        app = self.app()
        try:
            return app.db.read(lambda tx: cases.listing(tx, shop="demo"))
        finally:
            app.close()

    def word(self, order_id: str) -> str:
        """Return where the latest case of an order stands, in the words of ``counts``."""
        case = self.case(order_id)
        return case.outcome or (f"waiting:{case.waiting_for}" if case.waiting_for else case.state)

    def journal(self, order_id: str) -> list[dict[str, Any]]:
        """Return the lines of the journal of the latest case of an order."""
        case_id = self.case(order_id).case_id
        app = self.app()
        try:
            return [
                {"kind": entry.kind, "body": entry.body}
                for entry in app.db.read(lambda tx: journal.entries(tx, case_id))
            ]
        finally:
            app.close()

    def pictures(self, order_id: str) -> list[Path]:
        """Return the files of the pictures that the latest case of an order has kept."""
        case_id = self.case(order_id).case_id
        app = self.app()
        try:
            kept = [entry.body for entry in app.db.read(lambda tx: journal.entries(tx, case_id))]
            return [
                app.blobs.path(body["sha256"], body["ext"])
                for body in kept
                if str(body.get("media", "")).startswith("image/")
            ]
        finally:
            app.close()


def want(order_id: str, reason: Reason = Reason.BUYER_CANCELLED, **more: Any) -> CloseRequest:
    """Return a request to close an order."""
    return CloseRequest(order_id=OrderId(order_id), reason=reason, source={"command": "test"}, **more)


def agreed(order_id: str, reason: Reason = Reason.BUYER_CANCELLED) -> CloseRequest:
    """Return a request whose operator declares the buyer's consent."""
    return want(order_id, reason, consent=Consent.DECLARED)
