"""What a row asks for, or what is wrong with it."""

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.domain.cases import CloseRequest, Consent
from agent.domain.ids import OrderId, parse_order_id
from agent.domain.reasons import Reason, parse_reason
from agent.domain.stock import SKU_CHARACTERS, STOCK, WantedStock, parse_stock
from agent.request_file.faults import Faults
from agent.request_file.proofs import Proofs
from agent.request_file.rows import Row, cell_text

_YES = frozenset({"yes", "是", "同意", "已同意"})
_NO = frozenset({"no", "否", "不同意"})
_NUMBER_SPOILS_FROM = 10**15  # 16 digits: a spreadsheet's numbers keep 15
# Controls, line separators, direction overrides and lone surrogates: invisible, and some turn text around.
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class _Given:
    """What a consent cell says."""

    consent: Consent
    proof: str | None = None


class Checker:
    """Turns rows into requests, and notes what is wrong with them."""

    def __init__(self, path: Path, sha256: str, faults: Faults, longest_note: int) -> None:
        self._longest_note = longest_note
        self._file = path.name
        self._sha256 = sha256
        self._faults = faults
        self._proofs = Proofs(path)
        self._row_of: dict[OrderId, int] = {}

    def request(self, row: Row) -> CloseRequest | None:
        """Return what a row asks for; None where the row has a fault, or lacks what was already found missing."""
        order_id = self._order_id(row)
        reason = self._reason(row)
        given = self._consent(row)
        note = self._note(row, reason)
        stock = self._stock(row, reason)
        if order_id is None or reason is None or given is None or note is None or stock is None:
            return None
        source: dict[str, Any] = {"file": self._file, "row": row.number, "sha256": self._sha256}
        if stock != WantedStock():
            source[STOCK] = stock.as_json()
        return CloseRequest(order_id, reason, given.consent, given.proof, note, source)

    def _order_id(self, row: Row) -> OrderId | None:
        if "order_id" not in row.cells:
            return None
        try:
            order_id = _order_id_in(row.cells["order_id"])
        except ValueError as error:
            self._faults.add(str(error), row=row.number, column="order_id")
            return None
        first = self._row_of.setdefault(order_id, row.number)
        if first != row.number:
            self._faults.add(
                f"{order_id} stands in row {first} already: keep one of rows {first} and {row.number}",
                row=row.number,
                column="order_id",
            )
        return order_id

    def _reason(self, row: Row) -> Reason | None:
        if "reason" not in row.cells:
            return None
        text = cell_text(row.cells["reason"])
        try:
            return _reason_in(text)
        except ValueError as error:
            self._faults.add(str(error), row=row.number, column="reason")
            return None

    def _consent(self, row: Row) -> _Given | None:
        text = cell_text(row.cells.get("consent"))
        word = text.casefold()
        if not text:
            return _Given(Consent.NONE)
        if word in _YES:
            return _Given(Consent.DECLARED)
        if word in _NO:
            return _Given(Consent.DENIED)
        try:
            return _Given(Consent.PROVED, self._proofs.find(text))
        except ValueError as error:
            self._faults.add(str(error), row=row.number, column="consent")
            return None

    def _note(self, row: Row, reason: Reason | None) -> str | None:
        text = cell_text(row.cells.get("note"))
        fault = _note_fault(text, reason, self._longest_note)
        if fault:
            self._faults.add(fault, row=row.number, column="note")
            return None
        return text

    def _stock(self, row: Row, reason: Reason | None) -> WantedStock | None:
        """Return how much is left, and of which SKU, of what has run out; other rows may hold anything there."""
        if reason is not Reason.OUT_OF_STOCK:
            return WantedStock()
        text, sku = cell_text(row.cells.get("stock")), cell_text(row.cells.get("sku"))
        fault = ""
        try:
            number = parse_stock(text) if text else 0
        except ValueError as error:
            fault = str(error)
            self._faults.add(fault, row=row.number, column="stock")
        if not sku.isprintable() or len(sku) > SKU_CHARACTERS:
            fault = f"must be one line of at most {SKU_CHARACTERS} characters"
            self._faults.add(fault, row=row.number, column="sku")
        return None if fault else WantedStock(number, sku)


def _order_id_in(cell: object) -> OrderId:
    """Return the order id of a cell.

    Raises:
        ValueError: the cell has none, or a spreadsheet has kept it as a number that is too long for it.
    """
    text = cell_text(cell)
    if not text:
        raise ValueError("is empty: write the order id, or remove the row")
    if (
        isinstance(cell, int | float)
        and not isinstance(cell, bool)
        and math.isfinite(cell)
        and abs(cell) >= _NUMBER_SPOILS_FROM
    ):
        raise ValueError(
            f"order id {text[:40]} came as a number, of which a spreadsheet keeps only 15 digits, so it may be another"
            " order's: format the column as text and export the ids again"
        )
    return parse_order_id(text)


def _reason_in(text: str) -> Reason:
    """Return the reason of a cell.

    Raises:
        ValueError: the cell has none that we know.
    """
    if not text:
        raise ValueError(f"is empty: use one of {', '.join(Reason)}, or a Chinese label of one")
    return parse_reason(text)


def _note_fault(text: str, reason: Reason | None, longest: int) -> str | None:
    """Return what is wrong with a note, if anything is."""
    if match := _INVISIBLE.search(text):
        what = f"U+{ord(match[0]):04X} as character {match.start() + 1}"
        return f"has a line break or an invisible control character ({what}): remove it"
    if len(text) > longest:
        return f"has {len(text)} characters: shorten it to {longest}"
    if reason is Reason.OTHER and not text:
        return "is empty: the reason 'other' needs a note that says why"
    return None
