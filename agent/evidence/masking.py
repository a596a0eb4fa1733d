"""Cuts private values out of text and JSON before anything of them is kept."""

import hashlib
import hmac
import json
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import partial
from html.entities import html5
from typing import Any
from urllib.parse import quote, quote_plus

from agent.errors import ConfigError

MASK = "▇▇"

_SHORTEST = 2
_PHONE_DIGITS = 7
_DEEPEST = 100
_WIDEST = 24  # characters that one escaped character may take, gaps beside it included
_WINDOW = 4096

# One escaped run, also when it was escaped twice (JSON in JSON, a URL in a URL, HTML in HTML).
_HEX4 = r"u[0-9a-fA-F]{4}"
_SPECIAL = (
    rf"(?P<unicode>(?:\\|%(?:25)*5[cC])++u(?P<hex4>[0-9a-fA-F]{{4}}))"
    rf"|(?P<percent>(?:%(?!(?:25)*5[cC]{_HEX4})(?:25)*[0-9a-fA-F]{{2}})+)"
    r"|(?P<entity>&(?:amp;)*(?:#(?P<dec>[0-9]{1,7})|#[xX](?P<hex>[0-9a-fA-F]{1,6})|(?P<named>[a-zA-Z]{2,31}));)"
    rf"|(?P<gap>(?:\s|\+|[\u200b-\u200f\u2060\ufeff]|\\++(?!{_HEX4})LETTER)+)"
)
# A backslash may begin an escaped line break, or stand before a letter that counts.
_ESCAPED = re.compile(_SPECIAL.replace("LETTER", "[nrtbf]?"))
_LITERAL = re.compile(_SPECIAL.replace("LETTER", ""))
_ANY_ESCAPE = re.compile(rf"(?=[\\%&])(?:{_SPECIAL.partition('|(?P<gap>')[0]})")
_LINE_BREAK = re.compile(r"\\[nrtbf]")
_PHONE_GAP = re.compile(r"[-‐‑‒–—―−－./·•()（）_]")
_DROPPED = re.compile(r"[+\\\u200b-\u200f\u2060\ufeff]+")
_FULL_WIDTH = re.compile("[\uff01-\uff5e]")


