"""What is sent to whom and when, judged by real servers on loopback that the channels lead to."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cli_shop import CliShop, leave, order
from listeners import Endpoint, MailServer, endpoint, mail_server
from notify_desk import NOON, ZONE, NotifyDesk, asks, over, paid_and_closed

from agent.domain.aftercare import Aftercare, AftercareKind, AftercareState, Opening
from agent.domain.cases import CaseState, Outcome, WaitingFor
from agent.domain.outbox import MOST_TRIES, MailState, pause_after
from agent.notify.people import tell_of_aftercare
from agent.store import aftercare, approvals, journal

DAY = timedelta(days=1)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[NotifyDesk]:
    made = NotifyDesk(CliShop(tmp_path, monkeypatch, capsys))
    yield made
    made.close()


@pytest.fixture
def hook() -> Iterator[Endpoint]:
    with endpoint() as made:
        yield made


@pytest.fixture
def post() -> Iterator[MailServer]:
    with mail_server() as made:
        yield made


def people(hook: Endpoint, more: str = "") -> str:
    return f'[shops.demo.notify]\npeople = ["{hook.url}"]\nlanguage = "en"\n{more}\n'


def buyers(post: MailServer, more: str = "") -> str:
    address = f"mailto://127.0.0.1:{post.port}?from=shop@s.example&to={{to}}"
    return f'[shops.demo.notice]\nemail = "{address}"\naddresses = "buyers.csv"\n{more}\n'


# --- People


def test_what_waits_for_a_person_is_told_with_all_that_he_needs(desk: NotifyDesk, hook: Endpoint) -> None:
    desk.settings(people(hook))
    case = desk.case(1, **asks())
    assert desk.send().sent == 1
    [told] = hook.told
    for part in (
        order(1),
        "demo",
        "the order is frozen by risk control",
        "looked at again at 2026-03-03 12:00",
        "nothing is changed on the portal",
        f"closewright answer {case.case_id} continue",
    ):
        assert part in told
    assert hook.got[0]["title"] == "closewright: shop demo has 1 things for a person"


def test_every_kind_of_waiting_for_people_is_told_and_no_other(desk: NotifyDesk, hook: Endpoint) -> None:
    desk.settings(people(hook))
    for n, word in enumerate(WaitingFor):
        desk.case(n, **asks(word))
    desk.case(50, **over(Outcome.HANDED_OVER))
    desk.case(51, **over(Outcome.HANDED_OVER, by="operator"))  # who gave it up knows
    for n, outcome in enumerate(outcome for outcome in Outcome if outcome is not Outcome.HANDED_OVER):
        desk.case(60 + n, **over(outcome))
    desk.send()
    [told] = hook.told
    words = list(WaitingFor)
    wanted = {words.index(word) for word in (WaitingFor.HUMAN, WaitingFor.APPROVAL, WaitingFor.LOGIN)}
    wanted |= {words.index(WaitingFor.HUMAN_CHECK), 50}
    assert {n for n in range(80) if order(n) in told} == wanted


def test_what_a_buyer_is_or_wrote_is_not_told_to_people(desk: NotifyDesk, hook: Endpoint) -> None:
    """A channel may be read by many; our own words are enough to know what is asked."""
    private = ["王小明", "13800001234", "浙江省杭州市", "my wife has the parcel"]
    whys = [
        f"the answer is neither a clear yes nor a clear no: {' '.join(private)}",
        f"the portal refused to close: {private[0]}",
        f"tried 5 times: the answer is neither a clear yes nor a clear no: {private[3]}",
        " ".join(private),
        f"given up by the operator: {private[1]}",
        "closed by 王小明, not by our close",
    ]
    for language in ("en", "zh"):
        desk.settings(people(hook).replace('"en"', f'"{language}"') + 'batch_every = "0s"\n')
        for n, why in enumerate(whys):
            desk.case(n + (10 if language == "zh" else 0), **asks(why=why))
        desk.send()
    english, chinese = hook.told
    assert "neither a clear yes nor a clear no: …" in english
    assert "既不是明确同意" in chinese
    assert not any(text in told for text in private for told in hook.told)


def test_the_same_question_is_told_once_until_somebody_has_answered_it(desk: NotifyDesk, hook: Endpoint) -> None:
    desk.settings(people(hook, 'batch_every = "0s"'))
    case = desk.case(1, **asks())
    for _ in range(3):
        desk.tell(case)
        desk.send()
    assert len(hook.got) == 1
    body = {"text": "continue"}
    desk.opened.db.write(lambda tx: journal.append(tx, case.case_id, "answered", body, at=desk.now))
    desk.tell(case)
    desk.send()
    assert len(hook.got) == 2
    desk.tell(leave(desk.opened, case.case_id, **asks(why="the order is partly shipped")))
    desk.send()
    assert "partly shipped" in hook.told[2]


def test_an_approval_that_expired_and_is_asked_for_anew_is_told_anew(desk: NotifyDesk, hook: Endpoint) -> None:
    desk.settings(people(hook, 'batch_every = "0s"'))
    case = desk.case(1, **asks(WaitingFor.APPROVAL, why="it is above the limit"))
    desk.send()

    def ask(at: datetime) -> None:
        desk.opened.db.write(
            lambda tx: approvals.request(
                tx, case_id=case.case_id, terms={}, terms_hash="h", asked_by="c", now=at, expires_at=at + DAY
            )
        )
        desk.tell(case)
        desk.tell(case)
        desk.send()

    ask(desk.now)
    ask(desk.now + timedelta(hours=2))
    assert len(hook.got) == 2, "the question that stands is the same"
    assert "until: 2026-03-03 12:00" in hook.told[1]
    ask(desk.now + DAY)
    assert "until: 2026-03-04 12:00" in hook.told[2]


def test_how_much_time_is_left_is_told_once_not_at_each_look(desk: NotifyDesk, hook: Endpoint) -> None:
    desk.settings(people(hook, 'batch_every = "0s"'))
    why = "asked; no answer yet; the portal decides by itself in {} h"
    deadline = NOON + timedelta(hours=20)
    case = desk.case(1, **asks(why=why.format(20)), deadline=deadline)
    for left in (19, 18, 2):
        desk.tell(leave(desk.opened, case.case_id, **asks(why=why.format(left)), deadline=deadline))
        desk.send()
    [told] = hook.told
    assert "in 20 h" in told
    assert "until: 2026-03-03 08:00, when the portal decides by itself" in told
    assert "we change nothing" in told


def test_what_a_closed_order_still_wants_of_a_person_is_told_until_it_is_settled(
    desk: NotifyDesk, hook: Endpoint
) -> None:
    desk.settings(people(hook, 'batch_every = "0s"'))
    case = desk.case(1, **paid_and_closed())
    item = Aftercare(
        case_id=case.case_id, kind=AftercareKind.REFUND, state=AftercareState.HUMAN, opened_at=NOON, due_at=NOON + DAY,
        why="the refund is shown as paid with 1.00 yuan; 123.50 were due",
    )  # fmt: skip

    def look(now: Aftercare) -> None:
        opening = Opening(now.kind, now.why)
        desk.opened.db.write(lambda tx: aftercare.open_items(tx, case.case_id, [opening], now=NOON))
        desk.opened.db.write(lambda tx: aftercare.save(tx, now))
        notify = desk.opened.settings.shop("demo").notify
        desk.opened.db.write(lambda tx: tell_of_aftercare(tx, case, now, notify, zone=ZONE, now=desk.now))

    look(item)
    look(item)
    desk.send()
    [told] = hook.told
    assert "123.50 were due" in told
    assert f"closewright answer {case.case_id} give-up" in told
    listed = desk.cli.run("cases", "--waiting", "human").out
    assert "123.50 were due" in listed
    assert f"closewright answer {case.case_id} give-up" in listed
    look(replace(item, why="a refund has failed"))
    look(replace(item, state=AftercareState.DONE, due_at=None))
    assert desk.send().sent == 0
    assert len(desk.kept(MailState.DROPPED)) == 1


def test_what_comes_within_the_batch_time_is_one_message(desk: NotifyDesk, hook: Endpoint) -> None:
    desk.settings(people(hook, 'batch_every = "15m"'))
    desk.case(1, **asks())
    desk.send()
    for n in (2, 3):
        desk.passes(minutes=5)
        desk.case(n, **asks())
        assert desk.send().sent == 0
    desk.passes(minutes=5)
    assert desk.send().sent == 2
    assert [text.count("to answer") for text in hook.told] == [1, 2]
    assert order(2) in hook.told[1]
    assert order(3) in hook.told[1]


def test_many_things_are_counted_not_listed(desk: NotifyDesk, hook: Endpoint) -> None:
    desk.settings(people(hook))
    for n in range(25):
        desk.case(n, **asks())
    assert desk.send().sent == 25
    [told] = hook.told
    assert told.count("to answer") == 20
    assert "and 5 more" in told


def test_nothing_is_told_in_quiet_hours_and_all_of_it_after_them(desk: NotifyDesk, hook: Endpoint) -> None:
    """The hours are those of the portal's zone: noon there is four in the morning of UTC."""
    desk.settings(people(hook, 'quiet_hours = { from = "11:00", to = "13:30" }'))
    desk.case(1, **asks())
    assert (desk.send().waiting, hook.got) == (1, [])
    desk.passes(minutes=89)
    assert (desk.send().waiting, hook.got) == (1, [])
    desk.passes(minutes=1)
    assert desk.send().sent == 1


