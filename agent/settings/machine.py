"""What is this machine's: where cases and evidence are kept, and which Chromium is launched."""

import os
import re
import sys
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field, ValidationInfo, model_validator

from agent.settings.table import Table
from agent.settings.values import FilePath, Text, there, under_folder

_DATABASES = ("sqlite", "sqlite+pysqlite", "postgresql", "postgresql+psycopg")
_SQLITE_FILE = re.compile(r"sqlite(?:\+pysqlite)?:///(?P<file>[^?]+)(?P<query>\?.*)?")


def _database(value: str, info: ValidationInfo) -> str:
    scheme = value.partition(":")[0]
    if scheme not in _DATABASES:
        raise ValueError('must begin with "sqlite:" or "postgresql+psycopg:"')
    if scheme == "postgresql":
        return "postgresql+psycopg" + value.removeprefix("postgresql")
    match = _SQLITE_FILE.fullmatch(value)
    if match is None or match["file"] == ":memory:" or match["file"].startswith("file:"):
        return value
    return f"sqlite:///{under_folder(Path(match['file']), info).as_posix()}{match['query'] or ''}"


def _user_config_folder() -> Path:
    """Return where this system's user keeps the settings of programs."""
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")


def _default_signing_key() -> Path:
    return _user_config_folder() / "closewright" / "signing.key"


class Store(Table):
    """Where cases and evidence are kept, and with which key evidence is signed."""

    model_config = ConfigDict(validate_default=True)  # the default paths, too, begin at the file's folder

    url: Annotated[Text, AfterValidator(_database)] = Field("sqlite:///closewright.db", repr=False)
    evidence: FilePath = Path("evidence")
    signing_key: FilePath = Field(default_factory=_default_signing_key)


class Browser(Table):
    """Which Chromium to launch; without it, one is looked for."""

    executable: Annotated[FilePath, there(Path.is_file, "file")] | None = None
    channel: Text | None = None
    headed: bool = False

    @model_validator(mode="after")
    def _one_choice(self) -> "Browser":
        if self.executable is not None and self.channel is not None:
            raise ValueError("has both executable and channel: keep one")
        return self
