"""Shops under attack: a skin for each test, a portal and a foreign host that stop with it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from zlib import crc32

import pytest

from tests.e2e.e2e_shop import SKINS, worker

from .arena import Arena, arena


@pytest.fixture(scope="session", autouse=True)
def _browser_is_closed() -> Iterator[None]:
    yield
    if worker.cache_info().currsize:
        worker().close()


@pytest.fixture
def open_arena(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Arena]]:
    monkeypatch.setenv("CLOSEWRIGHT_TEST_PASSWORD", "demo")
    with ExitStack() as stack:
        yield lambda skin, **more: stack.enter_context(arena(tmp_path, skin, **more))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that takes a skin on every skin, or on the one that its name falls on."""
    if "skin" not in metafunc.fixturenames:
        return
    every: bool = metafunc.config.getoption("--all-skins")
    mine = SKINS[crc32(metafunc.definition.nodeid.encode()) % len(SKINS)]
    metafunc.parametrize("skin", SKINS if every else [mine], scope="function")
