"""What all tests share: how far the slow ones go."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--all-skins", action="store_true", help="run each end-to-end test on every skin, not on one chosen for it"
    )
    parser.addoption("--long", action="store_true", help="run the long tests as well")
    parser.addoption(
        "--examples", type=int, default=5, help="how many examples a generated test takes where it is long (5)"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "long: run with --long, or by its name; its property has a shorter test as well")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the long tests, unless they are asked for."""
    if config.getoption("--long") or any("::" in arg for arg in config.args):
        return
    long = [item for item in items if item.get_closest_marker("long")]
    config.hook.pytest_deselected(items=long)
    items[:] = [item for item in items if item not in set(long)]


@pytest.fixture
def examples(request: pytest.FixtureRequest) -> int:
    """How many examples a long generated test takes."""
    number: int = request.config.getoption("--examples")
    return number
