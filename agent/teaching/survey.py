"""Several orders: what was taught on one has to hold on the others, and they show words that one does not."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from playwright.async_api import Frame

from agent.browser.faults import reading
from agent.domain.ids import OrderId
from agent.teaching.entering import NOBODYS
from agent.teaching.framing import frame_of
from agent.teaching.landmarks import common, landmarks
from agent.teaching.lesson import Lesson, Option, Rule, Taught
from agent.teaching.listing import LIST, Row
from agent.teaching.order_page import DETAIL, FACTS, FIELDS, SHOWN, open_order
from agent.teaching.order_tables import ITEMS, MONEY
from agent.teaching.proposals import Entry, count, located
from page_objects.locate import label_of, normalised
from page_objects.reading import shown_texts

ABSENT = "absent"
_AXES = {
    "order_state": "order_state", "pay_state": "pay_state", "refund_state": "refund_state", "trade": "trade",
    "frozen": "flag", "disputed": "flag", "closed_by": "closed_by", "refund_kind": "refund_kind",
    "refund_applicant": "party", "refund_ended_by": "party", "return_parcel": "return_parcel", "ruling": "ruling",
}  # fmt: skip


@dataclass(slots=True)
class Survey:
    """What the pages of several orders have shown: words by axis, and the states in which each control stood."""

    words: dict[str, list[str]] = field(default_factory=dict)
    offered: dict[str, set[str]] = field(default_factory=dict)
    by_order: dict[OrderId, frozenset[str]] = field(default_factory=dict)  # the labels of its controls

    def met(self, axis: str, texts: Iterable[str]) -> None:
        """Note the words of an axis, each once."""
        known = self.words.setdefault(axis, [])
        known += [text for text in dict.fromkeys(map(normalised, texts)) if text and text not in known]


def spread(rows: Sequence[Row], most: int) -> list[Row]:
    """Return orders to look at: one of each state that the list shows, then others, in the order of the list."""
    states = {row.state: row for row in reversed(rows)}
    first = [row for row in rows if states.get(row.state) is row]
    rest = [row for row in rows if row not in first]
    return [*first, *rest][:most]


async def survey(lesson: Lesson, rows: Sequence[Row]) -> Survey:
    """Look at orders, drop what does not hold on one of them, and collect the words."""
    met = Survey()
    taught_again = False
    for row in rows:
        await open_order(lesson, row)
        frame = await frame_of(lesson, DETAIL)
        held = await asyncio.gather(*(_fits(frame, taught.options[0], taught.rule) for taught in lesson.taught))
        for taught in [taught for taught, holds in zip(lesson.taught, held, strict=True) if not holds]:
            taught_again |= not await _holds(lesson, taught, frame) and await _mend(lesson, taught, frame, row)
        await _collect(lesson, met, frame, row)
        lesson.tell("looked_at", order=row.order_id)
    if taught_again:  # what was pointed at on a later order has to hold on the earlier ones
        await _look_back(lesson, rows)
    return met


def note_ready(lesson: Lesson) -> None:
    """Write down what says that list and order have come: best what stands on no other page."""
    either = bool(lesson.notes.get(LIST, "opens_only_hit"))
    for page, other in ((LIST, DETAIL), (DETAIL, LIST)):
        elsewhere = [] if either else [*lesson.marks.get(other, ()), *lesson.marks.get(ABSENT, ())]
        ready = common(lesson.marks.get(page, ()), elsewhere)
        if ready is not None:
            lesson.notes.put(page, "ready", ready, lesson.say("note_ready"))


async def _look_back(lesson: Lesson, rows: Sequence[Row]) -> None:
    for row in rows:
        await open_order(lesson, row)
        frame = await frame_of(lesson, DETAIL)
        for taught in list(lesson.taught):
            if not await _holds(lesson, taught, frame):
                _leave_out(lesson, taught)


async def _holds(lesson: Lesson, taught: Taught, frame: Frame) -> bool:
    """Take the first option that holds on this order, too; say whether there is one."""
    if await _fits(frame, taught.options[0], taught.rule):
        return True
    left = [one for one in taught.options[1:] if await _fits(frame, one, taught.rule)]
    if not left or (_by_place(left[0]) and not _by_place(taught.options[0]) and not taught.mended):
        return False
    taught.options = left
    _write(lesson, taught)
    return True


def _write(lesson: Lesson, taught: Taught) -> None:
    for (table, key), entry in taught.options[0].items():
        lesson.notes.put(table, key, entry)


def _by_place(option: Option) -> bool:
    return any("css" in entry for entry in option.values())


def _synonyms(one: Entry, other: Entry) -> Entry:
    """Return a target that is known by the words of both, where they differ in nothing else."""
    for way in ("beside", "label", "name", "text", "placeholder"):
        if way in one and way in other and {**one, way: ""} == {**other, way: ""}:
            words = [*(one[way] if isinstance(one[way], list) else [one[way]]), other[way]]
            return {**one, way: list(dict.fromkeys(words))}
    return other


async def _mend(lesson: Lesson, taught: Taught, frame: Frame, row: Row) -> bool:
    """Have what does not hold on an order pointed at there; say whether it was, else it is left out."""
    option = taught.options[0]
    matches = ", ".join([f"{key}: {await count(frame, entry)}" for (_, key), entry in option.items()])
    lesson.tell("does_not_hold", entry=taught.asked, order=row.order_id, matches=matches)
    taught.mended = True
    if len(option) == 1 and taught.what != "part":
        field_name = taught.asked.rpartition(".")[2]
        found = await lesson.teach(taught.asked, taught.what, order=row.order_id, field=field_name)
        if found is not None:
            several = {key: _synonyms(entry, found.entry) for key, entry in option.items()}
            taught.options = [several, dict.fromkeys(option, found.entry), *taught.options[1:]]
            if await _holds(lesson, taught, frame):
                _write(lesson, taught)
                return True
    if await _holds(lesson, taught, frame):  # nobody has pointed: what is known by its place alone has to do
        return False
    _leave_out(lesson, taught)
    return False


def _leave_out(lesson: Lesson, taught: Taught) -> None:
    lesson.taught.remove(taught)
    for table, key in taught.options[0]:
        lesson.notes.drop(table, key, lesson.say("note_not_unique"))


async def _fits(frame: Frame, option: Option, rule: Rule) -> bool:
    counts = {key: await count(frame, entry) for (_, key), entry in option.items()}
    match rule:
        case Rule.ONCE:
            return all(one == 1 for one in counts.values())
        case Rule.AT_MOST_ONCE:
            return all(one <= 1 for one in counts.values())
        case Rule.PAIRS:
            return counts["label"] == counts["value"] > 0
        case Rule.TABLE:
            return counts["heading"] > 0 and counts["cell"] > 0 and counts["cell"] % counts["heading"] == 0
        case Rule.MONEY:
            filled = counts["heading"] > 0 and counts["cell"] > 0 and counts["cell"] % counts["heading"] == 0
            return filled != (counts["empty"] == 1) and (filled or counts["cell"] == 0)


async def _collect(lesson: Lesson, met: Survey, frame: Frame, row: Row) -> None:
    notes = lesson.notes
    values = await _values(lesson, frame)
    for key, axis in _AXES.items():
        met.met(axis, values.get(key, ()))
    for table, column, axis in ((ITEMS, "shipping", "item_shipping"), (MONEY, "event", "payment_event")):
        met.met(axis, await _column(lesson, frame, table, column))
    bar, action = notes.get(DETAIL, "action_bar"), notes.get(DETAIL, "action")
    if bar is not None and action is not None and await count(frame, bar) == 1:
        with reading("the controls of an order"):
            labels = await shown_texts(located(located(frame, bar), action))
        met.met("controls", labels)
        met.by_order[row.order_id] = frozenset(map(normalised, labels))
        for label in map(normalised, labels):
            met.offered.setdefault(label, set()).update(values.get("order_state", ()))
    lesson.marks.setdefault(DETAIL, []).append(await landmarks(frame))


async def _values(lesson: Lesson, frame: Frame) -> dict[str, list[str]]:
    """Return what the fields show, by our names."""
    notes, found = lesson.notes, {}
    with reading("the facts of an order"):
        for key, entry in notes.tables.get(SHOWN, {}).items():
            found[key] = [normalised(text) for text in await shown_texts(located(frame, entry))]
        label, value = notes.get(FACTS, "label"), notes.get(FACTS, "value")
        if label is None or value is None:
            return found
        labels = [label_of(text) for text in await shown_texts(located(frame, label))]
        values = [normalised(text) for text in await shown_texts(located(frame, value))]
    pairs = dict(zip(labels, values, strict=False))
    return found | {key: [pairs[name]] for key, name in notes.tables.get(FIELDS, {}).items() if name in pairs}


async def _column(lesson: Lesson, frame: Frame, table: str, column: str) -> list[str]:
    named = lesson.notes.get(f"{table}.columns", column)
    heading, cell = lesson.notes.get(table, "heading"), lesson.notes.get(table, "cell")
    if named is None or heading is None or cell is None:
        return []
    with reading("a table"):
        headings = [label_of(text) for text in await shown_texts(located(frame, heading))]
        cells = await shown_texts(located(frame, cell))
    at = headings.index(named) if named in headings else None
    return [] if at is None else cells[at :: len(headings)]


async def learn_absence(lesson: Lesson) -> None:
    """Learn how the portal says that there is no such order."""
    address = lesson.notes.get(DETAIL, "url")
    if not address:
        return
    await lesson.open(lesson.base + str(address).replace("{order_id}", NOBODYS))
    lesson.marks[ABSENT] = [await landmarks(lesson.page.main_frame)]
    found = await lesson.teach("absent", "sign")
    if found is None:
        return
    identity = lesson.notes.get("identity", "target")
    if identity is not None and not await count(lesson.page.main_frame, identity):
        lesson.notes.put("signals.absent", "nameless", value=True)
    lesson.notes.put("signals.absent", "targets", [found.entry], lesson.say("note_absent"))
