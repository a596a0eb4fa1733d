"""Whether a long batch keeps its memory: resident megabytes early and late in one batch, in a process of its own."""

import asyncio
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from .cost import shop_for
from .faults import BenchFault
from .load import Memory
from .portal import PortalProcess, closed_once

_ROOT = Path(__file__).parents[2]  # where ``tests`` is a package, whoever has imported us
_EVERY = 5  # orders between two readings
_AROUND = 0.2  # readings of this share of the early order's number, before and after it, are taken together


@dataclass(slots=True)
class BatchMemory:
    """What a batch held, by number of orders done."""

    skin: str
    lanes: int
    early: int
    late: int
    readings: dict[int, Memory] = field(default_factory=dict)

    def at(self, order: int, part: Callable[[Memory], float] = lambda memory: memory.total_mb) -> float:
        """Return the megabytes around an order: the median, since browsers breathe."""
        reach = max(_EVERY, round(self.early * _AROUND))
        return median(part(memory) for done, memory in self.readings.items() if abs(done - order) <= reach)

    @property
    def ratio(self) -> float:
        """Late over early."""
        return self.at(self.late) / self.at(self.early)


async def batch_memory(
    skin: str, folder: Path, *, early: int, late: int, lanes: int = 4, every: int = _EVERY
) -> BatchMemory:
    """Work ``late`` orders as one batch and return what it held.

    Raises:
        BenchFault: the batch broke off.
    """
    found = BatchMemory(skin, lanes, early, late)
    with PortalProcess(skin, orders=shop_for(late)) as portal:
        ids = portal.unpaid()[:late]
        for line in await _batch(portal, skin, folder, ids, lanes=lanes, every=every):
            done = line.pop("order")
            found.readings[done] = Memory(**line)
        closed_once(portal, ids)
    return found


async def _batch(
    portal: PortalProcess, skin: str, folder: Path, ids: list[str], *, lanes: int, every: int
) -> list[dict[str, Any]]:
    command = [
        sys.executable, "-m", "tests.bench.one_batch", "--url", portal.url, "--skin", skin,
        "--folder", str(folder), "--lanes", str(lanes), "--every", str(every),
    ]  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, cwd=_ROOT
    )
    told, _ = await process.communicate("\n".join(ids).encode())
    if process.returncode:
        raise BenchFault(f"the batch ended with {process.returncode}; its error stands above")
    return [json.loads(line) for line in told.decode().splitlines()]
