"""The visit with which a batch begins."""

import asyncio
from collections.abc import Sequence

from agent.app import App
from agent.cli.screen import Screen
from agent.doctor.before import is_due, visit_before
from agent.domain.ids import OrderId
from agent.engine.shop_run import ShopRun
from agent.store import cases

_MOST_HINTS = 6  # orders of the batch that are looked at: the list may show none of their kind


def visit_first(app: App, screen: Screen, run: ShopRun, case_ids: Sequence[str], *, headed: bool) -> None:
    """Look whether the portal is as it was, unless that is known; stop the paths that a change concerns, and say so.

    Raises:
        ConfigError: the page that shows what has changed cannot be written.
        StoreError: the database cannot be used.
    """
    if not is_due(app, run):
        return
    voice = screen.voice
    screen.tell("looking_first")
    hints = _some_of(app, case_ids)
    before = asyncio.run(visit_before(app, run, order_ids=hints, headed=headed, language=voice.language.value))
    if before.trouble:
        screen.tell("not_visited", trouble=voice.told(before.trouble))
    for one in before.differences:
        text = one.why(voice.language.value)
        screen.tell("changed_before", entry=one.entry, why=text)
    for path in before.stopped:
        screen.tell("path_stopped", path=voice.named("path", path), page=before.page, shop=run.name)
    if before.page is not None and not before.stopped:
        screen.tell("see_page", page=before.page)


def _some_of(app: App, case_ids: Sequence[str]) -> list[OrderId]:
    """Return a few orders of the batch, one for each path and amount of progress that is known, then any."""
    listed = app.db.read(lambda tx: cases.by_ids(tx, case_ids))
    first = {(case.path, case.state, case.waiting_for): case.order_id for case in reversed(listed)}
    spread = [case.order_id for case in listed[:: max(1, len(listed) // _MOST_HINTS)]]
    return list(dict.fromkeys([*first.values(), *spread]))[:_MOST_HINTS]
