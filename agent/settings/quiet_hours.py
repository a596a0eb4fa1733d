"""Hours in which something rests: acts on the portal, messages to people, notices to buyers."""

from datetime import time

from pydantic import Field, model_validator

from agent.settings.table import Table
from agent.settings.values import ClockTime


class QuietHours(Table):
    """The hours of the portal's day in which nothing is changed; they may span midnight."""

    start: ClockTime = Field(alias="from")
    end: ClockTime = Field(alias="to")

    @model_validator(mode="after")
    def _not_empty(self) -> "QuietHours":
        if self.start == self.end:
            raise ValueError("from and to must differ")
        return self

    def hold(self, at: time) -> bool:
        """Say whether a time of the portal's day is quiet; ``from`` is, ``to`` no longer."""
        if self.start < self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end
