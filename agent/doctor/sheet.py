"""Where a visit writes down what it sees; several looks at one entry are weighed against each other."""

from collections.abc import Iterable

from agent.doctor.findings import Entry, State, UnknownWord
from page_objects.locate import normalised
from page_objects.words import WordReader

_LONGEST = 60
_WEIGHT = list(State)


def shown(text: str) -> str:
    """Return a text of the portal as it may be printed: short, on one line, without control characters."""
    line = "".join(char if char.isprintable() else " " for char in normalised(text))
    return line if len(line) <= _LONGEST else line[:_LONGEST] + "…"


class Sheet:
    """What is known of each entry so far."""

    def __init__(self, entries: Iterable[str], words: WordReader) -> None:
        self._entries = {entry: Entry(entry, State.UNREAD, "", "not met on this visit") for entry in entries}
        self._words = words
        self._unknown: dict[tuple[str, str], UnknownWord] = {}
        self._meanings: set[str] = set()

    def write(self, entry: str, state: State, where: str, note: str = "") -> None:
        """Write down one look; of several, the one that says the worst stays, else the first."""
        known = self._entries.get(entry)
        if known is None:
            return  # the profile does not have this optional entry
        heavier = _WEIGHT.index(state) > _WEIGHT.index(known.state)
        if heavier or (state is known.state is State.UNREAD and note):
            self._entries[entry] = Entry(entry, state, where, note)

    def found(self, entry: str, where: str) -> None:
        """Write down that an entry is as the profile tells."""
        self.write(entry, State.FOUND, where)

    def missing(self, entry: str, where: str, note: str) -> None:
        """Write down that nothing matches an entry, or nothing that makes sense."""
        self.write(entry, State.MISSING, where, note)

    def count(self, entry: str, matches: int, where: str, *, needed: bool = True, several: bool = False) -> bool:
        """Write down how many things match an entry, and return whether it is as many as there should be."""
        if matches == 0 and not needed:
            self.write(entry, State.UNREAD, where, "not shown here")
        elif matches == 0:
            self.write(entry, State.MISSING, where, "nothing matches")
        elif matches > 1 and not several:
            self.write(entry, State.AMBIGUOUS, where, f"{matches} match, expected one")
        else:
            self.found(entry, where)
        return matches == 1 or (several and matches > 1)

    def word(self, axis: str, text: str, where: str) -> str | None:
        """Return what a text means on an axis; a text without a meaning is written down."""
        meaning = self._words.known(axis, text)
        entry = f"words.{axis}"
        if meaning is None:
            self._unknown.setdefault((axis, normalised(text)), UnknownWord(axis, shown(text), where))
            self.missing(entry, where, f"does not list {shown(text)!r}")
        else:
            self._meanings.add(f"{entry}.{meaning}")
            self.found(entry, where)
        return meaning

    def state(self, entry: str) -> State | None:
        """Return what is known of an entry, or None where it is not one."""
        known = self._entries.get(entry)
        return None if known is None else known.state

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries."""
        return tuple(self._entries.values())

    @property
    def unknown_words(self) -> tuple[UnknownWord, ...]:
        """Every text that the word tables do not list, once an axis."""
        return tuple(self._unknown.values())

    @property
    def troubles(self) -> int:
        """How much is wrong so far."""
        wrong = (State.MISSING, State.AMBIGUOUS)
        return len(self._unknown) + sum(entry.state in wrong for entry in self._entries.values())

    @property
    def wrong(self) -> dict[str, str]:
        """What does not fit the profile, by entry."""
        wrong = (State.MISSING, State.AMBIGUOUS)
        return {entry.entry: entry.state.value for entry in self._entries.values() if entry.state in wrong}

    def wrong_at(self, where: str) -> list[str]:
        """Return the entries that a look at one place has found wrong; a table whose text is not listed is one."""
        wrong = (State.MISSING, State.AMBIGUOUS)
        entries = [entry.entry for entry in self._entries.values() if entry.state in wrong and entry.where == where]
        return entries + [f"words.{word.axis}" for word in self._unknown.values() if word.where == where]

    def seen(self, paths: Iterable[str], *, before: frozenset[str] = frozenset()) -> list[str]:
        """Return those of ``paths`` that were really seen; ``before`` counts for the parts of a whole table.

        A path is the entry itself, a part of it (``….role``), one meaning of a word table, or a table of entries.
        """
        return [path for path in paths if self._seen(path, before)]

    def _seen(self, path: str, before: frozenset[str]) -> bool:
        if path in self._meanings:
            return True
        part_of = next((entry for entry in self._entries if path == entry or path.startswith(entry + ".")), None)
        if part_of is not None:
            of_a_word = part_of != path and part_of.startswith("words.")
            return not of_a_word and self._entries[part_of].state is State.FOUND
        parts = [entry for entry in self._entries if entry.startswith(path + ".")]
        return bool(parts) and all(self._entries[part].state is State.FOUND or part in before for part in parts)
