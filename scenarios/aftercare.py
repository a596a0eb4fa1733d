"""What a closed order still wants: one look at one item, by its kind."""

from collections.abc import Mapping

from agent.domain.acts import Act, ActKind, Step
from agent.domain.aftercare import PURPOSE, Aftercare, AftercareKind, Finished
from agent.domain.notices import Told, notice_text
from agent.engine.aftercare import AftercareStep
from agent.engine.run import Run
from scenarios.refund_watch import by_message, due_back, refund_watch
from scenarios.review import review_step
from scenarios.steps import facts_of
from scenarios.stock_looks import stock_step

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
    order = await run.order()
    facts = facts_of(run, order)
    told = Told(order.order_id, run.case.reason, run.case.note, due_back(facts) if facts.was_paid else None)
    by_portal = any(purpose == NOTICE for _, purpose in run.done)
    if by_message(facts) and not by_portal:
        settings = run.shop_run.shop.notice
        words = {"text": notice_text(told, settings.language, settings.wording())}
        return Act(ActKind.SEND_MESSAGE, NOTICE, "closed: tell the buyer once", fields=words)
    return Finished(_told(by_portal, run.tell_buyer(told, order.buyer)))


def _told(by_portal: bool, beside: int) -> str:  # noqa: FBT001 - one word each
    if by_portal and beside:
        return "the buyer was told by message, and is told by e-mail or SMS from the outbox"
    if by_portal:
        return "the buyer was told by message"
    return (
        "the buyer is told by e-mail or SMS from the outbox"
        if beside
        else "the address book has no address of the buyer"
    )


async def _stock(run: Run, item: Aftercare) -> Step:
    return await stock_step(run, item, facts_of(run, await run.order()))


_STEPS: Mapping[AftercareKind, AftercareStep] = {
    AftercareKind.REFUND: _refund,
    AftercareKind.NOTICE: _notice,
    AftercareKind.STOCK: _stock,
    AftercareKind.REVIEW: review_step,
}
