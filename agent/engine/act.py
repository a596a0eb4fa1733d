"""The safe act: permission, intent, target, held request, release, two-sided proof, record.

run.act ─ variant and permission ─ form opened and filled for this order ─ picture
        ─ intent + limits + approval          (one transaction, before the last click)
        ─ last click, request held, compared
        ─ intent "releasing"                  (one transaction, before the request leaves)
        ─ released once, answer caught before the page sees it
        ─ fresh look, until both sides agree or the settle time is over
        ─ intent settled                      (one transaction, with proof and journal)
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from agent.browser.gate import Answer, Armed, Expectation, HeldRequest, Mutating
from agent.domain.acts import WRITTEN, Act, ActKind, IntentResult, IntentState
from agent.domain.cases import CaseState
from agent.domain.effects import Seen
from agent.domain.judge import AnswerKind, Judgement
from agent.domain.orders import Order
from agent.engine import following, look, permission
from agent.engine.attaching import with_files
from agent.engine.filling import prepare_signed_in, variant_for
from agent.engine.recorder import Note
from agent.engine.shop_run import Mode
from agent.errors import (
    ClosewrightError,
    HumanCheck,
    Maintenance,
    NotAuthorised,
    NotSent,
    OrderAbsent,
    OutcomeUnknown,
    PageChanged,
    SignedOut,
    Stopped,
    Transient,
    Unreachable,
    WrongShop,
)
from agent.store import cases, confirmations, intents, limits
from page_objects.form import ActForm
from page_objects.locate import locate, normalised
from page_objects.profile import ActVariant, Target
from page_objects.reading import shown_texts
from page_objects.requests import Understood, understand

if TYPE_CHECKING:
    from agent.engine.run import Run

UNPROVED = "unproved"  # fact of a case: the act whose two sides disagree, and of which a person was asked
ANSWERED = "answered"  # fact of a case: what the server has answered to its latest act
SECOND_FACTOR = "second_factor"  # fact of a case: the act for which the portal wants a code that only a person has
ENDS_RUN = (Stopped, HumanCheck, SignedOut, WrongShop, Maintenance, Unreachable)  # no other order would fare better now
NOTHING_UNDERSTOOD = Understood(AnswerKind.UNKNOWN)
_HELD_S = 10.0
_NOTICE_S = 2.0
_ANSWER_S = 30.0


@dataclass(frozen=True, slots=True)
class ActDone:
    """How an act ended; ``result`` None stands for a rehearsal."""

    kind: ActKind
    purpose: str
    at: datetime
    result: IntentResult | None
    intent_id: str | None = None
    request_id: str | None = None
    too_new: bool = False
    stale: bool = False
    second_factor: bool = False
    why: str = ""


@dataclass(slots=True)
class _Sent:
    """What is known once a request was released."""

    intent: intents.Intent
    released_at: datetime
    answer: Answer | None = None
    understood: Understood = NOTHING_UNDERSTOOD
    page_says_no: str = ""


async def perform(run: "Run", act: Act) -> ActDone:
    """Make one change, or raise before anything was sent (errors as in ``Run.act``)."""
    order = await run.order()
    variant = variant_for(run, act, order)
    permission.check_before(run.shop_run, run.case, act, order, variant)
    if variant.page == "detail":
        await _back_on_the_order(run, order)
    await run.recorder.picture(run.lane.site, f"{act.purpose}-before", f"before: {act.why}")
    act = await with_files(run, act, variant)
    if await _is_there_already(run, act):
        return await _settled_without_sending(run, act, order)
    await _is_what_was_answered(run, act)
    try:
        form, written = await prepare_signed_in(run, act, order, variant)
    except OrderAbsent as absent:  # it was there a moment ago: only a page of its own can say that it is not
        await run.lane.detail.open(run.case.order_id)
        raise Transient(str(absent)) from absent
    await run.recorder.picture(run.lane.site, f"{act.purpose}-dialog", f"filled in, before the last click: {act.kind}")
    return await _send(run, act, order, variant=variant, form=form, written=written)


async def _is_there_already(run: "Run", act: Act) -> bool:
    """Look whether what we would write stands there already: then it must not be sent again.

    Raises:
        NotAuthorised: something of ours stands there, and nobody can tell whether it is this.
    """
    if act.kind not in WRITTEN:
        return False
    there = look.Intended(act.kind, act.fields, {}, act.amount, None)
    seen = await look.effect(run, there, accepted=False)
    if seen is Seen.UNSURE:
        raise NotAuthorised(f"{act.kind}: the portal shows our reference with other words; look at it there")
    return seen is Seen.OURS


async def _is_what_was_answered(run: "Run", act: Act) -> None:
    """Make sure that what is to be answered is still what the answer was decided, or approved, for.

    Raises:
        NotSent: a review was changed, taken away or answered meanwhile, or a ticket went on or is finished.
    """
    if act.kind is ActKind.REPLY_TICKET:
        wanted = (act.fields["ticket"], act.fields["heard"])
        if wanted not in {(one.ticket_id, one.heard) for one in await run.tickets() if one.takes_replies}:
            raise NotSent("the ticket is not as it was when the reply to it was decided")
    if act.kind is not ActKind.ANSWER_REVIEW:
        return
    if [review.mark for review in await run.reviews() if not review.reply] != [act.fields["review"]]:
        raise NotSent("the review is not the one that the answer was approved for")


async def _back_on_the_order(run: "Run", decided: Order) -> None:
    """Read the order again where the decision had to look at other pages meanwhile.

    Raises:
        NotSent: the order is no longer the one that was decided about.
    """
    if run.lane.on_detail:
        return
    run.forget()
    if await run.order() != decided:
        raise NotSent("the order changed while other pages were looked at")


async def _settled_without_sending(run: "Run", act: Act, order: Order) -> ActDone:
    """Write down an act whose effect an earlier, unfinished pass or case has left."""
    now = run.shop_run.clock()
    if run.shop_run.mode is not Mode.LIVE:
        return ActDone(act.kind, act.purpose, now, None, why="stands there already")

    def record(tx: Connection, note: Note) -> intents.Intent:
        intent = _write_intent(tx, note, run, act, order)
        intents.mark_releasing(tx, intent.intent_id, owner=run.shop_run.run_id, now=now, request={"found": True})
        return intent

    intent = await run.recorder.commit(record)
    proof = {"answer": "none", "seen": "ours", "judgement": "done", "why": "it stood there before anything was sent"}
    return settle(run, intent, IntentResult.DONE, NOTHING_UNDERSTOOD, proof)


def _write_intent(tx: Connection, note: Note, run: "Run", act: Act, order: Order) -> intents.Intent:
    terms = permission.bound_terms(run.case, act, order).terms
    now = run.shop_run.clock()
    intent = intents.write(tx, case=run.case, act=act, terms=terms, owner=run.shop_run.run_id, now=now)
    keep = cases.learn if run.case.state is CaseState.ENDED else cases.save
    keep(tx, run.case)  # its path and terms stay fixed, also where this pass does not live to write them down
    note("intent", {"intent": intent.intent_id, "act": act.kind.value, "why": act.why, "terms": terms})
    return intent


async def _write_and_reserve(run: "Run", act: Act, order: Order) -> intents.Intent:
    def work(tx: Connection, note: Note) -> intents.Intent:
        intent = _write_intent(tx, note, run, act, order)
        permission.check_and_reserve(tx, run.shop_run, run.case, act, order=order, intent=intent)
        return intent

    return await run.recorder.commit(work)


async def _send(
    run: "Run", act: Act, order: Order, *, variant: ActVariant, form: ActForm, written: Mapping[str, str]
) -> ActDone:
    then = following.act_after(act, variant)
    expectation = _expectation(run, act, order, request=variant.request, written=written)
    if then is not None:
        second = _expectation(run, then, order, request=variant.requests[-1], written=written)
        expectation = replace(expectation, then=second, goes_on=following.says_done(run, variant))
    live = run.shop_run.mode is Mode.LIVE
    intent = await _write_and_reserve(run, act, order) if live else None
    sent: _Sent | None = None
    followed: _Sent | None = None
    try:
        async with run.lane.gate.arm(expectation) as armed:
            held = await _pressed(form, armed)
            if intent is None:
                return _rehearsed(run, act, held)
            sent = await _release(run, act, intent, armed, held)
            await _catch_answer(run, variant.request, armed, sent)
            if then is not None and sent.understood.kind is AnswerKind.ACCEPTED:
                followed = await _send_next(run, then, order, first=sent, armed=armed)
            if held.seen.navigation and sent.answer is not None:
                await run.lane.site.landed()
            if variant.refused is not None and sent.understood.kind is AnswerKind.ACCEPTED:
                sent.page_says_no = await _no_of_the_page(run, variant.refused)
            if sent.understood.kind is not AnswerKind.ACCEPTED:
                await _note_what_the_page_says(run, form)
    except ClosewrightError:
        if intent is not None and sent is None:
            never_left(run, intent)
        raise
    done = await _prove(run, act, variant, sent)
    if then is None or followed is None:
        return done
    await run.write_pending()  # the first is settled: what followed is an intent of its own from now on
    run.count(done)
    return await _prove(run, then, variant, followed)


def _expectation(run: "Run", act: Act, order: Order, *, request: str, written: Mapping[str, str]) -> Expectation:
    wanted = permission.expected_fields(run.shop_run, run.case, act, order, written)
    compared = run.shop_run.loaded.profile.requests[request].compared

    def check(held: Mutating) -> str | None:
        return mismatch(held, wanted, compared)

    return Expectation(name=request, frame=run.lane.site.frame, check=check)


async def _send_next(run: "Run", act: Act, order: Order, *, first: _Sent, armed: Armed) -> _Sent | None:
    """Release what the click sends after its first request was answered as done; None where it did not come.

    Its intent is written down by itself before it leaves, together with what the first was answered.
    """
    await following.keep_answer(run)
    held = await following.held(run, act, armed.then, _HELD_S)
    if armed.then is None or held is None:
        return None
    intent = await following.mark(run, act, order, first=first.intent, held=held)
    sent = _Sent(intent, intent.releasing_at or intent.written_at)
    await _let_go(run, armed.then)
    await _catch_answer(run, armed.then.name, armed.then, sent)
    return sent


async def _pressed(form: ActForm, armed: Armed) -> HeldRequest:
    """Press the last button, and once more where the page did not hear it: nothing has left, and one only will."""
    await form.confirm()
    try:
        return await armed.held(_HELD_S)
    except NotSent as unheard:
        form.refuse_questions()
        if armed.blocked:
            raise
        try:
            await form.verify()
            await form.confirm()
        except PageChanged:
            raise unheard from None  # the form is not there any more, or not this order's
        return await armed.held(_HELD_S)


def mismatch(request: Mutating, wanted: Mapping[str, set[str]], mapped: frozenset[str]) -> str | None:
    """Return why a held request is not the one that was meant, or None where it is."""
    for field in sorted(mapped & set(wanted)):
        shown = request.fields.get(field)
        if (shown or "") not in wanted[field]:
            return f"{field} is {shown!r}, expected {' or '.join(sorted(wanted[field]))!r}"
    return None


def _rehearsed(run: "Run", act: Act, held: HeldRequest) -> ActDone:
    run.recorder.note("rehearsed", {"act": act.kind.value, "request": run.recorder.request_json(held)})
    return ActDone(act.kind, act.purpose, run.shop_run.clock(), None)


async def _release(run: "Run", act: Act, intent: intents.Intent, armed: Armed, held: HeldRequest) -> _Sent:
    supervise = run.shop_run.supervise
    if supervise is not None and not await supervise(run.case, act, held):
        raise NotSent("the supervising person did not confirm the held request")
    request = run.recorder.request_json(held)
    now = run.shop_run.clock()

    def work(tx: Connection, note: Note) -> None:
        intents.mark_releasing(tx, intent.intent_id, owner=run.shop_run.run_id, now=now, request=request)
        note("releasing", {"intent": intent.intent_id, "request": request})

    await run.recorder.commit(work)
    await _let_go(run, armed)
    return _Sent(intent, now)


async def _let_go(run: "Run", armed: Armed) -> None:
    try:
        await armed.release()
    except (NotSent, OutcomeUnknown) as fault:
        run.recorder.note("fault", {"release": str(fault)})  # it may be out: from here on only looking counts


async def _catch_answer(run: "Run", request: str, armed: Armed, sent: _Sent) -> None:
    try:
        sent.answer = await armed.answer(_ANSWER_S)
    except OutcomeUnknown as fault:
        run.recorder.note("answer", {"lost": str(fault)})
        return
    rule = run.shop_run.loaded.profile.requests[request]
    sent.understood = understand(rule, sent.answer)
    run.know(**{ANSWERED: {"intent": sent.intent.intent_id, "answer": sent.understood.kind.value}})
    says = sent.understood.kind.value
    run.recorder.note("answer", {"says": says, "answer": run.recorder.answer_json(sent.answer)})


async def _no_of_the_page(run: "Run", refused: Target) -> str:
    """Return the refusal that an answer's page shows: some servers answer yes and no alike."""
    site = run.lane.site
    try:
        async with asyncio.timeout(_NOTICE_S):
            await site.page.wait_for_load_state("domcontentloaded")
            texts = await shown_texts(locate(site.page.main_frame, refused))
    except Exception as fault:  # noqa: BLE001 - what the page says is not known: both sides are looked at anyway
        run.recorder.note("notice", {"unreadable": type(fault).__name__})
        return ""
    said = run.recorder.cut(" ".join(normalised(text) for text in texts)[:200])
    if said:
        run.recorder.note("notice", {"refused": said})
    return said