class Mask:
    """Knows the private values of one order, and what private text looks like.

    A value is found also where it is escaped for JSON, a URL (UTF-8 or GBK) or HTML, in other letter case, in
    full-width digits, and with white space inside; a phone number also with dashes, dots or brackets inside.
    """

    def __init__(self, values: Iterable[str], patterns: Iterable[str]) -> None:
        """Take private values (shorter than two characters: ignored) and regular expressions.

        Raises:
            ConfigError: a pattern is not a regular expression; all such are named.
        """
        kept = {value.strip() for value in values if len(value.strip()) >= _SHORTEST}
        plain = {_folded(value) for value in kept}
        self._values = tuple(value for value in plain if len(value) >= _SHORTEST)
        self._phones = tuple({phone for value in plain for phone in _phones_of(value)})
        self._overlap = max(map(len, plain), default=0) * _WIDEST
        self._gbk = tuple(needle for value in kept for needle in _gbk_needles(value))
        self._patterns = _compiled(patterns)

    def text(self, text: str) -> str:
        """Return ``text`` with each private part replaced by one ``▇▇``."""
        suspect = self._suspect(text)
        cut = _cut(text, (*self._plain_spans(text), *(self._window_spans(text) if suspect else ())))
        if suspect and self._suspect(cut):  # spread wider than a window: look through the whole text at once
            cut = _cut(cut, self._values_in(cut))
        return cut

    def json(self, data: Any, keys: frozenset[str]) -> Any:
        """Return plain JSON without private parts.

        The value of every key in ``keys`` (in any letter case, at any depth) is cut whole unless it is null; all
        other text goes through ``text``, keys and numbers included; JSON within a string is looked through likewise.
        """
        return self._json(data, frozenset(key.lower() for key in keys), depth=0)

    def _json(self, data: Any, keys: frozenset[str], *, depth: int) -> Any:
        if depth > _DEEPEST:
            return MASK
        match data:
            case dict():
                return self._object(data, keys, depth=depth)
            case list() | tuple():
                return [self._json(one, keys, depth=depth + 1) for one in data]
            case str():
                return self._string(data, keys, depth=depth)
            case int() | float() if not isinstance(data, bool):
                return data if self.text(str(data)) == str(data) else MASK
            case _:
                return data

    def _object(self, data: dict[Any, Any], keys: frozenset[str], *, depth: int) -> dict[str, Any]:
        masked: dict[str, Any] = {}
        for key, value in data.items():
            name = self.text(str(key))
            if name in masked:  # two private keys look alike once they are cut
                name = f"{name}#{len(masked)}"
            private = str(key).lower() in keys and value is not None
            masked[name] = MASK if private else self._json(value, keys, depth=depth + 1)
        return masked

    def _string(self, data: str, keys: frozenset[str], *, depth: int) -> str:
        if data.lstrip()[:1] in {"{", "["}:
            twice: list[str] = []
            try:
                inner = json.loads(data, object_pairs_hook=partial(_object_of, twice=twice))
            except (ValueError, RecursionError):
                return self.text(data)
            masked = self._json(inner, keys, depth=depth + 1)
            if twice or masked != inner:
                return json.dumps(masked, ensure_ascii=False)
        return self.text(data)

    def _plain_spans(self, text: str) -> Iterator[tuple[int, int]]:
        for pattern in self._patterns:
            yield from (match.span() for match in pattern.finditer(text) if match.end() > match.start())
        for needle in self._gbk:
            yield from _found(text, needle)

    def _window_spans(self, text: str) -> Iterator[tuple[int, int]]:
        size = max(_WINDOW, 4 * self._overlap)
        for start in range(0, len(text), size - self._overlap):
            window = text[start : start + size]
            if self._suspect(window):
                yield from ((start + first, start + last) for first, last in self._values_in(window))

    def _suspect(self, text: str) -> bool:
        """Tell whether a value is somewhere in ``text``; fast, because most text holds none."""
        for folded in _folded_texts(text):
            if any(value in folded for value in self._values):
                return True
            if self._phones:
                bare = _PHONE_GAP.sub("", folded)
                if any(phone in bare for phone in self._phones):
                    return True
        return False

    def _values_in(self, text: str) -> Iterator[tuple[int, int]]:
        for escapes in (_ESCAPED, _LITERAL) if "\\" in text else (_LITERAL,):
            view = _View(text, escapes)
            for value in self._values:
                yield from view.find(value)
            if self._phones:
                bare = _View(text, escapes, without=_PHONE_GAP)
                for phone in self._phones:
                    yield from bare.find(phone)


def keyed_hash(key: bytes, raw: bytes) -> str:
    """Return the HMAC-SHA-256 of ``raw``: tells whether two raw texts were the same, and nothing about them."""
    return hmac.new(key, raw, hashlib.sha256).hexdigest()


class _View:
    """A text with its escapes undone and its gaps left out, and the way back to where each character stood."""

    def __init__(self, text: str, escapes: re.Pattern[str], *, without: re.Pattern[str] | None = None) -> None:
        self._starts: list[int] = []  # where each run begins in the view
        self._origins: list[tuple[int, int]] = []  # where it begins in the text; characters that one unit takes, or 0
        self._parts: list[str] = []
        self._length = 0
        done = 0
        for match in escapes.finditer(text):
            self._plain(text, done, match.start(), without)
            done = match.start()
            for char, width in _decoded(match):
                self._add(_folded_char(char), done, width)
                done += width
            done = match.end()
        self._plain(text, done, len(text), without)
        self._folded = "".join(self._parts)

    def find(self, value: str) -> Iterator[tuple[int, int]]:
        """Yield where ``value`` stands in the original text."""
        for start, end in _found(self._folded, value):
            yield self._origin(start)[0], self._origin(end - 1)[1]

    def _plain(self, text: str, start: int, end: int, without: re.Pattern[str] | None) -> None:
        if without is not None:
            for match in without.finditer(text, start, end):
                self._add(_same_length_fold(text[start : match.start()]), start, 0)
                start = match.end()
        self._add(_same_length_fold(text[start:end]), start, 0)

    def _add(self, part: str, origin: int, width: int) -> None:
        if part:
            self._starts.append(self._length)
            self._origins.append((origin, width))
            self._parts.append(part)
            self._length += len(part)

    def _origin(self, index: int) -> tuple[int, int]:
        run = bisect_right(self._starts, index) - 1
        origin, width = self._origins[run]
        if width:
            return origin, origin + width
        start = origin + index - self._starts[run]
        return start, start + 1


def _folded_texts(text: str) -> Iterator[str]:
    """Yield what views of ``text`` would show, without the way back."""
    plain = _ANY_ESCAPE.sub(lambda match: "".join(char for char, _ in _decoded(match)), text)
    yield _squeezed(plain)
    if "\\" in text:
        yield _squeezed(_LINE_BREAK.sub("", plain))


