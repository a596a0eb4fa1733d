"""The product's own engine and store over the model portal: everything but the browser is the real thing."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar, cast
from unittest.mock import patch

from model_portal import Killed, ModelForm, ModelGate, ModelPortal, ModelSite
from sqlalchemy import Connection

from agent.app import App
from agent.domain.cases import Case
from agent.domain.ids import OrderId
from agent.domain.orders import Message, Order
from agent.engine import filling
from agent.engine import run as engine_run
from agent.engine.passes import take_pass
from agent.engine.recorder import Recorder
from agent.engine.run import Run, Scenario
from agent.engine.shop_run import Mode, ShopRun
from agent.settings import load
from agent.store import cases
from agent.store.database import Database
from agent.store.new_ids import new_id
from scenarios.steps import next_step

T = TypeVar("T")
BEGIN = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
ORDERS_PER_DAY, AMOUNT_PER_DAY, APPROVE_ABOVE = 4, 100_000, 30_000
_SETTINGS = f"""
[store]
url = "sqlite:///:memory:"
[shops.demo]
portal = "mock_workbench"
base_url = "http://127.0.0.1:9"
role = "seller"
username = "seller"
password = "env:CLOSEWRIGHT_MODEL_PASSWORD"
breaker = {{ same_fault = 50 }}
limits = {{ orders_per_run = 500, orders_per_day = {ORDERS_PER_DAY}, amount_per_order = "900.00", \
amount_per_day = "{AMOUNT_PER_DAY // 100}.00", approve_above = "{APPROVE_ABOVE // 100}.00" }}
"""


class MortalDatabase(Database):
    """A database before and after each of whose transactions the process may die."""

    portal: ModelPortal

    async def awrite(self, work: Callable[[Connection], T]) -> T:
        """Write, if we live so long."""
        self.portal.boundary()
        result = await super().awrite(work)
        self.portal.boundary()
        return result


@dataclass
class ModelLane:
    """A lane whose page is always the order's."""

    site: ModelSite
    gate: ModelGate
    on_detail: bool = True


@dataclass
class ModelSession:
    """A session that never ends."""

    epoch: int = 0


class BlindRecorder(Recorder):
    """A recorder that has no page to photograph."""

    def __init__(self, shop_run: ShopRun, case_id: str, portal: ModelPortal) -> None:
        super().__init__(shop_run, case_id)
        self._portal = portal

    async def picture(self, _site: object, _name: str, _caption: str) -> None:
        """Take none, if we live so long."""
        self._portal.boundary()


class ModelRun(Run):
    """A pass that looks at the model instead of a page."""

    def __init__(self, shop_run: ShopRun, portal: ModelPortal, case: Case) -> None:
        site = ModelSite(portal)
        super().__init__(shop_run, cast("Any", ModelSession()), cast("Any", ModelLane(site, ModelGate(site))), case)
        self._portal = portal
        self.recorder = BlindRecorder(shop_run, case.case_id, portal)

    async def _read_order(self) -> Order:
        self._portal.boundary()
        return self._portal.deals[self.case.order_id].shown()

    async def thread(self) -> tuple[Message, ...]:
        """Return the conversation as it is."""
        return tuple(self._portal.deals[self.case.order_id].thread)


async def _shows_all(_site: object) -> None:
    """Scroll nowhere: the model's conversation has no page."""


class Agent:
    """The product over one store that outlives its processes."""

    def __init__(self, folder: Path, *, more: str = "", scenario: Scenario = next_step) -> None:
        path = folder / "closewright.toml"
        path.write_text(_SETTINGS + more, encoding="utf-8")
        self._scenario = scenario
        self.app = App(load(path), clock=lambda: self.portal.now)
        profile = self.app.profile(self.app.settings.shop("demo"))
        # The model shows everything at once: a settle time would only be slept through.
        self._loaded = replace(profile, profile=profile.profile.model_copy(update={"settle_s": 0.002}))
        self.portal = ModelPortal(self._loaded.profile, BEGIN)
        self.app.db.close()
        self.app.db = MortalDatabase.open("sqlite:///:memory:")
        cast("MortalDatabase", self.app.db).portal = self.portal
        self._run = self._new_process()

    def close(self) -> None:
        """Let go of the store."""
        self.app.close()

    def passes(self, chosen: Sequence[Case], *, lines_to_live: int | None = None) -> bool:
        """Take passes over cases, each in a lane of its own; False where the process died in them."""
        self.portal.lines_to_live = lines_to_live
        try:
            asyncio.run(self._lanes(chosen))
        except Killed:
            self._run = self._new_process()
            return False
        finally:
            self.portal.lines_to_live = None
        return True

    async def _lanes(self, chosen: Sequence[Case]) -> None:
        with patch.object(filling, "ActForm", ModelForm), patch.object(engine_run, "show_newest", _shows_all):
            ends = await asyncio.gather(*map(self._one, chosen), return_exceptions=True)
        for end in ends:
            if isinstance(end, BaseException):
                raise end

    async def _one(self, case: Case) -> None:
        run = ModelRun(self._run, self.portal, case)
        try:
            await take_pass(run, self._scenario)
        finally:
            run.close()

    def _new_process(self) -> ShopRun:
        run = self.app.shop_run("demo", run_id=new_id("r"), mode=Mode.LIVE)
        return replace(run, loaded=self._loaded)

    def due(self) -> list[Case]:
        """Return the cases that want a pass now."""
        return self.app.db.read(lambda tx: cases.due(tx, shop="demo", now=self.portal.now, limit=50))

    def cases(self) -> list[Case]:
        """Return every case."""
        return self.app.db.read(lambda tx: cases.listing(tx, shop="demo"))

    def case(self, order_id: OrderId) -> Case:
        """Return the newest case of an order."""
        return [case for case in self.cases() if case.order_id == order_id][-1]

    def later(self, hours: float) -> None:
        """Let time pass, for the portal and for us."""
        self.portal.passes(timedelta(hours=hours))
