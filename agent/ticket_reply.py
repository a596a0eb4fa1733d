"""What a person writes to the platform in a ticket, checked and kept before it can go anywhere."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from agent.app import App
from agent.domain.acts import ActKind
from agent.domain.cases import Case
from agent.domain.tickets import ASKED, Reply
from agent.engine.attaching import limits_of, longest_text
from agent.errors import ConfigError, StoreError
from agent.evidence.words import visible
from page_objects.profile import ActVariant, Profile

_MOST_BYTES = 50_000_000  # read into memory, where the portal tells no limit


def reply_of(app: App, case: Case, text: Path, files: Sequence[Path]) -> Reply:
    """Return a person's reply to the ticket that they were shown, bound to it, its text and its files by hash.

    Raises:
        StoreError: nothing is asked about a ticket.
        ConfigError: the text or a file cannot be used, or the portal does not take it; all faults at once.
    """
    asked = case.facts.get(ASKED)
    profile = app.profile(app.settings.shop(case.shop)).profile
    ways = [way for way in profile.acts.get(ActKind.REPLY_TICKET, ()) if case.role in way.roles]
    if not isinstance(asked, dict) or len(ways) != 1:
        raise StoreError(f"case {case.case_id} asks nothing about a ticket that it could reply to")
    said = text_of(text)
    contents = {path: _content(path) for path in files}
    faults = _faults(profile, ways[0], said, contents)
    if faults:
        raise ConfigError(faults)
    kept = tuple(_kept(app, path, data) for path, data in contents.items())
    return Reply(str(asked["ticket"]), str(asked["heard"]), said, kept, app.actor["os_user"])


def text_of(path: Path) -> str:
    """Return the text of a file that is to be sent as an answer.

    Raises:
        ConfigError: it cannot be read, is empty, or holds what no person reads.
    """
    try:
        text = path.read_text("utf-8-sig").replace("\r\n", "\n").strip()
    except (OSError, UnicodeDecodeError):
        raise ConfigError([f"{path}: cannot be read as text in UTF-8: name a file with the answer"]) from None
    if not text or visible(text) != text:
        raise ConfigError([f"{path}: is empty, or holds characters that nobody sees: write the answer as plain text"])
    return text


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ConfigError([f"{path}: has {path.stat().st_size:,} bytes: no portal takes that"])
        return path.read_bytes()
    except OSError as fault:
        raise ConfigError([f"{path}: cannot be read ({fault.strerror}): name the file that goes along"]) from None


def _faults(profile: Profile, way: ActVariant, text: str, contents: dict[Path, bytes]) -> list[str]:
    limits, most = limits_of(profile, way), longest_text(profile, way)
    faults = []
    if most is not None and len(text) > most:
        faults.append(f"--text: has {len(text)} characters, and the portal takes {most}")
    if limits.max_files is not None and len(contents) > limits.max_files:
        faults.append(f"--file: {len(contents)} files are given, and the portal takes {limits.max_files}")
    names = [path.name for path in contents]
    for path, data in contents.items():
        if names.count(path.name) > 1:
            faults.append(f"{path}: cannot go along: another file has the same name")
        elif not data:
            faults.append(f"{path}: cannot go along: it is empty")
        elif not limits.takes_kind(path.name):
            faults.append(f"{path}: cannot go along: the portal takes {', '.join(limits.suffixes)}")
        elif not limits.takes_size(len(data)):
            faults.append(
                f"{path}: cannot go along: it has {len(data):,} bytes, and the portal takes {limits.max_bytes}"
            )
    return faults


def _kept(app: App, path: Path, data: bytes) -> dict[str, str]:
    ext = "".join(char for char in path.suffix.lower() if char.isascii() and char.isalnum())[:8] or "bin"
    app.blobs.put(data, ext=ext)
    return {"name": path.name, "sha256": hashlib.sha256(data).hexdigest(), "ext": ext}
