"""One visit, from signing in to the last form, and what of it is kept."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.async_api import Request
from sqlalchemy import Connection

from agent.app import App, open_session
from agent.browser.gate import Read, RequestGate
from agent.doctor.acts import (
    Way,
    visit_act,
    ways_at,
    ways_to_answer,
    ways_to_reply,
    ways_with_stock,
    ways_without_opener,
)
from agent.doctor.bearing import Bearing
from agent.doctor.book import Book, as_seen
from agent.doctor.differences import chance_explains, differences, missed
from agent.doctor.entries import entries_of
from agent.doctor.findings import Findings, State
from agent.doctor.keeping import Good, last_good
from agent.doctor.looks import Visitor, matches
from agent.doctor.order_list import Listed, try_search, visit_list
from agent.doctor.order_page import SeenOrder, visit_nobodys_order, visit_order
from agent.doctor.order_queue import visit_queue
from agent.doctor.sheet import Sheet
from agent.doctor.shots import Shot
from agent.doctor.threads import visit_reviews, visit_thread, visit_tickets
from agent.doctor.visit import Offers, Visit
from agent.domain.ids import OrderId, parse_order_id
from agent.engine.lane import ShopSession
from agent.engine.shop_run import Mode, ShopRun
from agent.errors import ConfigError, PageChanged, WrongShop
from agent.store import confirmations, runs
from page_objects.locate import locate
from page_objects.words import WordReader

_LIVE_KINDS = ("run", "close", "resume")  # a plan or a rehearsal is nobody's schedule
_MOST_BLOCKED = 30
_MOST_SHAPES = 12  # of rows of the list, each of which has one order looked at
_THREADS = 2  # orders whose messages and tickets are looked at where nobody has named any
_TO_LEARN = 4  # orders of one state that a first visit looks at, to learn how often an act is offered
_MOST_MISSED = 8  # orders that are looked at for an act that other orders offered


@dataclass(frozen=True, slots=True)
class Examined:
    """A visit: what it found of the profile, what it saw, and the last good one that it was compared with."""

    findings: Findings
    visit: Visit
    good: Good | None
    shots: Mapping[str, Shot]


async def examine(app: App, name: str, *, order_ids: Sequence[str] = (), headed: bool = False) -> Findings:
    """Visit a shop's portal, read-only, and say of each entry of its profile whether it is right.

    Without ``order_ids`` the visit takes one order of each state that the list shows. The request gate stays
    closed throughout, so nothing can be changed. The shop is held meanwhile: two sign-ins disturb each other.

    Raises:
        ConfigError: settings or profile are wrong, or an order id is not one.
        ShopBusy: a live run holds the shop.
        Arrival: the portal does not let us in (login, human check, another shop, maintenance, too fast).
        Transient: the portal or the browser went away in the middle.
        StoreError: the database cannot be used.
    """
    with app.hold(name):
        return (await look_round(app, name, order_ids=order_ids, headed=headed, queue=True)).findings


async def look_round(
    app: App,
    name: str,
    *,
    order_ids: Sequence[str] = (),
    hints: Sequence[str] = (),
    headed: bool = False,
    queue: bool = False,
) -> Examined:
    """Do as ``examine`` does, over a shop that is held already, and return all that was seen.

    ``hints`` are orders that are looked at beside those that the list shows. ``queue`` has the tabs visited too that
    rules read: these cannot do harm, so that a batch need not wait for it.
    """
    wanted = _parsed(order_ids)
    run = app.shop_run(name, run_id="doctor", mode=Mode.PLAN)
    profile = run.loaded.profile
    sheet = Sheet(entries_of(profile), WordReader(profile))
    bearing = Bearing(profile, run.account.role)
    good = last_good(app, run)
    complaint = last_run_complaint(app, name)
    async with open_session(app, run, headed=headed) as session:
        _watch_reads(session, sheet)
        book = Book(session, profile, bearing, None if good is None else good.visit)
        visitor = Visitor(session, await session.new_lane(), sheet, book)
        orders = await _visit(visitor, wanted, _parsed(hints), queue=queue)
        blocked = _blocked(session.gate)
    confirmed = _confirm(app, run, sheet)
    visit = book.visit(sheet.wrong, [f"{word.axis}: {word.text}" for word in sheet.unknown_words])
    unverified = run.loaded.unverified_read | run.loaded.unverified_act
    findings = Findings(
        profile=profile.name,
        shop=name,
        orders=tuple(orders),
        entries=sheet.entries,
        unknown_words=sheet.unknown_words,
        blocked=blocked,
        confirmed=tuple(confirmed),
        still_unverified=tuple(sorted(unverified - run.confirmed - set(confirmed))),
        last_run_complaint=complaint,
        differences=differences(book.good, visit, bearing, entries=sheet.entries, unknown=sheet.unknown_words),
        troubles=tuple(dict.fromkeys(book.troubles)),
        good_since=None if good is None else good.trusted_at,
    )
    return Examined(findings, visit, good, book.shots)


def _parsed(order_ids: Sequence[str]) -> list[OrderId]:
    faults: list[str] = []
    parsed: list[OrderId] = []
    for text in order_ids:
        try:
            parsed.append(parse_order_id(text))
        except ValueError as fault:
            faults.append(str(fault))
    if faults:
        raise ConfigError(faults)
    return list(dict.fromkeys(parsed))


async def _visit(
    visitor: Visitor, wanted: Sequence[OrderId], hints: Sequence[OrderId], *, queue: bool
) -> list[OrderId]:
    """Go through all pages; a page that did not come is written down and the others are still visited."""
    try:
        listed = await visit_list(visitor)
        orders = list(wanted) or list(dict.fromkeys([*_one_of_each(listed), *hints]))
        if orders:
            await try_search(visitor, orders[0])
        await _visit_orders(visitor, orders, named=bool(wanted))
        if not wanted:
            await _look_at_more(visitor, [one for one in listed if one.order_id not in orders])
        if queue:
            await visit_queue(visitor)
        await visit_nobodys_order(visitor)
    except WrongShop:
        if await _identity_is_right(visitor):
            raise
        return list(wanted)
    except PageChanged as fault:  # only signing in leads here: without it there is nothing more to see
        visitor.sheet.missing("pages.login.submit", "login page", str(fault))
        return list(wanted)
    return orders


async def _visit_orders(visitor: Visitor, orders: Sequence[OrderId], *, named: bool) -> None:
    tried: list[tuple[Way, str]] = []
    came: list[OrderId] = []
    stocked: list[tuple[OrderId, str]] = []
    for order_id in orders:
        order = await visit_order(visitor, order_id)
        if order is None:
            continue
        came.append(order_id)
        stocked += [(order_id, sku) for sku in order.skus]
        await _visit_acts(visitor, order, tried)
    for order_id in came[:1]:
        for way in ways_without_opener(visitor):
            await visit_act(visitor, way, order_id)
    for order_id, sku in stocked[:1]:
        for way in ways_with_stock(visitor):
            await visit_act(visitor, way, order_id, sku=sku)
    for order_id in came[: None if named else _THREADS]:
        await _visit_threads(visitor, order_id)


async def _visit_threads(visitor: Visitor, order_id: OrderId) -> None:
    """Look at what was said about an order, and at the forms that open from there."""
    await visit_thread(visitor, order_id)
    ticket = await visit_tickets(visitor, order_id)
    for way in ways_to_reply(visitor) if ticket else ():
        await visit_act(visitor, way, order_id, ticket=ticket or "")
    if await visit_reviews(visitor, order_id):
        for way in ways_to_answer(visitor):
            await visit_act(visitor, way, order_id)


async def _visit_acts(visitor: Visitor, order: SeenOrder, tried: list[tuple[Way, str]]) -> None:
    """Open the form of each act that an order offers, unless that was done for another order like it."""
    for way in ways_at(visitor, order):
        # What stands on the order's page itself may take much of that page with it, which differs within a state.
        like = (order.state if way[1].opener or way[1].menu is not None else order.situation) or ""
        if (way, like) not in tried:
            tried.append((way, like))
            await visit_act(visitor, way, order.order_id, like)


def _one_of_each(listed: Sequence[Listed]) -> list[OrderId]:
    """Return one order of each shape of rows: what is offered differs between them, whatever their state."""
    chosen: dict[frozenset[str], OrderId] = {}
    for one in listed:
        chosen.setdefault(one.shape, one.order_id)
    return list(chosen.values())[:_MOST_SHAPES]


async def _look_at_more(visitor: Visitor, listed: Sequence[Listed]) -> None:
    """Look at further orders: at some of each state on a first visit, later where acts are missed that were offered."""
    tried: list[tuple[Way, str]] = []
    counts: Counter[str] = Counter()
    for one in listed:
        meaning = visitor.site.words.known("order_state", one.state) or ""
        if not _wanted_more(visitor, meaning, counts[meaning]):
            continue
        counts[meaning] += 1
        order = await visit_order(visitor, one.order_id)
        if order is not None and visitor.book.good is not None:
            await _visit_acts(visitor, order, tried)


def _wanted_more(visitor: Visitor, state: str, looked_at: int) -> bool:
    """Return whether one more order of a state is worth a look."""
    book = visitor.book
    if book.good is None:
        return looked_at < _TO_LEARN - 1 and bool(visitor.book.bearing.acts_at(state))
    if looked_at >= _MOST_MISSED:
        return False
    here = [name for name in book.situations if book.offers_of(name).state == state]
    for situation in here:
        before, now = book.good.offers.get(situation, Offers()), book.offers_of(situation)
        if any(chance_explains(before, act, now.orders) for act in missed(before, now)):
            return True
    return False


async def _identity_is_right(visitor: Visitor) -> bool:
    """Return whether the page names an account at the place that the profile tells: then it is another one."""
    identity = visitor.profile.identity
    if identity is None:
        return True
    count = await matches(locate(visitor.site.page, identity.target))
    if count != 1:
        visitor.sheet.count("identity", count, "every page")
    return count == 1


def _watch_reads(session: ShopSession, sheet: Sheet) -> None:
    """Write down which listed reads the portal's pages make."""

    def on_request(request: Request) -> None:
        verdict = session.gate.rules.classify(as_seen(request))
        if isinstance(verdict, Read):
            sheet.write(f"requests.{verdict.name}", State.FOUND, "made by a page")

    session.context.on("request", on_request)


