"""Reviews of closed orders, judged by the ledger: answered once, word for word, and only as a person approved it."""

import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from e2e_shop import LIVELY, Shop, want
from test_aftercare import items
from test_paths import QUICK, unpaid

from agent.domain.aftercare import Aftercare, AftercareKind, AftercareState
from agent.domain.cases import Outcome
from agent.domain.reviews import ASKED
from agent.errors import ConfigError, StoreError
from agent.summary import report_cases
from fixtures.mock_portal.hostile_texts import TEXTS

OpenShop = Callable[..., Shop]
WATCHES = 'aftercare = { review = "30d" }\n' + LIVELY
HALF_A_DAY = timedelta(hours=12, minutes=1).total_seconds()
OWN = "您好，已为您核实：\n订单因缺货关闭，货款已退回。"


@pytest.fixture
def shop(open_shop: OpenShop, skin: str) -> Shop:
    return open_shop(skin, extra=WATCHES, **QUICK)


def buyer(shop: Shop, order_id: str, do: str = "post_review", **args: str) -> None:
    """Have the buyer review the order, or change what they said, now."""
    shop.actors({"who": "buyer", "orders": [order_id], "on": "start", "do": do, "args": args})


def closed(shop: Shop, place: int = 0) -> str:
    """Close an order and return its id."""
    order_id = unpaid(shop, place)
    shop.run(want(order_id))
    assert shop.case(order_id).outcome is Outcome.CLOSED
    return order_id


def criticised(shop: Shop, level: str = "bad", text: str = "等了好久，最后把我的订单关了", *, place: int = 0) -> str:
    """Close an order whose buyer then writes a review, and look; return its id."""
    order_id = closed(shop, place)
    buyer(shop, order_id, level=level, text=text)
    shop.later(HALF_A_DAY)
    return order_id


def item(shop: Shop, order_id: str) -> Aftercare:
    """Return how the watch over an order's reviews stands."""
    return items(shop, order_id)[AftercareKind.REVIEW]


def answers(shop: Shop) -> list[tuple[str, str]]:
    """Return the answers that reviews really got from us; a form post ends its lines as HTTP does."""
    entries = [entry for entry in shop.ledger() if entry["what"] == "review_answered"]
    ours = [entry for entry in entries if entry["request_id"].startswith("req-")]
    return [(entry["order_id"], entry["data"]["text"].replace("\r\n", "\n")) for entry in ours]


def draft(shop: Shop, order_id: str) -> str:
    found: str = shop.case(order_id).facts[ASKED]["draft"]
    return found


def own_text(shop: Shop, text: str = OWN) -> Path:
    path = shop.folder / "answer.txt"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_bad_review_is_answered_once_with_the_draft_and_only_after_a_person_said_so(shop: Shop) -> None:
    order_id = criticised(shop)
    asked = item(shop, order_id)
    assert (asked.state, answers(shop)) == (AftercareState.HUMAN, [])
    assert f"closewright answer {shop.case(order_id).case_id} send" in asked.why
    shop.later(timedelta(days=2).total_seconds())
    assert answers(shop) == [], "nobody has said anything"
    shop.answer(order_id, "send")
    shop.run()
    shop.later(timedelta(days=2).total_seconds())
    assert answers(shop) == [(order_id, draft(shop, order_id))]
    assert item(shop, order_id).state is AftercareState.DONE
    assert shop.case(order_id).outcome is Outcome.CLOSED


@pytest.mark.slow
def test_a_person_may_send_another_text_and_it_goes_out_word_for_word(shop: Shop) -> None:
    order_id = criticised(shop, level="neutral")
    shop.answer(order_id, "send", text=own_text(shop))
    shop.run()
    assert answers(shop) == [(order_id, OWN)]


@pytest.mark.slow
def test_a_review_that_is_left_stays_unanswered_and_who_decided_is_kept(shop: Shop) -> None:
    order_id = criticised(shop)
    shop.answer(order_id, "leave")
    shop.run()
    app = shop.app()
    done = item(shop, order_id)
    assert (done.state, answers(shop)) == (AftercareState.DONE, [])
    assert done.why == f"the review stays without an answer, as {app.actor['os_user']} decided"
    app.close()


