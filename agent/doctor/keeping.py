"""Which visit is good, and what a visit that is not does to the shop."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from agent.app import App
from agent.doctor.bearing import Weight
from agent.doctor.visit import Visit
from agent.domain.cases import Path
from agent.engine.shop_run import ShopRun
from agent.store import breakers, visits

if TYPE_CHECKING:
    from agent.doctor.differences import Difference
    from agent.doctor.examination import Examined

FAULT = "the portal has changed"
_FIRST, _AGREES, _ACCEPTED = "first", "agrees", "accepted"


@dataclass(frozen=True, slots=True)
class Good:
    """The last good visit, and when it, or a later one like it, was made."""

    visit: Visit
    trusted_at: datetime


def last_good(app: App, run: ShopRun) -> Good | None:
    """Return the last good visit of a shop under the profile as it is now."""
    kept = app.db.read(lambda tx: visits.last_good(tx, run.name, run.loaded.sha256))
    return None if kept is None else Good(Visit.model_validate(kept.visit), kept.seen_at)


def keep_if_good(app: App, run: ShopRun, examined: "Examined", *, accepted: bool = False) -> bool:
    """Keep a visit that is good by itself, or that a person has accepted; return whether it is.

    The first one has to agree with the profile, later ones must not differ but for their looks. A visit to a
    portal that was down or slow has not seen enough.
    """
    findings = examined.findings
    if not examined.visit.places:
        return False
    agrees = not findings.changed and not findings.troubles
    if not accepted and not (agrees and (findings.ok or examined.good is not None)):
        return False
    how = _ACCEPTED if accepted else _FIRST if examined.good is None else _AGREES
    visit = examined.visit.after(None if examined.good is None else examined.good.visit)
    now = app.clock()

    def work(tx: Connection) -> None:
        visits.keep(
            tx,
            shop=run.name,
            profile_hash=run.loaded.sha256,
            visit=visit.as_json(),
            how=how,
            actor=app.actor,
            now=now,
        )

    app.db.write(work)
    return True


def paths_of(differences: Iterable["Difference"]) -> dict[Path, "Difference"]:
    """Return the paths that acting differences concern, each with its first one."""
    found: dict[Path, Difference] = {}
    for one in differences:
        if one.weight is Weight.ACTING:
            for path in one.paths:
                found.setdefault(path, one)
    return found


def stop_paths(app: App, run: ShopRun, differences: Iterable["Difference"], detail: str) -> tuple[Path, ...]:
    """Open the breakers of the paths that acting differences concern, and return these paths."""
    stopped = paths_of(differences)
    now = app.clock()

    def work(tx: Connection) -> None:
        for path, one in stopped.items():
            text = f"{one.entry}: {one.why()}; {detail}"
            breakers.open_at_once(tx, shop=run.name, path=path, fault=FAULT, detail=text, now=now)

    app.db.write(work)
    return tuple(stopped)
