"""What notice preview and notice send do, and what run and resume send at their end."""

import asyncio
from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from agent.app import App
from agent.cli.call import Call
from agent.cli.exits import ATTENTION, FINE
from agent.cli.nothing_done import nothing_done
from agent.cli.opened import opened
from agent.cli.options import Language
from agent.cli.screen import Screen
from agent.desk import find_case
from agent.domain.cases import Case
from agent.notify.buyer import Way, address_for, book_of, notice_for, ways_of
from agent.notify.checking import check_channels
from agent.notify.sending import Desk, Sender, Sent
from agent.settings import Shop
from agent.store import outbox

_SHOWN = 2  # characters of an address, at either end


def preview_notice(call: Call, word: str, language: Language | None) -> int:
    """Show what would be sent about a case; return the exit code.

    Raises:
        ConfigError: there is no such case, or settings, channels or address book are wrong.
    """
    with opened(call) as (app, screen):
        with nothing_done():
            case = find_case(app, word)
        shop = app.settings.shop(case.shop)
        check_channels(app.settings, case.shop)
        notice = notice_for(case, shop, None if language is None else language.value)
        if shop.wishes.notice:
            screen.line(screen.voice.say("notice_by_portal"))
        elif not ways_of(shop):
            screen.line(screen.voice.say("notice_by_none", shop=case.shop))
        for way in ways_of(shop):
            screen.line(f"{screen.voice.say('notice_by', channel=way.channel)}: {_to(screen, case, shop, way)}")
        screen.line(f"{screen.voice.say('notice_subject')}: {notice.subject}")
        screen.line("")
        screen.line(notice.body)
        return FINE


def _to(screen: Screen, case: Case, shop: Shop, way: Way) -> str:
    """Return, masked, where a notice would go, as far as it can be told without the order's page."""
    book = book_of(shop)
    recipient = book.recipient(case.order_id, "")
    if not recipient:
        return screen.voice.say("notice_by_name" if book.buyers else "notice_nowhere")
    to = address_for(way.purpose, book.address(case.order_id, recipient))
    return masked(to) if to else screen.voice.say("notice_nowhere")


def masked(address: str) -> str:
    """Return an address that can be recognised and not used."""
    name, at, host = address.partition("@")
    return f"{name[:_SHOWN]}…{at}{host}" if at else f"{name[:_SHOWN]}…{name[-_SHOWN:]}"


def send_notices(call: Call, shop: str | None, *, again: bool) -> int:
    """Send what is due of one shop or of all; return the exit code.

    Raises:
        ConfigError: settings, channels or address book are wrong; nothing was sent.
    """
    with opened(call) as (app, screen):
        names = list(app.settings.shops) if shop is None else [shop]
        for name in names:
            check_channels(app.settings, name)
        if again:
            _take_up_again(app, names)
        done = send_due(app, names)
        screen.line(screen.voice.say("notices", sent=done.sent, waiting=done.waiting, failed=len(done.given_up)))
        return tell_troubles(screen, done)


def _take_up_again(app: App, names: Sequence[str]) -> None:
    now = app.clock()

    def work(tx: Connection) -> None:
        for name in names:
            outbox.try_again(tx, shop=name, now=now)

    app.db.write(work)


def send_due(app: App, names: Sequence[str]) -> Sent:
    """Send what is due of some shops, and return what became of it."""
    every = Sent()

    async def main() -> None:
        for desk in _desks(app, names):
            done = await Sender(app.db, desk, app.clock).send_due()
            every.sent += done.sent
            every.waiting += done.waiting
            every.troubles += done.troubles
            every.given_up += done.given_up

    asyncio.run(main())
    return every


def tell_troubles(screen: Screen, done: Sent) -> int:
    """Say which channels did not take something; return the exit code."""
    for trouble in dict.fromkeys(done.troubles):
        screen.tell("notice_trouble", what=screen.voice.told(trouble))
    if done.given_up:
        screen.tell("notices_given_up", count=len(done.given_up))
    return ATTENTION if done.troubles else FINE


def _desks(app: App, names: Sequence[str]) -> Iterator[Desk]:
    for name in dict.fromkeys(names):
        shop = app.settings.shop(name)
        if shop.notify.people or ways_of(shop):
            yield Desk(name, shop, ZoneInfo(app.profile(shop).profile.zone))