@pytest.mark.slow
def test_a_good_review_or_none_at_all_asks_nobody(shop: Shop) -> None:
    praised, quiet = closed(shop), closed(shop)
    assert praised != quiet
    buyer(shop, praised, level="good", text="很好")
    shop.later(HALF_A_DAY)
    assert item(shop, praised).state is AftercareState.DONE
    assert item(shop, quiet).state is AftercareState.WAITING
    shop.later(timedelta(days=30).total_seconds())
    assert item(shop, quiet).why == "no review came within 30 d"
    assert answers(shop) == []


@pytest.mark.slow
def test_without_the_setting_nothing_is_watched(open_shop: OpenShop) -> None:
    shop = open_shop("classic", **QUICK)
    assert AftercareKind.REVIEW not in items(shop, closed(shop))


@pytest.mark.slow
def test_an_answer_whose_response_is_lost_is_found_standing_there_and_not_sent_again(shop: Shop) -> None:
    order_id = criticised(shop)
    shop.fault("answer_lost", [order_id])
    shop.answer(order_id, "send")
    shop.run()
    shop.later(60)
    assert not shop.unfired()
    assert answers(shop) == [(order_id, draft(shop, order_id))]
    assert item(shop, order_id).state is AftercareState.DONE


def test_a_review_that_changes_after_the_word_wants_a_new_one(shop: Shop) -> None:
    order_id = criticised(shop)
    shop.answer(order_id, "send")
    buyer(shop, order_id, "edit_review", level="bad", text="追加：客服一直不回复")
    shop.run()
    assert (item(shop, order_id).state, answers(shop)) == (AftercareState.HUMAN, [])
    assert "追加" in json.dumps(shop.case(order_id).facts[ASKED], ensure_ascii=False)
    shop.answer(order_id, "send")
    shop.run()
    assert answers(shop) == [(order_id, draft(shop, order_id))]


@pytest.mark.slow
def test_a_review_that_changes_after_the_decision_gets_no_answer(open_shop: OpenShop) -> None:
    """Between the look that decided and the form: the portal would take the answer, which was approved for another."""
    shop = open_shop("classic", extra=WATCHES, **QUICK)
    order_id = criticised(shop, place=-1)
    newest = sorted(shop.orders(), key=lambda order: str(order["created_at"]))[-10:]
    assert order_id not in {order["order_id"] for order in newest}, "else the list that follows a sign-in shows it"
    shop.fault("review_changed", [order_id], step="list")
    shop.answer(order_id, "send")
    shop.run()
    assert not shop.unfired()
    assert answers(shop) == []
    shop.later(60)
    assert (item(shop, order_id).state, answers(shop)) == (AftercareState.HUMAN, [])


@pytest.mark.slow
def test_the_answer_goes_to_this_orders_entry_where_the_search_shows_others(open_shop: OpenShop) -> None:
    shop = open_shop("classic", extra=WATCHES, **QUICK)
    order_id = criticised(shop)
    others = [unpaid(shop), unpaid(shop, 1)]
    for other in others:
        buyer(shop, other, text="也是差评")
    shop.fault("filter_ignored", [order_id])
    shop.answer(order_id, "send")
    shop.run()
    assert not shop.unfired()
    assert answers(shop) == [(order_id, draft(shop, order_id))]
    kept = b"".join(path.read_bytes() for path in (shop.folder / "evidence").rglob("*") if path.is_file())
    assert "也是差评".encode() in kept, "the page was kept as it was"
    assert not [nick for other in others if (nick := shop.order(other)["buyer"]["nick"]).encode() in kept]


@pytest.mark.slow
def test_a_level_that_the_profile_does_not_list_is_a_persons(open_shop: OpenShop) -> None:
    shop = open_shop("classic", extra=WATCHES, **QUICK)
    shop.edit_profile(('bad = "差评"', 'bad = "不满意"'))
    order_id = criticised(shop)
    assert item(shop, order_id).state is AftercareState.HUMAN
    assert item(shop, order_id).why == "words.review_level does not know '差评'"


@pytest.mark.slow
@pytest.mark.parametrize("do", ["edit", "delete"])
def test_a_review_that_changes_as_its_answer_is_sent_gets_none(shop: Shop, do: str) -> None:
    order_id = criticised(shop)
    shop.fault("review_changed", [order_id], args={"do": do})
    shop.answer(order_id, "send")
    shop.run()
    shop.later(60)
    assert not shop.unfired()
    assert answers(shop) == []
    wanted = {"edit": AftercareState.HUMAN, "delete": AftercareState.WAITING}
    assert item(shop, order_id).state is wanted[do], "edited: asked anew; deleted: watched for again"


