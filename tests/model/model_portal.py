"""A back office reduced to its rules: what an order may become, and a ledger of what really happened."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto
from types import TracebackType
from typing import Any, Self

from agent.browser.gate import Answer, Expectation, HeldRequest, Mutating, SeenRequest
from agent.domain.acts import ActKind
from agent.domain.ids import OrderId
from agent.domain.money import Fen
from agent.domain.orders import ClosedBy, Closing, Message, Order, OrderState, PayState
from agent.errors import NotSent, OutcomeUnknown
from page_objects.form import FormValues
from page_objects.profile import ActVariant, Form, Profile


class Fate(Enum):
    """What becomes of a request that was let go."""

    DONE = auto()
    REFUSED = auto()
    ANSWER_LOST = auto()  # done, and nobody hears of it
    NOTHING_CAME = auto()  # lost on the way
    LIE_YES = auto()  # not done, answered as done
    LIE_NO = auto()  # done, answered as refused


_COMMITS = {Fate.DONE, Fate.ANSWER_LOST, Fate.LIE_NO}
_SILENT = {Fate.ANSWER_LOST, Fate.NOTHING_CAME}
_SAYS_YES = {Fate.DONE, Fate.LIE_YES}


class Killed(BaseException):
    """The process is dead from this line on."""


@dataclass
class Deal:
    """The truth about one order."""

    order_id: OrderId
    amount: Fen
    paid: bool
    created_at: datetime
    closing: Closing | None = None
    thread: list[Message] = field(default_factory=list)

    def shown(self) -> Order:
        """Return the order as its page shows it."""
        state = OrderState.CLOSED if self.closing else OrderState.PAID if self.paid else OrderState.UNPAID
        money = PayState.REFUNDED if self.closing else PayState.PAID
        return Order(
            order_id=self.order_id,
            state=state,
            pay_state=money if self.paid else PayState.UNPAID,
            amount=self.amount,
            created_at=self.created_at,
            controls=frozenset() if self.closing else frozenset({ActKind.CLOSE.value}),
            closing=self.closing,
        )


@dataclass(frozen=True)
class Line:
    """One line of the ledger: a change of ours that really happened."""

    order_id: OrderId
    kind: ActKind
    amount: Fen
    at: datetime


class ModelPortal:
    """The orders, the ledger, and the moment at which our process dies."""

    def __init__(self, profile: Profile, now: datetime) -> None:
        self.profile = profile
        self.now = now
        self.deals: dict[OrderId, Deal] = {}
        self.ledger: list[Line] = []
        self.fates: dict[OrderId, Fate] = {}
        self.lines_to_live: int | None = None

    def boundary(self) -> None:
        """Pass one line at which a process may die.

        Raises:
            Killed: it does.
        """
        if self.lines_to_live is None:
            return
        self.lines_to_live -= 1
        if self.lines_to_live <= 0:
            raise Killed

    def commit(self, kind: ActKind, order_id: OrderId, fields: dict[str, str]) -> bool:
        """Do what a request asks for, if the rules allow it, and say whether they did."""
        deal = self.deals[order_id]
        if kind is ActKind.SEND_MESSAGE:
            deal.thread.append(Message("us", fields["text"], self.now))
        elif deal.closing is None:
            label = next(words.labels[0] for words in self.profile.reasons.values() if fields["reason"] in words.codes)
            deal.closing = Closing(ClosedBy.SELLER, label, "", self.now)
        else:
            return False
        self.ledger.append(Line(order_id, kind, deal.amount, self.now))
        return True

    def close_by(self, order_id: OrderId, who: ClosedBy) -> None:
        """Have somebody else close an order."""
        self.deals[order_id].closing = Closing(who, "", "", self.now)

    def passes(self, time: timedelta) -> None:
        """Let time pass."""
        self.now += time


class ModelSite:
    """The page that a lane has open."""

    def __init__(self, portal: ModelPortal) -> None:
        self.portal = portal
        self.profile = portal.profile
        self.page = self.frame = None
        self.sent: tuple[ActKind, OrderId, dict[str, str]] | None = None

    async def check(self) -> None:
        """Be where we want to be, always."""


class ModelForm:
    """One act's form: what it is filled with is what it sends."""

    def __init__(
        self, site: ModelSite, kind: ActKind, variant: ActVariant, order_id: OrderId, *, sku: str = "", ticket: str = ""
    ) -> None:
        assert not sku, "this portal has no stock"
        assert not ticket, "this portal has no tickets"
        self._site = site
        self._kind = kind
        self._order_id = order_id
        self._written: dict[str, str] = {}
        self.form: Form = site.profile.forms[variant.form]

    async def open(self) -> None:
        """Come up."""
        self._site.portal.boundary()

    async def verify(self) -> None:
        """Name the right order."""

    def refuse_questions(self) -> None:
        """Ask nothing."""

    async def fill(self, values: FormValues) -> dict[str, str]:
        """Take the values."""
        self._site.portal.boundary()
        chosen = {name: labels[0] for name, labels in values.choices.items()}
        self._written = chosen | {name: text for name, text in values.texts.items() if text}
        return self._written

    async def confirm(self) -> None:
        """Send what was filled in."""
        self._site.portal.boundary()
        self._site.sent = (self._kind, self._order_id, self._written)
        self._site.portal.boundary()


