"""Two visits compared: what has changed, how much it weighs, and whom it concerns."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from agent.doctor.bearing import Bearing, Concern, Weight
from agent.doctor.findings import Entry, State, UnknownWord
from agent.doctor.form_differences import Change, form_changes
from agent.doctor.saying import say
from agent.doctor.visit import Offers, Place, Seen, Visit
from agent.domain.acts import ActKind
from agent.domain.cases import Path

# How unlikely it must be that all orders looked at lack by chance what other orders of their kind offered.
_CHANCE = 0.005
_CONTROLS = "controls"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference; ``said`` and ``facts`` say it in words, ``entry`` is what it is about."""

    weight: Weight
    place: str
    where: str
    entry: str
    said: str
    facts: Mapping[str, object] = field(default_factory=dict)
    acts: tuple[ActKind, ...] = ()
    paths: tuple[Path, ...] = ()

    def why(self, language: str = "en") -> str:
        """Return the difference in one line."""
        return say(self.said, self.facts, "zh" if language == "zh" else "en")

    def as_json(self) -> dict[str, Any]:
        """Return the difference as plain JSON."""
        return {
            "weight": self.weight.value,
            "place": self.place,
            "where": self.where,
            "entry": self.entry,
            "why": self.why(),
            "acts": [act.value for act in self.acts],
            "paths": [path.value for path in self.paths],
        }


def differences(
    then: Visit | None, now: Visit, bearing: Bearing, *, entries: Sequence[Entry], unknown: Sequence[UnknownWord]
) -> tuple[Difference, ...]:
    """Return every difference between two visits, and between this one and the profile; the heaviest come first."""
    known = then or Visit()
    found = [
        *_unlike_the_profile(known, bearing, entries),
        *_unknown_words(known, now, bearing, unknown),
        *_not_offered(known, now, bearing),
    ]
    told = {one.entry for one in found}
    for key, place in now.places.items():
        found += [one for one in place_differences(key, known.places.get(key), place, bearing) if one.entry not in told]
    order = list(Weight)
    return tuple(sorted(dict.fromkeys(found), key=lambda one: -order.index(one.weight)))


def place_differences(key: str, then: Place | None, now: Place, bearing: Bearing) -> list[Difference]:
    """Return how one place differs from what it was; what was not met before differs in nothing."""
    if then is None:
        return []
    acts = (ActKind(now.act),) if now.act else ()
    whole = Concern(Weight.ACTING, acts) if acts else Concern(Weight.READING)
    changes = [(bearing.of(change.entry), change) for change in _target_changes(then, now, bearing)]
    if then.form is not None and now.form is not None:
        changes += [(whole, change) for change in form_changes(then, now)]
    changes += [(whole, change) for change in _request_changes(then, now)]
    changes += [(whole, change) for change in _tree_changes(then, now)]
    return [_weighed(key, now, concern, change, bearing) for concern, change in changes]


def _weighed(key: str, place: Place, concern: Concern, change: Change, bearing: Bearing) -> Difference:
    weight = concern.weight if change.heavy else Weight.COSMETIC
    acts = concern.acts if weight is Weight.ACTING else ()
    return Difference(
        weight, key, place.where, change.entry or key, change.said, _Facts(change.facts), acts, bearing.paths(acts)
    )


class _Facts(dict[str, object]):
    """Facts that do not change, so that equal differences are one."""

    def __hash__(self) -> int:  # type: ignore[override]  # a dict has none because it could change
        return hash(tuple(sorted((name, str(value)) for name, value in self.items())))


def _target_changes(then: Place, now: Place, bearing: Bearing) -> Iterator[Change]:
    for entry, before in then.targets.items():
        after = now.targets.get(entry)
        if after is None or before.count != 1:
            continue
        if after.count != 1:
            said = "several" if after.count else "gone"
            yield Change(entry, said, {"now": after.count})
            continue
        yield from _element_changes(entry, before, after, acting=bearing.of(entry).weight is Weight.ACTING)
    yield from _changed_places(then, now)


def _element_changes(entry: str, before: Seen, after: Seen, *, acting: bool) -> Iterator[Change]:
    if before.usable and after.usable is False:
        yield Change(entry, "not_usable")
    first, second = _element(before), _element(after)
    if first != second:
        yield Change(entry, "other_element", {"then": first, "now": second}, heavy=acting)
    if before.name != after.name:
        yield Change(entry, "other_name", {"then": before.name, "now": after.name}, heavy=False)
    elif before.look != after.look:
        yield Change(entry, "restyled", heavy=False)


