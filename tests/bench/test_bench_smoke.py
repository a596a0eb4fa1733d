"""The bench still measures: each piece on a few orders, judged by the shape of what it returns and by the ledger."""

import asyncio
import json
from pathlib import Path

import pytest
from rich.console import Console

from agent.engine.run import Run

from . import spans
from .cost import Cost, order_cost
from .faults import BenchFault
from .lanes import lane_gain
from .load import Memory
from .memory import BatchMemory, batch_memory
from .portal import PortalProcess, closed_once
from .size import shop_size
from .tables import cost_table, figures, memory_table, phase_table, size_table


def test_cost_closes_the_orders_of_both_sides_and_says_where_the_time_went(tmp_path: Path) -> None:
    found = asyncio.run(order_cost("classic", 1, tmp_path, block=1, warm_up=1))
    assert len(found.bare_ms) == len(found.product_ms) == 1
    assert found.ratio > 0
    assert found.cpu_ratio > 0
    labels = {phase.label for phase in found.phases}
    assert {"evidence: pictures and page texts", "gate: request held", "store: write transactions"} <= labels
    assert all(phase.calls >= 1 for phase in found.phases)


@pytest.mark.long
def test_lanes_and_batches_close_every_order_once(tmp_path: Path) -> None:
    """Each piece holds the portal's ledger against its orders, and raises where they differ."""

    async def both() -> tuple[float, BatchMemory]:
        lanes = await lane_gain("classic", 0, tmp_path / "lanes", lanes=(1,), rounds=1, each=1)
        memory = await batch_memory("classic", tmp_path / "memory", early=1, late=2, lanes=2, every=1)
        return lanes.gain(1), memory

    gain, memory = asyncio.run(both())
    assert gain == 1
    assert set(memory.readings) == {1, 2}
    assert memory.ratio > 0
    assert all(reading.browser_mb > 0 and reading.python_mb > 0 for reading in memory.readings.values())


@pytest.mark.slow
def test_shop_size_gives_one_number_per_size_and_round(tmp_path: Path) -> None:
    found = asyncio.run(shop_size("classic", tmp_path, sizes=(60,), rounds=1, block=1))
    assert [len(rounds) for rounds in found.per_order_ms.values()] == [1]
    assert found.ratio > 0
    Console(quiet=True).print(size_table(found))
    assert json.loads(json.dumps(figures({"size": found})))["size"]["ratio"] == round(found.ratio, 3)


def test_tables_and_json_hold_the_medians_of_the_rounds() -> None:
    cost = Cost("classic", 3, [10, 20, 40], [20, 30, 120], [5, 5, 5], [10, 10, 20], [spans.Phase("x", 1.0, 1.0)])
    memory = BatchMemory("classic", 4, 100, 200, {100: Memory(50, 50, 100), 200: Memory(55, 55, 110)})
    console = Console(record=True, width=200, quiet=True)
    console.print(cost_table([cost]), phase_table(cost), memory_table(memory))
    plain = figures({"cost": [cost], "memory": memory})
    assert plain["cost"][0]["ratio"] == 2.0
    assert plain["cost"][0]["cpu_ratio"] == 2.0
    assert plain["memory"]["ratio"] == 1.1


def test_orders_that_were_not_closed_stop_the_bench() -> None:
    with PortalProcess("classic", orders=20) as portal, pytest.raises(BenchFault, match="exactly once"):
        closed_once(portal, portal.unpaid()[:1])


def test_a_renamed_function_of_the_product_stops_the_bench(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise its time would silently move into another part."""
    monkeypatch.setattr(spans, "_TIMED", ((Run, "no_longer_there", "x"),))
    with pytest.raises(BenchFault, match="no_longer_there"), spans.watching():
        pass


def test_watching_leaves_the_product_as_it_was() -> None:
    before = Run.load
    with spans.watching():
        assert Run.load is not before
    assert Run.load is before
