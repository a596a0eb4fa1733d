"""Playwright's errors, told in ours."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.async_api import Error as PlaywrightError

from agent.errors import Transient


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Turn a failure of Playwright while ``what`` is read, a lost browser among them, into one that may pass.

    Raises:
        Transient: Playwright failed.
    """
    try:
        yield
    except PlaywrightError as fault:
        raise Transient(f"{what}: {fault.message.partition(chr(10))[0]}") from fault
