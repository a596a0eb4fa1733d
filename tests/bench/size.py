"""Whether a large shop costs more per order than a small one: one session on each, in turns."""

from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from .portal import PortalProcess, closed_once
from .product import product_at_work

SIZES = (100, 10_000)
_WARM_UP = 2


@dataclass(slots=True)
class ShopSize:
    """Milliseconds per order by number of orders in the shop, one number per round."""

    skin: str
    per_order_ms: dict[int, list[float]] = field(default_factory=dict)

    @property
    def ratio(self) -> float:
        """The largest shop over the smallest: the median of the rounds."""
        small, large = self.per_order_ms[min(self.per_order_ms)], self.per_order_ms[max(self.per_order_ms)]
        return median(more / less for more, less in zip(large, small, strict=True))


async def shop_size(
    skin: str, folder: Path, *, sizes: tuple[int, ...] = SIZES, rounds: int = 5, block: int = 4
) -> ShopSize:
    """Close orders in shops of each size and return what one took; the smallest shop must hold enough unpaid ones."""
    found = ShopSize(skin, {size: [] for size in sizes})
    async with AsyncExitStack() as stack:
        sessions = {}
        portals = {}
        for size in sizes:
            portal = stack.enter_context(PortalProcess(skin, orders=size))
            mine = portal.unpaid()[: _WARM_UP + rounds * block]
            portals[size] = portal, mine
            opening = product_at_work(portal, folder / f"size-{size}", mine)
            sessions[size] = await stack.enter_async_context(opening)
            await sessions[size].block(_WARM_UP)
        for turn in range(rounds):
            for size in sizes if turn % 2 == 0 else reversed(sizes):
                seconds = await sessions[size].block(block)
                found.per_order_ms[size].append(seconds * 1000 / block)
        for portal, mine in portals.values():
            closed_once(portal, mine)
    return found
