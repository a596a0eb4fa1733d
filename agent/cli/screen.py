"""Where output goes: results on stdout, everything else on stderr, and nothing that a page said as markup."""

import sys
from typing import Any

from rich.console import Console, RenderableType
from rich.text import Text

from agent.cli.words import Voice
from agent.evidence.words import plain_json, visible

_NO_TERMINAL_WIDTH = 160  # a file or a pipe has no width of its own


class Screen:
    """One command's output."""

    def __init__(self, voice: Voice, *, as_json: bool = False) -> None:
        self.voice = voice
        self.as_json = as_json
        self.out = _console(stderr=False)
        self.err = _console(stderr=True)

    def result(self, thing: RenderableType) -> None:
        """Show a result that is no text, such as a table; nothing where JSON was asked for."""
        if not self.as_json:
            self.out.print(thing)

    def line(self, text: str) -> None:
        """Show one line of the result, never wrapped, for it may name a file."""
        if not self.as_json:
            self.bare(text)

    def bare(self, text: str) -> None:
        """Write one line to stdout as it is."""
        self.out.print(Text(visible(text)), soft_wrap=True)

    def data(self, data: Any) -> None:
        """Write one JSON object to stdout, where that was asked for."""
        if self.as_json:
            sys.stdout.write(f"{plain_json(data)}\n")

    def tell(self, key: str, **facts: object) -> None:
        """Say something to the operator, on stderr."""
        self.note(self.voice.say(key, **facts))

    def note(self, text: str) -> None:
        """Write one line to stderr, never wrapped."""
        self.err.print(Text(visible(text)), soft_wrap=True)


def _console(*, stderr: bool) -> Console:
    console = Console(stderr=stderr, highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console = Console(stderr=stderr, highlight=False, markup=False, emoji=False, width=_NO_TERMINAL_WIDTH)
    return console
