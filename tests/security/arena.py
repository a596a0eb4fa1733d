"""A shop whose pages play tricks, the product working it, and the judge: the portal's ledger."""

import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle
from pathlib import Path
from typing import Any, NamedTuple, Self

from agent.domain.cases import Case, CaseState
from agent.domain.reasons import Reason
from fixtures.mock_portal import server
from tests.e2e.e2e_shop import Shop, agreed, want

# What a portal makes of one close that was asked for, and nothing else.
ASKED_FOR = {"order_closed", "refund_paid"}
# A page that takes the close button of a paid order away leaves the way that such an order has without one.
TICKET, TAKES_AWAY = "ticket_filed", {"gone", "hidden"}
REASON, CODE = Reason.BUYER_CANCELLED, "buyerCancel"
PLAIN: dict[str, Any] = {"refund_state": "", "partly_shipped": False, "frozen": False, "disputed": False, "stages": []}
# Long waits: nothing comes due again within a run; a breaker would end what is to be attacked to its end.
LASTING = """
breaker = { same_fault = 1000000 }
waits = { consent = "1h", platform = "1h", settle = "1h", retry = "1h", too_new = "1h" }
"""
_VICTIMS = 40
_MOST_RUNS = 3
_WRITTEN = re.compile(r"(\w+)\((\w+)\)@(\w+?)(?:\+(\d+)ms)?")
WRONG, DOUBLE, FALSE, UNEXPLAINED = "wrong change", "double change", "false end", "unexplained"


class Wrong(NamedTuple):
    """One thing that is wrong about how an attack ended."""

    kind: str
    what: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.what}"


@dataclass(frozen=True, slots=True)
class Mutation:
    """One trick of a page: which, on which of its parts, at which moment."""

    trick: str
    part: str = "confirm"
    moment: str = "load"
    delay_ms: int = 0

    def __str__(self) -> str:
        late = f"+{self.delay_ms}ms" if self.delay_ms else ""
        return f"{self.trick}({self.part})@{self.moment}{late}"

    @classmethod
    def read(cls, text: str) -> Self:
        """Return the mutation that is written like this.

        Raises:
            ValueError: it is written otherwise.
        """
        found = _WRITTEN.fullmatch(text)
        if found is None:
            raise ValueError(f"not written as trick(part)@moment+0ms: {text}")
        return cls(found[1], found[2], found[3], int(found[4] or 0))

    @property
    def takes_button_away(self) -> bool:
        """Whether nobody who looks at the page could find the button that closes the order."""
        return self.part == "opener" and self.trick in TAKES_AWAY

    def fault(self, order_id: str, *, other: str, host: str) -> dict[str, Any]:
        """Return the portal's switch for it."""
        args = {"trick": self.trick, "part": self.part, "moment": self.moment, "delay_ms": self.delay_ms}
        return {"name": "hostile_page", "orders": [order_id], "args": {**args, "other": other, "host": host}}


Mutated = tuple[Mutation, ...]
Entries = Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Fought:
    """How one attacked order ended, and everything that is wrong about that."""

    order_id: str
    mutated: Mutated
    word: str
    why: str
    struck: bool
    wrong: tuple[Wrong, ...]
    skin: str = ""

    @property
    def rightly_closed(self) -> bool:
        """Whether it is closed, by us, once, as was asked for."""
        return self.word == "closed" and not self.wrong


