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
from agent.doctor import Findings, State, examine
from agent.evidence.words import visible

_STYLES = {State.FOUND: "green", State.MISSING: "red", State.AMBIGUOUS: "red", State.UNREAD: "dim"}


def examine_shop(call: Call, shop: str, orders: Sequence[str], *, headed: bool, as_json: bool) -> int:
    """Compare a shop's profile with its portal; return the exit code.

    Raises:
        ConfigError: settings, profile or an order id are wrong.
        ShopBusy: a live run holds the shop.
        Arrival: the portal does not let us in.
        Transient: the portal or the browser went away in the middle.
    """
    with opened(call, as_json=as_json) as (app, screen):
        findings = asyncio.run(examine(app, shop, order_ids=orders, headed=headed))
        screen.data(findings.as_json())
        _show(screen, findings)
        for complaint in complaints(app, screen.voice, [shop]):
            screen.note(complaint)
    return FINE if findings.ok else ATTENTION


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
