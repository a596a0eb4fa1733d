"""Settings: ``closewright.toml``, overridden by ``CLOSEWRIGHT_*`` variables, with every fault told at once.

A shop's key is overridden by its path with double underscores: ``CLOSEWRIGHT_SHOPS__DEMO__LIMITS__ORDERS_PER_RUN``.
Relative paths are relative to the folder of the file. Secrets are never in the file: it says where they are.
"""

import os
import re
import string
import sys
import tomllib
from collections.abc import Callable, Mapping
from datetime import time, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    StrictStr,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, EnvSettingsSource, NoDecode, SettingsConfigDict, SettingsError

from agent.domain.aftercare import Wishes
from agent.domain.cases import NOTE_CHARACTERS, Role, WaitingFor
from agent.domain.ids import parse_order_id
from agent.domain.money import Fen, parse_yuan
from agent.domain.notices import FIELDS, REFUND_DAYS, TONGUES, Tongue, Wording, unknown_fields
from agent.domain.notices import Text as NoticeText
from agent.domain.orders import OrderState
from agent.domain.reasons import Reason, parse_reason
from agent.domain.rules import STATES, Never, Rule, plain
from agent.domain.tickets import TicketWishes
from agent.errors import ConfigError

FILE_NAME = "closewright.toml"
PREFIX = "CLOSEWRIGHT_"
NESTED = "__"
LANES = (1, 16)
MESSAGE_CHARACTERS = 450  # a message on the portal may have 500; amounts and our reference need room
PLACEHOLDERS = ("order_id", "reason", "amount")

EXAMPLE = """\
[shops.demo]
portal = "mock_workbench"
base_url = "http://127.0.0.1:8765"
role = "seller"
username = "seller"
password = "env:DEMO_PASSWORD"
"""

_DURATION = re.compile(r"([0-9]{1,6})([smhd])", re.ASCII)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_CLOCK_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])", re.ASCII)
_WHOLE = re.compile(r"[0-9]{1,12}", re.ASCII)
_SECRET = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*|keyring:[^/\s][^/]*(?:/.+)?")
# A channel that leaves this machine has a token or a password in its address; these do not.
_PLAIN_CHANNEL = re.compile(
    r"(?!.*[?&]pass)(?:json|mailto)://(?:127\.0\.0\.1|localhost)(?::[0-9]{1,5})?(?:[/?][^\s@]*(?:@[^\s@]*)*)?"
)
_SHOP_NAME = re.compile(r"\w[\w-]{0,39}")
_SQLITE_FILE = re.compile(r"sqlite(?:\+pysqlite)?:///(?P<file>[^?]+)(?P<query>\?.*)?")
_URL_PASSWORD = re.compile(r"[^/]*//[^/@]*:[^/]*@|.*[?&]password=")
_DATABASES = ("sqlite", "sqlite+pysqlite", "postgresql", "postgresql+psycopg")


