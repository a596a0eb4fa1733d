"""Two looks at one form compared: its fields, its buttons, and how it is sent."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from agent.doctor.visit import ButtonSeen, FieldSeen, FormSeen, Place

_LINK = "link"
_NUMBER = re.compile(r"\d+")
_PARTS = ("kind", "name", "required", "locked", "checked", "max_length")


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that has changed; ``heavy`` where what it belongs to leans on it."""

    entry: str
    said: str
    facts: Mapping[str, object] = field(default_factory=dict)
    heavy: bool = True


def form_changes(then: Place, now: Place) -> Iterator[Change]:
    """Return how the form that is open in a place has changed."""
    if then.form is None or now.form is None:
        return
    yield from _sending(then.form, now.form)
    yield from _fields(then.form.fields, now.form.fields)
    yield from _buttons(then.form.buttons, now.form.buttons)
    for name in then.choices.keys() & now.choices.keys():
        yield from _options(name, then.choices[name], now.choices[name])


def _sending(then: FormSeen, now: FormSeen) -> Iterator[Change]:
    first, second = (f"{form.method} {form.sends_to} {form.encoding}".strip() for form in (then, now))
    if first != second:
        yield Change("", "sent_otherwise", {"then": first, "now": second})
    if then.hidden != now.hidden:
        yield Change("", "hidden_fields", {"then": ", ".join(then.hidden), "now": ", ".join(now.hidden)})


def _fields(then: Sequence[FieldSeen], now: Sequence[FieldSeen]) -> Iterator[Change]:
    before, after = ({one.label: one for one in fields} for fields in (then, now))
    for label, one in before.items():
        if label not in after:
            yield Change("", "field_gone", {"name": label})
            continue
        for part in _PARTS:
            first, second = getattr(one, part), getattr(after[label], part)
            if first != second and not (part == "name" and _numbered(first) == _numbered(second)):
                yield Change("", "field_changed", {"name": label, "what": part, "then": first, "now": second})
        yield from _codes(one, after[label])
    for label in after.keys() - before.keys():
        yield Change("", "field_new", {"name": label})
    if len(now) > len(after) and len(then) == len(before):
        twice = next(one.label for at, one in enumerate(now) if one.label in {other.label for other in now[:at]})
        yield Change("", "field_new", {"name": twice})


def _numbered(name: str) -> str:
    """Return a field's name with each number as one sign: forms with a field for each line of an order number them."""
    return _NUMBER.sub("#", name)


def _codes(then: FieldSeen, now: FieldSeen) -> Iterator[Change]:
    before, after = _by_label(then), _by_label(now)
    for label in before.keys() & after.keys():
        first, second = (", ".join(sorted(set(codes[label]))) for codes in (before, after))
        if first != second:
            yield Change("", "code_changed", {"name": label, "then": first, "now": second})


def _by_label(field_seen: FieldSeen) -> dict[str, list[str]]:
    """Return the codes of each label; words of the profile are kept as one, and may be the label of several options."""
    codes: dict[str, list[str]] = {}
    for label, code in sorted(field_seen.options):
        codes.setdefault(label, []).append(code)
    return codes


def _buttons(then: Sequence[ButtonSeen], now: Sequence[ButtonSeen]) -> Iterator[Change]:
    before, after = ({one.label: one for one in buttons} for buttons in (then, now))
    for label, one in before.items():
        if label not in after:
            yield Change("", "button_gone", {"name": label}, heavy=False)  # where the act needs it, its target says so
        elif one != after[label]:
            first, second = (f"{each.tag} {each.kind} {each.sends_to}".strip() for each in (one, after[label]))
            yield Change("", "button_changed", {"name": label, "then": first, "now": second})
    for label in after.keys() - before.keys():
        leads = after[label].kind == _LINK
        yield Change("", "link_new" if leads else "button_new", {"name": label}, heavy=not leads)


def _options(name: str, then: Sequence[str], now: Sequence[str]) -> Iterator[Change]:
    """Say what has changed among options; those that the profile uses are looked for one by one elsewhere."""
    if set(then) != set(now):
        yield Change("", "options_changed", {"name": name}, heavy=False)
    elif tuple(then) != tuple(now):
        yield Change("", "options_moved", {"name": name}, heavy=False)
