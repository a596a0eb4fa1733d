"""Reading the file, with every fault told at once."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from agent.errors import ConfigError
from agent.settings.faults import fault_of
from agent.settings.file import Settings
from agent.settings.names import FILE_NAME, NESTED, PREFIX
from agent.settings.variables import overrides_of, stray_variables
from agent.tables import laid_over

EXAMPLE = """\
[shops.demo]
portal = "mock_workbench"
base_url = "http://127.0.0.1:8765"
role = "seller"
username = "seller"
password = "env:DEMO_PASSWORD"
"""

_URL_PASSWORD = re.compile(r"[^/]*//[^/@]*:[^/]*@|.*[?&]password=")


def load(path: Path | None) -> Settings:
    """Return the settings of a file, by default ``closewright.toml`` in the working directory.

    Raises:
        ConfigError: there is no such file, or something in it or in the variables is wrong; all faults are told.
    """
    file = path or Path(FILE_NAME)
    data = _toml(file)
    faults = _plain_password(file, data) + stray_variables()
    overrides, more = overrides_of(file, data)
    faults += more
    merged = {"store": {}} | laid_over(data, overrides)
    try:
        settings = Settings.model_validate(merged, context={"folder": file.absolute().parent})
    except ValidationError as error:
        faults += [
            fault_of(file, details, overrides) for details in error.errors(include_url=False, include_input=False)
        ]
        raise ConfigError(faults) from None  # the cause would show the values, a misplaced secret among them
    if faults:
        raise ConfigError(faults)
    settings._file = file  # noqa: SLF001 - our own; a field would be a key of the file
    return settings


def _toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        raise ConfigError(
            [f"{file}: no such file; looked for {file.absolute()}. A small one to begin with:\n\n{EXAMPLE}"]
        ) from None
    except OSError as error:
        raise ConfigError([f"{file}: cannot be read ({error.strerror}): give a file that you may read"]) from error
    except UnicodeDecodeError as error:
        raise ConfigError([f"{file}: is not UTF-8: save it again as UTF-8"]) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"{file}: is not TOML: {error}"]) from error


def _plain_password(file: Path, data: Mapping[str, Any]) -> list[str]:
    """Return a fault where the file itself holds the database's password."""
    store = data.get("store")
    url = store.get("url") if isinstance(store, dict) else None
    if isinstance(url, str) and _URL_PASSWORD.match(url):
        where = f"in the variable {PREFIX}STORE{NESTED}URL, or only the password in a pgpass file"
        return [f"{file}: store.url: holds a password: put the whole address {where}"]
    return []