def parse_duration(text: str) -> timedelta:
    """Return ``90s``, ``5m``, ``4h`` or ``2d`` as a time span.

    Raises:
        ValueError: the text is not a whole number with one of these units.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError('must be a whole number with s, m, h or d, such as "90s", "5m", "4h" or "2d"')
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def _duration(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    return parse_duration(value if isinstance(value, str) else "")


def _duration_or_off(value: object) -> timedelta | None:
    return None if value is None or value == "off" else _duration(value)


def _whole(low: int, high: int | None = None) -> BeforeValidator:
    """Check a whole number from the file, or its digits from a variable; never true, and never 1.5."""
    span = f"of {low} or more" if high is None else f"from {low} to {high}"

    def check(value: object) -> int:
        number = int(value) if isinstance(value, str) and _WHOLE.fullmatch(value) else value
        if type(number) is not int or number < low or (high is not None and number > high):
            raise ValueError(f"must be a whole number {span}")
        return number

    return BeforeValidator(check)


def _yuan(value: object) -> Fen:
    if not isinstance(value, str):
        raise ValueError('must be an amount in yuan, in quotes, such as "5000.00"')
    amount = parse_yuan(value)
    if amount < 0:
        raise ValueError("must not be less than 0")
    return amount


def _seconds(value: object) -> float:
    try:
        number = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else -1.0
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise ValueError("must be a number of seconds, 0 or more")
    return number


def _clock_time(value: object) -> time:
    if isinstance(value, time):
        return value
    match = _CLOCK_TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError('must be a time of day such as "23:00"')
    return time(int(match[1]), int(match[2]))


def _reasons(value: object) -> tuple[Reason, ...]:
    words = value.split(",") if isinstance(value, str) else value
    if not isinstance(words, list | tuple) or not words or not all(isinstance(word, str) for word in words):
        raise ValueError(f"must be a list of reasons, of {', '.join(Reason)}; leave it out to allow all")
    return tuple(dict.fromkeys(parse_reason(word) for word in words))


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
    if not _SHOP_NAME.fullmatch(name):
        raise ValueError("a rule's name must be 1 to 40 letters, digits, - or _, and not begin with -")
    return name


def _template(text: str) -> str:
    known = " ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError as error:
        raise ValueError(f"has a stray brace; use only {known}, and double a brace that is text") from error
    for _, name, spec, conversion in parts:
        if name is not None and (name not in PLACEHOLDERS or spec or conversion):
            raise ValueError(f"has the unknown placeholder {{{name}}}; use only {known}")
    if not text.strip() or len(text) > MESSAGE_CHARACTERS:
        raise ValueError(f"must have 1 to {MESSAGE_CHARACTERS} characters")
    return text


def _reference(value: object) -> str:
    # The value is not shown: it may be the secret itself.
    if not isinstance(value, str) or not _SECRET.fullmatch(value):
        raise ValueError('must say where the secret is, "env:NAME" or "keyring:SERVICE/USER", never the secret itself')
    return value


def _channel(value: object) -> str:
    # The value is not shown: it may hold a token.
    if isinstance(value, str) and (_SECRET.fullmatch(value) or _PLAIN_CHANNEL.fullmatch(value)):
        return value
    raise ValueError(
        'must say where the Apprise address is, "env:NAME" or "keyring:SERVICE/USER", for it holds a token or a'
        " password; only json:// and mailto:// to this machine may stand here themselves"
    )


def _channels(value: object) -> object:
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else value


def _different(channels: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(channels)) != len(channels):
        raise ValueError("names a channel twice: each gets a message once")
    return channels


def _notice_template(text: str) -> str:
    unknown = unknown_fields(text)
    known = " ".join(f"{{{name}}}" for name in FIELDS)
    if unknown:
        raise ValueError(f"has the unknown field {unknown[0]!r}; use only {known}, and double a brace that is text")
    if not text.strip() or len(text) > MESSAGE_CHARACTERS:
        raise ValueError(f"must have 1 to {MESSAGE_CHARACTERS} characters")
    return text


def _base_url(value: str) -> str:
    try:
        parts = urlsplit(value)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError('must be an address such as "https://seller.example.com", without user, query or fragment')
    return value.rstrip("/")


def _database(value: str, info: ValidationInfo) -> str:
    scheme = value.partition(":")[0]
    if scheme not in _DATABASES:
        raise ValueError('must begin with "sqlite:" or "postgresql+psycopg:"')
    if scheme == "postgresql":
        return "postgresql+psycopg" + value.removeprefix("postgresql")
    match = _SQLITE_FILE.fullmatch(value)
    if match is None or match["file"] == ":memory:" or match["file"].startswith("file:"):
        return value
    return f"sqlite:///{_under_folder(Path(match['file']), info).as_posix()}{match['query'] or ''}"


def _under_folder(path: Path, info: ValidationInfo) -> Path:
    """Return a path of the file as seen from the file's folder."""
    folder: Path = (info.context or {}).get("folder", Path())
    return folder / path.expanduser()


