"""A pass: settle what is open, decide, change at most one thing, decide again, write down, say when to come back."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import assert_never

from sqlalchemy import Connection

from agent.domain.acts import Act, ActKind, End, IntentResult, Verdict, Wait
from agent.domain.cases import ANSWERS, Case, CaseState, Outcome, WaitingFor
from agent.engine import permission
from agent.engine.act import ENDS_RUN, SECOND_FACTOR, UNPROVED, ActDone
from agent.engine.files import header, sign, write_manifest
from agent.engine.run import Run, Scenario
from agent.engine.settle import settle_open_intent, unknown_words
from agent.engine.shop_run import Mode
from agent.errors import (
    ApprovalNeeded,
    ClosewrightError,
    HumanCheck,
    Maintenance,
    NotAllowed,
    NotOffered,
    NotSent,
    OrderAbsent,
    OutcomeUnknown,
    PageChanged,
    PathStopped,
    RateLimited,
    SignedOut,
    Stopped,
    TooManyChats,
    Transient,
    Unreachable,
    WrongShop,
)
from agent.notify.people import tell_people
from agent.store import aftercare, approvals, breakers, cases, intents

_MOST_TRIES = 5
_RATE_LIMIT_PAUSE = timedelta(seconds=75)
_MAINTENANCE_PAUSE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class PassEnd:
    """How a pass left its case, and what stopped the whole run, if anything did."""

    case: Case
    acted: tuple[ActDone, ...]
    stops_run: ClosewrightError | None = None
    lines: tuple[dict[str, object], ...] = ()
    moved: bool = False  # whether anything of a case that has ended has changed


async def take_pass(run: Run, scenario: Scenario) -> PassEnd:
    """Take one pass over a case, and write down how it ended whatever happened in it."""
    stops_run: ClosewrightError | None = None
    try:
        await run.load()
        refuse_where_stopped(run)
        if run.shop_run.mode is Mode.LIVE:
            await run.keep_consent_file()
        verdict = await _decide_and_act(run, scenario)
        await _picture_of_verdict(run, verdict)
        run.case = _applied(run, verdict)
        if isinstance(verdict, End):
            _open_aftercare(run, verdict)
        _count_path(run, verdict)
    except ClosewrightError as fault:
        run.recorder.note("fault", {"error": type(fault).__name__, "text": str(fault)[:500]})
        await _picture_of_trouble(run, fault)
        run.case = await _after_fault(run, fault)
        stops_run = fault if isinstance(fault, ENDS_RUN) else None
    lines = tuple(run.recorder.lines()) if run.shop_run.mode is not Mode.LIVE else ()  # those are in the journal
    await _write_down(run)
    return PassEnd(run.case, tuple(run.acted), stops_run, lines)


def refuse_where_stopped(run: Run) -> None:
    """End the run before a pass that could not act in any case.

    Raises:
        Stopped: the kill switch is on, or the breaker of reading is open.
        PathStopped: the breaker of this case's path is open.
    """
    if run.shop_run.mode is not Mode.LIVE:
        return
    if run.stop is not None:
        raise Stopped(f"stopped: {run.stop.why}")
    if run.breaker is not None and run.breaker.path:
        raise PathStopped(f"the breaker of path {run.breaker.path} is open: {run.breaker.fault}")
    if run.breaker is not None:
        raise Stopped(f"the breaker of reading is open: {run.breaker.fault}")


async def _decide_and_act(run: Run, scenario: Scenario) -> Verdict:
    live = run.shop_run.mode is Mode.LIVE
    if live:
        unsettled = await settle_open_intent(run)
        if unsettled is not None:
            return unsettled
    path = run.case.path
    verdict = await scenario(run)
    if isinstance(verdict, Act) and live and run.case.path is not path:  # known only now: is it still open?
        await run.load()
        refuse_where_stopped(run)
    if isinstance(verdict, Act) and not live:
        run.recorder.note("planned", {"act": verdict.kind.value, "purpose": verdict.purpose, "why": verdict.why})
    if not isinstance(verdict, Act) or run.shop_run.mode is Mode.PLAN:
        return verdict
    if run.case.facts.get(SECOND_FACTOR) == verdict.kind.value:
        return _code_wanted(run, verdict)  # pressed again, it would only have one more code sent
    quiet = permission.quiet_for(run.shop_run)
    if live and quiet is not None:
        return Wait(WaitingFor.RETRY, f"quiet hours: would {verdict.kind}", after=quiet)
    done = await run.act(verdict)
    if not live:
        return verdict
    return await _after_act(run, scenario, done)


async def _after_act(run: Run, scenario: Scenario, done: ActDone) -> Verdict:
    if done.second_factor and done.result is not IntentResult.DONE:
        run.know(**{SECOND_FACTOR: done.kind.value})
        verdict = await scenario(run)
        return _code_wanted(run, verdict) if isinstance(verdict, Act) else verdict
    match done.result:
        case IntentResult.DONE:
            return await scenario(run)
        case IntentResult.REFUSED if done.too_new:
            return Wait(WaitingFor.TOO_NEW, f"the portal refused for now: {done.why}")
        case IntentResult.REFUSED if done.stale:
            return Wait(WaitingFor.RETRY, f"the order changed while we decided: {done.why}")
        case IntentResult.REFUSED if done.kind is ActKind.REPLY_TICKET:  # the ticket itself is still to be followed
            verdict = await scenario(run)
            said = f"the portal refused to {done.kind}: {done.why}"
            return Wait(WaitingFor.HUMAN, said) if isinstance(verdict, Act) else verdict
        case IntentResult.REFUSED if done.kind is ActKind.REFUND:
            said = f"the order is closed, and the portal refused to {done.kind}: {done.why}"
            verdict = await scenario(run)
            return Wait(WaitingFor.HUMAN, said) if isinstance(verdict, Act) else verdict
        case IntentResult.REFUSED:
            verdict = await scenario(run)
            if isinstance(verdict, Act) and verdict.kind is not done.kind:
                return Wait(
                    WaitingFor.RETRY, f"the portal refused to {done.kind}, next is to {verdict.kind}: {done.why}"
                )
            # A refusal that the order's own new state explains is that state's end, not the portal's whim.
            refused = End(Outcome.REFUSED, f"the portal refused to {done.kind}: {done.why}")
            return refused if isinstance(verdict, Act) else verdict
        case _:
            verdict = await scenario(run)
            again = Wait(WaitingFor.RETRY, f"{done.kind} was not done; it may be tried again")
            return again if isinstance(verdict, Act) else verdict


def _code_wanted(run: Run, act: Act) -> Wait:
    return Wait(
        WaitingFor.HUMAN_CHECK,
        f"the portal wants a code by SMS before it will {act.kind}: enter it there, or do it by hand, and then say"
        f" 'closewright answer {run.case.case_id} continue'",
    )


def _applied(run: Run, verdict: Verdict) -> Case:
    """Return the case as a verdict leaves it."""
    now = run.shop_run.clock()
    case = run.case
    match verdict:
        case Act():
            why = verdict.why if run.shop_run.mode is not Mode.LIVE else f"next: {verdict.kind}"
            return replace(case, state=CaseState.DUE, waiting_for=None, due_at=now, why=why, attempts=0)
        case Wait():
            return _waiting(run, case, verdict, now)
        case End():
            return _ended(case, verdict)
        case other:
            assert_never(other)


def _open_aftercare(run: Run, end: End) -> None:
    """Have what the case stays open for written down with its end."""
    if run.shop_run.mode is not Mode.LIVE:
        return
    case_id, now = run.case.case_id, run.shop_run.clock()
    for opening in end.aftercare:
        state = "done" if opening.done else "waiting"
        run.recorder.note("aftercare", {"item": opening.kind.value, "stands": state, "why": opening.why})
    run.at_the_end(lambda tx: aftercare.open_items(tx, case_id, end.aftercare, now=now))


def _waiting(run: Run, case: Case, wait: Wait, now: datetime, *, counts: bool = True) -> Case:
    attempts = case.attempts + counts if wait.waiting_for in {WaitingFor.RETRY, WaitingFor.TOO_NEW} else 0
    if attempts > _MOST_TRIES:
        wait = Wait(WaitingFor.HUMAN, f"tried {_MOST_TRIES} times: {wait.why}")
        attempts = 0
    known = {name: fact for name, fact in case.facts.items() if name != ANSWERS}
    if wait.answers:
        known[ANSWERS] = list(wait.answers)
    after = wait.after if wait.after is not None else run.shop_run.shop.waits.of(wait.waiting_for)
    return replace(
        case,
        state=CaseState.WAITING,
        waiting_for=wait.waiting_for,
        due_at=now + after,
        why=run.recorder.cut(wait.why),
        facts=known,
        attempts=attempts,
    )


def _ended(case: Case, end: End) -> Case:
    return replace(
        case, state=CaseState.ENDED, waiting_for=None, due_at=None, outcome=end.outcome, why=end.why, by=end.by
    )


_WAITS: tuple[tuple[type[ClosewrightError], WaitingFor, timedelta | None], ...] = (
    (HumanCheck, WaitingFor.HUMAN_CHECK, None),
    (SignedOut, WaitingFor.LOGIN, None),
    (WrongShop, WaitingFor.LOGIN, None),
    (RateLimited, WaitingFor.RETRY, _RATE_LIMIT_PAUSE),
    (Maintenance, WaitingFor.RETRY, _MAINTENANCE_PAUSE),
    (Transient, WaitingFor.RETRY, None),
    (NotSent, WaitingFor.RETRY, None),
)


async def _after_fault(run: Run, fault: ClosewrightError) -> Case:
    """Return the case as a fault leaves it: the fault's type decides."""
    now = run.shop_run.clock()
    text = str(fault)
    if isinstance(fault, PageChanged):
        _count_fault(run, type(fault).__name__)
    match fault:
        case OutcomeUnknown():
            return await _unknown(run, fault)
        case ApprovalNeeded():
            return _ask_approval(run, fault)
        case Stopped():
            return replace(run.case, state=CaseState.DUE, waiting_for=None, due_at=now, why=text)
        case NotAllowed():
            return _ended(run.case, End(Outcome.NOT_ELIGIBLE, text))
        case OrderAbsent() if run.open_intent is None and not run.done:
            return _ended(run.case, End(Outcome.NOT_FOUND, text))
        case _:
            # A portal that is down, or closed for now, says nothing of this order: no person could answer for it.
            counts = not isinstance(fault, Unreachable | Maintenance | TooManyChats)
            return _waiting(run, run.case, wait_after(fault), now, counts=counts)


