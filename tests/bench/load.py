"""Processor time and memory of this process and of all that it has started: driver and browsers."""

from collections.abc import Iterator
from dataclasses import dataclass

import psutil


@dataclass(frozen=True, slots=True)
class Memory:
    """Megabytes held; on Linux a page that processes share is shared out among them."""

    python_mb: float
    driver_mb: float
    browser_mb: float

    @property
    def total_mb(self) -> float:
        """All of it."""
        return self.python_mb + self.driver_mb + self.browser_mb


class CpuClock:
    """Processor seconds spent since the last reading, the portal's left out."""

    def __init__(self, *, without: int) -> None:
        self._without = without
        self._before = self._read()

    def lap(self) -> float:
        """Return the seconds since the last lap; a process that has ended meanwhile takes its own along."""
        now = self._read()
        spent = sum(seconds - self._before.get(pid, 0.0) for pid, seconds in now.items())
        self._before = now
        return spent

    def _read(self) -> dict[int, float]:
        seconds = {}
        for process in _tree():
            if process.pid == self._without:
                continue
            try:
                times = process.cpu_times()
            except psutil.NoSuchProcess:
                continue  # it ended between the listing and the question
            seconds[process.pid] = times.user + times.system
        return seconds


def memory_now() -> Memory:
    """Return what this process, Playwright's driver and the browser hold now."""
    held = {"python": 0, "driver": 0, "browser": 0}
    me = psutil.Process()
    for process in _tree():
        try:
            kind = "python" if process == me else "driver" if process.name().startswith("node") else "browser"
            info = process.memory_full_info()
            held[kind] += getattr(info, "pss", info.uss)
        except psutil.NoSuchProcess:
            continue  # it ended between the listing and the question
    return Memory(*(size / 2**20 for size in held.values()))


def _tree() -> Iterator[psutil.Process]:
    me = psutil.Process()
    yield me
    yield from me.children(recursive=True)
