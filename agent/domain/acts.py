"""Acts: the changes that closewright can make on a portal, and what a decision may answer."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from agent.domain.aftercare import AskPerson, Finished, Later, Opening
from agent.domain.cases import Outcome, WaitingFor
from agent.domain.money import Fen


class ActKind(StrEnum):
    """One change on the portal."""

    CLOSE = "close"
    APPLY_REFUND = "apply_refund"
    REFUND = "refund"  # the seller pays money back of their own accord, on portals where to close moves none
    AGREE_REFUND = "agree_refund"
    AGREE_RETURN = "agree_return"
    CONFIRM_RETURN = "confirm_return"
    SEND_RETURN = "send_return"  # as purchaser: which carrier has the goods that go back, and their number
    OPEN_DISPUTE = "open_dispute"
    SEND_MESSAGE = "send_message"
    FILE_TICKET = "file_ticket"
    REPLY_TICKET = "reply_ticket"
    ANSWER_REVIEW = "answer_review"
    SET_STOCK = "set_stock"  # of one SKU to a number: done twice, it is as if done once


_NOTHING = Fen(0)

GIVE_BACK = "give_back"  # what money is paid back for after we have closed an order

# Acts that a repetition would double; the others change a state that the portal itself lets change only once.
DOUBLED = frozenset(
    {
        ActKind.SEND_MESSAGE,
        ActKind.FILE_TICKET,
        ActKind.REPLY_TICKET,
        ActKind.APPLY_REFUND,
        ActKind.OPEN_DISPUTE,
        ActKind.REFUND,
        ActKind.ANSWER_REVIEW,
    }
)

# What somebody writes for others to read: it is looked for before it is sent, since nobody takes a second one back.
WRITTEN = frozenset({ActKind.SEND_MESSAGE, ActKind.FILE_TICKET, ActKind.REPLY_TICKET, ActKind.ANSWER_REVIEW})

# Acts that end a sale or move money: they count against the shop's limits and may need approval.
COUNTED = frozenset(
    {
        ActKind.CLOSE,
        ActKind.APPLY_REFUND,
        ActKind.REFUND,
        ActKind.AGREE_REFUND,
        ActKind.AGREE_RETURN,
        ActKind.CONFIRM_RETURN,
        ActKind.FILE_TICKET,
    }
)


class IntentState(StrEnum):
    """How far an intent has come: written before the click, releasing before the request leaves."""

    WRITTEN = "written"
    RELEASING = "releasing"
    SETTLED = "settled"


class IntentResult(StrEnum):
    """What became of a settled intent."""

    DONE = "done"
    NOT_DONE = "not_done"
    REFUSED = "refused"
    UNKNOWN = "unknown"  # a person has said that it stays unknown


@dataclass(frozen=True, slots=True)
class Act:
    """One change to make, for one purpose.

    ``fields`` are the canonical form fields that the act fills in, such as ``reason``, ``remark``, ``text``;
    ``amount`` is the money that the act closes or returns, for the limits.
    """

    kind: ActKind
    purpose: str
    why: str
    amount: Fen = _NOTHING
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do now: look again later.

    ``page_fault`` says that the page is not as the profile tells, which counts towards the path's breaker;
    ``answers`` are answers that fit this question and no other, as they are typed.
    """

    waiting_for: WaitingFor
    why: str
    after: timedelta | None = None  # None: the shop's own interval for this wait
    page_fault: bool = False
    answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class End:
    """The case is over; ``aftercare`` is what it stays open for all the same."""

    outcome: Outcome
    why: str
    by: str | None = None
    aftercare: tuple[Opening, ...] = ()


Verdict = Act | Wait | End
Step = Act | Later | Finished | AskPerson  # what a look at an item of aftercare may answer
