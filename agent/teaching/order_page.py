"""The page of one order: its id, its states and amount, and whatever else it tells."""

import re

from agent.teaching.framing import note_frame
from agent.teaching.lesson import Lesson, Pointed, Rule, Taught, Where
from agent.teaching.listing import Row
from agent.teaching.order_tables import column_of, learn_items, learn_money, seen_table, table_of
from agent.teaching.proposals import Entry, count, look
from agent.teaching.searching import HERE, pattern
from page_objects.locate import normalised, order_ids_in
from page_objects.profile import DETAIL_FIELDS

DETAIL = "pages.detail"
SHOWN = "pages.detail.shown"
FIELDS = "pages.detail.fields"
FACTS = "pages.detail.facts"
_VALUES = ("order_state", "amount", "pay_state", "refund_state")
_PRIVATE = {"buyer", "receiver", "phone", "address"}
_BRACKET = re.compile("[(（含]")
_MARK = re.compile(r"[^\d.,\s-]+")


async def learn_order(lesson: Lesson, row: Row) -> bool:
    """Learn the page of one order; say whether it could be opened by its id."""
    if not await open_order(lesson, row):
        return False
    await _learn_id(lesson, row)
    for key in _VALUES:
        await _learn_value(lesson, key, Rule.ONCE)
    await _learn_more(lesson)
    await learn_items(lesson)
    if not _tells(lesson, "pay_state"):
        await learn_money(lesson)
    await open_order(lesson, row)
    await _learn_actions(lesson)
    await _learn_private(lesson)
    return True


async def open_order(lesson: Lesson, row: Row) -> bool:
    """Show one order's page, by its address, by its link, or by the person's own click."""
    known = lesson.notes.get(DETAIL, "url")
    if known:
        await lesson.open(
            known.replace(HERE, row.order_id) if "://" in known else lesson.base + known.replace(HERE, row.order_id)
        )
        return True
    if row.href:
        await lesson.open(row.href)
    else:
        await lesson.let_do("order.open", order=row.order_id)
    if row.order_id not in lesson.page.url:
        lesson.tell("own_key", address=lesson.page.url)
        return False
    lesson.notes.put(DETAIL, "url", pattern(lesson.page.url, row.order_id), lesson.say("note_detail"))
    return True


async def _learn_id(lesson: Lesson, row: Row) -> None:
    found = await lesson.teach("order.order_id", "value", order=row.order_id)
    if found is None:
        return
    await note_frame(lesson, DETAIL, found.frame)
    if order_ids_in(await lesson.text_of(found)) != {row.order_id}:
        lesson.tell("not_the_id", order=row.order_id)
    await lesson.keep("order.order_id", DETAIL, "order_id", found)


async def _learn_value(lesson: Lesson, key: str, rule: Rule) -> None:
    found = await lesson.teach(f"order.{key}", "value", Where(may_miss=rule is Rule.AT_MOST_ONCE))
    if found is None:
        return
    if key == "amount":
        await _learn_mark(lesson, found)
    if not await _as_fact(lesson, key, found):
        await lesson.keep(f"order.{key}", SHOWN, key, found, rule=rule)
    if key in _PRIVATE:
        known = lesson.notes.get("private", "fields") or []
        lesson.notes.put("private", "fields", [*known, key])


async def _learn_mark(lesson: Lesson, found: Pointed) -> None:
    """Write down what stands before or after the figures of an amount."""
    marks = _MARK.findall(_BRACKET.split(normalised(await lesson.text_of(found)))[0])
    if marks:
        lesson.notes.put("money", "marks", list(dict.fromkeys(marks)), lesson.say("note_marks"))


async def _learn_more(lesson: Lesson) -> None:
    """Learn whatever else the page tells of an order; some of it stands on some orders only."""
    while field := await lesson.ask("order.more", "which_field", fields=", ".join(DETAIL_FIELDS)):
        if field in DETAIL_FIELDS and not _tells(lesson, field):
            await _learn_value(lesson, field, Rule.AT_MOST_ONCE)
        else:
            lesson.tell("no_such_field", field=field)


def _tells(lesson: Lesson, field: str) -> bool:
    return lesson.notes.get(FIELDS, field) is not None or lesson.notes.get(SHOWN, field) is not None


async def _as_fact(lesson: Lesson, key: str, found: Pointed) -> bool:
    """Write a value down by its column's heading, where it stands in a table of one row."""
    table = await seen_table(found)
    if table is None or len(table["headings"]) != table["cells"]:
        return False
    for outer in await table_of(found.frame, table):
        label: Entry = {"role": "columnheader", "within": outer}
        value: Entry = {"role": "cell", "within": outer}
        counts = [await count(found.frame, entry) for entry in (label, value)]
        column = await column_of(found, value)
        if counts != [table["cells"]] * 2 or column is None or lesson.notes.get(FACTS, "label") not in (None, label):
            continue
        if lesson.notes.get(FACTS, "label") is None:
            lesson.remember(Taught(f"order.{key}", [{(FACTS, "label"): label, (FACTS, "value"): value}], Rule.PAIRS))
        heading = table["headings"][column].rstrip("：:").rstrip()
        lesson.notes.put(FIELDS, key, heading)
        lesson.tell("by_heading", heading=heading)
        return True
    return False


async def _learn_actions(lesson: Lesson) -> None:
    """Learn the controls of an order, and the one part of the page that holds them all."""
    control = await lesson.teach("order.action", "control")
    if control is None or control.seen is None:
        if control is not None:
            lesson.notes.put(DETAIL, "action", control.entry)
        await _learn_bar(lesson)
        return
    about = control.seen.about
    selector = next((one["css"] for one in control.seen.targets if "css" in one), None)
    if about["tag"] == "select" and selector:
        entry: Entry = {"css": f"{selector} option", "why": lesson.say("why_options"), "hidden": True}
    else:
        entry = {"role": about["role"] or "button"}
    lesson.notes.put(DETAIL, "action", entry, lesson.say("note_action"))
    around = await look(control.seen.element, "bar", why=lesson.say("why_css"))
    options = [one for one in around.targets if await count(control.frame, one) == 1] if around is not None else []
    if options:
        lesson.remember(Taught("order.action_bar", [{(DETAIL, "action_bar"): one} for one in options], what="part"))


async def _learn_bar(lesson: Lesson) -> None:
    bar = await lesson.teach("order.action_bar", "part")
    if bar is not None:
        await lesson.keep("order.action_bar", DETAIL, "action_bar", bar, what="part")


async def _learn_private(lesson: Lesson) -> None:
    """Learn what of the buyer stands on the page, and is to be cut from everything that is kept."""
    private: list[Entry] = []
    while (found := await lesson.teach("private", "value")) is not None:
        table = await seen_table(found)
        outer = (await table_of(found.frame, table))[:1] if table is not None else []
        private.append({"role": "cell", "within": outer[0]} if outer else found.entry)
    if private:
        lesson.notes.put("private", "targets", private, lesson.say("note_private"))
