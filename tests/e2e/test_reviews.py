"""Reviews, judged by the ledger: each is answered once, with the approved text, and only as it was approved."""

from collections.abc import Callable

import pytest
from e2e_shop import Shop, want

from agent import app
from agent.domain.acts import Act, ActKind, End, Verdict, Wait
from agent.domain.cases import Outcome, WaitingFor
from agent.engine.run import Run

OpenShop = Callable[..., Shop]
QUICK = {"promo": False, "render_ms": 20}
TEXT = "很抱歉给您带来不便。\n我们已与您联系，请查看旺旺消息。"


@pytest.fixture
def shop(open_shop: OpenShop, skin: str, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A shop whose cases do nothing but answer the review of their order with an approved text."""

    async def answer(run: Run) -> Verdict:
        await run.order()
        if any(kind is ActKind.ANSWER_REVIEW for kind, _ in run.done):
            return End(Outcome.HANDED_OVER, "handed over by the operator")
        reviews = await run.reviews()
        if len(reviews) != 1:
            return Wait(WaitingFor.HUMAN, "asked; no answer yet")
        mark = run.case.facts.get("mark", reviews[0].mark)
        run.know(mark=mark)
        return Act(ActKind.ANSWER_REVIEW, "aftercare_review", "x", fields={"text": TEXT, "review": mark})

    monkeypatch.setattr(app, "next_step", answer)
    return open_shop(skin, **QUICK)


def reviewed(shop: Shop, do: str = "post_review", **args: str) -> str:
    order_id: str = shop.orders(state="cancel")[0]["order_id"]
    shop.actors({"who": "buyer", "orders": [order_id], "on": "start", "do": do, "args": args})
    return order_id


def answers(shop: Shop) -> list[tuple[str, str]]:
    """Return the answers that reviews really got; a form post ends its lines as HTTP does."""
    entries = [entry for entry in shop.ledger() if entry["what"] == "review_answered"]
    return [(entry["order_id"], entry["data"]["text"].replace("\r\n", "\n")) for entry in entries]


def test_a_review_is_answered_once_with_exactly_the_approved_text(shop: Shop) -> None:
    order_id = reviewed(shop)
    shop.run(want(order_id))
    shop.later(10)
    assert answers(shop) == [(order_id, TEXT)]


def test_an_answer_whose_response_is_lost_is_found_standing_there_and_not_sent_again(shop: Shop) -> None:
    order_id = reviewed(shop)
    shop.fault("answer_lost", [order_id])
    shop.run(want(order_id))
    shop.later(10)
    assert answers(shop) == [(order_id, TEXT)]
    assert shop.word(order_id) == "handed_over", "it is proved by what stands there"


@pytest.mark.parametrize("do", ["edit", "delete"])
def test_a_review_that_is_not_the_approved_one_any_more_gets_no_answer(shop: Shop, do: str) -> None:
    """The buyer changes it as the answer is sent; later, too, it is another review than the one approved for."""
    order_id = reviewed(shop)
    shop.fault("review_changed", [order_id], args={"do": do})
    shop.run(want(order_id))
    shop.later(10)
    assert not shop.unfired()
    assert answers(shop) == []
