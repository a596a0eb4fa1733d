"""Cases and their stories as tables; whatever a page or a person wrote is shown as plain text."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.table import Table
from rich.text import Text

from agent.cli.options import Language
from agent.cli.screen import Screen
from agent.cli.words import Voice
from agent.domain.reviews import ASKED, asked_about
from agent.evidence.todo import AFTERCARE, command_for
from agent.evidence.words import FIELDS, moment, reason_phrase, shortened, visible
from agent.report.figures import tone_of
from agent.report.model import Given, ReportCase, summary

_STYLES = {"good": "green", "attention": "red", "wait": "yellow", "calm": ""}
_WHY = 120


def show_cases(screen: Screen, cases: Sequence[ReportCase], more: Mapping[str, Any] | None = None) -> None:
    """Show cases as a table with their counts below, or as the one JSON object, which ``more`` is part of."""
    screen.data(summary(cases) | dict(more or {}))
    if cases:
        screen.result(case_table(screen.voice, cases))
        screen.line(counts_line(screen.voice, cases))


def case_table(voice: Voice, cases: Iterable[ReportCase]) -> Table:
    """Return one row for each case."""
    table = Table(pad_edge=False)
    listed = list(cases)
    several_shops = len({case.shop for case in listed}) > 1
    table.add_column(_field(voice, "order_id"), no_wrap=True)
    if several_shops:
        table.add_column(_field(voice, "shop"), overflow="fold")
    table.add_column(_field(voice, "path"), overflow="fold")  # Chinese has no blanks to break at: it would be cut off
    table.add_column(_field(voice, "amount"), justify="right", overflow="fold")
    table.add_column(_field(voice, "outcome"), overflow="fold")
    table.add_column(voice.say("did"), overflow="fold")
    table.add_column(_field(voice, "why"), overflow="fold")
    for case in listed:
        shop = [Text(case.shop)] if several_shops else []
        table.add_row(Text(case.order_id), *shop, *_row(voice, case))
    return table


def _row(voice: Voice, case: ReportCase) -> list[Text]:
    return [
        Text(voice.word(case.path) if case.path else ""),
        Text(case.amount or ""),
        Text(voice.word(case.stands), style=_STYLES[tone_of(case.stands)]),
        Text(", ".join(_act_words(voice, case))),
        _plain(voice.told(case.asks), _WHY),
    ]


def _act_words(voice: Voice, case: ReportCase) -> list[str]:
    """Return what was done; what was not done says so."""
    return [
        voice.word(act.act) + ("" if act.result in {"done", None} else f" ({voice.word(act.result)})")
        for act in case.acts
    ]


def counts_line(voice: Voice, cases: Sequence[ReportCase]) -> str:
    """Return how many cases stand how."""
    counts = Counter(case.stands for case in cases)
    parts = [f"{voice.word(status)} {count}" for status, count in counts.most_common()]
    return f"{voice.say('total')} {len(cases)}: " + " · ".join(parts)


def case_sheet(voice: Voice, case: ReportCase) -> Table:
    """Return everything about one case as pairs of a name and a value."""
    sheet = Table(show_header=False, box=None, pad_edge=False)
    sheet.add_column(style="bold", no_wrap=True)
    sheet.add_column(overflow="fold")
    for name, value in _facts(voice, case):
        if value:
            sheet.add_row(name, _plain(value))
    return sheet


def _facts(voice: Voice, case: ReportCase) -> Iterable[tuple[str, str]]:
    yield voice.say("case"), case.case_id or ""
    yield _field(voice, "order_id"), case.order_id
    yield _field(voice, "shop"), case.shop
    yield _field(voice, "reason"), voice.of(reason_phrase(case.reason))
    yield _field(voice, "note"), case.note
    yield _field(voice, "consent"), _consent(voice, case.consent)
    yield _field(voice, "path"), voice.word(case.path) if case.path else ""
    yield _field(voice, "amount"), case.amount or ""
    yield _field(voice, "state"), voice.word(case.stands)
    yield _field(voice, "why"), voice.told(case.why)
    yield from _ticket(voice, case.ticket)
    yield voice.say("the_return"), case.parcel_back
    if case.ruling is not None:
        yield voice.say("the_ruling"), _ruling(voice, case.ruling)
    for item in case.aftercare:
        yield voice.word(item["kind"]), f"{voice.word(item['state'])}: {voice.told(item['why'])}"
        yield from _review(voice, item.get("asked"), item.get("said"))
    yield _field(voice, "by"), voice.word(case.by) if case.by else ""
    yield _field(voice, "requested_at"), here(case.requested_at)
    yield _field(voice, "updated_at"), here(case.updated_at)
    yield voice.say("head"), case.head_hash
    yield voice.say("signed_by"), case.signed_by or voice.say("unsigned")
    yield voice.say("next"), hint(case)


def _consent(voice: Voice, given: Given | None) -> str:
    if given is None:
        return ""
    said = voice.say("consent_yes" if given.yes else "consent_no")
    by = voice.say(
        "consent_thread" if given.thread else "consent_file" if given.file else "consent_word", name=given.file
    )
    return " · ".join(part for part in (said, by, here(given.at)) if part)


def _ruling(voice: Voice, ruling: Mapping[str, Any]) -> str:
    return " · ".join(part for part in (voice.word(ruling["favour"]), ruling["amount"], ruling["text"]) if part)


def _review(voice: Voice, asked: Mapping[str, Any] | None, said: Mapping[str, Any] | None) -> Iterable[tuple[str, str]]:
    """Yield the reviews that a person was asked about, what was talked, the draft, and what the person has said."""
    if asked is None:
        return
    for one in asked["reviews"]:
        yield voice.say("the_review"), f"{here(one['at'])} {voice.word(one['level'])}: {one['text']}"
    for line in asked["thread"]:
        yield voice.say("the_thread"), f"{here(line['at'])} {voice.word(line['sender'])}: {line['text']}"
    yield voice.say("the_draft"), asked["draft"]
    if said is not None and said["mark"] == asked["mark"]:
        yield voice.say("the_word"), " ".join((said["by"], said["word"], said["text"]))


def _ticket(voice: Voice, asked: Mapping[str, Any] | None) -> Iterable[tuple[str, str]]:
    """Yield what was said in the ticket that a person is asked about, and what they have replied."""
    if asked is None:
        return
    for line in asked["lines"]:
        who = voice.word("us" if line["ours"] else "platform")
        yield voice.say("the_ticket"), f"{here(line['at'])} {who}: {line['text']}"
    if (said := asked["said"]) is not None:
        files = ", ".join(one["name"] for one in said["files"])
        yield voice.say("the_word"), " ".join(filter(None, (said["by"], "reply", said["text"], files)))


def hint(case: ReportCase) -> str:
    """Return the commands that answer what a case waits for."""
    waits_for = AFTERCARE if case.stands.endswith(":human") and case.waiting_for is None else case.waiting_for
    wanting = [item for item in case.aftercare if item["state"] == "human"]
    commands = command_for(
        waits_for or "",
        unproved=any(act.result == "open" for act in case.acts),
        agreed=case.agreed,
        answers=case.answers,
        reviews=max((asked_about({ASKED: item.get("asked")}) for item in wanting), default=0),
    )
    return commands.format(case=case.case_id, shop=case.shop)


def story_table(voice: Voice, case: ReportCase) -> Table:
    """Return what happened in a case, one line a step."""
    table = Table(title=voice.say("timeline"), title_justify="left", show_header=False, box=None, pad_edge=False)
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    for step in case.timeline:
        table.add_row(here(step.at), _plain(step.zh if voice.language is Language.ZH else step.text))
    return table


def here(at: str | None) -> str:
    """Return an ISO time as this machine's clock shows it."""
    return "" if at is None else moment(datetime.fromisoformat(at).astimezone().isoformat(timespec="seconds"))


def _field(voice: Voice, key: str) -> str:
    return voice.of(FIELDS[key])


def _plain(text: str, length: int = 2000) -> Text:
    return Text(shortened(visible(text), length))
