"""Supervision: the held request is shown, and leaves only after a person has typed the whole order id."""

import asyncio
import json

from rich.table import Table
from rich.text import Text

from agent.browser.gate import HeldRequest
from agent.cli.screen import Screen
from agent.domain.acts import Act
from agent.domain.cases import Case
from agent.domain.money import format_yuan
from agent.engine.shop_run import Supervise
from agent.evidence.words import FIELDS, visible


def supervisor(screen: Screen) -> Supervise:
    """Return what asks the person at this terminal about each held request."""

    async def confirm(case: Case, act: Act, held: HeldRequest) -> bool:
        screen.err.print(_shown(screen, case, act, held))
        screen.note(screen.voice.say("type_the_id"))
        typed = await asyncio.to_thread(_typed)
        return typed.strip() == case.order_id

    return confirm


def _typed() -> str:
    try:
        return input()
    except EOFError:
        return ""  # nobody is there to say yes


def _shown(screen: Screen, case: Case, act: Act, held: HeldRequest) -> Table:
    voice = screen.voice
    table = Table(title=voice.say("held"), show_header=False, pad_edge=False)
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    facts = [
        (voice.of(FIELDS["shop"]), case.shop),
        (voice.of(FIELDS["order_id"]), case.order_id),
        (voice.say("did"), f"{voice.word(act.kind)}: {voice.told(act.why)}"),
        (voice.of(FIELDS["amount"]), format_yuan(act.amount) if act.amount else ""),
        (held.seen.method, held.seen.url),
        (held.mutating.name, json.dumps(dict(held.mutating.fields), ensure_ascii=False)),
    ]
    for name, value in facts:
        table.add_row(name, Text(visible(value)))
    return table
