"""Request files: CSV, XLSX or JSON Lines in, wishes to close orders out, or every fault at once."""

import csv
import hashlib
import io
import json
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from agent.domain.cases import NOTE_CHARACTERS, CloseRequest, Consent
from agent.domain.ids import OrderId, parse_order_id
from agent.domain.reasons import Reason, parse_reason
from agent.domain.stock import SKU_CHARACTERS, STOCK, WantedStock, parse_stock
from agent.errors import ConfigError

FAULTS_SHOWN = 200
PROOF_BYTES = 10 * 1024 * 1024
PROOF_SUFFIXES = ("png", "jpg", "jpeg", "webp", "gif", "pdf", "txt", "html", "htm", "csv", "json", "md", "eml")

# The column's canonical name and its Chinese heading; a file may use either.
COLUMNS = {
    "order_id": "订单号",
    "reason": "关闭原因",
    "consent": "买家同意",
    "note": "备注",
    "stock": "库存",
    "sku": "货号",
}
_REQUIRED = ("order_id", "reason")
_COLUMN_OF = {**{name: name for name in COLUMNS}, **{chinese: name for name, chinese in COLUMNS.items()}}
_SIMILAR = 0.8

_YES = frozenset({"yes", "是", "同意", "已同意"})
_NO = frozenset({"no", "否", "不同意"})
_CONSENT_WORDS = "yes (是, 同意, 已同意), no (否, 不同意), nothing, or the name of a file"

_TEXT_SUFFIXES = frozenset({".csv", ".tsv", ".txt"})
_LINES_SUFFIXES = frozenset({".jsonl", ".ndjson"})
_DELIMITERS = ",;\t"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_BOM = b"\xef\xbb\xbf"
_SAVE_AS_UTF8 = 'save it again as UTF-8 (in Excel: "CSV UTF-8")'
_NUMBER_SPOILS_FROM = 10**15  # 16 digits: a spreadsheet's numbers keep 15

