"""The story of a case in Chinese holds no English word of ours, and changes nothing that others have said."""

import re
from typing import Any

import pytest

from agent.desk import Word
from agent.domain.judge import AnswerKind
from agent.evidence.phrases import in_chinese, span_in_chinese
from agent.evidence.words import ANSWERED, tell

ENGLISH = re.compile(r"[A-Za-z]{2,}")


def told(kind: str, **body: Any) -> tuple[str, str]:
    """Return a journal's line in Chinese and in English."""
    [line] = tell([{"n": 1, "at": "2026-03-02T09:00:00+08:00", "kind": kind, "body": body}])
    return line.in_words().zh, line.in_words().en


@pytest.mark.parametrize("answer", [*AnswerKind, "none"])
def test_what_the_server_answered_is_said_in_both_languages(answer: str) -> None:
    for kind in ("proved", "settled", "unproved"):
        chinese, english = told(kind, result="done", answer=str(answer))
        assert not ENGLISH.search(chinese), chinese
        assert str(answer).replace("_", " ") in english


@pytest.mark.parametrize("word", list(Word))
def test_what_a_person_answered_is_said_in_both_languages(word: Word) -> None:
    assert set(ANSWERED) == set(Word)
    for kind in ("answered", "looked_after"):
        chinese, english = told(kind, text=word.value)
        assert not ENGLISH.search(chinese), chinese
        assert word.value in english


def test_what_is_put_together_of_our_words_and_others_keeps_the_others() -> None:
    reviews = [{"level": "bad", "text": "bad: 等了好久"}, {"level": "neutral", "text": "open"}]
    chinese, english = told("review", text="bad: bad: 等了好久 / neutral: open", reviews=reviews)
    assert "差评：bad: 等了好久" in chinese
    assert "中评：open" in chinese
    assert "bad: bad: 等了好久" in english
    ruling = {"favour": "buyer", "amount": "12.00", "text": "seller", "at": "2026-03-02T09:00:00+08:00"}
    chinese, _ = told("ruling", text="buyer · 12.00 · seller", ruling=ruling)
    assert chinese.endswith("买家 · 12.00 · seller · 2026-03-02 09:00:00 +08:00")
    seen = {"address": "杭州", "tracking": "顺丰速运 SF1", "parcel": "sent"}
    chinese, english = told("return", text="杭州 · 顺丰速运 SF1 · sent", **{"return": seen})
    assert chinese.endswith("杭州 · 顺丰速运 SF1 · 已寄出")
    assert english.endswith("· sent")


@pytest.mark.parametrize("key", ["text", "note", "draft"])
def test_what_others_say_is_not_taken_for_a_word_of_ours(key: str) -> None:
    for word in ("open", "done", "bad", "accepted"):
        assert word in told("consent", **{key: word})[0]


def test_durations_are_said_in_chinese() -> None:
    assert span_in_chinese("71 h 12 min") == "71 小时 12 分钟"
    assert in_chinese("younger than 24 h: 40 s") == "下单不足 24 小时：40 秒"
    assert in_chinese("71 h 12 min old, at least 5 min") == "已下单 71 小时 12 分钟，不少于 5 分钟"


@pytest.mark.parametrize(
    "said",
    ["nothing was sent", "it stood there before anything was sent", "2 left out: the portal takes 5 × png ≤ 80 B"],
)
def test_what_the_journal_says_by_itself_has_its_chinese(said: str) -> None:
    assert re.search(r"[\u4e00-\u9fff]", in_chinese(said))
