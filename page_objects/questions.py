"""Questions that the browser itself asks for a page: dismissed, unless the one that comes is the one expected."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from playwright.async_api import Dialog, Page
from playwright.async_api import Error as PlaywrightError

from agent.errors import ElementMissing, PageChanged
from page_objects.locate import normalised, whole

_COMES_S = 5.0


class Questions:
    """The ``alert``, ``confirm`` and ``prompt`` of one browser page."""

    def __init__(self, page: Page) -> None:
        self.dismissed: list[str] = []  # what was asked and nobody had expected
        self._wanted: Sequence[str] = ()
        self._answered: asyncio.Future[str] | None = None
        page.on("dialog", self._heard)

    @asynccontextmanager
    async def answering(self, wanted: Sequence[str]) -> AsyncIterator[None]:
        """Say yes to one question with one of these texts, whole; it must come of what is done meanwhile.

        Raises:
            PageChanged: something else was asked; it was dismissed.
            ElementMissing: nothing was asked.
        """
        self._wanted, self._answered = wanted, asyncio.get_running_loop().create_future()
        try:
            yield
            asked = await asyncio.wait_for(self._answered, _COMES_S)
        except TimeoutError:
            raise ElementMissing(f"the browser's question {wanted[0]!r}: did not come within {_COMES_S:g} s") from None
        finally:
            self._wanted, self._answered = (), None
        if not _is_one_of(asked, wanted):
            raise PageChanged(f"the browser asked {asked!r}, expected {wanted[0]!r}: dismissed")

    def take_dismissed(self) -> Sequence[str]:
        """Return what was asked without being expected since this was last called."""
        taken, self.dismissed = self.dismissed, []
        return taken

    async def _heard(self, dialog: Dialog) -> None:
        asked, waiting = normalised(dialog.message), self._answered
        expected = waiting is not None and not waiting.done()
        right = expected and dialog.type == "confirm" and _is_one_of(asked, self._wanted)
        with suppress(PlaywrightError):  # the page has gone, and its question with it
            # A page that is being left asks whether it may go; nothing of ours hangs on it.
            await (dialog.accept() if right or dialog.type == "beforeunload" else dialog.dismiss())
        if dialog.type == "beforeunload":
            return
        if waiting is not None and not waiting.done():
            waiting.set_result(asked)
        elif not right:
            self.dismissed.append(asked)


def _is_one_of(asked: str, wanted: Sequence[str]) -> bool:
    return whole(wanted).match(asked) is not None
