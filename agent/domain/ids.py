"""Order ids: strings of digits, always compared whole."""

import re
from typing import NewType

OrderId = NewType("OrderId", str)

_PLAIN = re.compile(r"[0-9]{15,20}", re.ASCII)
_SCIENTIFIC = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?[eE][+-]?[0-9]+", re.ASCII)
_EXACT_DIGITS = 15  # a spreadsheet keeps 15 significant digits and writes zeros after them
_SPOILT_FROM = 17


def parse_order_id(text: str) -> OrderId:
    """Return the order id in ``text``, without outer white space, BOM, leading apostrophe or tab.

    Raises:
        ValueError: it is not 15 to 20 ASCII digits, or a spreadsheet has spoilt it.
    """
    digits = text.strip().strip("\ufeff").strip().removeprefix("'").strip()
    if _SCIENTIFIC.fullmatch(digits):
        raise ValueError(
            f"order id {digits!r} was spoilt by a spreadsheet (scientific notation): format the column as text"
            " and export the ids again"
        )
    if not _PLAIN.fullmatch(digits):
        shown = digits if len(digits) <= 40 else digits[:40] + "…"  # noqa: PLR2004
        raise ValueError(f"order id {shown!r} must be 15 to 20 digits (0-9)")
    if len(digits) >= _SPOILT_FROM and not digits[_EXACT_DIGITS:].strip("0"):
        raise ValueError(
            f"order id {digits} ends in zeros after its 15th digit: a spreadsheet has rounded it; format the column"
            " as text and export the ids again"
        )
    return OrderId(digits)
