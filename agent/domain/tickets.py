"""Support tickets: what a shop wants of them, and what a person has said to what the platform asks."""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any

from agent.domain.chain import canonical

ASKED = "ticket_asked"  # fact of a case: the ticket that a person was asked about, with what was said in it last
SAID = "ticket_said"  # fact of a case: what a person has said to that


@dataclass(frozen=True, slots=True)
class TicketWishes:
    """How a shop follows its tickets.

    ``remind_after`` is how long the platform may say nothing before it is reminded (None: it never is), ``reminders``
    how often it is before a person is told, and ``look_every`` how often is looked meanwhile.
    """

    remind_after: timedelta | None = None
    reminders: int = 2
    look_every: timedelta = timedelta(hours=2)


NO_REMINDERS = TicketWishes()


@dataclass(frozen=True, slots=True)
class Reply:
    """A person's reply to one ticket as it was then: ``heard`` names what the platform had said.

    ``files`` are what goes with it, each ``{"name", "sha256", "ext"}`` of a kept file.
    """

    ticket: str
    heard: str
    text: str
    files: tuple[dict[str, str], ...]
    by: str

    @property
    def mark(self) -> str:
        """The text, the files and what they reply to, as one short word: nothing is sent twice under it."""
        return sha256(canonical([self.ticket, self.heard, self.text, list(self.files)])).hexdigest()

    def as_json(self) -> dict[str, Any]:
        """Return the reply as plain JSON."""
        told = {"ticket": self.ticket, "heard": self.heard, "text": self.text, "by": self.by}
        return {**told, "files": list(self.files)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Reply":
        """Return the reply that ``as_json`` wrote."""
        return cls(data["ticket"], data["heard"], data["text"], tuple(data["files"]), data["by"])
