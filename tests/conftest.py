"""What all tests share: how far the slow ones go."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--all-skins", action="store_true", help="run each end-to-end test on every skin, not on one chosen for it"
    )
    parser.addoption("--slow", action="store_true", help="run the slow tests as well, as CI does")
    parser.addoption("--long", action="store_true", help="run the slow and the long tests as well")
    parser.addoption(
        "--real", action="append", default=[], metavar="PRODUCT", help="run the tests on this real back office as well"
    )
    parser.addoption(
        "--pictures", metavar="FOLDER", help="write the pictures that docs show (see scripts/pictures) into this folder"
    )
    parser.addoption(
        "--examples", type=int, default=5, help="how many examples a generated test takes where it is long (5)"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: takes many seconds; run with --slow, as CI does, or by its name")
    config.addinivalue_line("markers", "long: run with --long, or by its name; its property has a shorter test as well")
    config.addinivalue_line("markers", "real(product): needs a real back office; run with --real PRODUCT only")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out slow and long tests and those on real back offices, unless they are asked for."""
    unasked = [item for item in items if _product(item) not in {None, *config.getoption("--real")}]
    long, by_name = config.getoption("--long"), any("::" in arg for arg in config.args)
    left_out = [] if long or by_name else ["long"] if config.getoption("--slow") else ["slow", "long"]
    unasked += [item for item in items if any(item.get_closest_marker(name) for name in left_out)]
    config.hook.pytest_deselected(items=unasked)
    items[:] = [item for item in items if item not in set(unasked)]


def _product(item: pytest.Item) -> str | None:
    """Return the real back office that a test needs."""
    mark = item.get_closest_marker("real")
    return mark.args[0] if mark else None


@pytest.fixture
def examples(request: pytest.FixtureRequest) -> int:
    """How many examples a long generated test takes."""
    number: int = request.config.getoption("--examples")
    return number
