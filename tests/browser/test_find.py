"""A browser is found, or it is said how to get one; its switches leave only the profile's hosts within reach."""

import os
import sys
from pathlib import Path

import pytest

from agent.browser import find
from agent.browser.find import FoundBrowser, find_browser, launch_args
from agent.errors import ConfigError


def _program(folder: Path, name: str) -> Path:
    path = folder / (name + ".exe" if sys.platform == "win32" else name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")
    path.chmod(0o755)
    return path


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without any browser; programs put into the folder are on its PATH."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "playwright"))
    for variable in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(find, "_MAC_APPS", ())
    return tmp_path


@pytest.mark.usefixtures("bare")
def test_where_there_is_none_it_is_said_how_to_get_one() -> None:
    with pytest.raises(ConfigError, match=r"apt-get install chromium.*playwright install chromium.*Chrome"):
        find_browser(None, None, headed=False)


def test_the_configured_one_comes_first(bare: Path) -> None:
    _program(bare, "chromium")
    mine = _program(bare / "mine", "my-chromium")
    assert find_browser(str(mine), None, headed=False) == FoundBrowser(str(mine), None, "chromium")


@pytest.mark.usefixtures("bare")
def test_a_configured_one_that_is_not_there_is_an_error_even_if_others_are(bare: Path) -> None:
    _program(bare, "chromium")
    with pytest.raises(ConfigError, match="no such program"):
        find_browser(str(bare / "nowhere"), None, headed=False)


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize(("channel", "kind"), [("chrome", "chrome"), ("chrome-beta", "chrome"), ("msedge", "edge")])
def test_a_channel_is_playwrights_to_find(channel: str, kind: str) -> None:
    assert find_browser(None, channel, headed=False) == FoundBrowser(None, channel, kind)  # type: ignore[arg-type]


def test_playwrights_own_comes_before_the_systems(bare: Path) -> None:
    _program(bare, "chromium")
    own = bare / "playwright" / f"chromium_headless_shell-{find._revision()}"
    own.mkdir(parents=True)
    assert find_browser(None, None, headed=False).kind == "chromium", "a half download is no browser"
    (own / "INSTALLATION_COMPLETE").touch()
    assert find_browser(None, None, headed=False) == FoundBrowser(None, None, "playwright")
    assert find_browser(None, None, headed=True).kind == "chromium", "the shell has no windows"


def test_the_headless_shell_is_preferred_unless_there_must_be_a_window(bare: Path) -> None:
    _program(bare, "google-chrome")
    _program(bare, "chromium-headless-shell")
    assert find_browser(None, None, headed=False).kind == "headless_shell"
    assert find_browser(None, None, headed=True).kind == "chrome"


def test_windows_and_mac_places_are_looked_at(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PROGRAMFILES", str(tmp_path))
    windows = [path.as_posix() for _, path in find._usual_places("win32")]
    assert f"{tmp_path.as_posix()}/Microsoft/Edge/Application/msedge.exe" in windows
    mac = [path.as_posix() for _, path in find._usual_places("darwin")]
    assert "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" in mac


def test_without_a_wire_only_the_named_hosts_resolve() -> None:
    rules = next(arg for arg in launch_args(["*.1688.com", "127.0.0.1:8765"]) if arg.startswith("--host-resolver"))
    assert rules == "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE *.1688.com, EXCLUDE 127.0.0.1"


def test_with_a_wire_chromium_resolves_nothing_and_goes_nowhere_else() -> None:
    args = launch_args(["trade.1688.com"], wire_port=7, ws_port=8)
    assert "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1" in args
    assert "--proxy-server=http=socks5://127.0.0.1:7;https=socks5://127.0.0.1:7;socks=socks5://127.0.0.1:8" in args
    assert "--proxy-bypass-list=<-loopback>" in args


@pytest.mark.skipif(sys.platform == "win32", reason="no such user")
@pytest.mark.parametrize(("uid", "sandboxed"), [(0, False), (1000, True)])
def test_only_root_goes_without_the_sandbox(monkeypatch: pytest.MonkeyPatch, uid: int, sandboxed: bool) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    assert ("--no-sandbox" not in launch_args(["a"])) is sandboxed
