"""A stall of plain orders to try faults on, and the words in which those tests speak."""

from collections.abc import Iterator, Sequence
from typing import Any

from e2e_shop import Shop

from agent.domain.cases import CloseRequest
from agent.engine.batch import BatchEnd

PLAIN: dict[str, Any] = {"refund_state": "", "partly_shipped": False, "frozen": False, "disputed": False, "stages": []}
SEEN = ("list", "detail", "dialog", "submit")  # the steps of a page, in the order in which a close comes to them
# Long enough that nothing comes due again within a run, however slow the machine; the tests' clock jumps over them.
LONG_WAITS = """
breaker = { same_fault = 50 }
waits = { consent = "1h", platform = "1h", settle = "1h", retry = "1h", too_new = "1h" }
"""
AN_HOUR = 3700
A_DAY = 25 * 3600  # what waits for a person is looked at again each day
CLOSED = "closed"
HUMAN = "waiting:human"
BY_CLOSE = ["order_closed", "refund_paid"]
BY_REFUND = ["refund_applied", "refund_agreed", "order_closed", "refund_paid"]


class Stall:
    """A shop whose plain orders are handed out one by one."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self._unpaid = self._ids(state="waitbuyerpay", pay_state="1")
        self._paid = {
            button: self._ids(state="waitsellersend", pay_state="2", button=button)
            for button in ("close", "refund", "none")
        }

    def _ids(self, **wanted: Any) -> Iterator[str]:
        # Signing in shows the first page of the list, where a fault of the list would strike before its time.
        first_page = [order["order_id"] for order in self.shop.orders()[:10]]
        plain = [str(order["order_id"]) for order in self.shop.orders(**wanted, **PLAIN)]
        return iter([order_id for order_id in plain if order_id not in first_page])

    def unpaid(self) -> str:
        """Return a plain unpaid order that nobody has yet."""
        return next(self._unpaid)

    def paid(self, button: str) -> str:
        """Return a plain paid order that shows this button, or none, and that nobody has yet."""
        return next(self._paid[button])

    def work(self, *requests: CloseRequest, **more: Any) -> BatchEnd:
        """Work requests with two lanes."""
        return self.shop.run(*requests, **{"lanes": 2, **more})

    def admit(self, *requests: CloseRequest) -> None:
        """Take requests in without working them yet."""
        app = self.shop.app()
        try:
            app.admit("demo", requests)
        finally:
            app.close()

    def stands(self, order_id: str) -> tuple[str, list[str]]:
        """Return where an order's case stands, and what really happened to the order."""
        return self.shop.word(order_id), self.shop.what(order_id)

    def all_stand(self, orders: Sequence[str]) -> list[tuple[str, list[str]]]:
        """Return the same for several orders."""
        return [self.stands(order_id) for order_id in orders]


def fault(name: str, order_id: str, step: str | None = None, **args: Any) -> dict[str, Any]:
    """Return a fault for one order, at a step or at its default."""
    spec: dict[str, Any] = {"name": name, "orders": [order_id], "args": args}
    return spec if step is None else spec | {"step": step}


def each(name: str, orders: Sequence[str], steps: Sequence[str], **args: Any) -> list[dict[str, Any]]:
    """Return a fault for each order, each at its own step."""
    return [fault(name, order, step, **args) for order, step in zip(orders, steps, strict=True)]


def in_a_hurry(shop: Shop, arrive_s: float = 5) -> None:
    """Have the shop worked by its own profile, with less patience for pages."""
    shop.edit_profile(("arrive_s = 15", f"arrive_s = {arrive_s}"))
