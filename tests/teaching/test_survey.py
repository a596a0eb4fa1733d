"""What was taught on one order has to hold on the others: what does not is pointed at again, or left out."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from agent.browser.gate import RequestGate
from agent.browser.launch import open_context
from agent.domain.ids import OrderId
from agent.teaching.gate import LearningRequests
from agent.teaching.lesson import Lesson, Rule, Taught
from agent.teaching.listing import Row
from agent.teaching.notebook import Notebook
from agent.teaching.order_page import DETAIL, SHOWN
from agent.teaching.survey import spread, survey
from tests.e2e.e2e_shop import HOSTS, finish

from .pupil import Scripted

ORDERS = ["106886380946666221", "106886380946666222", "106886380946666223"]
ROWS = [Row(OrderId(order), "Paid", "") for order in ORDERS]
BY_CLASS = {"css": "b.sum", "why": "unnamed"}
BY_LABEL = {"beside": "Total"}
# The third order shows its amount twice, and calls it otherwise.
ONE = "<h1>{id}</h1><dl><dt>Total</dt><dd><b class=sum>1.00</b></dd></dl><p id=state>Paid</p>"
THIRD = (
    "<h1>{id}</h1><dl><dt>Grand total</dt><dd><b class=sum>1.00</b></dd></dl><b class=sum>1.00</b><p id=state>Paid</p>"
)


class _Orders(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        order = self.path.rpartition("/")[2]
        page = (THIRD if order == ORDERS[2] else ONE).format(id=order).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its base names it so
        """Say nothing on stderr."""


@pytest.fixture
def orders() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Orders)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


async def _surveyed(base: str, folder: Path, person: Scripted, *options: dict[str, str]) -> Notebook:
    async with person.browsers(None, hosts=HOSTS) as browser:  # type: ignore[arg-type]  # the worker has found its own
        context = await open_context(browser)
        rules = LearningRequests(base)
        await RequestGate(rules).attach(context)
        notes = Notebook(folder, "mine")
        lesson = Lesson(await context.new_page(), person, notes, rules, chinese=False, base=base)
        notes.put(DETAIL, "url", "/orders/{order_id}")
        lesson.remember(Taught("order.amount", [{(SHOWN, "amount"): dict(one)} for one in options], Rule.ONCE))
        await survey(lesson, ROWS)
        await context.close()
        return notes


def test_a_target_that_is_not_unique_on_the_third_order_is_left_out_and_said(orders: str, tmp_path: Path) -> None:
    person = Scripted({})
    notes = finish(_surveyed(orders, tmp_path, person, BY_CLASS))
    assert notes.get(SHOWN, "amount") is None
    assert "amount: does not hold on every order" in notes.text()
    assert any(f"does not hold on order {ORDERS[2]} (matches amount: 2)" in text for text in person.told)


def test_another_target_for_the_same_thing_takes_its_place(orders: str, tmp_path: Path) -> None:
    own = {"css": "dd > b", "why": "unnamed"}
    assert finish(_surveyed(orders, tmp_path, Scripted({}), BY_CLASS, own)).get(SHOWN, "amount") == own


def test_pointed_at_again_both_words_are_kept(orders: str, tmp_path: Path) -> None:
    """A label that depends on the order's state: its words become synonyms, which hold on the earlier orders too."""
    person = Scripted({"order.amount": lambda page: page.locator("dd b")})
    notes = finish(_surveyed(orders, tmp_path, person, BY_LABEL))
    assert notes.get(SHOWN, "amount") == {"beside": ["Total", "Grand total"]}


def test_each_state_is_looked_at_before_a_second_order_of_one() -> None:
    rows = [Row(OrderId(f"{number:015}"), state, "") for number, state in enumerate("AABBC")]
    assert [row.state for row in spread(rows, 4)] == ["A", "B", "C", "A"]
