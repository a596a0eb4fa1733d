"""Attack closewright with mutated pages: ``python -m tests.security N --seed S`` (or ``scripts/attack``)."""

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

from pydantic import TypeAdapter
from rich.console import Console
from rich.table import Table

from tests.e2e.e2e_shop import SKINS
from tests.sittings import Sittings

from . import arena
from .arena import Fought, Mutated, Mutation
from .jobs import Batch, Result, fought
from .mutations import Tally, made, shrunk

BATCH = 120
MOST_SHRUNK = 3
OK, WRONG, USAGE = 0, 1, 2


@dataclass
class Attack:
    """One whole run, and what came of it."""

    tally: Tally = field(default_factory=Tally)
    came_abroad: list[str] = field(default_factory=list)
    broke: list[str] = field(default_factory=list)
    seconds: float = 0
    by_hand: bool = False  # stopped: what is asked for now is the table, not more work

    def add(self, batch: Batch, result: Result) -> None:
        """Count what came of a batch; one that did not come to an end is told by its pages."""
        self.tally.add(result.fights)
        self.came_abroad += result.came_abroad
        if result.broke:
            pages = "; ".join(" ".join(map(str, page)) for page in batch.pages)
            self.broke.append(f"{result.broke}: {pages}")

    @property
    def clean(self) -> bool:
        """Whether every zero is one."""
        return not (self.tally.wrong or self.came_abroad or self.broke)


def main(argv: Sequence[str] | None = None) -> int:
    """Attack, print the table, and return 1 where anything wrong happened."""
    parser = _parser()
    args = parser.parse_args(argv)
    if not args.mutations and not args.page:
        parser.error("say how many mutated pages, or which")
    console = Console(width=max(Console().width, 120))
    console.print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}", highlight=False)
    try:
        pages = [tuple(map(Mutation.read, page.split())) for page in args.page] or made(args.mutations, args.seed)
        skins = [args.skin] if args.skin else list(SKINS)
        run = f"{args.page or len(pages)} seed {args.seed} {' '.join(skins)}"
        sittings = Sittings(run, args.journal, TypeAdapter(Result))
    except ValueError as fault:
        parser.error(str(fault))
    done = _attack(console, list(_batches(pages, skins)), sittings, args)
    console.print(_table(done))
    for line in done.broke:
        console.print(f"not ended: {line}", markup=False)
    if not done.by_hand:
        _tell_simplest(console, done.tally.wrong, args)
    return OK if done.clean else WRONG


def _batches(pages: Sequence[Mutated], skins: Sequence[str]) -> Iterator[Batch]:
    """Deal the pages out to the skins by turns, in batches of one skin each."""
    turns = cycle(skins)
    of = min(BATCH, -(-len(pages) // len(skins)))
    for number, start in enumerate(range(0, len(pages), of)):
        yield Batch(next(turns), pages[start : start + of], number)


def _attack(console: Console, batches: Sequence[Batch], sittings: Sittings[Result], args: argparse.Namespace) -> Attack:
    done = Attack(seconds=sittings.seconds)
    for batch in batches:
        if (known := sittings.done.get(str(batch.number))) is not None:
            done.add(batch, known)
    batches = [batch for batch in batches if str(batch.number) not in sittings.done]
    before = time.monotonic()
    tally = done.tally
    try:
        for batch, result in fought(batches, jobs=args.jobs, seed=args.seed, lanes=args.lanes):
            wrong_before = len(tally.wrong)
            done.add(batch, result)
            took, before = time.monotonic() - before, time.monotonic()
            done.seconds += took
            if not result.broke:  # one that broke is left to the next sitting
                sittings.add(str(batch.number), result, took)
            console.print(
                f"{done.seconds:5.0f} s: {tally.mutated} pages, {tally.closed} closed, {len(tally.wrong)} wrong",
                highlight=False,
            )
            for wrong in tally.wrong[wrong_before:]:
                _tell(console, wrong)
            if args.json:
                Path(args.json).write_text(json.dumps(_rows(done), ensure_ascii=False, indent=2) + "\n", "utf-8")
    except KeyboardInterrupt:
        done.by_hand = True
        done.broke.append(f"stopped by hand after {tally.mutated} pages")
    return done


def _tell(console: Console, wrong: Fought) -> None:
    """Say what a page did, and how it is had again: at once, for a run of hours may not come to its end."""
    page = " ".join(map(str, wrong.mutated))
    console.print(f"{'; '.join(map(str, wrong.wrong))} ({wrong.word}: {wrong.why})", markup=False, soft_wrap=True)
    console.print(f'  again: scripts/attack --page "{page}" --skin {wrong.skin}', markup=False, soft_wrap=True)


def _tell_simplest(console: Console, wrong: Sequence[Fought], args: argparse.Namespace) -> None:
    """Name the first pages that ended wrongly once more, as simple as they can be made."""

    def fight(pages: Sequence[Mutated]) -> list[Fought]:
        [(_, result)] = fought([Batch(skin, pages)], jobs=1, seed=args.seed, lanes=1)
        return result.fights or [Fought("", pages[0], "", "", struck=False, wrong=())]

    for one in wrong[:MOST_SHRUNK]:
        skin = one.skin
        simplest = shrunk(fight, one)
        if simplest is not one:
            _tell(console, simplest)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/attack", description=__doc__)
    parser.add_argument("mutations", type=_count, nargs="?", metavar="N", help="how many mutated pages")
    parser.add_argument("--seed", type=int, default=1, help="which ones (1)")
    parser.add_argument("--page", action="append", default=[], help="this one, as it is named where it ended wrongly")
    parser.add_argument("--skin", choices=SKINS, help="one skin instead of all by turns")
    parser.add_argument("--jobs", type=_count, default=os.cpu_count() or 1, help="processes (one for each core)")
    parser.add_argument(
        "--lanes", type=_count, default=8, help="pages at once in each (8): much of an attack is waiting"
    )
    parser.add_argument("--json", metavar="FILE", help="write the table as JSON too, after each batch")
    parser.add_argument(
        "--journal", type=Path, metavar="FILE", help="write down each batch, and fight none that stands there already"
    )
    return parser


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"not a number: {text}")
    return int(text)


def _rows(done: Attack) -> dict[str, object]:
    tally = done.tally
    rows: dict[str, object] = {
        "mutated pages, all different": tally.mutated,
        "no trick was played in time": tally.not_struck,
        "closed as asked": tally.closed,
        "refused, with a reason": sum(tally.refused.values()),
        "wrong changes": tally.count(arena.WRONG),
        "double changes": tally.count(arena.DOUBLE),
        "false ends": tally.count(arena.FALSE),
        "unexplained": tally.count(arena.UNEXPLAINED),
        "requests that reached a foreign host": len(done.came_abroad),
        "batches that did not end": len(done.broke),
    }
    if done.clean and tally.mutated:
        rows["upper bound of wrong ends, 95 % (rule of three)"] = f"{3 / tally.mutated:.3%}"
    rows["seconds"] = round(done.seconds)
    rows["mutated pages per second"] = round(tally.mutated / max(done.seconds, 1), 2)
    return rows | {f"refused, {word}": count for word, count in tally.refused.most_common()}


def _table(done: Attack) -> Table:
    table = Table(show_header=False)
    table.add_column(overflow="fold")
    table.add_column(justify="right")
    for name, value in _rows(done).items():
        table.add_row(name.replace("[", "\\["), str(value))
    return table


if __name__ == "__main__":
    sys.exit(main())
