"""The only place that builds things: database, keys, profile, browser, and the runs over a shop."""

import asyncio
import getpass
import os
import platform
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from playwright.async_api import Error as PlaywrightError

from agent.browser.find import FoundBrowser, find_browser
from agent.browser.gate import RequestGate
from agent.browser.launch import OpenBrowser, open_browser, open_context
from agent.browser.session import SessionVault, find_key
from agent.domain.acts import ActKind
from agent.domain.cases import NOTE_CHARACTERS, Case, CaseState, CloseRequest, Role
from agent.domain.clock import Clock
from agent.domain.money import Fen
from agent.engine.batch import Batch, BatchEnd, OnPass
from agent.engine.lane import ShopSession
from agent.engine.permission import unconfirmed_reads, unread_words
from agent.engine.queue import Queue
from agent.engine.shop_run import Mode, ShopRun, Supervise
from agent.errors import ConfigError, ShopBusy
from agent.evidence.blobs import BlobStore
from agent.evidence.keys import SigningKey, load_or_create
from agent.log import log, register_secret
from agent.notify.checking import check_channels
from agent.settings import Settings, Shop, resolve_secret, web_address
from agent.store import admission, confirmations, runs
from agent.store.database import Database
from agent.store.limits import LimitRules
from agent.store.new_ids import new_id
from page_objects.loader import LoadedProfile, load_profile
from page_objects.requests import PortalRequests, hosts_of
from page_objects.site import Account
from scenarios.aftercare import after_step
from scenarios.steps import next_step

# Four lanes were 2.2 times one at 200 ms of latency on two cores, which they keep busy; see docs/speed.md.
DEFAULT_LANES = 4


def system_clock() -> datetime:
    """Return the time now."""
    return datetime.now(UTC)


def actor() -> dict[str, str]:
    """Return who is running us, as it is recorded beside every request and decision."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        user = f"uid {os.getuid()}" if hasattr(os, "getuid") else "unknown"
    return {"os_user": user, "host": platform.node()}


@dataclass(frozen=True, slots=True)
class Overrides:
    """What a command line changes for one run."""

    limit_orders: int | None = None
    limit_amount: Fen | None = None
    headed: bool = False


# Acts whose remark or description a request's note goes into.
_WITH_NOTE = frozenset({ActKind.CLOSE, ActKind.APPLY_REFUND, ActKind.FILE_TICKET, ActKind.OPEN_DISPUTE})


def _text_faults(shop: Shop, loaded: LoadedProfile) -> list[str]:
    """Return what of the shop's own texts the portal would not take, however little is filled in."""
    faults = []
    for name, kind in (("refund", ActKind.APPLY_REFUND), ("dispute", ActKind.OPEN_DISPUTE)):
        template, lengths = getattr(shop.messages, name), loaded.profile.lengths_of(kind)
        if template is None or lengths is None:
            continue
        least, most = lengths
        shortest = len(template.format(order_id="1" * 15, reason="其它", amount="0.01").strip())
        if not least <= shortest <= most:
            faults.append(
                f"messages.{name} has at least {shortest} characters once it is filled in, and portal {shop.portal}"
                f" takes {least} to {most}"
            )
    return faults


def longest_note(shop: Shop) -> int:
    """Return how long a note may be that some form of the shop's portal takes, whatever state its order is in.

    Which form it will be, and what else stands there with it, is only known once the order is read.

    Raises:
        ConfigError: the portal's profile is wrong.
    """
    profile = load_profile(shop.portal, shop.profile_dir, language=shop.language).profile
    kinds = _WITH_NOTE if shop.role is Role.SELLER else _WITH_NOTE - {ActKind.FILE_TICKET}
    ways = [way for kind in kinds for way in profile.acts.get(kind, ()) if shop.role in way.roles]
    fields = [profile.forms[name].fields for way in ways for name in profile.forms_of(way)]
    most = [field.max_length for found in fields for name, field in found.items() if name in {"remark", "text"}]
    told = [length for length in most if length is not None]
    return min(NOTE_CHARACTERS, max(told)) if told and len(told) == len(most) else NOTE_CHARACTERS


