"""What is left of a text of ours when nothing that a page, a buyer or a colleague wrote may stand in it."""

import re
from collections.abc import Mapping

from agent.evidence.phrases import CutTwoWays, Template, gap, templates
from agent.evidence.words import WORDS, Phrase

_LONGEST = 1000
_DEEPEST = 4
_LEFT_OUT = "…"
_NUMBER = re.compile(r"[0-9.,]{1,16}", re.ASCII)
# Gaps for numbers and ids of ours, and what those look like.
_HARMLESS: Mapping[str, re.Pattern[str]] = {
    **dict.fromkeys(("n", "m", "amount", "limit"), _NUMBER),
    "case": re.compile(r"[a-z][a-z2-7]{12}", re.ASCII),
    "order": re.compile(r"[0-9]{15,20}", re.ASCII),
}


def ours_alone(text: str) -> Phrase | None:
    """Return a text of ours in both languages, with … for all that others may have filled in; None: it is not ours."""
    return _ours(text, 0)


def _ours(text: str, depth: int) -> Phrase | None:
    if not text or len(text) > _LONGEST or depth > _DEEPEST:
        return None
    try:
        for template in templates():
            values = template.values_in(text)
            said = None if values is None else _told(template, values, depth)
            if said is not None:
                return said
    except CutTwoWays:
        return None
    return None


def _told(template: Template, values: dict[str, str], depth: int) -> Phrase | None:
    zh: dict[str, str] = {}
    en: dict[str, str] = {}
    for name, value in values.items():
        shown = _shown(name, value, depth)
        if shown is None and gap(name).phrase == "always":
            return None
        zh[name], en[name] = (_LEFT_OUT, _LEFT_OUT) if shown is None else (shown.zh, shown.en)
    return Phrase(template.zh.format_map(zh), template.en.format_map(en))


def _shown(name: str, value: str, depth: int) -> Phrase | None:
    kind = gap(name)
    if kind.phrase:
        return _ours(value, depth + 1)
    if kind.words is not None:
        known = value in kind.words or kind.prefix + value in WORDS
        return Phrase(kind.in_words(value), value.replace("_", " ")) if known else None
    harmless = name in _HARMLESS and _HARMLESS[name].fullmatch(value) is not None
    return Phrase(value, value) if harmless else None
