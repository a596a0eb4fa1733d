"""The product at work on a mock portal, in turns: it takes as many orders as it is allowed to, then waits."""

import asyncio
import os
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from time import perf_counter

from agent.app import App, open_session
from agent.domain.cases import Case, CloseRequest, Outcome
from agent.domain.ids import OrderId
from agent.domain.reasons import Reason
from agent.engine.batch import Batch, OnPass
from agent.engine.passes import PassEnd
from agent.engine.queue import StoredQueue
from agent.engine.shop_run import Mode
from agent.settings import load
from scenarios.aftercare import after_step
from scenarios.steps import next_step

from .faults import BenchFault
from .portal import PASSWORD, PortalProcess

SHOP = "bench"
_VARIABLE = "CLOSEWRIGHT_BENCH_PASSWORD"  # the settings name it; it is set for this process only
_SETTINGS = """
[store]
url = "sqlite:///closewright.db"
evidence = "evidence"
signing_key = "keys/signing.key"

[doctor]
before_batch = "off"

[shops.{shop}]
portal = "mock_{skin}"
base_url = "{url}"
role = "seller"
username = "seller"
password = "env:{variable}"
limits = {{ orders_per_run = 100000, orders_per_day = 100000, amount_per_order = "1000000.00", \
amount_per_day = "100000000.00", approve_above = "1000000.00" }}
"""


def open_app(portal: PortalProcess | str, skin: str, folder: Path) -> App:
    """Return the product, set up for the seller of a portal in a folder of its own."""
    os.environ[_VARIABLE] = PASSWORD
    url = portal if isinstance(portal, str) else portal.url
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "closewright.toml"
    path.write_text(_SETTINGS.format(shop=SHOP, skin=skin, url=url, variable=_VARIABLE), encoding="utf-8")
    return App(load(path))


def requests_for(orders: Sequence[str]) -> list[CloseRequest]:
    """Return requests to close orders, as the bare script closes them."""
    return [
        CloseRequest(order_id=OrderId(order), reason=Reason.BUYER_CANCELLED, source={"command": "bench"})
        for order in orders
    ]


class Turns:
    """A queue that gives out the next due case only when it is somebody's turn."""

    def __init__(self, inner: StoredQueue) -> None:
        self._inner = inner
        self._permits = asyncio.Semaphore(0)
        self._over = False

    def allow(self, orders: int) -> None:
        """Let this many more orders be taken."""
        for _ in range(orders):
            self._permits.release()

    def finish(self, lanes: int) -> None:
        """Let every lane find that there is nothing more to do."""
        self._over = True
        self.allow(lanes)

    async def due(self, now: datetime, held: Collection[str]) -> Case | None:
        """Return the next due case, once its turn has come."""
        await self._permits.acquire()
        return None if self._over else await self._inner.due(now, held)

    async def next_due_at(self, held: Collection[str]) -> datetime | None:
        """Return when the next case wants a pass; never, once the bench is over."""
        return None if self._over else await self._inner.next_due_at(held)


class AtWork:
    """A signed-in session of the product with its lanes, which works orders in blocks."""

    def __init__(self, turns: Turns, lanes: int) -> None:
        self.lanes = lanes
        self.working: asyncio.Task[object] | None = None
        self._turns = turns
        self._ended: asyncio.Queue[PassEnd] = asyncio.Queue()

    def on_pass(self, end: PassEnd) -> None:
        """Take note of a pass."""
        self._ended.put_nowait(end)

    async def block(self, orders: int) -> float:
        """Work so many orders, and return the seconds that it took.

        Raises:
            BenchFault: one of them did not end as closed.
        """
        began = perf_counter()
        self._turns.allow(orders)
        for _ in range(orders):
            end = await self._next_end()
            if end.case.outcome is not Outcome.CLOSED:
                raise BenchFault(f"order {end.case.order_id} ended as {end.case.state}: {end.case.why}")
        return perf_counter() - began

    async def _next_end(self) -> PassEnd:
        ending = asyncio.ensure_future(self._ended.get())
        working = self.working
        if working is None:
            raise BenchFault("the product was not started")
        await asyncio.wait({ending, working}, return_when=asyncio.FIRST_COMPLETED)
        if ending.done():
            return ending.result()
        ending.cancel()
        await working
        raise BenchFault("the product stopped before its orders were done")

    async def finish(self) -> None:
        """Let the lanes end."""
        self._turns.finish(self.lanes)
        if self.working is not None:
            await self.working


@asynccontextmanager
async def product_at_work(
    portal: PortalProcess, folder: Path, orders: Sequence[str], *, lanes: int = 1
) -> AsyncIterator[AtWork]:
    """Admit orders, open a browser with lanes, and have them wait for their turn."""
    app = open_app(portal, portal.skin, folder)
    try:
        app.admit(SHOP, requests_for(orders))
        with app.hold(SHOP), app.recorded_run(SHOP, "run") as recorded:
            run = app.shop_run(SHOP, run_id=recorded.run_id, mode=Mode.LIVE)
            async with open_session(app, run) as session:
                turns = Turns(StoredQueue(app.db, SHOP, None))
                at_work = AtWork(turns, lanes)
                on_pass: OnPass = at_work.on_pass
                batch = Batch(run, session, next_step, turns, after=after_step, on_pass=on_pass)
                at_work.working = asyncio.create_task(batch.work(lanes=lanes, wait_s=0))
                yield at_work
                await at_work.finish()
    finally:
        app.close()