class ModelGate:
    """The request gate of one lane."""

    def __init__(self, site: ModelSite) -> None:
        self._site = site

    def arm(self, expectation: Expectation) -> "ModelArmed":
        """Expect one change."""
        return ModelArmed(self._site, expectation)


class ModelArmed:
    """One request: held, let go once, answered by its fate."""

    def __init__(self, site: ModelSite, expectation: Expectation) -> None:
        self._site = site
        self._portal = site.portal
        self._expectation = expectation
        self._fields: dict[str, str] = {}
        self._done = False
        self.blocked: list[str] = []

    async def __aenter__(self) -> Self:
        self._portal.boundary()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._site.sent = None

    async def held(self, _timeout_s: float) -> HeldRequest:
        """Hold the request that was sent, if it is the expected one."""
        self._portal.boundary()
        assert self._site.sent is not None
        kind, order_id, written = self._site.sent
        order_id = self.aimed_at(order_id)
        self._site.sent = (kind, order_id, written)
        self._fields = {"order_id": order_id} | {
            name: self._code(text) if name == "reason" else text for name, text in written.items()
        }
        mutating = Mutating(self._expectation.name, self._fields)
        why = self._expectation.check(mutating)
        if why is not None:
            self.blocked.append(why)
            raise NotSent(why)
        body = json.dumps({"orderId": order_id}).encode()
        headers = {"content-type": "application/json"}
        seen = SeenRequest("POST", "http://model/api", headers, body, "fetch", navigation=False)
        return HeldRequest(seen, mutating)

    def aimed_at(self, order_id: OrderId) -> OrderId:
        """Return the order that the page's request names: its own."""
        return order_id

    def _code(self, label: str) -> str:
        return next(words.codes[0] for words in self._portal.profile.reasons.values() if label in words.labels)

    async def release(self) -> None:
        """Let it go: it does what its fate says."""
        self._portal.boundary()
        assert self._site.sent is not None
        kind, order_id, _ = self._site.sent
        fate = self._portal.fates.get(order_id, Fate.DONE)
        self._done = fate in _COMMITS and self._portal.commit(kind, order_id, self._fields)
        if fate is Fate.DONE and not self._done:
            self._portal.fates[order_id] = Fate.REFUSED
        self._portal.boundary()

    async def answer(self, _timeout_s: float) -> Answer:
        """Say what the fate has the server say."""
        self._portal.boundary()
        fate = self._portal.fates.get(OrderId(self._fields["order_id"]), Fate.DONE)
        if fate in _SILENT:
            raise OutcomeUnknown("no answer came")
        body: dict[str, Any] = {"success": fate in _SAYS_YES, "code": "", "message": "", "requestId": "m"}
        return Answer(200, {}, json.dumps(body).encode(), "http://model/api", None)