class _Abroad(BaseHTTPRequestHandler):
    """Notes whatever comes to the foreign host."""

    def _note(self) -> None:
        self.server.came.append(f"{self.command} {self.path}")  # type: ignore[attr-defined]  # our own server
        self.send_response(200)
        self.end_headers()

    do_GET = do_POST = do_PUT = do_HEAD = do_OPTIONS = _note  # noqa: N815 - the standard library's names

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def abroad() -> Iterator[tuple[str, list[str]]]:
    """Run a host that no profile knows (another name of this machine); yield its name and what came to it."""
    came: list[str] = []
    with ThreadingHTTPServer(("127.0.0.1", 0), _Abroad) as listening:
        listening.came = came  # type: ignore[attr-defined]  # read by its handler
        thread = threading.Thread(target=listening.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"localhost:{listening.server_address[1]}", came
        finally:
            listening.shutdown()
            thread.join()


@dataclass
class Arena:
    """One portal whose orders are attacked one after the other, none of them twice."""

    shop: Shop
    host: str
    came_abroad: list[str]
    lanes: int = 8
    asked: set[str] = field(default_factory=set)
    _orders: Iterator[str] = field(init=False)
    _paid: frozenset[str] = field(init=False)
    _judged: int = 0  # lines of the ledger that belong to earlier attacks

    def __post_init__(self) -> None:
        unpaid = self._plain(state="waitbuyerpay", pay_state="1")
        paid = self._plain(state="waitsellersend", pay_state="2", button="close")
        self._victims = cycle(unpaid[:_VICTIMS])
        self._paid = frozenset(paid)
        first_page = {order["order_id"] for order in self.shop.orders()[:10]}
        usable = [order_id for order_id in mixed(unpaid[_VICTIMS:], paid) if order_id not in first_page]
        self.left = len(usable)
        self._orders = iter(usable)

    def _plain(self, **wanted: Any) -> list[str]:
        return [str(order["order_id"]) for order in self.shop.orders(**wanted, **PLAIN)]

    def fight(self, attacks: Sequence[Mutated]) -> list[Fought]:
        """Have the product work one order for each attack, all in one run, and judge each."""
        orders = self.take(len(attacks))
        self.asked |= set(orders)
        self.shop.faults(*self._faults(orders, attacks))
        requests = [(agreed if order in self._paid else want)(order, REASON) for order in orders]
        self.shop.run(*requests, lanes=self.lanes)
        for _ in range(_MOST_RUNS):  # what stops a run leaves the rest of it due
            if not any(case.state is CaseState.DUE for case in self.shop.cases()):
                break
            self.shop.run(lanes=self.lanes)
        return [self._judge(*one) for one in self._ends(orders, attacks)]

    def _ends(self, orders: Sequence[str], attacks: Sequence[Mutated]) -> Iterator[tuple[Case, Mutated, Entries, bool]]:
        """Yield how each attack ended: its case, the page, the ledger's lines on it, and whether a trick was played."""
        unfired = self.shop.unfired()
        ledger = self.shop.ledger()[self._judged :]
        self._judged += len(ledger)
        cases = {str(case.order_id): case for case in self.shop.cases()}
        outside = [entry for entry in ledger if entry["order_id"] not in self.asked]
        for order, mutated in zip(orders, attacks, strict=True):
            struck = sum(line.endswith(order) for line in unfired) < len(mutated)
            yield cases[order], mutated, [*outside, *(one for one in ledger if one["order_id"] == order)], struck

    def _judge(self, case: Case, mutated: Mutated, entries: Entries, struck: bool) -> Fought:
        order = str(case.order_id)
        buttonless = order in self._paid and any(one.takes_button_away for one in mutated)
        wrong = tuple(wrongs(case, entries, buttonless=buttonless))
        return Fought(order, mutated, word(case), case.why, struck, wrong, self.shop.skin)

    def take(self, count: int) -> list[str]:
        """Return plain orders that nobody has had yet."""
        self.left -= count
        return [next(self._orders) for _ in range(count)]

    def _faults(self, orders: Sequence[str], attacks: Sequence[Mutated]) -> Iterator[dict[str, Any]]:
        for order, mutated in zip(orders, attacks, strict=True):
            victim = next(self._victims)
            for mutation in mutated:
                yield mutation.fault(order, other=victim, host=self.host)


def mixed(unpaid: Sequence[str], paid: Sequence[str]) -> Iterator[str]:
    """Yield three unpaid orders for each paid one, and then what is left of either."""
    rest, others = iter(unpaid), iter(paid)
    for place, order_id in enumerate(rest):
        yield order_id
        if place % 3 == 2:
            yield from (one for one in [next(others, None)] if one is not None)
    yield from others


def word(case: Case) -> str:
    """Return where a case stands, in the words of ``counts``."""
    return str(case.outcome or (f"waiting:{case.waiting_for}" if case.waiting_for else case.state))


def wrongs(case: Case, entries: Entries, *, buttonless: bool = False) -> Iterator[Wrong]:
    """Yield what is wrong about how an attacked order ended, in the light of what really happened meanwhile.

    Args:
        case: how the order ended for the product.
        entries: the ledger's lines of that order, and of orders that nobody asked for.
        buttonless: the order is paid and its page showed no button: one ticket about it is the way that is left.
    """
    asked_for = {*ASKED_FOR, TICKET} if buttonless else ASKED_FOR
    ours = [entry for entry in entries if entry["order_id"] == case.order_id]
    closings = [entry for entry in ours if entry["what"] == "order_closed"]
    for entry in entries:
        if entry not in ours:
            yield Wrong(WRONG, f"{entry['what']} of {entry['order_id']}, which nobody asked for")
        elif entry["what"] not in asked_for:
            yield Wrong(WRONG, f"{entry['what']} was not asked for")
    for closing in closings:
        said = closing["data"]
        if (closing["by"], said["reason"], said["remark"]) != ("seller", CODE, ""):
            yield Wrong(WRONG, f"closed by {closing['by']}, for {said['reason']!r}, with {said['remark']!r}")
    if len(closings) > 1:
        yield Wrong(DOUBLE, f"closed {len(closings)} times")
    if (tickets := sum(entry["what"] == TICKET for entry in ours)) > 1:
        yield Wrong(DOUBLE, f"{tickets} tickets filed")
    ended = case.state is CaseState.ENDED
    if ended and (word(case) == "closed") is not bool(closings):
        yield Wrong(FALSE, f"ended as {word(case)} with {len(closings)} closings in the ledger")
    if not case.why:
        yield Wrong(UNEXPLAINED, "nothing says why")


@contextmanager
def arena(folder: Path, skin: str, *, orders: int = 400, seed: int = 7, lanes: int = 8) -> Iterator[Arena]:
    """Open a portal, a foreign host and a shop in an empty folder."""
    with (
        abroad() as (host, came),
        server.start(skin=skin, orders=orders, seed=seed, promo=False, render_ms=20) as portal,
    ):
        yield Arena(Shop(portal, folder, skin, extra=LASTING), host, came, lanes)
