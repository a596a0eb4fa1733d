"""Who hears of the work outside the portal, and by which channels: the shop's own people, and buyers."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, model_validator
from pydantic_settings import NoDecode

from agent.domain.notices import REFUND_DAYS, TONGUES, Tongue, Wording
from agent.settings.quiet_hours import QuietHours
from agent.settings.secret import SECRET
from agent.settings.table import Table
from agent.settings.templates import NoticeWords
from agent.settings.values import Duration, FilePath, there, whole

# A channel that leaves this machine has a token or a password in its address; these do not.
_PLAIN_CHANNEL = re.compile(
    r"(?!.*[?&]pass)(?:json|mailto)://(?:127\.0\.0\.1|localhost)(?::[0-9]{1,5})?(?:[/?][^\s@]*(?:@[^\s@]*)*)?"
)


def _channel(value: object) -> str:
    # The value is not shown: it may hold a token.
    if isinstance(value, str) and (SECRET.fullmatch(value) or _PLAIN_CHANNEL.fullmatch(value)):
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


Channel = Annotated[str, BeforeValidator(_channel)]


class Notify(Table):
    """How the shop's own people hear of what waits for them: by which channels, how often, when not.

    A channel is a reference for ``resolve_secret``, or an Apprise address of this machine.
    """

    people: Annotated[tuple[Channel, ...], NoDecode, BeforeValidator(_channels), AfterValidator(_different)] = ()
    quiet_hours: QuietHours | None = None
    batch_every: Duration = timedelta(minutes=15)
    language: Tongue = "zh"


class Notice(Table):
    """How a buyer hears that an order was closed, beside the portal.

    ``email`` and ``sms`` are channels whose Apprise address has ``{to}`` where the buyer's goes, which ``addresses``
    knows.
    """

    language: Tongue = "zh"
    email: Channel | None = None
    sms: Channel | None = None
    addresses: Annotated[FilePath, there(Path.is_file, "file")] | None = None
    quiet_hours: QuietHours | None = None
    refund_days: Annotated[int, whole(1, 60)] = REFUND_DAYS
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
