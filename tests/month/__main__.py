"""Live a scripted month of a shop in minutes, and judge it by the portal's ledger: ``scripts/month``."""

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from loguru import logger
from rich.console import Console
from rich.table import Table

from fixtures.mock_portal.server import SKINS
from tests.e2e.e2e_shop import worker

from .judging import faults_of
from .planning import Month, make_months
from .working import Lived, live

_OF_THE_PLATFORM = ("ticket_filed", "ticket_replied", "dispute_opened", "dispute_decided")


def main(argv: Sequence[str] | None = None) -> int:
    """Exit with 1 where anything is wrong with the month."""
    args = _parser().parse_args(argv)
    console = Console(width=max(Console().width, 120))
    logger.remove()  # thousands of refused requests
    os.environ["CLOSEWRIGHT_TEST_PASSWORD"] = "demo"
    wrong = []
    with TemporaryDirectory(prefix="closewright-month-", ignore_cleanup_errors=True) as name, closing(worker()):
        for month in make_months(args.seed, args.orders, skin=args.skin, days=args.days):
            wrong += _lived(console, month, (args.keep or Path(name)) / month.shard.role, args)
    return 1 if wrong else 0


def _lived(console: Console, month: Month, folder: Path, args: argparse.Namespace) -> list[str]:
    """Live one shop's month, tell what came of it, and return what is wrong with it."""
    folder.mkdir(parents=True, exist_ok=True)
    lived = live(month, folder, said=lambda line: console.print(f"{month.shard.role}, {line}", highlight=False))
    wrong = list(faults_of(month.shard, lived.left, lived.reported, lived.counted, lived.approved))
    console.print(_table(month, lived, wrong, args.seed))
    for line in wrong:
        console.print(line, soft_wrap=True, markup=False, highlight=False)
    if args.keep is not None:
        console.print(str(lived.report.absolute()), soft_wrap=True, highlight=False)
    return wrong


def _table(month: Month, lived: Lived, wrong: Sequence[str], seed: int) -> Table:
    table = Table(title=f"a {month.shard.role}'s month, seed {seed}", show_header=False)
    troubled = len({trouble.order_id for trouble in month.shard.troubles})
    rows: dict[str, object] = {
        "orders asked for": len(month.shard.wishes),
        "days, runs, passes": f"{lived.days}, {lived.runs}, {lived.passes}",
        "orders with a fault; refunds held back": f"{troubled}; {len(month.held)}",
        "answers by a person": lived.answered,
        "tickets filed, replies; disputes, rulings": ", ".join(
            str(sum(line["what"] == what for line in lived.left.ledger)) for what in _OF_THE_PLATFORM
        ),
        **{f"ended: {word}": count for word, count in sorted(lived.outcomes.items())},
        "money returned, by the report (yuan)": lived.counted.returned,
        "money not seen back, by the report (yuan)": lived.counted.awaited,
        "wrong": len(wrong),
        "minutes": round(lived.seconds / 60, 1),
    }
    for name, value in rows.items():
        table.add_row(name, str(value))
    return table


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/month", description=__doc__)
    parser.add_argument("--orders", type=int, default=500, metavar="N", help="how many are asked for (500)")
    parser.add_argument("--days", type=int, default=30, metavar="N", help="how many days (30)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="the same seed makes the same month (1)")
    parser.add_argument("--skin", choices=SKINS, default="classic", help="the portal's pages (classic)")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep evidence, page and workbook there")
    return parser


if __name__ == "__main__":
    sys.exit(main())
