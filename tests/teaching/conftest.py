"""Portals to be taught, and the browser in which they are."""

from collections.abc import Iterator

import pytest

from fixtures.mock_portal import server
from tests.e2e.e2e_shop import worker


@pytest.fixture(scope="session", autouse=True)
def _browser_is_closed() -> Iterator[None]:
    yield
    if worker.cache_info().currsize:
        worker().close()


@pytest.fixture
def classic() -> Iterator[server.Running]:
    with server.start(skin="classic", orders=60, seed=7, promo=False) as portal:
        yield portal
