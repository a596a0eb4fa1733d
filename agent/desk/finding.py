"""The case that a person means."""

from collections.abc import Callable

from sqlalchemy import Connection

from agent.app import App
from agent.domain.cases import Case
from agent.domain.ids import OrderId, parse_order_id
from agent.errors import StoreError
from agent.store import cases


def find_case(app: App, word: str) -> Case:
    """Return the case that a case id or an order id names; of an order, its newest case.

    Raises:
        StoreError: there is none, or the order has cases in several shops.
    """
    found = app.db.read(lambda tx: cases.get(tx, word))
    if found is not None:
        return found
    newest = {case.case_id: case for case in _newest_of_order(app, word)}
    if not newest:
        raise StoreError(f"there is no case {word!r}: 'closewright cases' lists them")
    if len(newest) > 1:
        named = ", ".join(f"{case.case_id} ({case.shop})" for case in newest.values())
        raise StoreError(f"order {word} has cases in several shops: name one of {named}")
    return next(iter(newest.values()))


def _newest_of_order(app: App, word: str) -> list[Case]:
    try:
        order_id: OrderId = parse_order_id(word)
    except ValueError:
        return []

    def latest(portal: str, account: str) -> Callable[[Connection], Case | None]:
        return lambda tx: cases.latest_for(tx, portal=portal, account=account, order_id=order_id)

    accounts = {(shop.portal, shop.username) for shop in app.settings.shops.values()}
    found = [app.db.read(latest(portal, account)) for portal, account in sorted(accounts)]
    return [case for case in found if case is not None]
