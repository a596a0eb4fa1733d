"""What a call of the program has said before its command."""

import locale
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import typer

from agent.cli.options import Language


@dataclass(frozen=True, slots=True)
class Call:
    """The options before the command."""

    config: Path | None
    language: Language
    verbose: int
    log_file: Path | None


def call_of(ctx: typer.Context) -> Call:
    """Return what stood before the command of this context."""
    found = ctx.find_object(Call)
    if found is None:  # pragma: no cover - the root callback has always run
        raise RuntimeError("a command was called without its root")
    return found


def spoken_here(environment: Mapping[str, str] = os.environ) -> Language:
    """Return Chinese where this user's locale is Chinese, else English."""
    named = next((environment[key] for key in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(key)), None)
    if named is None:  # Windows and macOS programs have no such variables
        named = locale.getlocale()[0] or ""
    return Language.ZH if named.lower().startswith(("zh", "chinese")) else Language.EN
