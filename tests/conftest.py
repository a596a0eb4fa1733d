"""What all tests share: on which skins of the mock portal the slow ones run."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--all-skins", action="store_true", help="run each end-to-end test on every skin, not on one chosen for it"
    )
