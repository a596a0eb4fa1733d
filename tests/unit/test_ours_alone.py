"""What is passed on to a channel has our own words, ids and amounts, whatever else a text was filled in with."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.evidence.ours import ours_alone
from agent.evidence.phrases import Template, gap, templates

PRIVATE = ["王小明", "13800001234", "浙江省杭州市余杭区", "I-never-ordered", "buyer@example.com", "x: y; z"]
OURS = {
    "n": "5",
    "m": "2",
    "amount": "1,234.50",
    "limit": "500.00",
    "case": "cabcdefghijkl",
    "order": "157094266502147026",
}


def filled(template: Template, private: str) -> str:
    parts = [template.literals[0]]
    for name, literal in zip(template.gaps, template.literals[1:], strict=True):
        parts += [OURS.get(name) or ("" if gap(name).words else private) or "close", literal]
    return "".join(parts)


@pytest.mark.parametrize("private", PRIVATE)
def test_nothing_that_others_wrote_is_left_in_any_of_our_texts(private: str) -> None:
    for template in templates():
        left = ours_alone(filled(template, private))
        if left is not None and private not in "".join(template.literals):
            assert private not in left.en, template
            assert private not in left.zh, template


@given(st.text(min_size=3, max_size=40), st.sampled_from(templates()))
@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])  # on a busy machine
def test_nothing_that_anybody_may_write_is_left(private: str, template: Template) -> None:
    left = ours_alone(filled(template, f"«{private}»"))
    assert left is None or (f"«{private}»" not in left.en and f"«{private}»" not in left.zh)


def test_a_text_that_is_not_ours_is_nothing_of_ours() -> None:
    assert ours_alone("我要投诉你们") is None
    assert ours_alone("") is None
    assert ours_alone("x" * 100_000) is None


def test_ids_amounts_and_words_of_ours_stay() -> None:
    left = ours_alone("the order was paid and unshipped and is now shipped")
    assert left is not None
    assert (left.en, "已发货" in left.zh) == ("the order was paid and unshipped and is now shipped", True)
    money = ours_alone("the refund is shown as paid with 1.00 yuan; 123.50 were due")
    assert money is not None
    assert ("123.50" in money.en, "123.50" in money.zh) == (True, True)


def test_a_word_that_looks_like_one_of_ours_and_is_none_does_not_stay() -> None:
    left = ours_alone("closed by wangxiaoming, not by our close")
    assert left is not None
    assert "wangxiaoming" not in left.en + left.zh


def test_what_may_be_cut_in_two_ways_is_not_passed_on() -> None:
    """Words of ours in a buyer's message must not move where his message begins."""
    text = "field reason of close: offers ['a'], none of ['b'], none of ['c']"
    assert ours_alone(text) is None
