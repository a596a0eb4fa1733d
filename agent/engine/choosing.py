"""What a rule makes of a shop's list of orders: which ones it asks for, and why it leaves out the others."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from agent.domain.acts import ActKind
from agent.domain.cases import Case, CaseState, CloseRequest, Outcome, Role
from agent.domain.ids import OrderId
from agent.domain.money import Fen, format_yuan
from agent.domain.rules import RULE, Finding, Shown, shown_by
from agent.engine.lane import Lane, ShopSession, look
from agent.engine.shop_run import ShopRun
from agent.errors import ConfigError, OrderAbsent, PageChanged, Transient, Unreachable
from agent.settings import AskedByRule
from agent.store import cases
from page_objects.order_queue import OrderQueue, Queue
from page_objects.profile import Profile, QueuePages

_ASKED_AGAIN = frozenset({None, Outcome.NOT_ELIGIBLE, Outcome.NOT_FOUND})  # it may fit by now
_LOOKS = 2  # at a list that counts more orders, or fewer, than it shows: it may have changed under the look


@dataclass(frozen=True, slots=True)
class Choice:
    """One order of the list, and what speaks for it, or against it where it is left out."""

    order_id: OrderId
    chosen: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a rule has made of the list, oldest order first; ``counted`` is how many orders the list says it has."""

    name: str
    asked: AskedByRule
    choices: tuple[Choice, ...]
    counted: int | None

    def requests(self) -> list[CloseRequest]:
        """Return the requests that the rule makes, in the order in which they are worked."""
        source = {RULE: self.asked.named(self.name).as_json()}
        return [
            CloseRequest(choice.order_id, self.asked.reason, note=self.asked.note, source=source)
            for choice in self.choices
            if choice.chosen
        ]


def check_rule(run: ShopRun, name: str, asked: AskedByRule) -> None:
    """Refuse a rule that this shop's portal, or the shop itself, cannot keep.

    Raises:
        ConfigError: naming every key that is in the way.
    """
    profile = run.loaded.profile
    queue, detail = profile.pages.list.queue, profile.pages.detail
    faults: list[str] = []
    if queue is None:
        faults.append(
            f"rules.{name}: the profile of portal {profile.name} has no [pages.list.queue]: no rule can read its list"
        )
    elif asked.state not in queue.tabs:
        faults.append(
            f"rules.{name}.state: the list of portal {profile.name} has no tab for orders that are {asked.state}"
        )
    if asked.reason not in run.shop.allowed_reasons:
        faults.append(f"rules.{name}.reason: {asked.reason} is not among the allowed_reasons of shop {run.name}")
    for key, field in (("close_after", "created_at"), ("buyer_remarks", "buyer_remark"), ("tags", "tags")):
        if getattr(asked, key) and not detail.tells(field):
            faults.append(f"rules.{name}.{key}: the orders' pages of portal {profile.name} do not tell {field}")
    if asked.remind_after is not None and not _can_write(profile, run.account.role):
        faults.append(f"rules.{name}.remind_after: portal {profile.name} has no messages to the buyer")
    if asked.products and "title" not in detail.items.columns:
        faults.append(f"rules.{name}.products: the orders' pages of portal {profile.name} do not name their goods")
    if faults:
        raise ConfigError(faults)


def _can_write(profile: Profile, role: Role) -> bool:
    return any(role in variant.roles for variant in profile.acts.get(ActKind.SEND_MESSAGE, ()))


async def choose(run: ShopRun, session: ShopSession, name: str, asked: AskedByRule) -> Chosen:
    """Read the list of a rule's state to its end, and the pages of orders of which it does not say enough.

    Raises:
        Transient, Arrival, PageChanged: the list cannot be read; see ``agent.errors``.
    """
    lane = await session.new_lane()
    chooser = _Chooser(run, session, lane, name, asked)
    try:
        return await chooser.choose(_queue_of(run.loaded.profile))
    finally:
        await lane.close()


def _queue_of(profile: Profile) -> QueuePages:
    queue = profile.pages.list.queue
    if queue is None:
        raise PageChanged("the profile has no [pages.list.queue]")
    return queue


