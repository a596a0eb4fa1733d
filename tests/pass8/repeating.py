"""Working the same shops again and again, and holding the ends of each order against each other."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from tests.chaos.plan import Plan, Shard
from tests.chaos.shards import Worked, work_shard

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


def repeat(plan: Plan, times: int, *, jobs: int, said: Said) -> Repeated:
    """Work every shop of a plan so many times in a row, some shops at once."""

    def often(shard: Shard) -> list[Worked]:
        worked = [work_shard(shard) for _ in range(times)]
        said(f"shop {shard.number}: {shard.skin}, {shard.role}, {len(shard.wishes)} orders, {times} times")
        return worked

    repeated = Repeated()
    with ThreadPoolExecutor(jobs) as pool:
        for one in pool.map(often, plan.shards):
            for worked in one:
                _take(worked, repeated)
    return repeated


def _take(worked: Worked, repeated: Repeated) -> None:
    for wish in worked.shard.wishes:
        repeated.ends.setdefault(wish.order_id, []).append(worked.numbers.ends.get(wish.order_id, "no case"))
    repeated.faults += [f"{name}: {line}" for name, lines in worked.findings.faults.items() for line in lines]
    repeated.seconds += worked.numbers.seconds


def differences(repeated: Repeated, meant: Mapping[str, Row]) -> Sequence[str]:
    """Return a line for each combination that did not end the same way every time."""
    return [
        f"{_words(meant[order_id])} ({order_id}): "
        + ", ".join(f"{number} times {end!r}" for end, number in Counter(ends).most_common())
        for order_id, ends in repeated.unlike.items()
    ]


def _words(row: Row) -> str:
    return f"{row.scenario} on {row.skin}, fault {row.fault} at its {row.step} step"
