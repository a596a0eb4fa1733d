"""A shop: one account on a portal, with all that holds for it."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, model_validator
from pydantic_settings import NoDecode

from agent.domain.aftercare import Wishes
from agent.domain.cases import Role
from agent.domain.reasons import Reason, parse_reason
from agent.domain.tickets import TicketWishes
from agent.settings.aftercare import AftercareWishes, StockBooks, Tickets
from agent.settings.names import NAME, NESTED
from agent.settings.notices import Notice, Notify
from agent.settings.pace import Breaker, Limits, Pace, Waits
from agent.settings.quiet_hours import QuietHours
from agent.settings.secret import reference
from agent.settings.table import Table
from agent.settings.templates import Messages
from agent.settings.values import Count, Duration, FilePath, Text, duration_or_off, there, whole

LANES = (1, 16)


def _reasons(value: object) -> tuple[Reason, ...]:
    words = value.split(",") if isinstance(value, str) else value
    if not isinstance(words, list | tuple) or not words or not all(isinstance(word, str) for word in words):
        raise ValueError(f"must be a list of reasons, of {', '.join(Reason)}; leave it out to allow all")
    return tuple(dict.fromkeys(parse_reason(word) for word in words))


def _base_url(value: str) -> str:
    try:
        parts = urlsplit(value)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError('must be an address such as "https://seller.example.com", without user, query or fragment')
    return value.rstrip("/")


class Shop(Table):
    """One account on a portal.

    ``password`` is a reference for ``resolve_secret``. ``wait_s`` is how long a run waits for cases to be due;
    ``warn_before`` is how long before a deadline of the portal a person is told; ``return_address`` is where buyers are
    to send goods back, of those that the portal offers (None: the one that stands there); ``dispute`` is whether a
    refusal goes to the platform at once, or once a person has said so;
    ``stale_after`` is how old the last run may be before there is a complaint. ``shown_as`` is what the portal's pages
    call the account, where that is not its ``username``. ``language`` is what the portal speaks
    to this account, where its profile knows several.
    """

    portal: Text
    base_url: Annotated[Text, AfterValidator(_base_url)] | None = None
    profile_dir: Annotated[FilePath, there(Path.is_dir, "folder")] | None = None
    role: Role
    username: Text
    shown_as: Text | None = None
    language: Text | None = None
    password: Annotated[str, BeforeValidator(reference)]
    limits: Limits = Limits()
    allowed_reasons: Annotated[tuple[Reason, ...], NoDecode, BeforeValidator(_reasons)] = tuple(Reason)
    consent: Literal["declared", "proof"] = "declared"
    consent_valid: Annotated[timedelta | None, BeforeValidator(duration_or_off)] = timedelta(days=30)
    quiet_hours: QuietHours | None = None
    breaker: Breaker = Breaker()
    pace: Pace = Pace()
    waits: Waits = Waits()
    wait_s: Count = 60
    lanes: Annotated[int, whole(*LANES)] | None = None
    approval_valid: Duration = timedelta(hours=24)
    warn_before: Duration = timedelta(hours=24)
    return_address: Text | None = None
    dispute: Literal["at_once", "ask"] = "at_once"
    stale_after: Duration = timedelta(hours=26)
    messages: Messages = Messages()
    tickets: Tickets = Tickets()
    aftercare: AftercareWishes = AftercareWishes()
    notify: Notify = Notify()
    notice: Notice = Notice()
    stock: StockBooks = StockBooks()

    @model_validator(mode="after")
    def _buyers_are_sellers_buyers(self) -> "Shop":
        if self.role is not Role.SELLER and (self.notice.email is not None or self.notice.sms is not None):
            raise ValueError("notice.email and notice.sms go with role = 'seller': a purchaser has no buyers to tell")
        return self

    @model_validator(mode="after")
    def _told_of_something(self) -> "Shop":
        if self.stock.is_wanted and self.aftercare.stock == "off":
            raise ValueError("[stock] tells of a stock that was set: it goes with aftercare.stock = 'set' or 'check'")
        return self

    @property
    def ticket_wishes(self) -> TicketWishes:
        """How this shop follows its tickets."""
        return TicketWishes(self.tickets.remind_after, self.tickets.reminders, look_every=self.waits.platform)

    @property
    def wishes(self) -> Wishes:
        """What this shop wants after its closings."""
        after = self.aftercare
        return Wishes(
            refund_within=after.refund,
            refund_every=self.waits.refund,
            notice=after.notice == "portal",
            notice_beside=self.notice.email is not None or self.notice.sms is not None,
            review_within=after.review,
            review_every=self.waits.review,
            stock=after.stock != "off",
            stock_check=after.stock == "check",
        )


def _shop_name(name: str) -> str:
    if not NAME.fullmatch(name) or NESTED in name:
        raise ValueError("a shop's name must be 1 to 40 letters, digits, - or single _, and not begin with -")
    return name


Shops = dict[Annotated[str, AfterValidator(_shop_name)], Shop]