def _path(value: object) -> Path:
    if isinstance(value, Path):
        return value
    if not isinstance(value, str) or not value or "\0" in value:
        raise ValueError("must be a path in quotes")
    return Path(value)


def _there(is_there: Callable[[Path], bool], what: str) -> AfterValidator:
    def check(path: Path) -> Path:
        if not is_there(path):
            raise ValueError(f"there is no {what} {path}")
        return path

    return AfterValidator(check)


def _shop_name(name: str) -> str:
    if not _SHOP_NAME.fullmatch(name) or NESTED in name:
        raise ValueError("a shop's name must be 1 to 40 letters, digits, - or single _, and not begin with -")
    return name


def _distinct(shops: dict[str, "Shop"]) -> dict[str, "Shop"]:
    # Files are named for shops, and Windows and macOS do not tell Demo from demo.
    seen: dict[str, str] = {}
    for name in shops:
        other = seen.setdefault(name.casefold(), name)
        if other != name:
            raise ValueError(f"the names {other!r} and {name!r} differ only in capitals: rename one")
    accounts: dict[tuple[str, str], str] = {}
    for name, shop in shops.items():
        other = accounts.setdefault((shop.portal, shop.username), name)
        if shops[other].base_url != shop.base_url:
            raise ValueError(
                f"{other!r} and {name!r} are one account of {shop.portal} at two addresses, and their orders could not"
                " be told apart: give each settings of its own, with another [store]"
            )
    return shops


def _user_config_folder() -> Path:
    """Return where this system's user keeps the settings of programs."""
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")


def _default_signing_key() -> Path:
    return _user_config_folder() / "closewright" / "signing.key"


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Count = Annotated[int, _whole(0)]
Yuan = Annotated[Fen, BeforeValidator(_yuan)]
Template = Annotated[StrictStr, AfterValidator(_template)]
NoticeTemplate = Annotated[StrictStr, AfterValidator(_notice_template)]
Channel = Annotated[str, BeforeValidator(_channel)]
Text = Annotated[StrictStr, Field(min_length=1)]
FilePath = Annotated[Path, BeforeValidator(_path), AfterValidator(_under_folder)]
ClockTime = Annotated[time, BeforeValidator(_clock_time)]


class _Table(BaseModel):
    """One table of the file: frozen, and without keys that we do not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Store(_Table):
    """Where cases and evidence are kept, and with which key evidence is signed."""

    model_config = ConfigDict(validate_default=True)  # the default paths, too, begin at the file's folder

    url: Annotated[Text, AfterValidator(_database)] = Field("sqlite:///closewright.db", repr=False)
    evidence: FilePath = Path("evidence")
    signing_key: FilePath = Field(default_factory=_default_signing_key)


class Browser(_Table):
    """Which Chromium to launch; without it, one is looked for."""

    executable: Annotated[FilePath, _there(Path.is_file, "file")] | None = None
    channel: Text | None = None
    headed: bool = False

    @model_validator(mode="after")
    def _one_choice(self) -> "Browser":
        if self.executable is not None and self.channel is not None:
            raise ValueError("has both executable and channel: keep one")
        return self


class Limits(_Table):
    """How much a shop may do; amounts are yuan in the file, fen here."""

    orders_per_run: Count = 500
    orders_per_day: Count = 2000
    amount_per_order: Yuan = Fen(500_000)
    amount_per_run: Yuan | None = None
    amount_per_day: Yuan = Fen(20_000_000)
    approve_above: Yuan = Fen(100_000)


class QuietHours(_Table):
    """The hours of the portal's day in which nothing is changed; they may span midnight."""

    start: ClockTime = Field(alias="from")
    end: ClockTime = Field(alias="to")

    @model_validator(mode="after")
    def _not_empty(self) -> "QuietHours":
        if self.start == self.end:
            raise ValueError("from and to must differ")
        return self

    def hold(self, at: time) -> bool:
        """Say whether a time of the portal's day is quiet; ``from`` is, ``to`` no longer."""
        if self.start < self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end


