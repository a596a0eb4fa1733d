"""Aftercare: what a closed order still wants, such as its money back or a word to its buyer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

PURPOSE = "aftercare_"  # how the purpose of every act begins that may be done for a case which has ended


class AftercareKind(StrEnum):
    """What an ended case is still open for."""

    REFUND = "refund"  # until the money is seen to be back
    NOTICE = "notice"  # until the buyer has been told
    REVIEW = "review"  # until the time to watch for one is over, or a bad one was seen to
    STOCK = "stock"  # until the stock is as it has to be


class AftercareState(StrEnum):
    """How an item stands."""

    WAITING = "waiting"
    HUMAN = "human"  # told to a person; looked at again all the same
    DONE = "done"
    DROPPED = "dropped"  # a person has said that it is no longer wanted


OPEN = frozenset({AftercareState.WAITING, AftercareState.HUMAN})


@dataclass(frozen=True, slots=True)
class Opening:
    """An item that the end of a case opens; ``done`` where the end itself has shown what it waits for."""

    kind: AftercareKind
    why: str
    after: timedelta = timedelta(0)
    done: bool = False


@dataclass(frozen=True, slots=True)
class Aftercare:
    """One item of one ended case; a row of the store."""

    case_id: str
    kind: AftercareKind
    state: AftercareState
    why: str
    opened_at: datetime
    due_at: datetime | None
    ended_at: datetime | None = None
    attempts: int = 0
    facts: Mapping[str, Any] = field(default_factory=dict)  # what earlier looks have learnt, as plain JSON

    @property
    def is_open(self) -> bool:
        """Whether it still wants something."""
        return self.state in OPEN


@dataclass(frozen=True, slots=True)
class Later:
    """Nothing to do yet: look again after so long."""

    why: str
    after: timedelta


@dataclass(frozen=True, slots=True)
class Finished:
    """The item is done."""

    why: str


@dataclass(frozen=True, slots=True)
class AskPerson:
    """A person has to see to it; what they do in the portal is found by the next look."""

    why: str


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a shop wants after its closings.

    ``refund_within`` is how long a refund may take before a person is told (None: it is not watched), and
    ``refund_every`` how often is looked; ``notice`` says whether the buyer is told by message, and ``notice_beside``
    whether also, or only, beside the portal; ``stock`` whether what has run out is set, and ``stock_check`` whether
    the pieces of other orders are seen to be put back;
    ``review_within`` is how long the order's reviews are watched (None: not at all).
    """

    refund_within: timedelta | None = None
    refund_every: timedelta = timedelta(hours=4)
    notice: bool = False
    notice_beside: bool = False
    review_within: timedelta | None = None
    review_every: timedelta = timedelta(hours=12)
    stock: bool = False
    stock_check: bool = False


NOTHING_WISHED = Wishes()
