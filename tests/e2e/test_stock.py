"""What is left of each SKU after an order was closed, on every skin: judged by the portal's own numbers."""

from collections.abc import Callable
from typing import Any

import pytest
from e2e_shop import Shop, finish, want

from agent.app import App, open_session
from agent.domain.acts import Act, ActKind, End, Verdict
from agent.domain.cases import Outcome
from agent.engine.batch import Batch
from agent.engine.queue import ListedQueue, StoredQueue
from agent.engine.run import Run, Scenario
from agent.engine.shop_run import Mode, ShopRun


def pieces(shop: Shop) -> dict[str, int]:
    """Return how many pieces of each SKU can really be sold."""
    return {good["sku"]: good["stock"] for good in shop.truth("stock")["stock"]}


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
        await Batch(run, session, scenario, queue, on_pass=lambda _end: None).work(lanes=1, wait_s=0)


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


def test_a_rehearsal_sets_nothing(stocked: Shop) -> None:
    before = pieces(stocked)
    work(stocked, setting(0), plain(stocked), mode=Mode.REHEARSE)
    assert (pieces(stocked), stocked.ledger()) == (before, [])


def test_a_sku_that_the_stock_does_not_show_whole_is_a_persons(stocked: Shop) -> None:
    """The search finds what begins with it, and nothing that is it."""
    order, before = plain(stocked), pieces(stocked)
    work(stocked, setting(0, sku="YS1"), order)
    assert (pieces(stocked), stocked.ledger()) == (before, [])
    assert stocked.word(order) == "waiting:human"


@pytest.mark.parametrize(
    ("fault", "word", "times"),
    [
        ({"name": "answer_lost"}, "handed_over", 1),
        ({"name": "reset"}, "waiting:retry", 0),
        ({"name": "toast_success_lie"}, "waiting:human", 0),
        ({"name": "toast_failure_lie"}, "waiting:human", 1),
        ({"name": "served_twice"}, "handed_over", 1),
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
