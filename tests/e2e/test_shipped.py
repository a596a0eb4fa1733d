"""Shipped orders to their end, judged by the portal's ledger and by what the cases keep."""

from collections.abc import Callable
from typing import Any

import pytest
from e2e_shop import Shop
from test_paths import QUICK, purchaser_flow, shipped

from agent.domain.aftercare import AftercareKind
from agent.domain.cases import Outcome
from agent.summary import report_cases

OpenShop = Callable[..., Shop]


def disputed(shop: Shop) -> str:
    """Return a shipped order whose refund the supplier has refused, and about which we have called the platform in."""
    order = shipped(shop)
    purchaser_flow(shop, order, "refuse_refund")
    assert shop.word(order) == "waiting:platform", shop.case(order).why
    return order


def decide(shop: Shop, order: str, **args: str) -> None:
    """Have the platform decide the dispute, then let the product look."""
    shop.actors({"who": "platform", "on": "start", "orders": [order], "do": "dispute_decide", "args": args})
    shop.run(ahead_s=10)


def reported(shop: Shop, order: str) -> dict[str, Any]:
    """Return what ``--json`` says of the order's case."""
    app = shop.app()
    try:
        return report_cases(app.db, app.blobs, [shop.case(order)])[0].as_json()
    finally:
        app.close()


def test_a_dispute_won_in_full_ends_closed_with_the_ruling_kept(open_shop: OpenShop, skin: str) -> None:
    shop = open_shop(skin, role="purchaser", **QUICK)
    order = disputed(shop)
    (opened,) = [line for line in shop.ledger(order) if line["what"] == "dispute_opened"]
    assert [file["name"] for file in opened["data"]["attachments"]] == [f"evidence-{order}.html"]
    decide(shop, order, text="商品与描述不符，支持买家。")
    case = shop.case(order)
    assert (case.outcome, case.by) == (Outcome.CLOSED, "platform"), case.why
    assert "decided our dispute for us" in case.why
    whole = f"{shop.order(order)['amount_fen'] / 100:.2f}"
    ruling = reported(shop, order)["ruling"]
    assert (ruling["favour"], ruling["amount"], ruling["text"]) == ("buyer", whole, "商品与描述不符，支持买家。")
    assert shop.what(order).count("dispute_opened") == 1


@pytest.mark.slow
def test_a_dispute_won_before_the_money_is_paid_leaves_the_refund_watched(open_shop: OpenShop) -> None:
    shop = open_shop("classic", role="purchaser", extra='aftercare = { refund = "3d" }', **QUICK)
    order = disputed(shop)
    shop.fault("refund_held", [order], step="start")
    decide(shop, order)
    assert shop.case(order).outcome is Outcome.CLOSED, shop.case(order).why
    assert "refund_paid" not in shop.what(order)
    (item,) = [item for item in reported(shop, order)["aftercare"] if item["kind"] == AftercareKind.REFUND]
    assert item["state"] == "waiting"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({"for": "seller", "text": "买家凭证不足"}, "for the seller: 买家凭证不足"),
        ({"for": "buyer", "share": "0.5", "text": "双方各担一半"}, "yuan go back: 双方各担一半"),
    ],
)
def test_a_dispute_lost_or_won_in_part_is_a_persons_with_the_platforms_words(
    open_shop: OpenShop, args: dict[str, str], words: str
) -> None:
    shop = open_shop("classic", role="purchaser", **QUICK)
    order = disputed(shop)
    decide(shop, order, **args)
    assert shop.word(order) == "waiting:human"
    assert words in shop.case(order).why
    before = shop.what(order)
    shop.answer(order, "continue")
    shop.run(ahead_s=20)
    assert (shop.word(order), shop.what(order)) == ("waiting:human", before), "looking again changes nothing"
    assert reported(shop, order)["ruling"]["favour"] == args["for"]
