"""Where pages and requests go by a key of the portal's own, only a fresh answer of the portal says whose key it is."""

import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser
from recording_server import Got, RecordingServer, Reply

from agent.browser.gate import Expectation, RequestGate
from agent.browser.launch import open_context
from agent.domain.acts import ActKind
from agent.domain.cases import Role
from agent.domain.ids import OrderId
from agent.domain.orders import OrderState
from agent.engine.act import mismatch
from agent.engine.lane import Lane
from agent.engine.permission import wanted_keys
from agent.errors import ElementAmbiguous, ElementMissing, NotSent, OrderAbsent, PageChanged, PageUnreadable, WrongOrder
from page_objects.form import ActForm
from page_objects.loader import parse_profile
from page_objects.profile import Profile
from page_objects.requests import PortalRequests
from page_objects.site import Account

KEYED = Path(__file__).with_name("keyed.toml").read_text("utf-8")
OURS, OTHER = OrderId("157094266502147025"), OrderId("157094266502147026")
ASKS = "query GetOrder($id: ID!) { order(id: $id) { id code payments { id } } }"


def load(text: str) -> Profile:
    return parse_profile(text.encode(), origin="keyed.toml").profile


LIST = """<!doctype html><b id=who>seller</b><main><h1>Orders</h1><table><tbody>ROWS</tbody></table></main>
<script>
ASK
const go = key => {
  history.pushState(null, '', '/orders/' + key)
  show(key)
}
</script>"""
PAGE = """<!doctype html><b id=who>seller</b><main></main><script>
ASK
show(location.pathname.split('/').pop())
</script>"""
SHOW = """
const main = document.querySelector('main')
const cached = CACHED
const show = async key => {
  const ask = () => fetch('/api', {method: 'POST', headers: {'content-type': 'application/json'},
    body: JSON.stringify({query: `QUERY`, variables: {id: key}})}).then(r => r.json())
  const {data: {order}} = cached || await ask()
  main.innerHTML = `<h1 class=code>${order.shown || order.code}</h1>
    <dl><dt>State<dd>Paid<dt>Money<dd>Settled<dt>Refund<dd>None<dt>Total<dd>¥5.00</dl>
    <table><tr><th>Goods<tr><td>Tea</table><div id=bar><button>Cancel order</button></div>`
}
"""


def order(key: str, code: str, **more: Any) -> dict[str, Any]:
    return {"data": {"order": {"id": key, "code": code, "payments": [{"id": "7"}, {"id": 8}], **more}}}


def row(key: str, code: str) -> str:
    return f"<tr><td><button onclick=\"go('{key}')\">{code}</button><td>Paid"


class Keyed:
    """The portal: what its list and its one-endpoint API say, and how its pages ask."""

    def __init__(self, server: RecordingServer) -> None:
        self.server = server
        self.orders = {"2": order("2", OURS), "3": order("3", OTHER)}
        self.query = ASKS
        server.pages["/api"] = self._api
        self.list([row("2", OURS)])
        self.pages()

    def list(self, rows: list[str], *, cached: object = None) -> None:
        """Have the list show these rows, and its order page what it has fetched before, if anything."""
        shown = "".join(rows) or "<tr><td>No results"
        self.server.pages["/orders"] = Reply(LIST.replace("ROWS", shown).replace("ASK", self._script(cached)))

    def pages(self) -> None:
        """Have each order's address lead to its page."""
        for key in self.orders:
            self.server.pages[f"/orders/{key}"] = Reply(PAGE.replace("ASK", self._script(None)))

    def _script(self, cached: object) -> str:
        return SHOW.replace("QUERY", self.query).replace("CACHED", json.dumps(cached))

    def _api(self, got: Got) -> Reply:
        key = json.loads(got.body)["variables"]["id"]
        return Reply(json.dumps(self.orders[key]), headers=(("Content-Type", "application/json"),))


Visit = Callable[[Callable[[Lane], Awaitable[None]]], None]


@pytest.fixture
def portal(server: RecordingServer) -> Keyed:
    return Keyed(server)


@pytest.fixture
def profile() -> Profile:
    return load(KEYED)


