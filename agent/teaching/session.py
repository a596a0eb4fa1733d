"""A whole session of teaching: from a browser at the gate to a profile on the disk."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import Browser, async_playwright
from playwright.async_api import Error as PlaywrightError

from agent.browser.find import find_browser
from agent.browser.gate import RequestGate
from agent.browser.launch import OpenBrowser, open_browser, open_context
from agent.domain.acts import ActKind
from agent.errors import ConfigError
from agent.teaching.acting import learn_act
from agent.teaching.asking import Person
from agent.teaching.entering import Credentials, learn_identity, learn_login
from agent.teaching.gate import LearningRequests
from agent.teaching.lesson import Lesson
from agent.teaching.listing import Row, learn_list, more_rows
from agent.teaching.meanings import learn_words
from agent.teaching.notebook import Notebook
from agent.teaching.order_page import learn_order
from agent.teaching.searching import learn_search
from agent.teaching.survey import Survey, learn_absence, note_ready, spread, survey

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_SETTLE_S = 3


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be taught.

    Attributes:
        remote: the address of a browser that listens on this machine; None launches one.
        orders: how many orders everything is checked on.
        language: that of the portal's pages.
    """

    name: str
    url: str
    folder: Path
    language: str
    chinese: bool
    act: ActKind = ActKind.CLOSE
    orders: int = 6
    headed: bool = True
    remote: str | None = None
    executable: str | None = None  # of the browser, where the settings name it
    channel: str | None = None
    username: str = ""
    credentials: Credentials | None = None


async def teach_portal(wanted: Wanted, person: Person, browsers: OpenBrowser = open_browser) -> Notebook:
    """Hold one session; whatever ends it, what was learnt until then is on the disk.

    Raises:
        ConfigError: no browser, or an address that cannot be used.
        Unreachable: nobody answers at the portal's address.
        Interrupted: the person has left.
    """
    parts = urlsplit(wanted.url)
    base = f"{parts.scheme}://{parts.netloc}"
    notes = _new_notes(wanted)
    rules = LearningRequests(wanted.url)
    gate = RequestGate(rules)
    async with _browser(wanted, browsers) as browser:
        context = await open_context(browser, locale=wanted.language)
        await gate.attach(context)
        lesson = Lesson(await context.new_page(), person, notes, rules, chinese=wanted.chinese, base=base)
        try:
            await lesson.open(wanted.url)
            await _hold(lesson, wanted)
        finally:
            if len(notes.tables) > 1:  # something was learnt
                notes.save()
            await _closed(context.close())
    return notes


async def _closed(closing: object) -> None:
    try:
        await closing  # type: ignore[misc]  # a coroutine of Playwright
    except PlaywrightError:
        return  # the person has closed the window


async def _hold(lesson: Lesson, wanted: Wanted) -> None:
    if await learn_login(lesson, wanted.credentials):
        await lesson.open(wanted.url)
    username = wanted.credentials.username if wanted.credentials is not None else wanted.username
    listed = await learn_list(lesson)
    await learn_identity(lesson, username)
    if listed is None or not listed.rows:
        return
    lesson.notes.save()
    rows = spread([*listed.rows, *await more_rows(lesson, listed)], wanted.orders)
    await learn_search(lesson, listed)
    if not await learn_order(lesson, rows[0]):
        return
    lesson.notes.save()
    await learn_absence(lesson)
    lesson.tell("looking", count=len(rows))
    met = await survey(lesson, rows)
    note_ready(lesson)
    await learn_words(lesson, met)
    lesson.notes.comment("", "", lesson.say("note_head", count=len(rows)))
    lesson.notes.save()
    await _act(lesson, wanted.act, rows, met)


async def _act(lesson: Lesson, act: ActKind, rows: list[Row], met: Survey) -> None:
    labels = lesson.notes.get("words.controls", act.value)
    if labels is None:
        lesson.tell("no_act", act=act.value)
        return
    named = {labels} if isinstance(labels, str) else set(labels)
    offering = [row for row in rows if met.by_order.get(row.order_id, frozenset()) & named]
    await learn_act(lesson, act, (offering or rows)[0], met)
    notes = lesson.notes
    notes.comment("unverified", "", lesson.say("note_unverified"))
    tables = [f"{kind}.{act}" for kind in ("acts", "forms", "requests")]
    notes.put("unverified", "act", [one for table in tables for one in notes.patterns(table)])


def _new_notes(wanted: Wanted) -> Notebook:
    notes = Notebook(wanted.folder, wanted.name)
    for key, value in {
        "format": 1,
        "name": wanted.name,
        "title": wanted.name,
        "version": "1",
        "roles": ["seller"],
        "language": wanted.language,
        "hosts": ["{base_host}"],
        "settle_s": _SETTLE_S,
        "arrive_s": 15,
    }.items():
        notes.put("", key, value)
    return notes


@asynccontextmanager
async def _browser(wanted: Wanted, browsers: OpenBrowser) -> AsyncIterator[Browser]:
    """Give a browser of ours, or one that listens on this machine: read-only either way."""
    if wanted.remote is None:
        found = find_browser(wanted.executable, wanted.channel, headed=wanted.headed)
        hosts = [urlsplit(wanted.url).hostname or ""]
        async with browsers(found, hosts=hosts, headed=wanted.headed) as browser:
            yield browser
        return
    if urlsplit(wanted.remote).hostname not in _LOOPBACK:
        raise ConfigError([f"--remote {wanted.remote}: only a browser on this machine, such as http://127.0.0.1:9222"])
    async with async_playwright() as playwright:
        try:
            browser = await playwright.chromium.connect_over_cdp(wanted.remote)
        except PlaywrightError as fault:
            raise ConfigError([f"--remote {wanted.remote}: no browser answers there"]) from fault
        try:
            yield browser
        finally:
            await browser.close()  # lets go of it; it goes on
