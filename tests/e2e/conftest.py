"""Shops on mock portals that stop with the test."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from e2e_shop import SKINS, Shop, worker
from stall import LONG_WAITS, Stall

from fixtures.mock_portal import server


@pytest.fixture(scope="session", autouse=True)
def _browser_is_closed() -> Iterator[None]:
    yield
    if worker.cache_info().currsize:
        worker().close()


@pytest.fixture
def open_shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Shop]]:
    """Open shops on mock portals that stop with the test."""
    monkeypatch.setenv("CLOSEWRIGHT_TEST_PASSWORD", "demo")
    running: list[server.Running] = []

    def open_one(
        skin: str, *, role: str = "seller", orders: int = 60, seed: int = 7, extra: str = "", **portal: Any
    ) -> Shop:
        started = server.start(skin=skin, orders=orders, seed=seed, **portal)
        running.append(started)
        return Shop(started, tmp_path, skin, role=role, extra=extra)

    yield open_one
    for portal in running:
        portal.stop()


@pytest.fixture
def stall(open_shop: Callable[..., Shop], skin: str) -> Iterator[Stall]:
    """A shop in which, whatever the test does, every fault must have struck and nothing else may be touched."""
    shop = open_shop(skin, orders=100, promo=False, render_ms=20, extra=LONG_WAITS)
    shop.remember()
    stall = Stall(shop)
    yield stall
    assert not shop.unfired(), "a fault that has not struck proves nothing"
    assert all(case.why for case in shop.cases()), "whatever became of a request is explained"
    asked = {case.order_id for case in shop.cases()}
    assert shop.touched() <= asked, "something happened to an order that nobody asked for"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that takes a skin on every skin, or on the one that its name falls on."""
    if "skin" not in metafunc.fixturenames:
        return
    every: bool = metafunc.config.getoption("--all-skins")
    mine = SKINS[crc32(metafunc.definition.nodeid.encode()) % len(SKINS)]
    metafunc.parametrize("skin", SKINS if every else [mine], scope="function")
