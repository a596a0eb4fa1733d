"""The whole agent on a back office whose one button cancels and then refunds: judged by what reached the server."""

import json
import os
import signal
import sqlite3
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from recording_server import Got, RecordingServer, Reply
from test_blocks_and_lines import BLOCKS, FIELDS

from tests.real.closing import Desk, Ended

pytestmark = [
    pytest.mark.timeout(180),
    pytest.mark.skipif(sys.platform == "win32", reason="the agent is a process of ours that is killed by kill -9"),
]
KEYED = Path(__file__).with_name("keyed.toml").read_text("utf-8")
ORDER = "157094266502147025"
PARTS = 'parts = { payment_key = "data.order.payments.id" }'
LIST = f"""<!doctype html><b id=who>seller</b><h1>Orders</h1><table><tbody>
<tr><td><button onclick="location = '/orders/2'">{ORDER}</button><td>Paid</table>"""
NONE = "<!doctype html><b id=who>seller</b><h1>Orders</h1><table><tr><td>No results</table>"
PAGE = """<!doctype html><b id=who>seller</b><main></main><script>
const ask = query => fetch('/api', {method: 'POST', headers: {'content-type': 'application/json'},
  body: JSON.stringify({query})}).then(r => r.json())
const draw = async () => {
  const {data: {order}} = await ask('{ order(id: "2") { id code state payments { id state refunds { id state } } } }')
  const refunds = order.payments[0].refunds.map(one => `<div class=refund><b>${one.state}</b><i>¥5.00</i></div>`)
  document.querySelector('main').innerHTML = `<h1 class=code>${order.code}</h1>
    <dl><dt>State<dd>${order.state}<dt>Total<dd>¥5.00</dl><table><tr><th>Goods<tr><td>Tea</table>
    <div class=payment><b>Settled</b><i>¥5.00</i>${refunds.join('')}</div>
    <div id=bar><button>Cancel order</button></div>`
  document.querySelector('button').onclick = async () => {
    if (order.state === 'Paid') {
      const {data} = await ask('mutation { cancelOrder(id: "2") { id } }')
      if (!data.cancelOrder.id) return
      await fetch('/between')
    }
    await ask('mutation { refundOrder(paymentId: "7") { state } }')
    draw()
  }
}
draw()
</script>"""
GRAPHQL = 'kind = "mutating"\npath = "/api"\nbody = "graphql"\n'
ACTS = f"""
[[acts.close]]
roles = ["seller"]
states = ["paid"]
page = "detail"
opener = false
form = "close"
request = "cancel"
then = {{ act = "refund", request = "give_back" }}

[[acts.refund]]
roles = ["seller"]
states = ["closed"]
pay_states = ["paid"]
page = "detail"
control = "close"
opener = false
form = "close"
request = "give_back"

[requests.cancel]
{GRAPHQL}root = "cancelOrder"
fields = {{ order_key = "id" }}

[requests.cancel.answer]
accepted = {{ json_equals = {{ "data.cancelOrder.id" = "2" }} }}
refused = {{ json_equals = {{ "data.cancelOrder.id" = "" }} }}

[requests.give_back]
{GRAPHQL}root = "refundOrder"
fields = {{ payment_key = "paymentId" }}

[requests.give_back.answer]
accepted = {{ json_equals = {{ "data.refundOrder.state" = "Settled" }} }}
refused = {{ json_equals = {{ "data.refundOrder.state" = "Failed" }} }}

"""


def profile_text() -> str:
    """The keyed portal, with one button for two changes, and its payments in blocks."""
    before, _, after = KEYED.partition("[[acts.close]]")
    reads = after[after.index("[requests.order]") : after.index("[requests.close]")]
    text = before + ACTS + reads + after[after.index("[private]") :] + BLOCKS
    text = text.replace(FIELDS, 'amount = "Total"\n').replace('success = "Gone"', 'closed = "Cancelled"')
    text = text.replace('root = { css = "#bar"', 'root = { css = "body"')
    return text.replace(PARTS, PARTS.replace(" }", ', refund_key = "data.order.payments.refunds.id" }'))


