"""Cases: the durable record of one request until its outcome. The words are a contract with scripts."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from agent.domain.ids import OrderId
from agent.domain.money import Fen
from agent.domain.reasons import Reason
from agent.domain.rules import RULE
from agent.domain.stock import STOCK

ANSWERS = "answers"  # fact of a case: the answers that fit what it asks now, and nothing else that it may ask
NOTE_CHARACTERS = 200  # of a request's note


class Role(StrEnum):
    """Which side of the order our account is on."""

    SELLER = "seller"
    PURCHASER = "purchaser"


class Path(StrEnum):
    """The article's path that a case is on; fixed by its first fresh read."""

    UNPAID = "unpaid"
    PAID_UNSHIPPED = "paid_unshipped"
    SHIPPED = "shipped"
    TICKET = "ticket"


class CaseState(StrEnum):
    """Whether a case wants a pass, waits, or has ended."""

    DUE = "due"
    WAITING = "waiting"
    ENDED = "ended"


class WaitingFor(StrEnum):
    """What a waiting case waits for."""

    CONSENT = "consent"
    APPROVAL = "approval"
    HUMAN = "human"
    RETURN_PARCEL = "return_parcel"
    REFUND = "refund"
    COUNTERPARTY = "counterparty"
    PLATFORM = "platform"
    TOO_NEW = "too_new"
    LOGIN = "login"
    HUMAN_CHECK = "human_check"
    SETTLE = "settle"
    RETRY = "retry"


class Outcome(StrEnum):
    """How a case ended."""

    CLOSED = "closed"
    ALREADY_CLOSED = "already_closed"
    NOT_ELIGIBLE = "not_eligible"
    REFUSED = "refused"
    REJECTED = "rejected"
    HANDED_OVER = "handed_over"
    NOT_FOUND = "not_found"


class Consent(StrEnum):
    """What is known of the counterparty's agreement."""

    NONE = "none"
    DECLARED = "declared"  # the operator says so
    PROVED = "proved"  # a file shows it, or the portal's own thread
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Terms:
    """What consent and approval are bound to; a change of any of them voids both."""

    state: str
    amount: Fen
    items: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the terms as plain JSON."""
        return {"state": self.state, "amount_fen": self.amount, "items": list(self.items)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Terms":
        """Return the terms that ``as_json`` wrote."""
        return cls(state=data["state"], amount=Fen(data["amount_fen"]), items=tuple(data["items"]))


@dataclass(frozen=True, slots=True)
class CloseRequest:
    """Somebody's wish to close one order.

    ``consent_file`` is the absolute path of a proof beside the request file. ``source`` says where the wish
    came from: ``{"file", "row", "sha256"}`` of a request file, ``{"rule"}`` with the rule's conditions, or
    ``{"command"}``; and ``{"stock"}``, what is left of what has run out, where the wish says so.
    """

    order_id: OrderId
    reason: Reason
    consent: Consent = Consent.NONE
    consent_file: str | None = None
    note: str = ""
    source: dict[str, Any] = field(default_factory=dict)

    @property
    def standing(self) -> dict[str, Any]:
        """What a case that this request makes has to know from its beginning: its rule, and what is left in stock."""
        return {name: self.source[name] for name in (RULE, STOCK) if name in self.source}


@dataclass(frozen=True, slots=True)
class Case:
    """One request being worked on; a row of the store."""

    case_id: str
    shop: str
    portal: str
    account: str
    role: Role
    order_id: OrderId
    reason: Reason
    note: str
    consent: Consent
    state: CaseState
    created_at: datetime
    due_at: datetime | None
    path: Path | None = None
    waiting_for: WaitingFor | None = None
    outcome: Outcome | None = None
    why: str = ""
    by: str | None = None
    amount: Fen | None = None
    terms: Terms | None = None
    attempts: int = 0
    deadline: datetime | None = None  # when the portal decides by itself what is open on the order
    facts: dict[str, Any] = field(default_factory=dict)  # what earlier passes learnt, as plain JSON
