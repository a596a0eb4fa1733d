"""What is left of each SKU after an order was closed, on every skin: judged by the portal's own numbers."""

import csv
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, cast

import pytest
from e2e_shop import LIVELY, Shop, finish, want
from test_aftercare import items

from agent.app import App, open_session
from agent.domain.acts import Act, ActKind, End, Verdict
from agent.domain.aftercare import AftercareKind, AftercareState
from agent.domain.cases import CloseRequest, Outcome
from agent.domain.reasons import Reason
from agent.domain.stock import STOCK, WantedStock
from agent.engine.batch import Batch
from agent.engine.queue import ListedQueue, StoredQueue
from agent.engine.run import Run, Scenario
from agent.engine.shop_run import Mode, ShopRun
from agent.store import journal
from agent.summary import report_cases
from scenarios.aftercare import after_step
from scenarios.stock import PATIENCE


def pieces(shop: Shop) -> dict[str, int]:
    """Return how many pieces of each SKU can really be sold."""
    return {good["sku"]: good["stock"] for good in shop.truth("stock")["stock"]}


@pytest.mark.slow
def test_a_close_is_proved_whether_or_not_the_portal_puts_the_pieces_back(
    open_shop: Callable[..., Shop], skin: str
) -> None:
    shop = open_shop(skin, render_ms=20, promo=False)
    kept, back = shop.orders(state="waitbuyerpay", pay_state="1", frozen=False, disputed=False, trade_type="escrow")[:2]
    shop.fault("stock_not_put_back", [kept["order_id"]])
    before = pieces(shop)
    shop.run(want(kept["order_id"]), want(back["order_id"]))
    assert [shop.what(order["order_id"]) for order in (kept, back)] == [["order_closed"]] * 2
    gained = {sku: number - before[sku] for sku, number in pieces(shop).items() if number != before[sku]}
    assert gained == {item["sku"]: item["quantity"] for item in back["items"]}


# --- The act: one SKU to a number


def setting(number: int, sku: str | None = None) -> Scenario:
    """Return a scenario that sets the stock of an order's first SKU, or of another one, and then is over."""

    async def scenario(run: Run) -> Verdict:
        order = await run.order()
        wanted = sku or order.items[0].sku
        if any(kind is ActKind.SET_STOCK for kind, _ in run.done):
            return End(Outcome.HANDED_OVER, "set")
        fields = {"sku": wanted, "stock": number, "was": await run.stock(wanted)}
        return Act(ActKind.SET_STOCK, "aftercare_stock", "what the request says", fields=fields)

    return scenario


def work(shop: Shop, scenario: Scenario, *orders: str, mode: Mode = Mode.LIVE, ahead_s: float = 0) -> None:
    """Have the engine take passes over orders by a scenario of the test's own."""
    app = shop.app(ahead_s)
    try:
        with app.hold("demo"), app.recorded_run("demo", "run") as recorded:
            run = app.shop_run("demo", run_id=recorded.run_id, mode=mode)
            wishes = [want(order) for order in orders]
            app.admit("demo", wishes)
            passing = app.passing_cases("demo", wishes)
            queue: Any = StoredQueue(app.db, "demo", None) if mode is Mode.LIVE else ListedQueue(passing)
            finish(_worked(app, run, scenario, queue))
    finally:
        app.close()


async def _worked(app: App, run: ShopRun, scenario: Scenario, queue: Any) -> None:
    async with open_session(app, run) as session:
        await Batch(run, session, scenario, queue, after=after_step).work(lanes=1, wait_s=0)


@pytest.fixture
def stocked(open_shop: Callable[..., Shop], skin: str) -> Shop:
    return open_shop(skin, render_ms=20, promo=False)


def plain(shop: Shop) -> str:
    """Return an unpaid order whose first SKU is the beginning of another one's."""
    found = shop.orders(state="waitbuyerpay", pay_state="1", frozen=False, disputed=False, trade_type="escrow")
    skus = pieces(shop)
    chosen = next(order for order in found if sum(sku.startswith(order["items"][0]["sku"]) for sku in skus) > 1)
    return str(chosen["order_id"])


