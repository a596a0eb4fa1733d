"""What one look at a closed order's reviews decides, and what a person's word about one is bound to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agent.domain.acts import Act, ActKind, Step
from agent.domain.aftercare import PURPOSE, AskPerson, Finished, Later, Wishes
from agent.domain.reviews import Review, ReviewLevel, ReviewWord, Said
from scenarios.review import mark_of, review
from scenarios.texts import DEFAULTS

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
WISHES = Wishes(review_within=timedelta(days=30))
BAD = Review(ReviewLevel.BAD, "等了好久，最后把我的订单关了", NOW)
GOOD = replace(BAD, level=ReviewLevel.GOOD, text="很好")


def look(*reviews: Review, said: Said | None = None, sent: bool = False, after_h: float = 0) -> Step:
    """Return what one look says, so many hours after the closing."""
    since = NOW - timedelta(hours=after_h)
    return review(reviews, said, sent=sent, since=since, now=NOW, wishes=WISHES, case_id="c1")


def say(word: ReviewWord, *reviews: Review, text: str = "很抱歉") -> Said:
    """Return a person's word about reviews as they are now."""
    return Said(word, mark_of(reviews), text if word is ReviewWord.SEND else "", "li")


def test_without_a_review_it_is_looked_again_until_the_time_is_over() -> None:
    assert look(after_h=1) == Later("no review yet", WISHES.review_every)
    assert look(after_h=30 * 24 - 1) == Later("no review yet", timedelta(hours=1)), "never later than the end"
    assert look(after_h=30 * 24) == Finished("no review came within 30 d")


def test_a_good_review_ends_the_watch_and_any_other_goes_to_a_person() -> None:
    assert isinstance(look(GOOD), Finished)
    for level in (ReviewLevel.BAD, ReviewLevel.NEUTRAL):
        asked = look(replace(BAD, level=level))
        assert isinstance(asked, AskPerson)
        assert f"a {level} review" in asked.why
        assert "closewright answer c1 send" in asked.why


def test_a_bad_review_is_asked_about_however_late() -> None:
    assert isinstance(look(BAD, after_h=99 * 24), AskPerson)


def test_what_a_person_has_approved_is_sent_word_for_word() -> None:
    step = look(BAD, said=say(ReviewWord.SEND, BAD, text="{reason} {0}\n谢谢"))
    assert isinstance(step, Act)
    assert (step.kind, step.purpose) == (ActKind.ANSWER_REVIEW, f"{PURPOSE}review")
    assert step.fields == {"text": "{reason} {0}\n谢谢", "review": BAD.mark}


@pytest.mark.parametrize("word", list(ReviewWord))
@pytest.mark.parametrize(
    "edited",
    [
        replace(BAD, text=f"{BAD.text}！"),
        replace(BAD, level=ReviewLevel.NEUTRAL),
        replace(BAD, at=NOW + timedelta(seconds=1)),
    ],
    ids=["text", "level", "time"],
)
def test_a_word_about_another_state_of_the_review_does_not_count(word: ReviewWord, edited: Review) -> None:
    assert isinstance(look(edited, said=say(word, BAD)), AskPerson)


def test_a_review_that_a_person_leaves_stays_without_an_answer() -> None:
    assert look(BAD, said=say(ReviewWord.LEAVE, BAD)) == Finished("the review stays without an answer, as li decided")


@pytest.mark.parametrize("said", [None, say(ReviewWord.SEND, BAD)])
def test_a_review_with_an_answer_wants_no_other(said: Said | None) -> None:
    assert look(replace(BAD, reply="亲，已处理"), said=said) == Finished("the review was answered by somebody else")
    assert isinstance(look(replace(BAD, reply="很抱歉"), said=said, sent=True), Finished)


def test_a_review_that_was_taken_away_is_watched_for_again_and_gets_nothing() -> None:
    assert isinstance(look(said=say(ReviewWord.SEND, BAD), after_h=2), Later)


def test_several_reviews_are_a_persons_on_the_portal_and_can_be_left() -> None:
    asked = look(GOOD, BAD)
    assert isinstance(asked, AskPerson)
    assert "send" not in asked.why
    assert isinstance(look(GOOD, BAD, said=say(ReviewWord.LEAVE, GOOD, BAD)), Finished)


def test_the_mark_names_all_that_the_buyer_says_and_nothing_of_the_answer() -> None:
    assert replace(BAD, reply="x").mark == BAD.mark
    assert len({BAD.mark, GOOD.mark, replace(BAD, text="x").mark, replace(BAD, at=NOW - timedelta(1)).mark}) == 4


def test_our_own_draft_is_public_and_names_neither_order_nor_reason() -> None:
    assert "{" not in DEFAULTS["answer_review"]
