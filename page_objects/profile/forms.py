"""Forms, and how their fields are filled in."""

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from agent.domain.reasons import Reason
from page_objects.profile.strict import Faults, Strict, Words
from page_objects.profile.targets import Target


class FieldKind(StrEnum):
    """How a form field is filled in."""

    SELECT = "select"  # a native select
    LISTBOX = "listbox"  # a combobox that opens a list of options
    RADIO = "radio"
    CHECK = "check"  # boxes, all of which must be ticked, or all not, as ``ticked`` says
    QUANTITIES = "quantities"  # a number for each line of the order, all of which are set to the most they take
    TEXT = "text"
    FILES = "files"
    SHOWN = "shown"  # not filled in: must already show the value


class OwnLabel(Strict):
    """Where a label that a listbox does not offer is written, and the option that then stands for it."""

    entry: Target
    option: str  # such as ``Add {label}``


class FormField(Strict):
    """One field of a form; ``value`` is what always stands there, else the act brings it.

    ``each_item`` says that there must be as many boxes as the order has lines; ``needed_for`` are the reasons for
    which an optional field of files must not be empty.
    """

    kind: FieldKind
    target: Target
    options: Target | None = None  # listbox: the options that open
    chosen: Target | None = None  # listbox: where what was chosen stands, if not in its target
    own: OwnLabel | None = None  # listbox: it takes labels that are not among its options
    value: str | None = None
    optional: bool = False
    min_length: int | None = None
    max_length: int | None = None
    needed_for: tuple[Reason, ...] = ()
    ticked: bool | None = None
    each_item: bool = False
    suffixes: Words = ()  # files: what they may be, such as ``png``; empty: anything
    max_bytes: int | None = Field(default=None, ge=1)  # files: how large each may be
    max_files: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _files(self) -> Self:
        limits = (self.suffixes, self.max_bytes, self.max_files)
        if self.kind is not FieldKind.FILES and any(limits):
            raise ValueError("suffixes, max_bytes and max_files go with kind = 'files', and only with it")
        if any(suffix != suffix.lower().lstrip(".") for suffix in self.suffixes):
            raise ValueError("suffixes are written small and without a dot")
        return self

    @model_validator(mode="after")
    def _options(self) -> Self:
        if (self.kind is FieldKind.CHECK) != (self.ticked is not None):
            raise ValueError("ticked goes with kind = 'check', and only with it")
        if (self.kind is FieldKind.LISTBOX) != (self.options is not None):
            raise ValueError("options goes with kind = 'listbox', and only with it")
        if self.options is None and (self.chosen is not None or self.own is not None):
            raise ValueError("chosen and own go with kind = 'listbox', and only with it")
        if self.needed_for and (self.kind is not FieldKind.FILES or not self.optional):
            raise ValueError("needed_for goes with kind = 'files' and optional = true")
        return self


class Form(Strict):
    """A dialog or a form on a page, opened for one order whose whole id it shows, or for one SKU, likewise.

    The form of a reply to a ticket shows the whole number of that as well, at ``ticket``.
    Where the act goes on in another form, as in a wizard, ``then`` is its name, and ``confirm`` only leads there.
    ``asked`` is what the browser itself asks at the last click (``confirm()`` of a script), whole; ``{order_id}`` in it
    is the order's.
    """

    root: Target
    order_id: Target | None = None
    sku: Target | None = None
    ticket: Target | None = None
    fields: dict[str, FormField] = Field(default_factory=dict)
    confirm: Target
    asked: Words = ()
    then: str | None = None
    dismiss: Target | None = None
    notice: Target | None = None

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if self.order_id is None and self.sku is None:
            raise ValueError("give order_id, or sku for a form that sets a stock: it has to say whose it is")
        return self

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        """Refuse two names for one element: what fills in or leaves a form must never be its last button."""
        named = {"confirm": self.confirm, "dismiss": self.dismiss}
        named |= {f"fields.{name}": field.target for name, field in self.fields.items() if not _many_meant(field)}
        names: dict[Target, str] = {}
        faults = [
            f"{name}: is the same target as {names[target]}"
            for name, target in named.items()
            if target is not None and names.setdefault(target, name) != name
        ]
        if faults:
            raise Faults(faults)
        return self


def _many_meant(field: FormField) -> bool:
    """Whether a field's target is a group that other fields may stand in as well."""
    return field.kind is FieldKind.RADIO