def _element(seen: Seen) -> str:
    return " ".join(part for part in (seen.tag, seen.kind, seen.role) if part)


def _changed_places(then: Place, now: Place) -> Iterator[Change]:
    """Say where the last button has got the looks of the one that leaves, and the other way round."""
    for entry in then.targets:
        if not entry.endswith(".confirm"):
            continue
        other = entry.removesuffix(".confirm") + ".dismiss"
        seen = [place.targets.get(name, Seen(count=0)) for place in (then, now) for name in (entry, other)]
        looks = [one.look for one in seen]
        if all(looks) and looks[0] != looks[1] and looks[:2] == looks[:1:-1]:
            yield Change(entry, "changed_places")


def _request_changes(then: Place, now: Place) -> Iterator[Change]:
    for name, fields in then.requests.items():
        after = now.requests.get(name)
        if after is None:
            yield Change("", "asks_no_more", {"name": name}, heavy=False)
        elif after != fields:
            yield Change("", "asks_otherwise", {"name": name, "then": ", ".join(fields), "now": ", ".join(after)})
    for name in now.requests.keys() - then.requests.keys():
        yield Change("", "asks_anew", {"name": name}, heavy=False)
    for held in now.held:
        if held not in then.held:
            yield Change("", "held", {"name": held})


def _tree_changes(then: Place, now: Place) -> Iterator[Change]:
    steps = SequenceMatcher(None, then.tree, now.tree, autojunk=False).get_opcodes()
    count = sum(max(end - start, stop - at) for kind, start, end, at, stop in steps if kind != "equal")
    if count:
        yield Change("", "tree", {"count": count}, heavy=False)


def _unlike_the_profile(then: Visit, bearing: Bearing, entries: Iterable[Entry]) -> Iterator[Difference]:
    for entry in entries:
        accepted = then.wrong.get(entry.entry) == entry.state.value
        if entry.state not in {State.MISSING, State.AMBIGUOUS} or accepted or entry.entry.startswith("words."):
            continue
        concern = bearing.of(entry.entry, entry.where)
        said = "ambiguous" if entry.state is State.AMBIGUOUS else "unlike_profile"
        facts = _Facts(note=entry.note)
        paths = bearing.paths(concern.acts)
        yield Difference(concern.weight, "", entry.where, entry.entry, said, facts, concern.acts, paths)


def _unknown_words(then: Visit, now: Visit, bearing: Bearing, unknown: Iterable[UnknownWord]) -> Iterator[Difference]:
    for axis, text, where in unknown:
        if f"{axis}: {text}" in then.unknown:
            continue
        bare = now.bare.get(text, frozenset()) if axis == _CONTROLS else frozenset()
        states = [state for state in bare if bearing.worked_at(state)]
        acts = tuple(dict.fromkeys(act for state in sorted(states) for act in bearing.acts_at(state)))
        paths = tuple(dict.fromkeys(path for state in sorted(states) for path in bearing.paths(acts, state)))
        said = "unknown_word" if axis != _CONTROLS else "unknown_control" if acts else "unknown_label"
        weight = Weight.ACTING if acts else Weight.READING
        yield Difference(weight, "", where, f"words.{axis}", said, _Facts(axis=axis, text=text), acts, paths)


def _not_offered(then: Visit, now: Visit, bearing: Bearing) -> Iterator[Difference]:
    for situation, seen in now.offers.items():
        before = then.offers.get(situation)
        if before is None:
            continue
        for act in missed(before, seen):
            offered = before.acts[act]
            facts = _Facts(act=act, orders=before.orders, offered=offered, seen=seen.orders)
            if not chance_explains(before, act, seen.orders):
                acts = (ActKind(act),)
                paths = bearing.paths(acts, seen.state)
                yield Difference(
                    Weight.ACTING, f"detail {situation}", seen.where, f"acts.{act}", "not_offered", facts, acts, paths
                )


def missed(before: Offers, seen: Offers) -> list[str]:
    """Return the acts that orders of a situation offered before, and none does now."""
    return [act for act, offered in before.acts.items() if offered and not seen.acts.get(act)]


def chance_explains(before: Offers, act: str, orders: int) -> bool:
    """Return whether so many orders in a row may well lack an act by chance, going by how often it was offered."""
    often = (before.acts.get(act, 0) + 0.5) / (before.orders + 1)
    return (1 - often) ** orders >= _CHANCE
