"""A closed order's money is back when the portal says so and the amount fits; nothing else ends the watch."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agent.domain.aftercare import AskPerson, Finished, Later, Wishes
from agent.domain.ids import OrderId
from agent.domain.money import Fen
from agent.domain.orders import Order, OrderState, PayState, Refund, RefundState
from scenarios.refund_watch import refund_watch

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DUE = Fen(51750)
WISHES = Wishes(refund_within=timedelta(days=3), refund_every=timedelta(hours=4))
CLOSED = Order(
    order_id=OrderId("52440881305469438"),
    state=OrderState.CLOSED,
    pay_state=PayState.PAID,
    amount=DUE,
    created_at=None,
    controls=frozenset(),
)
SUCCESS = Refund(RefundState.SUCCESS)


def look(order: Order, since_h: float = 0) -> Later | Finished | AskPerson:
    """Return what one look says, so many hours after the closing."""
    step = refund_watch(order, DUE, since=NOW - timedelta(hours=since_h), now=NOW, wishes=WISHES)
    assert isinstance(step, Later | Finished | AskPerson)
    return step


@pytest.mark.parametrize(
    "order",
    [
        replace(CLOSED, pay_state=PayState.REFUNDED),
        replace(CLOSED, pay_state=PayState.REFUNDED, refunded=DUE),
        replace(CLOSED, refund=replace(SUCCESS, amount=DUE)),
        replace(CLOSED, pay_state=PayState.UNPAID),
    ],
)
def test_all_of_the_money_ends_the_watch_however_late(order: Order) -> None:
    assert isinstance(look(order), Finished)
    assert isinstance(look(order, since_h=1000), Finished)


@pytest.mark.parametrize(
    "order",
    [
        replace(CLOSED, pay_state=PayState.REFUNDED, refunded=Fen(DUE - 1)),
        replace(CLOSED, pay_state=PayState.REFUNDED, refunded=Fen(DUE + 1)),
        replace(CLOSED, refund=replace(SUCCESS, amount=Fen(1))),
        replace(CLOSED, refund=SUCCESS),
        replace(CLOSED, pay_state=PayState.PARTLY_REFUNDED),
        replace(CLOSED, refund_failed=True),
    ],
)
def test_other_money_than_was_paid_is_a_persons_at_once(order: Order) -> None:
    assert isinstance(look(order), AskPerson)


def test_what_is_not_back_yet_is_looked_at_again_until_it_is_late() -> None:
    assert look(CLOSED) == Later("closed, refund unknown: it is not shown as paid yet", timedelta(hours=4))
    assert look(replace(CLOSED, pay_state=PayState.REFUNDING)) == look(CLOSED)
    last = look(CLOSED, since_h=71)
    assert isinstance(last, Later)
    assert last.after == timedelta(hours=1), "the last look is when it becomes late, not some hours after"
    assert isinstance(look(CLOSED, since_h=72), AskPerson)
