"""A pass over a case that has ended and is still open for something: look, change at most one thing, write down."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from dataclasses import replace
from typing import assert_never

from sqlalchemy import Connection

from agent.domain.acts import Act, IntentResult, Step, Wait
from agent.domain.aftercare import Aftercare, AftercareKind, AftercareState, AskPerson, Finished, Later
from agent.domain.cases import WaitingFor
from agent.engine import permission
from agent.engine.act import ENDS_RUN
from agent.engine.files import header, sign, write_manifest
from agent.engine.passes import PassEnd, refuse_where_stopped, wait_after
from agent.engine.run import Run
from agent.engine.settle import settle_open_intent
from agent.errors import ClosewrightError, Maintenance, OutcomeUnknown, Stopped, TooManyChats, Unreachable
from agent.notify.people import tell_of_aftercare
from agent.store import aftercare, cases

AftercareStep = Callable[[Run, Aftercare], Awaitable[Step]]
_MOST_TRIES = 5


async def take_aftercare(run: Run, step: AftercareStep) -> PassEnd:
    """Look at what is due of an ended case, and write down how each item stands whatever happened."""
    case_id, now = run.case.case_id, run.shop_run.clock()
    items = await run.shop_run.db.aread(lambda tx: aftercare.of_case(tx, case_id))
    due = [item for item in items if item.due_at is not None and item.due_at <= now]
    left: list[Aftercare] = []
    stops_run: ClosewrightError | None = None
    for item in due:
        try:
            async with run.session.stock if item.kind is AftercareKind.STOCK else nullcontext():
                stepped = await _step(run, item, step)
            left.append(_applied(run, item, stepped))
        except ClosewrightError as fault:
            run.recorder.note("fault", {"error": type(fault).__name__, "text": str(fault)[:500]})
            left.append(_after_fault(run, item, fault))
            if isinstance(fault, ENDS_RUN):
                stops_run = fault
                break
    await _write_down(run, left)
    moved = any(after.state is not before.state for before, after in zip(due, left, strict=False))
    return PassEnd(run.case, tuple(run.acted), stops_run, moved=moved)


async def _step(run: Run, item: Aftercare, step: AftercareStep) -> Step:
    await run.load()
    refuse_where_stopped(run)
    unsettled = await settle_open_intent(run)
    if unsettled is not None:
        if unsettled.waiting_for is WaitingFor.HUMAN:
            return AskPerson(unsettled.why)
        return Later(unsettled.why, unsettled.after or run.shop_run.shop.waits.of(unsettled.waiting_for))
    verdict = await step(run, item)
    return await _acted(run, item, step, verdict) if isinstance(verdict, Act) else verdict


async def _acted(run: Run, item: Aftercare, step: AftercareStep, act: Act) -> Step:
    quiet = permission.quiet_for(run.shop_run)
    if quiet is not None:
        return Later(f"quiet hours: would {act.kind}", quiet)
    done = await run.act(act)
    await run.write_pending()  # the act's intent is settled: else the next item would find it open and settle it again
    again = await step(run, item)
    if not isinstance(again, Act):
        return again  # also after a refusal: what the portal shows now may say why
    if done.result is IntentResult.REFUSED:
        return AskPerson(f"the portal refused to {act.kind}: {done.why}")
    return Later(f"{act.kind} was not done; it may be tried again", run.shop_run.shop.waits.retry)


def _applied(run: Run, item: Aftercare, step: Step) -> Aftercare:
    now = run.shop_run.clock()
    why = run.recorder.cut(step.why)
    match step:
        case Later():
            return replace(item, state=AftercareState.WAITING, why=why, due_at=now + step.after, attempts=0)
        case AskPerson():
            return _asked(run, item, why)
        case Finished():
            return replace(item, state=AftercareState.DONE, why=why, due_at=None, ended_at=now)
        case Act():
            raise AssertionError("an act is made before its item is written down")
        case other:
            assert_never(other)


def _asked(run: Run, item: Aftercare, why: str) -> Aftercare:
    """Return an item that a person is told of; what they do in the portal is found by a later look."""
    later = run.shop_run.clock() + run.shop_run.shop.waits.human
    return replace(item, state=AftercareState.HUMAN, why=run.recorder.cut(why), due_at=later, attempts=0)


def _after_fault(run: Run, item: Aftercare, fault: ClosewrightError) -> Aftercare:
    """Return an item as a fault leaves it: what may pass by itself is tried again, the rest is a person's."""
    if isinstance(fault, Stopped):
        return replace(item, why=str(fault))
    wait = Wait(WaitingFor.SETTLE, str(fault)) if isinstance(fault, OutcomeUnknown) else wait_after(fault)
    if wait.waiting_for is WaitingFor.HUMAN:
        return _asked(run, item, wait.why)
    attempts = item.attempts + (not isinstance(fault, Unreachable | Maintenance | TooManyChats))
    if attempts > _MOST_TRIES:
        return _asked(run, item, f"tried {_MOST_TRIES} times: {fault}")
    after = wait.after if wait.after is not None else run.shop_run.shop.waits.of(wait.waiting_for)
    return replace(item, why=run.recorder.cut(wait.why), due_at=run.shop_run.clock() + after, attempts=attempts)


async def _write_down(run: Run, items: list[Aftercare]) -> None:
    """Write how items stand, what was learnt, the journal and its signed head, in one transaction."""
    shop_run, case_id = run.shop_run, run.case.case_id

    def work(tx: Connection) -> None:
        for item in items:
            aftercare.save(tx, item)
            tell_of_aftercare(tx, run.case, item, shop_run.shop.notify, zone=shop_run.zone, now=shop_run.clock())
        cases.learn(tx, run.case)

    for item in items:
        run.recorder.note("aftercare", {"item": item.kind.value, "stands": item.state.value, "why": item.why})
    run.recorder.note("looked", {"case": header(run.case)})
    run.at_the_end(work)
    await run.write_pending(last=lambda tx: sign(tx, shop_run, case_id))
    await asyncio.to_thread(write_manifest, shop_run, run.case)
