"""A person decides about the answer to a review: what is shown, what the word is bound to, and what is on record."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cli_shop import SETTINGS, CliShop, ended

from agent.app import App
from agent.domain.aftercare import AftercareKind, AftercareState, Opening
from agent.domain.cases import Case, Outcome
from agent.domain.reviews import ASKED, SAID
from agent.store import aftercare, journal
from agent.store.audit import trail

DRAFT = "您好，请通过旺旺联系我们。"
REVIEW = {"level": "bad", "text": "关了我的订单\x1b[31m", "at": "2026-11-23T12:00:00+08:00"}
LINE = {"sender": "them", "text": "为什么关了？", "at": None}


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CliShop:
    return CliShop(tmp_path, monkeypatch, capsys)


@pytest.fixture
def app(shop: CliShop) -> Iterator[App]:
    opened = shop.open()
    yield opened
    opened.close()


def asked(shop: CliShop, app: App, **more: Any) -> Case:
    """Return a closed case that asks a person about a review, as a look leaves it."""
    question = {"mark": "m1", "reviews": [REVIEW], "draft": DRAFT, "thread": [LINE], **more}
    case = shop.case(1, **ended(Outcome.CLOSED), facts={ASKED: question})
    now = app.clock()

    def work(tx: Any) -> None:
        aftercare.open_items(tx, case.case_id, [Opening(AftercareKind.REVIEW, "no review yet")], now=now)
        [item] = aftercare.of_case(tx, case.case_id)
        aftercare.save(tx, replace(item, state=AftercareState.HUMAN, why="a bad review"))

    app.db.write(work)
    return case


def test_show_tells_review_thread_and_draft_and_then_who_decided_what(shop: CliShop, app: App) -> None:
    case = asked(shop, app)
    shown = shop.run("show", case.case_id)
    for told in ("关了我的订单", "为什么关了？", DRAFT):
        assert told in shown.out
    assert "\x1b" not in shown.out
    assert app.actor["os_user"] not in shown.out.partition("Draft")[2].partition("\n")[0]
    shop.run("answer", case.case_id, "send")
    decided = shop.run("show", case.case_id).out
    assert f"{app.actor['os_user']} send {DRAFT}" in " ".join(decided.split())
    [item] = shop.run("show", case.case_id, "--json").data["cases"][0]["aftercare"]
    assert (item["asked"]["draft"], item["said"]["word"]) == (DRAFT, "send")


@pytest.mark.parametrize(
    ("word", "own", "text"),
    [("send", None, DRAFT), ("send", "您好！\r\n　谢谢👍\n", "您好！\n　谢谢👍"), ("leave", None, "")],
)
def test_a_word_is_bound_to_the_review_shown_and_to_the_exact_text_and_is_on_record(
    shop: CliShop, app: App, word: str, own: str | None, text: str
) -> None:
    case = asked(shop, app)
    option = [] if own is None else ["--text", str(shop.write("own.txt", own))]
    assert shop.run("answer", case.case_id, word, *option).code == 0
    said = shop.reread(case).facts[SAID]
    assert said == {"word": word, "mark": "m1", "text": text, "by": app.actor["os_user"]}
    entries = app.db.read(lambda tx: journal.entries(tx, case.case_id))
    assert (entries[-1].kind, entries[-1].body["answer"], entries[-1].body["review"]) == ("looked_after", text, "m1")
    assert entries[-1].body["actor"] == app.actor
    assert [trace.what for trace in app.db.read(trail)] == ["looked_after"]
    [item] = app.db.read(lambda tx: aftercare.of_case(tx, case.case_id))
    assert item.due_at is not None
    assert item.due_at <= app.clock(), "the next run takes it up"
    assert shop.run("evidence", "verify", case.case_id).code == 0


@pytest.mark.parametrize(("reviews", "sends"), [([REVIEW], True), ([REVIEW, REVIEW], False)])
def test_what_is_offered_as_an_answer_is_taken(shop: CliShop, app: App, reviews: list[Any], *, sends: bool) -> None:
    """The list and the case offer the same, one command a line in the list; of several reviews none is answered."""
    case = asked(shop, app, reviews=reviews)
    listed = [line.split("to answer")[-1].strip() for line in shop.run("cases", "--waiting", "human").out.splitlines()]
    shown = " ".join(shop.run("show", case.case_id).out.split())
    send, leave = (f"closewright answer {case.case_id} {word}" for word in ("send [--text FILE]", "leave"))
    assert (send in listed, send in shown) == (sends, sends)
    assert leave in listed
    assert leave in shown
    assert shop.run("answer", case.case_id, "leave").code == 0


def test_several_reviews_have_no_one_answer(shop: CliShop, app: App) -> None:
    case = asked(shop, app, reviews=[REVIEW, REVIEW], draft="")
    refused = shop.run("answer", case.case_id, "send", "--text", str(shop.write("own.txt", "谢谢")))
    assert refused.code == 2
    assert "has several reviews" in refused.err
    assert shop.run("answer", case.case_id, "leave").code == 0


def test_an_open_case_waits_for_no_word_about_a_review(shop: CliShop) -> None:
    case = shop.case(1)
    refused = shop.run("answer", case.case_id, "send")
    assert refused.code == 2
    assert SAID not in shop.reread(case).facts


def test_a_portal_without_answers_to_reviews_is_named_where_they_are_to_be_watched(shop: CliShop) -> None:
    """The purchaser's side of the mock portal has none."""
    shop.write("closewright.toml", SETTINGS + 'aftercare = { review = "30d" }\n')
    refused = shop.run("close", "157094266502147025", "--shop", "other", "--reason", "out_of_stock")
    assert refused.code == 2
    assert "aftercare.review" in refused.err
