"""The conversation: a thing is asked for, pointed at, proposed, counted and written down."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from playwright.async_api import ElementHandle, Frame, Page, Request
from playwright.async_api import Error as PlaywrightError

from agent.browser.faults import reading
from agent.errors import Transient, Unreachable
from agent.evidence.words import Phrase
from agent.teaching import pointing
from agent.teaching.asking import Kind, Person, Question
from agent.teaching.gate import LearningRequests
from agent.teaching.notebook import Notebook, written
from agent.teaching.proposals import Entry, Seen, count, located, look, matching, typed
from agent.teaching.said import SAID
from page_objects.locate import Scope

_ARRIVE_MS = 30_000
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Pointed:
    """What a person has pointed at, or typed; ``entry`` is the target that was chosen for it."""

    entry: Entry
    frame: Frame
    seen: Seen | None = None  # None: typed, and not there


Fits = Callable[[Entry], Awaitable[bool]]  # whether a target does elsewhere, too
Option = dict[tuple[str, str], Entry]  # targets that go together, by table and key


class Rule(StrEnum):
    """What has to hold on the page of every order."""

    ONCE = "once"
    AT_MOST_ONCE = "at most once"
    TABLE = "table"  # cells fill whole rows under the headings
    PAIRS = "pairs"  # as many labels as values
    MONEY = "money"  # a table, or the sign that there is none


@dataclass(frozen=True, slots=True)
class Where:
    """What narrows a question.

    Attributes:
        scope: where the target has to match; None stands for the frame of what was pointed at.
        asked: what else the look at the element takes.
        fits: what a proposed target has to meet besides.
        may_miss: a typed target may match nothing here, since some facts stand on some orders only.
    """

    scope: Scope | None = None
    asked: Mapping[str, Any] = field(default_factory=dict)
    fits: Fits | None = None
    may_miss: bool = False


@dataclass(slots=True)
class Taught:
    """What was taught on one order and has to hold on every other; the first option is the one that is written."""

    asked: str  # the key of its question
    options: list[Option]
    rule: Rule = Rule.ONCE
    what: str = "value"
    mended: bool = False  # it was pointed at again, on another order


@dataclass
class Lesson:
    """One session of teaching.

    Attributes:
        taught: what has to be unique on the page of every order.
        passed: the addresses of pages that the browser has gone to, oldest first.
        marks: what could say that a page has come, by page, each time that it came.
    """

    page: Page
    person: Person
    notes: Notebook
    rules: LearningRequests
    chinese: bool
    base: str
    taught: list[Taught] = field(default_factory=list)
    passed: list[str] = field(default_factory=list)
    marks: dict[str, list[list[Entry]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.page.on("request", self._passes)

    def _passes(self, request: Request) -> None:
        if request.is_navigation_request() and request.method == "GET":
            self.passed.append(request.url)

    # --- talking

    def say(self, key: str, /, **facts: object) -> str:
        """Return a sentence of ours in the person's language."""
        phrase: Phrase = SAID[key]
        return (phrase.zh if self.chinese else phrase.en).format(**facts)

    def tell(self, key: str, /, **facts: object) -> None:
        """Say something."""
        self.person.tell(self.say(key, **facts))

    async def ask(self, key: str, said: str, default: str = "", **facts: object) -> str:
        """Ask for a line of text; an empty one is the default."""
        return await self.person.answer(Question(key, Kind.TEXT, self.say(said, **facts), default)) or default

    async def agrees(self, key: str, said: str, *, default: bool = True, **facts: object) -> bool:
        """Ask whether something is so."""
        answer = await self.ask(key, said, "y" if default else "n", **facts)
        return answer.strip().lower() in {"y", "yes", "是", "j"}

    async def let_do(self, key: str, **facts: object) -> None:
        """Let the person do something in the window, with clicks of their own."""
        text = self.say(key, **facts)
        await self._over(text)
        await self.person.answer(Question(key, Kind.DO, text))
        await self.settle()
        await self._over("")

    # --- pages

    async def open(self, url: str) -> None:
        """Go to a page of the portal.

        Raises:
            Unreachable: nobody answers there.
        """
        try:
            await self.page.goto(url, wait_until="domcontentloaded", timeout=_ARRIVE_MS)
        except PlaywrightError as fault:
            raise Unreachable(f"{url}: {fault.message.splitlines()[0]}") from fault
        await self.settle()

    async def settle(self) -> None:
        """Wait until the page asks for nothing more; one that never rests is taken as it is."""
        with suppress(PlaywrightError):
            await self.page.wait_for_load_state("networkidle", timeout=5_000)

    # --- pointing

    async def point(self, key: str, **facts: object) -> ElementHandle | Entry | None:
        """Wait for the pointer or for a typed target, whichever comes first; None leaves the thing out."""
        text = self.say(key, **facts)
        await self._over(text)
        async with pointing.inspecting(self.page) as inspector:  # before it is asked: a click must not reach the page
            pointer = asyncio.ensure_future(inspector.picked())
            line = asyncio.ensure_future(self.person.answer(Question(key, Kind.POINT, text)))
            try:
                await asyncio.wait({pointer, line}, return_when=asyncio.FIRST_COMPLETED)
                if not line.done():
                    return pointer.result()
                answer = line.result()
                return typed(answer) if answer else None
            finally:
                pointer.cancel()
                line.cancel()
                await asyncio.gather(pointer, line, return_exceptions=True)
                await self._over("")

    async def teach(self, key: str, what: str, where: Where | None = None, **facts: object) -> Pointed | None:
        """Ask for one thing until a target matches it and nothing else; None leaves it out."""
        where = where or Where()
        for _ in range(_TRIES):
            try:
                given = await self.point(key, **facts)
            except ValueError as fault:
                self.tell("not_a_target", why=fault)
                continue
            if given is None:
                return None
            if isinstance(given, ElementHandle):
                found = await self._proposed(given, what, key, where)
            else:
                found = await self._typed(given, what, where)
            if found is not None:
                return found
        return None

    async def _proposed(self, element: ElementHandle, what: str, key: str, where: Where) -> Pointed | None:
        frame = await element.owner_frame() or self.page.main_frame
        scope = where.scope or frame
        seen = await look(element, what, why=self.say("why_css"), **where.asked)
        options = await matching(scope, seen.targets, seen.element) if seen is not None else []
        if where.fits is not None:
            options = [option for option in options if await where.fits(option)]
        if seen is None or not options:
            self.tell("nothing_fits")
            return None
        return Pointed(await self.choose(key, options, scope), frame, seen)

    async def _typed(self, entry: Entry, what: str, where: Where) -> Pointed | None:
        frame = await self.frame_with(entry)
        scope = where.scope or frame
        matches = await count(scope, entry)
        if matches != 1:
            self.tell("matches", target=written(entry), count=matches)
        if not matches:
            return Pointed(entry, frame) if where.may_miss else None
        with reading("what was typed"):
            element = await located(scope, entry).first.element_handle()
        return Pointed(entry, frame, await look(element, what, why=self.say("why_css"), **where.asked))

    async def frame_with(self, entry: Entry) -> Frame:
        """Return the frame in which a target matches something, the outermost first."""
        for frame in self.page.frames:
            if await count(frame, entry):
                return frame
        return self.page.main_frame

    async def choose(self, key: str, options: Sequence[Entry], scope: Scope) -> Entry:
        """Show what could identify a thing, the best first, and return what the person takes."""
        for at, option in enumerate(options, 1):
            self.tell("option", number=at, target=written(option))
        await pointing.show(self.page, written(options[0]), located(scope, options[0]))
        answer = await self.ask(f"{key}.target", "which_target", "1")
        await self._over("")
        if answer.isdigit() and 1 <= int(answer) <= len(options):
            return options[int(answer) - 1]
        try:
            return typed(answer)
        except ValueError as fault:
            self.tell("not_a_target", why=fault)
            return options[0]

    async def keep(
        self, key: str, table: str, entry: str, found: Pointed, *, rule: Rule = Rule.ONCE, what: str = "value"
    ) -> None:
        """Write a target of an order's page down, with what could take its place, to be counted on other orders."""
        more = await matching(found.frame, found.seen.targets, found.seen.element) if found.seen is not None else []
        several = [found.entry, *(one for one in more if one != found.entry)]
        self.remember(Taught(key, [{(table, entry): one} for one in several], rule, what))

    def remember(self, taught: Taught) -> None:
        """Write the first option down, and keep the others."""
        self.taught.append(taught)
        for (table, key), entry in taught.options[0].items():
            self.notes.put(table, key, entry)

    async def _over(self, text: str) -> None:
        with suppress(Transient):  # the page is on its way to another one
            await pointing.show(self.page, text)

    async def text_of(self, pointed: Pointed) -> str:
        """Return what stands in what was pointed at."""
        with reading("what was pointed at"):
            return (await located(pointed.frame, pointed.entry).first.inner_text()).strip()
