"""Reviews: buyers write them, everybody may find them, and the seller answers each once."""

from .visitor import Order, Visitor


def post(seller: Visitor, order_id: str, do: str = "post_review", **args: str) -> None:
    actor = {"who": "buyer", "orders": [order_id], "on": "start", "do": do, "args": args}
    seller.tell("actors", actors=[actor])


def answer(seller: Visitor, order: Order, text: str = "很抱歉给您带来不便") -> str:
    review = order["review"]
    return seller.act(
        "review-answer", order["order_id"], reviewId=review["review_id"], version=str(review["version"]), content=text
    )


def test_a_review_is_found_by_the_whole_id_of_its_order_and_shows_who_said_what(seller: Visitor) -> None:
    first, second = (order["order_id"] for order in seller.orders(state="cancel")[:2])
    post(seller, first, level="bad", text="东西没收到<b>就关了")
    post(seller, second, level="good", text="好")
    assert set(seller.reviewed()) == {first, second}
    assert seller.reviewed(first) == [first]
    assert seller.reviewed(first[:-1]) == []
    page = seller.reviews(first).text
    assert "差评" in page
    assert ("&lt;b&gt;" in page) == (seller.skin == "classic")
    assert "没有符合条件的评价" in seller.reviews("没有的东西").text


def test_a_review_is_answered_once_and_for_good(seller: Visitor) -> None:
    order_id = seller.unpaid()
    post(seller, order_id, level="neutral")
    order = seller.truth(order_id)
    assert "回复评价" in seller.reviews(order_id).text
    assert answer(seller, order, " ") == "REVIEW_EMPTY"
    assert answer(seller, order, "长" * 501) == "TEXT_TOO_LONG"
    assert answer(seller, order, "谢谢反馈") == "SUCCESS"
    assert answer(seller, order, "再说一句") == "REVIEW_ANSWERED"
    assert seller.truth(order_id)["review"]["answer"] == "谢谢反馈"
    assert seller.ledger(order_id) == [("review_posted", "buyer"), ("review_answered", "seller")]
    page = seller.reviews(order_id).text
    assert "谢谢反馈" in page
    assert "回复评价" not in page


def test_a_review_that_was_edited_or_deleted_meanwhile_takes_no_answer(seller: Visitor) -> None:
    order_id = seller.unpaid()
    post(seller, order_id)
    before = seller.truth(order_id)
    post(seller, order_id, "edit_review", level="good", text="后来解决了")
    assert answer(seller, before) == "REVIEW_CHANGED"
    assert seller.truth(order_id)["review"]["level"] == "good"
    post(seller, order_id, "delete_review")
    assert answer(seller, before) == "REVIEW_NOT_EXIST"
    assert seller.truth(order_id)["review"] is None
    assert "review_answered" not in {what for what, _ in seller.ledger(order_id)}


def test_a_fault_has_the_buyer_change_the_review_as_it_is_answered(seller: Visitor) -> None:
    for do, refusal in (("edit", "REVIEW_CHANGED"), ("delete", "REVIEW_NOT_EXIST")):
        seller.tell("reset")
        order_id = seller.unpaid()
        post(seller, order_id)
        seller.fault("review_changed", order_id, args={"do": do})
        assert answer(seller, seller.truth(order_id)) == refusal
        assert seller.fired() == 1


def test_only_the_seller_answers_and_a_colleague_may_be_first(seller: Visitor, purchaser: Visitor) -> None:
    order_id = seller.unpaid()
    post(seller, order_id)
    assert purchaser.reviewed(order_id) == [order_id]
    assert "回复评价" not in purchaser.reviews(order_id).text
    assert answer(purchaser, seller.truth(order_id)) == "NO_PERMISSION"
    before = seller.truth(order_id)
    seller.tell("actors", actors=[{"who": "seller", "orders": [order_id], "on": "start", "do": "answer_review"}])
    assert answer(seller, before) == "REVIEW_ANSWERED"
    assert seller.ledger(order_id)[-1] == ("review_answered", "seller")


def test_an_unknown_level_is_named(seller: Visitor) -> None:
    actor = {"who": "buyer", "on": "start", "do": "post_review", "args": {"level": "terrible"}}
    refused = seller.http.post("/_mock/actors", json={"actors": [actor]})
    assert refused.status_code == 422
    assert "unknown level: terrible" in refused.text
