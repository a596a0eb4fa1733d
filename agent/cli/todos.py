"""The cases that wait for a person as a to-do list."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.table import Table
from rich.text import Text
from sqlalchemy import Connection

from agent.app import App
from agent.cli.screen import Screen
from agent.cli.words import Voice
from agent.domain.aftercare import AftercareKind, AftercareState
from agent.domain.cases import ANSWERS, Case, CaseState, WaitingFor
from agent.domain.consent import is_wanting
from agent.domain.reviews import asked_about
from agent.engine.act import UNPROVED
from agent.evidence.todo import AFTERCARE, ASKED, Todo, todo
from agent.evidence.words import Phrase, shortened, visible
from agent.store import aftercare, approvals

_LONGEST = 600


def is_todo(waiting: WaitingFor | None) -> bool:
    """Say whether cases that wait for this are somebody's to do."""
    return waiting in set(ASKED)


def show_todos(app: App, screen: Screen, cases: Sequence[Case]) -> None:
    """Show each case with what is asked, until when, what happens if nobody answers, and the command that answers."""
    asked = app.db.read(lambda tx: [(case, list(_todos_of(tx, screen.voice, case))) for case in cases])
    for case, todos in asked:
        for one in todos:
            screen.line(_heading(screen.voice, case, one))
            screen.result(_sheet(screen.voice, one))
            screen.line("")


def _todos_of(tx: Connection, voice: Voice, case: Case) -> Iterator[Todo]:
    """Yield what a case asks of people: by what it waits for, or by what is still wanted after its end."""
    if case.state is CaseState.ENDED:
        for item in aftercare.of_case(tx, case.case_id):
            if item.state is AftercareState.HUMAN:
                reviews = asked_about(case.facts) if item.kind is AftercareKind.REVIEW else 0
                yield from _asked(voice, case, AFTERCARE, item.why, looked_at=item.due_at, reviews=reviews)
        return
    word = case.waiting_for or ""
    standing = approvals.pending(tx, case.case_id) if word == WaitingFor.APPROVAL else None
    expires = None if standing is None else standing.expires_at
    yield from _asked(voice, case, word, case.why, looked_at=case.due_at, expires=expires)


def _asked(
    voice: Voice,
    case: Case,
    word: str,
    why: str,
    *,
    looked_at: datetime | None,
    expires: datetime | None = None,
    reviews: int = 0,
) -> Iterator[Todo]:
    said = voice.told(why)
    found = todo(
        word,
        case_id=case.case_id,
        shop=case.shop,
        asked=Phrase(said, said) if said else None,
        looked_at=None if looked_at is None else looked_at.astimezone(),
        expires=None if expires is None else expires.astimezone(),
        deadline=None if case.deadline is None or case.outcome is not None else case.deadline.astimezone(),
        unproved=UNPROVED in case.facts,
        agreed=not is_wanting(case),
        reviews=reviews,
        answers=case.facts.get(ANSWERS, ()),
    )
    if found is not None:
        yield found


def _heading(voice: Voice, case: Case, asked: Todo) -> str:
    stands = f"waiting:{asked.word}" if case.outcome is None else f"{case.outcome}:human"
    return f"{case.order_id} · {case.shop} · {voice.word(stands)}"


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
    yield "todo_command", asked.command.replace(" · ", "\n")  # one a line, to be copied