@pytest.fixture
def visit(run: Callable[..., None], walled_browser: Browser, server: RecordingServer, profile: Profile) -> Visit:
    """Work in a lane of the keyed portal, behind the gate of its profile."""
    account = Account(shop="demo", base_url=server.origin, role=Role.SELLER, username="seller")

    async def in_lane(work: Callable[[Lane], Awaitable[None]]) -> None:
        context = await open_context(walled_browser)
        gate = RequestGate(PortalRequests(profile, account))
        await gate.attach(context)
        try:
            await work(Lane(await context.new_page(), profile, account, gate))
        finally:
            await context.close()

    return lambda work: run(in_lane(work))


def test_an_order_is_found_by_the_list_then_opened_by_its_key_and_tied_each_time(visit: Visit, portal: Keyed) -> None:
    async def work(lane: Lane) -> None:
        for _ in range(2):
            await lane.detail.open(OURS)
            read = await lane.detail.read(OURS)
            assert (read.key, read.parts) == ("2", (("payment_key", "7"), ("payment_key", "8")))
        assert lane.on_detail

    visit(work)
    assert [got.path.partition("?")[0] for got in portal.server.got] == ["/orders", "/api", "/orders/2", "/api"]


def test_a_page_that_shows_what_was_fetched_earlier_is_loaded_anew(visit: Visit, portal: Keyed) -> None:
    portal.list([row("2", OURS)], cached=order("2", OURS))

    async def work(lane: Lane) -> None:
        await lane.detail.open(OURS)
        assert (await lane.detail.read(OURS)).key == "2"

    visit(work)
    assert len(portal.server.at("/api")) == 1


@pytest.mark.parametrize("answered", [order("2", OTHER, shown=OURS), order("3", OURS)], ids=["its id", "its key"])
def test_a_page_whose_answer_names_another_order_or_key_is_not_ours(
    visit: Visit, portal: Keyed, answered: dict[str, Any]
) -> None:
    portal.orders["2"] = answered

    async def work(lane: Lane) -> None:
        await lane.detail.open(OURS)
        with pytest.raises((WrongOrder, PageUnreadable)):
            await lane.detail.read(OURS)

    visit(work)


def test_an_id_that_two_keys_claim_is_nobodys(visit: Visit, portal: Keyed) -> None:
    portal.orders["3"] = order("3", OURS)

    async def work(lane: Lane) -> None:
        await lane.detail.open(OURS)
        await lane.page.evaluate("show('3')")
        with pytest.raises(WrongOrder):
            await lane.detail.read(OURS)

    visit(work)


@pytest.mark.parametrize(
    "query",
    [
        ASKS.replace("order(", "order: product("),
        ASKS.replace("{ order(", "{ ... on Query { order(") + " }",
    ],
    ids=["under another name", "in a fragment"],
)
def test_an_answer_to_another_question_ties_nothing(visit: Visit, portal: Keyed, query: str) -> None:
    portal.query = query
    portal.list([row("2", OURS)])
    portal.pages()

    async def work(lane: Lane) -> None:
        await lane.detail.open(OURS)
        with pytest.raises(PageUnreadable, match="no answer"):
            await lane.detail.read(OURS)

    visit(work)


def test_a_key_that_has_become_another_orders_is_found_out_and_looked_up_again(visit: Visit, portal: Keyed) -> None:
    async def work(lane: Lane) -> None:
        await lane.detail.open(OURS)
        await lane.detail.read(OURS)
        portal.orders |= {"2": order("2", OTHER), "3": order("3", OURS)}
        portal.list([row("3", OURS)])
        await lane.detail.open(OURS)
        with pytest.raises(WrongOrder):
            await lane.detail.read(OURS)
        await lane.detail.open(OURS)
        assert (await lane.detail.read(OURS)).key == "3"

    visit(work)


def test_an_order_is_absent_only_where_the_list_says_so(visit: Visit, portal: Keyed) -> None:
    async def work(lane: Lane) -> None:
        portal.list([])
        with pytest.raises(OrderAbsent):
            await lane.detail.open(OURS)
        portal.list([row("3", OTHER)])  # it has not searched: what it leaves out it does not say
        with pytest.raises(ElementMissing):
            await lane.detail.open(OURS)

    visit(work)


CANCEL = """(key) => { fetch('/api', {method: 'POST', headers: {'content-type': 'application/json'},
  body: JSON.stringify({query: 'mutation($id: ID!) { cancelOrder(id: $id, paymentId: 8) { id } }',
    variables: {id: key}})}).catch(() => 0) }"""