def wait_after(fault: ClosewrightError) -> Wait:
    """Return what a fault has its case, or its aftercare, wait for: most of them a person."""
    if isinstance(fault, TooManyChats):
        return Wait(WaitingFor.RETRY, str(fault), after=fault.after)
    waits = (Wait(word, str(fault), after) for kind, word, after in _WAITS if isinstance(fault, kind))
    return next(waits, Wait(WaitingFor.HUMAN, str(fault)))


async def _picture_of_verdict(run: Run, verdict: Verdict) -> None:
    """Keep what the page showed when a case ends, or goes to a person, without an act in this pass."""
    asks = isinstance(verdict, Wait) and verdict.waiting_for is WaitingFor.HUMAN
    fit = run.shop_run.mode is Mode.LIVE and run.recorder.knows_private
    if fit and not run.acted and (isinstance(verdict, End) or asks):
        await run.recorder.picture(run.lane.site, "seen", f"what the decision was made on: {verdict.why}")


def _count_path(run: Run, verdict: Verdict) -> None:
    path = run.case.path
    if isinstance(verdict, Wait) and verdict.page_fault:
        _count_fault(run, "control unknown or missing")
    else:
        worked = {path.value if path is not None else "", ""}  # "": the order could be read

        def work(tx: Connection) -> None:
            for name in worked:
                breakers.record_success(tx, shop=run.shop_run.name, path=name)

        run.at_the_end(work)


