"""How many pieces of a SKU are to be left: what a request says, and what a shop's own books are told."""

import re
from dataclasses import dataclass
from typing import Any, Self

STOCK = "stock"  # the fact of a case, and the key of a request's source, that holds what the request says
SKU_CHARACTERS = 100
_MOST = 7  # figures; a portal's fields take no more
_FIGURES = re.compile(r"\d+", re.ASCII)


@dataclass(frozen=True, slots=True)
class WantedStock:
    """What a request for ``out_of_stock`` says is left; of the SKU that it names, or of the only one of the order."""

    number: int = 0
    sku: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return {"number": self.number, "sku": self.sku}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        """Return what ``as_json`` wrote."""
        return cls(number=data["number"], sku=data["sku"])


def parse_stock(text: str) -> int:
    """Return the number of pieces that a person has written.

    Raises:
        ValueError: it is below zero, or no whole number.
    """
    if text.startswith("-") and _FIGURES.fullmatch(text[1:]):
        raise ValueError(f"{text[:20]} is below zero: write how many pieces are left, 0 or more")
    if not _FIGURES.fullmatch(text) or len(text) > _MOST:
        raise ValueError(f"{text[:20]!r} is not a number of pieces: write a whole number such as 0 or 12")
    return int(text)


@dataclass(frozen=True, slots=True)
class StockEvent:
    """One stock that was set, as a shop's own books are told of it; ``event_id`` is the same however often."""

    event_id: str
    at: str
    shop: str
    portal: str
    order_id: str
    case_id: str
    sku: str
    stock: int
    was: int

    def as_json(self) -> dict[str, Any]:
        """Return the event as plain JSON, in the words that docs/stock.md tells."""
        return {
            "id": self.event_id,
            "event": "stock_set",
            "at": self.at,
            "shop": self.shop,
            "portal": self.portal,
            "order_id": self.order_id,
            "case_id": self.case_id,
            "sku": self.sku,
            "stock": self.stock,
            "was": self.was,
        }
