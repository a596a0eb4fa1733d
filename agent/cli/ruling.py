"""Runs and plans by a rule: the list is read, what the rule makes of it is told, and the rest is as with a file."""

import asyncio
from collections.abc import Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from agent.app import App, check_ready, open_session
from agent.cli.exits import code_of
from agent.cli.screen import Screen
from agent.cli.words import Voice
from agent.engine.choosing import Choice, Chosen, check_rule, choose
from agent.engine.shop_run import Mode
from agent.errors import ClosewrightError
from agent.evidence.words import FIELDS, visible


def chosen_by_rule(app: App, screen: Screen, shop: str, rule: str, *, headed: bool) -> Chosen:
    """Read the shop's list, and return what the rule makes of it.

    Raises:
        ConfigError: there is no such rule, this shop's portal cannot keep it, or the work cannot begin.
        ClosewrightError: the list cannot be read.
    """
    app.settings.shop(shop)
    asked = app.settings.rule(rule)
    with app.recorded_run(shop, "choose") as recorded:
        try:
            run = app.shop_run(shop, run_id=recorded.run_id, mode=Mode.PLAN)
            check_rule(run, rule, asked)
            check_ready(app, run, headed=headed)

            async def main() -> Chosen:
                async with open_session(app, run, headed=headed) as session:
                    return await choose(run, session, rule, asked)

            screen.tell("reading_list", rule=rule)
            chosen = asyncio.run(main())
        except ClosewrightError as fault:
            recorded.exit_code = code_of(fault)
            raise
    _tell_listed(screen, chosen)
    return chosen


def _tell_listed(screen: Screen, chosen: Chosen) -> None:
    listed = len(chosen.choices)
    screen.tell("chosen", rule=chosen.name, chosen=len(chosen.requests()), listed=listed)
    if chosen.counted is not None and chosen.counted != listed:
        screen.tell("not_all_listed", counted=chosen.counted, listed=listed)


def show_choices(screen: Screen, chosen: Chosen) -> None:
    """Show each order of the list with what speaks for it, or against it; those that are asked for come first."""
    if chosen.choices:
        screen.result(_table(screen.voice, sorted(chosen.choices, key=lambda choice: not choice.chosen)))


def _table(voice: Voice, choices: Sequence[Choice]) -> Table:
    table = Table(pad_edge=False)
    table.add_column(voice.of(FIELDS["order_id"]), no_wrap=True)
    table.add_column(voice.say("by_rule"))
    table.add_column(voice.of(FIELDS["why"]), overflow="fold")
    for choice in choices:
        word = Text(voice.say("asked_for" if choice.chosen else "left_out"), style="green" if choice.chosen else "")
        why = "; ".join(voice.told(reason) for reason in choice.reasons)
        table.add_row(Text(choice.order_id), word, Text(visible(why)))
    return table


def choices_json(chosen: Chosen) -> dict[str, Any]:
    """Return what ``--json`` adds for a rule."""
    return {
        "rule": {
            "name": chosen.name,
            "counted": chosen.counted,
            "chosen": [_choice_json(choice) for choice in chosen.choices if choice.chosen],
            "left_out": [_choice_json(choice) for choice in chosen.choices if not choice.chosen],
        }
    }


def _choice_json(choice: Choice) -> dict[str, Any]:
    return {"order_id": choice.order_id, "why": choice.reasons}
