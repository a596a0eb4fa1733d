"""notice preview and notice send, the to-do list of cases, and what is wrong with channels, told at start."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cli_shop import SETTINGS, CliShop, ended, order, waiting
from listeners import Endpoint, MailServer, endpoint, mail_server
from notify_desk import NotifyDesk, asks, paid_and_closed

from agent.domain.cases import Outcome, WaitingFor
from agent.domain.cases import Path as CasePath
from agent.domain.outbox import MOST_TRIES
from agent.store import outbox


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CliShop:
    return CliShop(tmp_path, monkeypatch, capsys)


@pytest.fixture
def hook() -> Iterator[Endpoint]:
    with endpoint() as made:
        yield made


@pytest.fixture
def post() -> Iterator[MailServer]:
    with mail_server() as made:
        yield made


@pytest.fixture
def desk(shop: CliShop) -> Iterator[NotifyDesk]:
    made = NotifyDesk(shop)
    made.now = datetime.now(UTC)
    yield made
    made.close()


def files(shop: CliShop) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in shop.folder.rglob("*") if path.is_file()}


# --- preview


def test_a_preview_shows_what_would_be_sent_and_changes_nothing(shop: CliShop, post: MailServer) -> None:
    address = f"mailto://127.0.0.1:{post.port}?from=shop@s.example&to={{to}}"
    shop.write("buyers.csv", f"order_id,email\n{order(1)},somebody@b.example\n")
    shop.write("closewright.toml", SETTINGS + f'[shops.demo.notice]\nemail = "{address}"\naddresses = "buyers.csv"\n')
    case = shop.case(1, **paid_and_closed())
    before = files(shop)
    chinese = shop.run("notice", "preview", case.case_id)
    english = shop.run("notice", "preview", order(1), "--language", "en")
    assert (chinese.code, english.code) == (0, 0)
    assert "so…@b.example" in chinese.out
    assert "somebody" not in chinese.out
    assert f"您的订单 {order(1)} 已关闭" in chinese.out
    assert f"Your order {order(1)} has been closed" in english.out
    assert "CNY 123.50" in english.out
    assert post.got == []
    assert files(shop) == before


def test_a_preview_names_the_portals_own_message_or_that_there_is_no_way(shop: CliShop) -> None:
    case = shop.case(1, **paid_and_closed())
    assert "nothing is sent" in shop.run("notice", "preview", case.case_id).out
    shop.write(
        "closewright.toml",
        SETTINGS.replace("[shops.other]", '[shops.demo.aftercare]\nnotice = "portal"\n[shops.other]'),
    )
    said = shop.run("notice", "preview", case.case_id).out
    assert "portal's own message" in said
    assert "nothing is sent" not in said


def test_a_preview_says_where_nothing_would_be_sent(shop: CliShop, hook: Endpoint) -> None:
    text = f'[shops.demo.notice]\nsms = "{hook.url}{{to}}"\naddresses = "buyers.csv"\n'
    shop.write("closewright.toml", SETTINGS + text)
    shop.write("buyers.csv", f"order_id,phone\n{order(2)},13800000000\n")
    case = shop.case(1, **paid_and_closed())
    assert "nothing is sent" in shop.run("notice", "preview", case.case_id).out
    shop.write("buyers.csv", "buyer,phone\nsomebody,13800000000\n")
    assert "buyer's name" in shop.run("notice", "preview", case.case_id).out


# --- send


def test_send_says_what_became_of_what_was_due(desk: NotifyDesk, hook: Endpoint) -> None:
    desk.settings(f'[shops.demo.notify]\npeople = ["{hook.url}"]\n')
    desk.case(1, **asks())
    said = desk.cli.run("notice", "send")
    assert (said.code, said.out.strip()) == (0, "sent 1, waiting 0, given up 0")
    assert order(1) in hook.told[0]
    assert desk.cli.run("notice", "send", "--shop", "demo").out.strip() == "sent 0, waiting 0, given up 0"


def test_a_channel_that_is_down_is_told_and_what_was_given_up_can_be_sent_again(
    desk: NotifyDesk, hook: Endpoint
) -> None:
    desk.settings(f'[shops.demo.notify]\npeople = ["{hook.url}"]\n')
    hook.status = 500
    desk.case(1, **asks())
    said = desk.cli.run("notice", "send")
    assert said.code == 1
    assert "not sent: " in said.err
    for _ in range(MOST_TRIES - 1):
        desk.passes(hours=5)
        desk.send()
    assert "1 messages could not be sent" in desk.cli.run("cases").err
    chinese = desk.cli.run("--language", "zh", "cases").err
    assert "有 1 条消息未能发出（渠道没有接收：" in chinese
    hook.status = 200
    assert desk.cli.run("notice", "send").out.strip() == "sent 0, waiting 0, given up 0"
    assert desk.cli.run("notice", "send", "--again").out.strip() == "sent 1, waiting 0, given up 0"
    assert desk.cli.run("cases").err == ""


@pytest.mark.skipif(os.name == "nt", reason="kills with SIGKILL")
def test_a_sender_that_is_killed_between_sending_and_marking_has_it_sent_again(
    desk: NotifyDesk, hook: Endpoint
) -> None:
    """At least once: the server has the message twice, and the outbox says so once."""
    desk.settings(f'[shops.demo.notify]\npeople = ["{hook.url}"]\n')
    case = desk.case(1, **asks())
    arrived, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        arrived.set()
        let_go.wait(60)

    hook.before_answer = hold
    sender = subprocess.Popen(
        [sys.executable, "-m", "agent", "notice", "send"],
        cwd=desk.cli.folder,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    assert arrived.wait(60)
    sender.send_signal(signal.SIGKILL)
    sender.wait(60)
    let_go.set()
    hook.before_answer = lambda: None
    [left] = desk.opened.db.read(lambda tx: outbox.of_case(tx, case.case_id))
    assert (left.state.value, left.attempts) == ("waiting", 1)
    desk.now = left.next_try_at
    assert desk.send().sent == 1
    assert len(hook.got) == 2
    assert hook.told[0] == hook.told[1]


# --- told at start


def test_everything_wrong_with_channels_is_told_at_once_before_anything_is_touched(
    shop: CliShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.write(
        "closewright.toml",
        SETTINGS
        + """
