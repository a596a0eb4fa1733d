"""What lanes gain: sessions with one and more lanes on one portal, in turns."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from .cost import shop_for
from .portal import PortalProcess, closed_once
from .product import product_at_work

LANES = (1, 2, 4, 8)


@dataclass(slots=True)
class Lanes:
    """Orders per second by number of lanes, one number per round."""

    skin: str
    latency_ms: int
    per_second: dict[int, list[float]] = field(default_factory=dict)

    def gain(self, lanes: int) -> float:
        """How many times as fast so many lanes are as the fewest: the median of the rounds."""
        fewest = self.per_second[min(self.per_second)]
        return median(many / one for many, one in zip(self.per_second[lanes], fewest, strict=True))


async def lane_gain(
    skin: str, latency_ms: int, folder: Path, *, lanes: Sequence[int] = LANES, rounds: int = 2, each: int = 2
) -> Lanes:
    """Work ``each`` orders per lane and round, and return how many came out per second."""
    found = Lanes(skin, latency_ms, {count: [] for count in lanes})
    shares = {count: count * (1 + rounds * each) for count in lanes}
    total = sum(shares.values())
    with PortalProcess(skin, orders=shop_for(total), latency_ms=latency_ms) as portal:
        ids = portal.unpaid()[:total]
        async with AsyncExitStack() as stack:
            sessions = {}
            left = list(ids)
            for count, share in shares.items():
                mine, left = left[:share], left[share:]
                opening = product_at_work(portal, folder / f"lanes-{count}", mine, lanes=count)
                sessions[count] = await stack.enter_async_context(opening)
                await sessions[count].block(count)
            for _ in range(rounds):
                for count, session in sessions.items():
                    found.per_second[count].append(count * each / await session.block(count * each))
        closed_once(portal, ids)
    return found
