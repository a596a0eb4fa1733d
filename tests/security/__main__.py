"""Attack closewright with mutated pages: ``python -m tests.security N --seed S`` (or ``scripts/attack``)."""

import argparse
import os
import platform
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from loguru import logger
from rich.console import Console
from rich.table import Table

from tests.e2e.e2e_shop import SKINS, worker

from .arena import Arena, Fought, Mutated, arena
from .mutations import Tally, attack, shrunk

BATCH = 40
ORDERS = 2000  # of one portal: enough for some hundred attacks, then comes the next one


class Arenas:
    """Gives batches to the portals of all skins by turns; a portal whose orders are used up makes way for a new one."""

    def __init__(self, open_: ExitStack, skins: Sequence[str], *, seed: int, lanes: int) -> None:
        self._open = open_
        self._skins = skins
        self._seed = seed
        self._lanes = lanes
        self._arenas: dict[str, tuple[Arena, ExitStack]] = {}
        self._batches = 0
        self._portals = 0
        self.came_abroad: list[str] = []

    def fight(self, attacks: Sequence[Mutated]) -> list[Fought]:
        """Have the next skin's portal fight these."""
        skin = self._skins[self._batches % len(self._skins)]
        self._batches += 1
        here = self._arena(skin, len(attacks))
        fights = here.fight(attacks)
        self.came_abroad += here.came_abroad
        here.came_abroad.clear()
        return fights

    def _arena(self, skin: str, wanted: int) -> Arena:
        known = self._arenas.get(skin)
        if known is not None and known[0].left >= wanted:
            return known[0]
        if known is not None:
            known[1].close()
        self._portals += 1
        stack = self._open.enter_context(ExitStack())
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="closewright-attack-")))
        made = arena(folder, skin, orders=ORDERS, seed=self._seed * 1000 + self._portals, lanes=self._lanes)
        self._arenas[skin] = (stack.enter_context(made), stack)
        return self._arenas[skin][0]


def main(argv: Sequence[str] | None = None) -> int:
    """Attack, print the table, and return 1 where anything wrong happened."""
    args = _parser().parse_args(argv)
    logger.remove()  # thousands of refused requests
    console = Console(width=max(Console().width, 110))
    console.print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    os.environ["CLOSEWRIGHT_TEST_PASSWORD"] = "demo"
    skins = [args.skin] if args.skin else list(SKINS)
    batch = min(BATCH, args.mutations)
    began = time.monotonic()
    with _browser(), ExitStack() as stack:
        arenas = Arenas(stack, skins, seed=args.seed, lanes=args.lanes)
        tally = attack(arenas.fight, batches=-(-args.mutations // batch), of=batch, seed=args.seed)
        seconds = time.monotonic() - began
        worst = [shrunk(arenas.fight, wrong) for wrong in tally.wrong[:3]]
    console.print(_table(tally, arenas.came_abroad, seconds))
    for wrong in worst:
        console.print(f"wrong: {' '.join(map(str, wrong.mutated))}: {wrong.wrong} ({wrong.word}: {wrong.why})")
    skin = f" --skin {args.skin}" if args.skin else ""
    console.print(f"again: python -m tests.security {args.mutations} --seed {args.seed}{skin}", soft_wrap=True)
    return 1 if tally.wrong or arenas.came_abroad else 0


@contextmanager
def _browser() -> Iterator[None]:
    try:
        yield
    finally:
        if worker.cache_info().currsize:
            worker().close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.security", description=__doc__)
    parser.add_argument("mutations", type=_count, metavar="N", help="how many mutated pages (a batch more at most)")
    parser.add_argument("--seed", type=int, default=1, help="which ones (1)")
    parser.add_argument("--skin", choices=SKINS, help="one skin instead of all by turns")
    parser.add_argument("--lanes", type=_count, default=12, help="pages at once (12): most of an attack is waiting")
    return parser


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"not a number: {text}")
    return int(text)


def _table(tally: Tally, came_abroad: Sequence[str], seconds: float) -> Table:
    table = Table(show_header=False)
    table.add_column()
    table.add_column(justify="right")
    rows: list[tuple[str, object]] = [
        ("mutated pages", tally.mutated),
        ("  all different from each other", len(tally.different)),
        ("  of which no trick was played in time", tally.not_struck),
        ("closed as asked", tally.closed),
        ("refused, with a reason", sum(tally.refused.values())),
        *((f"  {word}", count) for word, count in tally.refused.most_common()),
        ("wrong changes, double changes, false ends, refusals without a reason", len(tally.wrong)),
        ("requests that reached a foreign host", len(came_abroad)),
        ("seconds", f"{seconds:.0f}"),
        ("mutated pages per second", f"{tally.mutated / seconds:.2f}"),
    ]
    if not tally.wrong:
        rows.insert(-3, ("upper bound of wrong ends, 95 % (rule of three)", f"{3 / tally.mutated:.2%}"))
    for name, value in rows:
        table.add_row(name, str(value))
    return table


if __name__ == "__main__":
    sys.exit(main())