async def _note_what_the_page_says(run: "Run", form: ActForm) -> None:
    """Record the page's own notice where it shows one at once; it proves nothing and is never waited for."""
    if form.form.notice is None:
        return
    try:
        async with asyncio.timeout(_NOTICE_S):  # a page whose answer broke off may never say anything again
            texts = await shown_texts(locate(run.lane.site.frame, form.form.notice))
    except Exception as fault:  # noqa: BLE001 - a page on its way elsewhere must not cost us the proof; recorded
        run.recorder.note("notice", {"unreadable": type(fault).__name__})
        return
    if texts:
        run.recorder.note("notice", {"texts": [normalised(text)[:200] for text in texts]})


def never_left(run: "Run", intent: intents.Intent) -> None:
    """Settle, with the pass's last transaction, an intent whose request never left the browser.

    Where the process dies before, the next pass finds the intent as written, never releasing, and does the same.
    """
    now = run.shop_run.clock()

    def work(tx: Connection) -> None:
        stored = intents.get(tx, intent.intent_id)
        if stored is None or stored.state is not IntentState.WRITTEN:
            return  # it may have left after all: only looking settles it
        intents.settle(tx, intent.intent_id, IntentResult.NOT_DONE, now=now)
        limits.give_back(tx, intent.intent_id)

    run.at_the_end(work)
    run.recorder.note("settled", {"intent": intent.intent_id, "result": "not_done", "why": "nothing was sent"})


