"""XLSX: the first sheet that a person sees."""

import io
from collections.abc import Iterator, Sequence

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from agent.request_file.faults import Faults


def sheet_rows(raw: bytes, faults: Faults) -> Iterator[tuple[int, Sequence[object]]]:
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
