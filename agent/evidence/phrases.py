"""Our texts in Chinese: a catalogue of phrases with gaps, and what finds a text in it.

The store, the evidence and ``--json`` keep the English; this is for those who read a screen or a report.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from string import Formatter
from typing import Any

from agent.evidence.words import WORDS

# A page's text within one of ours may be of any length, and be written to keep us busy.
_LONGEST = 1000
_DEEPEST = 4
_SPAN = re.compile(r"([0-9]+) ([a-z]+)")
_BETWEEN_WORDS = re.compile(", | and ")


@dataclass(frozen=True, slots=True)
class Gap:
    """What may stand in a gap: see the head of the catalogue."""

    of: str = "."
    first: str = ""
    phrase: str = ""
    words: Mapping[str, str] | None = None
    prefix: str = ""
    units: Mapping[str, str] | None = None

    @property
    def verbatim(self) -> bool:
        """Whether what stands there is taken over as it is."""
        return not self.phrase and self.words is None and self.units is None

    def in_words(self, value: str) -> str:
        """Return one or several words of ours, or a time span, in Chinese; an unknown one stays."""
        if self.units is not None:
            return _SPAN.sub(lambda found: f"{found[1]} {(self.units or {}).get(found[2], found[2])}", value)
        if self._word(value) is not None:
            return self._word(value) or value
        return "、".join(self._word(word) or word for word in _BETWEEN_WORDS.split(value))

    def _word(self, word: str) -> str | None:
        known = WORDS.get(self.prefix + word)
        return (self.words or {}).get(word) or (known.zh if known is not None else None)


class CutTwoWays(ValueError):
    """A text is a phrase, and may be cut into the phrase and what was filled in in more than one way."""


@dataclass(frozen=True, slots=True)
class Template:
    """One line of the catalogue."""

    en: str
    zh: str
    frame: bool
    gaps: tuple[str, ...] = field(init=False)
    literals: tuple[str, ...] = field(init=False)  # what stands before, between and after the gaps

    def __post_init__(self) -> None:
        literals = [""]
        gaps: list[str] = []
        for literal, name, _, _ in Formatter().parse(self.en):
            literals[-1] += literal  # a doubled brace ends a part without a gap
            if name is not None:
                gaps.append(name)
                literals.append("")
        object.__setattr__(self, "gaps", tuple(gaps))
        object.__setattr__(self, "literals", tuple(literals))

    def values_in(self, text: str) -> dict[str, str] | None:
        """Return what stands in the gaps of a text, None where it is not this phrase.

        Raises:
            CutTwoWays: it is, and what stands in the gaps cannot be told for sure.
        """
        if not (text.startswith(self.literals[0]) and text.endswith(self.literals[-1])):
            return None
        shortest, longest = _patterns(self)
        found = shortest.fullmatch(text)
        if found is None:
            return None
        other = longest.fullmatch(text)
        # The first takes the least for each gap from the left, the second the most: where they agree, there is one way.
        if other is None or other.groups() != found.groups():
            raise CutTwoWays(self.en)
        return dict(zip(self.gaps, found.groups(), strict=True))


def span_in_chinese(text: str) -> str:
    """Return a time span as people read it, such as ``71 h 12 min``, in Chinese."""
    return gap("age").in_words(text)


def in_chinese(text: str) -> str:
    """Return a text of ours in Chinese, with what was filled in as it was; one that is not in the catalogue stays."""
    return _said(text, 0) or text


@cache
def templates() -> tuple[Template, ...]:
    """Return the catalogue, in the order in which it is tried.

    What begins with the longest text of ours goes first: whatever a page or a person said comes after it.
    """
    lines = [
        Template(en, zh, frame=table == "frames")
        for table in ("phrases", "frames")
        for en, zh in _catalogue()[table].items()
    ]
    return tuple(sorted(lines, key=lambda line: (-len(line.literals[0]), -len("".join(line.literals)))))


@cache
def gap(name: str) -> Gap:
    """Return what may stand in the gap of this name."""
    return Gap(**_catalogue()["gaps"].get(name, {}))


@cache
def _catalogue() -> dict[str, dict[str, Any]]:
    return tomllib.loads(files("agent.evidence").joinpath("phrases_zh.toml").read_text("utf-8"))


@cache
def _patterns(template: Template) -> tuple[re.Pattern[str], re.Pattern[str]]:
    def pattern(many: str) -> re.Pattern[str]:
        gaps = [f"({_ahead(gap(name).first)}(?:{gap(name).of}){many})" for name in template.gaps]
        parts = [re.escape(template.literals[0])]
        for one, literal in zip(gaps, template.literals[1:], strict=True):
            parts += [one, re.escape(literal)]
        return re.compile("".join(parts), re.DOTALL)

    return pattern("+?"), pattern("+")


def _ahead(pattern: str) -> str:
    return f"(?={pattern})" if pattern else ""


@lru_cache(maxsize=4096)
def _said(text: str, depth: int) -> str | None:
    if not text or len(text) > _LONGEST or depth > _DEEPEST:
        return None
    try:
        for template in templates():
            values = template.values_in(text)
            told = None if values is None else _told(template, values, depth)
            if told is not None:
                return told
    except CutTwoWays:
        return None  # a guess could change what was filled in
    return None


def _told(template: Template, values: Mapping[str, str], depth: int) -> str | None:
    """Return the Chinese of a phrase; None where a gap that has to be a phrase holds none."""
    shown: dict[str, str] = {}
    for name, value in values.items():
        kind = gap(name)
        inner = _said(value, depth + 1) if kind.phrase else None
        if inner is None and kind.phrase == "always":
            return None
        shown[name] = inner or (value if kind.verbatim else kind.in_words(value))
    return template.zh.format_map(shown)
