"""The outbox: what is to be told, written in the transaction of what it tells of, and taken out by a sender.

A sender claims a message before it sends: the claim counts as a try and puts off the next one. Whoever dies between
sending and ``sent`` leaves a message that is sent again: a channel gets each at least once.
"""

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from agent.domain.outbox import MOST_TRIES, Audience, Mail, MailState, Queued, pause_after
from agent.store.case_rows import in_chunks
from agent.store.tables import outbox

_MAIL = tuple(field.name for field in fields(Mail))
_ROW = tuple(field.name for field in fields(Queued) if field.name != "mail")
_LONGEST_ERROR = 300


def put(tx: Connection, mail: Mail, *, now: datetime) -> bool:
    """Put a message in; tell whether it is new: its case's purpose is told to a channel once."""
    values: dict[str, Any] = {name: getattr(mail, name) for name in _MAIL} | {"key": mail.key}
    values |= {"state": MailState.WAITING, "attempts": 0, "next_try_at": now, "created_at": now}
    try:
        with tx.begin_nested():
            tx.execute(insert(outbox).values(values))
    except IntegrityError:
        return False
    return True


def due(tx: Connection, *, shop: str, now: datetime) -> list[Queued]:
    """Return what may be sent now, oldest first."""
    row = outbox.c
    query = select(outbox).where(row.shop == shop, row.state == MailState.WAITING, row.next_try_at <= now)
    return [_queued(found) for found in tx.execute(query.order_by(row.mail_id)).mappings()]


def claim(tx: Connection, messages: Collection[Queued], *, now: datetime) -> list[Queued]:
    """Take messages for one try, and return those that nobody else has taken."""
    return [taken for taken in (_claimed(tx, one, now) for one in messages) if taken is not None]


def sent(tx: Connection, ids: Sequence[int], *, now: datetime) -> None:
    """Say that a channel has taken messages."""
    _set(tx, ids, {"state": MailState.SENT, "sent_at": now, "last_error": None})


def dropped(tx: Connection, ids: Sequence[int]) -> None:
    """Say that messages have nothing to tell any more."""
    _set(tx, ids, {"state": MailState.DROPPED})


def not_sent(tx: Connection, messages: Sequence[Queued], why: str) -> list[Queued]:
    """Say why a try came to nothing, and return the messages that are given up for good."""
    _set(tx, [one.mail_id for one in messages], {"last_error": why[:_LONGEST_ERROR]})
    given_up = [one for one in messages if one.attempts >= MOST_TRIES]
    _set(tx, [one.mail_id for one in given_up], {"state": MailState.FAILED})
    return given_up


def try_again(tx: Connection, *, shop: str, now: datetime) -> int:
    """Make every message that was given up due again, from its first try on; tell how many they are."""
    row = outbox.c
    change = (
        update(outbox)
        .where(row.shop == shop, row.state == MailState.FAILED)
        .values(state=MailState.WAITING, attempts=0, next_try_at=now)
    )
    return tx.execute(change).rowcount


def last_sent(tx: Connection, *, shop: str, channel: str, audience: Audience) -> datetime | None:
    """Return when a channel has last taken something."""
    row = outbox.c
    query = select(func.max(row.sent_at)).where(row.shop == shop, row.channel == channel, row.audience == audience)
    at: datetime | None = tx.execute(query).scalar_one()
    return at


def of_state(tx: Connection, *, shop: str, state: MailState) -> list[Queued]:
    """Return the messages of a shop that stand so, oldest first."""
    query = select(outbox).where(outbox.c.shop == shop, outbox.c.state == state).order_by(outbox.c.mail_id)
    return [_queued(found) for found in tx.execute(query).mappings()]


def of_case(tx: Connection, case_id: str) -> list[Queued]:
    """Return every message about a case, oldest first."""
    query = select(outbox).where(outbox.c.case_id == case_id).order_by(outbox.c.mail_id)
    return [_queued(found) for found in tx.execute(query).mappings()]


def _claimed(tx: Connection, one: Queued, now: datetime) -> Queued | None:
    row = outbox.c
    attempts = one.attempts + 1
    change = (
        update(outbox)
        .where(row.mail_id == one.mail_id, row.state == MailState.WAITING, row.attempts == one.attempts)
        .values(attempts=attempts, next_try_at=now + pause_after(attempts))
        .returning(outbox)
    )
    found = tx.execute(change).mappings().one_or_none()
    return None if found is None else _queued(found)


def _set(tx: Connection, ids: Sequence[int], values: dict[str, Any]) -> None:
    for chunk in in_chunks(ids):
        tx.execute(update(outbox).where(outbox.c.mail_id.in_(chunk)).values(values))


def _queued(row: RowMapping) -> Queued:
    return Queued(mail=Mail(**{name: row[name] for name in _MAIL}), **{name: row[name] for name in _ROW})
