"""Finds profiles by name and loads them, with all faults at once in the words of the file."""

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from agent.errors import ConfigError
from agent.tables import laid_over
from page_objects.places import line_of, lines_of
from page_objects.profile import Profile, raw_entries


@dataclass(frozen=True, slots=True)
class LoadedProfile:
    """A profile with the hash of its file, to which confirmations are bound."""

    profile: Profile
    sha256: str
    unverified_read: frozenset[str]
    unverified_act: frozenset[str]


def profile_names(extra: Path | None = None) -> list[str]:
    """Return the names of the bundled profiles, and of those in ``extra`` (a folder of ``NAME/profile.toml``)."""
    bundled = resources.files("page_objects") / "portals"
    names = {entry.name for entry in bundled.iterdir() if (entry / "profile.toml").is_file()}
    if extra is not None and extra.is_dir():
        names |= {entry.name for entry in extra.iterdir() if (entry / "profile.toml").is_file()}
    return sorted(names)


def load_profile(name: str, extra: Path | None = None, *, language: str | None = None) -> LoadedProfile:
    """Return the profile ``name``; one in ``extra`` goes before a bundled one of the same name.

    ``language`` is one that the profile knows; None stands for the one that it is written in.

    Raises:
        ConfigError: there is no such profile or language, or its file has faults (all of them are named).
    """
    if extra is not None and (extra / name / "profile.toml").is_file():
        path = extra / name / "profile.toml"
        return parse_profile(path.read_bytes(), origin=str(path), name=name, language=language)
    known = profile_names(extra)
    if name not in known:
        raise ConfigError([f"portal {name!r} is unknown; known are {', '.join(known)}"])
    text = (resources.files("page_objects") / "portals" / name / "profile.toml").read_bytes()
    return parse_profile(text, origin=f"portals/{name}/profile.toml", name=name, language=language)


def parse_profile(raw: bytes, *, origin: str, name: str | None = None, language: str | None = None) -> LoadedProfile:
    """Return the profile written in ``raw``.

    A table ``[languages.X]`` holds what differs where the portal speaks X; the rest is the profile's own.

    Raises:
        ConfigError: it is no TOML, or not a profile; every fault names the key in the words of the file.
    """
    try:
        text = raw.decode("utf-8-sig")
        data = tomllib.loads(text)
    except UnicodeDecodeError as fault:
        raise ConfigError([f"{origin}: not UTF-8 (byte {fault.start}): save the file as UTF-8"]) from fault
    except tomllib.TOMLDecodeError as fault:
        raise ConfigError([f"{origin}: not TOML: {fault}"]) from fault
    profile = _in_language(_spoken(data, _File(origin, lines_of(text))), origin, language)
    if name is not None and profile.name != name:
        raise ConfigError([f"{origin}: name: is {profile.name!r}, but its folder is {name!r}"])
    entries = raw_entries(data)
    patterns = profile.unverified
    _check_patterns(_File(origin, lines_of(text)), entries, {"read": patterns.read, "act": patterns.act})
    return LoadedProfile(
        profile=profile,
        sha256=hashlib.sha256(raw).hexdigest(),
        unverified_read=_matching(patterns.read, entries),
        unverified_act=_matching(patterns.act, entries),
    )


@dataclass(frozen=True, slots=True)
class _File:
    """Where the faults of a profile are looked up."""

    origin: str
    lines: Mapping[str, int]

    def at(self, path: str, language: str = "") -> str:
        """Return the file with the line of a key, as far as it has one; ``language`` is whose table is looked at."""
        own = f"languages.{language}"
        laid_over = line_of(self.lines, f"{own}.{path}") if language else None
        line = line_of(self.lines, path) if laid_over in {None, self.lines.get(own)} else laid_over
        return self.origin if line is None else f"{self.origin}, line {line}"


def _spoken(data: dict[str, Any], file: _File) -> list[Profile]:
    """Return the profile in each of its languages, its own first; a fault in any of them is one of the file."""
    others = data.pop("languages", {})
    if not isinstance(others, dict) or not all(isinstance(other, dict) for other in others.values()):
        raise ConfigError([f"{file.at('languages')}: languages: write a table for each, such as [languages.zh-Hans]"])
    profiles: list[Profile] = []
    errors: dict[tuple[object, str], tuple[Any, str]] = {}  # a fault of what all languages share is told once
    for key, other in {"": {}, **others}.items():
        try:
            profiles.append(Profile.model_validate(laid_over(data, {"language": key, **other} if key else {})))
        except ValidationError as fault:
            for error in fault.errors():
                errors.setdefault((error["loc"], error["msg"]), (error, key))
    if errors:
        raise ConfigError([line for error, key in errors.values() for line in _in_words(file, error, key)])
    return profiles


def _in_language(spoken: Sequence[Profile], origin: str, language: str | None) -> Profile:
    wanted = language or spoken[0].language
    for profile in spoken:
        if profile.language.casefold() == wanted.casefold():
            return profile
    known = ", ".join(profile.language for profile in spoken)
    raise ConfigError([f"{origin}: language {wanted!r} is not one that the profile knows; it knows {known}"])


def _in_words(file: _File, error: Any, language: str) -> list[str]:
    where = ".".join(str(part) for part in error["loc"] if part != "[key]")
    several = getattr(error.get("ctx", {}).get("error"), "faults", None)
    if several is not None:
        told = [f"{where}.{fault}" if where else str(fault) for fault in several]
        return [f"{file.at(fault.partition(':')[0], language)}: {fault}" for fault in told]
    what = {"extra_forbidden": "unknown key", "missing": "is missing"}.get(error["type"], error["msg"])
    return [f"{file.at(where, language)}: {where or 'profile'}: {what.removeprefix('Value error, ')}"]


def _check_patterns(file: _File, entries: list[str], patterns: Mapping[str, tuple[str, ...]]) -> None:
    faults = [
        f"{file.at(f'unverified.{key}')}: unverified.{key}: {pattern!r} matches no entry of the profile"
        for key, several in patterns.items()
        for pattern in several
        if not _matching((pattern,), entries)
    ]
    if faults:
        raise ConfigError(faults)


def _matching(patterns: tuple[str, ...], entries: list[str]) -> frozenset[str]:
    return frozenset(entry for entry in entries if any(fnmatchcase(entry, pattern) for pattern in patterns))