def _squeezed(text: str) -> str:
    return _DROPPED.sub("", _same_length_fold("".join(text.split())))


def _decoded(match: re.Match[str]) -> Iterator[tuple[str, int]]:
    """Yield the characters that an escaped run stands for, each with its width in the text; a gap stands for none."""
    whole = match.group()
    if match["percent"]:
        yield from _percent_decoded(whole)
    elif match["unicode"]:
        yield chr(int(match["hex4"], 16)), len(whole)
    elif match["entity"]:
        yield _entity(match), len(whole)


def _percent_decoded(run: str) -> Iterator[tuple[str, int]]:
    units = [one.group() for one in re.finditer(r"%(?:25)*[0-9a-fA-F]{2}", run)]
    raw = bytes(int(unit[-2:], 16) for unit in units)
    used = 0
    for char in raw.decode(errors="surrogateescape"):
        size = len(char.encode(errors="surrogateescape"))
        yield char, sum(map(len, units[used : used + size]))
        used += size


def _object_of(pairs: list[tuple[str, Any]], *, twice: list[str]) -> dict[str, Any]:
    """Return a JSON object, noting keys that it has twice: the text holds a value then that the object does not."""
    whole = dict(pairs)
    if len(whole) != len(pairs):
        twice.extend(whole)
    return whole


def _entity(match: re.Match[str]) -> str:
    if match["named"]:
        return html5.get(f"{match['named']};", "\ufffd")
    code = int(match["dec"]) if match["dec"] else int(match["hex"], 16)
    return chr(code) if code <= 0x10FFFF else "\ufffd"  # noqa: PLR2004 - the last code point


def _folded(value: str) -> str:
    """Return a value as a view shows it: no white space, one letter case, ASCII digits."""
    return "".join(map(_folded_char, value))


def _folded_char(char: str) -> str:
    if char in "+\\" or char.isspace() or unicodedata.category(char[:1]) == "Cf":
        return ""
    return _same_length_fold(char)


def _same_length_fold(text: str) -> str:
    """Fold letter case and full width, one character for one character."""
    if text.isascii():
        return text.lower()
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = "".join(char.lower() if len(char.lower()) == 1 else char for char in text)
    return _FULL_WIDTH.sub(lambda char: chr(ord(char.group()) - 0xFEE0), lowered)


def _phones_of(value: str) -> Iterator[str]:
    """Yield the digits of a phone number, with and without China's code; nothing of anything else."""
    digits = _PHONE_GAP.sub("", value)
    if digits.isdecimal() and len(digits) >= _PHONE_DIGITS:
        yield digits
        for code in ("0086", "86"):
            if digits.startswith(code) and len(digits) > len(code) + _PHONE_DIGITS:
                yield digits.removeprefix(code)


def _gbk_needles(value: str) -> Iterator[str]:
    """Yield a value as old pages put it into URLs: the second byte of a GBK character may be a plain letter."""
    if value.isascii():
        return
    raw = value.encode("gb18030", errors="replace")
    for needle in (quote(raw, safe=""), quote_plus(raw)):
        yield needle
        yield re.sub(r"%..", lambda unit: unit.group().lower(), needle)


def _found(text: str, value: str) -> Iterator[tuple[int, int]]:
    start = text.find(value)
    while start >= 0:
        yield start, start + len(value)
        start = text.find(value, start + 1)


def _cut(text: str, spans: Iterable[tuple[int, int]]) -> str:
    parts: list[str] = []
    done = 0
    for start, end in _merged(sorted(spans)):
        parts += (text[done:start], MASK)
        done = end
    return "".join((*parts, text[done:]))


def _merged(spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield sorted spans with those that overlap or touch made one."""
    if not spans:
        return
    start, end = spans[0]
    for next_start, next_end in spans[1:]:
        if next_start > end:
            yield start, end
            start, end = next_start, next_end
        else:
            end = max(end, next_end)
    yield start, end


def _compiled(patterns: Iterable[str]) -> tuple[re.Pattern[str], ...]:
    compiled, faults = [], []
    for pattern in patterns:
        try:
            compiled.append(re.compile(pattern))
        except re.error as fault:
            faults.append(f"private pattern {pattern!r} is not a regular expression: {fault}")
    if faults:
        raise ConfigError(faults)
    return tuple(compiled)
