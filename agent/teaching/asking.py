"""What is asked of the person who teaches, and who answers: a terminal, a file of answers, or a test."""

import asyncio
import sys
import threading
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from agent.errors import ConfigError


class Kind(StrEnum):
    """How a question is answered."""

    POINT = "point"  # with the pointer, or with a target as a profile has it; nothing leaves it out
    DO = "do"  # by doing something in the window, then with an empty line
    TEXT = "text"  # with a line of text; an empty one takes the default


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that is asked; ``key`` is its name in a file of answers."""

    key: str
    kind: Kind
    text: str
    default: str = ""


class Interrupted(Exception):
    """The person has ended the session."""


class Person(Protocol):
    """Who answers."""

    async def answer(self, question: Question) -> str:
        """Return the line that answers; cancelled where the pointer was quicker.

        Raises:
            Interrupted: the person has left.
        """

    def tell(self, text: str) -> None:
        """Say something that wants no answer."""


class Terminal:
    """A person at a terminal; one thread reads, since a read of standard input cannot be taken back."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._lines: asyncio.Queue[str | None] | None = None

    async def answer(self, question: Question) -> str:
        """Return the next line that is typed."""
        lines = self._reading()
        default = f" [{question.default}]" if question.default else ""
        self._write(f"\n{question.text}{default}")
        line = await lines.get()
        if line is None:
            lines.put_nowait(None)
            raise Interrupted
        return line.strip() or question.default

    def tell(self, text: str) -> None:
        """Write a line."""
        self._write(text)

    def _reading(self) -> asyncio.Queue[str | None]:
        if self._lines is None:
            self._lines = asyncio.Queue()
            reader = threading.Thread(target=self._read, args=(asyncio.get_running_loop(), self._lines), daemon=True)
            reader.start()
        return self._lines

    @staticmethod
    def _read(loop: asyncio.AbstractEventLoop, lines: asyncio.Queue[str | None]) -> None:
        for line in sys.stdin:
            loop.call_soon_threadsafe(lines.put_nowait, line)
        loop.call_soon_threadsafe(lines.put_nowait, None)


class AnswerFile:
    """Answers written beforehand, by the keys of the questions; what it does not answer takes the default.

    Each is given once: asked again, because it did not do, the question is left out. A list answers one asking after
    the other.
    """

    def __init__(self, path: Path, write: Callable[[str], None]) -> None:
        self._write = write
        self._answers = _read_answers(path)

    async def answer(self, question: Question) -> str:
        """Return what the file has."""
        several = self._answers.get(question.key, [])
        answer = several.pop(0) if several else question.default
        self._write(f"{question.key} = {answer!r}")
        return answer

    def tell(self, text: str) -> None:
        """Write a line."""
        self._write(text)


def _read_answers(path: Path) -> dict[str, list[str]]:
    try:
        data = tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as fault:
        why = type(fault).__name__
        raise ConfigError([f"{path}: cannot be read ({why}): give a file that you may read"]) from fault
    except tomllib.TOMLDecodeError as fault:
        raise ConfigError([f"{path}: not TOML: {fault}"]) from fault
    wrong = [key for key, value in data.items() if not _is_answer(value)]
    if wrong:
        raise ConfigError([f"{path}: answer {key!r}: write a text, or a list of texts" for key in wrong])
    return {key: [value] if isinstance(value, str) else list(value) for key, value in data.items()}


def _is_answer(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(one, str) for one in value))
