"""Every guard is needed: with it off, and nothing else, a test fails; docs/safety.md shows the same table."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from .guards import GUARDS, RULES

ROOT = Path(__file__).resolve().parents[2]
SHARED = {
    f"rule {rule}": [name for name, guard in GUARDS.items() if guard.rule == rule and not guard.alone] for rule in RULES
}
ALONE = {name: [name] for name, guard in GUARDS.items() if guard.alone}
SLOW = {"rule 1", "rule 2", "rule 4", "rule 5", *ALONE}  # whose tests need a browser, or are many
# What says that a switch does not fit the product any more, not that a guard was missed.
MISFITS = ("TypeError", "AttributeError", "NameError", "ImportError")


def ends_without(names: list[str], file: Path) -> dict[str, str]:
    """Run the tests of some guards, each with its own guard off, and return how each ended."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "--slow",
        "-p",
        "tests.guards.plugin",
        "-p",
        "no:xdist",
        "--ends",
        str(file),
    ]
    ran = subprocess.run(  # noqa: S603 - our own tests
        [*command, *(GUARDS[name].test for name in names)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert file.exists(), ran.stdout[-2000:] + ran.stderr[-2000:]
    ends: dict[str, str] = json.loads(file.read_text("utf-8"))
    return {name: ends.get(GUARDS[name].test, "not run") for name in names}


@pytest.mark.parametrize(
    "group", [pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in (*SHARED, *ALONE)]
)
def test_without_a_guard_its_test_fails(group: str, tmp_path: Path) -> None:
    ends = ends_without((SHARED | ALONE)[group], tmp_path / "ends.json")
    for name, end in ends.items():
        assert end.startswith("failed: "), f"{name}: {end}"
        assert not end.removeprefix("failed: ").startswith(MISFITS), f"{name}: {end}"


def test_no_two_guards_have_the_same_test() -> None:
    """Else the second one's switch would never be tried."""
    assert len({guard.test for guard in GUARDS.values()}) == len(GUARDS)


def test_the_table_for_users_names_every_guard_and_its_test() -> None:
    text = (ROOT / "docs" / "safety.md").read_text("utf-8")
    rows = re.findall(r"^\| (\d)\. [^|]* \| ([^|]*) \| `([^`]*)` \|$", text, re.MULTILINE)
    assert rows == [(str(guard.rule), name, guard.test) for name, guard in GUARDS.items()]
