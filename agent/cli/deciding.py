"""What the commands do by which people decide."""

from collections.abc import Callable, Sequence
from pathlib import Path

from agent import desk
from agent.app import App
from agent.cli.call import Call
from agent.cli.nothing_done import nothing_done
from agent.cli.opened import opened
from agent.domain.cases import Case
from agent.domain.returns import SentBack
from agent.errors import ConfigError
from agent.store import stops

Decide = Callable[[App, Case], Case]


def parcel_of(carrier: str, number: str) -> SentBack | None:
    """Return the parcel that the options name; None where they name none."""
    return SentBack(carrier.strip(), number.strip()) if carrier or number else None


def take_answer(
    call: Call,
    case: str,
    word: str,
    *,
    note: str,
    files: Sequence[Path],
    text: Path | None,
    parcel: SentBack | None,
) -> None:
    """Take an answer to what a case waits for.

    Raises:
        ConfigError: it is no answer to that, or no case.
        ShopBusy: a live run holds the shop.
    """
    answer = _word(word)

    def decide(app: App, found: Case) -> Case:
        return desk.answer(app, found, answer, note=note, files=files, text=text, parcel=parcel)

    _decide(call, case, decide, f"'{answer}'")


def cancel_case(call: Call, case: str, *, note: str) -> None:
    """End an open case (errors as in ``take_answer``)."""
    _decide(call, case, lambda app, found: desk.cancel(app, found, note=note), "cancelled")


def reopen_case(call: Call, case: str) -> None:
    """Make an ended case due again (errors as in ``take_answer``)."""
    _decide(call, case, desk.reopen, "reopened")


def approve_case(call: Call, case: str, name: str) -> None:
    """Approve what a case asks for (errors as in ``take_answer``)."""
    _decide(call, case, lambda app, found: desk.approve(app, found, name=name), "approved", name=name)


def reject_case(call: Call, case: str, name: str) -> None:
    """Refuse what a case asks for (errors as in ``take_answer``)."""
    _decide(call, case, lambda app, found: desk.reject(app, found, name=name), "rejected", name=name)


def stop_shop(call: Call, shop: str | None, why: str) -> None:
    """Stop one shop, or all.

    Raises:
        ConfigError: there is no such shop, or no reason is given.
    """
    with opened(call) as (app, screen):
        desk.stop(app, shop, why=why)
        option = "" if shop is None else f" --shop {shop}"
        screen.line(screen.voice.say("stopped_now", shop=shop or screen.voice.say("every_shop"), option=option))


def start_shop(call: Call, shop: str | None) -> None:
    """Lift the stops of one shop, or the general ones.

    Raises:
        ConfigError: there is no such shop.
    """
    with opened(call) as (app, screen):
        started = desk.start(app, shop)
        screen.line(screen.voice.say("started", stops=started.stops, breakers=started.breakers))
        left = [stop.shop or screen.voice.say("every_shop") for stop in app.db.read(stops.standing)]
        if left:
            screen.tell("still_stopped", shops=", ".join(dict.fromkeys(left)))


def _word(word: str) -> desk.Word:
    try:
        return desk.Word(word.strip().lower())
    except ValueError:
        raise ConfigError([f"WORD: {word!r} is no answer; use one of {', '.join(desk.Word)}"]) from None


def _decide(call: Call, word: str, decide: Decide, said: str, **facts: str) -> None:
    with opened(call) as (app, screen):
        with nothing_done():
            case = decide(app, desk.find_case(app, word))
        what = said if said.startswith("'") else screen.voice.say(said, **facts)
        status = case.outcome or case.waiting_for or case.state
        screen.line(screen.voice.say("answered", case=case.case_id, word=what, status=screen.voice.word(status)))
