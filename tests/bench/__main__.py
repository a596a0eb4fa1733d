"""Measure closewright in one run: ``python -m tests.bench`` (or ``scripts/bench``)."""

import argparse
import asyncio
import json
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from loguru import logger
from rich.console import Console

from .cost import order_cost
from .lanes import lane_gain
from .memory import batch_memory
from .size import shop_size
from .tables import cost_table, figures, lanes_table, memory_table, phase_table, size_table

SKINS = ("classic", "workbench")
PARTS = ("cost", "lanes", "memory", "size")
LATENCIES_MS = (200, 0)
MEMORY, MEMORY_FULL = (50, 150), (100, 2000)  # orders after which a batch is weighed


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print tables, and say how to do it again."""
    args = _parser().parse_args(argv)
    logger.remove()  # the product's log would only lie between the tables
    console = Console(width=max(Console().width, 130))
    console.print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with TemporaryDirectory(prefix="closewright-bench-") as folder:
        results = asyncio.run(_measure(args, Path(folder), console))
    if args.json is not None:
        machine = {"platform": platform.platform(), "cores": os.cpu_count(), "python": platform.python_version()}
        data = {"command": _command(argv), "machine": machine, **figures(results)}
        args.json.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    console.print(f"again: {_command(argv)}", soft_wrap=True)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--skin", choices=SKINS, help="measure one skin instead of both")
    parser.add_argument("--orders", type=_count, default=20, help="orders of each side when measuring the cost (20)")
    parser.add_argument("--only", choices=PARTS, action="append", help="measure this part only; may be given again")
    parser.add_argument(
        "--full", action="store_true", help=f"memory over {MEMORY_FULL[1]} orders instead of {MEMORY[1]}"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to a file as well")
    return parser


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"not a number of orders: {text}")
    return int(text)


def _command(argv: Sequence[str] | None) -> str:
    return " ".join(["python -m tests.bench", *(sys.argv[1:] if argv is None else argv)])


async def _measure(args: argparse.Namespace, folder: Path, console: Console) -> dict[str, Any]:
    """Measure part by part, each printed as soon as it is there."""
    parts = args.only or PARTS
    skins = [args.skin] if args.skin else list(SKINS)
    results: dict[str, Any] = {}
    if "cost" in parts:
        costs = [await order_cost(skin, args.orders, folder / f"cost-{skin}") for skin in skins]
        results["cost"] = costs
        console.print(cost_table(costs), *(phase_table(cost) for cost in costs))
    if "lanes" in parts:
        gains = [await lane_gain(skins[0], latency, folder / f"latency-{latency}") for latency in LATENCIES_MS]
        results["lanes"] = gains
        console.print(lanes_table(gains))
    if "memory" in parts:
        early, late = MEMORY_FULL if args.full else MEMORY
        results["memory"] = await batch_memory(skins[0], folder / "memory", early=early, late=late)
        console.print(memory_table(results["memory"]))
    if "size" in parts:
        results["size"] = await shop_size(skins[0], folder / "size")
        console.print(size_table(results["size"]))
    return results


if __name__ == "__main__":
    sys.exit(main())
