"""Reading again: the only place with a retry library, and it never sees an act."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_exponential_jitter

from agent.errors import Transient

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RetryRule:
    """How often a read is tried, and how long we wait in between."""

    attempts: int = 3
    first_wait_s: float = 0.3
    cap_s: float = 4.0


async def reading(look: Callable[[], Awaitable[T]], rule: RetryRule | None = None) -> T:
    """Return what a look gives, trying again while it fails in a way that may pass.

    Raises:
        Transient: the last try failed so as well.
    """
    rule = rule or RetryRule()
    tries = AsyncRetrying(
        stop=stop_after_attempt(rule.attempts),
        wait=wait_exponential_jitter(multiplier=rule.first_wait_s, max=rule.cap_s, jitter=rule.first_wait_s),
        retry=retry_if_exception_type(Transient),
        reraise=True,
    )

    async def attempt() -> T:
        return await look()

    return await tries(attempt)
