"""The content-addressed folder: a file's name is the hash of its bytes."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from agent.errors import EvidenceBroken
from agent.evidence.files import write_atomic

_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_EXT = re.compile(r"[a-z0-9]{1,8}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Stored:
    """What the folder holds of one content; ``ext`` comes without a dot."""

    sha256: str
    size: int
    ext: str


class Blobs(Protocol):
    """Where the bytes of evidence are read from: the folder, or an exported file."""

    def read(self, sha256: str, ext: str) -> bytes:
        """Return the bytes that hash to ``sha256``.

        Raises:
            EvidenceBroken: they are missing or have changed.
        """

    def has(self, sha256: str, ext: str) -> bool:
        """Tell whether there are bytes of that name, right or wrong."""

    def name(self, sha256: str, ext: str) -> str:
        """Return how a message names the file."""


class BlobStore:
    """The blobs below one evidence folder; identical content is kept once."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, data: bytes, *, ext: str) -> Stored:
        """Keep ``data`` and return what names it.

        Raises:
            EvidenceBroken: ``ext`` is not 1 to 8 lower-case letters or digits.
        """
        stored = Stored(hashlib.sha256(data).hexdigest(), len(data), ext)
        path = self.path(stored.sha256, ext)
        if not _holds(path, data):
            try:
                write_atomic(path, data)
            except PermissionError:
                # Windows forbids replacing a file that another lane has open; it may be the same content.
                if not _holds(path, data):
                    raise
        return stored

    def path(self, sha256: str, ext: str) -> Path:
        """Return where a blob is kept, whether it is there or not.

        Raises:
            EvidenceBroken: ``sha256`` or ``ext`` cannot be a blob's; a name never leaves the folder.
        """
        if not _SHA256.fullmatch(sha256) or not _EXT.fullmatch(ext):
            raise EvidenceBroken(f"{sha256[:80]!r} with extension {ext[:20]!r} cannot name an evidence file")
        return self.root / "blobs" / sha256[:2] / f"{sha256}.{ext}"

    def read(self, sha256: str, ext: str) -> bytes:
        """Return a blob's bytes, checked against its name.

        Raises:
            EvidenceBroken: the file is missing, unreadable, or has changed.
        """
        path = self.path(sha256, ext)
        name = self.name(sha256, ext)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            raise EvidenceBroken(f"{name} is missing") from None
        except OSError as fault:
            raise EvidenceBroken(f"{name} cannot be read: {fault.strerror}") from fault
        if hashlib.sha256(data).hexdigest() != sha256:
            raise EvidenceBroken(f"{name} has changed: its content does not hash to its name")
        return data

    def has(self, sha256: str, ext: str) -> bool:
        """Tell whether a file of that name is there, right or wrong.

        Raises:
            EvidenceBroken: ``sha256`` or ``ext`` cannot be a blob's.
        """
        return self.path(sha256, ext).is_file()

    def name(self, sha256: str, ext: str) -> str:
        """Return the blob's path below the evidence folder, the same on every system."""
        return self.path(sha256, ext).relative_to(self.root).as_posix()


def _holds(path: Path, data: bytes) -> bool:
    return path.is_file() and path.stat().st_size == len(data) and path.read_bytes() == data
