"""A long attack in several sittings: what has been fought is written down and not fought again."""

from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from .jobs import Result


@dataclass(frozen=True, slots=True)
class _Line:
    """One batch that was fought, in which run, and how long the run took for it."""

    run: str
    number: int
    seconds: float
    result: Result


_LINE = TypeAdapter(_Line)


@dataclass
class Sittings:
    """The batches that earlier sittings of the same run have fought, and those that this one adds."""

    run: str  # how many pages, which seed, which skins: what makes batch 7 the same batch again
    file: Path | None = None
    fought: dict[int, Result] = field(default_factory=dict)
    seconds: float = 0

    def __post_init__(self) -> None:
        """Read what earlier sittings have left.

        Raises:
            ValueError: the file is no journal of this run.
        """
        if self.file is None or not self.file.exists():
            return
        for number, text in enumerate(self.file.read_text("utf-8").splitlines(), start=1):
            try:
                line = _LINE.validate_json(text)
            except ValidationError as fault:
                raise ValueError(f"{self.file}, line {number}: no batch of an attack: {fault}") from None
            if line.run != self.run:
                raise ValueError(f"{self.file}, line {number}: is of another run ({line.run}), not of {self.run}")
            self.fought[line.number] = line.result
            self.seconds += line.seconds

    def add(self, number: int, result: Result, seconds: float) -> None:
        """Write down a batch; one that broke is left to the next sitting."""
        if self.file is not None and not result.broke:
            with self.file.open("ab") as journal:
                journal.write(_LINE.dump_json(_Line(self.run, number, seconds, result)) + b"\n")