@pytest.mark.slow
def test_a_colleague_who_is_first_is_not_answered_over(shop: Shop) -> None:
    order_id = criticised(shop)
    shop.fault("second_operator", [order_id], step="submit", args={"do": "answer_review"})
    shop.answer(order_id, "send")
    shop.run()
    shop.later(60)
    assert not shop.unfired()
    assert answers(shop) == []
    assert item(shop, order_id).why == "the review was answered by somebody else"


@pytest.mark.slow
def test_a_portal_that_refuses_the_answer_leads_to_a_person(shop: Shop) -> None:
    order_id = criticised(shop)
    shop.fault("no_permission", [order_id])
    shop.answer(order_id, "send")
    shop.run()
    asked = item(shop, order_id)
    assert (asked.state, answers(shop)) == (AftercareState.HUMAN, [])
    assert "refused to answer_review" in asked.why


@pytest.mark.slow
def test_a_person_is_shown_review_thread_and_draft(shop: Shop) -> None:
    order_id = closed(shop)
    shop.actors(
        {"who": "buyer", "orders": [order_id], "on": "start", "do": "reply", "args": {"text": "为什么关了？"}},
        {"who": "buyer", "orders": [order_id], "on": "start", "do": "post_review", "args": {"text": "差"}},
    )
    shop.later(HALF_A_DAY)
    app = shop.app()
    [case] = report_cases(app.db, app.blobs, [shop.case(order_id)])
    app.close()
    [shown] = [each for each in case.as_json()["aftercare"] if each["kind"] == "review"]
    assert [one["text"] for one in shown["asked"]["reviews"]] == ["差"]
    assert [line["text"] for line in shown["asked"]["thread"]] == ["为什么关了？"]
    assert shown["asked"]["draft"] == draft(shop, order_id)
    assert any("bad: 差" in step.text and "您好" in step.text for step in case.timeline)


@pytest.mark.slow
@pytest.mark.parametrize(
    "kinds", [("html", "other_id"), pytest.param(sorted(set(TEXTS) - {"long"}), marks=pytest.mark.long, id="all")]
)
def test_what_buyers_write_chooses_nothing(open_shop: OpenShop, skin: str, kinds: Sequence[str]) -> None:
    """Only the review of its own order is asked about, and nothing but the draft is sent."""
    shop = open_shop(skin, orders=120, extra=WATCHES, **QUICK)
    order_ids = [unpaid(shop, place) for place in range(len(kinds) + 1)]
    other = order_ids.pop()
    shop.run(*map(want, order_ids), lanes=2)
    texts = [next(text for text in TEXTS[kind] if text.strip()).replace("{other}", other) for kind in kinds]
    does = {"who": "buyer", "on": "start", "do": "post_review"}
    hostile = zip(order_ids, texts, strict=True)
    shop.actors(*({**does, "orders": [order_id], "args": {"text": text}} for order_id, text in hostile))
    shop.later(HALF_A_DAY, lanes=2)
    for order_id in order_ids:
        shop.answer(order_id, "send")
    shop.run(lanes=2)
    assert dict(answers(shop)) == {order_id: draft(shop, order_id) for order_id in order_ids}
    assert len(answers(shop)) == len(order_ids)
    assert {entry["order_id"] for entry in shop.ledger()} == set(order_ids)


@pytest.mark.slow
def test_words_that_answer_nothing_are_refused(shop: Shop) -> None:
    order_id = closed(shop)
    with pytest.raises(StoreError, match="asks nothing about a review"):
        shop.answer(order_id, "send")
    buyer(shop, order_id)
    shop.later(HALF_A_DAY)
    with pytest.raises(StoreError, match="at most 500 characters, this one has 501"):
        shop.answer(order_id, "send", text=own_text(shop, "长" * 501))
    for nothing in ("", " \n", "a\u202eb"):
        with pytest.raises(ConfigError, match="holds characters that nobody sees"):
            shop.answer(order_id, "send", text=own_text(shop, nothing))
    with pytest.raises(ConfigError, match="only the answers 'send' and 'reply' take a text"):
        shop.answer(order_id, "leave", text=own_text(shop))
    shop.run()
    assert answers(shop) == []
