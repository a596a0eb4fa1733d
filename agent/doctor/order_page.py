"""The page of one order: every element, field and word that a decision leans on."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from playwright.async_api import Frame

from agent.doctor.book import Aim
from agent.doctor.findings import State
from agent.doctor.looks import NOBODYS, Visitor, matches, texts_of
from agent.doctor.sheet import shown
from agent.doctor.visit import Offers
from agent.domain.ids import OrderId
from agent.domain.orders import OrderState, PayState
from agent.errors import OrderAbsent, PageChanged, PageUnreadable, Transient, WrongOrder
from page_objects.locate import any_of, locate, normalised, same_label
from page_objects.menus import labels_of
from page_objects.order_detail import table_rows
from page_objects.profile import HARMLESS, NEEDED_FIELDS, DetailPage, MoneyTable, Target

_BASE = "pages.detail"
_AXES = {
    "order_state": "order_state",
    "pay_state": "pay_state",
    "refund_state": "refund_state",
    "trade": "trade",
    "frozen": "flag",
    "disputed": "flag",
    "closed_by": "closed_by",
    "refund_kind": "refund_kind",
    "refund_applicant": "party",
    "refund_ended_by": "party",
    "return_parcel": "return_parcel",
    "ruling": "ruling",
}
# What makes orders of one state different enough to be offered other acts.
_SITUATION = ("pay_state", "refund_state", "trade", "frozen", "disputed")
_ORDINARY = {None, "none", "normal", "no"}
_AMOUNTS = ("amount", "refund_amount", "ruling_amount")
_TIMES = ("created_at", "closed_at", "refund_until", "ruling_at")


@dataclass(slots=True)
class SeenOrder:
    """What an order's page shows, as far as forms are chosen by it."""

    order_id: OrderId
    state: OrderState | None = None
    pay_state: PayState | None = None
    situation: str = ""
    controls: list[str] = field(default_factory=list)
    skus: tuple[str, ...] = ()


async def visit_order(visitor: Visitor, order_id: OrderId) -> SeenOrder | None:
    """Look at the page of one order; None where it did not come."""
    page = visitor.profile.pages.detail
    where = f"order {order_id}"
    try:
        frame = await visitor.arrive("detail", page, lambda: opened(visitor, order_id), where)
    except OrderAbsent as absent:
        visitor.sheet.write("signals.absent", State.FOUND, where)
        visitor.sheet.write(f"{_BASE}.ready", State.UNREAD, where, str(absent))
        return None
    if frame is None:
        return None
    troubles = visitor.sheet.troubles
    seen = SeenOrder(order_id)
    facts = await _facts(visitor, page, frame, where)
    seen.situation = _meanings(visitor, facts, where)
    if page.order_id is not None:
        await visitor.once(f"{_BASE}.order_id", frame, page.order_id, where)
    await _items(visitor, page, frame, where)
    await _money(visitor, page.money, frame, where)
    unknown = await _controls(visitor, page, frame, where, seen)
    await visitor.once(f"{_BASE}.staged", frame, page.staged, where, needed=False)
    await visitor.private(where)
    seen.state = _state(visitor, facts)
    await _as_a_run_reads_it(visitor, seen, where, troubles)
    await _write_down(visitor, seen, unknown, frame, where)
    return seen


async def _write_down(visitor: Visitor, seen: SeenOrder, unknown: list[str], frame: Frame, where: str) -> None:
    """Keep what the page looks like for an order in this situation, and which acts it offers."""
    page = visitor.profile.pages.detail
    bar = locate(frame, page.action_bar)
    aims = {f"{_BASE}.ready": Aim(frame, page.ready), f"{_BASE}.action_bar": Aim(frame, page.action_bar)}
    acts = [kind for kind in seen.controls if kind in visitor.profile.acts]
    buttons = [target for target in page.action if target.role is not None and not target.hidden]
    for kind in acts:
        labels = visitor.site.words.labels("controls", kind)
        if len(buttons) == len(page.action) == 1:  # options of a select are no controls that could be pressed
            aims[f"acts.{kind}"] = Aim(bar, buttons[0].model_copy(update={"name": labels}), pressed=True)
    state = seen.state or ""
    await visitor.book.page(visitor, f"detail {seen.situation}", where, aims, state=state)
    for kind in visitor.book.always_offered(seen.situation) - set(acts):
        await _stands_elsewhere(visitor, kind, buttons, frame, where)
    offers = Offers(where=where, state=state, orders=1, acts=dict.fromkeys(acts, 1))
    if visitor.book.offer(seen.situation, offers, unknown):
        await visitor.book.trouble(visitor, where, {"acts": page.action_bar})


