"""Commands that work on orders: run, plan, close, resume."""
# ruff: noqa: PLC0415 - what a command does is imported when it runs: --help must not wait for a browser's driver

from typing import Annotated

import typer

from agent.cli.call import call_of
from agent.cli.options import AnyShop, ByRule, Json, Lanes, Note, Rehearse, RequestFile, Shop

Headed = Annotated[bool, typer.Option("--headed", help="Show the browser.")]


def add_to(cli: typer.Typer) -> None:
    """Add these commands, in the order in which --help shows them."""
    for command in (run, plan, close, resume):
        cli.command()(command)


def run(
    ctx: typer.Context,
    file: RequestFile = None,
    *,
    shop: Shop,
    rule: ByRule = None,
    rehearse: Rehearse = False,
    lanes: Lanes = None,
    limit_orders: Annotated[
        int | None, typer.Option("--limit-orders", min=0, metavar="N", help="Close at most so many orders.")
    ] = None,
    limit_amount: Annotated[
        str | None, typer.Option("--limit-amount", metavar="CNY", help="Close at most so much money in yuan.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before the run begins.")] = False,
    headed: Headed = False,
    json: Json = False,
) -> None:
    """Close the orders that a file, or a rule of the settings, asks for.

    An order whose case is open already attaches to it. The run works while any case is due within the shop's
    wait_s, and returns; 'closewright resume' goes on with what waits.
    """
    from agent.cli.requests import Asks, Wanted, run_orders
    from agent.cli.working import Way

    way = Way(lanes=lanes, headed=headed, json=json)
    wanted = Wanted(shop, rehearse=rehearse, limit_orders=limit_orders, limit_amount=limit_amount, yes=yes)
    raise typer.Exit(run_orders(call_of(ctx), Asks(file, rule), wanted, way))


def plan(
    ctx: typer.Context,
    file: RequestFile = None,
    *,
    shop: Shop,
    rule: ByRule = None,
    lanes: Lanes = None,
    headed: Headed = False,
    json: Json = False,
) -> None:
    """Say what would be done to each order of a file or a rule, and why; reads only.

    With --rule it also says of every order of the list why the rule asks for it or leaves it out.
    """
    from agent.cli.requests import Asks, plan_orders
    from agent.cli.working import Way

    raise typer.Exit(plan_orders(call_of(ctx), Asks(file, rule), shop, Way(lanes=lanes, headed=headed, json=json)))


def close(
    ctx: typer.Context,
    order_id: Annotated[str, typer.Argument(metavar="ORDER_ID", help="The whole id, 15 to 20 digits.")],
    *,
    shop: Shop,
    reason: Annotated[str, typer.Option("--reason", metavar="REASON", help="As in a file's column 'reason'.")],
    consent: Annotated[
        str, typer.Option("--consent", metavar="FILE|yes|no", help="A file that proves it, or your own word.")
    ] = "",
    note: Note = "",
    stock: Annotated[
        str, typer.Option("--stock", metavar="N", help="For out_of_stock: how many pieces are left (0).")
    ] = "",
    sku: Annotated[
        str, typer.Option("--sku", metavar="SKU", help="For out_of_stock: which SKU of the order has run out.")
    ] = "",
    rehearse: Rehearse = False,
    supervised: Annotated[
        bool, typer.Option("--supervised", help="Show the browser, and ask before the request is let out.")
    ] = False,
    headed: Headed = False,
    json: Json = False,
) -> None:
    """Close one order."""
    from agent.cli.requests import Asked, close_one
    from agent.cli.working import Way

    way = Way(lanes=1, headed=headed or supervised, json=json)
    asked = Asked(order_id, shop, reason, consent, note, stock=stock, sku=sku, rehearse=rehearse, supervised=supervised)
    raise typer.Exit(close_one(call_of(ctx), asked, way))


def resume(
    ctx: typer.Context, *, shop: AnyShop = None, lanes: Lanes = None, headed: Headed = False, json: Json = False
) -> None:
    """Go on with every case that is due.

    These are cases that waited, and what a run that was stopped or killed has left. It never asks, and is what a
    scheduler calls.
    """
    from agent.cli.requests import resume_shops
    from agent.cli.working import Way

    raise typer.Exit(resume_shops(call_of(ctx), shop, Way(lanes=lanes, headed=headed, json=json)))
