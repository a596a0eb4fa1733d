"""A case's manifest: its journal, the signed heads of it, and a header for people, in one JSON file."""

import hashlib
import json
import re
from pathlib import Path
from typing import Annotated, Any, Literal, Never

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from agent.domain.chain import canonical
from agent.errors import EvidenceBroken
from agent.evidence.files import write_atomic

FORMAT = "closewright-evidence/1"
EVIDENCE = "evidence"  # entry kind: a file was kept
RETENTION = "retention"  # entry kind: files were removed by rule; body["removed"] lists their SHA-256

_CASE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", re.ASCII)
_Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Entry(_Strict):
    """One line of a case's journal."""

    n: int
    at: str
    kind: str
    body: dict[str, Any]
    prev: _Sha256
    hash: _Sha256


class Head(_Strict):
    """A signature under the journal as it stood after entry ``n``."""

    n: int = Field(ge=1)
    hash: _Sha256
    key_id: str
    signature: str
    at: str


class Manifest(_Strict):
    """A case's journal as kept in a file; ``digest`` covers everything else in it."""

    format: Literal["closewright-evidence/1"]
    case: dict[str, Any]
    public_key: str
    entries: list[Entry]
    heads: list[Head]
    digest: _Sha256

    @property
    def case_id(self) -> str:
        """The case that the journal belongs to."""
        return str(self.case["case_id"])


class Item(BaseModel):
    """The body of an entry of kind ``evidence``: one file that was kept."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)

    name: str
    sha256: _Sha256
    ext: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{1,8}$")]
    size: int = Field(ge=0)
    media: str = ""
    caption: str = ""


def build(
    case: dict[str, Any], entries: list[dict[str, Any]], heads: list[dict[str, Any]], public_key: str
) -> dict[str, Any]:
    """Return the manifest of a case, ready to be written.

    ``case`` is the header: plain JSON with at least ``case_id``. Entries may state header values under
    ``body["case"]``; verification holds the header against what the signed journal stated last.

    Raises:
        EvidenceBroken: the parts do not have the shape of a manifest.
    """
    data = {"format": FORMAT, "case": case, "public_key": public_key, "entries": entries, "heads": heads}
    data["digest"] = digest(data)
    parse(data)
    return data


def digest(data: dict[str, Any]) -> str:
    """Return the hash of everything in a manifest but its own ``digest``."""
    return hashlib.sha256(canonical({key: value for key, value in data.items() if key != "digest"})).hexdigest()


def parse(data: Any) -> Manifest:
    """Return the manifest in plain JSON.

    Raises:
        EvidenceBroken: it has not the shape of a manifest; the message names the first place.
    """
    try:
        manifest = Manifest.model_validate(data)
    except ValidationError as fault:
        first = fault.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "manifest"
        raise EvidenceBroken(f"{place}: {first['msg']}") from None
    case_id = manifest.case.get("case_id")
    if not isinstance(case_id, str) or not _CASE_ID.fullmatch(case_id):
        raise EvidenceBroken("case.case_id: missing, or not a case id")
    return manifest


def item_of(entry: Entry) -> Item:
    """Return the file that an entry of kind ``evidence`` tells of.

    Raises:
        EvidenceBroken: its body has not the shape of one.
    """
    try:
        return Item.model_validate(entry.body)
    except ValidationError as fault:
        first = fault.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "body"
        raise EvidenceBroken(f"entry {entry.n} ({entry.kind}): {place}: {first['msg']}") from None


def removed_by_rule(manifest: Manifest) -> dict[str, int]:
    """Return which contents a signed tombstone says were removed, with the entry number of the last such one."""
    signed_through = max((head.n for head in manifest.heads), default=0)
    removed: dict[str, int] = {}
    for entry in manifest.entries[:signed_through]:
        listed = entry.body.get("removed") if entry.kind == RETENTION else None
        if isinstance(listed, list):
            removed.update({sha256: entry.n for sha256 in listed if isinstance(sha256, str)})
    return removed


def encode(data: dict[str, Any]) -> bytes:
    """Return the one text of a manifest that is ever written: each entry and each head on its own line."""
    parts = [canonical(key) + b": " + _lines(value) for key, value in sorted(data.items())]
    return b"{\n" + b",\n".join(parts) + b"\n}\n"


def _lines(value: Any) -> bytes:
    if isinstance(value, list) and value:
        return b"[\n" + b",\n".join(canonical(one) for one in value) + b"\n]"
    return canonical(value)


def decode(text: bytes) -> Any:
    """Return the JSON in ``text``.

    Raises:
        EvidenceBroken: it is not JSON in UTF-8, or nested without end.
    """
    try:
        return json.loads(text.decode(), parse_constant=_refuse_constant)
    except RecursionError:
        raise EvidenceBroken("not a manifest: nested without end") from None
    except ValueError as fault:
        raise EvidenceBroken(f"not readable as JSON: {fault}") from None


def write(root: Path, manifest: dict[str, Any]) -> Path:
    """Write ``<root>/cases/<case_id>.json`` and return its path; a crash leaves the old file or the new one.

    Raises:
        EvidenceBroken: the manifest names no proper case.
    """
    path = root / "cases" / f"{parse(manifest).case_id}.json"
    write_atomic(path, encode(manifest))
    return path


def _refuse_constant(word: str) -> Never:
    raise ValueError(f"{word} is not JSON")
