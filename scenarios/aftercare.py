"""What a closed order still wants: one look at one item, by its kind."""

from collections.abc import Mapping

from agent.domain.acts import Act, ActKind, Step
from agent.domain.aftercare import PURPOSE, Aftercare, AftercareKind, Finished
from agent.engine.aftercare import AftercareStep
from agent.engine.run import Run
from scenarios.refund_watch import due_back, refund_watch
from scenarios.steps import facts_of
from scenarios.stock_looks import stock_step
from scenarios.texts import text

NOTICE = f"{PURPOSE}notice"


async def after_step(run: Run, item: Aftercare) -> Step:
    """Look at one item of an ended case and decide the next step; may be killed at any line."""
    return await _STEPS[item.kind](run, item)


async def _refund(run: Run, item: Aftercare) -> Step:
    order = await run.order()
    facts = facts_of(run, order)
    step = refund_watch(order, due_back(facts), since=item.opened_at, now=facts.now, wishes=facts.wishes)
    await run.recorder.picture(run.lane.site, f"{PURPOSE}refund", f"the refund: {step.why}")
    return step


async def _notice(run: Run, _item: Aftercare) -> Step:
    if any(purpose == NOTICE for _, purpose in run.done):
        return Finished("the buyer was told by message")
    facts = facts_of(run, await run.order())
    words = {"text": text("notice_paid" if facts.was_paid else "notice_unpaid", facts)}
    return Act(ActKind.SEND_MESSAGE, NOTICE, "closed: tell the buyer once", fields=words)


async def _stock(run: Run, item: Aftercare) -> Step:
    return await stock_step(run, item, facts_of(run, await run.order()))


_STEPS: Mapping[AftercareKind, AftercareStep] = {
    AftercareKind.REFUND: _refund,
    AftercareKind.NOTICE: _notice,
    AftercareKind.STOCK: _stock,
}
