"""The conversation with the counterparty, and the support tickets, of one order."""

import asyncio
from collections.abc import Sequence

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Locator

from agent.domain.ids import OrderId
from agent.domain.orders import Message, Ticket, TicketLine, TicketState
from agent.errors import ElementMissing, PageUnreadable, Transient, WrongOrder
from page_objects.locate import Scope, locate, normalised, order_ids_in, whole
from page_objects.profile import Target, TicketsPage, TicketTalk
from page_objects.reading import shown_texts
from page_objects.site import Site

_SCROLL_MS = 5_000


async def read_thread(site: Site, order_id: OrderId) -> tuple[Message, ...]:
    """Open the conversation about an order and return its messages, oldest first.

    Raises:
        PageUnreadable: the portal has no such page in its profile, or a sender is unknown.
        WrongOrder: the page is about another order.
    """
    page = site.profile.pages.thread
    if page is None:
        raise PageUnreadable("the profile has no [pages.thread]")
    frame = await site.open(page, order_id)
    await _same_order(frame, page.order_id, order_id)
    senders, texts, times = await _columns(frame, page.row_sender, page.row_text, page.row_at)
    words = site.words
    thread = tuple(
        Message(sender=words.meaning("sender", sender), text=text.strip(), at=words.time(at))
        for sender, text, at in zip(senders, texts, times, strict=True)
    )
    moments = [message.at for message in thread if message.at is not None]
    return thread[::-1] if moments and moments[0] > moments[-1] else thread  # some portals show the newest first


async def show_newest(site: Site) -> None:
    """Scroll the open conversation to its newest message, so that a picture of the page shows it.

    Raises:
        Transient: the page is not the conversation's any more, or does not hold still.
    """
    page = site.profile.pages.thread
    if page is None or site.showing is not page:
        raise Transient("the conversation is not what the browser shows any more")
    try:
        times = [site.words.time(at) for at in await shown_texts(locate(site.frame, page.row_at))]
        if times:
            moments = [at for at in times if at is not None]
            upward = bool(moments) and moments[0] > moments[-1]
            newest = locate(site.frame, page.row_text).nth(0 if upward else len(times) - 1)
            await newest.scroll_into_view_if_needed(timeout=_SCROLL_MS)
    except PlaywrightError as fault:
        raise Transient(fault.message.splitlines()[0]) from fault


async def read_tickets(site: Site, order_id: OrderId) -> tuple[Ticket, ...]:
    """Open the list of support tickets about an order and return them (errors as in ``read_thread``)."""
    page = site.profile.pages.tickets
    if page is None:
        raise PageUnreadable("the profile has no [pages.tickets]")
    frame = await site.open(page, order_id)
    await _same_order(frame, page.order_id, order_id)
    ids, states, titles, threads = await _columns(frame, page.row_id, page.row_state, page.row_title, page.row_thread)
    numbers = [normalised(number) for number in ids]
    talks = await _talks(site, frame, page, page.talk, numbers) if page.talk is not None else {}
    return tuple(
        Ticket(
            ticket_id=number,
            state=TicketState(site.words.meaning("ticket_state", state)),
            title=normalised(title),
            thread=tuple(line.strip() for line in thread.splitlines() if line.strip()),
            talk=talks.get(number),
        )
        for number, state, title, thread in zip(numbers, states, titles, threads, strict=True)
    )


def reply_control(site: Site, ticket_id: str) -> Locator:
    """Return the control that opens the form of a reply, in the entry of exactly this ticket.

    Raises:
        ElementMissing: the profile names none.
    """
    page = site.profile.pages.tickets
    if page is None or page.talk is None or page.talk.reply is None:
        raise ElementMissing("the profile names no control that opens a reply to a ticket")
    named = locate(site.frame, page.row_id).filter(has_text=whole([ticket_id]))
    return locate(locate(site.frame, page.talk.entry).filter(has=named), page.talk.reply)


async def _talks(
    site: Site, frame: Scope, page: TicketsPage, talk: TicketTalk, numbers: Sequence[str]
) -> dict[str, tuple[TicketLine, ...]]:
    """Return what was said in each ticket, by its number, oldest first."""
    found: dict[str, tuple[TicketLine, ...]] = {}
    for entry in await _all(locate(frame, talk.entry)):
        ids, *said = await asyncio.gather(
            *(_texts(entry, one) for one in (page.row_id, talk.sender, talk.text, talk.at))
        )
        if len(ids) != 1 or len({len(column) for column in said}) > 1:
            raise PageUnreadable(f"a ticket shows {len(ids)} numbers, and {[len(column) for column in said]} parts")
        lines = tuple(
            TicketLine(site.words.meaning("ticket_sender", who) == "us", text.strip(), site.words.time(at))
            for who, text, at in zip(*said, strict=True)
        )
        found[normalised(ids[0])] = lines[::-1] if lines and lines[0].at > lines[-1].at else lines
    if sorted(found) != sorted(numbers):
        raise PageUnreadable(f"the tickets are {sorted(numbers)[:3]}, their threads are of {sorted(found)[:3]}")
    return found


async def _all(found: Locator) -> list[Locator]:
    try:
        return await found.all()
    except PlaywrightError as fault:
        raise Transient(fault.message.splitlines()[0]) from fault


async def _texts(scope: Scope, target: Target) -> list[str]:
    try:
        return await shown_texts(locate(scope, target))
    except PlaywrightError as fault:
        raise Transient(fault.message.splitlines()[0]) from fault


async def _same_order(scope: Scope, target: Target, order_id: OrderId) -> None:
    try:
        texts = await shown_texts(locate(scope, target))
    except PlaywrightError as fault:
        raise Transient(fault.message.splitlines()[0]) from fault
    if order_ids_in(" ".join(texts)) != {order_id}:
        raise WrongOrder(f"asked for order {order_id}, the page is about {texts[:3]!r}")


async def _columns(scope: Scope, *targets: Target) -> list[list[str]]:
    try:
        columns = await asyncio.gather(*(shown_texts(locate(scope, target)) for target in targets))
    except PlaywrightError as fault:
        raise Transient(fault.message.splitlines()[0]) from fault
    if len({len(column) for column in columns}) > 1:
        raise PageUnreadable(f"parts of the rows do not fit together: {[len(column) for column in columns]}")
    return list(columns)
