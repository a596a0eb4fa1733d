"""Records below headings, as CSV and XLSX have them, by canonical column."""

from collections.abc import Iterable, Iterator, Sequence

from agent.request_file.columns import COLUMNS, REQUIRED, column_of, either, looks_like, twice
from agent.request_file.faults import Faults
from agent.request_file.rows import Row, cell_text


def headed(records: Iterator[tuple[int, Sequence[object]]], faults: Faults) -> Iterator[Row]:
    """Take the first record that is not blank for headings, and yield the others by column."""
    filled = ((number, cells) for number, cells in records if any(map(cell_text, cells)))
    for number, cells in filled:
        headings = [cell_text(cell) for cell in cells]
        places = _columns(number, headings, faults)
        yield from _by_column(filled, places, len(headings), faults)


def _by_column(
    records: Iterable[tuple[int, Sequence[object]]], places: dict[str, int], width: int, faults: Faults
) -> Iterator[Row]:
    for number, cells in records:
        if any(map(cell_text, cells[width:])):
            faults.add(
                f"has {len(cells)} cells, and there are {width} headings:"
                " a cell with the delimiter inside it must stand in quotation marks",
                row=number,
            )
        yield Row(number, {name: cells[at] if at < len(cells) else "" for name, at in places.items()})


def _columns(row: int, headings: Sequence[str], faults: Faults) -> dict[str, int]:
    """Return where each column is, and note headings that are missing, doubled or nearly right."""
    places: dict[str, int] = {}
    for at, heading in enumerate(headings):
        name = column_of(heading)
        if name is not None and name in places:
            faults.add(twice(headings[places[name]], heading), row=row, column=name)
        elif name is not None:
            places[name] = at
    note_absent(row, headings, places, faults)
    return places


def note_absent(row: int, headings: Iterable[str], present: Iterable[str], faults: Faults) -> None:
    """Note each required column that is not there, and each optional one that seems only misspelt."""
    unknown = [heading for heading in headings if column_of(heading) is None]
    there = set(present)
    for name in (name for name in COLUMNS if name not in there):
        similar = next((heading for heading in unknown if looks_like(heading, name)), None)
        if similar is not None:
            faults.add(f"looks like {name}: name it {either(name)}, or quite differently", row=row, column=similar[:40])
        elif name in REQUIRED:
            faults.add(f"is missing: add it as {either(name)}", row=row, column=name)
