"""The charts of a report: what they show as plain JSON, and the library that draws them, from its own package."""

from collections import Counter
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from math import inf
from typing import Any

from agent.evidence.words import Phrase, shortened, visible
from agent.report.statistics import Day, Group, Statistics

MOST_GOODS = 15
_LABEL = 120
# Seconds for what we close at once, weeks for what waits for people: no even steps would show both.
_SPANS = (
    (10 / 3600, Phrase("10 秒内", "< 10 s")),
    (1 / 60, Phrase("10 秒–1 分钟", "10 s – 1 min")),
    (1 / 6, Phrase("1–10 分钟", "1 – 10 min")),
    (1.0, Phrase("10 分钟–1 小时", "10 min – 1 h")),
    (6.0, Phrase("1–6 小时", "1 – 6 h")),
    (24.0, Phrase("6–24 小时", "6 – 24 h")),
    (72.0, Phrase("1–3 天", "1 – 3 d")),
    (168.0, Phrase("3–7 天", "3 – 7 d")),
    (inf, Phrase("超过 7 天", "> 7 d")),
)


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
        "taken": _taken(counted.hours_taken),
    }


def _taken(hours_taken: Sequence[float]) -> list[dict[str, Any]]:
    """Return how many cases have taken how long, without the empty spans at both ends."""
    of_span = Counter(next(at for at, (below, _) in enumerate(_SPANS) if hours < below) for hours in hours_taken)
    if not of_span:
        return []
    shown = range(min(of_span), max(of_span) + 1)
    return [{"zh": _SPANS[at][1].zh, "en": _SPANS[at][1].en, "count": of_span[at]} for at in shown]


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