def test_the_stock_of_the_whole_sku_alone_is_set_and_proved(stocked: Shop) -> None:
    order = plain(stocked)
    sku, before = stocked.order(order)["items"][0]["sku"], pieces(stocked)
    work(stocked, setting(0), order)
    assert pieces(stocked) == before | {sku: 0}
    (entry,) = stocked.ledger()
    assert entry["data"] == {"sku": sku, "from": before[sku], "to": 0}
    assert stocked.case(order).why == "set"
    assert len(stocked.pictures(order)) >= 3, "before, filled in, and after"


@pytest.mark.slow
def test_a_rehearsal_sets_nothing(stocked: Shop) -> None:
    before = pieces(stocked)
    work(stocked, setting(0), plain(stocked), mode=Mode.REHEARSE)
    assert (pieces(stocked), stocked.ledger()) == (before, [])


@pytest.mark.long
def test_a_sku_that_the_stock_does_not_show_whole_is_a_persons(stocked: Shop) -> None:
    """The search finds what begins with it, and nothing that is it."""
    order, before = plain(stocked), pieces(stocked)
    work(stocked, setting(0, sku="YS1"), order)
    assert (pieces(stocked), stocked.ledger()) == (before, [])
    assert stocked.word(order) == "waiting:human"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "word", "times"),
    [
        ({"name": "answer_lost"}, "handed_over", 1),
        pytest.param({"name": "reset"}, "waiting:retry", 0, marks=pytest.mark.slow),
        ({"name": "toast_success_lie"}, "waiting:human", 0),
        ({"name": "toast_failure_lie"}, "waiting:human", 1),
        pytest.param({"name": "served_twice"}, "handed_over", 1, marks=pytest.mark.slow),
    ],
    ids=lambda value: value["name"] if isinstance(value, dict) else "",
)
def test_a_stock_is_set_once_at_most_whatever_the_portal_answers(
    stocked: Shop, fault: dict[str, Any], word: str, times: int
) -> None:
    """What has reached its number is done though the answer was lost; where the two sides differ a person decides."""
    order = plain(stocked)
    sku = stocked.order(order)["items"][0]["sku"]
    stocked.faults({**fault, "step": "submit", "args": {"act": "stock"}})
    work(stocked, setting(5), order)
    assert [entry["data"]["to"] for entry in stocked.ledger()] == [5] * times
    assert (pieces(stocked)[sku] == 5) is bool(times)
    assert stocked.word(order) == word


# --- After the click


def stocks(shop: Shop, order: str) -> tuple[AftercareState, str]:
    """Return how the stock of an order's latest case stands."""
    item = items(shop, order)[AftercareKind.STOCK]
    return item.state, item.why


def lines(shop: Shop, count: int, at: int = 0) -> str:
    """Return an unpaid order that has so many different SKUs."""
    found = shop.orders(state="waitbuyerpay", pay_state="1", frozen=False, disputed=False, trade_type="escrow")
    return str([one["order_id"] for one in found if len({item["sku"] for item in one["items"]}) == count][at])


def left(number: int, sku: str = "") -> dict[str, Any]:
    return {"command": "test", STOCK: WantedStock(number, sku).as_json()}


def run_out(order: str, **source: Any) -> CloseRequest:
    return replace(want(order, Reason.OUT_OF_STOCK), source=source or {"command": "test"})


@pytest.fixture
def setting_shop(open_shop: Callable[..., Shop], skin: str) -> Shop:
    return open_shop(skin, render_ms=20, promo=False, extra='aftercare = { stock = "set" }\n' + LIVELY)