@pytest.mark.parametrize("key", ["2", "3"])
def test_a_change_leaves_only_for_the_key_that_was_tied_to_the_order(visit: Visit, portal: Keyed, key: str) -> None:
    async def work(lane: Lane) -> None:
        await lane.detail.open(OURS)
        read = await lane.detail.read(OURS)
        wanted = wanted_keys(lane.site.profile, read)
        compared = lane.site.profile.requests["close"].compared
        expected = Expectation("close", lane.site.frame, lambda request: mismatch(request, wanted, compared))
        asked = len(portal.server.at("/api"))
        async with lane.gate.arm(expected) as armed:
            await lane.page.evaluate(CANCEL, key)
            if key == read.key:
                await armed.held(5)
                assert len(portal.server.at("/api")) == asked
                await armed.release()
                assert (await armed.answer(5)).status == 200
            else:
                with pytest.raises(NotSent, match="order_key is '3', expected '2'"):
                    await armed.held(1)
        assert len(portal.server.at("/api")) == asked + (key == read.key)

    visit(work)


LINED = load(
    KEYED.replace(
        'fields = { order_key = "id", payment_key = "paymentId" }',
        'fields = { order_key = "id", payment_key = "paymentId" }\n'
        'rows = { all = { at = "lines", key = "orderLineId", quantity = "quantity" } }',
    )
    + """
[pages.detail.key.lines]
all = { key = "data.order.lines.id", quantity = "data.order.lines.quantity" }
"""
)
LINES = [{"id": "11", "quantity": 2}, {"id": "12", "quantity": 1}, {"id": "13", "quantity": 0}]
NAMES_LINES = (
    CANCEL.replace("($id: ID!)", "($id: ID!, $l: [L!])")
    .replace("paymentId: 8", "paymentId: 8, lines: $l MORE")
    .replace("(key) =>", "([key, lines]) =>")
    .replace("{id: key}", "{id: key, l: lines}")
)


def lines(*pieces: tuple[str, int], **more: object) -> list[dict[str, object]]:
    return [{"orderLineId": key, "quantity": quantity, **more} for key, quantity in pieces]


@pytest.mark.parametrize("profile", [LINED])
@pytest.mark.parametrize(
    ("named", "argument", "why"),
    [
        (lines(("12", 1), ("11", 2)), "", None),
        (lines(("11", 2)), "", "all is '11×2', expected '11×2, 12×1'"),
        (lines(("11", 1), ("12", 1)), "", "expected '11×2, 12×1'"),
        (lines(("11", 2), ("21", 1)), "", "expected '11×2, 12×1'"),
        (lines(("11", 2), ("12", 1), ("21", 1)), "", "expected '11×2, 12×1'"),
        (lines(("11", 2), ("12", 1), ("12", 1)), "", "is there twice"),
        (lines(("11", 2), ("12", 1), stock=7), "", "is not orderLineId and quantity"),
        ([], "", "all is '', expected '11×2, 12×1'"),
        (None, "", "expected '11×2, 12×1'"),
        (lines(("11", 2), ("12", 1))[0], "", "nothing in the profile says what lines.orderLineId"),
        (lines(("11", 2), ("12", 1)), ", force: true", "nothing in the profile says what force may be"),
    ],
    ids=["all", "one is missing", "a piece is missing", "another order's", "one more", "twice", "more of a line",
         "none", "null", "no list", "an argument that nobody named"],
)  # fmt: skip
def test_a_change_leaves_only_with_all_lines_of_the_order_and_nothing_else(
    *, visit: Visit, portal: Keyed, named: object, argument: str, why: str | None
) -> None:
    portal.orders["2"] = order("2", OURS, lines=LINES)

    async def work(lane: Lane) -> None:
        await lane.detail.open(OURS)
        wanted = wanted_keys(lane.site.profile, await lane.detail.read(OURS))
        compared = lane.site.profile.requests["close"].compared
        expected = Expectation("close", lane.site.frame, lambda request: mismatch(request, wanted, compared))
        async with lane.gate.arm(expected) as armed:
            await lane.page.evaluate(NAMES_LINES.replace("MORE", argument), ["2", named])
            if why is None:
                await armed.held(5)
            else:
                with pytest.raises(NotSent, match=re.escape(why)):
                    await armed.held(1)

    visit(work)


