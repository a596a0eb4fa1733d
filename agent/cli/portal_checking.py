"""What `portal check` does: a profile read without any portal, act by act."""

from pathlib import Path

from rich.table import Table
from rich.text import Text

from agent.cli.call import Call
from agent.cli.exits import ATTENTION, FINE
from agent.cli.screen import Screen
from agent.cli.words import Voice
from agent.domain.acts import ActKind
from page_objects.gaps import ActGaps, Gap, gaps_of
from page_objects.loader import load_profile


def check_portal(call: Call, name: str, *, folder: Path | None, language: str | None, as_json: bool) -> int:
    """Say what a profile leaves open for which act; return the exit code.

    Raises:
        ConfigError: there is no such profile, or it has faults.
    """
    screen = Screen(Voice(call.language), as_json=as_json)
    loaded = load_profile(name, folder, language=language)
    whole, acts = gaps_of(loaded)
    screen.data(
        {
            "profile": name,
            "gaps": [_as_json(gap) for gap in whole],
            "acts": [
                {
                    "act": one.act.value,
                    "role": one.role.value,
                    "described": one.described,
                    "works": one.works,
                    "gaps": [_as_json(gap) for gap in one.gaps],
                }
                for one in acts
            ],
        }
    )
    _show(screen, whole, acts)
    closes = any(one.works for one in acts if one.act is ActKind.CLOSE)
    broken = any(gap.stops for gap in whole) or any(one.described and not one.works for one in acts)
    return FINE if closes and not broken else ATTENTION


def _as_json(gap: Gap) -> dict[str, object]:
    return {"gap": gap.key.removeprefix("gap_"), "stops": gap.stops, **gap.facts}


def _show(screen: Screen, whole: list[Gap], acts: list[ActGaps]) -> None:
    voice = screen.voice
    table = Table(pad_edge=False)
    for heading in ("act_heading", "role_heading", "state_heading", "open_gaps"):
        table.add_column(voice.say(heading))
    table.add_row(voice.say("whole_profile"), "", "", _told(voice, whole))
    for one in acts:
        state, style = _state_of(one)
        table.add_row(
            Text(voice.word(one.act.value)), Text(voice.word(one.role.value)), Text(voice.say(state), style=style),
            _told(voice, list(one.gaps)),
        )  # fmt: skip
    screen.result(table)


def _state_of(one: ActGaps) -> tuple[str, str]:
    """Return what is said of an act, and how it is shown."""
    if not one.described:
        return "act_absent", "dim"
    return ("act_works", "green") if one.works else ("act_stopped", "red")


def _told(voice: Voice, gaps: list[Gap]) -> Text:
    lines = [Text(voice.say(gap.key, **gap.facts), style="red" if gap.stops else "") for gap in gaps]
    return Text("\n").join(lines)
