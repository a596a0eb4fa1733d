"""Ctrl-C: the first ends the run after the current passes, the second abandons them."""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Any, Self

from agent.engine.batch import Batch

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interrupts:
    """Listens to Ctrl-C, and to a scheduler's SIGTERM, while work goes on; the same on every system.

    Attributes:
        count: how often somebody has interrupted.
    """

    def __init__(self, tell: Callable[[], None]) -> None:
        self.count = 0
        self._tell = tell
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[Any] | None = None
        self._batch: Batch | None = None
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():  # no other may set handlers
            # Before asyncio.run: it puts a handler of its own only where it finds Python's.
            self._before = {one: signal.signal(one, self._heard) for one in _SIGNALS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        for one, handler in self._before.items():
            signal.signal(one, handler)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Interrupt the task that runs now, until this ends."""
        self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        try:
            yield
        finally:
            self._loop = self._task = self._batch = None

    def attach(self, batch: Batch) -> None:
        """Let the first interruption end this batch gently."""
        self._batch = batch

    def _heard(self, number: int, frame: FrameType | None) -> None:
        self.count += 1
        if self._loop is None:
            signal.default_int_handler(number, frame)
        self._loop.call_soon_threadsafe(self._interrupt)

    def _interrupt(self) -> None:
        if self._task is None:
            return  # it has ended meanwhile
        if self.count == 1 and self._batch is not None:
            self._tell()
            self._batch.interrupt()
        else:
            self._task.cancel()
