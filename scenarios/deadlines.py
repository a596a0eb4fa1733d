"""Deadlines of the portal: what is open on an order when its timer runs out, the portal decides by itself."""

from dataclasses import replace
from datetime import datetime, timedelta

from agent.domain.acts import Verdict, Wait
from agent.domain.cases import WaitingFor
from agent.domain.orders import Refund, RefundState

_LOOK_EVERY = timedelta(hours=1)  # once a person is warned: what they do in the portal should be seen before the end
_LEAST = timedelta(minutes=1)
_OVER = frozenset({RefundState.NONE, RefundState.SUCCESS, RefundState.CLOSED})
# What others have to do, or a person of ours. Whatever else a case waits for is over sooner than any such timer.
_WAITED_FOR = frozenset(
    {WaitingFor.COUNTERPARTY, WaitingFor.RETURN_PARCEL, WaitingFor.PLATFORM, WaitingFor.CONSENT, WaitingFor.HUMAN}
)


def deadline_of(refund: Refund) -> datetime | None:
    """Return when the portal will decide an open refund by itself."""
    return None if refund.state in _OVER else refund.until


def before_deadline(
    verdict: Verdict, until: datetime | None, *, now: datetime, warn: timedelta, usual: timedelta
) -> Verdict:
    """Return a verdict that lets no deadline pass unseen: looked at again in time, and told to a person before it.

    ``usual`` is how long this wait takes where it does not say so itself.
    """
    if not isinstance(verdict, Wait) or until is None or until <= now or verdict.waiting_for not in _WAITED_FOR:
        return verdict
    left, after = until - now, usual if verdict.after is None else verdict.after
    if left > warn:
        return replace(verdict, after=min(after, left - warn))
    hours = round(left.total_seconds() / 3600)
    why = f"{verdict.why}; the portal decides by itself in {hours} h"
    return replace(verdict, waiting_for=WaitingFor.HUMAN, why=why, after=max(min(after, _LOOK_EVERY, left), _LEAST))
