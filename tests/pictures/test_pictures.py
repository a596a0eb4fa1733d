"""Each row of the work as its operator sees it: what happened is judged by the ledger, what is shown becomes a picture."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.pictures.album import Album
from tests.pictures.shown_shop import ShownShop

pytestmark = pytest.mark.slow
Opened = Callable[..., ShownShop]
PLAIN = {"refund_state": "", "partly_shipped": False, "frozen": False, "disputed": False, "stages": []}


def unpaid(shop: ShownShop, n: int = 0) -> str:
    return str(shop.orders(state="waitbuyerpay", pay_state="1", **PLAIN)[n]["order_id"])


def paid(shop: ShownShop, n: int = 0, button: str = "close") -> str:
    return str(shop.orders(state="waitsellersend", pay_state="2", button=button, **PLAIN)[n]["order_id"])


def buyer_says(shop: ShownShop, order_id: str, text: str) -> dict[str, object]:
    """Return a buyer who answers our question a while later."""
    when = {"on": "message_sent", "by": "seller", "after_s": 600}
    return {"who": "buyer", "orders": [order_id], "do": "reply", "args": {"text": text}, **when}


def test_a_buyer_is_asked_and_only_a_clear_yes_counts(opened: Opened, album: Album) -> None:
    shop = opened()
    clear, unclear = paid(shop), paid(shop, 1)
    shop.actors(buyer_says(shop, clear, "同意，谢谢"), buyer_says(shop, unclear, "同意的话能不能先发货？"))
    for order in (clear, unclear):
        shop.work("close", order, "--shop", "demo", "--reason", "缺货")
    shop.pass_time(hours=5)
    shop.work("resume", "--shop", "demo")
    assert "order_closed" in shop.what(clear)
    assert shop.what(unclear) == ["message_sent", "message_sent"], "asked, answered, and left to a person"
    album.thread(shop, "consent-thread", clear)
    told = album.screens(shop, "consent-unclear", "cases", "--waiting", "human")
    assert "neither a clear yes nor a clear no: 同意的话能不能先发货？" in told["en"]
    assert "既不是明确同意" in told["zh"]