class _Chooser:
    """One rule over one list."""

    def __init__(self, run: ShopRun, session: ShopSession, lane: Lane, name: str, asked: AskedByRule) -> None:
        self._run = run
        self._session = session
        self._lane = lane
        self._name = name
        self._asked = asked
        self._rule = asked.named(name)
        self._now: datetime = run.clock()

    async def choose(self, pages: QueuePages) -> Chosen:
        """Return what the rule makes of the list."""
        listed = await self._listed(OrderQueue(self._lane.site, pages))
        found = [await self._looked_at(shown) for shown in listed.orders]
        ordered = sorted(found, key=_oldest_first)
        earlier = await self._earlier([choice.order_id for _, choice in ordered if choice.chosen])
        fresh = [(shown, self._unless_over(choice, earlier.get(choice.order_id))) for shown, choice in ordered]
        open_ids = frozenset(order_id for order_id, case in earlier.items() if case.state is not CaseState.ENDED)
        return Chosen(self._name, self._asked, tuple(self._within_limits(fresh, open_ids)), listed.counted)

    async def _earlier(self, order_ids: Sequence[OrderId]) -> dict[OrderId, Case]:
        """Return the latest case of each order that has one."""
        loaded, account = self._run.loaded.profile.name, self._run.account.username

        def read(tx: Connection) -> list[Case | None]:
            return [cases.latest_for(tx, portal=loaded, account=account, order_id=one) for one in order_ids]

        return {case.order_id: case for case in await self._run.db.aread(read) if case is not None}

    def _unless_over(self, choice: Choice, case: Case | None) -> Choice:
        """Leave out an order that this rule has asked for with an end that asking again would only repeat.

        A buyer who has said no is not asked once more by every run.
        """
        if case is None or case.outcome in _ASKED_AGAIN or case.facts.get(RULE, {}).get("name") != self._name:
            return choice
        told = f"this rule has asked for it before: {case.outcome}"
        return replace(choice, chosen=False, reasons=(told,))

    async def _listed(self, queue: OrderQueue) -> Queue:
        for _ in range(_LOOKS):
            listed = await look(self._session, self._lane, lambda: queue.read(self._asked.state))
            if listed.whole:
                break
        return listed

    async def _looked_at(self, shown: Shown) -> tuple[Shown, Choice]:
        """Return an order with what is made of it; read on its own page where the list does not say enough."""
        findings = self._findings(shown)
        if _fails(findings) or not self._wants_page(shown, findings):
            return shown, _choice(shown, findings)
        try:
            order = await look(self._session, self._lane, lambda: self._read(shown.order_id))
        except Unreachable:
            raise
        except (PageChanged, OrderAbsent, Transient) as fault:
            return shown, Choice(shown.order_id, chosen=False, reasons=(f"its page cannot be read: {fault}",))
        return order, _choice(order, self._findings(order))

    async def _read(self, order_id: OrderId) -> Shown:
        await self._lane.detail.open(order_id)
        return shown_by(await self._lane.detail.read(order_id))

    def _findings(self, shown: Shown) -> list[Finding]:
        return [self._run.never.finding(shown), *self._rule.findings(shown, self._now)]

    def _wants_page(self, shown: Shown, findings: Sequence[Finding]) -> bool:
        counts_money = self._asked.limits.amount_per_run is not None and shown.amount is None
        return counts_money or any(finding.holds is None for finding in findings)

    def _within_limits(
        self, ordered: Sequence[tuple[Shown, Choice]], open_ids: Collection[OrderId]
    ) -> Iterator[Choice]:
        """Yield the choices; what goes beyond the rule's own limits is left for its next run.

        Orders whose case is open already are not new ones: else those that wait would keep all others out.
        """
        limits = self._asked.limits
        orders, amount = 0, Fen(0)
        for shown, choice in ordered:
            if not choice.chosen or choice.order_id in open_ids:
                yield choice
                continue
            more = Fen(amount + (shown.amount or 0))
            if limits.orders_per_run is not None and orders >= limits.orders_per_run:
                yield replace(
                    choice, chosen=False, reasons=(f"beyond the rule's {limits.orders_per_run} orders of one run",)
                )
            elif limits.amount_per_run is not None and more > limits.amount_per_run:
                most = format_yuan(limits.amount_per_run)
                yield replace(choice, chosen=False, reasons=(f"beyond the rule's {most} yuan of one run",))
            else:
                orders, amount = orders + 1, more
                yield choice


def _fails(findings: Sequence[Finding]) -> bool:
    return any(finding.holds is False for finding in findings)


def _choice(shown: Shown, findings: Sequence[Finding]) -> Choice:
    against = tuple(finding.text for finding in findings if finding.holds is False) or tuple(
        finding.text for finding in findings if finding.holds is None
    )
    speaking = tuple(finding.text for finding in findings[1:] if finding.holds)  # the first is the white list's
    return Choice(shown.order_id, chosen=not against, reasons=against or speaking)


def _oldest_first(found: tuple[Shown, Choice]) -> tuple[bool, float]:
    """Return where an order stands in the work; one whose age is not known comes last, as the list has it."""
    created = found[0].created_at
    return created is None, 0.0 if created is None else created.timestamp()
