"""Commands by which people decide: cancel, answer, reopen, approve, reject, stop, start."""
# ruff: noqa: PLC0415 - what a command does is imported when it runs: --help must not wait for a browser's driver

from pathlib import Path
from typing import Annotated

import typer

from agent.cli.call import call_of
from agent.cli.options import AnyShop, As, CaseWord, Note


def add_to(cli: typer.Typer) -> None:
    """Add these commands, in the order in which --help shows them."""
    for command in (answer, cancel, reopen, approve, reject, stop, start):
        cli.command()(command)


def answer(
    ctx: typer.Context,
    case: CaseWord,
    word: Annotated[
        str,
        typer.Argument(
            metavar="WORD",
            help="consent, refuse, received, sent, picture, dispute, done, not-done, send, leave, reply, continue or "
            "give-up.",
        ),
    ],
    *,
    note: Note = "",
    file: Annotated[
        list[Path] | None,
        typer.Option(
            "--file",
            metavar="FILE",
            help="With 'consent': the file that proves it. With 'picture': the picture. With 'reply': a file, "
            "repeatable.",
        ),
    ] = None,
    text: Annotated[
        Path | None,
        typer.Option(
            "--text", metavar="FILE", help="With 'reply': what is said. With 'send': the answer, instead of the draft."
        ),
    ] = None,
    carrier: Annotated[str, typer.Option(metavar="NAME", help="With 'sent': who carries the goods back.")] = "",
    number: Annotated[str, typer.Option(metavar="N", help="With 'sent': the parcel's number.")] = "",
) -> None:
    """Answer what a case waits for.

    The next run or resume acts on it. consent, refuse: what the counterparty said. received: the returned goods
    are here. sent: as purchaser, the goods are on their way back. picture: for the refund application. dispute:
    the supplier's refusal goes to the platform. done, not-done: whether an act whose effect could not be proved has
    happened. send, leave: whether a review gets the answer that show shows. reply: what the platform is told in our
    ticket. continue: look again now. give-up: people go on without us.
    """
    from agent.cli.deciding import parcel_of, take_answer

    parcel = parcel_of(carrier, number)
    take_answer(call_of(ctx), case, word, note=note, files=file or (), text=text, parcel=parcel)


def cancel(ctx: typer.Context, case: CaseWord, *, note: Note = "") -> None:
    """End an open case.

    Refused while an act of it is not settled.
    """
    from agent.cli.deciding import cancel_case

    cancel_case(call_of(ctx), case, note=note)


def reopen(ctx: typer.Context, case: CaseWord) -> None:
    """Make an ended case due again."""
    from agent.cli.deciding import reopen_case

    reopen_case(call_of(ctx), case)


def approve(ctx: typer.Context, case: CaseWord, *, name: As) -> None:
    """Approve the exact terms that a case asks for.

    It holds once, and only while the terms do not change.
    """
    from agent.cli.deciding import approve_case

    approve_case(call_of(ctx), case, name)


def reject(ctx: typer.Context, case: CaseWord, *, name: As) -> None:
    """Refuse what a case asks for; it ends as rejected."""
    from agent.cli.deciding import reject_case

    reject_case(call_of(ctx), case, name)


def stop(
    ctx: typer.Context,
    *,
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="Why, for those who find it stopped.")],
    shop: AnyShop = None,
) -> None:
    """Let no request leave from now on: the kill switch."""
    from agent.cli.deciding import stop_shop

    stop_shop(call_of(ctx), shop, why)


def start(ctx: typer.Context, *, shop: AnyShop = None) -> None:
    """Lift the kill switch, and close open circuit breakers."""
    from agent.cli.deciding import start_shop

    start_shop(call_of(ctx), shop)
