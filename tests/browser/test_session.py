"""Sessions are sealed at rest, bound to their shop, and a broken or foreign file is as good as none."""

import sys
import threading
from pathlib import Path

import keyring
import keyring.backend
import keyring.backends.fail
import pytest

from agent.browser import session
from agent.browser.session import SessionVault, find_key

STATE = {"cookies": [{"name": "sid", "value": "secret-cookie"}], "origins": []}


def test_what_is_saved_is_loaded_and_cannot_be_read_in_the_file(tmp_path: Path) -> None:
    path = SessionVault(tmp_path, b"key").save("店铺/1:2", STATE)
    assert path is not None
    assert b"secret-cookie" not in path.read_bytes()
    assert ":" not in path.name
    assert SessionVault(tmp_path, b"key").load("店铺/1:2") == STATE
    assert SessionVault(tmp_path, b"key").load("other") is None


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX modes")
def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    path = SessionVault(tmp_path, b"key").save("a", STATE)
    assert path is not None
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("damage", [lambda _: b"", lambda raw: raw[:-1], lambda raw: raw[:-1] + bytes([raw[-1] ^ 1])])
def test_a_damaged_file_is_taken_for_absent_and_told(tmp_path: Path, damage: object) -> None:
    path = SessionVault(tmp_path, b"key").save("a", STATE)
    assert path is not None
    assert callable(damage)
    path.write_bytes(damage(path.read_bytes()))
    vault = SessionVault(tmp_path, b"key")
    assert vault.load("a") is None
    assert vault.unreadable == {"a"}
    vault.save("a", STATE)
    assert vault.load("a") == STATE
    assert not vault.unreadable


def test_another_key_or_another_shops_file_does_not_open(tmp_path: Path) -> None:
    vault = SessionVault(tmp_path, b"key")
    mine, other = vault.save("a", STATE), vault.save("b", STATE)
    assert mine is not None
    assert other is not None
    assert SessionVault(tmp_path, b"other key").load("a") is None
    mine.write_bytes(other.read_bytes())
    assert vault.load("a") is None


def test_without_a_key_nothing_is_written(tmp_path: Path) -> None:
    vault = SessionVault(tmp_path / "never", None)
    assert vault.save("a", STATE) is None
    assert vault.load("a") == STATE
    assert SessionVault(tmp_path / "never", None).load("a") is None
    assert not (tmp_path / "never").exists()


def test_what_is_forgotten_is_gone(tmp_path: Path) -> None:
    for key in (b"key", None):
        vault = SessionVault(tmp_path, key)
        vault.save("a", STATE)
        vault.forget("a")
        vault.forget("a")
        assert vault.load("a") is None


class _Ring(keyring.backend.KeyringBackend):
    priority = 5  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password


class _LockedRing(_Ring):
    def get_password(self, service: str, username: str) -> str | None:
        raise RuntimeError(f"{service} {username}: the collection is locked")


class _HangingRing(_Ring):
    def __init__(self) -> None:
        super().__init__()
        self.released = threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        self.released.wait()
        return f"{service} {username}"


@pytest.fixture
def no_variable(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.delenv("CLOSEWRIGHT_SESSION_KEY", raising=False)
    return monkeypatch


def _with_ring(monkeypatch: pytest.MonkeyPatch, ring: keyring.backend.KeyringBackend) -> None:
    monkeypatch.setattr(keyring, "get_keyring", lambda: ring)


def test_the_variable_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOSEWRIGHT_SESSION_KEY", "mine")
    assert find_key() == b"mine"


def test_a_keyring_gets_a_key_once(no_variable: pytest.MonkeyPatch) -> None:
    ring = _Ring()
    _with_ring(no_variable, ring)
    first = find_key()
    assert first is not None
    assert len(first) >= 32
    assert find_key() == first
    assert list(ring.kept) == [("closewright", "session-key")]


def test_no_keyring_or_a_locked_one_is_no_error(no_variable: pytest.MonkeyPatch) -> None:
    for ring in (keyring.backends.fail.Keyring(), _LockedRing()):  # type: ignore[no-untyped-call]
        _with_ring(no_variable, ring)
        assert find_key() is None


def test_a_keyring_that_waits_for_somebody_is_not_waited_for(no_variable: pytest.MonkeyPatch) -> None:
    ring = _HangingRing()
    _with_ring(no_variable, ring)
    no_variable.setattr(session, "_KEYRING_S", 0.05)
    assert find_key() is None
    ring.released.set()
