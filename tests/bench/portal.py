"""A mock portal in a process of its own, so that serving pages takes no time from whoever is measured."""

import subprocess
import sys
from collections import Counter
from types import TracebackType
from typing import Any, Self

import httpx

from .faults import BenchFault

PASSWORD = "demo"
_STOP_S = 10
_SIGNS_OF_TROUBLE = ("frozen", "disputed", "partly_shipped", "refund")


class PortalProcess:
    """A running mock portal; a context manager."""

    def __init__(self, skin: str, *, orders: int, latency_ms: int = 0, seed: int = 7) -> None:
        self.skin = skin
        self.url = ""
        self._command = [
            sys.executable, "-m", "fixtures.mock_portal", "--port", "0", "--no-promo",
            "--skin", skin, "--orders", str(orders), "--latency-ms", str(latency_ms), "--seed", str(seed),
        ]  # fmt: skip
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        """Start the portal and wait until it listens.

        Raises:
            BenchFault: it ended instead.
        """
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, text=True, encoding="utf-8")  # noqa: S603 - our own module
        self.url = (self._process.stdout.readline() if self._process.stdout else "").strip()
        if not self.url:
            raise BenchFault(f"the mock portal did not start; it ended with {self._process.wait(_STOP_S)}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the portal."""
        if self._process is None:
            return
        self._process.terminate()
        self._process.wait(_STOP_S)
        if self._process.stdout is not None:
            self._process.stdout.close()

    @property
    def pid(self) -> int:
        """The portal's process."""
        return 0 if self._process is None else self._process.pid

    def unpaid(self) -> list[str]:
        """Return the ids of orders that can be closed at once: unpaid, with nothing in the way."""
        return [
            order["order_id"]
            for order in self._truth("orders")["orders"]
            if order["state"] == "waitbuyerpay"
            and order["pay_state"] == "1"
            and order["trade_type"] == "escrow"
            and not any(order[sign] for sign in _SIGNS_OF_TROUBLE)
        ]

    def closings(self) -> Counter[str]:
        """Return how often each order was really closed."""
        return Counter(
            entry["order_id"] for entry in self._truth("ledger")["ledger"] if entry["what"] == "order_closed"
        )

    def _truth(self, path: str) -> dict[str, Any]:
        answer: dict[str, Any] = httpx.get(f"{self.url}/_mock/{path}", timeout=60).raise_for_status().json()
        return answer


def closed_once(portal: PortalProcess, orders: list[str]) -> None:
    """Hold what was measured against the portal's own truth: a number is worth nothing if the work was not done.

    Raises:
        BenchFault: an order was not closed, or not exactly once, or another one was.
    """
    if portal.closings() != Counter(orders):
        raise BenchFault(f"the ledger of {portal.skin} does not hold each of {len(orders)} orders exactly once")
