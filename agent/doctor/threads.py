"""The conversation, the support tickets and the reviews of one order."""

from collections.abc import Awaitable, Callable, Sequence

from agent.doctor.book import Aim
from agent.doctor.findings import State
from agent.doctor.looks import Visitor, matches
from agent.domain.ids import OrderId
from agent.errors import PageUnreadable
from page_objects.locate import locate, normalised
from page_objects.profile import Target, ThreadPage, TicketsPage, TicketTalk
from page_objects.reviews import answer_control, open_reviews, read_reviews
from page_objects.thread import read_thread, read_tickets, reply_control


async def visit_thread(visitor: Visitor, order_id: OrderId) -> None:
    """Look at the conversation about an order."""
    page = visitor.profile.pages.thread
    if page is None:
        return
    where = f"messages of order {order_id}"
    texts = await _rows(
        visitor,
        "thread",
        page,
        columns=("row_sender", "row_text", "row_at"),
        where=where,
        read=lambda: read_thread(visitor.site, order_id),
    )
    for sender in texts.get("row_sender", ()):
        visitor.sheet.word("sender", sender, where)
    for at in texts.get("row_at", ()):
        try:
            visitor.site.words.time(at)
        except PageUnreadable as fault:
            visitor.sheet.missing("pages.thread.row_at", where, str(fault))


async def visit_tickets(visitor: Visitor, order_id: OrderId) -> str | None:
    """Look at the support tickets about an order; return the number of one that takes a reply."""
    page = visitor.profile.pages.tickets
    if page is None:
        return None
    where = f"tickets of order {order_id}"
    texts = await _rows(
        visitor,
        "tickets",
        page,
        columns=("row_id", "row_state", "row_title", "row_thread"),
        where=where,
        read=lambda: read_tickets(visitor.site, order_id),
    )
    for state in texts.get("row_state", ()):
        visitor.sheet.word("ticket_state", state, where)
    if visitor.site.showing is not page or page.talk is None or not texts.get("row_id"):
        return None
    await _talk(visitor, page.talk, where)
    for number in map(normalised, texts["row_id"]):
        if page.talk.reply is not None and await matches(reply_control(visitor.site, number)) == 1:
            return number
    return None


async def _talk(visitor: Visitor, talk: TicketTalk, where: str) -> None:
    frame, base = visitor.site.frame, "pages.tickets.talk"
    await visitor.texts(f"{base}.entry", frame, talk.entry, where, needed=False)
    for sender in await visitor.texts(f"{base}.sender", frame, talk.sender, where, needed=False):
        visitor.sheet.word("ticket_sender", sender, where)
    for part in ("text", "at", "reply"):
        target: Target | None = getattr(talk, part)
        if target is not None:
            await visitor.texts(f"{base}.{part}", frame, target, where, needed=False)


async def visit_reviews(visitor: Visitor, order_id: OrderId) -> bool:
    """Look at the reviews of an order; return whether there is one that can be answered."""
    page = visitor.profile.pages.reviews
    if page is None:
        return False
    where = f"reviews of order {order_id}"

    async def read() -> None:
        await open_reviews(visitor.site, order_id)
        await read_reviews(visitor.site, order_id)

    await visitor.arrive("reviews", page, read, where)
    if visitor.site.showing is not page:
        return False
    entries = locate(visitor.site.frame, page.entry)
    if not await matches(entries):
        await visitor.once("pages.reviews.empty", visitor.site.frame, page.empty, where)
        return False
    visitor.sheet.found("pages.reviews.entry", where)
    for part in ("order_id", "level", "text", "at", "reply", "answer"):
        await visitor.texts(f"pages.reviews.{part}", visitor.site.frame, getattr(page, part), where, needed=False)
    await visitor.private(where)
    return await matches(answer_control(visitor.site, page, order_id)) == 1


async def _rows(
    visitor: Visitor,
    name: str,
    page: ThreadPage | TicketsPage,
    *,
    columns: Sequence[str],
    where: str,
    read: Callable[[], Awaitable[object]],
) -> dict[str, list[str]]:
    """Read the page as a run does, then look at its parts one by one; an empty page shows no rows."""
    await visitor.arrive(name, page, read, where)
    if visitor.site.showing is not page:
        return {}
    frame = visitor.site.frame
    await visitor.once(f"pages.{name}.order_id", frame, page.order_id, where)
    await visitor.book.page(
        visitor,
        name,
        where,
        {f"pages.{name}.ready": Aim(frame, page.ready), f"pages.{name}.order_id": Aim(frame, page.order_id)},
    )
    texts = {
        column: await visitor.texts(f"pages.{name}.{column}", frame, getattr(page, column), where, needed=False)
        for column in columns
    }
    await visitor.private(where)
    most = max(map(len, texts.values()))
    for column, found in texts.items():
        if len(found) != most:
            note = f"{len(found)} of them beside {most} of others"
            visitor.sheet.write(f"pages.{name}.{column}", State.AMBIGUOUS, where, note)
    return texts
