"""django-oscar as a place for doctor to visit: the product itself, its pages changed on their way to the browser."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from agent.app import App
from agent.doctor.bearing import Weight
from agent.doctor.examination import Examined
from agent.settings import load
from fixtures.real import oscar
from tests.e2e.e2e_shop import worker
from tests.real.closing import PASSWORD, Desk

from .drifts import Change, Drift
from .layer import Layer
from .measure import Place, looked
from .relay import relayed

NAME = "oscar"
# Some shops have an order in a state that no profile could know: here it is told, for a first visit has to be good.
_EDITS = (
    ("arrive_s = 15", "arrive_s = 8"),
    ('closed = "Cancelled"', 'closed = "Cancelled"\nunsupported = "Held by the bank"'),
)
_STATES = ("pending", "paid", "shipped", "cancelled")


@contextmanager
def opened(folder: Path, seed: int) -> Iterator[Place]:
    """Open the shop of a seed; another seed is another day of another shop."""
    with oscar.start(folder / "shops", seed=seed) as shop, relayed(shop.url) as (url, layer):
        text = (Path(oscar.__file__).parents[3] / "page_objects" / "portals" / NAME / "profile.toml").read_text("utf-8")
        for old, new in _EDITS:
            assert old in text, old
            text = text.replace(old, new, 1)
        own = folder / "profiles" / NAME / "profile.toml"
        own.parent.mkdir(parents=True, exist_ok=True)
        own.write_text(text, encoding="utf-8")
        os.environ[PASSWORD] = shop.password
        desk = Desk(folder, NAME, url, f"{shop.username}@example.com", shop.password, more='profile_dir = "profiles"')
        yield OscarPlace(shop, desk, layer)


@dataclass(frozen=True)
class OscarPlace:
    """One oscar shop behind the layer that changes its pages."""

    shop: oscar.Shop
    desk: Desk
    layer: Layer
    name: str = NAME

    def look(self, *, keep: bool) -> Examined:
        """Have doctor visit it."""
        app = App(load(self.desk.config()), browsers=lambda *asked, **more: worker().browsers(*asked, **more))
        return looked(app, "real", self._hints(), keep=keep)

    def truth(self) -> object:
        """Return what its own database says."""
        return self.shop.truth()

    def _hints(self) -> list[str]:
        orders = self.shop.truth()
        found = (
            next((order for order in orders if order["status"] == self.shop.statuses[state]), None) for state in _STATES
        )
        return [order["number"] for order in found if order is not None]


def _retext(old: str, now: str, css: str = "*") -> Change:
    return {"op": "retext", "css": css, "old": old, "now": now, "inside": ""}


def _acting(name: str, change: Change) -> Drift:
    return Drift(name, name.split(maxsplit=1)[0], Weight.ACTING, (change,), skins=(NAME,))


def _controls() -> Iterator[Drift]:
    for label, new in (("Change status", "Apply"), ("Go!", "Submit")):
        button = {"css": "button, input[type=submit]", "text": label, "inside": ""}
        yield _acting(f"button renamed {label}", _retext(label, new))
        for op in ("remove", "duplicate", "cover"):
            yield _acting(f"button {op} {label}", {"op": op, **button})
    yield _acting("state renamed Cancelled", _retext("Cancelled", "Voided", "option"))
    yield _acting("state removed Cancelled", {"op": "remove", "css": "#id_new_status option", "text": "Cancelled"})
    yield _acting("event renamed", _retext("Create payment event", "Book a payment"))
    yield _acting("field renamed New order status", _retext("New order status", "Status to set", "label"))
    yield _acting("field renamed with amount", _retext("with amount", "sum", "label"))
    yield _acting("field removed boxes", {"op": "remove", "css": "input[name=selected_line]"})


def _requests() -> Iterator[Drift]:
    names = (("[name=new_status]", "status"), ("[name=order_action]", "action"), ("[name=payment_event_type]", "kind"))
    for css, new in names:
        change = {"op": "attribute", "css": css, "name": "name", "value": new}
        yield _acting(f"request field {css}", change)
    hidden = '<input type="hidden" name="notify_customer" value="1">'
    yield _acting("request field new", {"op": "append", "css": "form:has([name=new_status])", "html": hidden})
    method = {"op": "attribute", "css": "form:has([name=new_status])", "name": "method", "value": "get"}
    yield _acting("request method", method)


def _readings() -> Iterator[Drift]:
    for old, now, css in (
        ("Order Total", "Sum", "th"), ("Quantity", "Pieces", "th"), ("Event", "What", "th"), ("View", "Open", "a"),
        ("Pending", "Awaiting payment", "td"), ("Paid", "Settled", "td"),
    ):  # fmt: skip
        yield Drift(f"text {old}", "text", Weight.READING, (_retext(old, now, css),), skins=(NAME,))


def _cosmetics() -> Iterator[Drift]:
    def drift(name: str, change: Change) -> Drift:
        return Drift(name, "cosmetic", Weight.COSMETIC, (change,), skins=(NAME,))

    yield drift("font", {"op": "style", "css": "body", "css_text": "font-size:15px;background:#fafafa"})
    yield drift("footer", {"op": "append", "css": "body", "html": "<footer>Sandbox 4.3</footer>"})
    yield drift("nav link", {"op": "append", "css": "nav", "html": '<a href="/help">Help</a>'})
    yield drift("class names", {"op": "attribute", "css": "h1", "name": "class", "value": "css-1x9k2"})
    yield drift("brand", _retext("Return to site", "Back to the shop"))
    yield drift("heading unused", _retext("Estimated dispatch date", "Dispatch", "th"))


def drifts() -> tuple[Drift, ...]:
    """Return every change that is tried on oscar."""
    return (*_controls(), *_requests(), *_readings(), *_cosmetics())
