"""Watching a refund: a closed order's money is back when the portal says so, and as much as there was."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from agent.domain.acts import ActKind, Step
from agent.domain.aftercare import AftercareKind, AskPerson, Finished, Later, Opening, Wishes
from agent.domain.cases import Role
from agent.domain.money import Fen, format_yuan
from agent.domain.orders import Order, PayState, RefundState
from scenarios import stock
from scenarios.facts import Facts

_AT_ONCE = timedelta(0)


def refund_watch(order: Order, expected: Fen, *, since: datetime, now: datetime, wishes: Wishes) -> Step:
    """Decide one look at the refund of an order that was closed at ``since``."""
    if order.refund_failed:
        return AskPerson("the order is closed, and a refund of it has failed")
    if order.pay_state is PayState.PARTLY_REFUNDED:
        return AskPerson(f"the order is closed, and only a part of its {format_yuan(expected)} yuan has gone back")
    if order.pay_state is PayState.UNPAID:
        return Finished("no money of the order is held any more")
    if order.pay_state is PayState.REFUNDED or order.refund.state is RefundState.SUCCESS:
        return _compared(order, expected)
    within = wishes.refund_within or _AT_ONCE
    left = within - (now - since)
    if left <= _AT_ONCE:
        return AskPerson(
            f"the refund of {format_yuan(expected)} yuan is not shown as paid, {_span(within)} after the closing"
        )
    return Later("closed, refund unknown: it is not shown as paid yet", min(left, wishes.refund_every))


def _compared(order: Order, expected: Fen) -> Step:
    paid = order.refunded if order.refunded is not None else order.refund.amount
    if paid is None and order.pay_state is PayState.REFUNDED:
        return Finished("the payment is shown as refunded in full")
    if paid is None:
        return AskPerson("a refund is shown as paid, without its amount, and the payment not as refunded in full")
    if paid != expected:
        return AskPerson(f"the refund is shown as paid with {format_yuan(paid)} yuan; {format_yuan(expected)} were due")
    return Finished(f"the refund of {format_yuan(paid)} yuan is shown as paid")


def openings(facts: Facts) -> Iterator[Opening]:
    """Yield what a case that ends as closed by us stays open for, by the wishes of its shop."""
    wishes = facts.wishes
    if wishes.refund_within is not None and facts.was_paid:
        first = refund_watch(facts.order, due_back(facts), since=facts.now, now=facts.now, wishes=wishes)
        after = first.after if isinstance(first, Later) else _AT_ONCE
        yield Opening(AftercareKind.REFUND, first.why, after, done=isinstance(first, Finished))
    if facts.role is Role.SELLER and (by_message(facts) or wishes.notice_beside):
        yield Opening(AftercareKind.NOTICE, "the buyer is to be told")
    if wishes.review_within is not None and ActKind.ANSWER_REVIEW in facts.possible:
        yield Opening(AftercareKind.REVIEW, "no review yet", min(wishes.review_within, wishes.review_every))
    yield from stock.openings(facts)


def by_message(facts: Facts) -> bool:
    """Say whether the shop wants its buyers told by message, and the portal has messages."""
    return facts.wishes.notice and ActKind.SEND_MESSAGE in facts.possible


def due_back(facts: Facts) -> Fen:
    """Return how much has to go back: what the order cost when the request was bound to it."""
    bound = facts.case.terms
    return facts.order.amount if bound is None else bound.amount


def _span(span: timedelta) -> str:
    return f"{span.days} d" if span.days else f"{round(span.total_seconds() / 3600)} h"
