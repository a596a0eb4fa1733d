"""A person who teaches, played by a script: real pointer input in the page, typed lines, nothing else."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Locator, Page

from agent.browser.find import FoundBrowser
from agent.teaching.asking import Interrupted, Kind, Question
from agent.teaching.session import Wanted
from tests.e2e.e2e_shop import worker

Point = Callable[[Page], Locator]
Deed = Callable[[Page, Question], Awaitable[object]]
Answer = str | Point | Deed


class Scripted:
    """Answers by the questions' keys; a list of answers serves one asking after the other."""

    def __init__(self, answers: Mapping[str, Answer | Sequence[Answer]]) -> None:
        self._answers = {
            key: list(value) if isinstance(value, list | tuple) else [value] for key, value in answers.items()
        }
        self._browser: Browser | None = None
        self.asked: list[Question] = []
        self.told: list[str] = []

    @asynccontextmanager
    async def browsers(
        self, found: FoundBrowser, *, hosts: Sequence[str], headed: bool = False, ws_hosts: Sequence[str] = ()
    ) -> AsyncIterator[Browser]:
        """Give the worker's browser, and remember it: its page is what the person sees."""
        async with worker().browsers(found, hosts=hosts, headed=headed, ws_hosts=ws_hosts) as browser:
            self._browser = browser
            yield browser

    @property
    def page(self) -> Page:
        """The page that the person has before their eyes."""
        assert self._browser is not None
        return self._browser.contexts[-1].pages[-1]

    def tell(self, text: str) -> None:
        """Remember what was said."""
        self.told.append(text)

    async def answer(self, question: Question) -> str:
        """Do or say what the script has for a question; what it has not takes the default."""
        self.asked.append(question)
        several = self._answers.get(question.key, [])
        if not several:
            return question.default
        answer = several.pop(0)
        if isinstance(answer, str):
            if answer == "leave":
                raise Interrupted
            return answer
        if question.kind is Kind.POINT:
            await click(answer(self.page))  # type: ignore[arg-type]  # a point gives a locator
            await asyncio.Event().wait()  # the pointer answers, and this is cancelled
        return str(await answer(self.page, question) or "")  # type: ignore[misc]  # a deed is awaited


def order_in(question: Question) -> str:
    """Return the order that a question names."""
    return re.findall(r"[0-9]{15,20}", question.text)[0]


async def click(where: Locator) -> None:
    """Move the pointer to the middle of something and press, as a hand does: whatever lies there gets it."""
    await where.scroll_into_view_if_needed()
    box = await where.bounding_box()
    assert box is not None, where
    mouse = where.page.mouse
    await mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    await mouse.down()
    await mouse.up()


def wanted(url: str, folder: Path, **more: Any) -> Wanted:
    """Return what is to be taught, with the tests' own choices."""
    return Wanted(
        **{"name": "mine", "url": url, "folder": folder, "language": "zh-CN", "chinese": False, "headed": False, **more}
    )
