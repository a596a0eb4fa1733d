"""Takes out of the outbox what is due, and sends it: each message at least once, never while it is quiet."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from agent.domain.clock import Clock
from agent.domain.ids import OrderId
from agent.domain.outbox import Audience, Queued
from agent.errors import ConfigError, NotDelivered
from agent.log import log
from agent.notify.buyer import address_for, book_of, ways_of
from agent.notify.channels import address_of, deliver, with_recipient
from agent.notify.people import message_of, still_asked
from agent.settings import QuietHours, Shop
from agent.store import cases, outbox, stops
from agent.store.database import Database

_FAILURES_IN_A_ROW = 3  # of one channel: it is down, and the rest can wait


@dataclass(frozen=True, slots=True)
class Desk:
    """One shop whose messages are sent; quiet hours are those of its portal's zone."""

    name: str
    shop: Shop
    zone: ZoneInfo


@dataclass(slots=True)
class Sent:
    """What became of what was due; ``waiting`` is left for another time."""

    sent: int = 0
    waiting: int = 0
    troubles: list[str] = field(default_factory=list)
    given_up: list[Queued] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Post:
    """One message as it leaves."""

    address: str
    subject: str
    body: str


_Made = Callable[[Sequence[Queued], str], _Post]


class Sender:
    """Sends what one shop has to tell."""

    def __init__(self, db: Database, desk: Desk, clock: Clock) -> None:
        self._db = db
        self._desk = desk
        self._clock = clock
        self._done = Sent()

    async def send_due(self) -> Sent:
        """Send all that may leave now, one channel after the other."""
        now = self._clock()
        due = await self._db.aread(lambda tx: outbox.due(tx, shop=self._desk.name, now=now))
        for (audience, channel), rows in _by_channel(due):
            if audience is Audience.PEOPLE:
                await self._to_people(channel, rows)
            else:
                await self._to_buyers(channel, rows)
        return self._done

    async def _to_people(self, channel: str, rows: list[Queued]) -> None:
        notify = self._desk.shop.notify
        if channel not in notify.people:
            await self._drop(rows)
            return
        rows = await self._worth_telling(rows)
        if rows and (self._is_quiet(notify.quiet_hours) or await self._told_lately(channel)):
            self._done.waiting += len(rows)
        elif rows:
            await self._send(channel, rows, self._for_people)

    def _for_people(self, rows: Sequence[Queued], address: str) -> _Post:
        bodies = [row.mail.body for row in rows]
        subject, body = message_of(self._desk.name, bodies, self._desk.shop.notify.language)
        return _Post(address, subject, body)

    async def _to_buyers(self, channel: str, rows: list[Queued]) -> None:
        ways = {way.purpose for way in ways_of(self._desk.shop) if way.channel == channel}
        await self._drop([row for row in rows if row.mail.purpose not in ways])
        rows = [row for row in rows if row.mail.purpose in ways]
        if self._is_quiet(self._desk.shop.notice.quiet_hours) or await self._is_stopped():
            self._done.waiting += len(rows)
            return
        failures = 0
        for at, row in enumerate(rows):
            if failures >= _FAILURES_IN_A_ROW:
                self._done.waiting += len(rows) - at
                return
            went = await self._send(channel, [row], partial(self._for_buyer, await self._order_of(row)))
            failures = 0 if went else failures + 1

    def _for_buyer(self, order_id: OrderId, rows: Sequence[Queued], address: str) -> _Post:
        [row] = rows
        to = address_for(row.mail.purpose, book_of(self._desk.shop).address(order_id, row.mail.recipient))
        if not to:
            raise NotDelivered("the address book has no address for this buyer any more")
        return _Post(with_recipient(address, to), row.mail.subject, row.mail.body)

    async def _send(self, channel: str, rows: Sequence[Queued], made: Callable[[Sequence[Queued], str], _Post]) -> bool:
        """Claim, send and mark; whoever dies in between leaves rows that are sent again."""
        now = self._clock()
        taken = await self._db.awrite(lambda tx: outbox.claim(tx, rows, now=now))
        if not taken:
            return True
        try:
            post = made(taken, address_of(channel))
            await deliver(post.address, post.subject, post.body)
        except (NotDelivered, ConfigError) as fault:
            await self._not_sent(channel, taken, str(fault))
            return False
        ids = [row.mail_id for row in taken]
        at = self._clock()
        await self._db.awrite(lambda tx: outbox.sent(tx, ids, now=at))
        self._done.sent += len(ids)
        return True

    async def _not_sent(self, channel: str, rows: Sequence[Queued], why: str) -> None:
        given_up = await self._db.awrite(lambda tx: outbox.not_sent(tx, rows, why))
        self._done.given_up += given_up
        self._done.waiting += len(rows) - len(given_up)
        self._done.troubles.append(f"{channel}: {why}")
        log.bind(action="notice.not_sent", channel=channel, messages=len(rows), given_up=len(given_up)).info(why)

    async def _worth_telling(self, rows: list[Queued]) -> list[Queued]:
        """Return the rows whose question still stands; the others are dropped."""

        def read(tx: Connection) -> list[Queued]:
            return [row for row in rows if still_asked(tx, row.mail)]

        kept = await self._db.aread(read)
        await self._drop([row for row in rows if row not in kept])
        return kept

    async def _drop(self, rows: Sequence[Queued]) -> None:
        ids = [row.mail_id for row in rows]
        if ids:
            await self._db.awrite(lambda tx: outbox.dropped(tx, ids))

    async def _told_lately(self, channel: str) -> bool:
        name = self._desk.name
        last = await self._db.aread(
            lambda tx: outbox.last_sent(tx, shop=name, channel=channel, audience=Audience.PEOPLE)
        )
        return last is not None and self._clock() - last < self._desk.shop.notify.batch_every

    async def _is_stopped(self) -> bool:
        """Say whether the kill switch is on: what was done may have been wrong, and buyers are not told of it yet."""
        return await self._db.aread(lambda tx: stops.active(tx, self._desk.name)) is not None

    async def _order_of(self, row: Queued) -> OrderId:
        case = await self._db.aread(lambda tx: cases.get(tx, row.mail.case_id or ""))
        return case.order_id if case is not None else OrderId("")

    def _is_quiet(self, hours: QuietHours | None) -> bool:
        return hours is not None and hours.hold(self._clock().astimezone(self._desk.zone).time())


def _by_channel(rows: Iterable[Queued]) -> Iterator[tuple[tuple[Audience, str], list[Queued]]]:
    def key(row: Queued) -> tuple[str, str]:
        return row.mail.audience.value, row.mail.channel

    for (audience, channel), group in groupby(sorted(rows, key=key), key):
        yield (Audience(audience), channel), list(group)
