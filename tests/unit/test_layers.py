"""The shape of the code: who may import whom, and where the dangerous things may stand."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# A module may import from its own layer and from those that are listed for it.
LAYERS: dict[str, tuple[str, ...]] = {
    "agent.errors": (),
    "agent.tables": (),
    "agent.domain": ("agent.errors",),
    "agent.browser": ("agent.domain", "agent.errors"),
    "agent.store": ("agent.domain", "agent.errors"),
    "agent.evidence": ("agent.domain", "agent.errors"),
    "agent.log": ("agent.errors",),
    "agent.settings": ("agent.domain", "agent.errors", "agent.tables"),
    "agent.request_file": ("agent.domain", "agent.errors"),
    "page_objects": ("agent.browser", "agent.domain", "agent.errors", "agent.tables"),
    "agent.report": ("agent.evidence", "agent.domain", "agent.errors"),
    "agent.notify": (
        "agent.domain", "agent.errors", "agent.evidence", "agent.log", "agent.settings", "agent.store",
    ),
    "agent.engine": (
        "agent.browser", "agent.domain", "agent.errors", "agent.evidence", "agent.log", "agent.notify",
        "agent.settings", "agent.store", "page_objects",
    ),
    "scenarios": ("agent.engine", "agent.domain", "agent.errors"),
}  # fmt: skip
PORTAL = "fixtures"
STARTS_THE_PORTAL = {"agent/cli/demo.py", "agent/cli/mock_portal.py"}


def python_files(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None and node.level == 0:
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def layer_of(name: str) -> str | None:
    return next((layer for layer in LAYERS if name == layer or name.startswith(layer + ".")), None)


@pytest.mark.parametrize("path", list(python_files("agent", "page_objects", "scenarios")), ids=name_of)
def test_a_module_imports_only_what_is_below_it(path: Path) -> None:
    layer = layer_of(name_of(path))
    if layer is None:  # app and faces stand above everything
        return
    ours = {name for name in imported(path) if name.split(".")[0] in {"agent", "page_objects", "scenarios", PORTAL}}
    ours.discard("agent.__version__")
    allowed = (layer, *LAYERS[layer])
    wrong = {name for name in ours if not any(name == one or name.startswith(one + ".") for one in allowed)}
    assert not wrong


def test_the_mock_portal_and_the_product_do_not_know_each_other() -> None:
    for path in python_files("fixtures"):
        assert not {name for name in imported(path) if name.split(".")[0] in {"agent", "page_objects", "scenarios"}}, (
            path
        )
    knows = {
        path.relative_to(ROOT).as_posix()
        for path in python_files("agent", "page_objects", "scenarios")
        if any(name.split(".")[0] == PORTAL for name in imported(path))
    }
    assert knows <= STARTS_THE_PORTAL


@pytest.mark.parametrize(
    ("pattern", "where"),
    [
        (
            r"\.(click|dblclick|tap|press|press_sequentially|select_option|set_checked|set_input_files|dispatch_event)\(",
            {"page_objects/hand.py"},
        ),
        (r"force=True|wait_for_timeout|time\.sleep", set()),
        (r"except( Exception)?:\s*pass", set()),
        (r"/_mock/", {"agent/cli/demo.py"}),
    ],
    ids=["one hand", "no force and no sleep", "nothing swallowed", "the truth is for tests"],
)
def test_dangerous_things_stand_in_one_place(pattern: str, where: set[str]) -> None:
    found = {
        path.relative_to(ROOT).as_posix()
        for path in python_files("agent", "page_objects", "scenarios")
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(pattern, line) and "hand.press(" not in line
    }
    assert found <= where


def test_sql_stands_only_in_the_store() -> None:
    users = {
        path.relative_to(ROOT).as_posix()
        for path in python_files("agent", "page_objects", "scenarios")
        if any(name.startswith("sqlalchemy.") and name != "sqlalchemy.Connection" for name in imported(path))
    }
    assert all(user.startswith("agent/store/") for user in users), users


PORTALS = ROOT / "page_objects" / "portals"
PRODUCTS = {"oscar", "vendure"}  # those of which several profiles may tell
NAMES_A_PORTAL = {"agent/settings/loading.py"}  # its example begins with a portal that is bundled


def test_no_product_code_knows_a_skin_or_a_portal_by_name() -> None:
    names = {path.parent.name for path in PORTALS.glob("*/profile.toml")}
    assert names >= {"oscar", "vendure_angular", "vendure_react"}
    told = {
        path.relative_to(ROOT).as_posix()
        for path in python_files("agent", "page_objects", "scenarios")
        if any(name in path.read_text(encoding="utf-8").lower() for name in names | PRODUCTS)
    }
    assert told == NAMES_A_PORTAL


def test_a_portal_is_data_and_nothing_else() -> None:
    held = {path.name for path in PORTALS.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert held == {"profile.toml"}
