"""A consent grows old, unless the other side has acted on it itself; without one nothing that needs it is done."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from test_plain_shops import order

from agent.domain.acts import Wait
from agent.domain.cases import Case, CaseState, Consent, Role, WaitingFor
from agent.domain.consent import CONSENTED_AT, has_expired
from agent.domain.ids import OrderId
from agent.domain.orders import Order, OrderState, PayState, Refund, RefundState
from agent.domain.reasons import Reason
from scenarios.facts import Facts
from scenarios.paid_unshipped import paid_unshipped

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
MONTH = timedelta(days=30)


def case(given: datetime | None) -> Case:
    facts = {} if given is None else {CONSENTED_AT: given.isoformat()}
    return Case(
        case_id="c1", shop="s", portal="p", account="a", role=Role.SELLER, order_id=OrderId("52440881305469438"),
        reason=Reason.BUYER_CANCELLED, note="", consent=Consent.PROVED, state=CaseState.DUE, created_at=NOW,
        due_at=NOW, facts=facts,
    )  # fmt: skip


def paid(refund: RefundState = RefundState.NONE) -> Order:
    return replace(order(OrderState.PAID, PayState.PAID, controls={"close"}), refund=Refund(refund))


@pytest.mark.parametrize(
    ("given", "valid", "expired"),
    [
        (NOW - MONTH, MONTH, False),
        (NOW - MONTH - timedelta(seconds=1), MONTH, True),
        (NOW - 100 * MONTH, None, False),
        (None, MONTH, False),
    ],
)
def test_a_consent_counts_for_so_long(given: datetime | None, valid: timedelta | None, *, expired: bool) -> None:
    assert has_expired(case(given), paid(), valid, NOW) is expired


def test_what_the_other_side_has_applied_for_itself_does_not_grow_old() -> None:
    old = case(NOW - 2 * MONTH)
    assert has_expired(old, paid(RefundState.CLOSED), MONTH, NOW)
    assert not has_expired(old, paid(RefundState.WAIT_SELLER_RECEIVE), MONTH, NOW)


def test_nothing_is_done_on_an_old_consent() -> None:
    facts = Facts(
        case=case(NOW - 2 * MONTH), order=paid(), role=Role.SELLER, consent=Consent.PROVED, now=NOW,
        min_age=timedelta(0), done=frozenset(), consent_expired=True,
    )  # fmt: skip
    verdict = paid_unshipped(facts, None)
    assert isinstance(verdict, Wait)
    assert verdict.waiting_for is WaitingFor.CONSENT
