"""Commands that look at what was done: cases, show, report, evidence."""
# ruff: noqa: PLC0415 - what a command does is imported when it runs: --help must not wait for a browser's driver

from pathlib import Path
from typing import Annotated

import typer

from agent.cli.call import call_of
from agent.cli.options import AnyShop, CaseWord, Json
from agent.domain.cases import WaitingFor

evidence = typer.Typer(
    name="evidence",
    help="Check and hand on the evidence of what was done.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def add_to(cli: typer.Typer) -> None:
    """Add these commands, in the order in which --help shows them."""
    for command in (cases, show, report):
        cli.command()(command)
    cli.add_typer(evidence)


def cases(
    ctx: typer.Context,
    *,
    open_only: Annotated[bool, typer.Option("--open", help="Only cases that have not ended.")] = False,
    waiting: Annotated[
        WaitingFor | None, typer.Option("--waiting", metavar="WORD", help="Only cases that wait for this.")
    ] = None,
    shop: AnyShop = None,
    json: Json = False,
) -> None:
    """List cases, and what stands in their way.

    With --waiting and what people answer (human, approval, login, human_check, consent, return_parcel) it is a to-do
    list: what is asked, until when, what happens if nobody answers, and the command that answers. Stops, open
    breakers, messages that could not be sent, and runs that did not come or did not end are told on stderr.
    """
    from agent.cli.looking import list_cases

    raise typer.Exit(list_cases(call_of(ctx), shop=shop, open_only=open_only, waiting=waiting, as_json=json))


def show(ctx: typer.Context, case: CaseWord, *, json: Json = False) -> None:
    """Show one case: what was done, and what it waits for."""
    from agent.cli.looking import show_case

    raise typer.Exit(show_case(call_of(ctx), case, as_json=json))


def report(
    ctx: typer.Context,
    *,
    to: Annotated[Path, typer.Option("--to", metavar="FILE", help="A file that ends in .html or .xlsx.")],
    since: Annotated[
        str | None, typer.Option("--since", metavar="D", help="Only cases touched since, such as 2026-11-01 or 7d.")
    ] = None,
    shop: AnyShop = None,
) -> None:
    """Write a report: an HTML page with pictures, or a workbook.

    The page is self-contained. The last line on stdout is its absolute path.
    """
    from agent.cli.reporting import write_report

    raise typer.Exit(write_report(call_of(ctx), to, since=since, shop=shop))


@evidence.command()
def verify(
    ctx: typer.Context,
    what: Annotated[
        str | None, typer.Argument(metavar="[CASE|PATH]", help="A case, an exported file or a folder; else all.")
    ] = None,
    *,
    key: Annotated[
        str | None, typer.Option("--key", metavar="BASE64", help="The public key that must have signed a PATH.")
    ] = None,
) -> None:
    """Check evidence against its chain and signatures.

    It says intact since signed, unsigned, or names the first broken item. Exits with 0 only where all is intact.
    """
    from agent.cli.evidence import verify_evidence

    raise typer.Exit(verify_evidence(call_of(ctx), what, key=key))


@evidence.command()
def export(
    ctx: typer.Context,
    case: CaseWord,
    *,
    to: Annotated[Path, typer.Option("--to", metavar="FILE", help="The file to write; it ends in .html.")],
) -> None:
    """Write one case as one file that anybody can open."""
    from agent.cli.evidence import export_evidence

    raise typer.Exit(export_evidence(call_of(ctx), case, to))
