"""What one visit has seen, as plain data that may be kept: no value of an order, and nothing of a person."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

Box = tuple[float, float, float, float]  # left, top, width, height, in pixels of the picture


class _Plain(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Seen(_Plain):
    """What a target of the profile matched.

    Attributes:
        name: which of the target's own names it has; never another text.
        kind: its ``type``, or ``link`` for what has an address.
        look: its colours; they tell two buttons that have changed places.
        usable: whether the pointer can press it; None where nobody would.
        box: where it stood; it is shown and not compared.
    """

    count: int
    role: str = ""
    name: str = ""
    tag: str = ""
    kind: str = ""
    look: str = ""
    usable: bool | None = None
    box: Box | None = None


class FieldSeen(_Plain):
    """One field of a form, whether the profile knows it or not; ``options`` are of a select: label, then code."""

    label: str
    kind: str
    name: str = ""
    required: bool = False
    locked: bool = False
    checked: bool = False
    max_length: int | None = None
    options: tuple[tuple[str, str], ...] = ()


class ButtonSeen(_Plain):
    """One button or link of a form."""

    label: str
    tag: str
    kind: str = ""
    sends_to: str = ""


class FormSeen(_Plain):
    """A form as it would be sent, as far as the page itself says so."""

    sends_to: str = ""
    method: str = ""
    encoding: str = ""
    hidden: tuple[str, ...] = ()
    fields: tuple[FieldSeen, ...] = ()
    buttons: tuple[ButtonSeen, ...] = ()


class Place(_Plain):
    """One page, or one open form, as one visit saw it.

    Attributes:
        where: what a person would call it; it names an order and is neither kept nor compared.
        act: for a form, the act that it is for.
        choices: options of choice fields, in their order.
        requests: what the page asked the portal for, with the names of the fields that it sent.
        held: what the request gate did not let out.
    """

    where: str = Field(default="", exclude=True)
    act: str = ""
    state: str = ""
    tree: tuple[str, ...] = ()
    targets: Mapping[str, Seen] = {}
    choices: Mapping[str, tuple[str, ...]] = {}
    form: FormSeen | None = None
    requests: Mapping[str, tuple[str, ...]] = {}
    held: tuple[str, ...] = ()


class Offers(_Plain):
    """How many orders of one situation were looked at, how many of them offered each act, and the latest of them."""

    where: str = Field(default="", exclude=True)
    state: str = ""
    orders: int = 0
    acts: Mapping[str, int] = {}

    def plus(self, other: "Offers") -> "Offers":
        """Return both counted together."""
        acts = {act: self.acts.get(act, 0) + other.acts.get(act, 0) for act in {**self.acts, **other.acts}}
        return Offers(where=other.where, state=self.state or other.state, orders=self.orders + other.orders, acts=acts)


class Visit(_Plain):
    """All that one visit has seen.

    Attributes:
        wrong: entries of the profile that did not fit, with their states.
        unknown: texts that the word tables do not list, after their axis.
        bare: unknown controls of orders that offered none of our acts, with the states of these orders; not kept.
    """

    places: Mapping[str, Place] = {}
    offers: Mapping[str, Offers] = {}
    wrong: Mapping[str, str] = {}
    unknown: tuple[str, ...] = ()
    bare: Mapping[str, frozenset[str]] = Field(default={}, exclude=True)

    def as_json(self) -> dict[str, Any]:
        """Return the visit as plain JSON."""
        return self.model_dump(mode="json")

    def after(self, earlier: "Visit | None") -> "Visit":
        """Return this visit with what an earlier one saw and this one did not meet."""
        if earlier is None:
            return self
        offers = dict(earlier.offers)
        for situation, seen in self.offers.items():
            offers[situation] = offers[situation].plus(seen) if situation in offers else seen
        return Visit(places={**earlier.places, **self.places}, offers=offers, wrong=self.wrong, unknown=self.unknown)
