"""A small signed case in an evidence folder, for the tests of evidence and report."""

import struct
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.domain.chain import GENESIS, canonical, link
from agent.evidence import manifest
from agent.evidence.blobs import BlobStore
from agent.evidence.keys import SigningKey, load_or_create

HOSTILE = (
    "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    " {{ 7*7 }} {% raw %} =1+1 &lt;b&gt; \u202egnp.exe \x00 '\" --> <!-- \ud83d"
)
ORDER = "202711458975969812"


def picture(seed: int) -> bytes:
    """Return a small PNG, different for each seed."""
    rows = b"".join(b"\0" + bytes((seed * 37 + x * y) % 256 for x in range(24)) for y in range(16))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 24, 16, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@dataclass
class Sample:
    """A case being written, as the engine would."""

    root: Path
    key: SigningKey
    case_id: str = "case-1"
    entries: list[dict[str, Any]] = field(default_factory=list)
    heads: list[dict[str, Any]] = field(default_factory=list)

    @property
    def blobs(self) -> BlobStore:
        """Where the files are."""
        return BlobStore(self.root)

    def add(self, kind: str, body: dict[str, Any]) -> None:
        """Append one entry to the journal."""
        n = len(self.entries) + 1
        prev = self.entries[-1]["hash"] if self.entries else GENESIS
        at = f"2026-08-21T14:03:{n:02d}+08:00"
        digest = link(prev=prev, case_id=self.case_id, n=n, at=at, kind=kind, body=body)
        self.entries.append({"n": n, "at": at, "kind": kind, "body": body, "prev": prev, "hash": digest})

    def keep(self, name: str, data: bytes, ext: str) -> str:
        """Keep a file, journal it, and return its hash."""
        stored = self.blobs.put(data, ext=ext)
        body = {"name": name, "sha256": stored.sha256, "ext": ext, "size": stored.size, "media": "", "caption": name}
        self.add("evidence", body)
        return stored.sha256

    def sign(self, key: SigningKey | None = None) -> None:
        """Sign the journal as it stands."""
        n, digest = len(self.entries), self.entries[-1]["hash"]
        key_id, signature = (key or self.key).sign(canonical({"case_id": self.case_id, "n": n, "hash": digest}))
        at = "2026-08-21T14:04:00+08:00"
        self.heads.append({"n": n, "hash": digest, "key_id": key_id, "signature": signature, "at": at})

    def build(self, **header: Any) -> dict[str, Any]:
        """Return the manifest as plain JSON."""
        case = {
            "case_id": self.case_id,
            "order_id": ORDER,
            "shop": "demo",
            "reason": "buyer_cancelled",
            "outcome": "closed",
            "amount": "1234.50",
        }
        return manifest.build(case | header, self.entries, self.heads, self.key.public_b64)

    def write(self, **header: Any) -> Path:
        """Write the manifest and return its path."""
        return manifest.write(self.root, self.build(**header))


def filled(tmp_path: Path, *, signed: bool = True) -> Sample:
    """Return a case with pictures, text, messages, a request and its answer; two heads when signed."""
    sample = Sample(tmp_path / "evidence", load_or_create(tmp_path / "keys" / "signing.key"))
    sample.add("requested", {"order_id": ORDER, "shop": "demo", "reason": "buyer_cancelled"})
    sample.keep("before", picture(1), "png")
    sample.keep("page", "<b>订单</b> 等待买家付款".encode(), "html")
    if signed:
        sample.sign()
    sample.add("messages", {"messages": [{"sender": "us", "text": "您好", "at": "2026-08-21T14:00:00+08:00"}]})
    sample.add("settled", {"act": "close", "result": "done", "request": {"url": "/close"}, "answer": {"success": True}})
    sample.keep("after", picture(2), "png")
    sample.add("ended", {"outcome": "closed", "case": {"outcome": "closed"}})
    if signed:
        sample.sign()
    return sample
