"""The charts of a report: what they show as plain JSON, and the library that draws them, from its own package."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from agent.evidence.words import Phrase, shortened, visible
from agent.report.statistics import Day, Group, Statistics

MOST_GOODS = 15
_LABEL = 120
# From how many hours on, for the median, which unit is used, and how many of it are an hour.
_UNITS = ((2, "hours", 1), (1 / 30, "minutes", 60), (0, "seconds", 3600))


@cache
def library() -> str:
    """Return the script of Plotly, which draws without any network."""
    # Its bytes, not its API: importing all of Plotly takes longer than writing the report.
    return files("plotly").joinpath("package_data", "plotly.min.js").read_text("utf-8")


def figures_of(counted: Statistics) -> dict[str, Any]:
    """Return what the page's script draws."""
    return {
        "days": _days(counted.days),
        "hours": counted.hours,
        "reasons": _groups(counted.reasons),
        "goods": _groups(counted.goods[:MOST_GOODS]),
        "paths": _groups(counted.paths),
        "taken": _taken(counted),
    }


def _taken(counted: Statistics) -> dict[str, Any]:
    """Return how long cases have taken, in a unit in which the usual one is no small fraction."""
    typical = counted.typical_hours or 0
    unit, in_an_hour = next((unit, count) for least, unit, count in _UNITS if typical >= least)
    return {"unit": unit, "values": [round(hours * in_an_hour, 2) for hours in counted.hours_taken]}


def _days(days: Sequence[Day]) -> dict[str, Any]:
    reasons = list(dict.fromkeys(reason for day in days for reason in day.reasons))
    return {
        "days": [day.day.isoformat() for day in days],
        "mean": [round(day.mean, 2) for day in days],
        "reasons": [_label(reason) | {"counts": [day.reasons.get(reason, 0) for day in days]} for reason in reasons],
    }


def _groups(groups: Sequence[Group]) -> list[dict[str, Any]]:
    return [_label(group.name) | {"count": group.count, "amount": f"{group.amount:,.2f}"} for group in groups]


def _label(phrase: Phrase) -> dict[str, str]:
    return {"zh": _line(phrase.zh), "en": _line(phrase.en)}


def _line(text: str) -> str:
    return shortened(visible(text), _LABEL)
