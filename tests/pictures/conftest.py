"""Shops to be looked at, and the album for what they show."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.pictures.album import Album
from tests.pictures.shown_shop import ShownShop, open_shop


@pytest.fixture(scope="session")
def album(request: pytest.FixtureRequest) -> Iterator[Album]:
    """Where pictures go: nowhere, unless somebody has asked for them."""
    folder = request.config.getoption("--pictures")
    made = Album(None if folder is None else Path(folder).absolute())
    yield made
    made.close()


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[..., ShownShop]]:
    """Open shops whose portals stop with the test, and whose zone ends with it."""
    shops: list[ShownShop] = []
    with pytest.MonkeyPatch.context() as patch:

        def open_one(extra: str = "") -> ShownShop:
            shops.append(open_shop(tmp_path, patch, extra=extra))
            take_zone()
            return shops[-1]

        yield open_one
    take_zone()
    for shop in shops:
        shop.portal.stop()


def take_zone() -> None:
    """Have local times told in the zone that the environment names now."""
    if hasattr(time, "tzset"):  # Windows has none, and keeps its own zone
        time.tzset()
