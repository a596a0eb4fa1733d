"""Text: encodings and CSV."""

import csv
import io
import re
from collections.abc import Iterator, Sequence

from agent.request_file.columns import column_of
from agent.request_file.faults import Faults

UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
BOM = b"\xef\xbb\xbf"
_SAVE_AS_UTF8 = 'save it again as UTF-8 (in Excel: "CSV UTF-8")'
_DELIMITERS = ",;\t"
# Characters from here on take three or more bytes in UTF-8; two-byte ones can be Chinese in GB18030 by chance.
_THREE_BYTES = re.compile(r"[\u0800-\U0010ffff]")
_STRAY_QUOTE = (
    'a quotation mark stands in a cell that is not quoted: put the whole cell in "…" and double each mark inside it'
)


def decoded(raw: bytes, faults: Faults) -> str:
    """Return the file's text; the whole file is in one encoding, or in none."""
    if raw.startswith(UTF16_MARKS):
        raise faults.fatal(f"is in UTF-16: {_SAVE_AS_UTF8}")
    if b"\0" in raw:
        raise faults.fatal(f"is not text (it has zero bytes): {_SAVE_AS_UTF8}, or give the .xlsx file itself")
    encoding = _encoding(raw, faults)
    return raw.decode(encoding).removeprefix("\ufeff")


def _encoding(raw: bytes, faults: Faults) -> str:
    try:
        raw.decode()
    except UnicodeDecodeError:
        pass  # not UTF-8 as a whole: the lines tell what it is
    else:
        return "utf-8"
    # The encoding of the first line that can be nothing else is the file's, and a BOM promises UTF-8.
    found = "utf-8" if raw.startswith(BOM) else None
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


def delimiter_of(text: str) -> str:
    """Return the delimiter with which the heading line shows the most columns that we know, or else the most."""

    def columns(delimiter: str) -> tuple[int, int]:
        headings = _first_record(text, delimiter)
        return sum(column_of(heading) is not None for heading in headings), len(headings)

    return max(_DELIMITERS, key=columns)


def _first_record(text: str, delimiter: str) -> list[str]:
    """Return the first record that is not blank; none where it cannot be read with this delimiter."""
    try:
        records = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        return next((cells for cells in records if any(map(str.strip, cells))), [])
    except csv.Error:
        return []  # read again with the delimiter chosen, it is told with its row


def csv_records(text: str, delimiter: str, faults: Faults) -> Iterator[tuple[int, Sequence[object]]]:
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
