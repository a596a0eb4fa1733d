"""How much a shop may do, and how fast: limits, breaker, waits."""

from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator

from agent.domain.cases import WaitingFor
from agent.domain.money import Fen
from agent.settings.table import Table
from agent.settings.values import Count, Duration, Yuan, whole


def _seconds(value: object) -> float:
    try:
        number = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else -1.0
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise ValueError("must be a number of seconds, 0 or more")
    return number


class Limits(Table):
    """How much a shop may do; amounts are yuan in the file, fen here."""

    orders_per_run: Count = 500
    orders_per_day: Count = 2000
    amount_per_order: Yuan = Fen(500_000)
    amount_per_run: Yuan | None = None
    amount_per_day: Yuan = Fen(20_000_000)
    approve_above: Yuan = Fen(100_000)


class Breaker(Table):
    """When a path is stopped: after the same fault on so many different orders in a row."""

    same_fault: Annotated[int, whole(1)] = 3


class Pace(Table):
    """How slowly a shop is worked."""

    between_orders_s: Annotated[float, BeforeValidator(_seconds)] = 0.0


class Waits(Table):
    """How long a case rests before the next look, by what it waits for; ``review``: for a buyer to review."""

    consent: Duration = timedelta(hours=4)
    approval: Duration = timedelta(hours=1)
    human: Duration = timedelta(hours=24)
    return_parcel: Duration = timedelta(hours=12)
    refund: Duration = timedelta(hours=4)
    counterparty: Duration = timedelta(hours=4)
    platform: Duration = timedelta(hours=2)
    too_new: Duration = timedelta(seconds=30)
    login: Duration = timedelta(minutes=15)
    human_check: Duration = timedelta(minutes=15)
    settle: Duration = timedelta(seconds=5)
    retry: Duration = timedelta(seconds=30)
    review: Duration = timedelta(hours=12)

    def of(self, waiting_for: WaitingFor) -> timedelta:
        """Return the interval for one kind of waiting."""
        interval: timedelta = getattr(self, waiting_for.value)
        return interval
