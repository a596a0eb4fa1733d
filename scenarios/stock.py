"""The stock after a closing: set where it has run out, else seen to be put back by the portal."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from agent.domain.acts import Act, ActKind, Step
from agent.domain.aftercare import PURPOSE, AftercareKind, AskPerson, Finished, Later, Opening
from agent.domain.cases import Path, Role
from agent.domain.orders import Order
from agent.domain.reasons import Reason
from agent.domain.stock import WantedStock
from scenarios.facts import Facts

SET = f"{PURPOSE}stock"
BEFORE = "stock_before"  # fact of a case: what was left of each SKU just before the act that closes its order
PATIENCE = timedelta(minutes=10)  # how long the portal may take to put pieces back
_EVERY = timedelta(minutes=2)
_NOT_LEFT_YET = {Path.UNPAID, Path.PAID_UNSHIPPED}
_AT_ONCE = {ActKind.CLOSE, ActKind.APPLY_REFUND, ActKind.AGREE_REFUND}  # what closes an order as soon as it is done


def pieces_of(order: Order) -> dict[str, int] | None:
    """Return how many pieces of each SKU an order has; None where its page does not tell it of every line."""
    pieces: dict[str, int] = {}
    for item in order.items:
        if not item.sku or not (item.quantity.isascii() and item.quantity.isdecimal()):
            return None
        pieces[item.sku] = pieces.get(item.sku, 0) + int(item.quantity)
    return pieces or None


def to_set(order: Order, wanted: WantedStock) -> str | AskPerson:
    """Return the SKU whose stock is to be set, or what a person has to say first: no SKU is ever guessed."""
    skus = sorted({item.sku for item in order.items if item.sku})
    if not skus:
        return AskPerson(f"the order's page names no SKU: set the stock to {wanted.number} by hand")
    if wanted.sku and wanted.sku not in skus:
        return AskPerson(f"the request names SKU {wanted.sku}, the order has {', '.join(skus)}: set the stock by hand")
    if not wanted.sku and (len(skus) > 1 or any(not item.sku for item in order.items)):
        return AskPerson(
            f"the request does not say which of {', '.join(skus)} has run out: set its stock to {wanted.number} by hand"
        )
    return wanted.sku or skus[0]


def set_stock(sku: str, number: int, shown: int) -> Step:
    """Decide one look at the stock of a SKU that is to be set to a number and has not been set yet."""
    if shown == number:
        return Finished(f"the portal shows {number} pieces of SKU {sku}")
    why = f"SKU {sku} has run out: its stock is set from {shown} to {number}"
    return Act(ActKind.SET_STOCK, SET, why, fields={"sku": sku, "stock": number, "was": shown})


def put_back(
    before: Mapping[str, int], pieces: Mapping[str, int], shown: Mapping[str, int], *, since: datetime, now: datetime
) -> Step:
    """Decide one look at the stock of a closed order, whose pieces the portal has to put back by itself.

    What was sold meanwhile looks like what was not put back: a person has to look.
    """
    missing = {sku: before[sku] + count - shown[sku] for sku, count in pieces.items()}
    missing = {sku: count for sku, count in missing.items() if count > 0}
    if not missing:
        return Finished("the portal has put the pieces back into stock")
    said = ", ".join(f"{sku} ×{count}" for sku, count in missing.items())
    if now - since < PATIENCE:
        return Later(f"the portal has not put back yet: {said}", _EVERY)
    return AskPerson(f"the portal has not put back {said}, unless they were sold again meanwhile")


def openings(facts: Facts) -> Iterator[Opening]:
    """Yield what a case that ends as closed by us stays open for, as to the stock."""
    if not facts.wishes.stock or facts.role is not Role.SELLER:
        return
    if facts.case.reason is Reason.OUT_OF_STOCK:
        yield Opening(AftercareKind.STOCK, "the stock is to be set")
    elif BEFORE in facts.case.facts:
        yield Opening(AftercareKind.STOCK, "the portal is to put the pieces back")


def watches(facts: Facts, act: Act) -> bool:
    """Return whether the stock is to be read just before an act: one that closes an order whose goods are here."""
    wanted = facts.role is Role.SELLER and facts.wishes.stock_check and facts.case.reason is not Reason.OUT_OF_STOCK
    return wanted and facts.case.path in _NOT_LEFT_YET and act.kind in _AT_ONCE