class BackOffice:
    """One paid order, what became of it, and what happens at each of its two changes and between them."""

    def __init__(self, server: RecordingServer) -> None:
        self.state = "Paid"
        self.refunds: list[str] = []
        self.cancels = self.asks_back = 0
        self.on_cancel: Callable[[], Reply | None] = lambda: None
        self.between: Callable[[], Reply | None] = lambda: None
        self.on_refund: Callable[[], Reply | None] = lambda: None
        server.pages["/orders"] = lambda got: Reply(LIST if ORDER in got.path else NONE)
        server.pages["/orders/2"] = Reply(PAGE)
        server.pages["/api"] = self._api
        server.pages["/between"] = lambda _: self.between() or Reply()

    def _api(self, got: Got) -> Reply:
        query = json.loads(got.body)["query"]
        if "cancelOrder" in query:
            self.cancels += 1
            return self.on_cancel() or self._cancelled()
        if "refundOrder" in query:
            self.asks_back += 1
            return self.on_refund() or self._refunded()
        refunds = [{"id": str(at), "state": state} for at, state in enumerate(self.refunds)]
        payment = {"id": "7", "state": "Settled", "refunds": refunds}
        return said(order={"id": "2", "code": ORDER, "state": self.state, "payments": [payment]})

    def _cancelled(self) -> Reply:
        self.state = "Cancelled"
        return said(cancelOrder={"id": "2"})

    def _refunded(self) -> Reply:
        self.refunds.append("Settled")
        return said(refundOrder={"state": "Settled"})

    @property
    def changes(self) -> tuple[int, int]:
        """How many requests of each kind have come in."""
        return self.cancels, self.asks_back


def said(**data: Any) -> Reply:
    return Reply(json.dumps({"data": data}), headers=(("Content-Type", "application/json"),))


@pytest.fixture
def office(server: RecordingServer) -> BackOffice:
    return BackOffice(server)


@pytest.fixture
def desk(server: RecordingServer, tmp_path: Path) -> Desk:
    (tmp_path / "profiles" / "keyed").mkdir(parents=True)
    (tmp_path / "profiles" / "keyed" / "profile.toml").write_text(profile_text(), encoding="utf-8")
    return Desk(tmp_path, "keyed", server.origin, "seller", "demo", more='profile_dir = "profiles"')


def close(desk: Desk) -> Ended:
    return desk.run({ORDER: "yes"})


def close_and_die(desk: Desk, office: BackOffice, at: str, reply: Reply | None = None) -> None:
    """Have the order closed by an agent that is killed when its page asks for something, which may be answered."""
    agent = desk.start("run", str(desk.requests({ORDER: "yes"})), "--shop", "real", "--yes")

    def kill() -> Reply | None:
        if at == "between":
            wait_for_the_answer(desk)
        os.killpg(agent.pid, signal.SIGKILL)
        return reply

    setattr(office, at, kill)
    agent.communicate(timeout=120)
    setattr(office, at, lambda: None)
    assert agent.returncode == -signal.SIGKILL


def wait_for_the_answer(desk: Desk) -> None:
    """Wait until the agent has written down what its first request was answered: the page is quicker than that."""
    ends = time.monotonic() + 30
    with closing(sqlite3.connect(desk.folder / "closewright.db")) as store:
        while not store.execute("SELECT count(*) FROM journal WHERE kind = 'answer'").fetchone()[0]:
            assert time.monotonic() < ends, "no answer was written down"
            threading.Event().wait(0.02)


