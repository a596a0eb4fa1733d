"""Reading a file of whichever kind, row by row."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from agent.domain.cases import NOTE_CHARACTERS, CloseRequest
from agent.request_file.checking import Checker
from agent.request_file.faults import Faults
from agent.request_file.headings import headed
from agent.request_file.json_lines import json_rows
from agent.request_file.rows import Row
from agent.request_file.sheets import sheet_rows
from agent.request_file.text import csv_records, decoded, delimiter_of

_TEXT_SUFFIXES = frozenset({".csv", ".tsv", ".txt"})
_LINES_SUFFIXES = frozenset({".jsonl", ".ndjson"})


@dataclass(frozen=True, slots=True)
class RequestFile:
    """A request file without faults.

    ``rows`` counts the rows that ask for something: not the headings, not blank rows.
    """

    requests: tuple[CloseRequest, ...]
    sha256: str
    rows: int


def read_requests(path: Path, *, longest_note: int = NOTE_CHARACTERS) -> RequestFile:
    """Return the requests that a file asks for, by its suffix CSV, XLSX or JSON Lines.

    ``longest_note`` is what the portal's forms take of a note at the most.

    Row numbers are those of the spreadsheet: the first line is row 1, and a CSV record that spans several
    lines has the number of its first.

    Raises:
        ConfigError: something in the file is wrong; all faults are named, of which the first 200 are told.
    """
    faults = Faults(path.name)
    raw = _bytes_of(path, faults)
    sha256 = hashlib.sha256(raw).hexdigest()
    checker = Checker(path, sha256, faults, longest_note)
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


def _bytes_of(path: Path, faults: Faults) -> bytes:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise faults.fatal(f"no such file; looked for {path.absolute()}") from None
    except OSError as error:
        raise faults.fatal(f"cannot be read ({error.strerror}): give a file that you may read") from error
    if not raw.strip():
        raise faults.fatal("is empty: write the headings order_id and reason, and one row per order")
    return raw


def _rows(suffix: str, raw: bytes, faults: Faults) -> Iterator[Row]:
    """Yield the rows that are not blank, by canonical column."""
    if suffix in _TEXT_SUFFIXES:
        text = decoded(raw, faults)
        return headed(csv_records(text, delimiter_of(text), faults), faults)
    if suffix == ".xlsx":
        return headed(sheet_rows(raw, faults), faults)
    if suffix in _LINES_SUFFIXES:
        return json_rows(raw, faults)
    raise faults.fatal("must be .csv, .xlsx or .jsonl: save it as one of these")
