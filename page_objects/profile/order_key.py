"""The portal's own key of an order, and how it is known to be that order's."""

from typing import Self

from pydantic import Field, model_validator

from page_objects.profile.strict import Strict

KEY_IN_URL = "{key}"
ORDER_KEY = "order_key"
KEY_END = "_key"  # the end of the names of fields that hold a key of the portal's own


class Lines(Strict):
    """Where an answer names each line of an order, and how many pieces of it: dotted paths through the same list."""

    key: str
    quantity: str


class OrderKey(Strict):
    """How the key in a page's address is known to be an order's: an answer of the portal names both.

    ``request`` is the read that is answered so; ``key``, ``order_id`` and those of ``parts`` are dotted paths in its
    answer. ``parts`` are the keys of what belongs to the order, such as its payments, as a change names them;
    ``lines`` are its lines with their quantities, which a change has to name one and all.
    """

    request: str
    key: str
    order_id: str
    parts: dict[str, str] = Field(default_factory=dict)
    lines: dict[str, Lines] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _named_as_keys(self) -> Self:
        wrong = [name for name in self.parts if not name.endswith(KEY_END) or name == ORDER_KEY]
        if wrong:
            raise ValueError(f"parts: {', '.join(wrong)}: use names such as payment_key")
        return self
