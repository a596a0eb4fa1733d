"""What all tests share: how far the slow ones go."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--all-skins", action="store_true", help="run each end-to-end test on every skin, not on one chosen for it"
    )
    parser.addoption(
        "--examples", type=int, default=5, help="how many examples a generated test takes where it is long (5)"
    )


@pytest.fixture
def examples(request: pytest.FixtureRequest) -> int:
    """How many examples a long generated test takes."""
    number: int = request.config.getoption("--examples")
    return number
