"""The console script: runs a command and turns how it ended into an exit code."""

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; what went wrong is one line on stderr for each fault."""
    _speak_utf8()
    from agent.cli.root import cli  # noqa: PLC0415 - after stdout is set up: Typer keeps what it finds at import

    try:
        cli(args=None if argv is None else list(argv), prog_name="closewright")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except Exception as fault:  # noqa: BLE001 - the edge of the program: recorded, and told in one line
        return _unexpected(fault)
    return 0


def _speak_utf8() -> None:
    """Write UTF-8 whatever the console's code page: order ids are safe, but portals speak Chinese."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace")


def _unexpected(fault: Exception) -> int:
    from agent.log import log  # noqa: PLC0415 - slow to import

    log.bind(action="command.failed").opt(exception=fault).debug("a command failed in a way that nobody foresaw")
    first = (str(fault).splitlines() or [""])[0]
    sys.stderr.write(f"closewright: unexpected {type(fault).__name__}: {first}\n")
    sys.stderr.write("closewright: run it again with '-vv --log-file FILE' before the command, and report that file\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
