"""Kill the agent at every boundary while the portal misbehaves, and judge by the ledger: ``scripts/chaos``."""

import argparse
import json
import platform
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from rich.console import Console

from .plan import Plan, Shard
from .planning import PER_SHARD, make_plan
from .sabotage import SABOTAGE
from .shards import Worked, work_shard
from .shrink import shrink
from .tables import complaints, failed, figures, table

_MOST_TRIES = 40


def main(argv: Sequence[str] | None = None) -> int:
    """Work a plan; exit with 1 where a number that must be zero is not."""
    args = _parser().parse_args(argv)
    console = Console(width=max(Console().width, 120))
    plan = _plan(args)
    if args.save_plan is not None:
        args.save_plan.write_text(plan.model_dump_json(indent=1) + "\n", encoding="utf-8")
    if args.only_plan:
        return 0
    worked = work(plan, args, console)
    data = figures(worked)
    title = f"seed {plan.seed}, {plan.size} orders in {len(plan.shards)} shops"
    console.print(table(data, title))
    lines = complaints(worked)
    for line in lines:
        console.print(line, soft_wrap=True, markup=False, highlight=False)
    if args.json is not None:
        machine = {"platform": platform.platform(), "python": platform.python_version()}
        whole = {"seed": plan.seed, "machine": machine, "figures": data, "complaints": lines}
        args.json.write_text(json.dumps(whole, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    if not failed(worked):
        return 0
    if args.shrink is not None:
        _shrink(plan, worked, args, console)
    return 1


def work(plan: Plan, args: argparse.Namespace, console: Console) -> list[Worked]:
    """Work the shards of a plan, some at a time, and say how each went as soon as it is over."""

    def one(shard: Shard) -> Worked:
        worked = work_shard(shard, without=args.without, keep=args.keep)
        numbers = worked.numbers
        console.print(
            f"shard {shard.number}: {shard.skin}, {shard.role}, {numbers.orders} orders,"
            f" {sum(numbers.kills.values())} kills, {numbers.seconds:.0f} s,"
            f" {worked.findings.faults or 'nothing wrong'}",
            soft_wrap=True,
            markup=False,
            highlight=False,
        )
        return worked

    with ThreadPoolExecutor(args.jobs) as pool:
        return list(pool.map(one, plan.shards))


def _shrink(plan: Plan, worked: Sequence[Worked], args: argparse.Namespace, console: Console) -> None:
    """Write the shortest plan that still fails in the same way."""
    failing = [one for one in worked if failed([one])]
    kinds = {kind for one in failing for kind in one.findings.faults}

    def fails(smaller: Plan) -> bool:
        again = [work_shard(shard, without=args.without) for shard in smaller.shards]
        found = any(kinds & one.findings.faults.keys() for one in again)
        console.print(f"{sum(len(shard.items) for shard in smaller.shards)} items: {'fails' if found else 'passes'}")
        return found

    first = plan.model_copy(update={"shards": (failing[0].shard,)})
    shortest = shrink(first, fails, most=args.tries)
    args.shrink.write_text(shortest.model_dump_json(indent=1) + "\n", encoding="utf-8")
    console.print(f"the shortest plan that still fails: {args.shrink}; again: --plan {args.shrink}", soft_wrap=True)


def _plan(args: argparse.Namespace) -> Plan:
    if args.plan is not None:
        return Plan.model_validate_json(args.plan.read_text("utf-8"))
    return make_plan(args.seed, args.orders, per_shard=args.per_shop)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/chaos", description=__doc__)
    number: Any = _count
    parser.add_argument("--orders", type=number, default=100, metavar="N", help="how many orders are asked for (100)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="the same seed makes the same plan (1)")
    parser.add_argument(
        "--per-shop", type=number, default=PER_SHARD, metavar="N", help=f"orders in a shop ({PER_SHARD})"
    )
    parser.add_argument("--jobs", type=number, default=1, metavar="N", help="shops that are worked at once (1)")
    parser.add_argument("--plan", type=Path, metavar="FILE", help="work this plan instead of a seed's")
    parser.add_argument("--save-plan", type=Path, metavar="FILE", help="write the plan down before it is worked")
    parser.add_argument("--only-plan", action="store_true", help="do nothing else")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers to a file as well")
    parser.add_argument("--shrink", type=Path, metavar="FILE", help="where it fails, write the shortest plan that does")
    parser.add_argument("--tries", type=number, default=_MOST_TRIES, help=f"the most runs for that ({_MOST_TRIES})")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep databases, evidence and output there")
    parser.add_argument("--without", choices=sorted(SABOTAGE), action="append", default=[], help="switch a guard off")
    return parser


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"not a number above zero: {text}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