# Controls, line separators, direction overrides and lone surrogates: invisible, and some turn text around.
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
# Characters from here on take three or more bytes in UTF-8; two-byte ones can be Chinese in GB18030 by chance.
_THREE_BYTES = re.compile(r"[\u0800-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class RequestFile:
    """A request file without faults.

    ``rows`` counts the rows that ask for something: not the headings, not blank rows.
    """

    requests: tuple[CloseRequest, ...]
    sha256: str
    rows: int


@dataclass(frozen=True, slots=True)
class _Row:
    """One row; ``cells`` are by canonical column, and lack what the file lacks."""

    number: int
    cells: dict[str, object]


@dataclass(frozen=True, slots=True)
class _Given:
    """What a consent cell says."""

    consent: Consent
    proof: str | None = None


class _Faults:
    """The faults of one file, in the order in which they were found; beyond those shown they are only counted."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._shown: list[str] = []
        self._count = 0

    def add(self, what: str, *, row: int | None = None, column: str | None = None) -> None:
        """Note a fault at a place of the file; a canonical column is shown with its Chinese heading."""
        place = self.file
        if row is not None:
            place += f": row {row}"
        if column is not None:
            place += f", column {column!r}" + (f" ({COLUMNS[column]})" if column in COLUMNS else "")
        self._count += 1
        if self._count <= FAULTS_SHOWN:
            self._shown.append(f"{place}: {what}")

    def error(self) -> ConfigError:
        """Return the error that tells all faults, or the first ones and how many more there are."""
        more = self._count - len(self._shown)
        return ConfigError([*self._shown, f"… and {more:,} more"] if more else self._shown)

    def fatal(self, what: str, *, row: int | None = None) -> ConfigError:
        """Note a fault after which nothing else can be read, and return the error to raise."""
        self.add(what, row=row)
        return self.error()

    def __bool__(self) -> bool:
        return self._count > 0


def read_requests(path: Path, *, longest_note: int = NOTE_CHARACTERS) -> RequestFile:
    """Return the requests that a file asks for, by its suffix CSV, XLSX or JSON Lines.

    ``longest_note`` is what the portal's forms take of a note at the most.

    Row numbers are those of the spreadsheet: the first line is row 1, and a CSV record that spans several
    lines has the number of its first.

    Raises:
        ConfigError: something in the file is wrong; all faults are named, of which the first 200 are told.
    """
    faults = _Faults(path.name)
    raw = _bytes_of(path, faults)
    sha256 = hashlib.sha256(raw).hexdigest()
    checker = _Checker(path, sha256, faults, longest_note)
    requests: list[CloseRequest] = []
    rows = 0
    for row in _rows(path.suffix.lower(), raw, faults):
        rows += 1
        request = checker.request(row)
        if request is not None:
            requests.append(request)
    if faults:
        raise faults.error()
    if not rows:
        raise faults.fatal("has no request: write one row per order below the headings")
    return RequestFile(tuple(requests), sha256, rows)


def _bytes_of(path: Path, faults: _Faults) -> bytes:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise faults.fatal(f"no such file; looked for {path.absolute()}") from None
    except OSError as error:
        raise faults.fatal(f"cannot be read ({error.strerror}): give a file that you may read") from error
    if not raw.strip():
        raise faults.fatal("is empty: write the headings order_id and reason, and one row per order")
    return raw


def _rows(suffix: str, raw: bytes, faults: _Faults) -> Iterator[_Row]:
    """Yield the rows that are not blank, by canonical column."""
    if suffix in _TEXT_SUFFIXES:
        text = _decoded(raw, faults)
        return _headed(_csv_records(text, _delimiter(text), faults), faults)
    if suffix == ".xlsx":
        return _headed(_sheet_rows(raw, faults), faults)
    if suffix in _LINES_SUFFIXES:
        return _json_rows(raw, faults)
    raise faults.fatal("must be .csv, .xlsx or .jsonl: save it as one of these")


# --- Text: encodings and CSV


def _decoded(raw: bytes, faults: _Faults) -> str:
    """Return the file's text; the whole file is in one encoding, or in none."""
    if raw.startswith(_UTF16_MARKS):
        raise faults.fatal(f"is in UTF-16: {_SAVE_AS_UTF8}")
    if b"\0" in raw:
        raise faults.fatal(f"is not text (it has zero bytes): {_SAVE_AS_UTF8}, or give the .xlsx file itself")
    encoding = _encoding(raw, faults)
    return raw.decode(encoding).removeprefix("\ufeff")


def _encoding(raw: bytes, faults: _Faults) -> str:
    try:
        raw.decode()
    except UnicodeDecodeError:
        pass  # not UTF-8 as a whole: the lines tell what it is
    else:
        return "utf-8"
    # The encoding of the first line that can be nothing else is the file's, and a BOM promises UTF-8.
    found = "utf-8" if raw.startswith(_BOM) else None
    for number, line in enumerate(raw.split(b"\n"), 1):
        of_line = None if line.isascii() else _encoding_of(line)
        if of_line == "":
            raise faults.fatal(f"is neither UTF-8 nor GB18030: {_SAVE_AS_UTF8}", row=number)
        if of_line is not None and found is not None and of_line != found:
            raise faults.fatal(
                f"is in {of_line.upper()}, and the file begins in {found.upper()}: {_SAVE_AS_UTF8}", row=number
            )
        found = found or of_line
    return found or "gb18030"


def _encoding_of(line: bytes) -> str | None:
    """Return what a line with more than ASCII is in: "" for neither encoding, None where it may be both."""
    try:
        text = line.decode()
    except UnicodeDecodeError:
        try:
            line.decode("gb18030")
        except UnicodeDecodeError:
            return ""
        return "gb18030"
    return "utf-8" if _THREE_BYTES.search(text) else None


def _delimiter(text: str) -> str:
    """Return the delimiter with which the heading line shows the most columns that we know, or else the most."""

    def columns(delimiter: str) -> tuple[int, int]:
        headings = _first_record(text, delimiter)
        return sum(_column(heading) is not None for heading in headings), len(headings)

    return max(_DELIMITERS, key=columns)


def _first_record(text: str, delimiter: str) -> list[str]:
    """Return the first record that is not blank; none where it cannot be read with this delimiter."""
    try:
        records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        return next((cells for cells in records if any(map(str.strip, cells))), [])
    except csv.Error:
        return []  # read again with the delimiter chosen, it is told with its row


def _csv_records(text: str, delimiter: str, faults: _Faults) -> Iterator[tuple[int, Sequence[object]]]:
    """Yield each record with the number of its first line."""
    lines_of_record: list[str] = []

    def lines() -> Iterator[str]:
        for line in io.StringIO(text, newline=""):
            lines_of_record.append(line)
            yield line

    reader = csv.reader(lines(), delimiter=delimiter, strict=True)
    well_quoted = _well_quoted(delimiter)
    while True:
        lines_of_record.clear()
        row = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            faults.add(_quote_fault(str(error)), row=row)
            if "expected after" not in str(error):
                return  # the end of this record is not known, so nothing after it can be read
            continue
        if any('"' in cell for cell in cells) and not well_quoted.fullmatch("".join(lines_of_record).rstrip("\r\n")):
            faults.add(_STRAY_QUOTE, row=row)
            continue
        yield row, cells


_STRAY_QUOTE = (
    'a quotation mark stands in a cell that is not quoted: put the whole cell in "…" and double each mark inside it'
)


def _quote_fault(message: str) -> str:
    if "unexpected end" in message:
        return 'a quoted cell that begins here is never closed: add the missing "'
    if "field limit" in message:
        return f'a cell here is longer than {csv.field_size_limit():,} characters: a closing " may be missing'
    return 'something stands after the closing " of a cell: double each quotation mark inside a quoted cell'


def _well_quoted(delimiter: str) -> re.Pattern[str]:
    """Return the pattern of a record that has quotation marks only around cells, or doubled inside such."""
    cell = rf'(?:"(?:[^"]|"")*"|[^"{delimiter}]*)'
    return re.compile(rf"{cell}(?:{delimiter}{cell})*")


# --- XLSX


def _sheet_rows(raw: bytes, faults: _Faults) -> Iterator[tuple[int, Sequence[object]]]:
    """Yield the rows of the first sheet that a person sees."""
    try:
        sheet = _first_sheet(CalamineWorkbook.from_filelike(io.BytesIO(raw)))
    except CalamineError as error:
        raise faults.fatal(
            f"is no readable XLSX workbook ({error}): save it again as .xlsx, without password"
        ) from error
    if sheet is None:
        raise faults.fatal("has no visible worksheet: put the requests on the first sheet")
    return enumerate(sheet.iter_rows(), 1)


def _first_sheet(book: CalamineWorkbook) -> CalamineSheet | None:
    for number, sheet in enumerate(book.sheets_metadata):
        if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible:
            return book.get_sheet_by_index(number)
    return None


# --- Headings


def _headed(records: Iterator[tuple[int, Sequence[object]]], faults: _Faults) -> Iterator[_Row]:
    """Take the first record that is not blank for headings, and yield the others by column."""
    filled = ((number, cells) for number, cells in records if any(map(_text, cells)))
    for number, cells in filled:
        headings = [_text(cell) for cell in cells]
        places = _columns(number, headings, faults)
        yield from _by_column(filled, places, len(headings), faults)


def _by_column(
    records: Iterable[tuple[int, Sequence[object]]], places: dict[str, int], width: int, faults: _Faults
) -> Iterator[_Row]:
    for number, cells in records:
        if any(map(_text, cells[width:])):
            faults.add(
                f"has {len(cells)} cells, and there are {width} headings:"
                " a cell with the delimiter inside it must stand in quotation marks",
                row=number,
            )
        yield _Row(number, {name: cells[at] if at < len(cells) else "" for name, at in places.items()})


def _columns(row: int, headings: Sequence[str], faults: _Faults) -> dict[str, int]:
    """Return where each column is, and note headings that are missing, doubled or nearly right."""
    places: dict[str, int] = {}
    for at, heading in enumerate(headings):
        name = _column(heading)
        if name is not None and name in places:
            faults.add(_twice(headings[places[name]], heading), row=row, column=name)
        elif name is not None:
            places[name] = at
    _note_absent(row, headings, places, faults)
    return places


def _note_absent(row: int, headings: Iterable[str], present: Iterable[str], faults: _Faults) -> None:
    """Note each required column that is not there, and each optional one that seems only misspelt."""
    unknown = [heading for heading in headings if _column(heading) is None]
    there = set(present)
    for name in (name for name in COLUMNS if name not in there):
        similar = next((heading for heading in unknown if _similar(heading, name)), None)
        if similar is not None:
            faults.add(
                f"looks like {name}: name it {_either(name)}, or quite differently", row=row, column=similar[:40]
            )
        elif name in _REQUIRED:
            faults.add(f"is missing: add it as {_either(name)}", row=row, column=name)


def _column(heading: str) -> str | None:
    return _COLUMN_OF.get(_plain(heading))


def _plain(heading: str) -> str:
    return re.sub(r"[\s-]+", "_", heading.strip().strip("\ufeff").strip().casefold())


def _similar(heading: str, name: str) -> bool:
    return bool(get_close_matches(_plain(heading), (name, COLUMNS[name]), n=1, cutoff=_SIMILAR))


def _either(name: str) -> str:
    return f"{name} or {COLUMNS[name]}"


def _twice(first: str, second: str) -> str:
    return f"stands twice, as {first!r} and {second!r}: keep one"


# --- JSON Lines


def _json_rows(raw: bytes, faults: _Faults) -> Iterator[_Row]:
    if raw.startswith(_UTF16_MARKS):
        raise faults.fatal("is in UTF-16: save it again as UTF-8")
    for number, line in enumerate(raw.removeprefix(_BOM).split(b"\n"), 1):
        if not line.strip():
            continue
        pairs = _json_pairs(line, number, faults)
        if pairs is not None:
            yield _Row(number, _json_cells(pairs, number, faults))


def _json_pairs(line: bytes, row: int, faults: _Faults) -> list[tuple[str, Any]] | None:
    """Return the members of one object as they stand, twice-named ones too; None where there is a fault."""
    try:
        found = json.loads(line.decode(), object_pairs_hook=_Members)
    except UnicodeDecodeError:
        faults.add("is not UTF-8: save the file again as UTF-8", row=row)
    except json.JSONDecodeError as error:
        faults.add(f"is not JSON ({error.msg} at character {error.colno}): write one object per line", row=row)
    except (ValueError, RecursionError):
        faults.add("is JSON with a number too long or too many levels: write one flat object per line", row=row)
    else:
        if isinstance(found, _Members):
            return found
        faults.add('is not a JSON object: write {"order_id": "…", "reason": "…"}', row=row)
    return None


class _Members(list[tuple[str, Any]]):
    """The members of a JSON object in their order."""


def _json_cells(pairs: list[tuple[str, Any]], row: int, faults: _Faults) -> dict[str, object]:
    keys: dict[str, str] = {}
    cells: dict[str, object] = {}
    for key, value in pairs:
        name = _column(key)
        if name is None:
            continue
        if name in keys:
            faults.add(_twice(keys[name], key), row=row, column=name)
        elif value is None or isinstance(value, str):
            cells[name] = value
        else:
            faults.add(_not_a_string(name, value), row=row, column=name)
        keys.setdefault(name, key)
    _note_absent(row, [key for key, _ in pairs], keys, faults)
    return cells


def _not_a_string(name: str, value: object) -> str:
    kind = "number" if isinstance(value, int | float) and not isinstance(value, bool) else "value that is not a string"
    why = ": numbers lose digits" if name == "order_id" else ""
    return f'came as a {kind}{why}; write it as a string in "…"'


# --- Cells


def _text(cell: object) -> str:
    """Return a cell as a person reads it, without outer white space; whole numbers without a point."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


class _Checker:
    """Turns rows into requests, and notes what is wrong with them."""

    def __init__(self, path: Path, sha256: str, faults: _Faults, longest_note: int) -> None:
        self._longest_note = longest_note
        self._file = path.name
        self._sha256 = sha256
        self._faults = faults
        self._proofs = _Proofs(path)
        self._row_of: dict[OrderId, int] = {}

    def request(self, row: _Row) -> CloseRequest | None:
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

    def _order_id(self, row: _Row) -> OrderId | None:
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

    def _reason(self, row: _Row) -> Reason | None:
        if "reason" not in row.cells:
            return None
        text = _text(row.cells["reason"])
        try:
            return _reason_in(text)
        except ValueError as error:
            self._faults.add(str(error), row=row.number, column="reason")
            return None

    def _consent(self, row: _Row) -> _Given | None:
        text = _text(row.cells.get("consent"))
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

    def _note(self, row: _Row, reason: Reason | None) -> str | None:
        text = _text(row.cells.get("note"))
        fault = _note_fault(text, reason, self._longest_note)
        if fault:
            self._faults.add(fault, row=row.number, column="note")
            return None
        return text

    def _stock(self, row: _Row, reason: Reason | None) -> WantedStock | None:
        """Return how much is left, and of which SKU, of what has run out; other rows may hold anything there."""
        if reason is not Reason.OUT_OF_STOCK:
            return WantedStock()
        text, sku = _text(row.cells.get("stock")), _text(row.cells.get("sku"))
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
    text = _text(cell)
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


class _Proofs:
    """The files beside a request file that show the buyer's consent; each is looked at once."""

    def __init__(self, request_file: Path) -> None:
        self._request_file = request_file.resolve()
        self._folder = request_file.parent.resolve()
        self._known: dict[str, str] = {}

    def find(self, name: str) -> str:
        """Return the absolute path of a proof.

        Raises:
            ValueError: there is no such file in the folder, or it cannot be a proof.
        """
        if name not in self._known:
            self._known[name] = str(self._checked(name))
        return self._known[name]

    def _checked(self, name: str) -> Path:
        path = self._resolved(name)
        if path == self._request_file:
            raise ValueError(f"{name!r} is the request file itself: name the file that shows the buyer's consent")
        if path.suffix.lower().removeprefix(".") not in PROOF_SUFFIXES:
            raise ValueError(f"{name!r} is of a kind that proves nothing: use one of {', '.join(PROOF_SUFFIXES)}")
        size = path.stat().st_size
        if size == 0:
            raise ValueError(f"{name!r} is an empty file: save the proof again")
        if size > PROOF_BYTES:
            raise ValueError(f"{name!r} has {size:,} bytes: keep a proof to {PROOF_BYTES:,}")
        return path

    def _resolved(self, name: str) -> Path:
        if _leaves_folder(name):
            raise ValueError(f"{name[:80]!r} leaves the folder of the request file: put the proof beside that file")
        relative = name.replace("\\", "/")
        try:
            path = (self._folder / relative).resolve(strict=True)
            is_file = path.is_file()
        except (OSError, ValueError, RuntimeError):  # none such, a name no file can have, a circle of links
            is_file = False
        if not is_file:
            raise ValueError(
                f"{name[:80]!r} is no file beside the request file: put the proof there, or write {_CONSENT_WORDS}"
            )
        if not path.is_relative_to(self._folder):
            raise ValueError(f"{name[:80]!r} is a link out of the folder of the request file: copy the proof there")
        return path


def _leaves_folder(name: str) -> bool:
    """Say whether a path is absolute or climbs, on any system, so that a file means the same on all."""
    windows = PureWindowsPath(name)
    return bool(windows.drive or windows.root or PurePosixPath(name).root or ".." in windows.parts)