class App:
    """Everything that lives as long as one command."""

    def __init__(
        self, settings: Settings, *, clock: Clock = system_clock, browsers: OpenBrowser = open_browser
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.browsers = browsers
        self.db = Database.open(settings.store.url)
        self.blobs = BlobStore(settings.store.evidence)
        self.key: SigningKey = load_or_create(settings.store.signing_key)
        self.actor = actor()

    def close(self) -> None:
        """Let go of the database."""
        self.db.close()

    def profile(self, shop: Shop) -> LoadedProfile:
        """Return the profile of a shop's portal.

        Raises:
            ConfigError: there is none, it has faults, or the shop does not fit it.
        """
        loaded = load_profile(shop.portal, shop.profile_dir, language=shop.language)
        faults = []
        if shop.role not in loaded.profile.roles:
            faults.append(f"role {shop.role} is not one of {shop.portal}'s: {', '.join(loaded.profile.roles)}")
        if shop.base_url is None and loaded.profile.base_url is None:
            faults.append(f"base_url is missing: portal {shop.portal} leaves its address open")
        if shop.aftercare.review is not None and ActKind.ANSWER_REVIEW not in loaded.profile.acts_of(shop.role):
            faults.append(f"aftercare.review: portal {shop.portal} has no answer_review for role {shop.role}")
        faults += _text_faults(shop, loaded)
        if faults:
            raise ConfigError([f"shop: {fault}" for fault in faults])
        if self.settings.never.buyers and not loaded.profile.pages.detail.tells("buyer"):
            raise ConfigError([f"never.buyers: the pages of portal {shop.portal} show no buyer: name orders instead"])
        return loaded

    def account(self, name: str, shop: Shop, loaded: LoadedProfile) -> Account:
        """Return who we are on the portal."""
        base_url = shop.base_url or loaded.profile.base_url or ""
        return Account(shop=name, base_url=base_url, role=shop.role, username=shop.username, shown_as=shop.shown_as)

    def admit(self, name: str, requests: Sequence[CloseRequest]) -> list[admission.Admitted]:
        """Make cases of requests, in one transaction; an order whose case is open attaches to it."""
        shop = self.settings.shop(name)
        now = self.clock()
        return self.db.write(
            lambda tx: admission.admit(
                tx,
                requests,
                shop=name,
                portal=shop.portal,
                account=shop.username,
                role=shop.role,
                now=now,
                actor=self.actor,
            )
        )

    def passing_cases(self, name: str, requests: Sequence[CloseRequest]) -> list[Case]:
        """Return cases that live only as long as a plan or a rehearsal: nothing of them is stored."""
        shop = self.settings.shop(name)
        now = self.clock()
        return [
            Case(
                case_id=new_id("p"),
                shop=name,
                portal=shop.portal,
                account=shop.username,
                role=shop.role,
                order_id=request.order_id,
                reason=request.reason,
                note=request.note,
                consent=request.consent,
                state=CaseState.DUE,
                created_at=now,
                due_at=now,
                facts=request.standing | ({"consent_file": request.consent_file} if request.consent_file else {}),
            )
            for request in requests
        ]

    @contextmanager
    def hold(self, name: str) -> Iterator[None]:
        """Hold a shop's account against other live runs over this database; the lock dies with its process.

        Raises:
            ShopBusy: another live run holds it.
        """
        shop = self.settings.shop(name)
        with ExitStack() as holding:
            try:
                holding.enter_context(self.db.hold_shop(shop.portal, shop.username))
            except ShopBusy as fault:
                raise ShopBusy(f"shop {name} is busy: {fault}") from None
            yield

    @contextmanager
    def recorded_run(self, name: str, kind: str) -> Iterator["RecordedRun"]:
        """Write down that a run began, and when and how it ended, whatever happens in it."""
        now = self.clock()
        run_id = self.db.write(
            lambda tx: runs.begin(tx, shop=name, kind=kind, actor=self.actor, pid=os.getpid(), now=now)
        )
        recorded = RecordedRun(run_id)
        try:
            yield recorded
        except BaseException as fault:
            recorded.how = f"failed: {type(fault).__name__}"
            recorded.exit_code = recorded.exit_code or 1
            raise
        finally:
            ended = self.clock()
            self.db.write(
                lambda tx: runs.end(
                    tx, run_id, exit_code=recorded.exit_code, how=recorded.how, counts=recorded.counts, now=ended
                )
            )

    def shop_run(
        self,
        name: str,
        *,
        run_id: str,
        mode: Mode,
        overrides: Overrides | None = None,
        supervise: Supervise | None = None,
    ) -> ShopRun:
        """Return what one run over a shop works with."""
        shop = self.settings.shop(name)
        loaded = self.profile(shop)
        confirmed = self.db.read(lambda tx: confirmations.confirmed(tx, loaded.sha256, name))
        return ShopRun(
            name=name,
            shop=shop,
            loaded=loaded,
            account=self.account(name, shop, loaded),
            db=self.db,
            blobs=self.blobs,
            key=self.key,
            clock=self.clock,
            run_id=run_id,
            actor=self.actor,
            limits=_limits(shop, overrides or Overrides()),
            confirmed=frozenset(confirmed),
            mode=mode,
            supervise=supervise,
            never=self.settings.never.as_never(),
        )


@dataclass(slots=True)
class RecordedRun:
    """How a run ends; filled in by whoever runs it."""

    run_id: str
    exit_code: int = 0
    how: str = "finished"
    counts: dict[str, int] = field(default_factory=dict)


def _limits(shop: Shop, overrides: Overrides) -> LimitRules:
    limits = shop.limits
    rules = LimitRules(
        orders_per_run=limits.orders_per_run,
        orders_per_day=limits.orders_per_day,
        amount_per_order=limits.amount_per_order,
        amount_per_day=limits.amount_per_day,
        amount_per_run=limits.amount_per_run,
    )
    if overrides.limit_orders is not None:
        rules = replace(rules, orders_per_run=min(overrides.limit_orders, limits.orders_per_run))
    if overrides.limit_amount is not None:
        least = (
            overrides.limit_amount
            if limits.amount_per_run is None
            else min(overrides.limit_amount, limits.amount_per_run)
        )
        rules = replace(rules, amount_per_run=least)
    return rules


def refuse_unread_profile(run: ShopRun) -> None:
    """Refuse to work through reading entries that nobody has confirmed on this shop.

    Raises:
        ConfigError: naming the command that confirms them.
    """
    if unconfirmed_reads(run.loaded, run.confirmed):
        raise ConfigError([unread_words(run)])


def check_ready(app: App, run: ShopRun, *, headed: bool = False) -> None:
    """Refuse to begin what would fail at every order: unconfirmed profile, no browser, no way to sign in or to tell.

    Raises:
        ConfigError: saying what to do.
    """
    refuse_unread_profile(run)
    check_channels(app.settings, run.name)
    _found_browser(app, headed=headed)
    _check_books(run)
    try:
        resolve_secret(run.shop.password)
    except ConfigError:
        if _vault(app).load(run.name) is None:  # a kept session may do without
            raise


def _check_books(run: ShopRun) -> None:
    books = run.shop.stock
    if books.webhook is not None and books.secret is not None:
        register_secret(web_address(books.webhook))
        register_secret(resolve_secret(books.secret))


def _found_browser(app: App, *, headed: bool) -> FoundBrowser:
    settings = app.settings.browser
    executable = str(settings.executable) if settings.executable is not None else None
    return find_browser(executable, settings.channel, headed=headed)


def _vault(app: App) -> SessionVault:
    return SessionVault(app.settings.store.evidence.parent / "sessions", find_key())


async def keep_session(app: App, run: ShopRun, session: ShopSession) -> Path | None:
    """Keep a session that a person has signed in, and return its file; None where no key is there to seal it with."""
    state = dict(await session.context.storage_state())
    return await asyncio.to_thread(_vault(app).save, run.name, state)


@asynccontextmanager
async def open_session(app: App, run: ShopRun, *, headed: bool = False) -> AsyncIterator[ShopSession]:
    """Open a browser for one shop, walled in to its portal, with the session of last time where one was kept."""
    headed = headed or app.settings.browser.headed
    found = _found_browser(app, headed=headed)
    vault = _vault(app)
    rules = PortalRequests(run.loaded.profile, run.account)
    gate = RequestGate(rules)
    gate.on_blocked = lambda blocked: log.bind(
        action="request.blocked", method=blocked.method, url=blocked.url, why=blocked.why
    ).info("a request was not let out")
    register_secret(_secret_or_nothing(run.shop.password))
    hosts = hosts_of(run.loaded.profile, run.account)
    ws_hosts = hosts if run.loaded.profile.websockets else ()
    async with app.browsers(found, hosts=hosts, headed=headed, ws_hosts=ws_hosts) as browser:
        context = await open_context(browser, storage_state=vault.load(run.name), locale=run.loaded.profile.language)
        await gate.attach(context)
        try:
            yield ShopSession(
                context,
                run.loaded.profile,
                run.account,
                gate,
                password=run.shop.password,
                save=lambda state: vault.save(run.name, state),
            )
        finally:
            with suppress(PlaywrightError):  # the browser is lost, and the context with it
                await context.close()


def _secret_or_nothing(reference: str) -> str:
    try:
        return resolve_secret(reference)
    except ConfigError:
        return ""  # told when a login is needed; a kept session may do without


async def work(
    app: App,
    run: ShopRun,
    *,
    queue: Queue,
    lanes: int | None,
    wait_s: float,
    on_pass: OnPass,
    on_batch: Callable[[Batch], None] = lambda _batch: None,
    headed: bool = False,
) -> BatchEnd:
    """Work the cases of a queue in a browser of its own."""
    refuse_unread_profile(run)
    async with open_session(app, run, headed=headed) as session:
        batch = Batch(run, session, next_step, queue, after=after_step, on_pass=on_pass)
        on_batch(batch)
        wanted = lanes or run.shop.lanes or DEFAULT_LANES
        return await batch.work(lanes=min(wanted, run.loaded.profile.max_lanes or wanted), wait_s=wait_s)
