"""What has been learnt so far, kept as the profile that it will be: tables of entries, each with its comment."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agent.errors import ConfigError
from agent.evidence.words import visible
from page_objects.loader import parse_profile

# The order in which a reader wants them; `acts` are lists of tables.
_TABLES = (
    "", "money", "frames", "identity", "signals", "pages", "words", "reasons", "forms", "acts", "requests", "private",
    "unverified",
)  # fmt: skip
_NEEDED = ("words.order_state", "words.item_shipping", "words.controls", "forms", "acts", "requests", "private")
_FIRST = {"url": 0, "frame": 1, "ready": 2}
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_ARRAY = "acts."
_OLD = "profile.old.toml"


class Notebook:
    """A profile in the making."""

    def __init__(self, folder: Path, name: str) -> None:
        self.path = folder / name / "profile.toml"
        self.name = name
        self.tables: dict[str, dict[str, Any]] = {"": {}}
        self._comments: dict[tuple[str, str], str] = {}
        self._ours = False  # the file on the disk is from this session

    def put(self, table: str, key: str, value: Any, comment: str = "") -> None:
        """Write one entry down, in place of what stood there."""
        self.tables.setdefault(table, {})[key] = value
        self.comment(table, key, comment)

    def comment(self, table: str, key: str, comment: str) -> None:
        """Say something about an entry, or, with an empty key, about a table."""
        if comment:
            self._comments[table, key] = comment

    def drop(self, table: str, key: str, comment: str) -> None:
        """Take an entry out, and say why in its place."""
        self.tables.setdefault(table, {}).pop(key, None)
        self._comments[table, ""] = "\n".join(filter(None, [self._comments.get((table, ""), ""), f"{key}: {comment}"]))

    def get(self, table: str, key: str) -> Any:
        """Return an entry, or None."""
        return self.tables.get(table, {}).get(key)

    def patterns(self, table: str) -> list[str]:
        """Return the patterns that name a table with all that is in it, as far as it is there."""
        if not self._under(table):
            return []
        return [table] if table.startswith(_ARRAY) else [table, f"{table}.*"]

    def text(self) -> str:
        """Return the file as it stands, with what the loader still misses in its last lines."""
        body = self._body()
        open_still = self.faults(body)
        if not open_still:
            return body
        lines = "\n".join(f"# - {fault}" for fault in open_still)
        return f"{body}\n# Still to write, before it can be used (closewright portal check {self.name}):\n{lines}\n"

    def faults(self, body: str | None = None) -> list[str]:
        """Return what keeps the file from being a profile."""
        try:
            parse_profile((body or self._body()).encode(), origin="profile.toml", name=self.name)
        except ConfigError as fault:
            return [line.removeprefix("profile.toml: ") for line in fault.faults]
        return []

    def save(self) -> None:
        """Write the file; one that stood there before is kept beside it.

        Raises:
            ConfigError: the folder cannot be written.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if not self._ours and self.path.exists():
                self.path.replace(self.path.with_name(_OLD))
            self._ours = True
            self.path.write_text(self.text(), encoding="utf-8", newline="\n")
        except OSError as fault:
            raise ConfigError([f"profile {self.path}: cannot be written ({type(fault).__name__})"]) from fault

    def _body(self) -> str:
        tables = {**{needed: {} for needed in _NEEDED if not self._under(needed)}, **self.tables}
        ordered = sorted(tables, key=lambda name: _TABLES.index(name.partition(".")[0]))
        return "\n".join(self._table(name, tables[name]) for name in ordered)

    def _under(self, table: str) -> bool:
        return any(name == table or name.startswith(f"{table}.") for name in self.tables)

    def _table(self, name: str, entries: Mapping[str, Any]) -> str:
        lines = _commented(self._comments.get((name, ""), ""))
        if name:
            lines.append(f"[[{name}]]" if name.startswith(_ARRAY) else f"[{name}]")
        for key, value in sorted(entries.items(), key=lambda entry: _FIRST.get(entry[0], len(_FIRST))):
            lines += _commented(self._comments.get((name, key), ""))
            lines.append(f"{_key(key)} = {written(value)}")
        return "\n".join(lines) + "\n"


def _commented(text: str) -> list[str]:
    return [f"# {visible(line)}" for line in text.splitlines()]


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else written(key)


def written(value: Any) -> str:
    """Return a value as TOML, on one line."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            whole = value.encode("utf-8", "replace").decode()  # half a character cannot be written
            return json.dumps(whole, ensure_ascii=False).replace("\x7f", "\\u007f")
        case Mapping():
            return "{ " + ", ".join(f"{_key(key)} = {written(inner)}" for key, inner in value.items()) + " }"
        case list() | tuple():
            return "[" + ", ".join(written(inner) for inner in value) + "]"
        case _:
            return str(value)