async def _prove(run: "Run", act: Act, variant: ActVariant, sent: _Sent) -> ActDone:
    answer = sent.understood.kind
    try:
        intended = look.Intended(act.kind, act.fields, sent.intent.terms, act.amount, sent.released_at)
        judgement, seen = await look.watch(run, intended, answer, page_says_no=bool(sent.page_says_no))
        await run.recorder.picture(run.lane.site, f"{act.purpose}-after", f"after: fresh read, {seen}")
    except ENDS_RUN:
        raise  # nobody can look now: the intent stays open, and is settled by looking once somebody has let us in
    except ClosewrightError as fault:
        raise OutcomeUnknown(f"{act.kind} was sent and could not be looked at: {fault}") from fault
    proof = {"answer": answer.value, "seen": seen.value, "judgement": judgement.value}
    if judgement in {Judgement.PERSON, Judgement.LOOK_AGAIN}:
        run.recorder.note("unproved", {"intent": sent.intent.intent_id, **proof})
        run.know(**{UNPROVED: {"intent": sent.intent.intent_id}})
        said = f"the server's answer is {answer}, the page shows {seen}"
        raise OutcomeUnknown(f"{act.kind}: the two sides do not agree ({said}); a person has to look")
    if judgement is Judgement.DONE and run.shop_run.supervise is not None:
        _confirm_entries(run, act.kind, variant)
    if judgement is Judgement.REFUSED and sent.page_says_no:
        proof["page"] = sent.page_says_no
        sent.understood = replace(sent.understood, message=sent.page_says_no)
    return settle(run, sent.intent, IntentResult(judgement.value), sent.understood, proof)


