"""What a closed order still wants: its money seen to be back, its buyer told once; judged by the portal's ledger."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from e2e_shop import LIVELY, Shop, agreed, want
from test_paths import QUICK, paid, unpaid

from agent.domain.aftercare import Aftercare, AftercareKind, AftercareState
from agent.domain.cases import Outcome
from agent.errors import StoreError
from agent.store import aftercare

OpenShop = Callable[..., Shop]
TELLS = 'aftercare = { notice = "portal" }\n' + LIVELY


def items(shop: Shop, order_id: str) -> dict[AftercareKind, Aftercare]:
    """Return what the latest case of an order is or was open for."""
    case_id = shop.case(order_id).case_id
    app = shop.app()
    try:
        return {item.kind: item for item in app.db.read(lambda tx: aftercare.of_case(tx, case_id))}
    finally:
        app.close()


def refund_of(shop: Shop, order_id: str) -> tuple[AftercareState, str]:
    """Return how the watch over an order's refund stands."""
    item = items(shop, order_id)[AftercareKind.REFUND]
    return item.state, item.why


def pays(order_id: str, *, share: str = "1", after_s: int = 0, on: str = "start") -> dict[str, object]:
    """Return a platform that gives back what it has held back."""
    return {
        "who": "platform", "on": on, "after_s": after_s, "do": "pay_owed", "orders": [order_id],
        "args": {"share": share},
    }  # fmt: skip


def test_a_refund_that_comes_later_is_seen_by_a_later_look(open_shop: OpenShop, skin: str) -> None:
    shop = open_shop(skin, **QUICK)
    order = paid(shop, "close")
    shop.fault("refund_held", [order])
    shop.run(agreed(order))
    assert shop.case(order).outcome is Outcome.CLOSED
    assert refund_of(shop, order) == (AftercareState.WAITING, "closed, refund unknown: it is not shown as paid yet")
    shop.actors(pays(order))
    shop.later(5)
    assert refund_of(shop, order)[0] is AftercareState.DONE
    assert shop.what(order) == ["order_closed", "refund_paid"]


@pytest.mark.slow
def test_money_that_is_back_with_the_closing_is_noted_as_seen(open_shop: OpenShop, skin: str) -> None:
    shop = open_shop(skin, **QUICK)
    order, plain = paid(shop, "close"), unpaid(shop)
    shop.run(agreed(order), want(plain))
    assert refund_of(shop, order)[0] is AftercareState.DONE
    assert items(shop, plain) == {}, "an unpaid order has no money to give back"


@pytest.mark.slow
@pytest.mark.parametrize(("share", "what"), [(None, "is not shown as paid, 3 d after"), ("0.5", "without its amount")])
def test_a_refund_that_is_late_or_short_is_told_to_a_person(
    open_shop: OpenShop, skin: str, share: str | None, what: str
) -> None:
    shop = open_shop(skin, **QUICK)
    order = paid(shop, "close")
    shop.fault("refund_held", [order])
    shop.run(agreed(order))
    if share is not None:
        shop.actors(pays(order, share=share))
    shop.later(timedelta(days=3, hours=1).total_seconds())
    state, why = refund_of(shop, order)
    assert (state, what in why) == (AftercareState.HUMAN, True), why
    assert shop.case(order).outcome is Outcome.CLOSED, "what is wrong with the money does not unclose the order"


@pytest.mark.slow
def test_the_buyer_is_told_once_after_the_proof(open_shop: OpenShop, skin: str) -> None:
    shop = open_shop(skin, extra=TELLS, **QUICK)
    order, plain = paid(shop, "close"), unpaid(shop)
    shop.run(agreed(order), want(plain))
    shop.later(3600)
    assert shop.what(plain) == ["order_closed", "message_sent"]
    assert sorted(shop.what(order)) == ["message_sent", "order_closed", "refund_paid"]
    assert shop.what(order)[-1] == "message_sent"
    text = shop.ledger(plain)[-1]["data"]["text"]
    assert plain in text
    assert items(shop, plain)[AftercareKind.NOTICE].state is AftercareState.DONE


@pytest.mark.slow
def test_a_notice_whose_answer_is_lost_is_settled_by_looking_and_not_sent_again(open_shop: OpenShop, skin: str) -> None:
    shop = open_shop(skin, extra=TELLS, **QUICK)
    order = unpaid(shop)
    shop.fault("answer_lost", [order], args={"act": "message"})
    shop.run(want(order))
    shop.later(60)
    shop.later(60)
    assert shop.what(order) == ["order_closed", "message_sent"]
    assert not shop.unfired()


@pytest.mark.slow
def test_what_a_person_does_about_a_late_refund_is_found_or_taken_at_their_word(open_shop: OpenShop) -> None:
    shop = open_shop("classic", **QUICK)
    order, other = paid(shop, "close"), paid(shop, "close", 1)
    shop.fault("refund_held", [order, other])
    shop.run(agreed(order), agreed(other))
    shop.later(timedelta(days=4).total_seconds())
    with pytest.raises(StoreError, match="which 'received' does not answer; use 'done'"):
        shop.answer(order, "received")
    assert {refund_of(shop, one)[0] for one in (order, other)} == {AftercareState.HUMAN}
    shop.actors(pays(order))
    shop.answer(order, "continue")
    shop.answer(other, "give-up", note="paid by bank")
    shop.run()
    assert refund_of(shop, order)[0] is AftercareState.DONE
    assert refund_of(shop, other) == (AftercareState.DROPPED, "given up by the operator: paid by bank")