[shops.demo.notify]
people = ["env:NOT_SET", "env:BAD", "env:FOR_BUYERS"]
[shops.demo.notice]
email = "env:NO_PLACE"
sms = "env:BAD"
addresses = "buyers.csv"
""",
    )
    shop.write("buyers.csv", "order_id,email\n123,a@b.example\n,x@y.example\n")
    values = {"BAD": "nothing://x", "FOR_BUYERS": "json://h/{to}", "NO_PLACE": "mailto://localhost"}
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    shop.write("requests.csv", f"order_id,reason\n{order(1)},out_of_stock\n")
    for command in (
        ("notice", "send"),
        ("run", "requests.csv", "--shop", "demo", "--yes"),
        ("resume", "--shop", "demo"),
    ):
        said = shop.run(*command)
        assert said.code == 2
        keys = [line.split("shops.demo.")[1].split(": ")[0] for line in said.err.splitlines()]
        assert keys == [
            *("notify.people.0", "notify.people.1", "notify.people.2", "notice.email", "notice.sms"),
            *("notice.addresses", "notice.addresses"),
        ]
        assert "closewright.toml: " in said.err
        assert "nothing://" not in said.err
    assert shop.run("cases", "--json").data["cases"] == []


def test_the_faults_of_every_shop_are_told_together(shop: CliShop) -> None:
    both = "".join(f'[shops.{name}.notify]\npeople = ["env:NOT_SET"]\n' for name in ("demo", "other"))
    shop.write("closewright.toml", SETTINGS + both)
    said = shop.run("notice", "send")
    assert said.code == 2
    assert [line.split("shops.")[1].split(".")[0] for line in said.err.splitlines()] == ["demo", "other"]


def test_the_kill_switch_works_whatever_is_wrong_with_channels(shop: CliShop) -> None:
    shop.write("closewright.toml", SETTINGS + '[shops.demo.notify]\npeople = ["env:NOT_SET"]\n')
    assert shop.run("stop", "--why", "trouble").code == 0


def test_a_channel_without_apprise_says_what_to_install(shop: CliShop, hook: Endpoint, tmp_path: Path) -> None:
    """Everything else works without the extra."""
    shop.write("closewright.toml", SETTINGS + f'[shops.demo.notify]\npeople = ["{hook.url}"]\n')
    hidden = tmp_path / "hidden" / "apprise"
    hidden.mkdir(parents=True)
    (hidden / "__init__.py").write_text("raise ModuleNotFoundError('No module named apprise')", encoding="utf-8")

    def without_apprise(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-m", "agent", *arguments],
            cwd=shop.folder,
            env=os.environ | {"PYTHONPATH": f"{hidden.parent}{os.pathsep}{Path(__file__).parents[2]}"},
            capture_output=True,
            text=True,
            check=False,
        )

    assert without_apprise("cases").returncode == 0
    said = without_apprise("notice", "send")
    assert said.returncode == 2
    assert "pip install closewright[notify]" in said.stderr


# --- cases --waiting


@pytest.mark.parametrize("word", [WaitingFor.HUMAN, WaitingFor.LOGIN, WaitingFor.CONSENT, WaitingFor.RETURN_PARCEL])
def test_cases_that_wait_for_people_are_a_to_do_list(shop: CliShop, word: WaitingFor) -> None:
    case = shop.case(1, **waiting(word) | {"why": "it waits for something"})
    shop.case(2, **waiting(WaitingFor.REFUND))
    said = shop.run("cases", "--waiting", word.value)
    for text in (order(1), "it waits for something", "until", "if nobody answers", "closewright ", case.shop):
        assert text in said.out
    assert order(2) not in said.out
    chinese = shop.run("--language", "zh", "cases", "--waiting", word.value).out
    assert all(text in chinese for text in ("事项", "期限", "无人答复时", "答复命令"))


@pytest.mark.parametrize(("path", "wanted"), [(CasePath.PAID_UNSHIPPED, True), (CasePath.UNPAID, False)])
def test_where_the_buyers_word_is_missing_the_answers_that_give_it_are_named(
    shop: CliShop, path: CasePath, *, wanted: bool
) -> None:
    case = shop.case(1, **waiting(WaitingFor.HUMAN) | {"path": path})
    word = f"closewright answer {case.case_id} refuse"
    assert (word in shop.run("cases", "--waiting", "human").out) is wanted
    assert (word in shop.run("show", case.case_id).out) is wanted
    if wanted:
        assert shop.run("answer", case.case_id, "refuse").code == 0


def test_a_list_with_nothing_to_do_says_so(shop: CliShop) -> None:
    shop.case(1, **waiting(WaitingFor.REFUND))
    assert shop.run("cases", "--waiting", "human").out == "no case waits for this\n"
    assert shop.run("--language", "zh", "cases", "--waiting", "human").out == "没有案件在等待这项答复。\n"
    assert shop.run("cases", "--waiting", "human", "--json").data["cases"] == []


def test_an_act_that_is_not_proved_is_answered_by_what_has_happened(shop: CliShop) -> None:
    case = shop.case(1, **waiting(WaitingFor.HUMAN) | {"facts": {"unproved": {"intent": "i1"}}})
    assert f"closewright answer {case.case_id} not-done" in shop.run("cases", "--waiting", "human").out


def test_the_json_of_a_to_do_list_is_that_of_cases(shop: CliShop) -> None:
    shop.case(1, **waiting(WaitingFor.HUMAN))
    listed = shop.run("cases", "--json").data
    assert shop.run("cases", "--waiting", "human", "--json").data == listed


def test_waiting_for_something_else_stays_a_table(shop: CliShop) -> None:
    shop.case(1, **waiting(WaitingFor.REFUND))
    shop.case(2, **ended(Outcome.CLOSED))
    out = shop.run("cases", "--waiting", "refund").out
    assert "if nobody answers" not in out
    assert order(1) in out
