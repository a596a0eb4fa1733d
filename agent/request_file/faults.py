"""Everything that is wrong with a file, each with its place."""

from agent.errors import ConfigError
from agent.request_file.columns import COLUMNS

FAULTS_SHOWN = 200


class Faults:
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
