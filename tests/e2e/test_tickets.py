"""Support tickets to their end, judged by the ledger: the platform is answered once, reminded seldom, never twice."""

import os
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from e2e_shop import LIVELY, SKINS, Shop
from test_aftercare import items
from test_command_line import kill_when, start
from test_paths import QUICK, agreed, paid

from agent.domain.aftercare import AftercareKind, AftercareState
from agent.domain.cases import Case, Outcome, WaitingFor
from agent.domain.tickets import ASKED
from agent.errors import ConfigError, StoreError
from fixtures.mock_portal.hostile_texts import TEXTS

OpenShop = Callable[..., Shop]
DAY = timedelta(days=1).total_seconds()
FILES = "max_bytes = 5242880, max_files = 10"


@pytest.fixture
def shop(open_shop: OpenShop, skin: str) -> Shop:
    return open_shop(skin, **QUICK)


def clerk(shop: Shop, order_id: str, do: str, **args: str) -> None:
    """Have a clerk of the platform do something, now."""
    shop.actors({"who": "platform", "orders": [order_id], "on": "start", "do": do, "args": args})


def filed(shop: Shop, place: int = 0) -> str:
    """Have a ticket filed about an order, and return the order's id."""
    order_id = paid(shop, "none", place)
    shop.run(agreed(order_id))
    assert shop.what(order_id) == ["ticket_filed"]
    return order_id


def asked_for_more(shop: Shop, order_id: str, text: str = "请补充买家同意关闭的聊天记录截图。") -> Case:
    """Have the platform ask for more, look, and return the case as it is then."""
    clerk(shop, order_id, "ticket_ask_more", text=text)
    shop.later(5)
    return shop.case(order_id)


def replies(shop: Shop, order_id: str) -> list[dict[str, Any]]:
    """Return what we have said in the ticket of an order after filing it, by the ledger."""
    found = [entry for entry in shop.ledger(order_id) if entry["what"] == "ticket_replied"]
    return [entry["data"] for entry in found if entry["request_id"].startswith("req-")]


def texts(shop: Shop, order_id: str) -> list[str]:
    return [reply["text"].replace("\r\n", "\n") for reply in replies(shop, order_id)]


def written(shop: Shop, text: str, name: str = "reply.txt") -> Path:
    path = shop.folder / name
    path.write_text(text, encoding="utf-8")
    return path


# --- What the platform asks for


@pytest.mark.parametrize("on", [SKINS[0], *(pytest.param(one, marks=pytest.mark.slow) for one in SKINS[1:])])
def test_the_first_request_for_more_is_answered_once_with_all_the_evidence(open_shop: OpenShop, on: str) -> None:
    shop = open_shop(on, **QUICK)
    order_id = filed(shop)
    case = asked_for_more(shop, order_id)
    [reply] = replies(shop, order_id)
    assert reply["ticket_id"] == shop.order(order_id)["tickets"][0]["ticket_id"]
    assert case.case_id in reply["text"]
    [pack] = [file for file in reply["attachments"] if file["name"].endswith(".html")]
    filed_with = shop.order(order_id)["tickets"][0]["attachments"]
    assert pack["size"] > max(file["size"] for file in filed_with), "what was done since is in it, too"
    assert (case.waiting_for, case.outcome) == (WaitingFor.PLATFORM, None)
    shop.later(5)
    shop.later(5)
    assert len(replies(shop, order_id)) == 1
    clerk(shop, order_id, "ticket_resolve")
    shop.later(5)
    assert shop.case(order_id).outcome is Outcome.CLOSED


@pytest.mark.slow
def test_a_second_request_is_a_persons_and_goes_out_word_for_word_with_their_files(shop: Shop) -> None:
    order_id = filed(shop)
    asked_for_more(shop, order_id)
    case = asked_for_more(shop, order_id, "请提供营业执照。")
    assert (case.waiting_for, len(replies(shop, order_id))) == (WaitingFor.HUMAN, 1)
    assert f"closewright answer {case.case_id} reply --text" in case.why
    assert case.facts[ASKED]["lines"][-1]["text"] == "请提供营业执照。"
    file = written(shop, "营业执照", "执照 副本.txt")
    shop.answer(order_id, "reply", text=written(shop, "您好，营业执照见附件。\n谢谢！"), files=[file])
    shop.run()
    assert texts(shop, order_id)[1:] == ["您好，营业执照见附件。\n谢谢！"]
    digest = sha256(file.read_bytes()).hexdigest()
    assert replies(shop, order_id)[1]["attachments"] == [
        {"name": "执照 副本.txt", "size": file.stat().st_size, "sha256": digest}
    ]
    shop.later(5)
    assert (len(replies(shop, order_id)), shop.case(order_id).waiting_for) == (2, WaitingFor.PLATFORM)


