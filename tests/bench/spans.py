"""Where the time of a pass goes: the product's own functions, timed from outside while the bench runs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from time import perf_counter
from typing import Any

from agent.browser.armed import Armed
from agent.engine import act, batch, look, passes
from agent.engine.queue import StoredQueue
from agent.engine.recorder import Recorder
from agent.engine.run import Run
from agent.store.database import Database
from page_objects.form import ActForm
from page_objects.order_detail import OrderDetail
from page_objects.order_list import OrderList

from .faults import BenchFault

_PASS = "everything else of the pass"
_JUDGE = "judge"
_AFTER = "fresh read after the act: "
# Each is timed without what is timed inside it. What stands under the fresh read is named so.
_TIMED: tuple[tuple[Any, str, str], ...] = (
    (StoredQueue, "due", "queue: next due case"),
    (batch, "take_pass", _PASS),
    (Run, "load", "store: earlier proofs"),
    (passes, "settle_open_intent", "store: open intents"),
    (OrderList, "find", "list: open, search, read the row"),
    (OrderList, "open_detail", "list: press 订单详情"),
    (OrderDetail, "arrive", "detail: arrive"),
    (OrderDetail, "open", "detail: open"),
    (OrderDetail, "read", "detail: read"),
    (Recorder, "picture", "evidence: pictures and page texts"),
    (Recorder, "kept", "evidence: wait until it is on the disk"),
    (ActForm, "open", "form: open, compare the order id"),
    (ActForm, "fill", "form: fill in"),
    (ActForm, "verify", "form: compare the order id"),
    (ActForm, "confirm", "form: last click"),
    (Armed, "__aenter__", "gate: arm"),
    (Armed, "held", "gate: request held"),
    (Armed, "release", "gate: release"),
    (Armed, "answer", "gate: answer of the server"),
    (act, "_note_what_the_page_says", "the page's own notice"),
    (look, "watch", _JUDGE),
    (Database, "awrite", "store: write transactions"),
    (passes, "_write_down", "manifest"),
)


@dataclass(frozen=True, slots=True)
class Phase:
    """One part of a pass: milliseconds and calls per order."""

    label: str
    ms: float
    calls: float


@dataclass(slots=True)
class _Open:
    prefix: str
    inner_s: float = 0.0


class Spans:
    """Collects what the timed functions took."""

    def __init__(self) -> None:
        self._open: ContextVar[_Open | None] = ContextVar("open span", default=None)
        self._seconds: dict[str, list[float]] = {}
        self._passes = 0

    def clear(self) -> None:
        """Forget the warm-up."""
        self._seconds.clear()
        self._passes = 0

    def timed(self, function: Callable[..., Any], label: str) -> Callable[..., Any]:
        """Return a coroutine function that does the same and notes its time, without what is timed inside it."""

        @wraps(function)
        async def around(*args: Any, **more: Any) -> Any:
            outer = self._open.get()
            prefix = outer.prefix if outer is not None else ""
            mine = _Open(_AFTER if label == _JUDGE else prefix)
            token = self._open.set(mine)
            began = perf_counter()
            try:
                return await function(*args, **more)
            finally:
                took = perf_counter() - began
                self._open.reset(token)
                if outer is not None:
                    outer.inner_s += took
                self._seconds.setdefault(mine.prefix + label, []).append(took - mine.inner_s)
                self._passes += label == _PASS

        return around

    def phases(self) -> list[Phase]:
        """Return the parts of a pass, the dearest first."""
        passes_ = max(self._passes, 1)
        parts = [
            Phase(label, sum(seconds) * 1000 / passes_, len(seconds) / passes_)
            for label, seconds in self._seconds.items()
        ]
        return sorted(parts, key=lambda part: part.ms, reverse=True)


@contextmanager
def watching() -> Iterator[Spans]:
    """Time the product's functions for as long as the context lasts.

    Raises:
        BenchFault: a function has another name now; the list above has to follow.
    """
    spans = Spans()
    missing = [f"{owner.__name__}.{name}" for owner, name, _ in _TIMED if not hasattr(owner, name)]
    if missing:
        raise BenchFault(f"tests/bench/spans.py names what the product no longer has: {', '.join(missing)}")
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in _TIMED]
    for owner, name, label in _TIMED:
        setattr(owner, name, spans.timed(getattr(owner, name), label))
    try:
        yield spans
    finally:
        for owner, name, function in before:
            setattr(owner, name, function)
