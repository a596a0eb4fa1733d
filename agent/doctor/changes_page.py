"""The page that shows what has changed: each place with its picture, the spot marked, and both trees side by side."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from difflib import SequenceMatcher
from typing import Any, Literal

from jinja2 import Environment, PackageLoader, StrictUndefined

from agent.doctor.bearing import Weight
from agent.doctor.differences import Difference
from agent.doctor.form_words import described_form
from agent.doctor.saying import say
from agent.doctor.shots import Mark, Shot
from agent.doctor.visit import Place, Visit
from agent.evidence.export import data_uri
from agent.evidence.words import moment, phrase_of, visible

Language = Literal["zh", "en"]
_WORDS = ("weight", "place", "entry", "what", "paths", "then", "now", "former")
_AROUND = 3  # lines shown around what differs


def changes_page(
    found: Sequence[Difference],
    shots: Mapping[str, Shot],
    then: Visit | None,
    now: Visit,
    *,
    shop: str,
    good_since: datetime | None,
    language: Language,
) -> str:
    """Return the page as HTML that needs no network; what a page of the portal said is only text in it."""
    environment = Environment(
        loader=PackageLoader("agent.doctor"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    since = "since_never" if good_since is None else "since"
    return environment.get_template("changes.html").render(
        language=language,
        title=say("title", {"shop": shop}, language),
        since=say(since, {"at": moment(good_since.isoformat()) if good_since else ""}, language),
        words={word: say(word, {}, language) for word in _WORDS},
        rows=[_row(one, language) for one in found],
        sections=list(_sections(found, shots, then, now, language)),
    )


def _row(one: Difference, language: Language) -> dict[str, str]:
    return {
        "weight": one.weight.value,
        "weight_word": say(one.weight.value, {}, language),
        "where": visible(one.where or one.place),
        "entry": one.entry,
        "why": visible(one.why(language)),
        "paths": path_words(one, language),
    }


def path_words(one: Difference, language: str) -> str:
    """Return the names of the paths that a difference concerns."""
    phrases = [phrase_of(path.value) for path in one.paths]
    return ", ".join(phrase.zh if language == "zh" else phrase.en for phrase in phrases)


def _sections(
    found: Sequence[Difference], shots: Mapping[str, Shot], then: Visit | None, now: Visit, language: Language
) -> Iterator[dict[str, Any]]:
    by_where = {place.where: key for key, place in now.places.items()}
    for where in dict.fromkeys(one.where for one in found if one.weight is not Weight.COSMETIC and one.where):
        shot = shots.get(where)
        key = by_where.get(where)
        before = then.places.get(key) if then is not None and key is not None else None
        after = now.places.get(key) if key is not None else None
        yield {
            "where": visible(where),
            "picture": data_uri(shot.jpeg, "image/jpeg") if shot and shot.jpeg else "",
            "marks": [_mark(mark, shot.size) for mark in shot.marks] if shot else [],
            "has_former": any(mark.former for mark in shot.marks) if shot else False,
            "why_not": say("no_picture", {"why": visible(shot.why_not)}, language) if shot and not shot.jpeg else "",
            "sides": list(_sides(_lines(before), _lines(after))) if before and after else [],
        }


def _mark(mark: Mark, size: tuple[int, int]) -> dict[str, Any]:
    left, top, width, height = mark.box
    across, down = size
    left, top = max(0.0, min(left, across - 10)), max(0.0, min(top, down - 10))
    return {
        "entry": mark.entry,
        "former": mark.former,
        "left": round(100 * left / across, 2),
        "top": round(100 * top / down, 2),
        "width": round(100 * min(width, across - left) / across, 2),
        "height": round(100 * min(height, down - top) / down, 2),
    }


def _lines(place: Place | None) -> list[str]:
    return [] if place is None else [*place.tree, *described_form(place)]


def _sides(then: Sequence[str], now: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield pairs of lines; long runs in which nothing differs are left out."""
    steps = SequenceMatcher(None, then, now, autojunk=False).get_opcodes()
    for kind, start, end, at, stop in steps:
        if kind != "equal":
            for left, right in _paired(then[start:end], now[at:stop]):
                yield _side(left, right)
            continue
        lines = then[start:end]
        first = 0 if start == 0 else _AROUND
        last = 0 if end == len(then) else _AROUND
        if len(lines) <= first + last + 1:
            yield from (_side(line, line) for line in lines)
            continue
        yield from (_side(line, line) for line in lines[:first])
        yield {"skipped": str(len(lines) - first - last)}
        yield from (_side(line, line) for line in lines[len(lines) - last :])


def _paired(then: Sequence[str], now: Sequence[str]) -> Iterator[tuple[str, str]]:
    for at in range(max(len(then), len(now))):
        yield then[at] if at < len(then) else "", now[at] if at < len(now) else ""


def _side(then: str, now: str) -> dict[str, str]:
    same = then == now
    return {
        "skipped": "",
        "then": visible(then),
        "now": visible(now),
        "then_class": "" if same or not then else "gone",
        "now_class": "" if same or not now else "new",
    }
