"""What every table of the file is."""

from pydantic import BaseModel, ConfigDict


class Table(BaseModel):
    """One table of the file: frozen, and without keys that we do not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