def settle(
    run: "Run",
    intent: intents.Intent,
    result: IntentResult,
    understood: Understood,
    proof: dict[str, Any],
) -> ActDone:
    """Settle an intent that was judged; it is written with the pass's last transaction, proof and due time together."""
    now = run.shop_run.clock()

    def work(tx: Connection) -> None:
        answer = {**proof, "code": understood.code}
        intents.settle(tx, intent.intent_id, result, now=now, answer=answer, request_id=understood.request_id)
        if result is not IntentResult.DONE:
            limits.give_back(tx, intent.intent_id)

    run.at_the_end(work)
    kind = "proved" if result is IntentResult.DONE else "settled"
    said = {"intent": intent.intent_id, "result": result.value, "request_id": understood.request_id, **proof}
    run.recorder.note(kind, said)
    return ActDone(
        intent.act,
        intent.purpose,
        now,
        result,
        intent.intent_id,
        understood.request_id,
        too_new=understood.too_new,
        stale=understood.stale,
        second_factor=understood.second_factor,
        why=" ".join(part for part in (understood.code, run.recorder.cut(understood.message)) if part) or "-",
    )


def _confirm_entries(run: "Run", kind: ActKind, variant: ActVariant) -> None:
    """Remember that a supervised act with two-sided proof has confirmed what it leaned on."""
    shop_run = run.shop_run
    now = shop_run.clock()

    def work(tx: Connection) -> None:
        for entry in sorted(permission.acting_entries(shop_run.loaded, kind, variant, run.case.reason)):
            confirmations.confirm(
                tx,
                profile_hash=shop_run.loaded.sha256,
                shop=shop_run.name,
                entry=entry,
                how="supervised",
                actor=shop_run.actor,
                now=now,
            )

    run.at_the_end(work)
