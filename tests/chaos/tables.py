"""What a run says on a terminal and in a file."""

from collections import Counter
from collections.abc import Sequence
from statistics import median
from typing import Any

from rich.table import Table

from .shards import Worked

ALL_CERTAIN = 3  # the rule of three: zero failures in N trials bound their rate by 3/N, with 95 % certainty


def failed(worked: Sequence[Worked]) -> bool:
    """Return whether a number that must be zero is not."""
    return any(one.findings.faults or one.numbers.leaked for one in worked)


def figures(worked: Sequence[Worked]) -> dict[str, Any]:
    """Return every number of a run as plain JSON."""
    numbers = [one.numbers for one in worked]
    found = [one.findings for one in worked]
    recoveries = sorted(second for one in numbers for second in one.recoveries_s)
    orders = sum(one.orders for one in numbers)
    return {
        "orders": orders,
        "orders that met a fault": sum(one.orders_met for one in numbers),
        "faults met": _sum(one.faults for one in numbers),
        "changes made": sum(one.changes for one in numbers),
        "kills": sum(sum(one.kills.values()) for one in numbers),
        "kills by boundary": _sum(one.kills for one in numbers),
        "frozen and woken": sum(one.frozen for one in numbers),
        "second agents kept away": sum(one.kept_away for one in numbers),
        "wrong changes": sum(len(one.wrong) for one in found),
        "double changes": sum(len(one.double) for one in found),
        "false closed": sum(len(one.false_closed) for one in found),
        "misreported": sum(len(one.misreported) for one in found),
        "lost orders": sum(len(one.lost) for one in found),
        "disturbed by a second agent": sum(len(one.disturbed) for one in found),
        "hung": sum(len(one.hung) for one in found),
        "broken runs or evidence": sum(len(one.broken) for one in found),
        "processes left behind": sum(one.leaked for one in numbers),
        "parked for a person, rightly": sum(len(one.parked) for one in found),
        "parked without need": sum(len(one.parked_without_need) for one in found),
        "outcomes": _sum(one.outcomes for one in numbers),
        "recovery s, median": round(median(recoveries), 1) if recoveries else None,
        "recovery s, max": round(recoveries[-1], 1) if recoveries else None,
        "seconds per order": round(sum(one.seconds for one in numbers) / orders, 2) if orders else None,
        "upper bound of the rate of each zero": round(ALL_CERTAIN / orders, 6) if orders else None,
    }


def _sum(counts: Any) -> dict[str, int]:
    total: Counter[str] = Counter()
    for one in counts:
        total.update(one)
    return dict(sorted(total.items()))


def table(data: dict[str, Any], title: str) -> Table:
    """Return the numbers as a table."""
    shown = Table(title=title, show_header=False)
    for name, value in data.items():
        text = ", ".join(f"{key} {number}" for key, number in value.items()) if isinstance(value, dict) else str(value)
        shown.add_row(name, text)
    return shown


def complaints(worked: Sequence[Worked]) -> list[str]:
    """Return a line for everything that must not be, and for every order parked without need."""
    return [
        f"shard {one.shard.number} ({one.shard.skin}, {one.shard.role}): {name}: {line}"
        for one in worked
        for name, lines in (one.findings.faults | {"parked without need": one.findings.parked_without_need}).items()
        for line in lines
    ]