def test_what_has_run_out_is_set_to_what_the_request_says_or_to_zero(setting_shop: Shop) -> None:
    """The only SKU of an order, or the one that the request names; what is left of others comes back by closing."""
    shop = setting_shop
    zero, five, several, other = lines(shop, 1), lines(shop, 1, 1), lines(shop, 2), lines(shop, 3)
    first, second = (item["sku"] for item in shop.order(several)["items"][:2])
    before = pieces(shop)
    shop.run(run_out(zero), run_out(five, **left(5)), run_out(several, **left(2, second)), want(other))
    set_to = {shop.order(zero)["items"][0]["sku"]: 0, shop.order(five)["items"][0]["sku"]: 5, second: 2}
    entries = [entry["data"] for entry in shop.ledger() if entry["what"] == "stock_set"]
    assert {entry["sku"]: entry["to"] for entry in entries} == set_to
    assert pieces(shop)[first] == before[first] + shop.order(several)["items"][0]["quantity"]
    for order in (zero, five, several):
        assert shop.case(order).outcome is Outcome.CLOSED
        assert stocks(shop, order)[0] is AftercareState.DONE
        assert any("stock" in caption for caption in captions(shop, order)), "there is a picture of it"
    assert items(shop, other) == {}, "another reason, and nobody has asked to check"
    shop.later(3600)
    assert len([entry for entry in shop.ledger() if entry["what"] == "stock_set"]) == 3, "set once"


def captions(shop: Shop, order: str) -> list[str]:
    case_id = shop.case(order).case_id
    app = shop.app()
    try:
        kept = app.db.read(lambda tx: journal.entries(tx, case_id))
    finally:
        app.close()
    return [str(entry.body["caption"]) for entry in kept if "caption" in entry.body]


@pytest.mark.slow
def test_of_several_skus_none_is_set_by_guessing(setting_shop: Shop) -> None:
    order = lines(setting_shop, 2)
    setting_shop.run(run_out(order))
    assert setting_shop.what(order) == ["order_closed"]
    state, why = stocks(setting_shop, order)
    assert state is AftercareState.HUMAN
    assert "which of" in why
    setting_shop.answer(order, "give-up", note="set by hand")
    assert stocks(setting_shop, order)[0] is AftercareState.DROPPED


def test_a_stock_whose_answer_is_lost_is_settled_by_looking_and_set_once(setting_shop: Shop) -> None:
    order = lines(setting_shop, 1)
    setting_shop.faults({"name": "answer_lost", "step": "submit", "args": {"act": "stock"}})
    setting_shop.run(run_out(order))
    setting_shop.later(60)
    assert [entry["what"] for entry in setting_shop.ledger()].count("stock_set") == 1
    assert stocks(setting_shop, order)[0] is AftercareState.DONE


@pytest.mark.slow
def test_pieces_that_the_portal_has_not_put_back_are_a_persons(open_shop: Callable[..., Shop], skin: str) -> None:
    shop = open_shop(skin, render_ms=20, promo=False, extra='aftercare = { stock = "check" }\n' + LIVELY)
    kept, back = lines(shop, 2), lines(shop, 2, 1)
    shop.fault("stock_not_put_back", [kept])
    shop.run(want(kept), want(back))
    assert stocks(shop, back) == (AftercareState.DONE, "the portal has put the pieces back into stock")
    assert stocks(shop, kept)[0] is AftercareState.WAITING, "it may still do so"
    shop.later(PATIENCE.total_seconds() + 1)
    state, why = stocks(shop, kept)
    assert state is AftercareState.HUMAN
    for item in shop.order(kept)["items"]:
        assert f"{item['sku']} ×{item['quantity']}" in why
    assert [entry["what"] for entry in shop.ledger()] == ["order_closed"] * 2, "to look changes nothing"


@pytest.mark.slow
def test_a_stock_that_cannot_be_read_holds_up_no_closing(open_shop: Callable[..., Shop], skin: str) -> None:
    shop = open_shop(skin, render_ms=20, promo=False, extra='aftercare = { stock = "check" }\n' + LIVELY)
    shop.edit_profile(("row_stock = ", 'row_stock = { text = "nowhere" } # '))
    order = lines(shop, 1)
    shop.run(want(order))
    assert shop.case(order).outcome is Outcome.CLOSED
    assert shop.what(order) == ["order_closed"]
    assert items(shop, order) == {}, "there is nothing to compare with"


