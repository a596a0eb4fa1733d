"""Texts of a portal to meanings; a text without a meaning is an error, never a default."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from agent.domain.money import Fen, parse_yuan
from agent.errors import PageUnreadable
from page_objects.locate import normalised
from page_objects.profile import Profile

_AMOUNT = re.compile(r"-?[0-9][0-9,]*(?:\.[0-9]{1,2})?")
_TIME_FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y年%m月%d日 %H:%M:%S")


class WordReader:
    """The word tables of one profile, turned round for reading."""

    def __init__(self, profile: Profile) -> None:
        self._zone = ZoneInfo(profile.zone)
        self._tables: dict[str, dict[str, str]] = {
            axis: {_plain(label): meaning for meaning, labels in table.items() for label in labels}
            for axis, table in profile.words
        }
        self._axes: dict[str, dict[str, tuple[str, ...]]] = dict(profile.words)
        # Longest first: of "CN¥" and "¥", the whole mark goes.
        self._marks = sorted(profile.money.marks, key=len, reverse=True)
        self._in_pairs = profile.money.pairs

    def meaning(self, axis: str, text: str) -> str:
        """Return what a text means on an axis.

        Raises:
            PageUnreadable: the profile does not list the text.
        """
        try:
            return self._tables[axis][_plain(text)]
        except KeyError:
            raise PageUnreadable(f"words.{axis} does not know {normalised(text)[:60]!r}") from None

    def known(self, axis: str, text: str) -> str | None:
        """Return what a text means on an axis, or None where a missing word decides nothing."""
        return self._tables[axis].get(_plain(text))

    def labels(self, axis: str, meaning: str) -> tuple[str, ...]:
        """Return all labels that mean ``meaning``."""
        return tuple(normalised(label) for label in self._axes[axis].get(meaning, ()))

    def money(self, text: str) -> Fen:
        """Return the one amount in a text such as ``¥1,234.50 (含运费 ¥8.00)``: the part before any bracket.

        Raises:
            PageUnreadable: there is no amount, or more than one.
        """
        head = re.split(r"[(（含]", normalised(text), maxsplit=1)[0].strip()
        first, _, second = head.partition(" ")
        if self._in_pairs and all(_AMOUNT.fullmatch(self._figures(half)) for half in (first, second)):
            head = first
        head = self._figures(head)
        if _AMOUNT.fullmatch(head) is None:
            raise PageUnreadable(f"{text[:60]!r} is not one amount")
        try:
            return parse_yuan(head)
        except ValueError as fault:
            raise PageUnreadable(str(fault)) from fault

    def amount_pattern(self, amount: Fen) -> str:
        """Return a pattern of every way in which the portal may write an amount."""
        yuan, fen = divmod(amount, 100)
        figures = f"{yuan:,}".replace(",", ",?")
        whole_part = "" if fen else r"(?:\.00?)?"
        part = rf"\.{fen // 10}0?" if fen % 10 == 0 else rf"\.{fen:02}"
        marks = rf"(?:{'|'.join(map(re.escape, self._marks))})?"
        return rf"{marks}\s*{figures}{part if fen else whole_part}\s*{marks}"

    def _figures(self, text: str) -> str:
        """Return an amount without the mark before it and the one behind it."""
        for mark in self._marks:
            if text.startswith(mark):
                text = text.removeprefix(mark).strip()
                break
        for mark in self._marks:
            if text.endswith(mark):
                return text.removesuffix(mark).strip()
        return text

    def time(self, text: str) -> datetime:
        """Return a time of the portal, aware.

        Raises:
            PageUnreadable: the text is not a time in a form that portals use.
        """
        label = normalised(text)
        for form in _TIME_FORMATS:
            try:
                return datetime.strptime(label, form).replace(tzinfo=self._zone)
            except ValueError:
                continue
        raise PageUnreadable(f"{label[:40]!r} is not a date with time")


def _plain(text: str) -> str:
    """Return a text as it is compared: a style sheet may show the same word in capitals."""
    return normalised(text).casefold()
