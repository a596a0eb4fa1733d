"""A pytest plugin that runs each test with the guard off that it is named for, and writes down how it ended."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from .guards import GUARDS

_BY_TEST = {guard.test: guard for guard in GUARDS.values()}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the file into which the ends are written."""
    parser.addoption("--ends", type=Path, required=True)


def pytest_configure(config: pytest.Config) -> None:
    """Write the ends of this session."""
    config.pluginmanager.register(_Ends(config.getoption("--ends")))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Switch the guard off before the test's fixtures are made."""
    with _BY_TEST[item.nodeid].off():
        return (yield)


class _Ends:
    def __init__(self, file: Path) -> None:
        self._file = file
        self._ends: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep how the body of a test ended; how its fixtures fare is another matter."""
        if report.when == "setup" and report.failed:
            self._ends[report.nodeid] = f"error: {report.longreprtext[-300:]}"
        if report.when == "call":
            crash = getattr(report.longrepr, "reprcrash", None)
            self._ends[report.nodeid] = f"failed: {crash.message if crash else ''}" if report.failed else report.outcome

    def pytest_sessionfinish(self) -> None:
        """Write them all down."""
        self._file.write_text(json.dumps(self._ends), encoding="utf-8")
