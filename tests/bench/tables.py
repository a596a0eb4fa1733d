"""The figures of a run as tables for people and as plain JSON."""

from statistics import median
from typing import Any

from rich.table import Table

from .cost import Cost
from .lanes import Lanes
from .memory import BatchMemory
from .size import ShopSize

AIM_COST = 2.0
AIM_LANES = 2.5
AIM_FLAT = 0.10


def cost_table(costs: list[Cost]) -> Table:
    """Return what an order costs on each skin."""
    table = _table(f"Order cost, one lane, full evidence, against a bare script (aim: under {AIM_COST:.1f} x)")
    for heading in (
        "skin",
        "orders",
        "bare ms",
        "ours ms",
        "ratio",
        "rounds",
        "bare CPU ms",
        "ours CPU ms",
        "CPU ratio",
    ):
        table.add_column(heading, justify="left" if heading == "skin" else "right")
    for cost in costs:
        table.add_row(
            cost.skin,
            str(cost.orders),
            f"{median(cost.bare_ms):.0f}",
            f"{median(cost.product_ms):.0f}",
            f"{cost.ratio:.2f} x",
            f"{min(cost.ratios):.2f} - {max(cost.ratios):.2f}",
            f"{median(cost.bare_cpu_ms):.0f}",
            f"{median(cost.product_cpu_ms):.0f}",
            f"{cost.cpu_ratio:.2f} x",
        )
    return table


def phase_table(cost: Cost) -> Table:
    """Return where the product's time goes on one skin; each part without the parts inside it."""
    total = sum(phase.ms for phase in cost.phases)
    table = _table(f"Where closewright's {total:.0f} ms go ({cost.skin}, mean per order)")
    _columns(table, "part", "ms", "share", "calls")
    for phase in cost.phases:
        table.add_row(phase.label, f"{phase.ms:.1f}", f"{phase.ms / total:.0%}", f"{phase.calls:g}")
    return table


def lanes_table(found: list[Lanes]) -> Table:
    """Return what lanes gain at each latency."""
    table = _table(f"Lanes (aim: 4 lanes at least {AIM_LANES} x one lane at 200 ms)")
    table.add_column("skin")
    table.add_column("latency", justify="right")
    for count in found[0].per_second:
        table.add_column(f"{count} lane{'s' if count > 1 else ''}", justify="right")
    for each in found:
        cells = [f"{median(rates):.2f}/s  {each.gain(count):.2f} x" for count, rates in each.per_second.items()]
        table.add_row(each.skin, f"{each.latency_ms} ms", *cells)
    return table


def memory_table(found: BatchMemory) -> Table:
    """Return what one batch held early and late."""
    table = _table(
        f"Memory of one batch ({found.skin}, {found.lanes} lanes; aim: flat within {AIM_FLAT:.0%}): {found.ratio:.2f} x"
    )
    _columns(table, "resident MB", f"at order {found.early}", f"at order {found.late}", "kB an order")
    parts = {
        "closewright": lambda memory: memory.python_mb,
        "Playwright's driver": lambda memory: memory.driver_mb,
        "browser": lambda memory: memory.browser_mb,
        "all": lambda memory: memory.total_mb,
    }
    for name, part in parts.items():
        early, late = found.at(found.early, part), found.at(found.late, part)
        growth = (late - early) * 1024 / (found.late - found.early)
        table.add_row(name, f"{early:.0f}", f"{late:.0f}", f"{growth:+.1f}")
    return table


def size_table(found: ShopSize) -> Table:
    """Return what an order costs in shops of several sizes."""
    table = _table(f"Shop size ({found.skin}; aim: flat): {found.ratio:.2f} x")
    for size in found.per_order_ms:
        table.add_column(f"{size:,} orders", justify="right")
    table.add_row(*(f"{median(rounds):.0f} ms" for rounds in found.per_order_ms.values()))
    return table


def figures(results: dict[str, Any]) -> dict[str, Any]:
    """Return the medians and ratios of a run as plain JSON."""
    plain: dict[str, Any] = {}
    if costs := results.get("cost"):
        plain["cost"] = [_cost_json(cost) for cost in costs]
    if lanes := results.get("lanes"):
        plain["lanes"] = [
            {
                "skin": each.skin,
                "latency_ms": each.latency_ms,
                "per_second": {str(count): round(median(rates), 3) for count, rates in each.per_second.items()},
                "gain": {str(count): round(each.gain(count), 3) for count in each.per_second},
            }
            for each in lanes
        ]
    if memory := results.get("memory"):
        plain["memory"] = {
            "skin": memory.skin,
            "lanes": memory.lanes,
            "mb": {str(order): round(memory.at(order), 1) for order in (memory.early, memory.late)},
            "ratio": round(memory.ratio, 3),
        }
    if size := results.get("size"):
        plain["size"] = {
            "skin": size.skin,
            "ms": {str(count): round(median(rounds), 1) for count, rounds in size.per_order_ms.items()},
            "ratio": round(size.ratio, 3),
        }
    return plain


def _cost_json(cost: Cost) -> dict[str, Any]:
    return {
        "skin": cost.skin,
        "orders": cost.orders,
        "bare_ms": round(median(cost.bare_ms), 1),
        "product_ms": round(median(cost.product_ms), 1),
        "ratio": round(cost.ratio, 3),
        "ratios": [round(ratio, 3) for ratio in cost.ratios],
        "bare_cpu_ms": round(median(cost.bare_cpu_ms), 1),
        "product_cpu_ms": round(median(cost.product_cpu_ms), 1),
        "cpu_ratio": round(cost.cpu_ratio, 3),
        "phases": [{"part": one.label, "ms": round(one.ms, 2), "calls": round(one.calls, 2)} for one in cost.phases],
    }


def _columns(table: Table, name: str, *numbers: str) -> None:
    table.add_column(name)
    for number in numbers:
        table.add_column(number, justify="right")


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", title_style="bold", header_style="")
