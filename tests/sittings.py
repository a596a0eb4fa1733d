"""A long run in several sittings: what has been done is written down and not done again."""

from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

T = TypeVar("T")


class _Line(BaseModel):
    """One part that was done, of which run, how long the run took for it, and what came of it."""

    model_config = ConfigDict(extra="forbid")

    run: str
    part: str
    seconds: float
    result: object


class Sittings(Generic[T]):
    """The parts that earlier sittings of the same run have done, and those that this one adds.

    ``run`` says what makes a part the same part again: how much, which seed, which skins.

    Raises:
        ValueError: the file is no journal of this run.
    """

    def __init__(self, run: str, file: Path | None, kind: TypeAdapter[T]) -> None:
        self._run = run
        self._file = file
        self._kind = kind
        self.done: dict[str, T] = {}
        self.seconds = 0.0
        if file is not None and file.exists():
            for number, text in enumerate(file.read_text("utf-8").splitlines(), start=1):
                self._read(text, f"{file}, line {number}")

    def add(self, part: str, result: T, seconds: float) -> None:
        """Write down that a part was done."""
        if self._file is not None:
            plain = self._kind.dump_python(result, mode="json")
            line = _Line(run=self._run, part=part, seconds=seconds, result=plain)
            with self._file.open("a", encoding="utf-8") as journal:
                journal.write(line.model_dump_json() + "\n")

    def _read(self, text: str, place: str) -> None:
        try:
            line = _Line.model_validate_json(text)
            result = self._kind.validate_python(line.result)
        except ValidationError as fault:
            raise ValueError(f"{place}: no part of such a run: {fault}") from None
        if line.run != self._run:
            raise ValueError(f"{place}: is of another run ({line.run}), not of {self._run}")
        self.done[line.part] = result
        self.seconds += line.seconds
