"""One row, of whichever kind of file."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One row; ``cells`` are by canonical column, and lack what the file lacks."""

    number: int
    cells: dict[str, object]


def cell_text(cell: object) -> str:
    """Return a cell as a person reads it, without outer white space; whole numbers without a point."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
