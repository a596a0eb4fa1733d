"""A batch: lanes that take due cases of one shop until none is due within the waiting time."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from playwright.async_api import Error as PlaywrightError
from sqlalchemy import Connection

from agent.domain.acts import IntentResult
from agent.domain.cases import Case, CaseState, WaitingFor
from agent.engine.aftercare import AftercareStep, take_aftercare
from agent.engine.lane import Lane, ShopSession
from agent.engine.passes import PassEnd, take_pass
from agent.engine.queue import Queue
from agent.engine.run import Run, Scenario
from agent.engine.shop_run import Mode, ShopRun
from agent.errors import ClosewrightError, PathStopped, ShopBusy, StoreError, Transient
from agent.log import log
from agent.store import aftercare, cases, journal, runs

OnPass = Callable[[PassEnd], None]

# A renderer keeps some 10 MB of every order for as long as its page lives; a new page costs a tenth of a second.
_PASSES_PER_PAGE = 10
# So long at least may a run go on looking at cases of which none moves.
_LEAST_IDLE_S = 5.0


@dataclass(slots=True)
class BatchEnd:
    """How a batch ended."""

    passes: int = 0
    stopped_by: ClosewrightError | None = None
    interrupted: bool = False
    ends: dict[str, PassEnd] = field(default_factory=dict)


class Batch:
    """Works the cases of one shop; two lanes never hold the same case, and so never the same order."""

    def __init__(
        self,
        shop_run: ShopRun,
        session: ShopSession,
        scenario: Scenario,
        queue: Queue,
        *,
        after: AftercareStep,
        on_pass: OnPass = lambda _end: None,
    ) -> None:
        self._run = shop_run
        self._session = session
        self._scenario = scenario
        self._queue = queue
        self._after = after
        self._on_pass = on_pass
        self._held: set[str] = set()
        self._shut: set[str] = set()  # due cases of a path whose breaker is open: not in this run
        self._still: set[str] = set()  # cases that their latest pass has not moved
        self._choosing = asyncio.Lock()
        self._changed = asyncio.Event()
        self._halt = asyncio.Event()
        self._progress_at = 0.0
        self.end = BatchEnd()

    def interrupt(self) -> None:
        """Let every lane finish its pass and then stop."""
        self.end.interrupted = True
        self._stop()

    def _stop(self) -> None:
        self._halt.set()
        self._changed.set()

    async def work(self, *, lanes: int, wait_s: float) -> BatchEnd:
        """Take passes until no case is due within ``wait_s``, or nothing has moved for that long."""
        self._progress_at = asyncio.get_running_loop().time()
        async with asyncio.TaskGroup() as group:
            for _ in range(lanes):
                group.create_task(self._lane(wait_s))
        return self.end

    async def _lane(self, wait_s: float) -> None:
        lane = await self._new_lane()
        passes = 0
        while lane is not None and (case := await self._next(wait_s)) is not None:
            try:
                end = await self._pass(lane, case)
            finally:
                self._held.discard(case.case_id)
            self._note(case, end)
            passes += 1
            if lane.page.is_closed() or passes % _PASSES_PER_PAGE == 0:
                await lane.close()
                lane = await self._new_lane()
            if self._run.shop.pace.between_orders_s and not self._halt.is_set():
                await self._halted_within(self._run.shop.pace.between_orders_s)
        if lane is not None:
            await lane.close()

    async def _new_lane(self) -> Lane | None:
        """Open one more lane; None, and the run stops, where the browser is gone."""
        try:
            return await self._session.new_lane()
        except PlaywrightError as fault:
            lost = Transient(f"the browser is lost: {fault.message.splitlines()[0]}")
            self.end.stopped_by = self.end.stopped_by or lost
            self._stop()
            return None

    async def _pass(self, lane: Lane, case: Case) -> PassEnd:
        run = Run(self._run, self._session, lane, case)
        try:
            if case.state is CaseState.ENDED:
                return await take_aftercare(run, self._after)
            return await take_pass(run, self._scenario)
        except ShopBusy as fault:  # the run has lost its shop: whoever holds it now knows better how the case stands
            return PassEnd(case, tuple(run.acted), stops_run=fault)
        except Exception as fault:  # noqa: BLE001 - the worker's edge: recorded, and a person is asked
            log.bind(action="pass.failed", case=case.case_id).opt(exception=fault).error("a pass failed")
            return await self._failed(run, case, fault)
        finally:
            run.close()

    async def _failed(self, run: Run, case: Case, fault: Exception) -> PassEnd:
        """Park a case whose pass broke in a way that nobody foresaw; its intent, if any, stays open."""
        now = self._run.clock()
        why, due_at = f"unexpected {type(fault).__name__}: see the log", now + self._run.shop.waits.human
        over = case.state is CaseState.ENDED
        waiting = replace(run.case, state=CaseState.WAITING, waiting_for=WaitingFor.HUMAN, due_at=due_at, why=why)
        parked = case if over else waiting

        def work(tx: Connection) -> None:
            runs.check_not_replaced(tx, self._run.run_id)
            journal.append(tx, parked.case_id, "fault", {"error": type(fault).__name__}, at=now)
            if over:
                aftercare.ask_person(tx, parked.case_id, why, now=now, due_at=due_at)
            else:
                cases.save(tx, parked)

        if self._run.mode is Mode.LIVE:
            try:
                await self._run.db.awrite(work)
            except (StoreError, ShopBusy) as again:  # a person or another run was here, or the database is gone
                log.bind(action="pass.lost", case=parked.case_id, why=str(again)).error(
                    "a failed pass could not be written"
                )
        return PassEnd(parked, tuple(run.acted))

    def _note(self, before: Case, end: PassEnd) -> None:
        after = end.case
        moved = (before.state, before.waiting_for, before.path, before.consent) != (
            after.state, after.waiting_for, after.path, after.consent
        )  # fmt: skip
        done = any(act.result is IntentResult.DONE for act in end.acted)
        just_ended = after.state is CaseState.ENDED and before.state is not CaseState.ENDED
        if moved or done or just_ended or end.moved:
            self._progress_at = asyncio.get_running_loop().time()
            self._still.discard(after.case_id)
        else:
            self._still.add(after.case_id)
        self.end.passes += 1
        self.end.ends[after.case_id] = end
        if end.stops_run is not None:
            self.end.stopped_by = self.end.stopped_by or end.stops_run
            if isinstance(end.stops_run, PathStopped):
                self._shut.add(after.case_id)
            else:
                self.end.stopped_by = end.stops_run
                self._stop()
        self._on_pass(end)
        self._changed.set()

    async def _next(self, wait_s: float) -> Case | None:
        """Return a due case that no other lane holds; None once there is nothing left to wait for."""
        while not self._halt.is_set():
            async with self._choosing:
                self._changed.clear()
                case = await self._queue.due(self._run.clock(), self._held | self._resting(wait_s))
                if case is not None:
                    self._held.add(case.case_id)
                    return case
                pause = await self._pause(wait_s)
            if pause is None:
                return None
            await self._changed_within(pause)
        return None

    @property
    def _idle_s(self) -> float:
        return asyncio.get_running_loop().time() - self._progress_at

    def _resting(self, wait_s: float) -> set[str]:
        """Return the cases that are not looked at again, though due: else what comes due often would never let go."""
        return self._shut | self._still if self._idle_s > max(wait_s, _LEAST_IDLE_S) else self._shut

    async def _pause(self, wait_s: float) -> float | None:
        """Return how long to wait for the next due case or for another lane; None where waiting is over."""
        due_at = await self._queue.next_due_at(frozenset(self._resting(wait_s)))
        if self._held:
            return wait_s + 1
        if due_at is None or self._idle_s > wait_s:
            return None
        until = due_at - self._run.clock()
        return max(until.total_seconds(), 0.01) if until <= timedelta(seconds=wait_s) else None

    async def _changed_within(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._changed.wait(), seconds)
        except TimeoutError:
            return  # time to look whether something is due

    async def _halted_within(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._halt.wait(), seconds)
        except TimeoutError:
            return  # the pace is kept
