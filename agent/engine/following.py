"""Acts whose one click sends two requests: the second is released only after the first was answered as done."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from agent.browser.gate import Answer, Armed, HeldRequest
from agent.domain.acts import GIVE_BACK, Act
from agent.domain.judge import AnswerKind
from agent.domain.orders import Order
from agent.engine import permission
from agent.engine.recorder import Note
from agent.errors import NotSent
from agent.store import cases, intents
from page_objects.profile import ActVariant
from page_objects.requests import understand

if TYPE_CHECKING:
    from agent.engine.run import Run


def act_after(act: Act, variant: ActVariant) -> Act | None:
    """Return the act that this one's click goes on with, for the same money; None where it sends one request."""
    if variant.then is None:
        return None
    return Act(variant.then.act, GIVE_BACK, f"the same click goes on with it after {act.kind}", amount=act.amount)


def says_done(run: "Run", variant: ActVariant) -> Callable[[Answer], bool]:
    """Return what tells from the answer to the first request whether the second may follow."""
    rule = run.shop_run.loaded.profile.requests[variant.request]
    return lambda answer: understand(rule, answer).kind is AnswerKind.ACCEPTED


async def keep_answer(run: "Run") -> None:
    """Write down what the first request was answered, before anything else leaves: if we die now, it is done."""

    def work(tx: Connection, _note: Note) -> None:
        cases.save(tx, run.case)

    await run.recorder.commit(work)


async def held(run: "Run", act: Act, armed: Armed | None, timeout_s: float) -> HeldRequest | None:
    """Wait for the second request; None where it does not come, or the supervising person does not want it."""
    if armed is None:
        return None
    try:
        found = await armed.held(timeout_s)
    except NotSent as fault:
        run.recorder.note("fault", {"follows": str(fault)})
        return None
    supervise = run.shop_run.supervise
    if supervise is not None and not await supervise(run.case, act, found):
        run.recorder.note("fault", {"follows": "the supervising person did not confirm the held request"})
        return None
    return found


async def mark(run: "Run", act: Act, order: Order, *, first: intents.Intent, held: HeldRequest) -> intents.Intent:
    """Write down that the second request leaves now, and return the intent that it will be.

    Raises:
        Stopped: the kill switch is on; it stays here.
    """
    terms = permission.bound_terms(run.case, act, order).terms
    request = run.recorder.request_json(held)
    now = run.shop_run.clock()

    def work(tx: Connection, note: Note) -> intents.Intent:
        followed = intents.mark_followed(
            tx, first.intent_id, owner=run.shop_run.run_id, now=now, act=act, terms=terms, request=request
        )
        note("releasing", {"intent": followed.intent_id, "follows": first.intent_id, "request": request})
        return followed

    return await run.recorder.commit(work)
