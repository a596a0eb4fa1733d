"""Payments that are blocks, and forms in which each line of the order has a number and a box of its own."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser
from recording_server import Got, RecordingServer, Reply

from agent.browser.gate import RequestGate
from agent.browser.launch import open_context
from agent.domain.acts import ActKind
from agent.domain.cases import Role
from agent.domain.ids import OrderId
from agent.domain.orders import PayState
from agent.engine.lane import Lane
from agent.errors import ElementBlocked, ElementMissing, PageChanged, PageUnreadable, WrongShop
from page_objects.form import ActForm, FormValues
from page_objects.loader import parse_profile
from page_objects.profile import Profile
from page_objects.requests import PortalRequests
from page_objects.site import Account

OURS = OrderId("157094266502147025")
KEYED = Path(__file__).with_name("keyed.toml").read_text("utf-8")
BLOCKS = """
[pages.detail.payments]
block = { css = ".payment", why = "a test page" }
state = { css = ":scope > b", why = "a test page" }
amount = { css = ":scope > i", why = "a test page" }
key = "payment_key"

[pages.detail.payments.refunds]
block = { css = ".refund", why = "a test page" }
state = { css = "b", why = "a test page" }
amount = { css = "i", why = "a test page" }
key = "refund_key"

[words.payment_event]
paying = "Created"
authorised = "Authorized"
voided = "Cancelled"
paid = "Settled"
failed = "Declined"

[words.refund_event]
refunding = "Pending"
refunded = "Settled"
failed = "Failed"

[money]
marks = ["CN¥", "¥"]
pairs = true
"""
FORM = """
[forms.close]
root = { css = "body", why = "the dialog does not name the order", has = { role = "dialog", name = "Refund" } }
order_id = { css = "h1.code", why = "the heading's name is the order's id" }
confirm = { role = "button", name = "Refund {amount}" }

[forms.close.fields]
lines = { kind = "quantities", target = { css = ".line input[type=number]", why = "unnamed" } }
stock = { kind = "check", ticked = true, each_item = true, target = { css = ".line [type=checkbox]", why = "unnamed" } }
shipping = { kind = "check", ticked = true, optional = true, target = { css = "#shipping", why = "unnamed" } }
"""
REASON = """
[forms.close.fields.reason]
kind = "listbox"
target = { css = "#reason", why = "unnamed" }
chosen = { css = "#reason .chosen", why = "unnamed" }
options = { role = "option" }
own = { entry = { css = "#reason input", why = "unnamed" }, option = 'Add "{label}"' }
"""
FIELDS = 'pay_state = "Money"\nrefund_state = "Refund"\namount = "Total"\n'


def load(text: str) -> Profile:
    return parse_profile(text.encode(), origin="keyed.toml").profile


def profile_text() -> str:
    before, _, after = KEYED.partition("[forms.close]")
    text = before + FORM + after[after.index("[[acts.close]]") :] + BLOCKS
    text = text.replace("opener = false", "opener = true").replace(FIELDS, 'amount = "Total"\n')
    parts = 'parts = { payment_key = "data.order.payments.id" }'
    return (
        text.replace(
            parts,
            'parts = { payment_key = "data.order.payments.id", refund_key = "data.order.payments.refunds.id" }',
        )
        .replace('paid = "Paid"', 'paid = "Paid"\nclosed = "Cancelled"')
        .replace('columns = { title = "Goods" }', 'columns = { title = "Goods", quantity = "Qty" }')
    )


PAGE = """<!doctype html><b id=who>seller</b>
<h1 class=code>157094266502147025</h1>
<dl><dt>State<dd>STATE<dt>Total<dd>TOTAL</dl>
<table><tr><th>Goods<th>Qty<tr><td>Tea<td>2<tr><td>Cup<td>3</table>
<div id=bar><button>Cancel order</button></div>
<div id=payments></div>
<script>
fetch('/api', {method: 'POST', headers: {'content-type': 'application/json'},
  body: JSON.stringify({query: 'query($id: ID!) { order(id: $id) { id code payments { id refunds { id } } } }',
    variables: {id: '2'}})}).then(r => r.json()).then(({data: {order}}) => {
  const block = (kind, {state, amount}, inside) => `<div class=${kind}><b>${state}</b><i>${amount}</i>${inside}</div>`
  document.querySelector('#payments').innerHTML = order.payments.filter(one => !one.hidden).map(one => block(
    'payment', one, one.refunds.filter(two => !two.hidden).map(two => block('refund', two, '')).join(''))).join('')
})
const line = (most, price) =>
  `<p class=line data-price=${price}><input type=number value=0 ${most}><input type=checkbox disabled></p>`
