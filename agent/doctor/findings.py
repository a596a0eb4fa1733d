"""What a visit found, in the words of the profile's file."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple


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

    @property
    def ok(self) -> bool:
        """Whether all that was met is as the profile tells."""
        wrong = {State.MISSING, State.AMBIGUOUS}
        return not self.unknown_words and all(entry.state not in wrong for entry in self.entries)

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
        }
