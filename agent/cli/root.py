"""The program and its options; nothing heavy is imported before a command runs."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from agent import __version__
from agent.cli import desk_commands, look_commands, notice_commands, portal_commands, work_commands
from agent.cli.call import Call, spoken_here
from agent.cli.options import Language
from agent.errors import ClosewrightError


class _Commands(TyperGroup):
    """The commands; what goes wrong in one is told in the language that was asked for."""

    def invoke(self, ctx: Any) -> Any:  # Typer brings its own Click, or takes the one that is installed
        try:
            return super().invoke(ctx)
        except ClosewrightError as fault:
            said = ctx.find_object(Call)
            raise typer.Exit(_told(fault, said.language if said is not None else spoken_here())) from fault


def _told(fault: ClosewrightError, language: Language) -> int:
    """Write one line on stderr for each thing that is wrong, and return the exit code."""
    from agent.cli.exits import code_of, lines_of  # noqa: PLC0415 - only a failed command needs it
    from agent.cli.words import Voice  # noqa: PLC0415

    for line in lines_of(fault, Voice(language)):
        sys.stderr.write(f"{line}\n")
    return code_of(fault)


# Plain help: it is quick, the same in every terminal, and stands in docs/cli.md as it is.
cli = typer.Typer(
    name="closewright",
    cls=_Commands,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _version(value: bool) -> None:  # noqa: FBT001 - Typer calls it so
    if value:
        typer.echo(f"closewright {__version__}")
        raise typer.Exit


@cli.callback()
def root(
    ctx: typer.Context,
    *,
    config: Annotated[
        Path | None, typer.Option("--config", metavar="PATH", help="The settings; else closewright.toml here.")
    ] = None,
    language: Annotated[
        Language | None,
        typer.Option("--language", envvar="CLOSEWRIGHT_LANGUAGE", help="What to speak; else what the locale says."),
    ] = None,
    verbose: Annotated[
        int, typer.Option("--verbose", "-v", count=True, show_default=False, help="Log more on stderr; -vv logs all.")
    ] = 0,
    log_file: Annotated[
        Path | None, typer.Option("--log-file", metavar="FILE", help="Also log to this file, in full.")
    ] = None,
    version: Annotated[  # noqa: ARG001 - its callback answers
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Close orders in a marketplace's seller back office through the browser, and prove what was done.

    Exit codes: 0 all is well or waits; 1 some order wants a person; 2 bad usage, file or settings, nothing was
    done; 3 stopped (kill switch, breaker, limit, shop busy); 4 a login or a check by a person is needed.
    """
    ctx.obj = Call(config, language or spoken_here(), verbose, log_file)


for commands in (work_commands, look_commands, desk_commands, notice_commands, portal_commands):
    commands.add_to(cli)
