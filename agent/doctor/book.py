"""Where a visit writes down what it sees beside the profile's entries: places, requests, pictures of changes."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from playwright.async_api import Request

from agent.browser.gate import Blocked, SeenRequest
from agent.doctor import elements, shots
from agent.doctor.bearing import Bearing, Weight
from agent.doctor.contract import plain_address, shape_of
from agent.doctor.differences import missed, place_differences
from agent.doctor.looks import Visitor, texts_of
from agent.doctor.shots import Mark, Shot
from agent.doctor.tree import Plain, normalised_tree
from agent.doctor.visit import Offers, Place, Seen, Visit
from agent.doctor.vocabulary import axes_of, labels_of
from agent.engine.lane import ShopSession
from agent.evidence.masking import Mask
from page_objects.form import ActForm
from page_objects.locate import Scope, locate
from page_objects.profile import FieldKind, Profile, Target

_ASKS = ("document", "xhr", "fetch")


@dataclass(frozen=True, slots=True)
class Aim:
    """A target of a place: where it is looked for, and whether somebody would press it."""

    scope: Scope
    target: Target
    pressed: bool = False


class Book:
    """What one visit has seen so far, and what is known from the last good one."""

    def __init__(self, session: ShopSession, profile: Profile, bearing: Bearing, good: Visit | None) -> None:
        self.good = good
        self.shots: dict[str, Shot] = {}
        self.troubles: list[str] = []
        self._profile = profile
        self.bearing = bearing
        self._gate = session.gate
        self._words = axes_of(profile)
        self._labels = labels_of(profile)
        self._places: dict[str, Place] = {}
        self._offers: dict[str, Offers] = {}
        self._bare: dict[str, frozenset[str]] = {}
        self._asked: dict[str, tuple[str, ...]] = {}
        self._held: list[str] = []
        self._told = self._gate.on_blocked
        self._gate.on_blocked = self._on_held
        session.context.on("request", self._on_request)

    def knows(self, text: str) -> bool:
        """Return whether a text is a word of some table."""
        return text in self._words

    def begin(self) -> None:
        """Begin a new place: what was asked for before belongs to another one."""
        self._asked, self._held = {}, []

    async def page(self, visitor: Visitor, key: str, where: str, aims: Mapping[str, Aim], *, state: str = "") -> None:
        """Write down a page that is open; a second one of the same kind only gets its picture, if anything is wrong."""
        if key not in self._places:
            plain = await self._plain(visitor)
            tree = normalised_tree(await elements.snapshot(visitor.site.frame.locator("body")), plain)
            seen = await _all_seen(aims, await elements.origin_of(visitor.site.frame))
            self._places[key] = self._place(where, tree, seen, state=state)
        await self.picture(visitor, key, where, aims)

    async def form(self, visitor: Visitor, key: str, where: str, form: ActForm, *, act: str, name: str) -> None:
        """Write down a form that is open."""
        plain = await self._plain(visitor)
        tree = normalised_tree(await elements.snapshot(form.root), plain)
        aims = form_aims(visitor, form, name)
        seen = await _all_seen(aims, await elements.origin_of(visitor.site.frame))
        place = self._place(where, tree, seen, act=act)
        self._places[key] = place.model_copy(update={"form": await elements.form_seen(form.root, plain)})
        await self.picture(visitor, key, where, aims)

    def options(self, key: str, field: str, options: Sequence[str]) -> None:
        """Write down what a choice field of a form offers."""
        place = self._places.get(key)
        if place is not None:
            plain = Plain(self._words, self._labels, Mask((), self._profile.private.patterns).text)
            choices = {**place.choices, field: tuple(plain.written(option) for option in options)}
            self._places[key] = place.model_copy(update={"choices": choices})

    def left(self, key: str) -> None:
        """Write down what opening, reading and leaving a form wanted to send and could not."""
        place = self._places.get(key)
        if place is not None:
            self._places[key] = place.model_copy(update={"held": tuple(dict.fromkeys(self._held))})

    def offer(self, situation: str, seen: Offers, unknown: Sequence[str]) -> bool:
        """Count which acts an order of some situation offers; say whether one is missing that others have offered."""
        now = self._offers[situation] = self.offers_of(situation).plus(seen)
        if not seen.acts:
            self._bare |= {text: self._bare.get(text, frozenset()) | {seen.state} for text in unknown}
        before = self.good.offers.get(situation) if self.good is not None else None
        return before is not None and bool(missed(before, now))

    def always_offered(self, situation: str) -> set[str]:
        """Return the acts that every order of a situation offered on good visits."""
        before = self.good.offers.get(situation, Offers()) if self.good is not None else Offers()
        return {act for act, offered in before.acts.items() if offered == before.orders}

    def offers_of(self, situation: str) -> Offers:
        """Return what the orders of a situation have offered on this visit."""
        return self._offers.get(situation, Offers())

    @property
    def situations(self) -> tuple[str, ...]:
        """The situations that were met."""
        return tuple(self._offers)

    async def trouble(self, visitor: Visitor, where: str, near: Mapping[str, Target]) -> None:
        """Take a picture where something did not come as told, with marks at what is ``near`` it."""
        if where not in self.shots:
            marks = [await shots.mark(entry, visitor.site.frame, target, None) for entry, target in near.items()]
            self.shots[where] = await shots.take(visitor, [one for one in marks if one is not None])

    def visit(self, wrong: Mapping[str, str], unknown: Sequence[str]) -> Visit:
        """Return all that was seen."""
        return Visit(places=self._places, offers=self._offers, wrong=wrong, unknown=tuple(unknown), bare=self._bare)

    def _place(
        self, where: str, tree: tuple[str, ...], seen: Mapping[str, Seen], *, act: str = "", state: str = ""
    ) -> Place:
        held = tuple(dict.fromkeys(self._held))
        return Place(where=where, act=act, state=state, tree=tree, targets=seen, requests=dict(self._asked), held=held)

    async def _plain(self, visitor: Visitor) -> Plain:
        private = list(visitor.lane.detail.private or ())
        for target in self._profile.private.targets:
            private += await texts_of(locate(visitor.site.frame, target))
        return Plain(self._words, self._labels, Mask(private, self._profile.private.patterns).text)

    async def picture(self, visitor: Visitor, key: str, where: str, aims: Mapping[str, Aim]) -> None:
        """Take a picture of a place that is open if anything about it weighs something."""
        then = self.good.places.get(key) if self.good is not None else None
        now = self._places.get(key)
        found = [] if now is None else place_differences(key, then, now, self.bearing)
        entries = [one.entry for one in found if one.weight is not Weight.COSMETIC]
        wrong = visitor.sheet.wrong_at(where)
        if where in self.shots or not (entries or wrong):
            return
        marks: list[Mark] = []
        for entry in dict.fromkeys([*entries, *wrong]):
            marks += await self._marks(entry, aims, then)
        self.shots[where] = await shots.take(visitor, marks)

    async def _marks(self, entry: str, aims: Mapping[str, Aim], then: Place | None) -> list[Mark]:
        """Return where an entry is or was; what no target of the place is, is marked at what holds it."""
        name = next((name for name in (entry, *_holders(entry, aims)) if name in aims), next(iter(aims), None))
        if name is None:
            return []
        aim = aims[name]
        seen = then.targets.get(name) if then is not None else None
        found = await shots.mark(entry, aim.scope, aim.target, seen.box if seen is not None else None)
        if found is None and name != next(iter(aims)):
            first = aims[next(iter(aims))]
            found = await shots.mark(entry, first.scope, first.target, None)
        return [] if found is None else [found]

    def _on_request(self, request: Request) -> None:
        if request.resource_type not in _ASKS:
            return
        name, fields = shape_of(self._gate.rules, as_seen(request))
        self._asked[name] = fields

    def _on_held(self, blocked: Blocked) -> None:
        if self._told is not None:
            self._told(blocked)
        self._held.append(f"{blocked.method} {plain_address(blocked.url)}")


def form_aims(visitor: Visitor, form: ActForm, name: str) -> dict[str, Aim]:
    """Return the targets of a form by their entries; the form itself comes first."""
    root, base = form.root, f"forms.{name}"
    aims = {f"{base}.root": Aim(visitor.site.frame, form.form.root)}
    for field, told in form.form.fields.items():
        pressed = told.kind is not FieldKind.SHOWN
        if told.kind not in {FieldKind.FILES, FieldKind.CHECK}:  # not shown; as many as the order has lines
            aims[f"{base}.fields.{field}"] = Aim(root, told.target, pressed)
    if form.form.order_id is not None:
        aims[f"{base}.order_id"] = Aim(root, form.form.order_id)
    if form.form.sku is not None:
        aims[f"{base}.sku"] = Aim(root, form.form.sku)
    aims[f"{base}.confirm"] = Aim(root, form.form.confirm, pressed=True)
    if form.form.dismiss is not None:
        aims[f"{base}.dismiss"] = Aim(root, form.form.dismiss, pressed=True)
    return aims


def as_seen(request: Request) -> SeenRequest:
    """Return a request of a page as the gate's rules look at it."""
    return SeenRequest(
        method=request.method,
        url=request.url,
        headers=request.headers,
        body=request.post_data_buffer,
        resource_type=request.resource_type,
        navigation=request.is_navigation_request(),
    )


async def _all_seen(aims: Mapping[str, Aim], origin: tuple[float, float]) -> dict[str, Seen]:
    """Look at what nobody presses all at once, then try the rest one by one: there is only one pointer."""
    still = [entry for entry, aim in aims.items() if not aim.pressed]
    seen = dict(zip(still, await asyncio.gather(*(_seen(aims[entry], origin) for entry in still)), strict=True))
    for entry, aim in aims.items():
        if aim.pressed:
            seen[entry] = await _seen(aim, origin)
    return seen


async def _seen(aim: Aim, origin: tuple[float, float]) -> Seen:
    return await elements.seen(locate(aim.scope, aim.target), aim.target, pressed=aim.pressed, origin=origin)


def _holders(entry: str, names: Iterable[str]) -> Iterator[str]:
    """Yield which target of a place stands for an entry that is none, the likeliest first."""
    if entry.startswith("reasons."):
        yield from (name for name in names if name.endswith(".fields.reason"))
    if entry == "words.controls" or entry.startswith("acts."):
        yield "pages.detail.action_bar"
    yield entry.rpartition(".")[0]