async def _stands_elsewhere(visitor: Visitor, kind: str, buttons: Sequence[Target], frame: Frame, where: str) -> None:
    """Write down where a control that all such orders offered stands on the page, but not in the action bar."""
    labels = visitor.site.words.labels("controls", kind)
    moved = any_of(frame, [target.model_copy(update={"name": labels, "within": None}) for target in buttons])
    if moved is not None and await matches(moved):
        visitor.sheet.missing(f"acts.{kind}", where, "its control stands outside of the action bar")


async def visit_nobodys_order(visitor: Visitor) -> None:
    """Open an order that nobody has: the portal has to say that there is none."""
    where = "an order that nobody has"
    try:
        await visitor.look(lambda: visitor.lane.detail.open(NOBODYS))
    except OrderAbsent:
        visitor.sheet.found("signals.absent", where)
    except (PageChanged, Transient) as fault:
        visitor.wrong("signals.absent", where, fault, "the page says nothing that the profile knows: ")
    else:
        visitor.sheet.missing("signals.absent", where, "a page came as if it were there")


async def opened(visitor: Visitor, order_id: OrderId) -> Frame:
    """Open an order's page, by the list where its address is not known yet."""
    await visitor.lane.detail.open(order_id)
    return visitor.site.frame


async def _facts(visitor: Visitor, page: DetailPage, frame: Frame, where: str) -> dict[str, str]:
    """Return the shown facts by our names, each written down as found once, missing, or contradicting itself."""
    labels: list[str] = []
    values: list[str] = []
    if page.facts is not None:
        labels = await visitor.texts(f"{_BASE}.facts.label", frame, page.facts.label, where)
        values = await visitor.texts(f"{_BASE}.facts.value", frame, page.facts.value, where)
    if len(labels) != len(values):
        visitor.sheet.write(
            f"{_BASE}.facts.value", State.AMBIGUOUS, where, f"{len(values)} values for {len(labels)} labels"
        )
        return {}
    facts: dict[str, str] = {}
    for name, words in page.fields.items():
        pairs = zip(labels, values, strict=True)
        texts = {normalised(value) for label, value in pairs if same_label(label) in set(map(same_label, words))}
        visitor.sheet.count(f"{_BASE}.fields.{name}", len(texts), where, needed=name in page.needed_fields)
        if len(texts) == 1:
            facts[name] = texts.pop()
    return facts | await _shown(visitor, page, frame, where)


async def _shown(visitor: Visitor, page: DetailPage, frame: Frame, where: str) -> dict[str, str]:
    """Return the facts that stand by themselves, each written down likewise."""
    facts: dict[str, str] = {}
    for name, target in page.shown.items():
        texts = {normalised(text) for text in await texts_of(locate(frame, target))}
        visitor.sheet.count(f"{_BASE}.shown.{name}", len(texts), where, needed=name in NEEDED_FIELDS)
        if len(texts) == 1:
            facts[name] = texts.pop()
    return facts


def _meanings(visitor: Visitor, facts: dict[str, str], where: str) -> str:
    """Look up what the facts say, as reading the order does, and return the situation that the order is in."""
    meanings = {name: visitor.sheet.word(axis, facts[name], where) for name, axis in _AXES.items() if facts.get(name)}
    words = visitor.site.words
    _understood(visitor, facts, _AMOUNTS, words.money, where)
    _understood(visitor, facts, _TIMES, words.time, where)
    told = {_short(name, meanings[name]) for name in _SITUATION if meanings.get(name) not in _ORDINARY}
    return " ".join([meanings.get("order_state") or "?", *sorted(told)])