class Breaker(_Table):
    """When a path is stopped: after the same fault on so many different orders in a row."""

    same_fault: Annotated[int, _whole(1)] = 3


class Pace(_Table):
    """How slowly a shop is worked."""

    between_orders_s: Annotated[float, BeforeValidator(_seconds)] = 0.0


class Waits(_Table):
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


class Messages(_Table):
    """A shop's own words to the counterparty and the platform; None: the scenario's words.

    Each may name ``{order_id}``, ``{reason}`` and ``{amount}``, and nothing else, so ``str.format`` is safe on it.
    """

    ask_consent: Template | None = None
    refund: Template | None = None
    ask_return: Template | None = None
    remind_payment: Template | None = None
    answer_review: Template | None = None
    dispute: Template | None = None
    ticket: Template | None = None
    ticket_more: Template | None = None
    ticket_reminder: Template | None = None


class Tickets(_Table):
    """How support tickets are followed: after what silence the platform is reminded, and how often."""

    remind_after: Annotated[timedelta | None, BeforeValidator(_duration_or_off)] = timedelta(days=3)
    reminders: Count = 2


class Notify(_Table):
    """How the shop's own people hear of what waits for them: by which channels, how often, when not.

    A channel is a reference for ``resolve_secret``, or an Apprise address of this machine.
    """

    people: Annotated[tuple[Channel, ...], NoDecode, BeforeValidator(_channels), AfterValidator(_different)] = ()
    quiet_hours: QuietHours | None = None
    batch_every: Duration = timedelta(minutes=15)
    language: Tongue = "zh"


class NoticeWords(_Table):
    """A shop's own words of a notice in one language; None: ours."""

    subject: NoticeTemplate | None = None
    unpaid: NoticeTemplate | None = None
    paid: NoticeTemplate | None = None

    def given(self) -> dict[NoticeText, str]:
        """Return the words that there are."""
        every = {text: getattr(self, text.value) for text in NoticeText}
        return {text: words for text, words in every.items() if words is not None}


class Notice(_Table):
    """How a buyer hears that an order was closed, beside the portal.

    ``email`` and ``sms`` are channels whose Apprise address has ``{to}`` where the buyer's goes, which ``addresses``
    knows.
    """

    language: Tongue = "zh"
    email: Channel | None = None
    sms: Channel | None = None
    addresses: Annotated[FilePath, _there(Path.is_file, "file")] | None = None
    quiet_hours: QuietHours | None = None
    refund_days: Annotated[int, _whole(1, 60)] = REFUND_DAYS
    zh: NoticeWords = NoticeWords()
    en: NoticeWords = NoticeWords()

    @model_validator(mode="after")
    def _has_addresses(self) -> "Notice":
        if self.addresses is None and (self.email is not None or self.sms is not None):
            raise ValueError("addresses is missing: it names the file that knows where a buyer's e-mail or SMS goes")
        return self

    def wording(self) -> Wording:
        """Return the shop's words as notices are made with them."""
        own = {"zh": self.zh, "en": self.en}
        return Wording({tongue: own[tongue].given() for tongue in TONGUES}, self.refund_days)


class AftercareWishes(_Table):
    """What is done once an order is closed: the refund watched, the buyer told, the stock set, the reviews watched."""

    refund: Annotated[timedelta | None, BeforeValidator(_duration_or_off)] = timedelta(days=3)
    notice: Literal["off", "portal"] = "off"
    review: Annotated[timedelta | None, BeforeValidator(_duration_or_off)] = None
    stock: Literal["off", "set", "check"] = "off"


