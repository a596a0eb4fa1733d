"""What a place keeps beside its tree, as lines that a person can compare."""

from collections.abc import Iterator

from agent.doctor.visit import FieldSeen, FormSeen, Place


def described_form(place: Place) -> list[str]:
    """Return the form of a place, its choices and its requests, a line for each."""
    lines: list[str] = []
    if place.form is not None:
        lines += _form(place.form)
    for field, options in place.choices.items():
        lines += [f"{field} offers: {option}" for option in options]
    lines += [f"asks: {name} {', '.join(fields)}".rstrip() for name, fields in place.requests.items()]
    lines += [f"held back: {held}" for held in place.held]
    return lines


def _form(form: FormSeen) -> Iterator[str]:
    if form.sends_to:
        yield f"sent by: {form.method} {form.sends_to} {form.encoding}"
    if form.hidden:
        yield f"hidden fields: {', '.join(form.hidden)}"
    for field in form.fields:
        yield f"field: {_field(field)}"
    for button in form.buttons:
        yield f"button: {button.label!r} {button.tag} {button.kind} {button.sends_to}".rstrip()


def _field(field: FieldSeen) -> str:
    marks = [name for name in ("required", "locked", "checked") if getattr(field, name)]
    length = [] if field.max_length is None else [f"at most {field.max_length}"]
    return " ".join([repr(field.label), field.kind, field.name, *marks, *length])
