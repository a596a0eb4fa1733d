"""The tables on an order's page: its goods, and what was done with its money; known by their headings."""

from collections.abc import Mapping, Sequence
from typing import Any

from playwright.async_api import Frame

from agent.teaching.lesson import Lesson, Option, Pointed, Rule, Taught
from agent.teaching.proposals import Entry, count, index_of, located, look
from page_objects.locate import label_of

ITEMS = "pages.detail.items"
MONEY = "pages.detail.money"
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "title": ("product", "title", "item", "货品", "商品", "商品名称", "宝贝"),
    "quantity": ("quantity", "qty", "数量"),
    "sub_order_id": ("line id", "sub order", "子订单号", "商品行id"),
    "spec": ("spec", "variant", "options", "规格"),
    "shipping": ("status", "shipping", "发货状态", "状态"),
}
_MONEY_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "event": ("event", "type", "事件", "类型"),
    "amount": ("amount", "金额", "量"),
}


async def seen_table(found: Pointed) -> Mapping[str, Any] | None:
    """Return what is known of the table in which something stands; None for one without headings, or none."""
    if found.seen is None:
        return None
    seen = await look(found.seen.element, "table")
    table = seen.more.get("table") if seen is not None else None
    return table if table and table["telling"] else None


async def table_of(frame: Frame, table: Mapping[str, Any]) -> list[Entry]:
    """Return what tells a table from every other: its name, or a heading that only it has."""
    named: list[Entry] = [{"role": "table", "name": table["name"]}] if table["name"] else []
    headed: list[Entry] = [{"role": "table", "has": {"role": "columnheader", "name": one}} for one in table["telling"]]
    return [entry for entry in [*named, *headed] if await count(frame, entry) == 1]


async def column_of(found: Pointed, cells: Entry) -> int | None:
    """Return which of the cells something is, or stands in."""
    if found.seen is None:
        return None
    at = await index_of(located(found.frame, cells), found.seen.element)
    return at if at >= 0 else None


async def learn_items(lesson: Lesson) -> None:
    """Learn the table of goods from one of its cells."""
    found = await lesson.teach("order.item", "value")
    table = await seen_table(found) if found is not None else None
    if found is None or table is None:
        lesson.tell("no_table")
        return
    options = [one for one in await _ways(lesson, found, table, ITEMS) if await _fills(found, one)]
    if not options:
        lesson.tell("no_table")
        return
    lesson.notes.comment(ITEMS, "", lesson.say("note_items"))
    lesson.remember(Taught("order.item", options, Rule.TABLE))
    await _name_columns(lesson, ITEMS, table["headings"], _COLUMNS)


async def _ways(lesson: Lesson, found: Pointed, table: Mapping[str, Any], where: str) -> list[Option]:
    """Return how headings and cells of a table may be found, the best first: by role, then by what its rows have."""
    heading, cell = (where, "heading"), (where, "cell")
    ways: list[Option] = [
        {heading: {"role": "columnheader", "within": outer}, cell: {"role": "cell", "within": outer}}
        for outer in await table_of(found.frame, table)
    ]
    width, why = table["cells"], lesson.say("why_total")
    has = [f"tr:has(input[name={table['box']}])"] if table["box"] else []
    for selector in table["css"]:
        top = {"css": f"{selector} {table['head']} th", "why": lesson.say("why_head")}
        filled = [*has, f"tr:has(> td:nth-child({width})):not(:has(> td:nth-child({width + 1})))"]
        ways += [{heading: top, cell: {"css": f"{selector} {rows} > td", "why": why}} for rows in filled]
    return ways


async def _fills(found: Pointed, option: Option) -> bool:
    """Whether cells fill whole rows under headings, and what was pointed at is one of them."""
    headings, cells = [await count(found.frame, entry) for entry in option.values()]
    inside = await column_of(found, list(option.values())[1])
    return headings > 0 and cells > 0 and cells % headings == 0 and inside is not None


async def _name_columns(
    lesson: Lesson, where: str, headings: Sequence[str], known: Mapping[str, tuple[str, ...]]
) -> None:
    told = [label_of(heading) for heading in headings]
    for at, heading in enumerate(told, 1):
        lesson.tell("column", number=at, heading=heading)
    for column, words in known.items():
        guess = next((str(at) for at, one in enumerate(told, 1) if one.casefold() in words), "0")
        answer = await lesson.ask(f"{where.rpartition('.')[2]}.{column}", "which_column", guess, column=column)
        if answer.isdigit() and 1 <= int(answer) <= len(told) and told[int(answer) - 1]:
            lesson.notes.put(f"{where}.columns", column, told[int(answer) - 1])


async def learn_money(lesson: Lesson) -> None:
    """Learn the table of what was done with the money, where no text says whether an order is paid."""
    await lesson.let_do("money.open_paid")
    found = await lesson.teach("money.cell", "value")
    table = await seen_table(found) if found is not None else None
    if found is None or table is None:
        return
    ways = [one for one in await _ways(lesson, found, table, MONEY) if await _fills(found, one)]
    await lesson.let_do("money.open_unpaid")
    empty = await lesson.teach("money.empty", "sign")
    if not ways or empty is None:
        lesson.tell("no_table")
        return
    lesson.notes.comment(MONEY, "", lesson.say("note_money"))
    lesson.remember(Taught("money.cell", [{**one, (MONEY, "empty"): empty.entry} for one in ways], Rule.MONEY))
    await _name_columns(lesson, MONEY, table["headings"], _MONEY_COLUMNS)