@pytest.mark.slow
def test_a_file_that_changes_after_the_word_goes_out_as_it_was(open_shop: OpenShop) -> None:
    shop = open_shop("classic", **QUICK)
    order_id = filed(shop)
    asked_for_more(shop, order_id)
    asked_for_more(shop, order_id)
    file, text = written(shop, "原件", "a.txt"), written(shop, "见附件")
    before = sha256(file.read_bytes()).hexdigest()
    shop.answer(order_id, "reply", text=text, files=[file])
    file.write_text("改过", encoding="utf-8")
    text.write_text("改过", encoding="utf-8")
    shop.run()
    assert texts(shop, order_id)[1:] == ["见附件"]
    assert [one["sha256"] for one in replies(shop, order_id)[1]["attachments"]] == [before]


@pytest.mark.slow
def test_a_persons_reply_is_void_once_the_platform_has_said_something_else(shop: Shop) -> None:
    order_id = filed(shop)
    asked_for_more(shop, order_id)
    asked_for_more(shop, order_id, "请提供营业执照。")
    shop.answer(order_id, "reply", text=written(shop, "营业执照见附件"))
    clerk(shop, order_id, "ticket_ask_more", text="不用执照了，请提供聊天记录。")
    shop.run()
    assert len(replies(shop, order_id)) == 1
    case = shop.case(order_id)
    assert case.waiting_for is WaitingFor.HUMAN
    assert case.facts[ASKED]["lines"][-1]["text"] == "不用执照了，请提供聊天记录。"


def test_a_ticket_that_goes_on_after_the_decision_gets_no_reply_meant_for_before(open_shop: OpenShop) -> None:
    """Between the look that decided and the form: the portal would take it, and it would answer something else."""
    shop = open_shop("classic", **QUICK)
    order_id = filed(shop, -1)
    newest = sorted(shop.orders(), key=lambda order: str(order["created_at"]))[-10:]
    assert order_id not in {order["order_id"] for order in newest}, "else the list that follows a sign-in shows it"
    asked_for_more(shop, order_id)
    asked_for_more(shop, order_id, "请提供营业执照。")
    shop.answer(order_id, "reply", text=written(shop, "营业执照见附件"))
    shop.fault("ticket_moved", [order_id], step="list")
    shop.run()
    assert not shop.unfired()
    assert len(replies(shop, order_id)) == 1


@pytest.mark.slow
@pytest.mark.parametrize("do", ["finish", "ask_more"])
def test_a_ticket_that_moves_as_the_reply_is_sent_gets_it_at_most_once(shop: Shop, do: str) -> None:
    order_id = filed(shop)
    shop.fault("ticket_moved", [order_id], args={"do": do})
    asked_for_more(shop, order_id)
    shop.later(5)
    assert not shop.unfired()
    assert len(replies(shop, order_id)) == (0 if do == "finish" else 1)
    case = shop.case(order_id)
    assert case.waiting_for is (WaitingFor.HUMAN if do == "finish" else WaitingFor.PLATFORM)


@pytest.mark.slow
def test_a_colleague_who_has_answered_is_not_answered_over(shop: Shop) -> None:
    order_id = filed(shop)
    clerk(shop, order_id, "ticket_ask_more")
    shop.actors({"who": "seller", "orders": [order_id], "on": "start", "do": "reply_ticket"})
    shop.later(5)
    assert (replies(shop, order_id), shop.case(order_id).waiting_for) == ([], WaitingFor.PLATFORM)


# --- What the platform does not say


