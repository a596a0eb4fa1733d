"""The command: what cannot be used is told at once, and nothing is written."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil
import pytest

from agent.browser.find import find_browser, launch_args
from fixtures.mock_portal import server
from tests.e2e.e2e_shop import HOSTS


def new(folder: Path, *words: str, patience_s: float = 200) -> tuple[int, str]:
    """Type the command, and return its exit code and what it says."""
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "agent", "portal", "new", *words],
        cwd=folder,
        env=os.environ | {"CLOSEWRIGHT_LANGUAGE": "en", "PYTHONUTF8": "1", "DISPLAY": ""},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=patience_s,
        check=False,
    )
    return done.returncode, done.stderr


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "my-profiles" / "taken").mkdir(parents=True)
    code, said = new(tmp_path, "taken", "--url", "shop.example", "--act", "cancel", "--headless", "--password", "env:P")
    assert code == 2
    for part in ("taken is there already", "--url shop.example", "--act cancel", "--headless goes with", "--username"):
        assert part in said
    assert list((tmp_path / "my-profiles" / "taken").iterdir()) == []


@pytest.mark.parametrize("name", ["../other", "Übung", "a b", ""])
def test_a_name_that_is_no_folder_is_refused(tmp_path: Path, name: str) -> None:
    code, said = new(tmp_path, name, "--url", "http://127.0.0.1:9/", "--headless", "--answers", "none.toml")
    assert code == 2
    assert "is no name for a portal" in said
    assert list(tmp_path.iterdir()) == []


def test_a_browser_elsewhere_is_not_pointed_in(tmp_path: Path) -> None:
    code, said = new(tmp_path, "mine", "--url", "http://127.0.0.1:9/", "--remote", "http://shop.example:9222")
    assert (code, "only a browser on this machine" in said) == (2, True)


@pytest.mark.parametrize(("text", "told"), [("a = [", "not TOML"), ("a = 1", "write a text"), (None, "cannot be read")])
def test_answers_that_cannot_be_read_are_told(tmp_path: Path, text: str | None, told: str) -> None:
    if text is not None:
        (tmp_path / "answers.toml").write_text(text, "utf-8")
    code, said = new(tmp_path, "mine", "--url", "http://127.0.0.1:9/", "--headless", "--answers", "answers.toml")
    assert (code, told in said) == (2, True)


def test_a_portal_where_nobody_answers_is_said_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "answers.toml").write_text("", "utf-8")
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # held and not listened at
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}/"
        code, said = new(tmp_path, "mine", "--url", url, "--headless", "--answers", "answers.toml")
    assert code == 3
    assert url in said
    assert not (tmp_path / "my-profiles").exists()


ANSWERS = """
"login.username" = '{ label = "账号" }'
"login.password" = '{ label = "密码" }'
"login.submit" = '{ role = "button", name = "登录" }'
"list.row" = '{ css = "tr[data-order-id]", why = "rows have no name" }'
"list.row_id" = '{ css = ".order-id", why = "a plain span" }'
"list.row_state" = '{ css = ".status", why = "a plain span" }'
"list.row_open" = '{ role = "link", name = "订单详情" }'
"identity" = '{ css = "header .account b", why = "a plain span" }'
"list.search_box" = '{ role = "searchbox", name = "商品名称/订单号" }'
"list.search_button" = '{ role = "button", name = "搜索" }'
"order.order_id" = '{ beside = "订单号" }'
"order.order_state" = '{ beside = "订单状态" }'
"order.amount" = '{ beside = ["应付款", "实付款"] }'
"order.pay_state" = '{ beside = "付款状态" }'
"order.refund_state" = '{ beside = "退款状态" }'
"order.item" = '{ css = "table.items td:first-child", why = "cells have no name" }'
"order.action" = '{ role = "button", name = "关闭订单" }'
"absent" = '{ text = "订单不存在或无权查看" }'
"""


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_targets_can_be_typed_beforehand_and_what_is_left_is_told(
    classic: server.Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a window: it signs in by references, and says which entries have to be written by hand."""
    (tmp_path / "answers.toml").write_text(ANSWERS, "utf-8")
    monkeypatch.setenv("TAUGHT_PASSWORD", "demo")
    words = ["mine", "--url", f"{classic.url}/trade/sold", "--headless", "--answers", "answers.toml", "--orders", "2"]
    code, said = new(tmp_path, *words, "--username", "seller", "--password", "env:TAUGHT_PASSWORD", patience_s=500)
    assert code == 1, said
    text = (tmp_path / "my-profiles" / "mine" / "profile.toml").read_text("utf-8")
    assert "pages.login.failed: is missing" in said
    assert 'action_bar = { role = "group", name = "订单操作" }' in text
    assert "demo" not in text
    assert httpx.get(f"{classic.url}/_mock/ledger", timeout=60).json()["ledger"] == []


@pytest.fixture
def listening(tmp_path: Path) -> Iterator[str]:
    """A browser that somebody has started on this machine, with a port to attach to."""
    found = find_browser(None, None, headed=False)
    if found.executable is None:
        pytest.skip("there is no browser here that could be started by its path")
    words = [*launch_args(HOSTS), "--headless", "--remote-debugging-port=0", f"--user-data-dir={tmp_path / 'browser'}"]
    with subprocess.Popen([found.executable, *words], stderr=subprocess.PIPE, text=True) as browser:  # noqa: S603 - as above
        assert browser.stderr is not None
        try:
            address = next(line for line in browser.stderr if "DevTools listening on" in line).split()[-1]
            yield f"http://{urlsplit(address).netloc}"
        finally:
            end(browser)


def end(browser: subprocess.Popen[str]) -> None:
    """End a browser whole: what was started may be a script that has the browser as its child."""
    family = [psutil.Process(browser.pid), *psutil.Process(browser.pid).children(recursive=True)]
    for process in family:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(family, timeout=20)


TYPED = ['{ label = "账号" }', '{ label = "密码" }', '{ role = "button", name = "登录" }', "y", "", "", "", ""]


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C cannot be sent to one process there")
def test_interrupted_at_the_terminal_it_keeps_what_it_has(
    classic: server.Running, tmp_path: Path, listening: str
) -> None:
    """In a browser that it is attached to, and goes on without it: targets typed line by line, then Ctrl-C."""
    words = ["mine", "--url", f"{classic.url}/trade/sold", "--remote", listening]
    with subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "agent", "portal", "new", *words],
        cwd=tmp_path,
        env=os.environ | {"CLOSEWRIGHT_LANGUAGE": "en", "PYTHONUTF8": "1"},
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write("\n".join([*TYPED, ""]))
        process.stdin.flush()
        said = []
        for line in process.stderr:
            said.append(line)
            if "anywhere in the row" in line:
                process.send_signal(signal.SIGINT)
        assert process.wait(60) == 3, said
    kept = tmp_path / "my-profiles" / "mine" / "profile.toml"
    assert f"what was learnt is kept in {kept}" in "".join(said)
    assert 'username = { label = "账号" }' in kept.read_text("utf-8")
    assert httpx.get(f"{listening}/json/version", timeout=20).status_code == 200
