"""Working the same shops again and again, and holding the ends of each order against each other."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from time import monotonic

from pydantic import TypeAdapter

from tests.chaos.plan import Plan, Shard
from tests.chaos.shards import Worked, work_shard
from tests.sittings import Sittings

from .combining import Row

Said = Callable[[str], None]


@dataclass(slots=True)
class Repeated:
    """What came of a plan that was worked several times."""

    ends: dict[str, list[str]] = field(default_factory=dict)  # by order, in the order of the times
    faults: list[str] = field(default_factory=list)  # what the judge found, at any time
    seconds: float = 0.0

    @property
    def unlike(self) -> dict[str, list[str]]:
        """The orders that did not end the same way every time."""
        return {order_id: ends for order_id, ends in self.ends.items() if len(set(ends)) > 1}


@dataclass(frozen=True, slots=True)
class Round:
    """What came of one shop that was worked once."""

    ends: dict[str, str]  # by order
    faults: list[str]
    seconds: float


ROUND = TypeAdapter(Round)


def repeat(plan: Plan, times: int, *, jobs: int, said: Said, sittings: Sittings[Round] | None = None) -> Repeated:
    """Work every shop of a plan so many times in a row, some shops at once; not again what a sitting has done."""
    kept = Sittings("", None, ROUND) if sittings is None else sittings

    def often(shard: Shard) -> list[Round]:
        rounds = [kept.done.get(f"{shard.number}.{nth}") or _round(shard, nth, kept) for nth in range(times)]
        said(f"shop {shard.number}: {shard.skin}, {shard.role}, {len(shard.wishes)} orders, {times} times")
        return rounds

    repeated = Repeated()
    with ThreadPoolExecutor(jobs) as pool:
        for rounds in pool.map(often, plan.shards):
            for one in rounds:
                repeated.faults += one.faults
                repeated.seconds += one.seconds
                for order_id, end in one.ends.items():
                    repeated.ends.setdefault(order_id, []).append(end)
    return repeated


def _round(shard: Shard, nth: int, sittings: Sittings[Round]) -> Round:
    began = monotonic()
    done = round_of(work_shard(shard))
    sittings.add(f"{shard.number}.{nth}", done, monotonic() - began)
    return done


def round_of(worked: Worked) -> Round:
    """Return what counts of a shop that was worked."""
    ends = {wish.order_id: worked.numbers.ends.get(wish.order_id, "no case") for wish in worked.shard.wishes}
    faults = [f"{name}: {line}" for name, lines in worked.findings.faults.items() for line in lines]
    return Round(ends, faults, worked.numbers.seconds)


def differences(repeated: Repeated, meant: Mapping[str, Row]) -> Sequence[str]:
    """Return a line for each combination that did not end the same way every time."""
    return [
        f"{_words(meant[order_id])} ({order_id}): "
        + ", ".join(f"{number} times {end!r}" for end, number in Counter(ends).most_common())
        for order_id, ends in repeated.unlike.items()
    ]


def _words(row: Row) -> str:
    return f"{row.scenario} on {row.skin}, fault {row.fault} at its {row.step} step"
