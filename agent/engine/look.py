"""Looking at the portal for the effect of an act."""

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, Any

from agent.domain.acts import ActKind
from agent.domain.effects import Seen, seen_in_thread, seen_in_tickets, seen_on_order
from agent.domain.judge import AnswerKind, Judgement, judge

if TYPE_CHECKING:
    from agent.engine.run import Run

_FIRST_PAUSE_S = 0.25
_LONGEST_PAUSE_S = 2.0


async def effect(run: "Run", kind: ActKind, fields: dict[str, Any], since: datetime | None) -> Seen:
    """Return what a fresh look says of an act of this case.

    Raises:
        Transient, Arrival, PageChanged: the portal cannot be read now.
    """
    run.forget()
    match kind:
        case ActKind.SEND_MESSAGE:
            return seen_in_thread(fields, await run.thread())
        case ActKind.FILE_TICKET:
            return seen_in_tickets(fields, await run.tickets())
        case _:
            labels = run.shop_run.loaded.profile.reason_words(run.case.reason).labels
            order = await run.order()
            return seen_on_order(kind, order, role=run.case.role, reason_labels=labels, since=since)


async def watch(
    run: "Run", kind: ActKind, fields: dict[str, Any], answer: AnswerKind, since: datetime | None
) -> tuple[Judgement, Seen]:
    """Look until the act is judged, or the portal's settle time is over (judged by the last look then)."""
    loop = asyncio.get_running_loop()
    ends = loop.time() + run.shop_run.loaded.profile.settle_s
    pause = _FIRST_PAUSE_S
    while True:
        seen = await effect(run, kind, fields, since)
        settled = loop.time() >= ends
        judgement = judge(kind, answer, seen, settled=settled, sender_gone=False)
        if judgement is not Judgement.LOOK_AGAIN:
            return judgement, seen
        await asyncio.sleep(min(pause, max(ends - loop.time(), 0.01)))
        pause = min(pause * 2, _LONGEST_PAUSE_S)