def test_silence_is_answered_by_two_reminders_and_then_by_a_person(shop: Shop) -> None:
    order_id = filed(shop)
    shop.later(2 * DAY)
    assert replies(shop, order_id) == []
    shop.later(1.1 * DAY)
    shop.later(5)
    shop.later(2 * DAY)
    assert len(replies(shop, order_id)) == 1, "one a silence, however often is looked"
    shop.later(1.1 * DAY)
    shop.later(2 * DAY)
    assert len(set(texts(shop, order_id))) == 2
    assert shop.case(order_id).waiting_for is WaitingFor.PLATFORM
    shop.later(1.1 * DAY)
    case = shop.case(order_id)
    assert (case.waiting_for, len(replies(shop, order_id))) == (WaitingFor.HUMAN, 2)
    assert "has long said nothing, after 2 reminders" in case.why
    shop.answer(order_id, "reply", text=written(shop, "您好，请问还需要我们提供什么？"))
    shop.run()
    assert texts(shop, order_id)[2:] == ["您好，请问还需要我们提供什么？"]
    shop.later(5)
    assert shop.case(order_id).waiting_for is WaitingFor.PLATFORM


@pytest.mark.slow
def test_a_word_of_the_platform_begins_the_silence_anew(shop: Shop) -> None:
    order_id = filed(shop)
    shop.later(2 * DAY)
    clerk(shop, order_id, "ticket_note")
    shop.later(2 * DAY)
    assert replies(shop, order_id) == []
    shop.later(1.1 * DAY)
    assert len(replies(shop, order_id)) == 1


@pytest.mark.slow
def test_a_shop_says_after_how_long_how_often_and_how_it_reminds(open_shop: OpenShop) -> None:
    own = (
        'tickets = { remind_after = "2h", reminders = 1 }\nmessages = { ticket_reminder = "{order_id}：请尽快处理" }\n'
    )
    shop = open_shop("classic", extra=own + LIVELY, **QUICK)
    order_id = filed(shop)
    shop.later(DAY / 10)
    shop.later(DAY / 10)
    [text] = texts(shop, order_id)
    assert text.startswith(f"{order_id}：请尽快处理（编号：")
    assert shop.case(order_id).waiting_for is WaitingFor.HUMAN


@pytest.mark.slow
def test_a_shop_may_wish_for_no_reminders(open_shop: OpenShop) -> None:
    shop = open_shop("classic", extra='tickets = { remind_after = "off" }\n' + LIVELY, **QUICK)
    order_id = filed(shop)
    shop.later(30 * DAY)
    assert (replies(shop, order_id), shop.case(order_id).waiting_for) == ([], WaitingFor.PLATFORM)


# --- Never twice


@pytest.mark.parametrize("fault", ["answer_lost", "half_answer", pytest.param("served_twice", marks=pytest.mark.slow)])
def test_a_reply_whose_answer_is_lost_is_found_standing_there_and_not_sent_again(shop: Shop, fault: str) -> None:
    order_id = filed(shop)
    args = {"args": {"answer": "first"}} if fault == "served_twice" else {}
    shop.fault(fault, [order_id], step="submit", **args)
    asked_for_more(shop, order_id)
    for _ in range(2):
        shop.later(60)
    assert not shop.unfired()
    assert len(replies(shop, order_id)) == 1
    assert shop.case(order_id).waiting_for is WaitingFor.PLATFORM


@pytest.mark.slow
def test_a_reply_that_is_only_promised_is_not_sent_again_when_it_comes_late(shop: Shop) -> None:
    order_id = filed(shop)
    shop.fault("delayed_commit", [order_id], args={"s": 30.0})
    asked_for_more(shop, order_id)
    assert shop.case(order_id).waiting_for in {WaitingFor.SETTLE, WaitingFor.HUMAN}
    shop.later(60)
    shop.later(2 * DAY)
    assert not shop.unfired()
    assert len(replies(shop, order_id)) == 1


