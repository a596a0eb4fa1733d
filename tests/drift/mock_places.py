"""The mock portal as a place for doctor to visit, a skin each."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.doctor.examination import Examined
from fixtures.mock_portal import server
from fixtures.mock_portal.portal import Settings
from tests.e2e.e2e_shop import Shop

from .layer import Layer
from .measure import Opener, Place, looked

_ARRIVE_S = "8"  # for parts that never come; the portal is on this machine


def mock(skin: str) -> Opener:
    """Return what opens the mock portal in a skin; another seed is another day of another shop."""

    @contextmanager
    def opened(folder: Path, seed: int) -> Iterator[Place]:
        running = server.prepare(Settings(skin=skin, seed=seed, orders=80 + seed, promo=False, render_ms=20))
        layer = Layer(running._server.config.app)
        running._server.config.app = layer
        with running.begin():
            shop = Shop(running, folder, skin)
            shop.edit_profile(("arrive_s = 15", f"arrive_s = {_ARRIVE_S}"))
            shop.post("clock", {"advance_s": seed * 86_400 + seed})
            yield MockPlace(shop, layer)

    return opened


@dataclass(frozen=True)
class MockPlace:
    """One mock portal behind the layer that changes its pages."""

    shop: Shop
    layer: Layer

    @property
    def name(self) -> str:
        """The skin."""
        return self.shop.skin

    def look(self, *, keep: bool) -> Examined:
        """Have doctor visit it."""
        return looked(self.shop.app(self.shop.portal.portal.settings.seed * 86_400.0), "demo", self._hints(), keep=keep)

    def truth(self) -> object:
        """Return what has happened there."""
        return self.shop.ledger()

    def _hints(self) -> list[str]:
        """Return orders as a batch would have them: an unpaid one, paid ones with either button, a refund to decide."""
        kinds: list[dict[str, Any]] = [
            {"state": "waitbuyerpay", "pay_state": "1", "stages": []},
            {"state": "waitsellersend", "button": "close", "refund_state": ""},
            {"state": "waitsellersend", "button": "refund", "refund_state": ""},
            {"refund_state": "waitselleragree", "state": "waitsellersend"},
        ]
        return [order["order_id"] for wanted in kinds for order in self.shop.orders(**wanted)[:1]]