def test_what_was_answered_before_it_could_be_told_is_not_told(desk: NotifyDesk, hook: Endpoint) -> None:
    desk.settings(people(hook, 'quiet_hours = { from = "11:00", to = "13:00" }'))
    answered, ended = desk.case(1, **asks()), desk.case(2, **asks())
    desk.case(3, **asks())
    desk.send()
    leave(desk.opened, answered.case_id, state=CaseState.DUE, waiting_for=None)
    leave(desk.opened, ended.case_id, **over(Outcome.CLOSED))
    desk.passes(hours=2)
    assert desk.send().sent == 1
    assert [order(n) in hook.told[0] for n in (1, 2, 3)] == [False, False, True]
    assert len(desk.kept(MailState.DROPPED)) == 2


def test_each_channel_gets_it_and_one_that_is_down_does_not_hold_up_the_other(
    desk: NotifyDesk, hook: Endpoint, post: MailServer
) -> None:
    mail = f"mailto://127.0.0.1:{post.port}?from=a@s.example&to=boss@s.example"
    desk.settings(f'[shops.demo.notify]\npeople = ["json://127.0.0.1:9/gone", "{hook.url}", "{mail}"]\n')
    desk.case(1, **asks())
    done = desk.send()
    assert (done.sent, done.waiting, len(done.troubles)) == (2, 1, 1)
    assert order(1) in hook.told[0]
    [(to, message)] = post.got
    assert to == ["boss@s.example"]
    assert order(1) in message.get_content()  # type: ignore[attr-defined]  # of the default policy's messages
    desk.passes(minutes=5)
    assert desk.send().sent == 0
    assert len(hook.got) == 1