def _blocked(gate: RequestGate) -> tuple[str, ...]:
    """Return what the gate did not let out, without queries: they may name buyers."""
    lines = (f"{one.method} {_without_query(one.url)}: {one.why}" for one in gate.blocked)
    return tuple(dict.fromkeys(lines))[:_MOST_BLOCKED]


def _without_query(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}"


def _confirm(app: App, run: ShopRun, sheet: Sheet) -> list[str]:
    """Remember the unverified reading entries that were really seen, and return those that are new."""
    entries = sheet.seen(sorted(run.loaded.unverified_read - run.confirmed), before=run.confirmed)

    def work(tx: Connection) -> None:
        for entry in entries:
            confirmations.confirm(
                tx,
                profile_hash=run.loaded.sha256,
                shop=run.name,
                entry=entry,
                how="doctor",
                actor=app.actor,
                now=app.clock(),
            )

    app.db.write(work)
    return entries


def last_run_complaint(app: App, name: str) -> str | None:
    """Return what is wrong with the shop's last run, or None; a shop that never ran has nothing wrong.

    The shop must be held: a run that has not ended was then killed, unless a later one has gone on with its work.
    """
    stale_after = app.settings.shop(name).stale_after
    last = app.db.read(lambda tx: runs.last(tx, name, _LIVE_KINDS))
    for run in app.db.read(lambda tx: runs.unfinished(tx, name)):
        if run.kind in _LIVE_KINDS and (last is None or run.started_at > last.started_at):
            began = f"run {run.run_id} ({run.kind}) began {run.started_at:%Y-%m-%d %H:%M} and never ended"
            return f"{began}: 'closewright resume --shop {name}' goes on with what it left"
    if last is not None and last.ended_at is not None and app.clock() - last.ended_at > stale_after:
        ended = f"the last run ended {last.ended_at:%Y-%m-%d %H:%M} ({last.how})"
        return f"{ended}, longer ago than the shop's stale_after of {stale_after}: look at what starts it"
    return None
