"""Rules that ask for closings by themselves, and the white list that stands above every request."""

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, StrictStr, model_validator

from agent.domain.cases import NOTE_CHARACTERS
from agent.domain.ids import parse_order_id
from agent.domain.orders import OrderState
from agent.domain.reasons import Reason, parse_reason
from agent.domain.rules import STATES, Never, Rule, plain
from agent.settings.names import NAME
from agent.settings.table import Table
from agent.settings.values import Duration, Yuan, whole


def _reason(value: object) -> Reason:
    return parse_reason(value if isinstance(value, str) else str(value))


def _state(value: object) -> OrderState:
    if value not in STATES:
        raise ValueError(f"must be one of {', '.join(STATES)}")
    return OrderState(str(value))


def _words(value: object) -> tuple[str, ...]:
    words = [value] if isinstance(value, str) else value
    if not isinstance(words, list | tuple) or not all(isinstance(word, str) and word.strip() for word in words):
        raise ValueError("must be a word, or a list of words, none of which is empty")
    return tuple(dict.fromkeys(words))


def _note(text: str) -> str:
    if len(text) > NOTE_CHARACTERS or not text.isprintable():
        raise ValueError(f"must be one line of at most {NOTE_CHARACTERS} characters")
    return text.strip()


def _rule_name(name: str) -> str:
    if not NAME.fullmatch(name):
        raise ValueError("a rule's name must be 1 to 40 letters, digits, - or _, and not begin with -")
    return name


class RuleLimits(Table):
    """How much one run of a rule may do, beside the shop's own limits."""

    orders_per_run: Annotated[int, whole(1)] | None = None
    amount_per_run: Yuan | None = None


class AskedByRule(Table):
    """One rule: which orders of the list it asks to close, why, and how many at once."""

    state: Annotated[OrderState, BeforeValidator(_state)]
    close_after: Duration | None = None
    remind_after: Duration | None = None
    amount_from: Yuan | None = None
    amount_to: Yuan | None = None
    products: Annotated[tuple[str, ...], BeforeValidator(_words)] = ()
    buyer_remarks: Annotated[tuple[str, ...], BeforeValidator(_words)] = ()
    tags: Annotated[tuple[str, ...], BeforeValidator(_words)] = ()
    reason: Annotated[Reason, BeforeValidator(_reason)]
    note: Annotated[StrictStr, AfterValidator(_note)] = ""
    limits: RuleLimits = RuleLimits()

    @model_validator(mode="after")
    def _sensible(self) -> "AskedByRule":
        if self.reason is Reason.OTHER and not self.note:
            raise ValueError("note is missing: the reason 'other' needs one that says why")
        self._check_reminder()
        if self.amount_from is not None and self.amount_to is not None and self.amount_from > self.amount_to:
            raise ValueError("amount_from is above amount_to: no order has such an amount")
        if not self.named("").narrows:
            raise ValueError(
                f"selects every {self.state} order: say which, by close_after, amount_from, amount_to, products,"
                " buyer_remarks or tags"
            )
        return self

    def _check_reminder(self) -> None:
        if self.remind_after is None:
            return
        if self.state is not OrderState.UNPAID:
            raise ValueError("remind_after goes with state = 'unpaid': nobody else has to pay")
        if self.close_after is None or self.remind_after >= self.close_after:
            raise ValueError("remind_after goes with a longer close_after: buyers need time to pay after a reminder")

    def named(self, name: str) -> Rule:
        """Return the conditions."""
        return Rule(
            name=name,
            state=self.state,
            close_after=self.close_after,
            remind_after=self.remind_after,
            amount_from=self.amount_from,
            amount_to=self.amount_to,
            products=self.products,
            buyer_remarks=self.buyer_remarks,
            tags=self.tags,
        )


Rules = dict[Annotated[str, AfterValidator(_rule_name)], AskedByRule]


class Untouched(Table):
    """The white list: orders, and buyers by the name that the portal shows, that no request ever touches."""

    orders: tuple[Annotated[StrictStr, AfterValidator(parse_order_id)], ...] = ()
    buyers: Annotated[tuple[str, ...], BeforeValidator(_words)] = Field((), repr=False)

    def as_never(self) -> Never:
        """Return the list as decisions look at it."""
        return Never(frozenset(self.orders), frozenset(map(plain, self.buyers)))