const before = number => number.parentNode.previousSibling.firstChild
const draw = () => {
  let total = document.querySelector('#shipping')?.checked ? 5 : 0
  for (const line of document.querySelectorAll('.line')) {
    const [number, box] = line.children
    if (box.disabled && number.value > 0) box.checked = true
    box.disabled = !(number.value > 0)
    total += number.value * line.dataset.price
  }
  const button = document.querySelector('#last')
  const shown = total.toLocaleString('en', {minimumFractionDigits: 2})
  setTimeout(() => { button.textContent = `Refund CN¥${shown}`; button.disabled = !total }, 50)
}
document.querySelector('#bar button').onclick = () => setTimeout(() => {
  document.body.insertAdjacentHTML('beforeend', `<div role=dialog aria-label=Refund>LINES
    SHIPPING<button id=last disabled>Refund CN¥0.00</button><button>Cancel</button></div>`)
  document.querySelector('[role=dialog]').addEventListener('input', draw)
  document.querySelector('#last').onclick = () => { document.body.dataset.pressed = '1' }
}, 50)
</script>"""
BOTH = "${line('max=2', 200) + line('max=3', 200)}"
SHIPPING = "<input type=checkbox id=shipping>"


def payment(key: str, state: str, amount: str, *refunds: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": key, "state": state, "amount": amount, "refunds": list(refunds), **more}


def refund(key: str, state: str, amount: str, **more: Any) -> dict[str, Any]:
    return {"id": key, "state": state, "amount": amount, **more}


class Portal:
    """One order's page, its payments and its dialog."""

    def __init__(self, server: RecordingServer) -> None:
        self.server = server
        self.payments: list[dict[str, Any]] = []
        server.pages["/api"] = self._api
        server.pages["/orders"] = Reply(
            "<!doctype html><b id=who>seller</b><h1>Orders</h1><table><tbody><tr><td>"
            f"<button onclick=\"location='/orders/2'\">{OURS}</button><td>Paid</table>"
        )
        self.show()

    def show(
        self,
        *,
        lines: str = BOTH,
        shipping: str = SHIPPING,
        state: str = "Paid",
        total: str = "CN¥1,005.00 <div>CN¥889.38</div>",
    ) -> None:
        """Have the order stand so, and its dialog hold these lines, and shipping or none."""
        page = PAGE.replace("LINES", lines).replace("SHIPPING", shipping)
        self.server.pages["/orders/2"] = Reply(page.replace("STATE", state).replace("TOTAL", total))

    def _api(self, _got: Got) -> Reply:
        data = {"data": {"order": {"id": "2", "code": OURS, "payments": self.payments}}}
        return Reply(json.dumps(data), headers=(("Content-Type", "application/json"),))


Visit = Callable[[Callable[[Lane], Awaitable[None]]], None]


@pytest.fixture
def portal(server: RecordingServer) -> Portal:
    return Portal(server)


@pytest.fixture
def profile() -> Profile:
    return load(profile_text())


@pytest.fixture
def shown_as() -> str | None:
    return None


@pytest.fixture
def visit(
    run: Callable[..., None], walled_browser: Browser, server: RecordingServer, profile: Profile, shown_as: str | None
) -> Visit:
    """Work in a lane that shows the order's page."""
    account = Account(shop="demo", base_url=server.origin, role=Role.SELLER, username="seller", shown_as=shown_as)

    async def in_lane(work: Callable[[Lane], Awaitable[None]]) -> None:
        context = await open_context(walled_browser)
        gate = RequestGate(PortalRequests(profile, account))
        await gate.attach(context)
        try:
            lane = Lane(await context.new_page(), profile, account, gate)
            await lane.detail.open(OURS)
            # The page draws what it was answered: until then its blocks are not as many as the answer names.
            await work(lane)
        finally:
            await context.close()

    return lambda work: run(in_lane(work))


