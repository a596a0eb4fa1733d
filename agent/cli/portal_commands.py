"""Commands about portals: login, doctor, mock-portal, demo."""
# ruff: noqa: PLC0415 - what a command does is imported when it runs: --help must not wait for a browser's driver

from pathlib import Path
from typing import Annotated

import typer

from agent.cli.call import call_of
from agent.cli.options import Json, Shop, Skin

MOST_ORDERS = 2000


def add_to(cli: typer.Typer) -> None:
    """Add these commands, in the order in which --help shows them."""
    for command in (login, doctor, demo):
        cli.command()(command)
    cli.command("mock-portal")(mock_portal)
    portal = typer.Typer(help="Write and check the profile of a back office.", no_args_is_help=True)
    portal.command("new")(portal_new)
    portal.command("check")(portal_check)
    cli.add_typer(portal, name="portal")


def login(ctx: typer.Context, *, shop: Shop) -> None:
    """Sign in to a shop's portal, by hand where it wants a person.

    The session is kept for later runs, where there is a key to seal it with.
    """
    from agent.cli.signing_in import sign_in_by_hand

    raise typer.Exit(sign_in_by_hand(call_of(ctx), shop))


def doctor(
    ctx: typer.Context,
    orders: Annotated[
        list[str] | None, typer.Argument(metavar="[ORDER_ID]...", help="Orders to look at; else the list's first.")
    ] = None,
    *,
    shop: Shop,
    headed: Annotated[bool, typer.Option("--headed", help="Show the browser.")] = False,
    accept: Annotated[bool, typer.Option("--accept", help="Compare later visits with this one.")] = False,
    json: Json = False,
) -> None:
    """Compare a portal with its profile and its past; reads only.

    Unverified reading entries that are found are confirmed for this shop. Exits with 1 where something is
    missing, ambiguous or unknown, or has changed that reading or acting leans on; a page shows what has changed,
    and its path is the last line on stdout.
    """
    from agent.cli.examining import examine_shop

    raise typer.Exit(examine_shop(call_of(ctx), shop, orders or [], headed=headed, accept=accept, as_json=json))


def demo(
    ctx: typer.Context,
    *,
    orders: Annotated[
        int, typer.Option("--orders", min=1, max=MOST_ORDERS, metavar="N", help="How many orders to work.")
    ] = 40,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="Which shop: the same seed, the same shop.")] = 1,
    skin: Annotated[Skin, typer.Option("--skin", help="What the portal looks like.")] = Skin.WORKBENCH,
    headed: Annotated[bool, typer.Option("--headed", help="Show the browser.")] = False,
) -> None:
    """Close a mixed batch on a mock portal, and check the truth.

    It starts the portal, compares every outcome with the portal's own ledger, and writes a report. The last
    line on stdout is the report's absolute path. Exits with 0 only where everything agrees.
    """
    from agent.cli.demo import run_demo

    raise typer.Exit(run_demo(call_of(ctx), orders=orders, seed=seed, skin=skin, headed=headed))


def portal_new(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the profile will be called.")],
    *,
    url: Annotated[str, typer.Option("--url", metavar="U", help="The portal's list of orders, or its login.")],
    folder: Annotated[
        Path, typer.Option("--dir", metavar="DIR", help="Where your own profiles are: NAME/profile.toml.")
    ] = Path("my-profiles"),
    portal_language: Annotated[
        str, typer.Option("--portal-language", metavar="X", help="The language of the portal's pages.")
    ] = "zh-CN",
    act: Annotated[str, typer.Option("--act", metavar="A", help="The act to learn, without doing it.")] = "close",
    orders: Annotated[
        int, typer.Option("--orders", min=1, max=50, metavar="N", help="On how many orders all is checked.")
    ] = 6,
    username: Annotated[str, typer.Option("--username", metavar="U", help="The account that signs in.")] = "",
    password: Annotated[
        str, typer.Option("--password", metavar="REF", help="Its password: env:NAME or keyring:SERVICE/USER.")
    ] = "",
    remote: Annotated[
        str | None, typer.Option("--remote", metavar="CDP", help="A browser on this machine to point in.")
    ] = None,
    headless: Annotated[bool, typer.Option("--headless", help="Show no window; goes with --answers.")] = False,
    answers: Annotated[
        Path | None, typer.Option("--answers", metavar="FILE", help="Answers in TOML, by the questions' keys.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Begin anew; the old file is kept.")] = False,
) -> None:
    """Write the profile of a new back office by pointing at its pages; reads only.

    A browser is opened; point at what is asked for, or type a target, and answer in the terminal. Every request
    that could change something is held back; the one that the act's last button sends is taken down from there.
    Ends by telling what is missing for which act. Exits with 3 where it was interrupted: what was learnt is kept.
    """
    from agent.cli.portal_teaching import Asked, new_portal

    asked = Asked(
        name=name, url=url, folder=folder, language=portal_language, act=act, orders=orders, username=username,
        password=password, remote=remote, headless=headless, answers=answers, force=force,
    )  # fmt: skip
    raise typer.Exit(new_portal(call_of(ctx), asked))


def portal_check(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The profile's name.")],
    *,
    folder: Annotated[
        Path | None, typer.Option("--dir", metavar="DIR", help="Where your own profiles are: NAME/profile.toml.")
    ] = None,
    portal_language: Annotated[
        str | None, typer.Option("--portal-language", metavar="X", help="One of the profile's languages.")
    ] = None,
    json: Json = False,
) -> None:
    """Read a profile, and list what is missing for which act.

    No portal is visited and no settings are needed. Faults of the file are told all at once, with their lines.
    Exits with 1 where orders could not be closed, or an act that the profile describes would be stopped.
    """
    from agent.cli.portal_checking import check_portal

    raise typer.Exit(check_portal(call_of(ctx), name, folder=folder, language=portal_language, as_json=json))


def mock_portal(
    *,
    port: Annotated[int, typer.Option("--port", min=0, max=65_535, metavar="P", help="0 takes a free one.")] = 8765,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="Which shop: the same seed, the same shop.")] = 1,
    orders: Annotated[
        int, typer.Option("--orders", min=0, max=100_000, metavar="N", help="How many orders the shop has.")
    ] = 200,
    skin: Annotated[Skin, typer.Option("--skin", help="What it looks like.")] = Skin.WORKBENCH,
    faults: Annotated[Path | None, typer.Option("--faults", metavar="FILE", help="A TOML file of faults.")] = None,
    latency_ms: Annotated[
        int, typer.Option("--latency-ms", min=0, max=60_000, metavar="MS", help="How long every answer takes.")
    ] = 0,
) -> None:
    """Serve the bundled mock portal until interrupted.

    Its address is printed once it is ready.
    """
    from agent.cli.mock_portal import serve

    numbers = {"port": port, "seed": seed, "orders": orders, "latency-ms": latency_ms}
    raise typer.Exit(serve(numbers, skin=skin.value, faults=faults))