@pytest.mark.slow
def test_a_refusal_of_a_reply_leaves_the_ticket_followed_by_a_person(shop: Shop) -> None:
    order_id = filed(shop)
    shop.fault("no_permission", [order_id])
    case = asked_for_more(shop, order_id)
    assert (case.waiting_for, replies(shop, order_id)) == (WaitingFor.HUMAN, [])
    assert "refused to reply_ticket" in case.why
    shop.faults()
    clerk(shop, order_id, "ticket_resolve")
    shop.later(2 * DAY)
    assert shop.case(order_id).outcome is Outcome.CLOSED


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL on Windows")
def test_killed_between_request_and_answer_a_reply_is_not_sent_again(open_shop: OpenShop) -> None:
    shop = open_shop("classic", **QUICK)
    order_id = filed(shop)
    clerk(shop, order_id, "ticket_ask_more")
    shop.fault("hanging", [order_id], step="submit", args={"commit": True, "s": 20.0})
    entries = len(shop.ledger())
    kill_when(shop, start(shop, "resume", "--shop", "demo"), entries=entries + 1)
    assert shop.what(order_id)[-1] == "ticket_replied"
    shop.faults()
    shop.later(10)
    shop.later(10)
    assert len(replies(shop, order_id)) == 1
    assert shop.case(order_id).waiting_for is WaitingFor.PLATFORM


def test_what_a_person_may_not_send_is_named_before_anything_is_kept(open_shop: OpenShop) -> None:
    shop = open_shop("classic", **QUICK)
    order_id = filed(shop)
    with pytest.raises(StoreError, match="waits for platform, which 'reply' does not answer"):
        shop.answer(order_id, "reply", text=written(shop, "你好"))
    asked_for_more(shop, order_id)
    asked_for_more(shop, order_id)
    fine = written(shop, "你好")
    odd, large, empty = (shop.folder / name for name in ("run.exe", "large.png", "empty.png"))
    odd.write_bytes(b"x")
    large.write_bytes(b"x" * 5_242_881)
    empty.write_bytes(b"")
    with pytest.raises(ConfigError) as told:
        shop.answer(order_id, "reply", text=written(shop, "长" * 501, "long.txt"), files=[odd, large, empty])
    assert [fault.rpartition("/")[2].partition(":")[0] for fault in told.value.faults] == [
        "--text", "run.exe", "large.png", "empty.png",
    ]  # fmt: skip
    for more in ({}, {"text": written(shop, "\u202e", "odd.txt")}, {"text": shop.folder / "none.txt"}):
        with pytest.raises(ConfigError):
            shop.answer(order_id, "reply", **more)
    with pytest.raises(ConfigError, match="--file: 11 files are given, and the portal takes 10"):
        shop.answer(order_id, "reply", text=fine, files=[written(shop, str(n), f"{n}.txt") for n in range(11)])
    shop.run()
    assert len(replies(shop, order_id)) == 1


# --- What the portal takes


@pytest.mark.slow
def test_where_the_page_is_too_large_the_newest_pictures_go_along_and_the_rest_is_told(open_shop: OpenShop) -> None:
    shop = open_shop("classic", **QUICK)
    shop.edit_profile(*[(FILES, "max_bytes = 60000, max_files = 3")] * 3)
    order_id = filed(shop)
    asked_for_more(shop, order_id)
    [ticket] = shop.order(order_id)["tickets"]
    said = [line for line in ticket["thread"] if line["by"] == "seller"]
    assert len(said) == 2
    for line in said:
        names = [file["name"] for file in line["files"]]
        assert names[0] == f"record-{order_id}.txt"
        assert names[1:] == sorted(names[1:], reverse=True), "the newest first"
        assert all(file["size"] <= 60_000 for file in line["files"])
        assert "受附件限制，未附：完整记录网页" in line["text"]


@pytest.mark.slow
def test_a_portal_that_takes_pictures_alone_gets_pictures_alone(open_shop: OpenShop) -> None:
    shop = open_shop("classic", **QUICK)
    shop.edit_profile(*[('suffixes = ["png", "jpg", "jpeg", "html", "pdf", "txt"]', 'suffixes = ["jpg"]')] * 2)
    order_id = filed(shop)
    [ticket] = shop.order(order_id)["tickets"]
    assert {Path(file["name"]).suffix for file in ticket["attachments"]} == {".jpg"}
    assert "未附：完整记录网页、处理记录" in ticket["thread"][0]["text"]


@pytest.mark.slow
def test_a_portal_without_replies_has_a_person_answer_as_before(open_shop: OpenShop) -> None:
    shop = open_shop("classic", **QUICK)
    text = (
        '[[acts.reply_ticket]]\nroles = ["seller", "purchaser"]\npage = "tickets"\nopener = false\n'
        'form = "ticket_reply"\nrequest = "reply_ticket"\n'
    )
    shop.edit_profile((text, ""))
    order_id = filed(shop)
    shop.later(10 * DAY)
    case = asked_for_more(shop, order_id)
    assert (case.waiting_for, replies(shop, order_id)) == (WaitingFor.HUMAN, [])
    assert case.why.endswith("the platform asks for more evidence")


