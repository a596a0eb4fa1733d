"""A visit before a batch: what has changed stops the paths that lean on it, before their first order."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Literal

from agent.app import App
from agent.doctor.differences import Difference
from agent.doctor.examination import look_round
from agent.doctor.keeping import keep_if_good, last_good, stop_paths
from agent.doctor.reporting import write_changes
from agent.domain.cases import Path
from agent.engine.shop_run import ShopRun
from agent.errors import Arrival, Transient


@dataclass(frozen=True, slots=True)
class Before:
    """What a visit before a batch has come to.

    Attributes:
        stopped: the paths that it has stopped.
        differences: what reading or acting leans on and has changed; ``page`` shows it.
        trouble: why the portal could not be looked at, or not all of it; nothing is stopped for that.
    """

    stopped: tuple[Path, ...] = ()
    differences: tuple[Difference, ...] = ()
    page: FilePath | None = None
    trouble: str = ""


def is_due(app: App, run: ShopRun) -> bool:
    """Return whether a batch should begin with a visit: the last good one is too long ago, or there is none."""
    trusted = app.settings.doctor.before_batch
    if trusted is None:
        return False
    good = last_good(app, run)
    return good is None or app.clock() - good.trusted_at >= trusted


async def visit_before(
    app: App, run: ShopRun, *, order_ids: Sequence[str], headed: bool, language: Literal["zh", "en"]
) -> Before:
    """Visit a shop that is held, and open the breakers of the paths that an acting difference concerns.

    Raises:
        ConfigError: the page that shows the differences cannot be written.
        StoreError: the database cannot be used.
    """
    try:
        examined = await look_round(app, run.name, hints=order_ids, headed=headed)
    except (Arrival, Transient) as fault:
        return Before(trouble=str(fault))
    findings = examined.findings
    trouble = findings.troubles[0] if findings.troubles else ""
    if keep_if_good(app, run, examined) or not findings.changed:
        return Before(trouble=trouble)
    page = write_changes(app, examined, language=language)
    heavy = tuple(one for one in findings.differences if one.weight != "cosmetic")
    return Before(stop_paths(app, run, heavy, str(page)), heavy, page, trouble)
