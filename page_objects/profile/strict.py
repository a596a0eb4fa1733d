"""What every table of a profile is: strict, and with all of its faults told at once."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict


class Faults(ValueError):
    """Several faults of one table, each beginning with its path below the table.

    Attributes:
        faults: one text for each.
    """

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = tuple(faults)


class Strict(BaseModel):
    """One table of a profile: frozen, and without keys that we do not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


def _as_tuple(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Words = Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]
