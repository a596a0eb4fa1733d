"""No deadline of the portal passes unseen: it is looked at in time, and a person is told before it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.acts import End, Wait
from agent.domain.cases import Outcome, WaitingFor
from agent.domain.orders import Refund, RefundState
from scenarios.deadlines import before_deadline, deadline_of

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
WAIT = Wait(WaitingFor.COUNTERPARTY, "the supplier has to answer")


def warned(left: timedelta, wait: Wait = WAIT, usual: timedelta = timedelta(hours=4)) -> Wait:
    """Return what becomes of a wait with so much time left."""
    verdict = before_deadline(wait, NOW + left, now=NOW, warn=DAY, usual=usual)
    assert isinstance(verdict, Wait)
    return verdict


@given(st.timedeltas(timedelta(seconds=1), timedelta(days=30)), st.timedeltas(timedelta(0), timedelta(days=9)))
def test_there_is_always_a_look_before_a_person_must_be_told_and_before_the_end(
    left: timedelta, usual: timedelta
) -> None:
    looked = warned(left, usual=usual)
    assert looked.after is not None
    if left > DAY:
        assert looked.waiting_for is WaitingFor.COUNTERPARTY
        assert looked.after <= left - DAY
    else:
        assert looked.waiting_for is WaitingFor.HUMAN
        assert looked.after <= max(left, timedelta(minutes=1))


def test_a_person_reads_how_much_time_is_left() -> None:
    assert warned(timedelta(hours=5)).why == "the supplier has to answer; the portal decides by itself in 5 h"


@pytest.mark.parametrize("waiting_for", [WaitingFor.RETRY, WaitingFor.SETTLE, WaitingFor.APPROVAL, WaitingFor.LOGIN])
def test_what_is_over_sooner_than_any_timer_stays_as_it_is(waiting_for: WaitingFor) -> None:
    wait = Wait(waiting_for, "soon")
    assert warned(timedelta(hours=5), wait) == wait


def test_without_a_deadline_or_after_it_nothing_changes() -> None:
    for until in (None, NOW, NOW - DAY):
        assert before_deadline(WAIT, until, now=NOW, warn=DAY, usual=DAY) == WAIT
    end = End(Outcome.CLOSED, "done")
    assert before_deadline(end, NOW + DAY, now=NOW, warn=DAY, usual=DAY) == end


@pytest.mark.parametrize("state", list(RefundState))
def test_only_an_open_refund_has_a_deadline(state: RefundState) -> None:
    over = state in {RefundState.NONE, RefundState.SUCCESS, RefundState.CLOSED}
    assert deadline_of(Refund(state, until=NOW)) == (None if over else NOW)
