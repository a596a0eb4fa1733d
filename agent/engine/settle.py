"""Settling an intent that an earlier pass left open: by looking, never by acting again."""

from datetime import timedelta

from agent.domain.acts import IntentResult, IntentState, Wait
from agent.domain.cases import WaitingFor
from agent.domain.judge import AnswerKind, Judgement, judge
from agent.engine import look
from agent.engine.act import ANSWERED, NOTHING_UNDERSTOOD, UNPROVED, never_left, settle
from agent.engine.run import Run
from agent.store import intents, runs


async def settle_open_intent(run: Run) -> Wait | None:
    """Settle what an earlier pass of this order left open; a wait is returned while that is not possible.

    Where the sender may be alive, this very run or one that has lost the shop's lock without dying, a request of it
    may still be on its way, and an act that could be doubled is a person's to judge.
    """
    while run.open_intent is not None:
        unsettled = await _settle_one(run, run.open_intent)
        if unsettled is not None:
            return unsettled
        await run.load()  # what the same click had sent next is an intent of its own from now on
    return None


async def _settle_one(run: Run, intent: intents.Intent) -> Wait | None:
    if intent.case_id != run.case.case_id:
        return Wait(WaitingFor.HUMAN, f"case {intent.case_id} has an act on this order that is not settled")
    if intent.state is IntentState.WRITTEN:
        never_left(run, intent)
        await run.write_pending()
        return None
    return await _by_looking(run, intent)


async def _by_looking(run: Run, intent: intents.Intent) -> Wait | None:
    released = intent.releasing_at or intent.written_at
    answer = _answer_known(run, intent)
    intended = look.Intended(intent.act, intent.fields, intent.terms, intent.amount, intent.releasing_at)
    seen = await look.effect(run, intended, accepted=answer is AnswerKind.ACCEPTED)
    settle_time = timedelta(seconds=run.shop_run.loaded.profile.settle_s)
    left = settle_time - (run.shop_run.clock() - released)
    judgement = judge(
        intent.act,
        answer,
        seen,
        settled=left <= timedelta(0),
        sender_gone=await _sender_is_gone(run, intent),
    )
    if judgement is Judgement.NOT_DONE and _person_was_asked(run, intent):
        judgement = Judgement.PERSON  # who was asked has to answer: time alone settles nothing
    match judgement:
        case Judgement.LOOK_AGAIN:
            return Wait(WaitingFor.SETTLE, f"{intent.act} was sent and does not show yet", after=left)
        case Judgement.PERSON:
            return Wait(WaitingFor.HUMAN, unknown_words(intent))
        case _:
            await run.recorder.picture(run.lane.site, f"{intent.purpose}-found", f"looked after a break: {seen}")
            proof = {"answer": answer.value, "seen": seen.value, "judgement": judgement.value}
            settle(run, intent, IntentResult(judgement.value), NOTHING_UNDERSTOOD, proof)
            await run.write_pending()
            return None


async def _sender_is_gone(run: Run, intent: intents.Intent) -> bool:
    """Return whether whoever released an intent is known to be dead: holding its shop is not proof everywhere."""
    if intent.owner == run.shop_run.run_id:
        return False
    db = run.shop_run.db
    return db.lock_dies_with_holder or await db.aread(lambda tx: runs.has_ended(tx, intent.owner))


def _person_was_asked(run: Run, intent: intents.Intent) -> bool:
    unproved = run.case.facts.get(UNPROVED)
    return isinstance(unproved, dict) and unproved.get("intent") == intent.intent_id


def _answer_known(run: Run, intent: intents.Intent) -> AnswerKind:
    """Return what the server had answered, where the pass that acted lived to write it down."""
    if intent.followed is not None:
        return AnswerKind.ACCEPTED  # nothing else lets a second request follow
    answered = run.case.facts.get(ANSWERED)
    if isinstance(answered, dict) and answered.get("intent") == intent.intent_id:
        return AnswerKind(answered["answer"])
    return AnswerKind.UNKNOWN


def unknown_words(intent: intents.Intent) -> str:
    """Return what a person is asked about an act whose effect nobody can prove."""
    return (
        f"{intent.act} was sent and its effect is not proved; look at the portal and say"
        f" 'closewright answer {intent.case_id} done' or 'closewright answer {intent.case_id} not-done'"
    )