class StockBooks(_Table):
    """Where a shop's own books are told of a stock that was set: at an address, signed by a secret, or in a folder."""

    webhook: Annotated[str, BeforeValidator(_reference)] | None = None
    secret: Annotated[str, BeforeValidator(_reference)] | None = None
    drop: Annotated[FilePath, _there(Path.is_dir, "folder")] | None = None
    drop_as: Literal["json", "csv"] = "json"

    @property
    def is_wanted(self) -> bool:
        """Whether anybody is to be told."""
        return self.webhook is not None or self.drop is not None

    @model_validator(mode="after")
    def _one_way(self) -> "StockBooks":
        if (self.webhook is None) != (self.secret is None):
            raise ValueError("webhook and secret go together: every event is signed")
        if self.webhook is not None and self.drop is not None:
            raise ValueError("has both webhook and drop: keep one")
        if self.drop is None and "drop_as" in self.model_fields_set:
            raise ValueError("drop_as says how files are written into the folder drop, which is missing")
        return self


class Shop(_Table):
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
    profile_dir: Annotated[FilePath, _there(Path.is_dir, "folder")] | None = None
    role: Role
    username: Text
    shown_as: Text | None = None
    language: Text | None = None
    password: Annotated[str, BeforeValidator(_reference)]
    limits: Limits = Limits()
    allowed_reasons: Annotated[tuple[Reason, ...], NoDecode, BeforeValidator(_reasons)] = tuple(Reason)
    consent: Literal["declared", "proof"] = "declared"
    consent_valid: Annotated[timedelta | None, BeforeValidator(_duration_or_off)] = timedelta(days=30)
    quiet_hours: QuietHours | None = None
    breaker: Breaker = Breaker()
    pace: Pace = Pace()
    waits: Waits = Waits()
    wait_s: Count = 60
    lanes: Annotated[int, _whole(*LANES)] | None = None
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


Shops = dict[Annotated[str, AfterValidator(_shop_name)], Shop]


class RuleLimits(_Table):
    """How much one run of a rule may do, beside the shop's own limits."""

    orders_per_run: Annotated[int, _whole(1)] | None = None
    amount_per_run: Yuan | None = None


class AskedByRule(_Table):
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


class Untouched(_Table):
    """The white list: orders, and buyers by the name that the portal shows, that no request ever touches."""

    orders: tuple[Annotated[StrictStr, AfterValidator(parse_order_id)], ...] = ()
    buyers: Annotated[tuple[str, ...], BeforeValidator(_words)] = Field((), repr=False)

    def as_never(self) -> Never:
        """Return the list as decisions look at it."""
        return Never(frozenset(self.orders), frozenset(map(plain, self.buyers)))


class Advice(_Table):
    """From how many orders of a report on it gives advice, by what was wrong with them."""

    product_info_errors: Annotated[int, _whole(1)] = 3
    unpaid_timeouts: Annotated[int, _whole(1)] = 10
    stock_outs: Annotated[int, _whole(1)] = 1
    remind_after: Duration = timedelta(hours=24)


class Doctor(_Table):
    """How long a good visit of doctor is trusted before a batch begins with another one; None: none does."""

    before_batch: Annotated[timedelta | None, BeforeValidator(_duration_or_off)] = timedelta(hours=12)


class Settings(_Table):
    """All settings."""

    store: Store
    browser: Browser = Browser()
    doctor: Doctor = Doctor()
    shops: Annotated[Shops, AfterValidator(_distinct)] = {}
    rules: dict[Annotated[str, AfterValidator(_rule_name)], AskedByRule] = {}
    never: Untouched = Untouched()
    advice: Advice = Advice()
    _file: Path = PrivateAttr(default=Path(FILE_NAME))

    @property
    def file(self) -> Path:
        """The file that they came from, to name it where a fault is found later."""
        return self._file

    def rule(self, name: str) -> AskedByRule:
        """Return a rule by its name.

        Raises:
            ConfigError: there is none of this name.
        """
        if name not in self.rules:
            known = ", ".join(self.rules) or "none"
            raise ConfigError([f"there is no rule {name!r} in the settings; rules there: {known}"])
        return self.rules[name]

    def shop(self, name: str) -> Shop:
        """Return a shop by its name.

        Raises:
            ConfigError: there is none of this name.
        """
        if name not in self.shops:
            known = ", ".join(self.shops) or "none"
            raise ConfigError([f"there is no shop {name!r} in the settings; shops there: {known}"])
        return self.shops[name]


