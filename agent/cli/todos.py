"""The cases that wait for a person as a to-do list."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.table import Table
from rich.text import Text
from sqlalchemy import Connection

from agent.app import App
from agent.cli.screen import Screen
from agent.cli.words import Voice
from agent.domain.cases import Case, WaitingFor
from agent.engine.act import UNPROVED
from agent.evidence.todo import ASKED, Todo, todo
from agent.evidence.words import Phrase, shortened, visible
from agent.store import approvals

_LONGEST = 600


def is_todo(waiting: WaitingFor | None) -> bool:
    """Say whether cases that wait for this are somebody's to do."""
    return waiting in set(ASKED)


def show_todos(app: App, screen: Screen, cases: Sequence[Case]) -> None:
    """Show each case with what is asked, until when, what happens if nobody answers, and the command that answers."""
    expiries = app.db.read(lambda tx: {case.case_id: _expiry(tx, case) for case in cases})
    for case in cases:
        asked = _todo_of(screen.voice, case, expiries[case.case_id])
        if asked is not None:
            screen.line(_heading(screen.voice, case))
            screen.result(_sheet(screen.voice, asked))
            screen.line("")


def _expiry(tx: Connection, case: Case) -> datetime | None:
    asked = approvals.pending(tx, case.case_id) if case.waiting_for is WaitingFor.APPROVAL else None
    return None if asked is None else asked.expires_at.astimezone()


def _todo_of(voice: Voice, case: Case, expires: datetime | None) -> Todo | None:
    said = voice.told(case.why)
    return todo(
        case.waiting_for or "",
        case_id=case.case_id,
        shop=case.shop,
        asked=Phrase(said, said) if said else None,
        looked_at=None if case.due_at is None else case.due_at.astimezone(),
        expires=expires,
        unproved=UNPROVED in case.facts,
    )


def _heading(voice: Voice, case: Case) -> str:
    return f"{case.order_id} · {case.shop} · {voice.word(f'waiting:{case.waiting_for}')}"


def _sheet(voice: Voice, asked: Todo) -> Table:
    sheet = Table(show_header=False, box=None, pad_edge=False)
    sheet.add_column(style="bold", no_wrap=True)
    sheet.add_column(overflow="fold")
    for name, value in _lines(voice, asked):
        sheet.add_row(f"  {voice.say(name)}", Text(shortened(visible(value), _LONGEST)))
    return sheet


def _lines(voice: Voice, asked: Todo) -> Iterator[tuple[str, str]]:
    yield "todo_asked", voice.of(asked.asked)
    yield "todo_until", voice.of(asked.until)
    yield "todo_otherwise", voice.of(asked.otherwise)
    yield "todo_command", asked.command