@pytest.mark.parametrize(
    ("payments", "told"),
    [
        ([], (PayState.UNPAID, 0, False)),
        ([payment("1", "Created", "CN¥1,005.00")], (PayState.PAYING, 0, False)),
        ([payment("1", "Declined", "CN¥1,005.00")], (PayState.UNPAID, 0, False)),
        ([payment("1", "Cancelled", "CN¥1,005.00")], (PayState.UNPAID, 0, False)),
        ([payment("1", "Authorized", "CN¥1,005.00")], (PayState.AUTHORISED, 0, False)),
        (
            [payment("1", "Cancelled", "CN¥1,005.00"), payment("2", "Authorized", "CN¥1,005.00")],
            (PayState.AUTHORISED, 0, False),
        ),
        ([payment("1", "Settled", "CN¥1,005.00")], (PayState.PAID, 0, False)),
        ([payment("1", "Settled", "CN¥1,005.00", refund("7", "Failed", "CN¥1,005.00"))], (PayState.PAID, 0, True)),
        (
            [payment("1", "Settled", "CN¥1,005.00", refund("7", "Pending", "CN¥1,005.00"))],
            (PayState.REFUNDING, 0, False),
        ),
        (
            [payment("1", "Settled", "CN¥1,005.00", refund("7", "Pending", "CN¥5.00"))],
            (PayState.PARTLY_REFUNDED, 0, False),
        ),
        (
            [
                payment("1", "Settled", "CN¥1,000.00", refund("7", "Settled", "CN¥1,000.00")),
                payment("2", "Settled", "CN¥5.00", refund("8", "Pending", "CN¥5.00")),
            ],
            (PayState.REFUNDING, 100000, False),
        ),
        (
            [
                payment(
                    "1",
                    "Settled",
                    "CN¥1,005.00",
                    refund("7", "Failed", "CN¥1,005.00"),
                    refund("8", "Settled", "CN¥1,005.00"),
                )
            ],
            (PayState.REFUNDED, 100500, True),
        ),
    ],
)
def test_where_the_money_stands_is_what_its_blocks_add_up_to(
    visit: Visit, portal: Portal, payments: list[dict[str, Any]], told: tuple[PayState, int, bool]
) -> None:
    portal.payments = payments

    async def work(lane: Lane) -> None:
        await lane.page.wait_for_function("n => document.querySelectorAll('.payment').length === n", arg=len(payments))
        read = await lane.detail.read(OURS)
        assert (read.pay_state, read.refunded, read.refund_failed) == told
        assert read.amount == 100500  # and not the one behind it

    visit(work)


def test_a_closed_order_that_has_no_sum_left_is_worth_what_was_paid_for_it(visit: Visit, portal: Portal) -> None:
    portal.payments = [payment("1", "Settled", "CN¥1,005.00", refund("7", "Pending", "CN¥1,005.00"))]
    portal.show(state="Cancelled", total="CN¥0.00 <div>CN¥0.00</div>")

    async def work(lane: Lane) -> None:
        await lane.page.locator(".refund").wait_for()
        read = await lane.detail.read(OURS)
        assert (read.amount, read.pay_state, read.going_back) == (100500, PayState.REFUNDING, 100500)

    visit(work)


@pytest.mark.parametrize(
    "payments",
    [
        [payment("1", "Settled", "CN¥5.00"), payment("2", "Settled", "CN¥5.00", hidden=True)],
        [payment("1", "Settled", "CN¥5.00", refund("7", "Settled", "CN¥5.00", hidden=True))],
    ],
    ids=["payment", "refund"],
)
def test_a_payment_or_refund_that_the_page_does_not_show_makes_it_unreadable(
    visit: Visit, portal: Portal, payments: list[dict[str, Any]]
) -> None:
    portal.payments = payments

    async def work(lane: Lane) -> None:
        await lane.page.locator(".payment").wait_for()
        with pytest.raises(PageUnreadable, match="what the portal's answer names"):
            await lane.detail.read(OURS)

    visit(work)


@pytest.mark.parametrize(
    "amount", ["CN¥1,005.00 CN¥889.38 CN¥5.00", "CN¥1,005.00</i><i>CN¥5.00", "", "CN¥1,005.00 or so"]
)
def test_an_amount_that_is_not_one_is_unreadable(visit: Visit, portal: Portal, amount: str) -> None:
    portal.payments = [payment("1", "Settled", amount)]

    async def work(lane: Lane) -> None:
        await lane.page.locator(".payment").wait_for(state="attached")
        with pytest.raises(PageUnreadable, match="amount"):
            await lane.detail.read(OURS)

    visit(work)


async def opened(lane: Lane) -> ActForm:
    form = ActForm(lane.site, ActKind.CLOSE, lane.site.profile.acts[ActKind.CLOSE][0], OURS)
    await form.open()
    return form


def values(amount: int) -> FormValues:
    return FormValues(texts={}, choices={}, amounts={"amount": amount}, quantities=("2", "3"))


CHECKED = "() => [...document.querySelectorAll('[role=dialog] input')].map(one => one.checked || one.value)"


@pytest.mark.parametrize(("shipping", "amount"), [(SHIPPING, 100500), ("", 100000)], ids=["shipped", "no shipping"])
def test_every_line_is_taken_whole_and_the_button_names_the_acts_amount(
    visit: Visit, portal: Portal, shipping: str, amount: int
) -> None:
    portal.show(shipping=shipping)

    async def work(lane: Lane) -> None:
        form = await opened(lane)
        assert (await form.fill(values(amount)))["lines"] == "2 3"
        assert await lane.page.evaluate(CHECKED) == ["2", True, "3", True, *([True] if shipping else [])]
        await form.confirm()
        assert await lane.page.evaluate("document.body.dataset.pressed") == "1"

    visit(work)


