"""Work every scripted scenario over pairwise combinations of skin and fault, eight times: ``scripts/pass8``."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random

from rich.console import Console
from rich.table import Table

from tests.sittings import Sittings

from .combining import plan_of, rows
from .repeating import ROUND, differences, repeat


def main(argv: Sequence[str] | None = None) -> int:
    """Exit with 1 where a combination ended differently, or anything is wrong in a ledger."""
    parser = _parser()
    args = parser.parse_args(argv)
    console = Console(width=max(Console().width, 120))
    chosen = rows()
    if args.rows:
        chosen = Random(args.seed).sample(chosen, min(args.rows, len(chosen)))  # noqa: S311 - repeatable on purpose
    plan, meant = plan_of(chosen, args.seed)
    try:
        sittings = Sittings(f"{len(chosen)} combinations, seed {args.seed}", args.journal, ROUND)
    except ValueError as fault:
        parser.error(str(fault))

    def said(line: str) -> None:
        console.print(line, highlight=False)

    repeated = repeat(plan, args.times, jobs=args.jobs, said=said, sittings=sittings)
    unlike = differences(repeated, meant)
    runs = len(chosen) * args.times
    figures = {
        "combinations": len(chosen),
        "times each": args.times,
        "ended the same way every time": len(chosen) - len(unlike),
        "ended differently": len(unlike),
        "wrong, double, false, lost or broken": len(repeated.faults),
        "seconds per order": round(repeated.seconds / runs, 2) if runs else None,
    }
    table = Table(title=f"pass^{args.times}, seed {args.seed}", show_header=False)
    for name, value in figures.items():
        table.add_row(name, str(value))
    console.print(table)
    for line in [*unlike, *repeated.faults]:
        console.print(line, soft_wrap=True, markup=False, highlight=False)
    if args.json is not None:
        whole = {"seed": args.seed, "figures": figures, "unlike": list(unlike), "faults": repeated.faults}
        args.json.write_text(json.dumps(whole, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return 1 if unlike or repeated.faults else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/pass8", description=__doc__)
    parser.add_argument("--times", type=int, default=8, metavar="N", help="how often each is worked (8)")
    parser.add_argument("--rows", type=int, default=0, metavar="N", help="only so many combinations (all)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="the same seed makes the same shops (1)")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="shops that are worked at once (1)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers to a file as well")
    parser.add_argument(
        "--journal", type=Path, metavar="FILE", help="write down each round of a shop, and work none that stands there"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
