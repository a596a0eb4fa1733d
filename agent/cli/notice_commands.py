"""Commands about what is told outside the portal: notice preview, notice send."""
# ruff: noqa: PLC0415 - what a command does is imported when it runs: --help must not wait for a browser's driver

from typing import Annotated

import typer

from agent.cli.call import call_of
from agent.cli.options import AnyShop, CaseWord, Language

notice = typer.Typer(
    name="notice",
    help="See and send what buyers and the shop's people are told.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def add_to(cli: typer.Typer) -> None:
    """Add these commands, in the order in which --help shows them."""
    cli.add_typer(notice)


@notice.command()
def preview(
    ctx: typer.Context,
    case: CaseWord,
    *,
    language: Annotated[
        Language | None, typer.Option("--language", help="The notice's language; else the shop's setting.")
    ] = None,
) -> None:
    """Show what the buyer of a case would be told, and by which channels; changes nothing."""
    from agent.cli.noticing import preview_notice

    raise typer.Exit(preview_notice(call_of(ctx), case, language))


@notice.command()
def send(
    ctx: typer.Context,
    *,
    shop: AnyShop = None,
    again: Annotated[bool, typer.Option("--again", help="Also what was given up, from its first try on.")] = False,
) -> None:
    """Send what is due from the outbox; run and resume do so at their end, and a scheduler may.

    Exits with 1 where a channel did not take something, or a message was given up.
    """
    from agent.cli.noticing import send_notices

    raise typer.Exit(send_notices(call_of(ctx), shop, again=again))
