"""The progress bar: how many orders have got where, and which one is being worked."""

from collections import Counter
from collections.abc import Collection
from datetime import datetime
from types import TracebackType
from typing import Self

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from agent.cli.screen import Screen
from agent.domain.cases import Case, CaseState
from agent.engine.passes import PassEnd
from agent.engine.queue import Queue


class Board:
    """Shows a batch while it goes on, on a terminal's stderr; elsewhere it stays silent."""

    def __init__(self, screen: Screen, total: int) -> None:
        self._voice = screen.voice
        self._now: dict[str, str] = {}  # how each case stands, by its id
        self._bar = Progress(
            TextColumn(self._voice.say("working"), markup=False),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[counts]}", markup=False),
            TextColumn("{task.fields[order]}", markup=False),
            console=screen.err,
            transient=True,
            refresh_per_second=4,
            disable=not screen.err.is_terminal,
        )
        self._task = self._bar.add_task("", total=total, counts="", order="")

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def watched(self, queue: Queue) -> Queue:
        """Return the queue, showing each order that is taken from it."""
        return _Watched(queue, self)

    def begin(self, case: Case) -> None:
        """Show which order is being worked."""
        self._bar.update(self._task, order=case.order_id)

    def note(self, end: PassEnd) -> None:
        """Count how a pass has left its case."""
        case = end.case
        status = case.outcome or (f"waiting:{case.waiting_for}" if case.waiting_for else case.state)
        self._now[case.case_id] = str(status)
        counts = Counter(self._now.values())
        shown = " · ".join(f"{self._voice.word(word)} {count}" for word, count in counts.most_common())
        self._bar.update(self._task, completed=len(self._now) - counts[CaseState.DUE], counts=shown)


class _Watched:
    """A queue that says what is taken from it."""

    def __init__(self, queue: Queue, board: Board) -> None:
        self._queue = queue
        self._board = board

    async def due(self, now: datetime, held: Collection[str]) -> Case | None:
        case = await self._queue.due(now, held)
        if case is not None:
            self._board.begin(case)
        return case

    async def next_due_at(self, held: Collection[str]) -> datetime | None:
        return await self._queue.next_due_at(held)
