"""Looking at the portal for the effect of an act."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from agent.domain.acts import ActKind
from agent.domain.effects import (
    Meant,
    Seen,
    seen_in_parcel,
    seen_in_reviews,
    seen_in_stock,
    seen_in_talk,
    seen_in_thread,
    seen_in_tickets,
    seen_on_order,
)
from agent.domain.judge import AnswerKind, Judgement, judge
from agent.domain.money import Fen
from agent.domain.orders import OrderState

if TYPE_CHECKING:
    from agent.engine.run import Run

_FIRST_PAUSE_S = 0.25
_LONGEST_PAUSE_S = 2.0


@dataclass(frozen=True, slots=True)
class Intended:
    """What was meant and bound when an act was released, or will be."""

    kind: ActKind
    fields: Mapping[str, Any]
    terms: Mapping[str, Any]
    amount: Fen
    since: datetime | None


async def effect(run: "Run", intended: Intended, *, accepted: bool) -> Seen:
    """Return what a fresh look says of an act of this case.

    Raises:
        Transient, Arrival, PageChanged: the portal cannot be read now.
    """
    run.forget()
    order = await run.order()  # also names what has to be cut from any later page
    match intended.kind:
        case ActKind.SEND_MESSAGE:
            return seen_in_thread(intended.fields, await run.thread())
        case ActKind.FILE_TICKET:
            return seen_in_tickets(intended.fields, await run.tickets())
        case ActKind.REPLY_TICKET:
            return seen_in_talk(intended.fields, await run.tickets())
        case ActKind.ANSWER_REVIEW:
            return seen_in_reviews(intended.fields, await run.reviews())
        case ActKind.SET_STOCK:
            return seen_in_stock(intended.fields, await run.stock(str(intended.fields["sku"])))
        case ActKind.SEND_RETURN:
            return seen_in_parcel(intended.fields, order)
        case _:
            return seen_on_order(_meant(run, intended, accepted=accepted), order)


def _meant(run: "Run", intended: Intended, *, accepted: bool) -> Meant:
    return Meant(
        kind=intended.kind,
        role=run.case.role,
        reason_labels=run.shop_run.loaded.profile.reason_words(run.case.reason).labels,
        amount=intended.amount,
        refund_id=str(intended.terms.get("refund_id", "")),
        was_unpaid=intended.terms.get("state") == OrderState.UNPAID,
        since=intended.since,
        accepted=accepted,
        refunded=intended.terms.get("refunded_fen"),
    )


async def watch(
    run: "Run", intended: Intended, answer: AnswerKind, *, page_says_no: bool = False
) -> tuple[Judgement, Seen]:
    """Look until the act is judged, or the portal's settle time is over (judged by the last look then).

    Where the page has said no, what is done was done by somebody else or by an earlier request of ours: nobody knows.
    """
    loop = asyncio.get_running_loop()
    ends = loop.time() + run.shop_run.loaded.profile.settle_s
    pause = _FIRST_PAUSE_S
    while True:
        seen = await effect(run, intended, accepted=answer is AnswerKind.ACCEPTED)
        settled = loop.time() >= ends
        said = AnswerKind.REFUSED if page_says_no and seen is Seen.NOTHING else answer
        if page_says_no and seen is Seen.OURS:
            seen = Seen.UNSURE
        judgement = judge(intended.kind, said, seen, settled=settled, sender_gone=False)
        if judgement is not Judgement.LOOK_AGAIN:
            return judgement, seen
        await asyncio.sleep(min(pause, max(ends - loop.time(), 0.01)))
        pause = min(pause * 2, _LONGEST_PAUSE_S)
