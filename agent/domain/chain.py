"""The hash chain of a case's journal: each entry commits to all before it."""

import hashlib
import json
from typing import Any

GENESIS = "0" * 64


def canonical(data: Any) -> bytes:
    """Return the one JSON encoding of ``data`` that is hashed: sorted keys, no spaces, UTF-8."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def link(*, prev: str, case_id: str, n: int, at: str, kind: str, body: dict[str, Any]) -> str:
    """Return the hash of entry ``n`` of a case, given the hash of the one before it."""
    entry = {"prev": prev, "case_id": case_id, "n": n, "at": at, "kind": kind, "body": body}
    return hashlib.sha256(canonical(entry)).hexdigest()
