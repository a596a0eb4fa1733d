"""Write the help texts of every command into docs/cli.md, or check that they stand there as they are."""

import contextlib
import io
import os
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs" / "cli.md"
BEGIN, END = "<!-- help: written by scripts/docs_cli.py -->", "<!-- end of help -->"
COMMANDS = (
    (),
    *((name,) for name in ("run", "plan", "close", "resume", "cases", "show", "report")),
    *((name,) for name in ("answer", "cancel", "reopen", "approve", "reject", "stop", "start")),
    *((name,) for name in ("login", "doctor", "demo", "mock-portal")),
    *(("notice", name) for name in ("preview", "send")),
    *(("portal", name) for name in ("new", "check")),
    *(("evidence", name) for name in ("verify", "export")),
)


def main(arguments: list[str]) -> int:
    """Write the page, or with ``--check`` only compare it; return 1 where it is out of date."""
    page = PAGE.read_text(encoding="utf-8")
    head, begin, rest = page.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        sys.stderr.write(f"{PAGE}: the marks {BEGIN} and {END} are missing\n")
        return 1
    wanted = f"{head}{BEGIN}\n\n{help_texts()}\n{END}{tail}"
    if arguments == ["--check"]:
        if page != wanted:
            sys.stderr.write(f"{PAGE} is out of date: run scripts/docs_cli.py\n")
        return int(page != wanted)
    PAGE.write_text(wanted, encoding="utf-8", newline="\n")
    return 0


def help_texts() -> str:
    """Return the help of every command, each under its own heading."""
    parts = [
        f"### closewright {' '.join(command)}".rstrip() + f"\n\n```\n{help_of(command)}\n```\n" for command in COMMANDS
    ]
    return "\n".join(parts)


def help_of(command: tuple[str, ...]) -> str:
    """Return what a command's --help prints in a terminal of 80 columns."""
    os.environ["COLUMNS"] = "80"  # before Typer looks how wide the terminal is
    from agent.__main__ import main as closewright  # noqa: PLC0415

    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        closewright([*command, "--help"])
    return "\n".join(line.rstrip() for line in said.getvalue().rstrip().splitlines())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