async def _unknown(run: Run, fault: OutcomeUnknown) -> Case:
    case = run.case
    intent = await run.shop_run.db.aread(
        lambda tx: intents.open_for(tx, portal=case.portal, account=case.account, order_id=case.order_id)
    )
    unproved = case.facts.get(UNPROVED)
    wait = Wait(WaitingFor.SETTLE, str(fault))
    if intent is not None and isinstance(unproved, dict) and unproved["intent"] == intent.intent_id:
        wait = Wait(WaitingFor.HUMAN, f"{fault}; {unknown_words(intent)}")
    return _waiting(run, case, wait, run.shop_run.clock())


def _ask_approval(run: Run, fault: ApprovalNeeded) -> Case:
    case, shop_run = run.case, run.shop_run
    now = shop_run.clock()

    def work(tx: Connection) -> None:
        approvals.request(
            tx,
            case_id=case.case_id,
            terms=fault.terms,
            terms_hash=permission.Bound(dict(fault.terms)).sha256,
            asked_by=shop_run.actor["os_user"],
            now=now,
            expires_at=now + shop_run.shop.approval_valid,
        )

    run.at_the_end(work)
    text = f"{fault}: 'closewright approve {case.case_id} --as NAME' or 'closewright reject {case.case_id} --as NAME'"
    return _waiting(run, case, Wait(WaitingFor.APPROVAL, text), now)


