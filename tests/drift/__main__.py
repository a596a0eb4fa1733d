"""Change a portal as its next release might, and say how much of it doctor finds: ``scripts/drift``."""

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from random import Random

from rich.console import Console
from rich.table import Table

from agent.doctor.bearing import Weight
from fixtures.mock_portal.server import SKINS
from tests.e2e.e2e_shop import worker

from . import oscar_place
from .drifts import all_drifts
from .measure import Tally, Visited, measure
from .mock_places import mock

_LEAST_FOUND, _MOST_FALSE = 95.0, 1.0


def main(argv: Sequence[str] | None = None) -> int:
    """Exit with 1 where too little is found, too much is said on unchanged days, or a visit changed anything."""
    args = _parser().parse_args(argv)
    console = Console(width=max(Console().width, 140))
    tally = Tally()
    os.environ.setdefault("CLOSEWRIGHT_TEST_PASSWORD", "demo")
    rng = Random(args.seed)  # noqa: S311 - repeatable on purpose
    try:
        for place in args.place or SKINS:
            tried = oscar_place.drifts() if place == oscar_place.NAME else all_drifts()
            drifts = [drift for drift in tried if place in drift.skins and args.only in drift.name]
            if args.sample:
                drifts = rng.sample(drifts, min(args.sample, len(drifts)))
            days = [rng.randrange(1, 60) for _ in range(args.days)]
            opener = oscar_place.opened if place == oscar_place.NAME else mock(place)
            tally.visits += measure(opener, drifts, days, said=lambda one: console.print(_line(one), highlight=False))
    finally:
        worker().close()
    _show(console, tally)
    if args.json:
        Path(args.json).write_text(json.dumps([asdict(one) for one in tally.visits], ensure_ascii=False, default=str))
    false = 100 - tally.share(None)
    bad = tally.share(Weight.ACTING) < _LEAST_FOUND or false > _MOST_FALSE
    return int(bad or any(one.changed_truth for one in tally.visits))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="drift", description=__doc__)
    places = (*SKINS, oscar_place.NAME)
    parser.add_argument(
        "--place", action="append", choices=places, help="this skin, or the real oscar (may be given again; every skin)"
    )
    parser.add_argument("--sample", type=int, default=0, metavar="N", help="so many changes of each, at random")
    parser.add_argument("--only", default="", metavar="TEXT", help="only changes with this in their names")
    parser.add_argument("--days", type=int, default=5, metavar="N", help="unchanged days of each")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", metavar="FILE", help="write every visit")
    return parser


def _line(one: Visited) -> str:
    what = f"{one.drift.weight}: {one.drift.name}" if one.drift is not None else "unchanged day"
    state = "ok" if one.right else "WRONG"
    if one.drift is not None and not one.struck:
        state = "not struck"
    said = "; ".join((*one.said, *one.troubles))[:240]
    return f"{one.place:9} {state:10} {one.seconds:5.1f} s  {what} -> {one.found or 'nothing'} {said}"


def _show(console: Console, tally: Tally) -> None:
    table = Table(title="What doctor finds")
    for heading in ("", "visits", "judged rightly"):
        table.add_column(heading)
    names = {Weight.ACTING: "acting changes", Weight.READING: "reading changes", Weight.COSMETIC: "cosmetic changes"}
    for weight, name in [*names.items(), (None, "unchanged days")]:
        table.add_row(name, str(len(tally.of(weight))), f"{tally.share(weight):.1f} %")
    console.print(table)
    kinds: Counter[str] = Counter(one.drift.kind for one in tally.visits if one.drift is not None and one.struck)
    wrong: Counter[str] = Counter(
        one.drift.kind for one in tally.visits if one.drift is not None and one.struck and not one.right
    )
    for kind, count in kinds.items():
        console.print(f"{kind:10} {count - wrong[kind]} of {count}")
    for one in tally.visits:
        if not one.right and (one.struck or one.drift is None):
            console.print(_line(one), style="red", highlight=False)
    for one in tally.not_struck:
        console.print(f"not struck: {_line(one)}", highlight=False)


if __name__ == "__main__":
    sys.exit(main())
