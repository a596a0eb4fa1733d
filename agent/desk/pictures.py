"""Pictures that a person gives for a refund application."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from agent.app import App
from agent.domain.acts import ActKind
from agent.domain.cases import Case
from agent.domain.returns import MOST_PICTURES, PICTURE_SUFFIXES, PICTURES
from agent.engine.attaching import limits_of, most_pictures
from agent.errors import ConfigError, StoreError
from agent.evidence.manifest import EVIDENCE
from agent.evidence.pack import FileLimits
from agent.request_file import PROOF_BYTES
from agent.store import journal


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture for the refund application, and how many of them the portal takes."""

    suffix: str
    data: bytes
    most: int


def picture_in(app: App, case: Case, path: Path) -> Picture:
    """Return a picture for the refund application.

    Raises:
        ConfigError: it cannot be read, it is no picture, or the portal does not take it.
    """
    suffix = path.suffix.lower().removeprefix(".")
    try:
        data = path.read_bytes()
    except OSError as fault:
        raise ConfigError([f"{path}: cannot be read ({fault.strerror}): name the file with the picture"]) from None
    if suffix not in PICTURE_SUFFIXES or not data.startswith((b"\x89PNG\r\n", b"\xff\xd8\xff")):
        raise ConfigError([f"{path}: is no picture that portals take: use one of {', '.join(PICTURE_SUFFIXES)}"])
    if len(data) > PROOF_BYTES:
        raise ConfigError([f"{path}: has {len(data):,} bytes: a picture has at most {PROOF_BYTES:,}"])
    limits = _limits(app, case)
    if not all(one.takes_kind(path.name) for one in limits):
        raise ConfigError([f"{path}: cannot go along: the portal takes {', '.join(limits[0].suffixes)}"])
    sizes = [one.max_bytes for one in limits if one.max_bytes is not None]
    if sizes and len(data) > min(sizes):
        raise ConfigError([f"{path}: cannot go along: it has {len(data):,} bytes, and the portal takes {min(sizes)}"])
    return Picture(suffix, data, min(map(most_pictures, limits), default=MOST_PICTURES))


def kept_picture(tx: Connection, app: App, case: Case, picture: Picture) -> list[dict[str, Any]]:
    """Keep a picture as it is now, as evidence of its case, and return all that the case has.

    Raises:
        StoreError: it has as many as the portal takes.
    """
    had = [*case.facts.get(PICTURES, ())]
    if len(had) >= picture.most:
        raise StoreError(f"case {case.case_id} has {len(had)} pictures already, which is all that portals take")
    stored = app.blobs.put(picture.data, ext=picture.suffix)
    kept = {"sha256": stored.sha256, "ext": stored.ext, "size": stored.size}
    name, media = f"picture-{len(had) + 1}", "image/png" if stored.ext == "png" else "image/jpeg"
    line = {"name": name, **kept, "media": media, "caption": "given by a person for the refund application"}
    journal.append(tx, case.case_id, EVIDENCE, line, at=app.clock())
    return [*had, kept]


def _limits(app: App, case: Case) -> list[FileLimits]:
    """Return what the forms take in which the portal wants pictures for a refund for this case's reason."""
    profile = app.profile(app.settings.shop(case.shop)).profile
    ways = [way for way in profile.acts.get(ActKind.APPLY_REFUND, ()) if case.role in way.roles]
    return [limits_of(profile, way) for way in ways if profile.wants_files(way, case.reason)]
