"""Visits of changed and of unchanged portals, and what doctor made of them."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from time import monotonic
from typing import Any

from agent.doctor.bearing import Weight
from agent.doctor.examination import Examined, look_round
from agent.doctor.keeping import keep_if_good
from agent.engine.shop_run import Mode
from fixtures.mock_portal import server
from fixtures.mock_portal.portal import Settings
from tests.e2e.e2e_shop import Shop, finish

from .drifts import Drift
from .layer import Layer

_IN_FOLDER = 'profile_dir = "profiles"'
_ARRIVE_S = "8"  # for parts that never come; the portal is on this machine


@dataclass(frozen=True, slots=True)
class Visited:
    """One visit: what was changed before it (nothing, on an unchanged day), and how heavy it was found to be."""

    skin: str
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
    skin: str, drifts: Sequence[Drift], days: Sequence[int], *, said: Callable[[Visited], None] = lambda _one: None
) -> list[Visited]:
    """Visit a portal once while it is good, then on unchanged days with other shops, then after each change."""
    visits: list[Visited] = []
    with tempfile.TemporaryDirectory() as folder:
        _write_profile(Path(folder), skin)
        first = days[0] if days else 1
        for seed in (first, *days):
            with _portal(Path(folder), skin, seed) as (shop, _):
                visits.append(_visit(shop, None, keep=len(visits) == 0))
                said(visits[-1])
        with _portal(Path(folder), skin, first) as (shop, layer):
            for drift in drifts:
                layer.use(drift.changes, drift.addresses)
                visits.append(_visit(shop, drift, layer=layer))
                said(visits[-1])
    return visits[1:]


def _write_profile(folder: Path, skin: str) -> None:
    name = f"mock_{skin}"
    text = (resources.files("page_objects") / "portals" / name / "profile.toml").read_text("utf-8")
    place = folder / "profiles" / name
    place.mkdir(parents=True)
    (place / "profile.toml").write_text(text.replace("arrive_s = 15", f"arrive_s = {_ARRIVE_S}"), encoding="utf-8")


@contextmanager
def _portal(folder: Path, skin: str, seed: int) -> Iterator[tuple[Shop, Layer]]:
    running = server.prepare(Settings(skin=skin, seed=seed, orders=80 + seed, promo=False, render_ms=20))
    layer = Layer(running._server.config.app)
    running._server.config.app = layer
    with running.begin():
        shop = Shop(running, folder, skin, extra=_IN_FOLDER)
        shop.post("clock", {"advance_s": seed * 86_400 + seed})
        yield shop, layer


def _visit(shop: Shop, drift: Drift | None, *, layer: Layer | None = None, keep: bool = False) -> Visited:
    before = shop.ledger()
    began = monotonic()
    app = shop.app(shop.portal.portal.settings.seed * 86_400.0)
    try:
        examined = finish(look_round(app, "demo", hints=_hints(shop)))
        if keep:
            run = app.shop_run("demo", run_id="drift", mode=Mode.PLAN)
            assert keep_if_good(app, run, examined), _said(examined)
    finally:
        app.close()
    differences = examined.findings.differences
    return Visited(
        skin=shop.skin,
        drift=drift,
        struck=layer is not None and layer.struck,
        found=differences[0].weight if differences else None,
        said=_said(examined),
        troubles=examined.findings.troubles,
        changed_truth=shop.ledger() != before,
        seconds=monotonic() - began,
    )


def _said(examined: Examined) -> tuple[str, ...]:
    heavy = [one for one in examined.findings.differences if one.weight is not Weight.COSMETIC]
    return tuple(f"{one.weight} {one.entry}: {one.why()} [{', '.join(one.paths)}]" for one in heavy)


def _hints(shop: Shop) -> list[str]:
    """Return orders as a batch would have them: an unpaid one, paid ones with either button, a refund to decide."""
    kinds: list[tuple[int, dict[str, Any]]] = [
        (1, {"state": "waitbuyerpay", "pay_state": "1", "stages": []}),
        (1, {"state": "waitsellersend", "button": "close", "refund_state": ""}),
        (1, {"state": "waitsellersend", "button": "refund", "refund_state": ""}),
        (1, {"refund_state": "waitselleragree", "state": "waitsellersend"}),
    ]
    return [order["order_id"] for count, wanted in kinds for order in shop.orders(**wanted)[:count]]