@pytest.mark.parametrize("amount", [100400, 100501, 5, 10050])
def test_a_button_that_names_another_amount_is_not_pressed(visit: Visit, portal: Portal, amount: int) -> None:
    portal.show()

    async def work(lane: Lane) -> None:
        form = await opened(lane)
        await form.fill(values(amount))
        with pytest.raises(PageUnreadable, match=rf"shows 'Refund CN¥1,005.00', expected {amount} fen"):
            await form.confirm()
        assert await lane.page.evaluate("document.body.dataset.pressed || ''") == ""

    visit(work)


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ("${line('max=2', 200)}", "there are 1 boxes for 2 lines"),
        ("${line('max=2', 200) + line('max=2', 200)}", "take .*, the lines of the order are"),
        ("${line('max=2', 200) + line('', 200)}", "does not say the most"),
        ("${line('max=2', 200) + line('max=3 disabled', 200)}", "cannot be used"),
        (
            "${line('max=2', 200) + line('max=3 oninput=before(this).value=1', 9)}",
            "did not keep the numbers",
        ),
        ("", "not on the page"),
    ],
    ids=["another number of lines", "less than was ordered", "no most", "locked", "changed afterwards", "none"],
)
def test_lines_that_cannot_be_taken_whole_stop_the_act(visit: Visit, portal: Portal, lines: str, fault: str) -> None:
    portal.show(lines=lines)

    async def work(lane: Lane) -> None:
        form = await opened(lane)
        with pytest.raises((PageChanged, ElementBlocked, ElementMissing), match=fault):
            await form.fill(values(100500))

    visit(work)


COMBO = """<div id=reason><b class=chosen></b><input>×</div><script>
const box = document.querySelector('#reason'), entry = box.querySelector('input')
const offer = (label, shown) => {
  box.insertAdjacentHTML('beforeend', `<p role=option>${shown}</p>`)
  box.lastChild.onclick = event => {
    event.stopPropagation()
    box.querySelector('.chosen').textContent = KEEPS ? label : 'Customer request'
    box.querySelectorAll('[role=option]').forEach(one => one.remove())
  }
}
const fill = () => {
  box.querySelectorAll('[role=option]').forEach(one => one.remove())
  if (entry.value) return offer(entry.value, `<i>Add</i> "${entry.value}"`)
  for (const label of ['Customer request', 'Not available']) offer(label, label)
}
box.onclick = entry.oninput = fill
</script>"""


@pytest.mark.usefixtures("portal")
@pytest.mark.parametrize("profile", [load(profile_text().replace(FORM, FORM + REASON))])
@pytest.mark.parametrize(
    ("wanted", "keeps", "fault"),
    [
        (("Not available",), True, ""),
        (("Gone", "Not available"), True, ""),
        (("Not paid in time",), True, ""),
        (("Not paid in time",), False, "was chosen and is not shown"),
    ],
)
def test_a_label_that_is_not_offered_is_written_where_a_list_takes_ones_own(
    visit: Visit, wanted: tuple[str, ...], keeps: bool, fault: str
) -> None:
    async def work(lane: Lane) -> None:
        form = await opened(lane)
        script = COMBO.replace("KEEPS", str(keeps).lower())
        append = "(box, html) => box.append(document.createRange().createContextualFragment(html))"
        await lane.page.get_by_role("dialog").evaluate(append, script)
        given = FormValues(texts={}, choices={"reason": wanted}, amounts={"amount": 100500}, quantities=("2", "3"))
        if fault:
            with pytest.raises(PageChanged, match=fault):
                await form.fill(given)
        else:
            assert (await form.fill(given))["reason"] == wanted[-1]
            assert await lane.page.locator(".chosen").inner_text() == wanted[-1]

    visit(work)


NAMED = load(profile_text().replace('text = "{username}"', 'text = "{shown_as}"'))


@pytest.mark.usefixtures("portal")
@pytest.mark.parametrize("profile", [NAMED])
@pytest.mark.parametrize("shown_as", ["seller", "Super Admin", None])
def test_the_account_is_known_by_what_the_pages_call_it(visit: Visit, shown_as: str | None) -> None:
    async def work(lane: Lane) -> None:
        assert lane.on_detail

    if shown_as == "Super Admin":
        with pytest.raises(WrongShop, match="not 'Super Admin'"):
            visit(work)
    else:
        visit(work)
