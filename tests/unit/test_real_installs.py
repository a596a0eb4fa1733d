"""Where real products are installed: once for each state of their pins, and never half."""

import sys
from pathlib import Path

import pytest

from fixtures.real.installs import PLACE, Install, NotInstallableError, installer


@pytest.fixture
def product(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    monkeypatch.setenv(PLACE, str(tmp_path / "installs"))
    pins = tmp_path / "pins.txt"
    pins.write_text("one==1\n", encoding="utf-8")
    return Install("shop", (pins,))


def test_one_state_of_the_pins_is_installed_once(product: Install) -> None:
    built: list[Path] = []
    assert not product.complete
    assert product.ensure(built.append) == product.ensure(built.append) == product.folder
    assert product.complete
    assert built == [product.folder]


def test_other_pins_are_another_install(product: Install, tmp_path: Path) -> None:
    first = product.ensure(lambda _folder: None)
    (tmp_path / "pins.txt").write_text("one==2\n", encoding="utf-8")
    assert not product.complete
    assert product.ensure(lambda _folder: None) != first


def test_line_ends_of_a_checkout_are_no_other_pins(product: Install, tmp_path: Path) -> None:
    product.ensure(lambda _folder: None)
    (tmp_path / "pins.txt").write_bytes(b"one==1\r\n")
    assert product.complete


def test_what_a_failed_install_left_behind_is_not_taken_for_one(product: Install) -> None:
    def fail(folder: Path) -> None:
        (folder / "half").touch()
        raise NotInstallableError("no registry")

    with pytest.raises(NotInstallableError):
        product.ensure(fail)
    assert not product.complete
    folder = product.ensure(lambda _folder: None)
    assert not (folder / "half").exists()


def test_a_folder_that_cannot_be_made_is_said(
    product: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv(PLACE, str(tmp_path / "file"))
    with pytest.raises(NotInstallableError, match="no folder for installs"):
        product.ensure(lambda _folder: None)


def test_an_installer_that_fails_is_quoted(tmp_path: Path) -> None:
    with pytest.raises(NotInstallableError, match=r"(?s)failed with 7.*the registry is out of reach"):
        installer([sys.executable, "-c", "print('the registry is out of reach'); raise SystemExit(7)"], cwd=tmp_path)


def test_an_installer_that_is_missing_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotInstallableError, match="cannot be started"):
        installer([tmp_path / "no-such-program"], cwd=tmp_path)