# --- The shop's own books


class Books(BaseHTTPRequestHandler):
    """An ERP that keeps what it is told, and answers as its server was told to."""

    def do_POST(self) -> None:  # the name that http.server calls
        """Keep what came, and answer."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        server = cast(BooksServer, self.server)
        server.told.append((dict(self.headers), body))
        self.send_response(server.answers.pop(0) if server.answers else 204)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


class BooksServer(ThreadingHTTPServer):
    """What the ERP was told, and what it will answer."""

    told: list[tuple[dict[str, str], bytes]]
    answers: list[int]


@pytest.fixture
def erp() -> Iterator[BooksServer]:
    server = BooksServer(("127.0.0.1", 0), Books)
    server.told, server.answers = [], []
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.slow
def test_the_books_are_told_at_least_once_by_one_id_and_can_trust_the_signature(
    open_shop: Callable[..., Shop], erp: BooksServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLOSEWRIGHT_TEST_BOOKS", f"http://127.0.0.1:{erp.server_port}/stock")
    monkeypatch.setenv("CLOSEWRIGHT_TEST_SECRET", "s3cret-of-the-books")
    books = 'stock = { webhook = "env:CLOSEWRIGHT_TEST_BOOKS", secret = "env:CLOSEWRIGHT_TEST_SECRET" }\n'
    patient = LIVELY.replace('retry = "1s"', 'retry = "50s"')  # one try a run, however long a run takes
    shop = open_shop("classic", render_ms=20, promo=False, extra='aftercare = { stock = "set" }\n' + books + patient)
    order, erp.answers = lines(shop, 1), [503, 307, 200]
    before = pieces(shop)
    shop.run(run_out(order, **left(4)))
    assert "answered 503" in stocks(shop, order)[1]
    shop.later(60)
    assert "answered 307" in stocks(shop, order)[1], "it is not sent on to another address"
    shop.later(60)
    assert stocks(shop, order)[0] is AftercareState.DONE
    shop.later(3600)
    assert len(erp.told) == 3
    sku = shop.order(order)["items"][0]["sku"]
    for named, body in erp.told:
        event = json.loads(body)
        assert event | {"at": "", "case_id": "", "id": "", "was": 0} == {
            "id": "", "event": "stock_set", "at": "", "shop": "demo", "portal": "mock_classic", "order_id": order,
            "case_id": "", "sku": sku, "stock": 4, "was": 0,
        }  # fmt: skip
        assert event["was"] == before[sku] + shop.order(order)["items"][0]["quantity"], "with the pieces put back"
        signed = f"{named['X-Closewright-Timestamp']}.{event['id']}.".encode() + body
        wanted = hmac.new(b"s3cret-of-the-books", signed, hashlib.sha256).hexdigest()
        assert named["X-Closewright-Signature"] == f"sha256={wanted}"
        assert named["X-Closewright-Id"] == event["id"]
    assert len({body for _, body in erp.told}) == 1, "whoever is told twice knows it"
    assert [entry["what"] for entry in shop.ledger()].count("stock_set") == 1, "the portal is not set again for it"


@pytest.mark.slow
def test_books_that_nobody_answers_for_are_a_persons_after_some_tries(
    open_shop: Callable[..., Shop], erp: BooksServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLOSEWRIGHT_TEST_BOOKS", f"http://127.0.0.1:{erp.server_port}/stock")
    monkeypatch.setenv("CLOSEWRIGHT_TEST_SECRET", "s3cret-of-the-books")
    books = 'stock = { webhook = "env:CLOSEWRIGHT_TEST_BOOKS", secret = "env:CLOSEWRIGHT_TEST_SECRET" }\n'
    shop = open_shop("classic", render_ms=20, promo=False, extra='aftercare = { stock = "set" }\n' + books + LIVELY)
    order, erp.answers = lines(shop, 1), [500] * 5
    shop.run(run_out(order))
    for _ in range(4):
        assert stocks(shop, order)[0] is AftercareState.WAITING
        shop.later(60)
    assert stocks(shop, order)[0] is AftercareState.HUMAN
    shop.answer(order, "continue")
    shop.run()
    assert stocks(shop, order)[0] is AftercareState.DONE


@pytest.mark.slow
@pytest.mark.parametrize("form", ["json", pytest.param("csv", marks=pytest.mark.slow)])
def test_a_file_for_the_books_is_whole_and_holds_the_event(open_shop: Callable[..., Shop], form: str) -> None:
    books = f'aftercare = {{ stock = "set" }}\nstock = {{ drop = "erp", drop_as = "{form}" }}\n'
    shop = open_shop("lit", render_ms=20, promo=False, extra=books + LIVELY)
    folder = shop.folder / "erp"
    folder.mkdir()
    order = lines(shop, 1)
    shop.run(run_out(order))
    assert stocks(shop, order)[0] is AftercareState.DONE
    (file,) = folder.iterdir()
    text = file.read_text(encoding="utf-8")
    event = json.loads(text) if form == "json" else next(csv.DictReader(text.splitlines()))
    assert file.name == f"{event['id']}.{form}"
    assert (event["order_id"], str(event["stock"])) == (order, "0")


def test_a_notice_and_a_stock_that_are_both_due_are_done_in_one_pass(open_shop: Callable[..., Shop]) -> None:
    """The first act is settled before the second begins: neither is left to a person, neither is done twice."""
    wishes = 'aftercare = { stock = "set", notice = "portal" }'
    shop = open_shop("classic", render_ms=20, promo=False, extra=wishes)
    found = shop.orders(state="waitbuyerpay", pay_state="1", frozen=False, disputed=False, stages=[])
    order = next(str(one["order_id"]) for one in found if len(one["items"]) == 1)
    shop.run(run_out(order), wait_s=3)
    assert sorted(shop.what(order)) == ["message_sent", "order_closed", "stock_set"]
    stands = {kind: (item.state, item.why) for kind, item in items(shop, order).items()}
    assert {kind: state for kind, (state, _) in stands.items()} == {
        AftercareKind.NOTICE: AftercareState.DONE,
        AftercareKind.STOCK: AftercareState.DONE,
    }, stands


@pytest.mark.slow
def test_of_two_lanes_one_alone_sets_a_sku_that_both_orders_have(open_shop: Callable[..., Shop], skin: str) -> None:
    """The second looks only when the first has set it, and finds nothing left to do."""
    extra = 'aftercare = { stock = "set" }\n' + LIVELY
    shop = open_shop(skin, orders=300, render_ms=20, promo=False, extra=extra)
    found = shop.orders(state="waitbuyerpay", pay_state="1", frozen=False, disputed=False, trade_type="escrow")
    of_sku: dict[str, list[str]] = {}
    for order in found:
        if len({item["sku"] for item in order["items"]}) == 1:
            of_sku.setdefault(order["items"][0]["sku"], []).append(order["order_id"])
    both = next(orders[:2] for orders in of_sku.values() if len(orders) > 1)
    shop.run(*map(run_out, both), lanes=2, wait_s=3)
    assert [entry["what"] for entry in shop.ledger()].count("stock_set") == 1
    assert [stocks(shop, order)[0] for order in both] == [AftercareState.DONE] * 2
    assert sum(act["act"] == "set_stock" for order in both for act in acts(shop, order)) == 1


def acts(shop: Shop, order: str) -> list[dict[str, Any]]:
    """Return the acts of an order's case, as reports tell them."""
    app = shop.app()
    try:
        (case,) = report_cases(app.db, app.blobs, [shop.case(order)])
    finally:
        app.close()
    return [dict(act) for act in case.as_json()["acts"]]
