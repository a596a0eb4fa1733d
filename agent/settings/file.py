"""The whole file: all its tables together."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, PrivateAttr

from agent.errors import ConfigError
from agent.settings.machine import Browser, Store
from agent.settings.names import FILE_NAME
from agent.settings.rules import AskedByRule, Rules, Untouched
from agent.settings.shop import Shop, Shops
from agent.settings.table import Table
from agent.settings.values import Duration, duration_or_off, whole


class Advice(Table):
    """From how many orders of a report on it gives advice, by what was wrong with them."""

    product_info_errors: Annotated[int, whole(1)] = 3
    unpaid_timeouts: Annotated[int, whole(1)] = 10
    stock_outs: Annotated[int, whole(1)] = 1
    remind_after: Duration = timedelta(hours=24)


class Doctor(Table):
    """How long a good visit of doctor is trusted before a batch begins with another one; None: none does."""

    before_batch: Annotated[timedelta | None, BeforeValidator(duration_or_off)] = timedelta(hours=12)


def _distinct(shops: dict[str, Shop]) -> dict[str, Shop]:
    # Files are named for shops, and Windows and macOS do not tell Demo from demo.
    seen: dict[str, str] = {}
    for name in shops:
        other = seen.setdefault(name.casefold(), name)
        if other != name:
            raise ValueError(f"the names {other!r} and {name!r} differ only in capitals: rename one")
    accounts: dict[tuple[str, str], str] = {}
    for name, shop in shops.items():
        other = accounts.setdefault((shop.portal, shop.username), name)
        if shops[other].base_url != shop.base_url:
            raise ValueError(
                f"{other!r} and {name!r} are one account of {shop.portal} at two addresses, and their orders could not"
                " be told apart: give each settings of its own, with another [store]"
            )
    return shops


class Settings(Table):
    """All settings."""

    store: Store
    browser: Browser = Browser()
    doctor: Doctor = Doctor()
    shops: Annotated[Shops, AfterValidator(_distinct)] = Field(default_factory=dict)
    rules: Rules = Field(default_factory=dict)
    never: Untouched = Untouched()
    advice: Advice = Advice()
    _file: Path = PrivateAttr(default=Path(FILE_NAME))

    @property
    def file(self) -> Path:
        """The file that they came from, to name it where a fault is found later."""
        return self._file

    def rule(self, name: str) -> AskedByRule:
        """Return a rule by its name.

        Raises:
            ConfigError: there is none of this name.
        """
        if name not in self.rules:
            known = ", ".join(self.rules) or "none"
            raise ConfigError([f"there is no rule {name!r} in the settings; rules there: {known}"])
        return self.rules[name]

    def shop(self, name: str) -> Shop:
        """Return a shop by its name.

        Raises:
            ConfigError: there is none of this name.
        """
        if name not in self.shops:
            known = ", ".join(self.shops) or "none"
            raise ConfigError([f"there is no shop {name!r} in the settings; shops there: {known}"])
        return self.shops[name]
