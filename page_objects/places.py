"""On which line of a TOML file a key stands: for complaints; the standard library's reader does not keep it."""

import re
from collections import Counter
from collections.abc import Mapping

_NAME = r"""(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')"""
_PATH = rf"{_NAME}(?:\s*\.\s*{_NAME})*"
_TABLE = re.compile(rf"\s*(\[\[?)\s*({_PATH})\s*\]")
_KEY = re.compile(rf"\s*({_PATH})\s*=")
_INDEX = re.compile(r"\[(\d+)\]")


def lines_of(text: str) -> dict[str, int]:
    """Return the line of each table and key, by dotted path; tables of a list are numbered from 0.

    Keys inside one-line tables are found at the key that holds them.
    """
    lines: dict[str, int] = {}
    counted: Counter[str] = Counter()
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        header = _TABLE.match(line)
        if header is not None:
            table = _plain(header[2])
            if header[1] == "[[":
                counted[table] += 1
                lines.setdefault(table, number)
                table = f"{table}.{counted[table] - 1}"
            lines.setdefault(table, number)
        elif key := _KEY.match(line):
            lines.setdefault(f"{table}.{_plain(key[1])}".lstrip("."), number)
    return lines


def line_of(lines: Mapping[str, int], path: str) -> int | None:
    """Return the line on which a path begins, or the nearest table or key around it."""
    parts = _INDEX.sub(r".\1", path).split(".")
    for end in range(len(parts), 0, -1):
        found = lines.get(".".join(parts[:end]))
        if found is not None:
            return found
    return None


def _plain(path: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in path.split("."))
