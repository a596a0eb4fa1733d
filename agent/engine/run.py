"""One pass over one case: looking at the portal, and the one door through which it is changed."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from sqlalchemy import Connection

from agent.domain.acts import Act, ActKind, IntentResult, Verdict
from agent.domain.cases import Case, Consent
from agent.domain.consent import CONSENTED_AT
from agent.domain.notices import Told
from agent.domain.orders import Message, Order, OrderState, Ticket
from agent.domain.outbox import Mail
from agent.domain.returns import PICTURE_SUFFIXES, PICTURES
from agent.domain.reviews import Review
from agent.engine.act import ActDone, perform
from agent.engine.files import case_manifest, sign
from agent.engine.lane import Lane, ShopSession, look
from agent.engine.recorder import Note, Recorder
from agent.engine.shop_run import Mode, ShopRun
from agent.errors import ElementBlocked, ElementMissing, NotAuthorised, OrderAbsent
from agent.evidence.pack import FileLimits, Pack, PackFile, make_pack
from agent.notify.buyer import notice_mails
from agent.store import breakers, intents, outbox, stops
from agent.store.consents import CONSENT_FILE
from page_objects.order_list import Row
from page_objects.reviews import open_reviews, read_reviews
from page_objects.stock import read_stock
from page_objects.thread import read_thread, read_tickets, show_newest

T = TypeVar("T")
Scenario = Callable[["Run"], Awaitable[Verdict]]

LISTED = "listed_state"
GOODS = "goods"
ORDERED_AT = "ordered_at"
PARCEL_WORD = "parcel_word"
CONSENT_KEPT = "consent_kept"
CONSENT_FROM_THREAD = "consent_from_thread"
THREAD_KEPT = "thread_kept"  # fact of a case: the conversation of which a picture is kept, by hash


@dataclass(slots=True)
class Looked:
    """What this pass has read so far; an act makes it stale."""

    order: Order | None = None
    thread: tuple[Message, ...] | None = None
    tickets: tuple[Ticket, ...] | None = None
    reviews: tuple[Review, ...] | None = None
    stock: dict[str, int] = field(default_factory=dict)


class Run:
    """One pass over one case in one lane; may be killed at any line."""

    def __init__(self, shop_run: ShopRun, session: ShopSession, lane: Lane, case: Case) -> None:
        self.shop_run = shop_run
        self.session = session
        self.lane = lane
        self.case = case
        self.recorder = Recorder(shop_run, case.case_id)
        self.done: frozenset[tuple[ActKind, str]] = frozenset()
        self.wrote: dict[str, dict[str, Any]] = {}  # what was sent for each purpose, as it was then
        self.acted: list[ActDone] = []
        self.stop: stops.Stop | None = None
        self.breaker: breakers.Breaker | None = None
        self.open_intent: intents.Intent | None = None
        self._looked = Looked()
        self._pending: list[Callable[[Connection], None]] = []
        self._packs = _Folder()

    def at_the_end(self, work: Callable[[Connection], None]) -> None:
        """Have this written in the pass's next transaction, together with the journal and the case."""
        self._pending.append(work)

    async def write_pending(self, *, last: Callable[[Connection], None] = lambda _tx: None) -> None:
        """Write what is pending, then the journal's lines, then ``last``, in one transaction."""
        works = list(self._pending)

        def all_of_it(tx: Connection, _note: Note) -> None:
            for work in works:
                work(tx)

        await self.recorder.commit(all_of_it, last=last)
        self._pending = []

    async def load(self) -> None:
        """Read what earlier passes of this case have proved or left open, and whether the shop may work at all."""
        shop, case = self.shop_run.name, self.case

        def read(tx: Connection) -> list[intents.Intent]:
            self.stop = stops.active(tx, shop)
            self.breaker = breakers.open_breaker(tx, shop, case.path or "")
            self.open_intent = intents.open_for(tx, portal=case.portal, account=case.account, order_id=case.order_id)
            return intents.of_case(tx, case.case_id)

        made = [intent for intent in await self.shop_run.db.aread(read) if intent.result is IntentResult.DONE]
        self.done = frozenset((intent.act, intent.purpose) for intent in made)
        self.wrote = {intent.purpose: intent.fields for intent in made}

    async def order(self) -> Order:
        """Return the order, read fresh once in this pass and again after an act."""
        if self._looked.order is None:
            self._looked.order = await self.look(self._read_order)
        return self._looked.order

    async def thread(self) -> tuple[Message, ...]:
        """Return the conversation with the counterparty, read in this pass."""
        if self._looked.thread is None:
            self._looked.thread = await self.look(lambda: read_thread(self.lane.site, self.case.order_id))
        return self._looked.thread

    async def keep_thread(self) -> None:
        """Keep what the conversation looks like from which an answer was read, once for each state of it.

        Raises:
            Transient, PageUnreadable: there can be no picture of it, so that nothing may be done on its ground.
        """
        thread = await self.thread()
        said = "\n".join(f"{line.sender} {line.at} {line.text}" for line in thread)
        mark = hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()
        if self.case.facts.get(THREAD_KEPT) == mark:
            return
        await self.look(lambda: show_newest(self.lane.site))
        await self.recorder.picture(self.lane.site, "conversation", "the conversation, as the answer was read from it")
        self.know(**{THREAD_KEPT: mark})

    async def tickets(self) -> tuple[Ticket, ...]:
        """Return the support tickets about the order, read in this pass."""
        if self._looked.tickets is None:
            self._looked.tickets = await self.look(lambda: read_tickets(self.lane.site, self.case.order_id))
        return self._looked.tickets

    async def reviews(self) -> tuple[Review, ...]:
        """Return what the buyer has publicly said about the order, read in this pass."""
        if self._looked.reviews is None:
            await self.order()  # names what has to be cut from any later page
            self._looked.reviews = await self.look(self._read_reviews)
        return self._looked.reviews

    async def _read_reviews(self) -> tuple[Review, ...]:
        self.recorder.hide(await open_reviews(self.lane.site, self.case.order_id))
        return await read_reviews(self.lane.site, self.case.order_id)

    async def stock(self, sku: str) -> int:
        """Return what the portal says is left of one SKU, read in this pass."""
        if sku not in self._looked.stock:
            self._looked.stock[sku] = await self.look(lambda: read_stock(self.lane.site, sku, self.case.order_id))
        return self._looked.stock[sku]

    def forget(self) -> None:
        """Make the next looks fresh ones."""
        self._looked = Looked()

    async def look(self, read: Callable[[], Awaitable[T]]) -> T:
        """Read, with retries, and after signing in where the portal asks for it.

        Raises:
            Transient, Arrival, PageChanged: the page cannot be read; see ``agent.errors``.
        """
        return await look(self.session, self.lane, read)

    async def _read_order(self) -> Order:
        order = await self._arrive_and_read()
        if order.state is OrderState.PAID and not _acting(order):
            # That a button is not there is believed only when two loads of the page agree.
            await self._open_detail()
            order = await self._read_here()
        return order

    async def _arrive_and_read(self) -> Order:
        if LISTED in self.case.facts:
            await self._open_detail()
            return await self._read_here()
        row = await self.lane.list.find(self.case.order_id)
        if row is None:
            await self._open_detail()  # a list may leave out old orders
        else:
            await self._follow(row)
        listed = self.lane.site.words.known("order_state", row.state_text) if row is not None else ""
        order = await self._read_here()
        self.know(**{LISTED: listed or ""})
        return order

    async def _open_detail(self) -> None:
        """Open the order's page by its address; that there is none is believed only when two loads agree."""
        try:
            await self.lane.detail.open(self.case.order_id)
        except OrderAbsent:
            await self.lane.detail.open(self.case.order_id)

    async def _follow(self, row: Row) -> None:
        """Open the order's page from its row, or by its address where nothing came of that."""
        try:
            await self.lane.list.open_detail(row)
            await self.lane.detail.arrive()
        except (ElementMissing, ElementBlocked, OrderAbsent):
            await self._open_detail()

    async def _read_here(self) -> Order:
        try:
            return await self.lane.detail.read(self.case.order_id)
        finally:
            if self.lane.detail.private is not None:  # known even where the rest could not be understood
                self.recorder.hide(self.lane.detail.private)

    def know(self, **facts: object) -> None:
        """Remember facts for later passes of this case."""
        self.case = replace(self.case, facts={**self.case.facts, **facts})

    async def keep_consent_file(self) -> None:
        """Keep the file that proves consent as evidence, once, before anything is done on its ground.

        Raises:
            NotAuthorised: the file that the request named is gone.
        """
        named = self.case.facts.get(CONSENT_FILE)
        if not isinstance(named, str) or self.case.facts.get(CONSENT_KEPT, {}).get("file") == named:
            return
        path = Path(named)
        try:
            data = await asyncio.to_thread(path.read_bytes)
        except OSError as fault:
            raise NotAuthorised(f"the consent file {path.name} cannot be read any more ({fault.strerror})") from fault
        stored = await asyncio.to_thread(self.shop_run.blobs.put, data, ext=path.suffix.removeprefix(".").lower())
        self.recorder.keep_stored(stored, path.name, "the file that the request names as proof of consent")
        self.know(**{CONSENT_KEPT: {"file": named, "sha256": stored.sha256, "ext": stored.ext, "size": stored.size}})

    def agreed(self, consent: Consent, text: str) -> None:
        """Take the counterparty's own words as consent or refusal."""
        self.case = replace(self.case, consent=consent)
        now = self.shop_run.clock().isoformat()
        self.know(**{CONSENT_FROM_THREAD: now, CONSENTED_AT: now})
        self.recorder.note("consent", {"consent": consent.value, "from": "thread", "text": text})

    async def evidence_pack(self, limits: FileLimits) -> Pack:
        """Return what goes to support of this case's evidence so far, within what its form takes."""
        if self.shop_run.mode is Mode.LIVE:
            await self.write_pending(last=lambda tx: sign(tx, self.shop_run, self.case.case_id))
        data = await asyncio.to_thread(case_manifest, self.shop_run.db, self.case, self.shop_run.key.public_b64)
        kept, proof = self.case.facts.get(CONSENT_KEPT), None
        if kept is not None:
            proved = await asyncio.to_thread(self.shop_run.blobs.read, kept["sha256"], kept["ext"])
            proof = PackFile(f"consent.{kept['ext']}", proved)
        pack = await asyncio.to_thread(make_pack, data, self.shop_run.blobs, proof, limits)
        self.recorder.note("pack", {"files": [named(one) for one in pack.files], "text": pack.left_out})
        return pack

    async def attach(self, files: Sequence[PackFile]) -> list[dict[str, str]]:
        """Lay files ready for a form, and return what names them there."""
        for one in files:
            await asyncio.to_thread((Path(self._packs.name) / one.name).write_bytes, one.data)
        return [named(one) for one in files]

    def attached(self, files: Sequence[Mapping[str, str]]) -> tuple[Path, ...]:
        """Return where files lie that were laid ready."""
        return tuple(Path(self._packs.name) / one["name"] for one in files)

    @property
    def pictures(self) -> list[dict[str, Any]]:
        """What is known of the pictures for a refund application: those given, and a consent that is one."""
        given = [*self.case.facts.get(PICTURES, ())]
        consent = self.case.facts.get(CONSENT_KEPT)
        if consent is not None and consent["ext"] in PICTURE_SUFFIXES:
            given.append(consent if "size" in consent else {**consent, "size": self._size_of(consent)})
        return given

    def _size_of(self, kept: Mapping[str, Any]) -> int:
        return self.shop_run.blobs.path(kept["sha256"], kept["ext"]).stat().st_size

    def tell_buyer(self, told: Told, buyer: str) -> int:
        """Have the buyer told beside the portal, in the pass's next transaction; return in how many ways.

        Raises:
            ConfigError: the shop's address book is wrong.
        """
        now = self.shop_run.clock()
        mails = notice_mails(self.case, told, self.shop_run.shop, buyer)
        self.at_the_end(lambda tx: _put(tx, mails, now))
        return len(mails)

    def close(self) -> None:
        """Remove the files that were made for attaching."""
        self._packs.cleanup()

    @property
    def min_age(self) -> timedelta:
        """How old an order must be before the portal closes it."""
        return timedelta(seconds=self.shop_run.loaded.profile.min_age_s)

    async def act(self, act: Act) -> ActDone:
        """Make one change on the portal, or find out that it cannot be made; the only door to a change.

        Raises:
            NotAuthorised, PageChanged, NotOffered, NotSent: nothing was sent.
            OutcomeUnknown: it was sent; the intent stays open and is settled by looking.
        """
        done = await perform(self, act)
        self.count(done)
        if done.result is IntentResult.DONE:
            self.wrote[act.purpose] = dict(act.fields)
        return done

    def count(self, done: ActDone) -> None:
        """Take note of an act that has ended."""
        self.acted.append(done)
        if done.result is IntentResult.DONE:
            self.done |= {(done.kind, done.purpose)}


class _Folder:
    """A temporary folder that is made when it is first asked for."""

    def __init__(self) -> None:
        self._made: TemporaryDirectory[str] | None = None

    @property
    def name(self) -> str:
        """The folder's path."""
        if self._made is None:
            self._made = TemporaryDirectory(prefix="closewright-")
        return self._made.name

    def cleanup(self) -> None:
        """Remove the folder, if it was made."""
        if self._made is not None:
            self._made.cleanup()


def named(one: PackFile) -> dict[str, str]:
    """Return what names a file that goes along: nobody can change it under its name."""
    return {"name": one.name, "sha256": hashlib.sha256(one.data).hexdigest()}


def _put(tx: Connection, mails: Sequence[Mail], now: datetime) -> None:
    for mail in mails:
        outbox.put(tx, mail, now=now)


def _acting(order: Order) -> bool:
    return bool(order.controls & {kind.value for kind in ActKind})