@pytest.mark.slow
def test_one_click_cancels_and_refunds_once_and_each_is_proved(desk: Desk, office: BackOffice) -> None:
    ended = close(desk)
    assert ended.word(ORDER) == "closed", ended.err
    assert [(act["act"], act["result"]) for act in ended.cases[ORDER]["acts"]] == [
        ("close", "done"),
        ("refund", "done"),
    ]
    assert (office.state, office.refunds, office.changes) == ("Cancelled", ["Settled"], (1, 1))


@pytest.mark.long
def test_a_rehearsal_sends_neither(desk: Desk, office: BackOffice) -> None:
    ended = desk.run({ORDER: "yes"}, "--rehearse")
    assert ended.cases[ORDER]["state"] == "rehearsed"
    assert office.changes == (0, 0)


@pytest.mark.slow
def test_killed_between_the_two_the_next_run_refunds_the_cancelled_order(desk: Desk, office: BackOffice) -> None:
    close_and_die(desk, office, "between")
    assert (office.state, office.changes) == ("Cancelled", (1, 0))
    ended = desk.resume()
    assert ended.word(ORDER) == "closed", ended.cases[ORDER]["why"]
    assert (office.refunds, office.changes) == (["Settled"], (1, 1))


@pytest.mark.slow
def test_killed_when_the_refund_is_out_it_is_never_sent_again(desk: Desk, office: BackOffice) -> None:
    close_and_die(desk, office, "on_refund", Reply(never=True))
    office.refunds = ["Settled"]  # it was taken, and nobody lived to hear of it
    for _ in range(2):
        ended = desk.resume()
        assert ended.word(ORDER) == "waiting:human"
        assert "refund was sent and its effect is not proved" in ended.cases[ORDER]["why"]
    assert office.changes == (1, 1)
    assert [act["act"] for act in ended.cases[ORDER]["acts"] if act["result"] == "done"] == ["close"]


@pytest.mark.slow
def test_nothing_is_refunded_where_the_cancel_was_refused(desk: Desk, office: BackOffice) -> None:
    office.on_cancel = lambda: said(cancelOrder={"id": ""})
    ended = close(desk)
    assert ended.word(ORDER) == "refused"
    assert (office.state, office.changes) == ("Paid", (1, 0))


@pytest.mark.long
def test_a_page_that_sends_only_the_first_is_followed_by_a_refund_of_its_own(desk: Desk, office: BackOffice) -> None:
    office.between = lambda: Reply(never=True)
    ended = close(desk)
    assert ended.word(ORDER) == "closed", ended.cases[ORDER]["why"]
    assert (office.refunds, office.changes) == (["Settled"], (1, 1))


@pytest.mark.slow
def test_a_refund_that_is_refused_after_the_cancel_is_a_persons(desk: Desk, office: BackOffice) -> None:
    office.on_refund = lambda: said(refundOrder={"state": "Failed"})
    ended = close(desk)
    assert ended.word(ORDER) == "waiting:human"
    assert "the order is closed, and the portal refused to refund" in ended.cases[ORDER]["why"]
    assert (office.state, office.refunds, office.changes) == ("Cancelled", [], (1, 1))


@pytest.mark.long
def test_a_refund_that_the_answer_tells_of_and_the_page_does_not_is_a_persons(desk: Desk, office: BackOffice) -> None:
    office.on_refund = lambda: said(refundOrder={"state": "Settled"})
    ended = close(desk)
    assert ended.word(ORDER) == "waiting:human"
    assert ended.word(ORDER) == desk.resume().word(ORDER)
    assert office.changes == (1, 1)


@pytest.mark.slow
def test_doctor_opens_an_order_whose_address_only_the_list_knows(desk: Desk, office: BackOffice) -> None:
    visit = desk.start("doctor", "--shop", "real", ORDER, "--json")
    out, err = visit.communicate(timeout=120)
    assert visit.returncode == 0, err
    found = {one["entry"] for one in json.loads(out)["entries"] if one["state"] == "found"}
    assert {"acts.close", "forms.close.confirm", "forms.close.order_id"} <= found
    assert office.changes == (0, 0)
