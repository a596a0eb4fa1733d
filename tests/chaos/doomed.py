"""The agent with its fate: ``python -m tests.chaos.doomed [--kill …] [--freeze …] -- run FILE …``.

It runs the product's own ``main`` in this process, after wrapping some of its functions from outside, so that the
process dies or stops in the middle of them. The product knows nothing of it.
"""

import argparse
import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any

from agent.__main__ import main as closewright
from agent.app import App
from agent.browser.armed import Armed
from agent.engine import act, look, passes
from agent.store import journal
from page_objects.form import ActForm

from .sabotage import SABOTAGE

KILL = getattr(signal, "SIGKILL", signal.SIGTERM)  # on Windows SIGTERM ends a process at once

HOOKED: tuple[tuple[Any, str, str], ...] = (
    (passes, "settle_open_intent", "found"),
    (act, "_write_and_reserve", "intent"),
    (ActForm, "confirm", "click"),
    (Armed, "held", "hold"),
    (Armed, "release", "send"),
    (Armed, "answer", "answer"),
    (look, "watch", "proof"),
    (passes, "_write_down", "record"),
)
LIVES_ON_AFTER_FREEZING = 4  # passes, so that a woken agent is seen at work and leaves some of it to others

# A page that puts another order's id into whatever it sends, however it sends it.
_RETARGET = """
([own, other]) => {
  const send = window.fetch;
  window.fetch = (url, options) => send(url, typeof options?.body === 'string'
    ? {...options, body: options.body.replaceAll(own, other)} : options);
  document.addEventListener('submit', (event) => {
    for (const field of event.target.elements) if (field.value === own) field.value = other;
  }, true);
}
"""


@dataclass(frozen=True, slots=True)
class Moment:
    """The ``nth`` passing of a boundary, and so many milliseconds later."""

    at: str
    nth: int
    delay_ms: int = 0

    def __str__(self) -> str:
        return f"{self.at}:{self.nth}:{self.delay_ms}"

    @classmethod
    def parse(cls, text: str) -> "Moment":
        """Return what ``str`` has written."""
        at, nth, delay_ms = text.split(":")
        return cls(at, int(nth), int(delay_ms))


class Fate:
    """Counts how often each boundary is passed, and does what is to be done there."""

    def __init__(self, kill: Moment | None, freeze: Moment | None) -> None:
        self._kill = kill
        self._freeze = freeze
        self._passed: Counter[str] = Counter()
        self._lock = threading.Lock()  # the store's writer passes one of them

    def passes(self, at: str) -> None:
        """Take note of a boundary that is passed now."""
        with self._lock:
            self._passed[at] += 1
            nth = self._passed[at]
        if self._freeze is not None and (at, nth) == (self._freeze.at, self._freeze.nth):
            self._freeze_now()
        if self._kill is not None and (at, nth) == (self._kill.at, self._kill.nth):
            self._kill_soon(self._kill.delay_ms)

    def _freeze_now(self) -> None:
        self._kill = Moment("record.after", self._passed["record.after"] + LIVES_ON_AFTER_FREEZING)
        os.kill(os.getpid(), signal.SIGSTOP)  # the whole process; it goes on here once somebody wakes it

    def _kill_soon(self, delay_ms: int) -> None:
        if delay_ms:
            threading.Timer(delay_ms / 1000, os.kill, (os.getpid(), KILL)).start()
        else:
            os.kill(os.getpid(), KILL)


def seal(fate: Fate, wrong: str | None) -> None:
    """Wrap the product's functions, so that this process meets its fate in them."""
    for owner, name, label in HOOKED:
        setattr(owner, name, _around(fate, getattr(owner, name), label))
    journal.sign_head = _then(fate, journal.sign_head, lambda _result: "record.within")
    passes.write_manifest = _first(fate, passes.write_manifest, "manifest.before")
    Armed.take = _then(fate, Armed.take, lambda why: None if why is None else "wrong.held")  # type: ignore[method-assign]
    if wrong is not None:
        ActForm.confirm = _retargeted(ActForm.confirm, wrong)  # type: ignore[method-assign]


def _around(fate: Fate, function: Callable[..., Any], label: str) -> Callable[..., Any]:
    if not iscoroutinefunction(function):
        raise TypeError(f"{function.__qualname__} is no coroutine function any more")

    @wraps(function)
    async def around(*args: Any, **more: Any) -> Any:
        fate.passes(f"{label}.before")
        result = await function(*args, **more)
        fate.passes(f"{label}.after")
        return result

    return around


def _first(fate: Fate, function: Callable[..., Any], at: str) -> Callable[..., Any]:
    @wraps(function)
    def first(*args: Any, **more: Any) -> Any:
        fate.passes(at)
        return function(*args, **more)

    return first


def _then(fate: Fate, function: Callable[..., Any], label: Callable[[Any], str | None]) -> Callable[..., Any]:
    @wraps(function)
    def then(*args: Any, **more: Any) -> Any:
        result = function(*args, **more)
        at = label(result)
        if at is not None:
            fate.passes(at)
        return result

    return then


def _retargeted(confirm: Callable[..., Any], other: str) -> Callable[..., Any]:
    """Have the page turn on us just before the last click."""

    @wraps(confirm)
    async def turned(form: ActForm) -> None:
        await form._site.frame.evaluate(_RETARGET, [form._order_id, other])
        await confirm(form)

    return turned


def _run_ahead(seconds: float) -> None:
    """Let this process's clock run ahead, as the portal's does."""
    (App.__init__.__kwdefaults__ or {})["clock"] = lambda: datetime.now(UTC) + timedelta(seconds=seconds)


def main() -> int:
    """Run one command of the product to its end, or to ours."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kill", type=Moment.parse, metavar="AT:NTH:MS")
    parser.add_argument("--freeze", type=Moment.parse, metavar="AT:NTH:MS")
    parser.add_argument("--wrong", metavar="ORDER", help="the page sends its requests for this order instead")
    parser.add_argument("--ahead", type=float, default=0, metavar="S")
    parser.add_argument("--without", choices=sorted(SABOTAGE), action="append", default=[], help="switch a guard off")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    args = parser.parse_args()
    _run_ahead(args.ahead)
    for name in args.without:
        SABOTAGE[name]()
    seal(Fate(args.kill, args.freeze), args.wrong)
    return closewright(args.command[1:] if args.command[:1] == ["--"] else args.command)


if __name__ == "__main__":
    sys.exit(main())