# --- The end: closed, and the money back


@pytest.mark.slow
def test_closed_first_and_paid_later_the_case_ends_and_the_money_is_still_watched(shop: Shop) -> None:
    order_id = filed(shop)
    shop.fault("refund_held", [order_id], step="start")
    clerk(shop, order_id, "ticket_resolve")
    shop.later(5)
    assert shop.case(order_id).outcome is Outcome.CLOSED
    assert items(shop, order_id)[AftercareKind.REFUND].state is AftercareState.WAITING
    clerk(shop, order_id, "pay_owed")
    shop.later(DAY)
    done = items(shop, order_id)[AftercareKind.REFUND]
    assert done.state is AftercareState.DONE
    assert "is shown as paid" in done.why or "refunded in full" in done.why


@pytest.mark.slow
def test_paid_first_and_closed_later_the_case_ends_with_the_closing(shop: Shop) -> None:
    order_id = filed(shop)
    clerk(shop, order_id, "pay_back")
    shop.later(5)
    assert (shop.case(order_id).waiting_for, shop.case(order_id).outcome) == (WaitingFor.PLATFORM, None)
    clerk(shop, order_id, "ticket_resolve")
    shop.later(5)
    assert shop.case(order_id).outcome is Outcome.CLOSED
    assert items(shop, order_id)[AftercareKind.REFUND].state is AftercareState.DONE
    assert shop.what(order_id).count("refund_paid") == 1


@pytest.mark.slow
def test_a_ticket_that_ends_with_the_order_open_is_a_persons(shop: Shop) -> None:
    order_id = filed(shop)
    clerk(shop, order_id, "ticket_decline")
    shop.later(5)
    case = shop.case(order_id)
    assert case.waiting_for is WaitingFor.HUMAN
    assert case.why.endswith("is finished and the order is still open")
    with pytest.raises(StoreError, match="waits for"):
        shop.answer(order_id, "received")
    shop.answer(order_id, "reply", text=written(shop, "请再看一下"))
    shop.run()
    assert replies(shop, order_id) == [], "a finished ticket takes none"


# --- What others write


@pytest.mark.parametrize("kind", ["dialog", *(pytest.param(k, marks=pytest.mark.long) for k in sorted(TEXTS)[:6])])
def test_what_clerks_write_chooses_nothing(shop: Shop, kind: str) -> None:
    """Whatever stands in the platform's words, the one reply is ours, in our own ticket, about our own order."""
    order_id = filed(shop)
    other = paid(shop, "none", 1)
    shop.remember()
    text = next(text for text in TEXTS[kind] if text.strip()).replace("{other}", other)
    asked_for_more(shop, order_id, text)
    [reply] = texts(shop, order_id)
    assert text.strip() not in reply
    shop.later(5)
    assert len(replies(shop, order_id)) == 1
    assert shop.touched() == {order_id}


@pytest.mark.slow
def test_show_tells_what_the_platform_says_and_the_command_line_takes_the_reply(open_shop: OpenShop) -> None:
    shop = open_shop("classic", **QUICK)
    order_id = filed(shop)
    asked_for_more(shop, order_id)
    case = asked_for_more(shop, order_id, "请提供营业执照。")
    showing = start(shop, "show", case.case_id)
    assert "platform: 请提供营业执照。" in showing.communicate(timeout=120)[0]
    file = written(shop, "执照", "a.txt")
    one, two = f"--file={file}", f"--file={written(shop, '章程', 'b.txt')}"
    answering = start(shop, "answer", case.case_id, "reply", f"--text={written(shop, '见附件')}", one, two)
    assert "reply" in answering.communicate(timeout=120)[0]
    assert answering.returncode == 0
    assert "reply 见附件 a.txt, b.txt" in start(shop, "show", case.case_id).communicate(timeout=120)[0]
    shop.run()
    assert [one["name"] for one in replies(shop, order_id)[1]["attachments"]] == ["a.txt", "b.txt"]
