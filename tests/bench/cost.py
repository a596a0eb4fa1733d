"""What an order costs: the bare script and the product side by side, in turns, on one portal."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter

from .bare import CloseOne, bare_script
from .load import CpuClock
from .portal import PortalProcess, closed_once
from .product import AtWork, product_at_work
from .spans import Phase, watching

BLOCK = 5  # orders that one side works before the other has its turn
_WARM_UP = 2


@dataclass(slots=True)
class Cost:
    """Milliseconds per order, one number per round; the ratios are of rounds, never across them."""

    skin: str
    orders: int
    bare_ms: list[float] = field(default_factory=list)
    product_ms: list[float] = field(default_factory=list)
    bare_cpu_ms: list[float] = field(default_factory=list)
    product_cpu_ms: list[float] = field(default_factory=list)
    phases: list[Phase] = field(default_factory=list)

    @property
    def ratios(self) -> list[float]:
        """Wall time of the product over the bare script's, by round."""
        return [ours / bare for ours, bare in zip(self.product_ms, self.bare_ms, strict=True)]

    @property
    def ratio(self) -> float:
        """The median of the rounds."""
        return median(self.ratios)

    @property
    def cpu_ratio(self) -> float:
        """Processor time of the product over the bare script's: the median of the rounds."""
        return median(ours / bare for ours, bare in zip(self.product_cpu_ms, self.bare_cpu_ms, strict=True))


async def order_cost(skin: str, orders: int, folder: Path, *, block: int = BLOCK, warm_up: int = _WARM_UP) -> Cost:
    """Close about so many orders with each side, and return what they took."""
    rounds = max(1, orders // block)
    share = warm_up + rounds * block
    with PortalProcess(skin, orders=shop_for(2 * share)) as portal, watching() as spans:
        ids = portal.unpaid()[: 2 * share]
        theirs, ours = ids[:share], ids[share:]
        cost = Cost(skin, rounds * block)
        async with (
            bare_script(portal.url, skin) as close_one,
            product_at_work(portal, folder, ours) as product,
        ):
            await _bare_block(close_one, theirs[:warm_up])
            await product.block(warm_up)
            spans.clear()
            clock = CpuClock(without=portal.pid)
            for start in range(warm_up, share, block):
                await _round(cost, close_one, theirs[start : start + block], product, clock)
        cost.phases = spans.phases()
        closed_once(portal, ids)
    return cost


def shop_for(unpaid: int) -> int:
    """Return how many orders a shop needs to hold so many plain unpaid ones (28.5 % of it are)."""
    return max(100, unpaid * 4)


async def _round(cost: Cost, close_one: CloseOne, theirs: Sequence[str], product: AtWork, clock: CpuClock) -> None:
    """Give each side a turn, the one that went last now going first: a machine that slows down favours neither."""

    async def bare() -> None:
        clock.lap()
        seconds = await _bare_block(close_one, theirs)
        cost.bare_ms.append(seconds * 1000 / len(theirs))
        cost.bare_cpu_ms.append(clock.lap() * 1000 / len(theirs))

    async def ours() -> None:
        clock.lap()
        seconds = await product.block(len(theirs))
        cost.product_ms.append(seconds * 1000 / len(theirs))
        cost.product_cpu_ms.append(clock.lap() * 1000 / len(theirs))

    turns = [bare, ours] if len(cost.bare_ms) % 2 == 0 else [ours, bare]
    for turn in turns:
        await turn()


async def _bare_block(close_one: CloseOne, orders: Sequence[str]) -> float:
    began = perf_counter()
    for order in orders:
        await close_one(order)
    return perf_counter() - began
