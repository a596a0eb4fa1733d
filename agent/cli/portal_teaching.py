"""What `portal new` does: a session of teaching, and what is still to be written afterwards."""

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from agent.cli.call import Call
from agent.cli.display import has_display
from agent.cli.exits import ATTENTION, STOPPED
from agent.cli.interrupts import Interrupts
from agent.cli.opened import set_up_log
from agent.cli.options import Language
from agent.cli.portal_checking import check_portal
from agent.cli.screen import Screen
from agent.cli.words import Voice
from agent.domain.acts import ActKind
from agent.errors import ConfigError
from agent.log import register_secret
from agent.settings import FILE_NAME, Browser, load, resolve_secret
from agent.teaching.asking import AnswerFile, Interrupted, Person, Terminal
from agent.teaching.entering import Credentials
from agent.teaching.notebook import Notebook
from agent.teaching.session import Wanted, teach_portal

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")


@dataclass(frozen=True, slots=True)
class Asked:
    """The command's options, as they were typed."""

    name: str
    url: str
    folder: Path
    language: str
    act: str
    orders: int
    username: str
    password: str
    remote: str | None
    headless: bool
    answers: Path | None
    force: bool


def new_portal(call: Call, asked: Asked) -> int:
    """Teach a portal, write its profile, and say what is missing for which act; return the exit code.

    Raises:
        ConfigError: name, address or options cannot be used.
        Unreachable: nobody answers at the address.
    """
    screen = Screen(Voice(call.language))
    set_up_log(call, screen)
    wanted = _wanted(call, asked)
    person: Person = AnswerFile(asked.answers, screen.note) if asked.answers is not None else Terminal(screen.note)
    path = wanted.folder / wanted.name / "profile.toml"
    with Interrupts(lambda: None) as interrupts:

        async def teach() -> Notebook:
            with interrupts.watching():
                return await teach_portal(wanted, person)

        try:
            notes = asyncio.run(teach())
        except (KeyboardInterrupt, asyncio.CancelledError, Interrupted):
            screen.tell("teaching_kept" if path.exists() else "teaching_nothing", path=path.absolute())
            return STOPPED
    return _told(call, screen, notes)


def _told(call: Call, screen: Screen, notes: Notebook) -> int:
    faults = notes.faults()
    if not notes.path.exists():
        screen.tell("teaching_nothing")
        return ATTENTION
    screen.line(screen.voice.say("teaching_saved", path=notes.path.absolute()))
    if not faults:
        return check_portal(call, notes.name, folder=notes.path.parent.parent, language=None, as_json=False)
    screen.tell("teaching_open")
    for fault in faults:
        screen.note(f"  {fault}")
    return ATTENTION


def _wanted(call: Call, asked: Asked) -> Wanted:
    faults = [*_faults(asked)]
    if faults:
        raise ConfigError(faults)
    credentials = None
    if asked.password:
        secret = resolve_secret(asked.password)
        register_secret(secret)
        credentials = Credentials(asked.username, secret)
    browser = load(call.config).browser if call.config is not None or Path(FILE_NAME).is_file() else Browser()
    return Wanted(
        name=asked.name,
        url=asked.url,
        folder=asked.folder,
        language=asked.language,
        chinese=call.language is Language.ZH,
        act=ActKind(asked.act),
        orders=asked.orders,
        headed=not asked.headless,
        remote=asked.remote,
        executable=str(browser.executable) if browser.executable is not None else None,
        channel=browser.channel,
        username=asked.username,
        credentials=credentials,
    )


def _faults(asked: Asked) -> list[str]:
    faults: list[str] = []
    parts = urlsplit(asked.url)
    if not _NAME.fullmatch(asked.name):
        faults.append(f"{asked.name!r} is no name for a portal: use small letters, digits, - and _")
    elif (asked.folder / asked.name).exists() and not asked.force:
        faults.append(f"{asked.folder / asked.name} is there already: take another name, or add --force")
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        faults.append(f"--url {asked.url}: write a whole address, such as https://shop.example/orders")
    if asked.act not in set(ActKind):
        faults.append(f"--act {asked.act}: use one of {', '.join(ActKind)}")
    if asked.password and not asked.username:
        faults.append("--password goes with --username")
    if not asked.headless and asked.remote is None and not has_display():
        faults.append("no window can be shown here: add --remote, or --headless with --answers")
    if asked.headless and asked.answers is None:
        faults.append("--headless goes with --answers: nobody can point into a browser that is not shown")
    return faults
