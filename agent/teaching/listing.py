"""The list of orders: its rows, and what stands in each of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urljoin

from playwright.async_api import ElementHandle, Frame, Locator

from agent.browser.faults import reading
from agent.domain.ids import OrderId
from agent.teaching.entering import name_reads
from agent.teaching.framing import frame_of, note_frame
from agent.teaching.lesson import Lesson, Where
from agent.teaching.notebook import written
from agent.teaching.proposals import Entry, Seen, count, index_of, located, look
from page_objects.locate import normalised, order_ids_in
from page_objects.reading import shown_texts

LIST = "pages.list"
_PARTS = {"row_id": "value", "row_state": "value", "row_open": "control"}


@dataclass(frozen=True, slots=True)
class Row:
    """One order of the list, as it was there."""

    order_id: OrderId
    state: str
    href: str


@dataclass(frozen=True, slots=True)
class Listed:
    """What the list has taught; ``row`` is its rows' target."""

    url: str
    frame: Frame
    row: Entry
    rows: tuple[Row, ...]


async def learn_list(lesson: Lesson) -> Listed | None:
    """Learn the list; None where nobody has pointed at a row of it."""
    await lesson.let_do("list.open")
    await name_reads(lesson, "list.open")
    lesson.notes.comment(LIST, "", lesson.say("note_list"))
    seen, own = await _point_at_row(lesson)
    if seen is None or not order_ids_in(seen.about["text"]):
        lesson.tell("no_row")
        return None
    frame = await seen.element.owner_frame() or lesson.page.main_frame
    await note_frame(lesson, LIST, frame)
    options = own or await _covering(frame, _row_targets(lesson, seen), seen.more["rows"]["count"])
    if not options:
        lesson.tell("no_row")
        return None
    row = await lesson.choose("list.row", options, frame)
    rows = located(frame, row)
    one = rows.nth(await index_of(rows, seen.element))
    for key, what in _PARTS.items():
        await _learn_part(lesson, key, what, rows, one)
    row = await _with_its_link(lesson, frame, row, seen)
    lesson.notes.put(LIST, "rows", row)
    read = await _read(lesson, located(frame, row))
    lesson.tell("rows_read", count=len(read))
    return Listed(lesson.page.url, frame, row, read)


async def _point_at_row(lesson: Lesson) -> tuple[Seen | None, list[Entry]]:
    """Return a row that was pointed at, or the first that a typed target matches, with that target."""
    try:
        given = await lesson.point("list.row")
    except ValueError as fault:
        lesson.tell("not_a_target", why=fault)
        return None, []
    if given is None or isinstance(given, ElementHandle):
        return (await look(given, "row") if given is not None else None), []
    found = located(await lesson.frame_with(given), given)
    with reading("rows of the list"):
        lesson.tell("matches", target=written(given), count=await found.count())
        return (await look(await found.first.element_handle(), "row") if await found.count() else None), [given]


async def more_rows(lesson: Lesson, listed: Listed) -> list[Row]:
    """Return further orders, from pages of the list that the person opens: each state has words of its own."""
    found: list[Row] = []
    while await lesson.agrees("list.more", "list_more", default=False, states=_states([*listed.rows, *found])):
        await lesson.settle()
        known = {row.order_id for row in (*listed.rows, *found)}
        new = [
            row
            for row in await _read(lesson, located(await frame_of(lesson, LIST), listed.row))
            if row.order_id not in known
        ]
        lesson.tell("rows_read", count=len(new))
        found += new
    return found


def _states(rows: Sequence[Row]) -> str:
    return ", ".join(dict.fromkeys(row.state for row in rows))


def _row_targets(lesson: Lesson, seen: Seen) -> list[Entry]:
    told = seen.more["rows"]
    css: list[Entry] = [{"css": one, "why": lesson.say("why_row")} for one in told["css"]]
    match told["role"]:
        case "row":
            return [{"role": "row", "has": {"role": "cell"}}, *css]
        case "listitem" | "article":
            return [{"role": told["role"]}, *css]
        case _:
            return css


async def _covering(frame: Frame, options: list[Entry], wanted: int) -> list[Entry]:
    """Return the targets that match every row, and nothing that is not the row of an order."""
    found = []
    for option in options:
        with reading("rows of the list"):
            texts = await shown_texts(located(frame, option))
        if len(texts) == wanted and all(map(order_ids_in, texts)):
            found.append(option)
    return found


async def _learn_part(lesson: Lesson, key: str, what: str, rows: Locator, one: Locator) -> None:
    """Learn one part of a row; it has to be there once in every row."""
    with reading("a row of the list"):
        handle, every = await one.element_handle(), await rows.all()

    async def in_every_row(entry: Entry) -> bool:
        counts = [await count(each, entry) for each in every]
        lesson.tell("in_rows", target=written(entry), fit=counts.count(1), rows=len(counts))
        return set(counts) == {1}

    found = await lesson.teach(f"list.{key}", what, Where(scope=one, asked={"row": handle}, fits=in_every_row))
    if found is not None and await in_every_row(found.entry):
        lesson.notes.put(LIST, key, found.entry)
    elif found is not None:
        lesson.notes.drop(LIST, key, lesson.say("note_not_in_rows"))


async def _with_its_link(lesson: Lesson, frame: Frame, row: Entry, seen: Seen) -> Entry:
    """Return the rows as those that have the link, where that says the same: an empty list has cells too."""
    link = lesson.notes.get(LIST, "row_open")
    if row.get("role") != "row" or link is None or "css" in link:
        return row
    better: Entry = {"role": "row", "has": link}
    return better if await _covering(frame, [better], seen.more["rows"]["count"]) else row


async def _read(lesson: Lesson, rows: Locator) -> tuple[Row, ...]:
    parts = {key: lesson.notes.get(LIST, key) for key in _PARTS}
    found: list[Row] = []
    with reading("rows of the list"):
        for each in await rows.all():
            texts = {key: await shown_texts(located(each, part)) if part else [] for key, part in parts.items()}
            ids = order_ids_in(" ".join(texts["row_id"]))
            if len(ids) == 1:
                href = await _href(lesson, each, parts["row_open"])
                found.append(Row(OrderId(next(iter(ids))), normalised(" ".join(texts["row_state"])), href))
    return tuple(found)


async def _href(lesson: Lesson, row: Locator, link: Entry | None) -> str:
    if link is None or await count(row, link) != 1:
        return ""
    href = await located(row, link).get_attribute("href")
    return urljoin(lesson.page.url, href) if href and not href.startswith(("#", "javascript:")) else ""