class _Environment(BaseSettings):
    """What pydantic-settings has to know to find our variables; never built."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter=NESTED, env_ignore_empty=True, extra="ignore"
    )

    store: Store
    browser: Browser
    doctor: Doctor
    shops: Shops
    advice: Advice


def load(path: Path | None) -> Settings:
    """Return the settings of a file, by default ``closewright.toml`` in the working directory.

    Raises:
        ConfigError: there is no such file, or something in it or in the variables is wrong; all faults are told.
    """
    file = path or Path(FILE_NAME)
    data = _toml(file)
    faults = _plain_password(file, data) + _stray_variables()
    overrides, more = _overrides(file, data)
    faults += more
    merged = {"store": {}} | _merged(data, overrides)
    try:
        settings = Settings.model_validate(merged, context={"folder": file.absolute().parent})
    except ValidationError as error:
        faults += [_fault(file, details, overrides) for details in error.errors(include_url=False, include_input=False)]
        raise ConfigError(faults) from None  # the cause would show the values, a misplaced secret among them
    if faults:
        raise ConfigError(faults)
    settings._file = file  # noqa: SLF001 - our own; a field would be a key of the file
    return settings


def _toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        raise ConfigError(
            [f"{file}: no such file; looked for {file.absolute()}. A small one to begin with:\n\n{EXAMPLE}"]
        ) from None
    except OSError as error:
        raise ConfigError([f"{file}: cannot be read ({error.strerror}): give a file that you may read"]) from error
    except UnicodeDecodeError as error:
        raise ConfigError([f"{file}: is not UTF-8: save it again as UTF-8"]) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"{file}: is not TOML: {error}"]) from error


def _plain_password(file: Path, data: Mapping[str, Any]) -> list[str]:
    """Return a fault where the file itself holds the database's password."""
    store = data.get("store")
    url = store.get("url") if isinstance(store, dict) else None
    if isinstance(url, str) and _URL_PASSWORD.match(url):
        where = f"in the variable {PREFIX}STORE{NESTED}URL, or only the password in a pgpass file"
        return [f"{file}: store.url: holds a password: put the whole address {where}"]
    return []


def _stray_variables() -> list[str]:
    """Return faults for variables that are shaped like ours and name no table of ours."""
    tables = tuple(_Environment.model_fields)
    faults = []
    for name in sorted(os.environ):
        table, nested, _ = name.upper().removeprefix(PREFIX).lower().partition(NESTED)
        if name.upper().startswith(PREFIX) and table in Settings.model_fields and table not in tables:
            faults.append(f"{name}: [{table}] stands in the file only, and no variable changes it")
        elif name.upper().startswith(PREFIX) and nested and table not in tables:
            faults.append(f"{name}: there is no table {table!r} of settings; {_nearest(table, tables)}")
    return faults


