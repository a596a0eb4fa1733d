"""What a decision may look at: gathered by the pass, frozen, nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from agent.domain.acts import ActKind
from agent.domain.aftercare import NOTHING_WISHED, Wishes
from agent.domain.cases import Case, Consent, Role, Terms
from agent.domain.orders import Order, OrderState, PayState
from agent.domain.returns import SentBack
from agent.domain.rules import NOBODY, Never, Rule
from agent.domain.tickets import NO_REMINDERS, TicketWishes

DoneActs = frozenset[tuple[ActKind, str]]


@dataclass(frozen=True, slots=True)
class Facts:
    """One order and its case at this moment.

    ``listed_state`` is what the list said when the case was first looked up; ``parcel_word`` is an operator's
    word that the returned goods have arrived; ``texts`` are the shop's own templates by name;
    ``possible`` are the acts that this portal has for our role at all; ``rule`` is what the case stands under, if
    a rule has asked for it, ``never`` the shop's white list, ``reminded_at`` when the buyer was reminded to pay, and
    ``wishes`` what the shop wants once the order is closed; ``consent_expired`` says that it was given too long ago;
    ``tickets`` is how the shop follows its support tickets;
    ``sent_back`` is the parcel in which an operator of ours has said to have sent the goods back; ``dispute_said``
    says that the shop, or a person, wants a refusal taken to the platform. ``pictures`` are how many there are that
    the portal takes, ``pictures_wanted`` says that it wants some for a refund for this reason, and ``pictures_unfit``
    are its limits where it takes none of those that there are.
    """

    case: Case
    order: Order
    role: Role
    consent: Consent
    now: datetime
    min_age: timedelta
    done: DoneActs
    listed_state: str | None = None
    parcel_word: bool = False
    proof_wanted: bool = False
    texts: Mapping[str, str] = field(default_factory=dict)
    possible: frozenset[ActKind] = frozenset(ActKind)
    rule: Rule | None = None
    never: Never = NOBODY
    reminded_at: datetime | None = None
    wishes: Wishes = NOTHING_WISHED
    consent_expired: bool = False
    tickets: TicketWishes = NO_REMINDERS
    sent_back: SentBack | None = None
    dispute_said: bool = True
    pictures: int = 0
    pictures_wanted: bool = False
    pictures_unfit: str = ""

    def did(self, *kinds: ActKind) -> bool:
        """Return whether one of these acts is proved done in this case."""
        return any(kind in kinds for kind, _ in self.done)

    def did_for(self, purpose: str) -> bool:
        """Return whether an act for this purpose is proved done in this case."""
        return any(purpose == other for _, other in self.done)

    @property
    def was_paid(self) -> bool:
        """Whether there was money to give back, when the request was bound to the order or now."""
        bound = self.case.terms
        was_unpaid = bound is None or bound.state == OrderState.UNPAID
        return not was_unpaid or self.order.pay_state is not PayState.UNPAID

    @property
    def consented(self) -> bool:
        """Whether the counterparty's agreement is as good as the shop wants it."""
        if self.consent_expired:
            return False
        return self.consent is Consent.PROVED or (self.consent is Consent.DECLARED and not self.proof_wanted)

    @property
    def terms_now(self) -> Terms:
        """What consent and approval would be bound to now."""
        return terms_of(self.order)


def terms_of(order: Order) -> Terms:
    """Return the terms of an order: what it is, what it costs, and its lines."""
    items = tuple(f"{item.sub_order_id} {item.title} {item.spec} {item.quantity}".strip() for item in order.items)
    return Terms(state=order.state, amount=order.amount, items=items)
