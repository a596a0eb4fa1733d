"""A question that the store refuses is bad usage: nothing was done."""

from collections.abc import Iterator
from contextlib import contextmanager

from agent.errors import ConfigError, StoreError


@contextmanager
def nothing_done() -> Iterator[None]:
    """Turn the store's refusal of what was asked into a fault of what was asked.

    Raises:
        ConfigError: in the store's words.
    """
    try:
        yield
    except StoreError as fault:
        raise ConfigError([str(fault)]) from fault
