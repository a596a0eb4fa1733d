"""Live work on one shop: take requests in, work what is due, and say how everything stands."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import Connection

from agent.app import App, Overrides, RecordedRun, check_ready, work
from agent.cli.exits import STOPPED, code_of, code_of_statuses
from agent.cli.interrupts import Interrupts
from agent.cli.progress import Board
from agent.cli.screen import Screen
from agent.cli.visiting import visit_first
from agent.domain.cases import Case, CaseState, CloseRequest
from agent.engine.batch import BatchEnd
from agent.engine.files import finish_manifests
from agent.engine.queue import Queue, StoredQueue, next_due_at
from agent.engine.shop_run import Mode, ShopRun, Supervise
from agent.errors import ClosewrightError, Stopped
from agent.report.model import ReportCase, summary
from agent.store import aftercare, cases, stops
from agent.summary import report_cases

VISITED_BEFORE = ("run", "resume")  # one order that a person watches needs no visit before it


@dataclass(frozen=True, slots=True)
class Way:
    """How work is done and shown."""

    lanes: int | None = None
    headed: bool = False
    json: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """What to do with one shop; without ``requests``, every open case is gone on with."""

    shop: str
    kind: str  # what the record of runs calls it
    requests: Sequence[CloseRequest] | None = None
    overrides: Overrides = field(default_factory=Overrides)
    supervise: Supervise | None = None


@dataclass(frozen=True, slots=True)
class Worked:
    """How a job has left its cases."""

    cases: list[ReportCase]
    end: BatchEnd

    @property
    def code(self) -> int:
        """What the program exits with."""
        if self.end.stopped_by is not None:
            return code_of(self.end.stopped_by)
        return STOPPED if self.end.interrupted else code_of_statuses(case.status for case in self.cases)

    @property
    def how(self) -> str:
        """How the run ended, in a few words for its record."""
        if self.end.stopped_by is not None:
            return f"stopped: {type(self.end.stopped_by).__name__}"
        return "interrupted" if self.end.interrupted else "finished"


def work_shop(app: App, screen: Screen, job: Job, way: Way, interrupts: Interrupts) -> Worked:
    """Do one job, recorded as a run, with the shop held against other live runs.

    Raises:
        ShopBusy: another live run holds the shop; nothing was done.
        ConfigError: the work cannot begin; nothing was done.
        StoreError: the database failed; the cases are as their last pass left them.
    """
    with app.hold(job.shop), app.recorded_run(job.shop, job.kind) as recorded:
        try:
            worked = _worked(app, screen, job, way, interrupts=interrupts, recorded=recorded)
        except ClosewrightError as fault:
            recorded.exit_code = code_of(fault)
            raise
        recorded.exit_code, recorded.how = worked.code, worked.how
        recorded.counts = summary(worked.cases)["counts"]
    return worked


def _worked(app: App, screen: Screen, job: Job, way: Way, *, interrupts: Interrupts, recorded: RecordedRun) -> Worked:
    run = app.shop_run(
        job.shop, run_id=recorded.run_id, mode=Mode.LIVE, overrides=job.overrides, supervise=job.supervise
    )
    check_ready(app, run, headed=way.headed)
    finish_manifests(run)
    ids = _taken_in(app, job)
    stopped = _stopped(app, job)
    if stopped is None and job.kind in VISITED_BEFORE and _due_soon(app, run, ids):
        visit_first(app, screen, run, ids, headed=way.headed)
    end = stopped or _work(app, screen, run, ids, way=way, interrupts=interrupts)
    left = app.db.read(lambda tx: cases.by_ids(tx, ids))
    return Worked(report_cases(app.db, app.blobs, left, story=False), end)


def _taken_in(app: App, job: Job) -> list[str]:
    if job.requests is None:
        return app.db.read(lambda tx: _open_in(tx, job.shop))
    return list(dict.fromkeys(admitted.case_id for admitted in app.admit(job.shop, job.requests)))


def _open_in(tx: Connection, shop: str) -> list[str]:
    """Return the ids of the shop's open cases, and of those that have ended and are still open for something."""
    return [
        *(case.case_id for case in cases.listing(tx, shop=shop, open_only=True)),
        *aftercare.open_cases(tx, shop),
    ]


def _stopped(app: App, job: Job) -> BatchEnd | None:
    """Return the end of a run that the kill switch ends before it opens a browser."""
    stop = app.db.read(lambda tx: stops.active(tx, job.shop))
    return None if stop is None else BatchEnd(stopped_by=Stopped(f"stopped: {stop.why}"))


def _work(app: App, screen: Screen, run: ShopRun, ids: Sequence[str], *, way: Way, interrupts: Interrupts) -> BatchEnd:
    if not _due_soon(app, run, ids):
        return BatchEnd()
    queue = StoredQueue(app.db, run.name, ids)
    return work_queue(app, screen, run, queue, total=len(ids), way=way, interrupts=interrupts)


def _due_soon(app: App, run: ShopRun, ids: Sequence[str]) -> bool:
    """Say whether anything is due while this run would wait for it: else no browser need start."""
    due_at = app.db.read(lambda tx: next_due_at(tx, run.name, ids)) if ids else None
    return due_at is not None and due_at <= app.clock() + timedelta(seconds=run.shop.wait_s)


def work_queue(
    app: App, screen: Screen, run: ShopRun, queue: Queue, *, total: int, way: Way, interrupts: Interrupts
) -> BatchEnd:
    """Work a queue in a browser of its own, with a progress bar, until it is done or somebody interrupts.

    Raises:
        ConfigError: the browser does not start.
        ClosewrightError: the run broke in a way that no single case explains.
    """
    with Board(screen, total) as board:

        async def main() -> BatchEnd:
            with interrupts.watching():
                return await work(
                    app,
                    run,
                    queue=board.watched(queue),
                    lanes=way.lanes,
                    wait_s=run.shop.wait_s,
                    on_pass=board.note,
                    on_batch=interrupts.attach,
                    headed=way.headed,
                )

        try:
            return asyncio.run(main())
        except asyncio.CancelledError:  # abandoned by a second Ctrl-C, or by one before the first pass
            return BatchEnd(interrupted=True)
        except BaseExceptionGroup as group:
            raise _first_of(group) from group


def _first_of(group: BaseExceptionGroup) -> BaseException:
    """Return what broke first: lanes that fail together fail for one reason."""
    first = group.exceptions[0]
    return _first_of(first) if isinstance(first, BaseExceptionGroup) else first


def is_open(case: Case | ReportCase) -> bool:
    """Say whether a case has not ended."""
    return case.state != CaseState.ENDED
