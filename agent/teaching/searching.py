"""How the list searches for one order, and how it says that there is none."""

from urllib.parse import parse_qsl, quote, urlsplit

from agent.teaching.entering import NOBODYS, name_reads
from agent.teaching.framing import frame_of
from agent.teaching.landmarks import landmarks
from agent.teaching.lesson import Lesson
from agent.teaching.listing import LIST, Listed
from agent.teaching.proposals import located
from page_objects.locate import order_ids_in

HERE = "{order_id}"


async def learn_search(lesson: Lesson, listed: Listed) -> None:
    """Learn the search by having the person search once, and look at what it does."""
    order = listed.rows[-1].order_id
    await lesson.open(listed.url)  # from the whole list: another tab would narrow every later search
    lesson.passed.clear()
    await lesson.let_do("list.search", order=order)
    await name_reads(lesson, "list.search")
    with_id = next((url for url in lesson.passed if order in url), None)
    frame = await frame_of(lesson, LIST)
    marks = lesson.marks.setdefault(LIST, [])
    marks.append(await landmarks(frame))
    if with_id is not None:
        await _write_address(lesson, with_id, order)
        if order in urlsplit(lesson.page.url).path and order not in urlsplit(with_id).path:
            lesson.notes.put(LIST, "opens_only_hit", value=True, comment=lesson.say("note_only_hit"))
        await lesson.open(lesson.base + str(lesson.notes.get(LIST, "url")).replace(HERE, NOBODYS))
    else:
        lesson.notes.put(LIST, "url", path_of(listed.url))
        await lesson.open(listed.url)
        await _learn_box(lesson, order)
        await lesson.let_do("list.search_nobody", order=NOBODYS)
    await _learn_empty(lesson)
    marks.append(await landmarks(await frame_of(lesson, LIST)))


async def _write_address(lesson: Lesson, with_id: str, order: str) -> None:
    """Write down the address that searches: without what else the form has sent, where that finds the order as well."""
    whole = pattern(with_id, order)
    bare = pattern(with_id, order, only_order=True)
    if bare != whole:
        await lesson.open(lesson.base + bare.replace(HERE, order))
        rows = located(await frame_of(lesson, LIST), lesson.notes.get(LIST, "rows")).filter(has_text=order)
        found = order in urlsplit(lesson.page.url).path or await rows.count() == 1
        whole = bare if found else whole
    lesson.notes.put(LIST, "url", whole)


async def _learn_box(lesson: Lesson, order: str) -> None:
    for key in ("search_box", "search_button"):
        found = await lesson.teach(f"list.{key}", "control", order=order)
        if found is not None:
            lesson.notes.put(LIST, key, found.entry)


async def _learn_empty(lesson: Lesson) -> None:
    empty = await lesson.teach("list.empty", "sign")
    if empty is None:
        return
    if order_ids_in(await located(empty.frame, empty.entry).first.inner_text()):
        lesson.tell("names_an_order")
    lesson.notes.put(LIST, "empty", empty.entry)


def path_of(url: str) -> str:
    """Return an address without its host, as a profile has it."""
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "") + (f"#{parts.fragment}" if parts.fragment else "")


def pattern(url: str, order: str, *, only_order: bool = False) -> str:
    """Return an address as a profile has it: the order's id has its place, and what was left empty is left out."""
    parts = urlsplit(url)
    kept = [
        (key, value)
        for key, value in parse_qsl(parts.query, keep_blank_values=True)
        if value and (order in value or not only_order)
    ]
    query = "&".join(f"{quote(key)}={quote(value)}" for key, value in kept)
    whole = parts.path + (f"?{query}" if query else "") + (f"#{parts.fragment}" if parts.fragment else "")
    return whole.replace(order, HERE)