def _overrides(file: Path, data: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return what the variables say, by the file's names of shops, and faults for shops that it has not."""
    try:
        found = EnvSettingsSource(_Environment)()
    except SettingsError as error:
        raise ConfigError([f"{PREFIX}* variables: {error}: write JSON, or one variable per key"]) from error
    shops = data.get("shops")
    names = {name.casefold(): name for name in shops} if isinstance(shops, dict) else {}
    by_shop = {}
    faults = []
    for name, values in found.pop("shops", {}).items():
        if name.casefold() in names:
            by_shop[names[name.casefold()]] = values
        else:
            known = ", ".join(names.values()) or "none"
            faults.append(f"{_variable(('shops', name))}{NESTED}*: {file} has no shop {name!r}; shops there: {known}")
    return found | ({"shops": by_shop} if by_shop else {}), faults


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(below)
    for key, value in above.items():
        old = result.get(key)
        result[key] = _merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return result


def _variable(keys: tuple[str, ...]) -> str:
    return PREFIX + NESTED.join(keys).upper()


# --- Faults in the words of the file

_WORDS = {
    "string_type": "must be a string in quotes",
    "string_too_short": "must not be empty",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "model_type": "must be a table",
    "dict_type": "must be a table",
}


def _fault(file: Path, details: ErrorDetails, overrides: Mapping[str, Any]) -> str:
    keys = tuple(str(part) for part in details["loc"] if part != "[key]")
    place = ".".join(keys)
    where = f"{_variable(keys)} ({place})" if _has(overrides, keys) else f"{file}: {place}"
    return f"{where}: {_what(details, keys)}"


def _has(data: object, keys: tuple[str, ...]) -> bool:
    for key in keys:
        if not isinstance(data, dict) or key not in data:
            return False
        data = data[key]
    return True


def _what(details: ErrorDetails, keys: tuple[str, ...]) -> str:
    kind = details["type"]
    if kind == "extra_forbidden":
        return f"there is no such key; {_nearest(keys[-1], _keys_of(keys[:-1]))}"
    if kind == "missing":
        return f"is missing: add it to [{'.'.join(keys[:-1])}]"
    if kind == "value_error":
        return str(details["ctx"]["error"])
    return _WORDS.get(kind) or details["msg"].replace("Input should be", "must be")


def _nearest(word: str, known: tuple[str, ...]) -> str:
    near = get_close_matches(word.lower(), known, n=1)
    return f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"


def _keys_of(place: tuple[str, ...]) -> tuple[str, ...]:
    """Return the keys that the table at a place may have, as the file writes them."""
    kind: Any = Settings
    for key in place:
        kind = get_args(kind)[1] if get_origin(kind) is dict else _field_type(kind, key)
    return tuple(field.alias or name for name, field in kind.model_fields.items())


def _field_type(table: type[BaseModel], key: str) -> Any:
    field = next(field for name, field in table.model_fields.items() if key in (name, field.alias))
    choices = get_args(field.annotation) if get_origin(field.annotation) is not dict else ()
    return next((choice for choice in choices if choice is not type(None)), field.annotation)


# --- Secrets


def resolve_secret(ref: str) -> str:
    """Return the secret that ``env:NAME`` or ``keyring:SERVICE[/USER]`` points to.

    Raises:
        ConfigError: there is nothing at that place, or no keyring on this system.
    """
    kind, _, place = ref.partition(":")
    if not _SECRET.fullmatch(ref):
        raise ConfigError(['a secret must be given as "env:NAME" or "keyring:SERVICE/USER"'])
    if kind == "keyring":
        return _from_keyring(*place.partition("/")[::2])
    secret = os.environ.get(place)
    if not secret:
        raise ConfigError([f"the environment variable {place} is not set: set it to the secret"])
    return secret


def web_address(ref: str) -> str:
    """Return the address that a reference points to.

    Raises:
        ConfigError: there is nothing at that place, or no address of a web server.
    """
    address = resolve_secret(ref)
    try:
        parts = urlsplit(address)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ConfigError([f"{ref} holds no address such as https://erp.example.com/stock"])
    return address


def _from_keyring(service: str, user: str) -> str:
    import keyring  # noqa: PLC0415 - slow to import, and seldom needed
    import keyring.errors  # noqa: PLC0415

    shown = f"{service}/{user}" if user else service
    try:
        found = keyring.get_credential(service, user or None)
    except keyring.errors.KeyringError as error:
        raise ConfigError([f"keyring:{shown}: the keyring of this system cannot be used ({error})"]) from error
    if found is None or not found.password:
        raise ConfigError([f"keyring:{shown}: nothing is there: run `keyring set {service} {user or 'USER'}`"])
    return found.password
