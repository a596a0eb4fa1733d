"""Where an element is."""

from typing import Annotated, Self

from pydantic import BeforeValidator, model_validator

from page_objects.profile.strict import Strict, Words

AMOUNT_IN_NAME = "{amount}"
_WAYS = ("role", "label", "placeholder", "test_id", "text", "beside", "css")


def _as_targets(value: object) -> object:
    return (value,) if isinstance(value, dict | Target) else value


class Target(Strict):
    """Where an element is: role and name first, CSS last and with a reason.

    Names, labels and texts are compared whole after white space and icon glyphs are normalised; several of them
    are synonyms. ``beside`` is the value that stands next to a label; ``within`` narrows to an outer target, and
    ``has`` to elements that contain another one. ``hidden`` is for what is never rendered by itself, such as the
    options of a select.
    """

    role: str | None = None
    name: Words = ()
    label: Words = ()
    placeholder: Words = ()
    test_id: str | None = None
    text: Words = ()
    beside: Words = ()
    css: str | None = None
    why: str | None = None
    within: "Target | None" = None
    has: "Target | None" = None
    hidden: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = [way for way in _WAYS if getattr(self, way) not in (None, ())]
        if len(ways) != 1:
            found = ", ".join(ways) if ways else "none"
            raise ValueError(f"give exactly one of {', '.join(_WAYS)} (found: {found})")
        if self.name and self.role is None:
            raise ValueError("name goes with role")
        if (self.css is None) != (self.why is None):
            raise ValueError("css needs why (the reason that nothing better identifies it), and only css has one")
        return self


Targets = Annotated[tuple[Target, ...], BeforeValidator(_as_targets)]
