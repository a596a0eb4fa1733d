"""Portals to test, and their visitors."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from fixtures.mock_portal.server import SKINS, Running, start

from .visitor import Visitor


@pytest.fixture(scope="session", params=SKINS)
def running(request: pytest.FixtureRequest) -> Iterator[Running]:
    with start(skin=request.param, orders=120, promo=False) as portal:
        yield portal


@pytest.fixture(scope="session")
def visitors(running: Running) -> Iterator[dict[str, Visitor]]:
    with ExitStack() as stack:
        made = {account: Visitor(running, account) for account in ("seller", "purchaser")}
        for one in made.values():
            stack.callback(one.http.close)
        yield made


@pytest.fixture
def seller(visitors: dict[str, Visitor]) -> Visitor:
    """The seller of a shop that nothing has happened to yet, in each skin."""
    visitors["seller"].tell("reset")
    return visitors["seller"]


@pytest.fixture
def purchaser(seller: Visitor, visitors: dict[str, Visitor]) -> Visitor:
    """The purchaser of the same orders."""
    assert seller.portal is visitors["purchaser"].portal
    return visitors["purchaser"]


@pytest.fixture
def guest(running: Running, seller: Visitor) -> Iterator[Callable[[], Visitor]]:
    """A maker of sellers with sessions of their own, for tests that spoil them."""
    made: list[Visitor] = []

    def make() -> Visitor:
        made.append(Visitor(running))
        return made[-1]

    assert seller.portal is running
    yield make
    for one in made:
        one.http.close()


@pytest.fixture(scope="session")
def docs() -> str:
    return (Path(__file__).parents[2] / "docs" / "mock-portal.md").read_text("utf-8")
