"""What of a case's evidence goes along with a ticket: as much as the portal's form takes, the most telling first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from agent.evidence import manifest, words
from agent.evidence.blobs import Blobs
from agent.evidence.export import PICTURES, export_case, longest_thread
from agent.evidence.manifest import Manifest


@dataclass(frozen=True, slots=True)
class FileLimits:
    """What a form takes: files that end so, none larger, and no more of them; None stands for no limit."""

    suffixes: tuple[str, ...] = ()
    max_bytes: int | None = None
    max_files: int | None = None

    @property
    def words(self) -> str:
        """The limits as people read them."""
        most = "" if self.max_files is None else f"{self.max_files} × "
        each = "" if self.max_bytes is None else f" ≤ {self.max_bytes:,} B"
        return f"{most}{', '.join(self.suffixes) or '*'}{each}"

    def takes_kind(self, name: str) -> bool:
        """Say whether files that end so are taken."""
        return not self.suffixes or PurePath(name).suffix.lower().removeprefix(".") in self.suffixes

    def takes_size(self, size: int) -> bool:
        """Say whether files of so many bytes are taken."""
        return self.max_bytes is None or size <= self.max_bytes

    def first(self, files: Sequence["PackFile"]) -> tuple["PackFile", ...]:
        """Return the first files that are taken, as many as are."""
        taken = [one for one in files if self.takes_kind(one.name) and self.takes_size(len(one.data))]
        return tuple(taken[: self.max_files])


@dataclass(frozen=True, slots=True)
class PackFile:
    """One file of a pack."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Pack:
    """The files that go along, and what had to be left out, in the words that support reads; empty: nothing."""

    files: tuple[PackFile, ...]
    left_out: str = ""


def make_pack(data: Mapping[str, Any], blobs: Blobs, proof: PackFile | None, limits: FileLimits) -> Pack:
    """Return what goes along of a case: all of it as one page, and the proof of consent as it came.

    Where the page is not taken: the proof, the record as text, and the pictures, the newest first.

    Raises:
        EvidenceBroken: the manifest has not the shape of one, or a kept file is missing or has changed.
    """
    case = manifest.parse(dict(data))
    order_id = str(case.case.get("order_id", ""))
    page = PackFile(f"evidence-{order_id}.html", export_case(data, blobs).encode())
    proofs = [proof] if proof is not None else []
    whole = limits.first([page, *proofs])
    if page in whole:
        return Pack(whole)  # the proof stands in the page, too
    record = PackFile(f"record-{order_id}.txt", _record(case).encode("utf-8", "replace"))
    pictures = list(_pictures(case, blobs, {one.data for one in proofs}))
    chosen = limits.first([*proofs, record, *pictures])
    missing = len([one for one in pictures if one not in chosen])
    parts = [
        "完整记录网页",
        *(["同意凭证"] if any(one not in chosen for one in proofs) else []),
        *(["处理记录"] if record not in chosen else []),
        *([f"截图{missing}张"] if missing else []),
    ]
    return Pack(chosen, f"受附件限制，未附：{'、'.join(parts)}。")


def _pictures(case: Manifest, blobs: Blobs, others: set[bytes]) -> Iterator[PackFile]:
    seen: set[str] = set()
    for entry in reversed(case.entries):
        item = manifest.item_of(entry) if entry.kind == manifest.EVIDENCE else None
        if item is None or item.ext not in PICTURES or item.sha256 in seen or not blobs.has(item.sha256, item.ext):
            continue
        seen.add(item.sha256)
        found = blobs.read(item.sha256, item.ext)
        if found not in others:
            yield PackFile(f"{entry.n:04d}.{item.ext}", found)


def _record(case: Manifest) -> str:
    """Return the story of a case and its conversation as plain text."""
    told = words.tell([entry.model_dump() for entry in case.entries])
    lines = [f"{words.moment(one.at)} {one.in_words()}" for one in told]
    said = [
        f"{words.moment(one['at'])} {words.phrase_of(one['sender']).zh}：{words.visible(one['text'])}"
        for one in longest_thread(case)
    ]
    return "\n".join([*lines, "", "沟通记录", *said, ""])
