"""JSON Lines: one object a row."""

import json
from collections.abc import Iterator
from typing import Any

from agent.request_file.columns import column_of, twice
from agent.request_file.faults import Faults
from agent.request_file.headings import note_absent
from agent.request_file.rows import Row
from agent.request_file.text import BOM, UTF16_MARKS


def json_rows(raw: bytes, faults: Faults) -> Iterator[Row]:
    """Yield the rows that are not blank, by canonical column."""
    if raw.startswith(UTF16_MARKS):
        raise faults.fatal("is in UTF-16: save it again as UTF-8")
    for number, line in enumerate(raw.removeprefix(BOM).split(b"\n"), 1):
        if not line.strip():
            continue
        pairs = _json_pairs(line, number, faults)
        if pairs is not None:
            yield Row(number, _json_cells(pairs, number, faults))


def _json_pairs(line: bytes, row: int, faults: Faults) -> list[tuple[str, Any]] | None:
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


def _json_cells(pairs: list[tuple[str, Any]], row: int, faults: Faults) -> dict[str, object]:
    keys: dict[str, str] = {}
    cells: dict[str, object] = {}
    for key, value in pairs:
        name = column_of(key)
        if name is None:
            continue
        if name in keys:
            faults.add(twice(keys[name], key), row=row, column=name)
        elif value is None or isinstance(value, str):
            cells[name] = value
        else:
            faults.add(_not_a_string(name, value), row=row, column=name)
        keys.setdefault(name, key)
    note_absent(row, [key for key, _ in pairs], keys, faults)
    return cells


def _not_a_string(name: str, value: object) -> str:
    kind = "number" if isinstance(value, int | float) and not isinstance(value, bool) else "value that is not a string"
    why = ": numbers lose digits" if name == "order_id" else ""
    return f'came as a {kind}{why}; write it as a string in "…"'
