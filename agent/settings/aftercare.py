"""What is looked after beside the closing itself: tickets, refunds, reviews, the stock."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, model_validator

from agent.settings.secret import reference
from agent.settings.table import Table
from agent.settings.values import Count, FilePath, duration_or_off, there


class Tickets(Table):
    """How support tickets are followed: after what silence the platform is reminded, and how often."""

    remind_after: Annotated[timedelta | None, BeforeValidator(duration_or_off)] = timedelta(days=3)
    reminders: Count = 2


class AftercareWishes(Table):
    """What is done once an order is closed: the refund watched, the buyer told, the stock set, the reviews watched."""

    refund: Annotated[timedelta | None, BeforeValidator(duration_or_off)] = timedelta(days=3)
    notice: Literal["off", "portal"] = "off"
    review: Annotated[timedelta | None, BeforeValidator(duration_or_off)] = None
    stock: Literal["off", "set", "check"] = "off"


class StockBooks(Table):
    """Where a shop's own books are told of a stock that was set: at an address, signed by a secret, or in a folder."""

    webhook: Annotated[str, BeforeValidator(reference)] | None = None
    secret: Annotated[str, BeforeValidator(reference)] | None = None
    drop: Annotated[FilePath, there(Path.is_dir, "folder")] | None = None
    drop_as: Literal["json", "csv"] = "json"

    @property
    def is_wanted(self) -> bool:
        """Whether anybody is to be told."""
        return self.webhook is not None or self.drop is not None

    @model_validator(mode="after")
    def _one_way(self) -> "StockBooks":
        if (self.webhook is None) != (self.secret is None):
            raise ValueError("webhook and secret go together: every event is signed")
        if self.webhook is not None and self.drop is not None:
            raise ValueError("has both webhook and drop: keep one")
        if self.drop is None and "drop_as" in self.model_fields_set:
            raise ValueError("drop_as says how files are written into the folder drop, which is missing")
        return self
