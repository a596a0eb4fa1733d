"""Money as integer fen, and the ways in which portals and people write it."""

import re
from decimal import Decimal, InvalidOperation
from typing import NewType

Fen = NewType("Fen", int)

_AMOUNT = re.compile(
    r"(?P<sign>-)?(?:¥|￥|CNY|RMB)?(?P<number>[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]{1,2})?|[0-9]+(?:\.[0-9]{1,2})?)(?:元)?"
)


def yuan_to_fen(yuan: Decimal) -> Fen:
    """Return an amount in yuan as fen.

    Raises:
        ValueError: the amount has more than two decimals.
    """
    fen = yuan * 100
    if fen != fen.to_integral_value():
        raise ValueError(f"{yuan} yuan is not a whole number of fen")
    return Fen(int(fen))


def parse_yuan(text: str) -> Fen:
    """Return ``¥1,234.50``, ``1234.5`` or ``1,234.50元`` in fen; thousands separators must stand right.

    Raises:
        ValueError: the text is not one amount in yuan.
    """
    match = _AMOUNT.fullmatch(re.sub(r"\s", "", text))
    if match is None:
        raise ValueError(f"{text!r} is not an amount in yuan")
    try:
        yuan = Decimal((match["sign"] or "") + match["number"].replace(",", ""))
    except InvalidOperation as fault:  # pragma: no cover - the pattern admits only numbers
        raise ValueError(f"{text!r} is not an amount in yuan") from fault
    return yuan_to_fen(yuan)


def format_yuan(fen: Fen) -> str:
    """Return fen as a plain decimal string in yuan, such as ``1234.50``."""
    return f"{Decimal(fen) / 100:.2f}"
