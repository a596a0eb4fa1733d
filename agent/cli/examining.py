"""What doctor does."""

import asyncio
from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from agent.cli.call import Call
from agent.cli.complaints import complaints
from agent.cli.exits import ATTENTION, FINE
from agent.cli.opened import opened
from agent.cli.screen import Screen
from agent.doctor import Findings, State
from agent.doctor.changes_page import path_words
from agent.doctor.examination import look_round
from agent.doctor.keeping import keep_if_good
from agent.doctor.reporting import write_changes
from agent.engine.shop_run import Mode
from agent.evidence.words import moment, visible

_WEIGHT_STYLES = {"acting": "red", "reading": "yellow", "cosmetic": "dim"}
_STYLES = {State.FOUND: "green", State.MISSING: "red", State.AMBIGUOUS: "red", State.UNREAD: "dim"}


def examine_shop(call: Call, shop: str, orders: Sequence[str], *, headed: bool, accept: bool, as_json: bool) -> int:
    """Compare a shop's portal with its profile and with the last good visit; return the exit code.

    Raises:
        ConfigError: settings, profile or an order id are wrong.
        ShopBusy: a live run holds the shop.
        Arrival: the portal does not let us in.
        Transient: the portal or the browser went away in the middle.
    """
    with opened(call, as_json=as_json) as (app, screen):
        run = app.shop_run(shop, run_id="doctor", mode=Mode.PLAN)
        with app.hold(shop):
            examined = asyncio.run(look_round(app, shop, order_ids=orders, headed=headed, queue=True))
            kept = keep_if_good(app, run, examined, accepted=accept)
        findings = examined.findings
        page = write_changes(app, examined, language=call.language.value) if findings.changed else None
        screen.data(findings.as_json() | {"good": kept, "page": None if page is None else str(page)})
        _show(screen, findings)
        _show_differences(screen, findings, kept=kept)
        for complaint in complaints(app, screen.voice, [shop]):
            screen.note(complaint)
        if page is not None:
            screen.line(str(page))
    return FINE if findings.ok and (accept or not findings.changed) else ATTENTION


def _show(screen: Screen, findings: Findings) -> None:
    voice = screen.voice
    table = Table(pad_edge=False)
    table.add_column(voice.say("entry"), no_wrap=True)
    table.add_column(voice.say("found"))
    table.add_column(voice.say("where"))
    table.add_column("")
    for entry in findings.entries:
        state = Text(voice.say(entry.state.value), style=_STYLES[entry.state])
        table.add_row(Text(entry.entry), state, Text(visible(entry.where)), Text(visible(entry.note)))
    screen.result(table)
    for axis, text, where in findings.unknown_words:
        screen.line(voice.say("unknown_word", axis=axis, text=text, where=where))
    for blocked in findings.blocked:
        screen.line(voice.say("not_let_out", request=blocked))
    if findings.confirmed:
        screen.line(voice.say("confirmed", count=len(findings.confirmed)))
    if findings.still_unverified:
        screen.line(voice.say("still_unverified", count=len(findings.still_unverified)))


def _show_differences(screen: Screen, findings: Findings, *, kept: bool) -> None:
    voice = screen.voice
    language = voice.language.value
    if findings.differences:
        table = Table(pad_edge=False)
        for heading in ("weight", "entry", "where", "difference", "paths"):
            table.add_column(voice.say(heading))
        for one in findings.differences:
            weight = Text(voice.say(one.weight.value), style=_WEIGHT_STYLES[one.weight.value])
            why = Text(visible(one.why(language)))
            table.add_row(
                weight, Text(one.entry), Text(visible(one.where or one.place)), why, Text(path_words(one, language))
            )
        screen.result(table)
    elif findings.good_since is not None:
        screen.line(voice.say("no_differences", at=moment(findings.good_since.isoformat())))
    for trouble in findings.troubles:
        screen.line(voice.say("not_visited", trouble=trouble))
    if kept:
        screen.line(voice.say("now_good"))
    elif findings.changed:
        screen.line(voice.say("not_good", shop=findings.shop))
