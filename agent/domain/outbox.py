"""What is to be told outside the portal: the rows of the outbox, and when one that failed is tried again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

MOST_TRIES = 6
_PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 240))


class Audience(StrEnum):
    """Whom a message is for."""

    BUYER = "buyer"
    PEOPLE = "people"  # of the shop


class MailState(StrEnum):
    """What became of a message."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"  # given up after so many tries
    DROPPED = "dropped"  # it was answered before it could be told


@dataclass(frozen=True, slots=True)
class Mail:
    """One thing to tell to one channel.

    ``channel`` is what the settings call it, never its address. ``recipient`` says by what a buyer's address is
    found when the message leaves: ``order``, or ``buyer:`` and the hash of a name; empty for people.
    ``purpose`` says what it tells of, and is told to a channel once per case.
    """

    shop: str
    channel: str
    audience: Audience
    purpose: str
    subject: str
    body: str
    case_id: str | None = None
    recipient: str = ""

    @property
    def key(self) -> str:
        """What is unique: a case's purpose on one channel."""
        return "|".join((self.case_id or f"shop {self.shop}", self.purpose, self.channel))


@dataclass(frozen=True, slots=True)
class Queued:
    """A message in the outbox."""

    mail_id: int
    mail: Mail
    state: MailState
    attempts: int
    next_try_at: datetime
    created_at: datetime
    last_error: str | None = None
    sent_at: datetime | None = None


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after so many tries before the next one."""
    return _PAUSES[min(attempts, len(_PAUSES)) - 1]