@pytest.mark.usefixtures("portal")
@pytest.mark.parametrize("profile", [LINED])
def test_where_no_answer_names_the_lines_no_change_that_names_some_fits(visit: Visit, profile: Profile) -> None:
    async def work(lane: Lane) -> None:
        await lane.detail.open(OURS)
        assert wanted_keys(profile, await lane.detail.read(OURS))["all"] == set()

    visit(work)


LENT = load(
    KEYED.replace('root = { css = "#bar"', 'root = { css = "body"')
    + """
[[acts.refund]]
roles = ["seller"]
states = ["paid"]
pay_states = ["paid"]
page = "detail"
control = "close"
form = "close"
request = "close"
"""
)


@pytest.mark.usefixtures("portal")
@pytest.mark.parametrize("profile", [LENT])
def test_a_control_stands_for_another_act_where_the_order_stands_so(visit: Visit, profile: Profile) -> None:
    async def work(lane: Lane) -> None:
        await lane.detail.open(OURS)
        assert (await lane.detail.read(OURS)).controls == frozenset({"refund"})
        await lane.page.evaluate("document.querySelector('dd').innerText = 'Gone'")
        assert (await lane.detail.read(OURS)).controls == frozenset({"close"})
        await lane.page.evaluate("document.querySelector('dd').innerText = 'Paid'")
        await ActForm(lane.site, ActKind.REFUND, profile.acts[ActKind.REFUND][0], OURS).open()

    visit(work)


FOLDED = """() => {
  document.querySelector('#bar').insertAdjacentHTML('afterend', '<p class=fold aria-expanded=false>More</p>'.repeat(2))
  for (const fold of document.querySelectorAll('.fold')) fold.onclick = () => {
    fold.ariaExpanded = 'true'
    fold.insertAdjacentHTML('afterend', '<dl><dt>State<dd>Paid</dl>')
  }
}"""
FOLDS = load(
    KEYED.replace(
        "[pages.detail.key]",
        'unfold = { css = "[aria-expanded=false]", why = "a test page" }\n\n[pages.detail.key]',
    )
)


@pytest.mark.usefixtures("portal")
@pytest.mark.parametrize("profile", [FOLDS])
def test_folded_parts_are_opened_before_the_page_is_read(visit: Visit) -> None:
    async def work(lane: Lane) -> None:
        await lane.detail.open(OURS)
        await lane.page.evaluate(FOLDED)
        await lane.detail.read(OURS)
        assert await lane.page.locator("dl").count() == 3
        await lane.page.evaluate("document.querySelector('.fold').ariaExpanded = 'false'")
        await lane.page.evaluate("document.querySelector('.fold').onclick = null")
        with pytest.raises(PageChanged, match="always one more"):
            await lane.detail.read(OURS)

    visit(work)


SHOWN = load(
    KEYED.replace('order_state = "State"\n', "").replace('amount = "Total"\n', "")
    + """
[pages.detail.shown]
order_state = { css = "dt:text-is('State') + dd", why = "a test page" }
amount = { css = "dt:text-is('Total') + dd", why = "a test page" }
buyer = { css = "#buyer", why = "a test page" }
"""
)


@pytest.mark.usefixtures("portal")
@pytest.mark.parametrize("profile", [SHOWN])
def test_a_field_may_stand_by_itself_and_is_the_only_one_or_none(visit: Visit) -> None:
    async def work(lane: Lane) -> None:
        await lane.detail.open(OURS)
        read = await lane.detail.read(OURS)
        assert (read.state, read.amount) == (OrderState.PAID, 500)
        for html, fault in (
            ("<dl><dt>Total<dd>¥6.00</dl>", "amount is shown 2 times"),
            ("<dl><dt>State<dd>Paid<dt>State<dd>Lost</dl>", "order_state is shown 3 times"),
        ):
            await lane.page.evaluate("html => { document.body.insertAdjacentHTML('beforeend', html) }", html)
            with pytest.raises(PageUnreadable, match=fault):
                await lane.detail.read(OURS)
            await lane.page.evaluate("document.body.lastElementChild.remove()")
        await lane.page.evaluate("document.querySelector('dl').remove()")
        with pytest.raises(PageUnreadable, match="does not show"):
            await lane.detail.read(OURS)

    visit(work)


