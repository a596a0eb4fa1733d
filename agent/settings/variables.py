"""The ``CLOSEWRIGHT_*`` variables, which override keys of the file."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict, SettingsError

from agent.errors import ConfigError
from agent.settings.file import Advice, Doctor, Settings
from agent.settings.machine import Browser, Store
from agent.settings.names import NESTED, PREFIX, nearest, variable
from agent.settings.shop import Shops


class _Environment(BaseSettings):
    """What pydantic-settings has to know to find our variables; never built."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter=NESTED, env_ignore_empty=True, extra="ignore"
    )

    store: Store
    browser: Browser
    doctor: Doctor
    shops: Shops
    advice: Advice


def stray_variables() -> list[str]:
    """Return faults for variables that are shaped like ours and name no table of ours."""
    tables = tuple(_Environment.model_fields)
    faults = []
    for name in sorted(os.environ):
        table, nested, _ = name.upper().removeprefix(PREFIX).lower().partition(NESTED)
        if name.upper().startswith(PREFIX) and table in Settings.model_fields and table not in tables:
            faults.append(f"{name}: [{table}] stands in the file only, and no variable changes it")
        elif name.upper().startswith(PREFIX) and nested and table not in tables:
            faults.append(f"{name}: there is no table {table!r} of settings; {nearest(table, tables)}")
    return faults


def overrides_of(file: Path, data: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return what the variables say, by the file's names of shops, and faults for shops that it has not."""
    try:
        found = EnvSettingsSource(_Environment)()
    except SettingsError as error:
        raise ConfigError([f"{PREFIX}* variables: {error}: write JSON, or one variable per key"]) from error
    shops = data.get("shops")
    names = {name.casefold(): name for name in shops} if isinstance(shops, dict) else {}
    by_shop = {}
    faults = []
    for name, values in found.pop("shops", {}).items():
        if name.casefold() in names:
            by_shop[names[name.casefold()]] = values
        else:
            known = ", ".join(names.values()) or "none"
            faults.append(f"{variable(('shops', name))}{NESTED}*: {file} has no shop {name!r}; shops there: {known}")
    return found | ({"shops": by_shop} if by_shop else {}), faults
