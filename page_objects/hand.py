"""The one hand that presses and fills; nothing else in the product touches a control."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Locator
from playwright.async_api import TimeoutError as PlaywrightTimeout

from agent.errors import ElementAmbiguous, ElementBlocked, ElementMissing, Transient

_ACT_MS = 8_000
_SHUTS_MS = 3_000
_TRIAL_MS = 3_000


@asynccontextmanager
async def touching(locator: Locator, what: str) -> AsyncIterator[None]:
    """Turn a Playwright error into one of ours, by looking at how many elements match now.

    Raises:
        ElementMissing, ElementAmbiguous, ElementBlocked: by the number of matches: none, several, one.
        Transient: the page went away meanwhile.
    """
    try:
        yield
    except PlaywrightError as fault:
        raise await _meaning(locator, what, fault) from fault


async def _meaning(locator: Locator, what: str, fault: PlaywrightError) -> Exception:
    try:
        matches = await locator.count()
    except PlaywrightError as gone:
        return Transient(f"{what}: the page went away ({gone.message.splitlines()[0]})")
    if matches == 0:
        return ElementMissing(f"{what}: not on the page")
    if matches > 1:
        return ElementAmbiguous(f"{what}: {matches} of them on the page, expected one")
    cause = "covered, moving or disabled" if isinstance(fault, PlaywrightTimeout) else fault.message.splitlines()[0]
    return ElementBlocked(f"{what}: cannot be used ({cause})")


async def press(locator: Locator, what: str, *, timeout_ms: float = _ACT_MS, twice: bool = False) -> None:
    """Press one control with the pointer, or double-click it: visible, still, hit, enabled and unique, or an error.

    Raises:
        ElementMissing, ElementAmbiguous, ElementBlocked: nothing was pressed.
    """
    async with touching(locator, what):
        # What the press sets off is awaited by whoever expects it: a navigation may be held at the request gate.
        await locator.click(timeout=timeout_ms, no_wait_after=True, click_count=2 if twice else 1)


async def write(locator: Locator, text: str, what: str) -> None:
    """Put a text into a field and make sure that it stands there.

    Raises:
        ElementMissing, ElementAmbiguous, ElementBlocked: the field does not hold the text.
    """
    async with touching(locator, what):
        await locator.fill(text, timeout=_ACT_MS)
        if await locator.input_value(timeout=_ACT_MS) != text:
            raise ElementBlocked(f"{what}: did not keep the text that was written")


async def tick(locator: Locator, what: str, *, ticked: bool) -> None:
    """Tick a box, or take its tick away, and make sure that it stays so."""
    async with touching(locator, what):
        await locator.set_checked(ticked, timeout=_ACT_MS)


async def most(locator: Locator, what: str) -> str:
    """Return the largest number that a field says it takes.

    Raises:
        ElementBlocked: it says none.
    """
    async with touching(locator, what):
        largest = await locator.get_attribute("max", timeout=_ACT_MS)
    if not largest:
        raise ElementBlocked(f"{what}: does not say the most that it takes")
    return largest


async def come(locator: Locator, what: str) -> list[Locator]:
    """Wait for what may stand there several times, and return each."""
    async with touching(locator, what):
        await locator.first.wait_for(timeout=_ACT_MS)
        return await locator.all()


async def leave(open_now: Locator, what: str) -> None:
    """Shut what lies open over the page, without choosing anything there, and make sure that it is gone.

    Raises:
        ElementBlocked: it does not go.
        Transient: the page went away meanwhile.
    """
    try:
        await open_now.page.keyboard.press("Escape")
        await open_now.first.wait_for(state="hidden", timeout=_SHUTS_MS)
    except PlaywrightTimeout as fault:
        raise ElementBlocked(f"{what}: does not shut") from fault
    except PlaywrightError as fault:
        raise Transient(f"{what}: the page went away ({fault.message.splitlines()[0]})") from fault


async def choose(locator: Locator, option: str, what: str) -> None:
    """Choose one option of a native select by its whole label."""
    async with touching(locator, what):
        await locator.select_option(label=option, timeout=_ACT_MS)


async def attach(locator: Locator, files: Sequence[Path], what: str) -> None:
    """Attach files to a file field."""
    async with touching(locator, what):
        await locator.set_input_files([str(path) for path in files], timeout=_ACT_MS)


async def can_press(locator: Locator, *, timeout_ms: float = _TRIAL_MS) -> bool:
    """Return whether the pointer could press a control now: visible, still, hit and enabled; it is not pressed.

    Raises:
        Transient: the page went away meanwhile.
    """
    try:
        await locator.click(trial=True, timeout=timeout_ms)
    except PlaywrightTimeout:
        return False
    except PlaywrightError as fault:
        raise Transient(fault.message.splitlines()[0]) from fault
    return True
