"""A reply goes into one ticket: opened in its entry, in a form that names it whole, by a request that names it."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal
from playwright.async_api import Browser

from agent.browser.gate import Mutating, RequestGate
from agent.browser.launch import open_context
from agent.domain.acts import Act, ActKind
from agent.domain.cases import Role
from agent.domain.ids import OrderId
from agent.domain.orders import Refund, RefundState, TicketState
from agent.engine import permission
from agent.engine.act import mismatch
from agent.errors import ElementMissing, PageUnreadable, WrongOrder
from fixtures.mock_portal import server as mock_portal
from fixtures.mock_portal.changes import Change, answer_ticket, file_ticket
from page_objects.form import ActForm
from page_objects.loader import load_profile
from page_objects.login import sign_in
from page_objects.requests import PortalRequests
from page_objects.site import Account, Site
from page_objects.thread import read_tickets

Run = Callable[..., object]
PROFILE = load_profile("mock_classic").profile.model_copy(update={"arrive_s": 3})
(VARIANT,) = PROFILE.acts[ActKind.REPLY_TICKET]
OURS = "GD20260101000002"
OTHER = "GD20260101000001"


@pytest.fixture(scope="module")
def portal() -> Iterator[mock_portal.Running]:
    """A portal with two tickets about its first order, of which the older one is the other."""
    running = mock_portal.start(skin="classic", orders=5, seed=7, render_ms=0, promo=False)
    shop = running.portal.shop
    change = Change(shop, next(iter(shop.orders.values())), shop.now(), "req-1")
    for number in (OTHER, OURS):
        ticket = file_ticket(change, "seller", kind="其它", title=number, text="您好", attachments=[])
        ticket.ticket_id = number
    answer_ticket(change, "工单号：GD20260101000009\n状态", state="need_more")
    entries = len(shop.ledger.entries)
    yield running
    assert len(shop.ledger.entries) == entries, "nothing here replies"
    running.stop()


@pytest.fixture
def order(portal: mock_portal.Running) -> OrderId:
    return OrderId(next(iter(portal.portal.shop.orders)))


@pytest.fixture
def site(loop_thread: BlockingPortal, walled_browser: Browser, portal: mock_portal.Running) -> Iterator[Site]:
    account = Account("demo", portal.url, Role.SELLER, "seller")
    context = loop_thread.call(open_context, walled_browser)

    async def signed_in() -> Site:
        await RequestGate(PortalRequests(PROFILE, account)).attach(context)
        site = Site(await context.new_page(), PROFILE, account)
        await sign_in(site, "demo")
        return site

    yield loop_thread.call(signed_in)
    loop_thread.call(context.close)


def form(site: Site, order: OrderId, ticket: str = OURS) -> ActForm:
    return ActForm(site, ActKind.REPLY_TICKET, VARIANT, order, ticket=ticket)


def test_who_said_what_is_read_in_each_ticket_and_its_form_opens(run: Run, site: Site, order: OrderId) -> None:
    """What a clerk writes is a line, and no number or state of a ticket."""

    async def work() -> None:
        newest, older = await read_tickets(site, order)
        assert (newest.ticket_id, newest.state, older.ticket_id) == (OURS, TicketState.MORE_ASKED, OTHER)
        assert [line.ours for line in newest.talk or ()] == [True, False]
        assert (older.talk or ())[0].text == "您好"
        await form(site, order).open()
        await form(site, order).verify()

    run(work())


def test_a_form_that_names_another_ticket_is_not_used(run: Run, site: Site, order: OrderId) -> None:
    rename = "document.querySelector('[role=dialog]').innerHTML = document.querySelector('[role=dialog]').innerHTML"

    async def work() -> None:
        await read_tickets(site, order)
        opened = form(site, order)
        await opened.open()
        await site.page.evaluate(f"{rename}.replaceAll('{OURS}', '{OTHER}')")
        with pytest.raises(WrongOrder):
            await opened.verify()

    run(work())


def test_a_ticket_that_is_not_there_or_only_begins_like_ours_has_no_form(run: Run, site: Site, order: OrderId) -> None:
    async def work() -> None:
        await read_tickets(site, order)
        with pytest.raises(ElementMissing):
            await form(site, order, OURS[:-1]).open()

    run(work())


def test_a_ticket_whose_thread_does_not_fit_together_is_not_read(run: Run, site: Site, order: OrderId) -> None:
    change = "addEventListener('DOMContentLoaded', () => { document.querySelector('li.message .sender').remove(); })"

    async def work() -> None:
        await site.page.add_init_script(change)
        with pytest.raises(PageUnreadable):
            await read_tickets(site, order)

    run(work())


@pytest.mark.parametrize(
    "changed",
    [{"ticket": OTHER}, {"ticket": ""}, {"order_id": "206886380946666222"}, {"text": "别的"}, {}],
    ids=["ticket", "no ticket", "order_id", "text", "honest"],
)
def test_a_request_for_another_ticket_or_text_is_not_what_was_meant(changed: dict[str, str]) -> None:
    ours = OrderId("106886380946666222")
    act = Act(ActKind.REPLY_TICKET, "ticket_more", "", fields={"text": "您好", "ticket": OURS, "heard": "x"})
    loaded: Any = SimpleNamespace(loaded=SimpleNamespace(profile=PROFILE))
    case: Any = SimpleNamespace(order_id=ours)
    order: Any = SimpleNamespace(refund=Refund(RefundState.NONE))
    wanted = permission.expected_fields(loaded, case, act, order, {"text": "您好"})
    sent = {"order_id": ours, "ticket": OURS, "text": "您好"} | changed
    found = mismatch(Mutating("reply_ticket", dict(sent)), wanted, PROFILE.requests["reply_ticket"].compared)
    assert (found is None) is (changed == {})