MENU = """() => {
  const bar = document.querySelector('#bar')
  bar.innerHTML = '<button aria-label="">⋮</button>'
  const shut = () => document.querySelector('[role=menu]')?.remove()
  bar.firstChild.onclick = () => {
    shut()
    document.body.insertAdjacentHTML('beforeend',
      '<div role=menu><button role=menuitem>Ship</button><button role=menuitem>Cancel order</button></div>')
    document.querySelector('[role=menu]').lastChild.onclick = () => {
      shut()
      document.body.insertAdjacentHTML('beforeend', '<p>pressed</p>')
    }
  }
  document.onkeydown = event => event.key === 'Escape' && shut()
}"""
WITH_MENU = KEYED.replace(
    'action = { role = "button" }',
    'menus.more = { button = { css = "#bar button", why = "it has no name" }, item = { role = "menuitem" } }',
).replace('close = "Cancel order"', 'close = "Cancel order"\nharmless = "Ship"')
LAST_CLICK = (
    WITH_MENU.replace("opener = false", 'opener = false\nmenu = "more"')
    .replace('root = { css = "#bar"', 'root = { css = "body"')
    .replace('confirm = { role = "button"', 'confirm = { role = "menuitem"')
)
OPENED_BY_ITEM = WITH_MENU.replace("opener = false", 'menu = "more"').replace(
    'root = { css = "#bar"', 'root = { css = "body"'
)


@pytest.mark.usefixtures("portal")
@pytest.mark.parametrize("profile", [load(WITH_MENU)])
def test_what_a_menu_offers_is_read_and_the_menu_is_shut_again(visit: Visit) -> None:
    async def work(lane: Lane) -> None:
        await lane.detail.open(OURS)
        await lane.page.evaluate(MENU)
        for _ in range(2):
            read = await lane.detail.read(OURS)
            assert (read.controls, read.unknown_controls) == (frozenset({"close"}), ())
            assert await lane.page.locator("[role=menu]").count() == 0
        await lane.page.evaluate("document.onkeydown = null")
        with pytest.raises(PageChanged, match="does not shut"):
            await lane.detail.read(OURS)
        await lane.page.evaluate("document.querySelector('#bar').append(document.createElement('button'))")
        with pytest.raises(ElementAmbiguous):
            await lane.detail.read(OURS)
        await lane.page.evaluate("document.querySelector('#bar').replaceChildren()")
        assert (await lane.detail.read(OURS)).controls == frozenset()

    visit(work)


@pytest.mark.usefixtures("portal")
@pytest.mark.parametrize("profile", [load(LAST_CLICK), load(OPENED_BY_ITEM)], ids=["the last click", "the opener"])
def test_an_act_begins_with_its_menu_whose_item_opens_the_form_or_is_the_last_click(
    visit: Visit, profile: Profile
) -> None:
    async def work(lane: Lane) -> None:
        await lane.detail.open(OURS)
        await lane.page.evaluate(MENU)
        variant = profile.acts[ActKind.CLOSE][0]
        form = ActForm(lane.site, ActKind.CLOSE, variant, OURS)
        await form.open()
        assert await lane.page.get_by_text("pressed").count() == variant.opener
        if not variant.opener:
            await form.confirm()
        assert await lane.page.get_by_text("pressed").count() == 1

    visit(work)


TYPED = """<input aria-label=Filter oninput="asked = this.value; setTimeout(draw, 50)"><p id=chip CHIP>State: paid</p>
<script>
let asked = ''
const all = [...document.querySelectorAll('tbody tr')]
const draw = () => {
  const left = all.filter(row => row.innerText.includes(asked) && !KEPT)
  document.querySelector('tbody').replaceChildren(...left)
  if (!left.length) document.querySelector('tbody').innerHTML = '<tr><td>No results'
}
draw()
</script>"""


def typed(portal: Keyed, *, narrowed: bool) -> None:
    """Have the list search as one types, or show nothing of what is searched for by a filter kept from before."""
    portal.list([row("2", OURS), row("3", OTHER)])
    page = portal.server.pages["/orders"]
    assert isinstance(page, Reply)
    script = TYPED.replace("CHIP", "" if narrowed else "hidden").replace("KEPT", str(narrowed).lower())
    portal.server.pages["/orders"] = Reply(page.body + script)