def _count_fault(run: Run, fault: str) -> None:
    now = run.shop_run.clock()

    def work(tx: Connection) -> None:
        breakers.record_fault(
            tx,
            shop=run.shop_run.name,
            path=run.case.path or "",
            fault=fault,
            order_id=run.case.order_id,
            now=now,
            threshold=run.shop_run.shop.breaker.same_fault,
        )

    run.at_the_end(work)


async def _picture_of_trouble(run: Run, fault: ClosewrightError) -> None:
    shown = isinstance(fault, PageChanged | NotOffered | HumanCheck | OrderAbsent | OutcomeUnknown | WrongShop)
    if not shown or not run.recorder.knows_private or run.shop_run.mode is Mode.PLAN:
        return
    try:
        await run.recorder.picture(run.lane.site, "trouble", f"where it stopped: {type(fault).__name__}")
    except ClosewrightError as again:
        run.recorder.note("fault", {"error": type(again).__name__, "text": f"no picture: {again}"[:200]})


async def _write_down(run: Run) -> None:
    """Write the pass: what is pending, the case as it is now, the journal and its signed head, in one transaction."""
    shop_run, case_id = run.shop_run, run.case.case_id
    if shop_run.mode is not Mode.LIVE:
        await run.recorder.kept()
        return
    kind = "ended" if run.case.state is CaseState.ENDED else run.case.state.value
    run.recorder.note(kind, {"case": header(run.case)})
    run.at_the_end(lambda tx: cases.save(tx, run.case))
    run.at_the_end(lambda tx: _tell_people(tx, run))
    await run.write_pending(last=lambda tx: sign(tx, shop_run, case_id))
    await asyncio.to_thread(write_manifest, shop_run, run.case)


def _tell_people(tx: Connection, run: Run) -> None:
    shop_run = run.shop_run
    tell_people(tx, run.case, shop_run.shop.notify, zone=shop_run.zone, now=shop_run.clock())
