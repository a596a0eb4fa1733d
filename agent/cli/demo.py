"""What demo does: a portal of its own, a mixed batch in both roles, people's answers, and a check against the truth."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from agent import desk
from agent.app import App
from agent.cli.call import Call
from agent.cli.demo_batch import Batch, make_batch
from agent.cli.demo_check import check
from agent.cli.demo_settings import PASSWORD_VARIABLE, written_settings
from agent.cli.exits import ATTENTION, FINE
from agent.cli.interrupts import Interrupts
from agent.cli.opened import opened
from agent.cli.options import Skin
from agent.cli.reporting import write_cases
from agent.cli.screen import Screen
from agent.cli.tables import show_cases
from agent.cli.working import Job, Way, Worked, work_shop
from agent.domain.cases import Case, WaitingFor
from agent.errors import ConfigError, Stopped
from agent.settings import load
from agent.store import cases
from agent.summary import report_cases
from fixtures.mock_portal.server import start

_FOLDER = Path("closewright-demo")
_APPROVER = "demo-manager"
_LEAST_SHOP = 200


class Truth:
    """The mock portal's own truth, which nothing but this check of the demo ever reads."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def orders(self) -> dict[str, dict[str, Any]]:
        """Return every order as it really is, by its id."""
        listed = self._get("/_mock/orders")["orders"]
        return {order["order_id"]: order for order in listed}

    def ledger(self) -> list[dict[str, Any]]:
        """Return every change that really happened, oldest first."""
        entries: list[dict[str, Any]] = self._get("/_mock/ledger")["ledger"]
        return entries

    def set_actors(self, actors: Sequence[dict[str, Any]]) -> None:
        """Say what buyers, the supplier and the platform's clerk will do."""
        self._client.post("/_mock/actors", json={"actors": list(actors)}).raise_for_status()

    def _get(self, path: str) -> Any:
        return self._client.get(path).raise_for_status().json()


def run_demo(call: Call, *, orders: int, seed: int, skin: Skin, headed: bool) -> int:
    """Run the demo in a new folder below ``closewright-demo``; return the exit code.

    Raises:
        ConfigError: the folder cannot be written, or no browser is found.
        Stopped: somebody interrupted it.
    """
    folder = _new_folder()
    with start(seed=seed, orders=max(_LEAST_SHOP, 2 * orders), skin=skin.value) as portal:
        settings = load(written_settings(folder, portal.url, skin, headed=headed))
        with _password(), opened(call, settings=settings) as (app, screen):
            screen.tell("demo_portal", url=portal.url, skin=skin.value, seed=seed)
            with httpx.Client(base_url=portal.url, timeout=30, trust_env=False) as client:
                return _demo(app, screen, Truth(client), orders, folder)


def _demo(app: App, screen: Screen, truth: Truth, orders: int, folder: Path) -> int:
    before = truth.orders()
    batch = make_batch(before, orders, folder)
    truth.set_actors(batch.actors)
    with Interrupts(lambda: screen.tell("interrupting")) as interrupts:
        for shop, requests in batch.requests.items():
            screen.tell("demo_round", shop=shop, orders=len(requests))
            _round(app, screen, Job(shop, "run", requests), interrupts)
        if _people_answer(app, screen, batch):
            for shop in batch.requests:
                _round(app, screen, Job(shop, "resume"), interrupts)
    found = app.db.read(cases.listing)
    show_cases(screen, report_cases(app.db, app.blobs, found, story=False))
    differences = check(found, before=before, after=truth.orders(), ledger=truth.ledger())
    for difference in differences:
        screen.tell("demo_differs", what=difference)
    if not differences:
        screen.tell("demo_agrees", orders=len(found), others=len(before) - len(found))
    _write_reports(app, screen, found, folder)
    return ATTENTION if differences else FINE


def _round(app: App, screen: Screen, job: Job, interrupts: Interrupts) -> Worked:
    """Work one shop.

    Raises:
        Stopped: somebody interrupted it.
    """
    worked = work_shop(app, screen, job, Way(), interrupts)
    if worked.end.stopped_by is not None:
        raise worked.end.stopped_by
    if worked.end.interrupted:
        raise Stopped("the demo was interrupted")
    return worked


def _people_answer(app: App, screen: Screen, batch: Batch) -> int:
    """Approve what asks for it (and reject one), say that returned parcels are here; return how many were answered."""
    approvals = _waiting(app, WaitingFor.APPROVAL)
    parcels = [case for case in _waiting(app, WaitingFor.RETURN_PARCEL) if case.order_id in batch.returned]
    refused, approved = (approvals[:1], approvals[1:]) if len(approvals) > 1 else ([], approvals)
    for case in approved:
        desk.approve(app, case, name=_APPROVER)
    for case in refused:
        desk.reject(app, case, name=_APPROVER)
    for case in parcels:
        desk.answer(app, case, desk.Word.RECEIVED)
    screen.tell("demo_people", approved=len(approved), rejected=len(refused), received=len(parcels))
    return len(approved) + len(parcels)


def _waiting(app: App, waiting_for: WaitingFor) -> list[Case]:
    return app.db.read(lambda tx: cases.listing(tx, waiting_for=waiting_for))


def _write_reports(app: App, screen: Screen, found: Sequence[Case], folder: Path) -> None:
    page = folder / "report.html"
    write_cases(app, screen, found, folder / "report.xlsx")
    write_cases(app, screen, found, page)
    screen.bare(str(page.absolute()))


def _new_folder() -> Path:
    """Return a folder that is ours alone: an earlier demo's cases are of another portal's orders."""
    name = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
    for number in range(100):
        folder = _FOLDER / (f"{name}-{number}" if number else name)
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        except OSError as fault:
            raise ConfigError(
                [f"{folder.absolute()}: cannot be made ({fault.strerror}): run the demo elsewhere"]
            ) from fault
        return folder
    raise ConfigError([f"{_FOLDER.absolute()}: too many demos at once: remove some"])


@contextmanager
def _password() -> Iterator[None]:
    """Have the portal's well-known password where the settings say it is."""
    before = os.environ.get(PASSWORD_VARIABLE)
    os.environ[PASSWORD_VARIABLE] = "demo"
    try:
        yield
    finally:
        os.environ.pop(PASSWORD_VARIABLE)
        if before is not None:
            os.environ[PASSWORD_VARIABLE] = before