SEARCHED_TEXT = KEYED.replace(
    'url = "/orders?q={order_id}"', 'url = "/orders"\nsearch_box = { label = "Filter" }'
).replace(
    'ready = { role = "heading", name = "Orders" }',
    'ready = { role = "heading", name = "Orders" }\nnarrowed = { css = "#chip", why = "a test page" }',
)
SEARCHED = load(SEARCHED_TEXT)


FILTERED = """<select aria-label=State onchange="kept(this.value)"><option>Paid<option>All orders</select>
<button role=tab aria-selected=SELECTED onclick="this.setAttribute('aria-selected', STAYS)">Last year</button>
<script>
const rows = [...document.querySelectorAll('tbody tr')]
const kept = value => setTimeout(() => document.querySelector('tbody').replaceChildren(
  ...(value === 'All orders' ? rows : rows.slice(1))))
kept('Paid')
</script>"""
FILTERS = """
[[pages.list.filters]]
target = { role = "combobox", name = "State" }
value = "All orders"

[[pages.list.filters]]
target = { role = "tab", name = "Last year" }

[pages.detail]
"""


def filtered(portal: Keyed, *, stays: bool) -> None:
    """Have the list leave our order out, by what was chosen before."""
    portal.list([row("2", OURS), row("3", OTHER)])
    page = portal.server.pages["/orders"]
    assert isinstance(page, Reply)
    script = FILTERED.replace("SELECTED", "false").replace("STAYS", str(stays).lower())
    portal.server.pages["/orders"] = Reply(page.body + script)


@pytest.mark.parametrize("profile", [load(KEYED.replace("[pages.detail]", FILTERS, 1))])
def test_filters_of_the_list_are_set_before_an_order_is_looked_for(visit: Visit, portal: Keyed) -> None:
    async def work(lane: Lane) -> None:
        filtered(portal, stays=True)
        assert await lane.list.find(OURS) is not None
        assert await lane.page.get_by_role("tab", name="Last year", selected=True).count() == 1
        filtered(portal, stays=False)
        with pytest.raises(PageChanged, match="filter tab Last year: was set and does not stay so"):
            await lane.list.find(OURS)

    visit(work)


@pytest.mark.parametrize("profile", [load(KEYED.replace("row_open = {", "row_double_click = true\nrow_open = {"))])
def test_a_row_may_want_a_double_click(visit: Visit, portal: Keyed) -> None:
    portal.list([row("2", OURS).replace("onclick", "ondblclick")])

    async def work(lane: Lane) -> None:
        found = await lane.list.find(OURS)
        assert found is not None
        await lane.list.open_detail(found)
        await lane.detail.arrive()

    visit(work)


@pytest.mark.parametrize("profile", [SEARCHED])
def test_a_list_that_searches_as_one_types_shows_the_order_or_that_there_is_none(visit: Visit, portal: Keyed) -> None:
    async def work(lane: Lane) -> None:
        typed(portal, narrowed=False)
        found = await lane.list.find(OTHER)
        assert found is not None
        assert found.state_text == "Paid"
        assert await lane.list.find(OrderId("157094266502147099")) is None

    visit(work)


@pytest.mark.parametrize(
    "profile",
    [load(SEARCHED_TEXT.replace("search_box =", 'searched = "?asked="\nsearch_box ='))],
)
def test_a_list_that_searches_a_little_later_does_not_take_the_orders_page_back(visit: Visit, portal: Keyed) -> None:
    typed(portal, narrowed=False)
    page = portal.server.pages["/orders"]
    assert isinstance(page, Reply)
    later = (
        "history.replaceState(null, '', '/orders?asked=' + asked); main.replaceChildren(...saved); draw(); noted = true"
    )
    late = page.body.replace("setTimeout(draw, 50)", f"setTimeout(() => {{ {later} }}, 400)")
    portal.server.pages["/orders"] = Reply(
        late.replace("let asked", "let noted = false, saved = [...main.childNodes], asked")
    )

    async def work(lane: Lane) -> None:
        await lane.detail.open(OURS)
        await lane.page.wait_for_function("noted")
        assert (await lane.detail.read(OURS)).key == "2"

    visit(work)


@pytest.mark.parametrize("profile", [SEARCHED])
def test_a_filter_that_was_kept_from_before_makes_no_order_absent(visit: Visit, portal: Keyed) -> None:
    async def work(lane: Lane) -> None:
        typed(portal, narrowed=True)
        with pytest.raises(PageChanged, match="made before"):
            await lane.list.find(OURS)

    visit(work)
