"""Plans and rehearsals: what would be done to each order, with nothing changed and nothing stored as a case."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from agent.app import App, check_ready
from agent.cli.exits import STOPPED, code_of, code_of_statuses
from agent.cli.interrupts import Interrupts
from agent.cli.screen import Screen
from agent.cli.tables import show_cases
from agent.cli.working import Way, work_queue
from agent.domain.cases import Case, CloseRequest
from agent.engine.batch import BatchEnd
from agent.engine.files import header
from agent.engine.passes import PassEnd
from agent.engine.queue import ListedQueue
from agent.engine.shop_run import Mode
from agent.errors import ClosewrightError
from agent.evidence.files import write_atomic
from agent.evidence.manifest import encode
from agent.report.model import ReportAct, ReportCase, summary
from agent.summary import passing_case

_STATES = {Mode.PLAN: "planned", Mode.REHEARSE: "rehearsed"}


def try_out(
    app: App,
    screen: Screen,
    shop: str,
    requests: Sequence[CloseRequest],
    *,
    mode: Mode,
    way: Way,
    more: Mapping[str, Any] | None = None,
) -> int:
    """Look at each order once, as far as the mode goes; show what would be done, and return the exit code.

    ``more`` is what the JSON object says beside the cases.

    Raises:
        ConfigError: it cannot begin.
    """
    with app.recorded_run(shop, _STATES[mode]) as recorded, Interrupts(lambda: screen.tell("interrupting")) as stop:
        try:
            run = app.shop_run(shop, run_id=recorded.run_id, mode=mode)
            check_ready(app, run, headed=way.headed)
            listed = app.passing_cases(shop, requests)
            end = (
                work_queue(app, screen, run, ListedQueue(listed), total=len(listed), way=way, interrupts=stop)
                if listed
                else BatchEnd()
            )
        except ClosewrightError as fault:
            recorded.exit_code = code_of(fault)
            raise
        folder = app.settings.store.evidence.absolute() / "rehearsals" / run.run_id if mode is Mode.REHEARSE else None
        found = [_found(case, end, mode, folder) for case in listed]
        recorded.exit_code = _code(end, found)
        recorded.counts = summary(found)["counts"]
    show_cases(screen, found, more)
    if folder is not None:
        screen.tell("rehearsals", folder=folder)
    _tell_end(screen, end)
    return recorded.exit_code


def _code(end: BatchEnd, found: Sequence[ReportCase]) -> int:
    if end.stopped_by is not None:
        return code_of(end.stopped_by)
    return STOPPED if end.interrupted else code_of_statuses(case.status for case in found)


def _tell_end(screen: Screen, end: BatchEnd) -> None:
    if end.stopped_by is not None:
        screen.tell("stopped", why=screen.voice.told(str(end.stopped_by)))
    elif end.interrupted:
        screen.tell("interrupted")


def _found(case: Case, end: BatchEnd, mode: Mode, folder: Path | None) -> ReportCase:
    passed = end.ends.get(case.case_id)
    if passed is None:
        return passing_case(case, state=case.state.value, why="not looked at: the run ended before")
    evidence = None if folder is None else _kept(folder, passed)
    return passing_case(passed.case, state=_STATES[mode], acts=_acts(passed, mode), evidence=evidence)


def _acts(passed: PassEnd, mode: Mode) -> list[ReportAct]:
    """Return the acts that would have been made."""
    return [
        ReportAct(body["act"], body["purpose"], str(line["at"]), "", _STATES[mode], None)
        for line in passed.lines
        if line["kind"] == "planned" and isinstance(body := line["body"], dict)
    ]


def _kept(folder: Path, passed: PassEnd) -> Path:
    """Write what a rehearsal saw and would have sent, and return the file."""
    data: dict[str, Any] = {
        "format": "closewright-rehearsal/1",
        "case": {**header(passed.case), "case_id": None},
        "lines": list(passed.lines),
    }
    path = folder / f"{passed.case.order_id}.json"
    write_atomic(path, encode(data))
    return path
