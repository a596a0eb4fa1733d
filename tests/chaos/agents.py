"""Agents as real processes: started, killed, frozen and woken; nothing of them is left behind."""

import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import psutil

from .doomed import KILL, Moment
from .portal import PASSWORD, PASSWORD_VARIABLE, SHOP

ROOT = Path(__file__).resolve().parents[2]
_MARK = "CHAOS_MARK"
POLL_S = 0.1
_LAST_MOMENT_S = 15


@dataclass(frozen=True, slots=True)
class Fated:
    """What is to happen to one agent."""

    kill: Moment | None = None
    freeze: Moment | None = None
    wrong: str | None = None

    @property
    def options(self) -> list[str]:
        """The options of ``tests.chaos.doomed``."""
        named = {"--kill": self.kill, "--freeze": self.freeze, "--wrong": self.wrong}
        return [str(part) for name, value in named.items() if value is not None for part in (name, value)]


FREE = Fated()


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one object that it printed, or None."""
        return json.loads(self.out) if self.out.strip() else None


class Agent:
    """One process of the product, and its browser."""

    def __init__(self, process: "subprocess.Popen[bytes]", files: tuple[Path, Path]) -> None:
        self.process = process
        self._files = files

    def wait(self, seconds: float) -> bool:
        """Return whether it has ended, after waiting for it so long."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    @property
    def frozen(self) -> bool:
        """Whether it is stopped, and waits to be woken."""
        return self.process.poll() is None and psutil.Process(self.process.pid).status() == psutil.STATUS_STOPPED

    def kill(self) -> None:
        """Kill the process itself; its browser is left alone."""
        if self.process.poll() is None:
            os.kill(self.process.pid, KILL)
            self.process.wait()

    def interrupt(self) -> None:
        """Ask it to end after the passes that it is at, as an operator's Ctrl-C does."""
        self.process.send_signal(signal.SIGINT if os.name != "nt" else signal.SIGTERM)

    def ended(self) -> Ended:
        """Return how it ended."""
        out, err = (file.read_text("utf-8", "replace") for file in self._files)
        return Ended(self.process.returncode, out, err)


class Household:
    """All agents of one shard, and whatever they have started."""

    def __init__(self, folder: Path, *, without: Sequence[str] = ()) -> None:
        self.folder = folder
        self.ahead_s = 0.0
        self._without = [part for name in without for part in ("--without", name)]
        self._mark = uuid.uuid4().hex
        self._number = 0
        (folder / "tmp").mkdir()

    def start(self, *command: str, fated: Fated = FREE) -> Agent:
        """Start a command of the product; plainly, where nothing is to happen to it."""
        options = [*fated.options, *self._without]
        if self.ahead_s:
            options += ["--ahead", str(self.ahead_s)]
        module = ["tests.chaos.doomed", *options, "--"] if options else ["agent"]
        self._number += 1
        files = (self.folder / f"out-{self._number}", self.folder / f"err-{self._number}")
        with files[0].open("wb") as out, files[1].open("wb") as err:
            process = subprocess.Popen(  # noqa: S603 - our own modules
                [sys.executable, "-m", *module, *command],
                cwd=self.folder,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )
        return Agent(process, files)

    def call(self, *command: str, seconds: float = 600) -> Ended:
        """Run a command of the product to its end.

        Raises:
            TimeoutError: it did not end; it is killed.
        """
        agent = self.start(*command)
        if not agent.wait(seconds):
            agent.kill()
            raise TimeoutError(f"{' '.join(command)} did not end within {seconds:g} s")
        return agent.ended()

    def work(self, word: str, file: Path, fated: Fated = FREE) -> Agent:
        """Start a run of the request file, or go on with what is open."""
        rest = [str(file), "--yes"] if word == "run" else []
        return self.start(word, *rest, "--shop", SHOP, "--json", fated=fated)

    def _environment(self) -> dict[str, str]:
        paths = os.pathsep.join(part for part in (str(ROOT), os.environ.get("PYTHONPATH", "")) if part)
        own = {"PYTHONPATH": paths, "PYTHONUTF8": "1", "CLOSEWRIGHT_LANGUAGE": "en", PASSWORD_VARIABLE: PASSWORD}
        return os.environ | own | {_MARK: self._mark, "TMPDIR": str(self.folder / "tmp")}

    def orphans(self) -> list[psutil.Process]:
        """Return every process that belongs to this shard: each agent's mark is in its children's environment."""
        found: dict[int, psutil.Process] = {}
        for process in psutil.process_iter():
            try:
                if process.environ().get(_MARK) == self._mark and process.status() != psutil.STATUS_ZOMBIE:
                    found |= {one.pid: one for one in (process, *process.children(recursive=True))}
            except psutil.Error:
                continue  # it has ended meanwhile, or is somebody else's
        return list(found.values())

    def kill_orphans(self) -> int:
        """Kill what is left of killed agents, one by one, and return how many there were."""
        left = self.orphans()
        for process in left:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        psutil.wait_procs(left, _LAST_MOMENT_S)
        return len(left)

    def leaked(self) -> int:
        """Give what is left time to end by itself, then kill the rest and return how many that were."""
        psutil.wait_procs(self.orphans(), _LAST_MOMENT_S)
        return self.kill_orphans()


class Pulse:
    """Tells whether something still moves; a number that has not grown for so long means that nothing does."""

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        self._seen = -1
        self._since = monotonic()

    def beats(self, number: int) -> bool:
        """Take the number as it is now, and return whether there is still hope."""
        if number != self._seen:
            self._seen, self._since = number, monotonic()
        return monotonic() - self._since < self._patience_s
