"""What is installed is the whole product and nothing else."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from shutil import which
from zipfile import ZipFile

import pytest
from hatchling import build

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("agent", "page_objects", "scenarios", "fixtures")
TEST_TARGETS = "fixtures/real/"


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ZipFile]:
    """The wheel as it would be published."""
    folder = tmp_path_factory.mktemp("wheel")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)  # where a build backend expects to stand
        name = build.build_wheel(str(folder))
    with ZipFile(folder / name) as wheel:
        yield wheel


def test_the_wheel_holds_every_file_of_the_product_and_no_test_target(packed: ZipFile) -> None:
    listed = subprocess.run(  # noqa: S603 - our own words
        [which("git") or "git", "ls-files", "--", *PACKAGES], cwd=ROOT, check=False, capture_output=True, text=True
    ).stdout.splitlines()
    if not listed:
        pytest.skip("not a git checkout: nothing says which files belong to the product")
    wanted = {name for name in listed if not name.startswith(TEST_TARGETS)}
    held = {name for name in packed.namelist() if ".dist-info/" not in name}
    assert held == wanted


def test_the_wheel_brings_the_command_and_the_licence(packed: ZipFile) -> None:
    [entries] = [name for name in packed.namelist() if name.endswith("entry_points.txt")]
    assert "closewright = agent.__main__:main" in packed.read(entries).decode()
    assert any(name.endswith("licenses/LICENSE") for name in packed.namelist())