def _short(name: str, meaning: str | None) -> str:
    return name if meaning == "yes" else meaning or ""


def _understood(
    visitor: Visitor, facts: dict[str, str], names: Iterable[str], read: Callable[[str], object], where: str
) -> None:
    for name in names:
        if facts.get(name):
            try:
                read(facts[name])
            except PageUnreadable as fault:
                visitor.sheet.missing(f"{_BASE}.fields.{name}", where, str(fault))


async def _items(visitor: Visitor, page: DetailPage, frame: Frame, where: str) -> None:
    table = page.items
    headings = await visitor.texts(f"{_BASE}.items.heading", frame, table.heading, where)
    cells = await visitor.texts(f"{_BASE}.items.cell", frame, table.cell, where)
    labels = [same_label(heading) for heading in headings]
    for name, words in table.columns.items():
        visitor.sheet.count(
            f"{_BASE}.items.columns.{name}", sum(label in set(map(same_label, words)) for label in labels), where
        )
    try:
        rows = table_rows(table, headings, cells)
    except PageUnreadable as fault:
        visitor.sheet.missing(f"{_BASE}.items.cell", where, str(fault))
        return
    for row in rows:
        if row.get("shipping"):
            visitor.sheet.word("item_shipping", row["shipping"], where)


async def _money(visitor: Visitor, table: MoneyTable | None, frame: Frame, where: str) -> None:
    if table is None:
        return
    base = f"{_BASE}.money"
    empty = await visitor.texts(f"{base}.empty", frame, table.empty, where, needed=False)
    headings = await visitor.texts(f"{base}.heading", frame, table.heading, where, needed=not empty)
    cells = await visitor.texts(f"{base}.cell", frame, table.cell, where, needed=not empty)
    labels = [same_label(heading) for heading in headings]
    for name, words in table.columns.items():
        visitor.sheet.count(
            f"{base}.columns.{name}",
            sum(label in set(map(same_label, words)) for label in labels),
            where,
            needed=not empty,
        )
    try:
        rows = table_rows(table, headings, cells) if cells else []
    except PageUnreadable as fault:
        visitor.sheet.missing(f"{base}.cell", where, str(fault))
        return
    for row in rows:
        visitor.sheet.word("payment_event", row.get("event", ""), where)


async def _controls(visitor: Visitor, page: DetailPage, frame: Frame, where: str, seen: SeenOrder) -> list[str]:
    """Keep what the controls of the action bar mean, those that change nothing left out; return unknown ones."""
    if not await visitor.once(f"{_BASE}.action_bar", frame, page.action_bar, where):
        return []
    bar = locate(frame, page.action_bar)
    labels = [
        label
        for target in page.action
        for label in await visitor.texts(f"{_BASE}.action", bar, target, where, needed=False)
    ]
    for menu in page.menus.values():
        labels += await labels_of(visitor.site, menu)
    found = [visitor.sheet.word("controls", label, where) for label in labels]
    seen.controls = [meaning for meaning in found if meaning is not None and meaning != HARMLESS]
    return [shown(label) for label, meaning in zip(labels, found, strict=True) if meaning is None]


def _state(visitor: Visitor, facts: dict[str, str]) -> OrderState | None:
    meaning = visitor.site.words.known("order_state", facts.get("order_state", ""))
    return None if meaning is None else OrderState(meaning)


async def _as_a_run_reads_it(visitor: Visitor, seen: SeenOrder, where: str, troubles: int) -> None:
    """Read the order as a run would, and write down what that fails on unless it is known already."""
    try:
        read = await visitor.look(lambda: visitor.lane.detail.read(seen.order_id))
    except WrongOrder as fault:
        visitor.sheet.missing(f"{_BASE}.fields.order_id", where, shown(str(fault)))
    except PageChanged as fault:
        if visitor.sheet.troubles == troubles:
            visitor.sheet.missing(f"{_BASE}.facts.value", where, str(fault))
    else:
        seen.state, seen.pay_state = read.state, read.pay_state
        seen.skus = tuple(item.sku for item in read.items if item.sku)
        seen.controls = sorted(read.controls)  # what a control stands for depends on both
