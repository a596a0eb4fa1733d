"""Looking at the stock: just before an order is closed, and afterwards."""

from agent.domain.acts import Act, ActKind, Step
from agent.domain.aftercare import Aftercare, AskPerson, Finished, Later
from agent.domain.reasons import Reason
from agent.domain.stock import STOCK, StockEvent, WantedStock
from agent.engine import books
from agent.engine.run import Run
from agent.engine.shop_run import Mode
from agent.errors import PageChanged, Transient
from scenarios.facts import Facts
from scenarios.stock import BEFORE, SET, pieces_of, put_back, set_stock, to_set, watches

_UNTOLD = "books_untold"  # fact of a case: how often its shop's books could not be told
_MOST_TRIES = 5


async def keep_before(run: Run, facts: Facts, act: Act) -> None:
    """Read what is left of an order's goods before an act that may close it; where that fails, nothing is compared."""
    if run.shop_run.mode is not Mode.LIVE or not watches(facts, act):
        return
    pieces = pieces_of(facts.order)
    if pieces is None or run.shop_run.loaded.profile.pages.stock is None:
        return
    try:
        run.know(**{BEFORE: {sku: await run.stock(sku) for sku in pieces}})
    except (PageChanged, Transient) as fault:
        run.recorder.note("fault", {"error": type(fault).__name__, "text": str(fault)[:500]})


async def stock_step(run: Run, item: Aftercare, facts: Facts) -> Step:
    """Look at the stock of a closed order and decide the next step."""
    if run.case.reason is Reason.OUT_OF_STOCK:
        return await _set(run, item, facts)
    pieces, before = pieces_of(facts.order), run.case.facts[BEFORE]
    if pieces is None or set(pieces) != set(before):
        return AskPerson("the order's page does not show the goods that were compared with the stock before")
    shown = {sku: await run.stock(sku) for sku in pieces}
    step = put_back(before, pieces, shown, since=item.opened_at, now=facts.now)
    await _picture(run, step.why)
    return step


async def _set(run: Run, item: Aftercare, facts: Facts) -> Step:
    if (ActKind.SET_STOCK, SET) in run.done:
        wrote = run.wrote[SET]
        return await _tell_books(run, item, sku=wrote["sku"], number=wrote["stock"], was=wrote["was"])
    wanted = WantedStock.from_json(run.case.facts[STOCK]) if STOCK in run.case.facts else WantedStock()
    sku = to_set(facts.order, wanted)
    if isinstance(sku, AskPerson):
        return sku
    if ActKind.SET_STOCK not in facts.possible:
        return AskPerson(f"nothing in the profile says how a stock is set: set SKU {sku} to {wanted.number} by hand")
    shown = await run.stock(sku)
    step = set_stock(sku, wanted.number, shown)
    if not isinstance(step, Finished):
        return step
    await _picture(run, step.why)
    return await _tell_books(run, item, sku=sku, number=wanted.number, was=shown)


async def _picture(run: Run, why: str) -> None:
    await run.recorder.picture(run.lane.site, SET, f"the stock: {why}")


async def _tell_books(run: Run, item: Aftercare, *, sku: str, number: int, was: int) -> Step:
    """Tell the shop's own books, where it has any, of a stock that the portal shows; at least once."""
    where = run.shop_run.shop.stock
    done = f"the stock of SKU {sku} is {number}"
    if not where.is_wanted:
        return Finished(done)
    case = run.case
    event = StockEvent(
        event_id=f"{case.case_id}-stock",
        at=item.opened_at.isoformat(),
        shop=case.shop,
        portal=case.portal,
        order_id=case.order_id,
        case_id=case.case_id,
        sku=sku,
        stock=number,
        was=was,
    )
    untold = await books.tell(where, event, now=run.shop_run.clock())
    run.recorder.note("books", {"event": event.as_json(), "why": untold})
    if not untold:
        return Finished(f"{done}, and the shop's books were told")
    tries = int(case.facts.get(_UNTOLD, 0)) + 1
    run.know(**{_UNTOLD: tries})
    said = f"{done}, and the shop's books could not be told: {untold}"
    return Later(said, run.shop_run.shop.waits.retry) if tries < _MOST_TRIES else AskPerson(said)