# --- What does not go well


def test_a_channel_that_fails_is_tried_again_ever_later_and_given_up_in_the_end(
    desk: NotifyDesk, hook: Endpoint
) -> None:
    desk.settings(people(hook))
    hook.status = 500
    desk.case(1, **asks())
    for n in range(1, MOST_TRIES + 1):
        done = desk.send()
        assert len(hook.got) == n
        assert len(done.given_up) == (n == MOST_TRIES)
        desk.now += pause_after(n) - timedelta(seconds=1)
        assert desk.send().sent == 0
        assert len(hook.got) == n, "not before its time"
        desk.passes(seconds=1)
    hook.status = 200
    assert (desk.send().sent, len(hook.got)) == (0, MOST_TRIES)
    [failed] = desk.kept(MailState.FAILED)
    assert "500" in (failed.last_error or "")


def test_a_channel_that_comes_back_gets_what_waited(desk: NotifyDesk, hook: Endpoint) -> None:
    desk.settings(people(hook))
    hook.status = 503
    desk.case(1, **asks())
    desk.send()
    hook.status = 200
    desk.passes(minutes=1)
    assert desk.send().sent == 1
    assert desk.kept(MailState.WAITING) == []


def test_a_message_whose_mark_was_lost_is_sent_again(desk: NotifyDesk, hook: Endpoint) -> None:
    """The server has it, and we never heard: at least once, never lost."""
    desk.settings(people(hook))

    def forget() -> None:
        raise ConnectionResetError

    desk.case(1, **asks())
    hook.before_answer = forget
    assert desk.send().sent == 0
    hook.before_answer = lambda: None
    desk.passes(minutes=1)
    assert desk.send().sent == 1
    assert hook.told[0] == hook.told[1]


