"""What a visit found, in the words of the profile's file."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from agent.doctor.differences import Difference


class State(StrEnum):
    """What a visit can say of an entry; later ones outweigh earlier ones where several looks differ."""

    UNREAD = "unread"  # not met on this visit: nothing is known
    FOUND = "found"
    MISSING = "missing"
    AMBIGUOUS = "ambiguous"  # more than one thing matches, which is as bad as none


class Entry(NamedTuple):
    """One entry of the profile, by its dotted path, and what the visit says of it."""

    entry: str
    state: State
    where: str
    note: str


class UnknownWord(NamedTuple):
    """A text of the portal that the table ``[words.<axis>]`` does not list."""

    axis: str
    text: str
    where: str


@dataclass(frozen=True, slots=True)
class Findings:
    """All that one visit found.

    Attributes:
        entries: every entry that a person would repair, in the order of the file's format.
        blocked: requests of the portal's pages that the gate did not let out; a read among them wants a rule.
        confirmed: unverified entries that this visit has confirmed for the shop.
        still_unverified: those that nobody has confirmed yet, reading and acting ones.
        last_run_complaint: what is wrong with the shop's last run; it says nothing about the profile.
        differences: what has changed since the last good visit, and what the profile tells otherwise.
        troubles: what did not come because the portal was down or slow; nothing is known of it.
        good_since: when the visit that this one was compared with was last found good.
    """

    profile: str
    shop: str
    orders: tuple[str, ...]
    entries: tuple[Entry, ...]
    unknown_words: tuple[UnknownWord, ...] = ()
    blocked: tuple[str, ...] = ()
    confirmed: tuple[str, ...] = ()
    still_unverified: tuple[str, ...] = ()
    last_run_complaint: str | None = None
    differences: tuple["Difference", ...] = ()
    troubles: tuple[str, ...] = ()
    good_since: datetime | None = None

    @property
    def ok(self) -> bool:
        """Whether all that was met is as the profile tells."""
        wrong = {State.MISSING, State.AMBIGUOUS}
        return not self.unknown_words and all(entry.state not in wrong for entry in self.entries)

    @property
    def changed(self) -> bool:
        """Whether anything has changed that reading or acting leans on."""
        return any(one.weight != "cosmetic" for one in self.differences)

    def as_json(self) -> dict[str, Any]:
        """Return the findings as plain JSON."""
        return {
            "profile": self.profile,
            "shop": self.shop,
            "ok": self.ok,
            "orders": list(self.orders),
            "entries": [{**entry._asdict(), "state": entry.state.value} for entry in self.entries],
            "unknown_words": [word._asdict() for word in self.unknown_words],
            "blocked": list(self.blocked),
            "confirmed": list(self.confirmed),
            "still_unverified": list(self.still_unverified),
            "last_run_complaint": self.last_run_complaint,
            "differences": [one.as_json() for one in self.differences],
            "troubles": list(self.troubles),
            "good_since": None if self.good_since is None else self.good_since.isoformat(),
        }
