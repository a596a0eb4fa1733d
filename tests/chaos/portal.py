"""The portal of one shard, the settings of its shop, and the people around it."""

import csv
import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx

from fixtures.mock_portal import server
from fixtures.mock_portal.site import SMS_CODE, SMS_PATH

from .plan import Shard, Wish

SHOP = "chaos"
PASSWORD_VARIABLE = "CLOSEWRIGHT_CHAOS_PASSWORD"
PASSWORD = "demo"
_SETTINGS = """
[store]
url = {store}
evidence = "evidence"
signing_key = "keys/signing.key"

[doctor]
before_batch = "off"

[shops.{shop}]
portal = "mock_{skin}"
base_url = "{url}"
role = "{role}"
username = "{role}"
password = "env:{variable}"
wait_s = 1
lanes = {lanes}
breaker = {{ same_fault = 50 }}
limits = {{ orders_per_run = 100000, orders_per_day = 100000, amount_per_order = "1000000.00", \
amount_per_day = "100000000.00", approve_above = "1000000.00" }}
waits = {{ consent = "15s", counterparty = "15s", return_parcel = "15s", platform = "15s", refund = "15s", \
settle = "1s", retry = "1s", too_new = "1s", login = "1s", human_check = "1s" }}
"""
REQUESTS = "requests.csv"
_PAYMENT_S = 2000.0  # before that look it would be an order that was paid all along
_CONSENT = {"declared": "yes", "none": "", "denied": "no"}


class Portal:
    """A mock portal with a shard's faults and habits, and the folder of the agent that works it."""

    def __init__(self, shard: Shard, folder: Path, *, store: str = "sqlite:///closewright.db") -> None:
        self.shard = shard
        self.folder = folder
        self._running = server.start(
            seed=shard.shop_seed, orders=shard.shop_size, skin=shard.skin, render_ms=20, promo=False
        )
        self.url = self._running.url
        self._http = httpx.Client(base_url=self.url, timeout=60)
        self._write_settings(store)
        _write_requests(folder / REQUESTS, shard.wishes)
        self.post("faults", {"seed": 1, "faults": [trouble.spec() for trouble in shard.troubles]})
        self.post("actors", {"seed": 1, "actors": [habit.spec() for habit in shard.habits] + _payments(shard)})

    def close(self) -> None:
        """Stop the portal."""
        self._http.close()
        self._running.stop()

    def _write_settings(self, store: str) -> None:
        text = _SETTINGS.format(
            store=json.dumps(store),
            shop=SHOP,
            skin=self.shard.skin,
            url=self.url,
            role=self.shard.role,
            variable=PASSWORD_VARIABLE,
            lanes=self.shard.lanes,
        )
        (self.folder / "closewright.toml").write_text(text, encoding="utf-8")

    def post(self, path: str, data: dict[str, Any]) -> None:
        """Tell the portal what to do."""
        self._http.post(f"/_mock/{path}", json=data).raise_for_status()

    def truth(self, path: str) -> dict[str, Any]:
        """Return what the portal says of itself."""
        answer: dict[str, Any] = self._http.get(f"/_mock/{path}").raise_for_status().json()
        return answer

    def orders(self) -> dict[str, dict[str, Any]]:
        """Return the true state of every order."""
        return {order["order_id"]: order for order in self.truth("orders")["orders"]}

    def ledger(self) -> list[dict[str, Any]]:
        """Return what really happened."""
        lines: list[dict[str, Any]] = self.truth("ledger")["ledger"]
        return lines

    def fired(self) -> list[tuple[str, str, str]]:
        """Return which faults have struck: name, step, order."""
        return [
            (fault["name"], fault["step"], order_id)
            for fault in self.truth("faults")["faults"]
            for order_id in fault["fired_orders"]
        ]

    def advance(self, seconds: float) -> None:
        """Let time pass on the portal."""
        self.post("clock", {"advance_s": seconds})

    def draw_slider(self) -> None:
        """Do what a person does before a slider: sign in and draw it."""
        self._by_hand("/_____tmd_____/punish", "/_____tmd_____/solve", {"next": "/"})

    def enter_code(self, order_id: str) -> None:
        """Do what a person does who has got a code by SMS for an order: sign in and enter it."""
        self._by_hand(SMS_PATH, SMS_PATH, {"orderId": order_id, "code": SMS_CODE})

    def _by_hand(self, page: str, form: str, fields: dict[str, str]) -> None:
        with httpx.Client(base_url=self.url, follow_redirects=True, timeout=60) as person:
            account = {"username": self.shard.role, "password": PASSWORD}
            person.post("/login", data={"csrf_token": _token(person.get("/login")), **account})
            person.post(form, data={"csrf_token": _token(person.get(page)), **fields})


def _payments(shard: Shard) -> list[dict[str, Any]]:
    """Let each payment that a fault leaves under way come through in the end, long after the agent's first look."""
    paying = [trouble.order_id for trouble in shard.troubles if trouble.name == "paying"]
    return [{"who": "buyer", "on": "start", "do": "pay", "orders": paying, "after_s": _PAYMENT_S}] if paying else []


def _token(page: httpx.Response) -> str:
    return page.text.partition('name="csrf_token" value="')[2].partition('"')[0]


def _write_requests(path: Path, wishes: Sequence[Wish]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["order_id", "reason", "consent", "note"])
        writer.writerows([wish.order_id, wish.reason, _CONSENT[wish.consent], ""] for wish in wishes)


def journal_lines(folder: Path) -> int:
    """Return how many lines the agent's journal has: only to see that it is at work, never to judge it."""
    return _count(folder, "journal")


def cases_taken_in(folder: Path) -> int:
    """Return how many cases the agent's store has: an operator whose run has died before that runs the file again."""
    return _count(folder, "cases")


def progress(folder: Path) -> int:
    """Return a number that grows with every act and every case that ends, and not with mere looking."""
    return _count(folder, "intents") + _count(folder, "cases WHERE state = 'ended'")


def _count(folder: Path, table: str) -> int:
    path = folder / "closewright.db"
    if not path.exists():
        return 0
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=5)) as connection:
            found: int = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - our own names
    except sqlite3.OperationalError:
        return 0  # not made yet
    return found
