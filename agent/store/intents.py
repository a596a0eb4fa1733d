"""Intents: what we are about to do on the portal, committed before it is done."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, exists, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from agent.domain.acts import Act, ActKind, IntentResult, IntentState
from agent.domain.aftercare import PURPOSE
from agent.domain.cases import Case
from agent.domain.ids import OrderId
from agent.domain.money import Fen
from agent.errors import Stopped, StoreError
from agent.store import aftercare, stops
from agent.store.columns import plain
from agent.store.new_ids import new_id
from agent.store.tables import case_is_open, cases, intent_is_done, intent_is_open, intents


@dataclass(frozen=True, slots=True)
class Intent:
    """One act on one order: written before the click, releasing before the request leaves, settled by looking."""

    intent_id: str
    case_id: str
    shop: str
    portal: str
    account: str
    order_id: OrderId
    act: ActKind
    purpose: str
    terms: dict[str, Any]
    fields: dict[str, Any]
    amount: Fen
    state: IntentState
    result: IntentResult | None
    owner: str
    written_at: datetime
    releasing_at: datetime | None = None
    settled_at: datetime | None = None
    request_id: str | None = None
    request: dict[str, Any] | None = None
    answer: dict[str, Any] | None = None
    followed: dict[str, Any] | None = None


def write(tx: Connection, *, case: Case, act: Act, terms: Mapping[str, Any], owner: str, now: datetime) -> Intent:
    """Write an intent of the run ``owner``.

    Raises:
        StoreError: the case has ended, its order has an open intent, or this act was done for this purpose already.
    """
    _check_case_open(tx, case, act)
    _check_free(tx, case, act)
    intent = Intent(
        intent_id=new_id("i"),
        case_id=case.case_id,
        shop=case.shop,
        portal=case.portal,
        account=case.account,
        order_id=case.order_id,
        act=act.kind,
        purpose=act.purpose,
        terms=plain(terms, "terms"),
        fields=plain(act.fields, f"fields of {act.kind}"),
        amount=act.amount,
        state=IntentState.WRITTEN,
        result=None,
        owner=owner,
        written_at=now,
    )
    try:
        with tx.begin_nested():
            tx.execute(insert(intents).values(_row(intent)))
    except IntegrityError as fault:
        raise StoreError(f"order {case.order_id} has got an open intent meanwhile: it must be settled first") from fault
    return intent


def mark_releasing(tx: Connection, intent_id: str, *, owner: str, now: datetime, request: Mapping[str, Any]) -> None:
    """Write down, before the request leaves, that it will; only once, and only for the run that wrote the intent.

    Raises:
        Stopped: the kill switch holds the shop.
        StoreError: there is no such intent, it is another run's, or it is past that point.
    """
    intent = _must_have(tx, intent_id)
    _check_not_stopped(tx, intent)
    if intent.owner != owner:
        raise StoreError(f"intent {intent_id} belongs to run {intent.owner}, not to {owner}")
    change = (
        update(intents)
        .where(intents.c.intent_id == intent_id, intents.c.state == IntentState.WRITTEN)
        .values(state=IntentState.RELEASING, releasing_at=now, request=plain(request, "request"))
    )
    if tx.execute(change).rowcount != 1:
        raise StoreError(f"intent {intent_id} is {intent.state} already: its request leaves only once")


def mark_followed(
    tx: Connection,
    intent_id: str,
    *,
    owner: str,
    now: datetime,
    act: Act,
    terms: Mapping[str, Any],
    request: Mapping[str, Any],
) -> Intent:
    """Write down, before it leaves, that a second request of the same click will.

    Return the intent that it becomes, released and open, as soon as the first one is settled.

    Raises:
        Stopped: the kill switch holds the shop.
        StoreError: the first was not released by this run, is settled, has been followed, or this was done before.
    """
    intent = _must_have(tx, intent_id)
    _check_not_stopped(tx, intent)
    if intent.owner != owner:
        raise StoreError(f"intent {intent_id} belongs to run {intent.owner}, not to {owner}")
    if is_done(tx, intent.case_id, act.kind, act.purpose):
        raise StoreError(f"case {intent.case_id} has {act.kind} for {act.purpose!r} done already: it is done only once")
    followed = {
        "intent_id": new_id("i"),
        "act": act.kind.value,
        "purpose": act.purpose,
        "amount": act.amount,
        "terms": plain(terms, "terms"),
        "at": now.isoformat(),
        "request": plain(request, "request"),
    }
    row = intents.c
    change = (
        update(intents)
        .where(row.intent_id == intent_id, row.state == IntentState.RELEASING, row.followed.is_(None))
        .values(followed=followed)
    )
    if tx.execute(change).rowcount != 1:
        raise StoreError(f"intent {intent_id} is {intent.state} or was followed already: nothing follows it now")
    return _that_followed(intent, followed)


def settle(
    tx: Connection,
    intent_id: str,
    result: IntentResult,
    *,
    now: datetime,
    answer: Mapping[str, Any] | None = None,
    request_id: str | None = None,
) -> None:
    """Say for good what became of an intent.

    Raises:
        StoreError: there is no such intent, it is settled, it never left and is said to be done or unknown, or
            another intent has done the same.
    """
    intent = _must_have(tx, intent_id)
    if intent.state is IntentState.WRITTEN and result in {IntentResult.DONE, IntentResult.UNKNOWN}:
        raise StoreError(f"the request of intent {intent_id} never left: it cannot be {result}")
    change = (
        update(intents)
        .where(intents.c.intent_id == intent_id, intent_is_open)
        .values(
            state=IntentState.SETTLED,
            result=result,
            settled_at=now,
            answer=None if answer is None else plain(answer, "answer"),
            request_id=request_id,
        )
    )
    try:
        with tx.begin_nested():
            changed = tx.execute(change).rowcount
    except IntegrityError as fault:
        raise StoreError(
            f"case {intent.case_id} has {intent.act} for {intent.purpose!r} done already: it is done only once"
        ) from fault
    if changed != 1:
        raise StoreError(f"intent {intent_id} is settled as {intent.result} and stays so")
    _open_what_followed(tx, intent)


def _open_what_followed(tx: Connection, first: Intent) -> None:
    if first.followed is not None:
        tx.execute(insert(intents).values(_row(_that_followed(first, first.followed))))


def _that_followed(first: Intent, followed: Mapping[str, Any]) -> Intent:
    at = datetime.fromisoformat(followed["at"])
    return replace(
        first,
        intent_id=followed["intent_id"],
        act=ActKind(followed["act"]),
        purpose=followed["purpose"],
        terms=followed["terms"],
        fields={},
        amount=Fen(followed["amount"]),
        written_at=at,
        releasing_at=at,
        request=followed["request"],
        followed=None,
    )


def _row(intent: Intent) -> dict[str, Any]:
    return {name: getattr(intent, name) for name in Intent.__slots__}


def get(tx: Connection, intent_id: str) -> Intent | None:
    """Return one intent."""
    return _one(tx, _select().where(intents.c.intent_id == intent_id))


def open_for(tx: Connection, *, portal: str, account: str, order_id: OrderId) -> Intent | None:
    """Return the open intent of an order, whichever case wrote it."""
    row = intents.c
    return _one(
        tx, _select().where(row.portal == portal, row.account == account, row.order_id == order_id, intent_is_open)
    )


def open_in_shop(tx: Connection, shop: str) -> list[Intent]:
    """Return the open intents of a shop, oldest first."""
    return _many(tx, _select().where(intents.c.shop == shop, intent_is_open))


def of_case(tx: Connection, case_id: str) -> list[Intent]:
    """Return every intent of a case, oldest first."""
    return _many(tx, _select().where(intents.c.case_id == case_id))


def chats_begun(tx: Connection, intent: Intent, *, since: datetime) -> list[datetime]:
    """Return when this account's conversations about other orders began since then, oldest first.

    None at all where the one about this intent's order has begun before: it goes on, and is no new one.
    """
    row = intents.c
    sent = select(row.order_id, func.min(row.written_at).label("at")).where(
        row.portal == intent.portal,
        row.account == intent.account,
        row.act == ActKind.SEND_MESSAGE,
        row.intent_id != intent.intent_id,
        row.result.is_distinct_from(IntentResult.NOT_DONE),
    )
    begun = {each.order_id: each.at for each in tx.execute(sent.group_by(row.order_id))}
    if intent.order_id in begun:
        return []
    return sorted(at for at in begun.values() if at >= since)


def is_done(tx: Connection, case_id: str, kind: ActKind, purpose: str) -> bool:
    """Tell whether a case has done this act for this purpose."""
    row = intents.c
    done = exists().where(row.case_id == case_id, row.act == kind, row.purpose == purpose, intent_is_done)
    return bool(tx.execute(select(done)).scalar_one())


def _check_case_open(tx: Connection, case: Case, act: Act) -> None:
    # Read again and locked: somebody may have cancelled the case since the pass began.
    query = select(cases.c.case_id).where(cases.c.case_id == case.case_id, case_is_open).with_for_update()
    may = tx.execute(query).one_or_none() is not None
    if not may and not (act.purpose.startswith(PURPOSE) and aftercare.has_open(tx, case.case_id)):
        raise StoreError(f"there is no open case {case.case_id}: nothing may be done for it")


def _check_free(tx: Connection, case: Case, act: Act) -> None:
    standing = open_for(tx, portal=case.portal, account=case.account, order_id=case.order_id)
    if standing is not None:
        raise StoreError(
            f"order {case.order_id} has the open intent {standing.intent_id} ({standing.act}, {standing.state}):"
            " it must be settled first"
        )
    if is_done(tx, case.case_id, act.kind, act.purpose):
        raise StoreError(f"case {case.case_id} has {act.kind} for {act.purpose!r} done already: it is done only once")


def _check_not_stopped(tx: Connection, intent: Intent) -> None:
    stop = stops.active(tx, intent.shop)
    if stop is not None:
        scope = "every shop" if stop.shop is None else f"shop {stop.shop}"
        raise Stopped(f"{scope} is stopped since {stop.at.isoformat(timespec='seconds')}: {stop.why}")


def _must_have(tx: Connection, intent_id: str) -> Intent:
    intent = get(tx, intent_id)
    if intent is None:
        raise StoreError(f"there is no intent {intent_id}")
    return intent


def _select() -> Select[Any]:
    return select(*(column for column in intents.c if column is not intents.c.seq))


def _one(tx: Connection, query: Select[Any]) -> Intent | None:
    row = tx.execute(query).mappings().one_or_none()
    return None if row is None else Intent(**row)


def _many(tx: Connection, query: Select[Any]) -> list[Intent]:
    return [Intent(**row) for row in tx.execute(query.order_by(intents.c.seq)).mappings()]