def test_nothing_of_a_channels_address_stands_in_what_is_kept_or_said(
    desk: NotifyDesk, hook: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOOK", f"json://user:s3cretword@127.0.0.1:{hook.port}/t0kent0ken")
    desk.settings('[shops.demo.notify]\npeople = ["env:HOOK"]\n')
    hook.status = 500
    desk.case(1, **asks())
    done = desk.send()
    [kept] = desk.kept(MailState.WAITING)
    said = f"{done.troubles} {kept}"
    assert hook.paths == ["/t0kent0ken"]
    assert "env:HOOK" in said
    assert "s3cret" not in said
    assert "t0ken" not in said


def test_a_channel_that_the_settings_no_longer_name_gets_nothing(desk: NotifyDesk, hook: Endpoint) -> None:
    desk.settings(people(hook))
    desk.case(1, **asks())
    desk.settings("")
    assert (desk.send().sent, hook.got) == (0, [])
    assert len(desk.kept(MailState.DROPPED)) == 1


# --- Buyers


def test_a_buyer_is_told_by_mail_once_at_the_address_that_the_shop_keeps(desk: NotifyDesk, post: MailServer) -> None:
    desk.cli.write("buyers.csv", f"订单号,买家,邮箱\n{order(1)},,one@b.example\n,王小明,two@b.example\n")
    desk.settings(buyers(post))
    first, second, third = (desk.case(n, **paid_and_closed()) for n in (1, 2, 3))
    assert [desk.to_buyer(first), desk.to_buyer(second, "王小明"), desk.to_buyer(third, "nobody we know")] == [1, 1, 0]
    assert desk.to_buyer(first) == 0
    assert desk.send().sent == 2
    assert desk.send().sent == 0
    assert [to for to, _ in post.got] == [["one@b.example"], ["two@b.example"]]
    text = post.got[0][1].get_content()  # type: ignore[attr-defined]  # of the default policy's messages
    assert order(1) in text
    assert "123.50 元" in text
    assert str(post.got[0][1]["subject"]) == f"您的订单 {order(1)} 已关闭"


def test_the_database_keeps_neither_a_buyers_name_nor_his_address(desk: NotifyDesk, post: MailServer) -> None:
    desk.cli.write("buyers.csv", "买家,邮箱\n王小明,two@b.example\n")
    desk.settings(buyers(post))
    desk.to_buyer(desk.case(1, **paid_and_closed()), "王小明")
    post.refuses.add("two@b.example")
    desk.send()
    desk.close()
    desk.app = None
    kept = b"".join(path.read_bytes() for path in desk.cli.folder.glob("closewright.db*"))
    assert b"two@b" not in kept
    assert "王小明".encode() not in kept


def test_an_address_is_looked_up_when_the_message_leaves(desk: NotifyDesk, post: MailServer) -> None:
    desk.cli.write("buyers.csv", f"订单号,邮箱\n{order(1)},wrong@b.example\n")
    desk.settings(buyers(post))
    desk.to_buyer(desk.case(1, **paid_and_closed()))
    post.refuses.add("wrong@b.example")
    assert desk.send().sent == 0
    desk.cli.write("buyers.csv", f"订单号,邮箱\n{order(1)},right@b.example\n")
    desk.passes(minutes=1)
    assert desk.send().sent == 1
    assert post.got[0][0] == ["right@b.example"]


def test_an_sms_gateway_gets_the_phone_number_in_its_place(desk: NotifyDesk, hook: Endpoint) -> None:
    desk.cli.write("buyers.csv", f"订单号,手机\n{order(1)},+86 138 0000 1234\n")
    desk.settings(f'[shops.demo.notice]\nsms = "{hook.url}{{to}}"\naddresses = "buyers.csv"\nlanguage = "en"\n')
    desk.to_buyer(desk.case(1, **paid_and_closed()))
    assert desk.send().sent == 1
    assert hook.paths[0].removeprefix("/") in {"+8613800001234", "%2B8613800001234"}
    assert "CNY 123.50" in hook.told[0]


def test_buyers_are_told_nothing_while_the_kill_switch_is_on_and_people_are(
    desk: NotifyDesk, hook: Endpoint, post: MailServer
) -> None:
    """Who has stopped a shop may have found that what it did was wrong."""
    desk.cli.write("buyers.csv", f"订单号,邮箱\n{order(1)},one@b.example\n")
    desk.settings(people(hook) + buyers(post))
    desk.to_buyer(desk.case(1, **paid_and_closed()))
    desk.case(2, **asks())
    desk.cli.run("stop", "--why", "the wrong file")
    assert (desk.send().sent, post.got, len(hook.got)) == (1, [], 1)
    desk.cli.run("start")
    assert (desk.send().sent, len(post.got)) == (1, 1)


def test_a_buyer_is_left_alone_in_quiet_hours(desk: NotifyDesk, post: MailServer) -> None:
    desk.cli.write("buyers.csv", f"订单号,邮箱\n{order(1)},one@b.example\n")
    desk.settings(buyers(post, 'quiet_hours = { from = "22:00", to = "08:00" }'))
    desk.to_buyer(desk.case(1, **paid_and_closed()))
    desk.now = NOON + timedelta(hours=11)
    assert (desk.send().waiting, post.got) == (1, [])
    desk.passes(hours=9)
    assert desk.send().sent == 1


def test_a_mail_server_that_is_down_is_not_asked_for_every_buyer(desk: NotifyDesk, hook: Endpoint) -> None:
    rows = "\n".join(f"{order(n)},1380000000{n}" for n in range(8))
    desk.cli.write("buyers.csv", f"订单号,手机\n{rows}\n")
    desk.settings(f'[shops.demo.notice]\nsms = "{hook.url}{{to}}"\naddresses = "buyers.csv"\n')
    hook.status = 500
    for n in range(8):
        desk.to_buyer(desk.case(n, **paid_and_closed()))
    done = desk.send()
    assert (done.sent, done.waiting, len(hook.got)) == (0, 8, 3)
    hook.status = 200
    assert desk.send().sent == 5
    desk.passes(minutes=1)
    assert desk.send().sent == 3
    assert len(set(hook.paths)) == 8
