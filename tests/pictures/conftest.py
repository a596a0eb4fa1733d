"""Shops to be looked at, and the album for what they show."""

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
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., ShownShop]]:
    """Open shops whose portals stop with the test."""
    shops: list[ShownShop] = []

    def open_one(extra: str = "") -> ShownShop:
        shops.append(open_shop(tmp_path, monkeypatch, extra=extra))
        return shops[-1]

    yield open_one
    for shop in shops:
        shop.portal.stop()
