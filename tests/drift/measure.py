"""Visits of changed and of unchanged portals, and what doctor made of them."""

import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Protocol

from agent.app import App
from agent.doctor.bearing import Weight
from agent.doctor.examination import Examined, look_round
from agent.doctor.keeping import keep_if_good
from agent.engine.shop_run import Mode
from tests.e2e.e2e_shop import finish

from .drifts import Drift
from .layer import Layer


class Place(Protocol):
    """A portal behind a layer that changes its pages."""

    @property
    def name(self) -> str:
        """What it is called in the table."""

    @property
    def layer(self) -> Layer:
        """What changes its pages."""

    def look(self, *, keep: bool) -> Examined:
        """Have doctor visit it, and keep what it saw if it should."""

    def truth(self) -> object:
        """Return what has happened there, by its own record."""


Opener = Callable[[Path, int], AbstractContextManager[Place]]


@dataclass(frozen=True, slots=True)
class Visited:
    """One visit: what was changed before it (nothing, on an unchanged day), and how heavy it was found to be."""

    place: str
    drift: Drift | None
    struck: bool
    found: Weight | None
    said: tuple[str, ...] = ()
    troubles: tuple[str, ...] = ()
    changed_truth: bool = False
    seconds: float = 0

    @property
    def heavy(self) -> bool:
        """Whether a person would have been bothered."""
        return self.found in {Weight.READING, Weight.ACTING}

    @property
    def right(self) -> bool:
        """Whether the visit has found what was changed, or stayed calm where nothing that matters was."""
        if self.drift is None or self.drift.weight is Weight.COSMETIC:
            return not self.heavy
        return self.found is Weight.ACTING if self.drift.weight is Weight.ACTING else self.heavy


@dataclass
class Tally:
    """All visits."""

    visits: list[Visited] = field(default_factory=list)

    def of(self, weight: Weight | None) -> list[Visited]:
        """Return the visits of a true weight whose change has met something; None: the unchanged days."""
        return [
            one
            for one in self.visits
            if (one.drift.weight if one.drift is not None else None) is weight and (one.struck or one.drift is None)
        ]

    def share(self, weight: Weight | None) -> float:
        """Return how many of these were judged rightly, in percent."""
        visits = self.of(weight)
        return 100 * sum(one.right for one in visits) / len(visits) if visits else 100.0

    @property
    def not_struck(self) -> list[Visited]:
        """Visits whose change met nothing on the pages."""
        return [one for one in self.visits if one.drift is not None and not one.struck]


def measure(
    opener: Opener, drifts: Sequence[Drift], days: Sequence[int], *, said: Callable[[Visited], None] = lambda _one: None
) -> list[Visited]:
    """Visit a portal once while it is good, then on unchanged days with other shops, then after each change."""
    visits: list[Visited] = []
    with tempfile.TemporaryDirectory() as folder:
        first = days[0] if days else 1
        for seed in (first, *days):
            with opener(Path(folder), seed) as place:
                visits.append(_visit(place, None, keep=len(visits) == 0))
                said(visits[-1])
        with opener(Path(folder), first) as place:
            for drift in drifts:
                place.layer.use(drift.changes, drift.addresses)
                visits.append(_visit(place, drift))
                said(visits[-1])
    return visits[1:]


def looked(app: App, shop: str, hints: Sequence[str], *, keep: bool) -> Examined:
    """Have doctor visit a shop, look at these orders beside those of the list, and keep what it saw if it should."""
    try:
        examined = finish(look_round(app, shop, hints=hints))
        if keep:
            run = app.shop_run(shop, run_id="drift", mode=Mode.PLAN)
            assert keep_if_good(app, run, examined), _said(examined)
    finally:
        app.close()
    return examined


def _visit(place: Place, drift: Drift | None, *, keep: bool = False) -> Visited:
    before = place.truth()
    began = monotonic()
    examined = place.look(keep=keep)
    differences = examined.findings.differences
    return Visited(
        place=place.name,
        drift=drift,
        struck=drift is not None and place.layer.struck,
        found=differences[0].weight if differences else None,
        said=_said(examined),
        troubles=examined.findings.troubles,
        changed_truth=place.truth() != before,
        seconds=monotonic() - began,
    )


def _said(examined: Examined) -> tuple[str, ...]:
    heavy = [one for one in examined.findings.differences if one.weight is not Weight.COSMETIC]
    return tuple(f"{one.weight} {one.entry}: {one.why()} [{', '.join(one.paths)}]" for one in heavy)
