"""What cases and show do."""

from collections.abc import Iterator

from sqlalchemy import Connection

from agent.app import App
from agent.cli.call import Call
from agent.cli.complaints import complaints
from agent.cli.exits import code_of_statuses
from agent.cli.nothing_done import nothing_done
from agent.cli.opened import opened
from agent.cli.screen import Screen
from agent.cli.tables import case_sheet, show_cases, story_table
from agent.cli.todos import is_todo, show_todos
from agent.desk import find_case
from agent.domain.cases import Case, WaitingFor
from agent.report.model import ReportCase, summary
from agent.store import aftercare, cases
from agent.summary import report_cases


def list_cases(call: Call, *, shop: str | None, open_only: bool, waiting: WaitingFor | None, as_json: bool) -> int:
    """List cases with what stands in their way; return the exit code.

    Raises:
        ConfigError: the settings are wrong, or have no such shop.
    """
    with opened(call, as_json=as_json) as (app, screen):
        if shop is not None:
            app.settings.shop(shop)
        found = app.db.read(lambda tx: _listed(tx, shop, waiting, open_only=open_only))
        listed = report_cases(app.db, app.blobs, found, story=False)
        if is_todo(waiting) and not as_json:
            show_todos(app, screen, found)
            if not found:
                screen.line(screen.voice.say("todo_nothing"))
        else:
            show_cases(screen, listed)
        for complaint in complaints(app, screen.voice, [shop] if shop else list(app.settings.shops)):
            screen.note(complaint)
        return code_of_statuses(case.status for case in listed)


def _listed(tx: Connection, shop: str | None, waiting: WaitingFor | None, *, open_only: bool) -> list[Case]:
    """Return the cases that are asked for; a person is waited for by what a closed order still wants, too."""
    found = cases.listing(tx, shop=shop, open_only=open_only, waiting_for=waiting)
    if waiting is WaitingFor.HUMAN:
        found += cases.by_ids(tx, aftercare.wanting_person(tx, shop))
    return found


def show_case(call: Call, word: str, *, as_json: bool) -> int:
    """Show one case; return the exit code.

    Raises:
        ConfigError: there is no such case, or the settings are wrong.
    """
    with opened(call, as_json=as_json) as (app, screen):
        with nothing_done():
            case = find_case(app, word)
        [found] = report_cases(app.db, app.blobs, [case])
        screen.data(summary([found]))
        _show(app, screen, found)
        return code_of_statuses([found.status])


def _show(app: App, screen: Screen, case: ReportCase) -> None:
    screen.result(case_sheet(screen.voice, case))
    screen.result("")
    screen.result(story_table(screen.voice, case))
    screen.result("")
    for path in dict.fromkeys(_files(app, case)):  # a picture that did not change is kept once
        screen.line(f"{screen.voice.say('evidence')}: {path}")


def _files(app: App, case: ReportCase) -> Iterator[str]:
    if case.evidence is not None:
        yield case.evidence
    for picture in case.pictures:
        if app.blobs.has(picture.sha256, picture.ext):
            yield str(app.blobs.path(picture.sha256, picture.ext).absolute())
