"""The documentation knows every fault and every move."""

import ast
import re
from pathlib import Path

import pytest

import fixtures.mock_portal
from fixtures.mock_portal.actors import MOVES
from fixtures.mock_portal.fault_specs import KINDS
from fixtures.mock_portal.lit import CALLS, OPTIONS, THREADS, UPLOADS
from fixtures.mock_portal.workbench import MUTATIONS


def rows(docs: str, heading: str) -> list[list[str]]:
    section = docs.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = re.findall(r"^\| (`.+?) \|$", section, re.MULTILINE)
    return [[cell.strip() for cell in line.split(" | ")] for line in lines]


def test_every_fault_has_its_row(docs: str) -> None:
    table = rows(docs, "Faults")
    assert [row[0].strip("`") for row in table] == list(KINDS)
    for row, kind in zip(table, KINDS.values(), strict=True):
        assert tuple(re.findall(r"\w+", row[1])) == kind.steps, row
        assert {arg for arg in kind.args or {} if f"`{arg}`" not in row[2]} == set(), row


def hazards(docs: str) -> list[tuple[str, set[str]]]:
    section = docs.partition("| hazard | what goes wrong | switches |\n")[2].partition("\n\n")[0]
    lines = [line.strip("| ").split(" | ") for line in section.splitlines()[1:]]
    return [(number, set(re.findall(r"`([a-z_0-9]+)`", switches))) for number, _, switches in lines]


def test_every_hazard_has_its_switches_and_every_switch_its_hazard(docs: str) -> None:
    """Words in backticks that are no faults may only be actors."""
    table = hazards(docs)
    assert [number for number, _ in table if number != "+"] == [str(number) for number in range(1, 24)]
    named = set.union(*(switches for _, switches in table))
    assert named - {who for who, _ in MOVES} == set(KINDS)
    assert [number for number, switches in table if not switches] == []


@pytest.mark.parametrize("folders", [("portal",), ("e2e", "security")], ids=["by itself", "on the agent"])
def test_every_switch_is_tried_by_itself_and_on_the_agent(folders: tuple[str, ...]) -> None:
    """On the portal by what it answers, on the agent by what the ledger says afterwards."""
    tests = Path(__file__).parents[1]
    tried = "".join(path.read_text("utf-8") for folder in folders for path in (tests / folder).glob("*.py"))
    assert [name for name in KINDS if f'"{name}"' not in tried] == []


def test_every_move_has_its_row(docs: str) -> None:
    table = [(row[0].strip("`"), row[1].strip("`")) for row in rows(docs, "Actors")]
    assert table == list(MOVES)


def test_every_act_has_its_row_with_its_address_and_its_method(docs: str) -> None:
    section = docs.partition("## Pages\n")[2].partition("\n## ")[0]
    lines = {line.split(" | ")[0].removeprefix("| "): line for line in section.splitlines() if " | " in line}
    for path, act in MUTATIONS.items():
        assert f"`{path}`" in lines[act]
    for method, act in (CALLS | UPLOADS).items():
        assert f"`{method}`" in lines[act]
    assert all(f"`{method}`" in section for method in [*OPTIONS, *THREADS])


def test_the_portal_imports_nothing_of_the_product() -> None:
    for path in Path(fixtures.mock_portal.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert not {name.partition(".")[0] for name in names} & {"agent", "page_objects", "scenarios"}, path
