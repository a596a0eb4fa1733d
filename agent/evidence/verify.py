"""Checks kept evidence against its chain and signatures, offline, and names the first thing that is broken."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from agent.domain.chain import GENESIS, canonical, link
from agent.errors import ConfigError, EvidenceBroken
from agent.evidence import export, manifest
from agent.evidence.blobs import Blobs, BlobStore
from agent.evidence.keys import is_signed, key_id_of, public_bytes
from agent.evidence.manifest import Entry, Head, Manifest

# Facts of a case that never change: where the first entry of the journal names them, the header must agree.
_FIXED = ("order_id", "shop", "portal", "account", "role")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verification found.

    ``broken`` names the first broken item, else "". ``signed_through`` is the last entry that a signature covers.
    ``head`` is the hash of the last entry, as printed in the report: a journal cut back to an earlier signed state
    verifies, and only its head tells.
    """

    state: Literal["intact", "unsigned", "broken"]
    broken: str
    signed_through: int
    entries: int
    head: str = ""
    signed_by: str = ""
    note: str = ""

    def in_words(self) -> str:
        """Return the verdict as one line for people."""
        match self.state:
            case "broken":
                return f"broken: {self.broken}"
            case "unsigned":
                words = f"unsigned: {self.entries} entries hang together, and nobody has signed them"
            case "intact":
                words = f"intact since signed: {self.signed_through} of {self.entries} entries, by key {self.signed_by}"
        return f"{words}; {self.note}" if self.note else words


@dataclass(frozen=True, slots=True)
class Checked:
    """One thing that was verified: a case's file, or a blob that no case names."""

    name: str
    verdict: Verdict


def verify_manifest(
    source: Path | Mapping[str, Any], blobs: Blobs | None, *, trusted_public_key: str | None
) -> Verdict:
    """Verify one case: a manifest as plain JSON, its file, or an exported file; or all of a folder in one verdict.

    Args:
        source: what to verify.
        blobs: where the kept files are; None takes those beside a manifest's file or within an exported one, and
            leaves the files of a bare manifest unchecked.
        trusted_public_key: the key that must have signed, in base64; None accepts whichever the manifest names.

    Raises:
        ConfigError: there is nothing to verify at ``source``, or the trusted key is no key.
    """
    trusted = _trusted(trusted_public_key)
    if not isinstance(source, Path):
        return _verdict_of(dict(source), blobs, trusted)
    if source.is_dir():
        return _combined(verify_path(source, trusted_public_key=trusted_public_key))
    return _verify_file(source, blobs, trusted)


def verify_path(path: Path, *, trusted_public_key: str | None) -> tuple[Checked, ...]:
    """Verify an evidence folder, one manifest or one exported file, and say what was found of each case.

    In a folder every blob is hashed, also those that no case names.

    Raises:
        ConfigError: there is nothing to verify at ``path``, or the trusted key is no key.
    """
    trusted = _trusted(trusted_public_key)
    if not path.is_dir():
        return (Checked(path.name, _verify_file(path, None, trusted)),)
    cases = sorted((path / "cases").glob("*.json"))
    if not cases and not (path / "blobs").is_dir():
        raise ConfigError([f"{path}: holds no evidence (no folders 'cases' and 'blobs'); name the evidence folder"])
    blobs = BlobStore(path)
    found = [Checked(f"cases/{case.name}", _verify_file(case, blobs, trusted)) for case in cases]
    return (*found, *_broken_blobs(blobs))


def _verify_file(path: Path, blobs: Blobs | None, trusted: bytes | None) -> Verdict:
    try:
        data = path.read_bytes()
    except OSError as fault:
        raise ConfigError([f"{path}: cannot be read ({fault.strerror}); name a manifest or an export"]) from fault
    if path.suffix.lower() in {".html", ".htm"}:
        verdict = _verify_export(data, trusted)
    else:
        in_folder = path.parent.name == "cases"
        beside = BlobStore(path.parent.parent) if in_folder else None
        verdict = _verify_text(data, blobs or beside, trusted, case_id=path.stem if in_folder else None)
    return replace(verdict, broken=f"{path.name}: {verdict.broken}") if verdict.broken else verdict


def _verify_text(data: bytes, blobs: Blobs | None, trusted: bytes | None, *, case_id: str | None) -> Verdict:
    try:
        plain = manifest.decode(data)
    except EvidenceBroken as fault:
        return _broken(str(fault))
    verdict = _verdict_of(plain, blobs, trusted)
    if verdict.broken:
        return verdict
    if manifest.encode(plain) != data:
        return _broken("the text is not as it was written, although it reads the same", verdict)
    if case_id is not None and plain["case"]["case_id"] != case_id:
        return _broken(f"the file is named for another case than {plain['case']['case_id']}", verdict)
    return verdict


def _verify_export(data: bytes, trusted: bytes | None) -> Verdict:
    try:
        opened = export.open_export(data)
    except EvidenceBroken as fault:
        return _broken(str(fault))
    verdict = _verdict_of(opened.manifest, opened.blobs, trusted)
    if verdict.broken:
        return verdict
    try:
        note = export.check_readable_part(opened, data)
    except EvidenceBroken as fault:
        return _broken(str(fault), verdict)
    return replace(verdict, note="; ".join(part for part in (verdict.note, note) if part))


def _verdict_of(plain: Any, blobs: Blobs | None, trusted: bytes | None) -> Verdict:
    try:
        case = manifest.parse(plain)
    except EvidenceBroken as fault:
        return _broken(str(fault))
    verdict = Verdict("unsigned", "", 0, len(case.entries))
    try:
        _check_signer(case, trusted)
        _check_journal(case, blobs)
        _check_header(case)
        _check_digest(plain, case)
    except EvidenceBroken as fault:
        return _broken(str(fault), verdict)
    return _sound(case, blobs, trusted)


def _sound(case: Manifest, blobs: Blobs | None, trusted: bytes | None) -> Verdict:
    total = len(case.entries)
    through = max((head.n for head in case.heads), default=0)
    notes = []
    if case.heads and through < total:
        notes.append(f"entries {through + 1} to {total} hang together and are not signed yet")
    if case.heads and trusted is None:
        notes.append("the key was not compared with a known one")
    if blobs is None:
        notes.append("the kept files were not looked at")
    return Verdict(
        state="intact" if case.heads else "unsigned",
        broken="",
        signed_through=through,
        entries=total,
        head=case.entries[-1].hash if case.entries else "",
        signed_by=key_id_of(case.public_key) if case.heads else "",
        note="; ".join(notes),
    )


def _check_signer(case: Manifest, trusted: bytes | None) -> None:
    try:
        key = public_bytes(case.public_key)
    except ValueError:
        raise EvidenceBroken("public_key: not an Ed25519 key in base64") from None
    if case.heads and trusted is not None and key != trusted:
        raise EvidenceBroken(f"signed by an unknown key ({key_id_of(case.public_key)}), not by the trusted one")


def _check_journal(case: Manifest, blobs: Blobs | None) -> None:
    heads = defaultdict(list)
    for head in case.heads:
        heads[head.n].append(head)
    removed = manifest.removed_by_rule(case)
    prev = GENESIS
    for place, entry in enumerate(case.entries, 1):
        _check_link(case.case_id, entry, place=place, prev=prev)
        if entry.kind == manifest.EVIDENCE and blobs is not None:
            _check_blob(entry, blobs, tombstone=removed.get(str(entry.body.get("sha256")), 0))
        for head in heads.pop(place, ()):
            _check_head(case, head, entry)
        prev = entry.hash
    for n in sorted(heads):
        raise EvidenceBroken(
            f"entry {len(case.entries) + 1} is missing: a signed head stands at entry {n}, and the journal ends at"
            f" entry {len(case.entries)}"
        )


def _check_link(case_id: str, entry: Entry, *, place: int, prev: str) -> None:
    if entry.n != place:
        raise EvidenceBroken(f"entry {place} is missing or out of place: number {entry.n} ({entry.kind}) stands there")
    if entry.prev != prev:
        raise EvidenceBroken(f"entry {place} ({entry.kind}): does not follow the entry before it")
    try:
        expected = link(prev=prev, case_id=case_id, n=entry.n, at=entry.at, kind=entry.kind, body=entry.body)
    except (ValueError, RecursionError):
        raise EvidenceBroken(f"entry {place} ({entry.kind}): holds what no journal can hold") from None
    if expected != entry.hash:
        raise EvidenceBroken(f"entry {place} ({entry.kind}): has changed: it does not hash to its own hash")


def _check_blob(entry: Entry, blobs: Blobs, *, tombstone: int) -> None:
    item = manifest.item_of(entry)
    if tombstone > entry.n and not blobs.has(item.sha256, item.ext):
        return
    try:
        data = blobs.read(item.sha256, item.ext)
    except EvidenceBroken as fault:
        raise EvidenceBroken(f"entry {entry.n} ({entry.kind} {item.name!r}): {fault}") from None
    if len(data) != item.size:
        raise EvidenceBroken(f"entry {entry.n} ({entry.kind} {item.name!r}): the size is not {item.size} bytes")


def _check_head(case: Manifest, head: Head, entry: Entry) -> None:
    where = f"head of entry {head.n}"
    if head.hash != entry.hash:
        raise EvidenceBroken(f"{where}: what was signed is not the entry that stands there")
    if head.key_id != key_id_of(case.public_key):
        raise EvidenceBroken(f"{where}: signed by an unknown key ({head.key_id[:40]})")
    message = canonical({"case_id": case.case_id, "n": head.n, "hash": head.hash})
    if not is_signed(message, signature_b64=head.signature, public_b64=case.public_key):
        raise EvidenceBroken(f"{where}: the signature is not valid")


def _check_header(case: Manifest) -> None:
    stated: dict[str, Any] = {}
    if case.entries:
        first = case.entries[0].body
        stated.update({key: first[key] for key in _FIXED if key in first and key in case.case})
    for entry in case.entries:
        facts = entry.body.get("case")
        if isinstance(facts, dict):
            stated.update(facts)
    for key, value in stated.items():
        if case.case.get(key) != value:
            raise EvidenceBroken(f"case.{key}: the header does not say what the journal says")


def _broken_blobs(blobs: BlobStore) -> list[Checked]:
    """Hash every blob in the folder, so that also one which no case names (any more) is known to be good."""
    found = []
    for path in sorted((blobs.root / "blobs").glob("*/*")):
        if path.name.startswith("."):  # left by a crash in the middle of writing: never was evidence
            continue
        try:
            blobs.read(path.stem, path.suffix.removeprefix("."))
            if path != blobs.path(path.stem, path.suffix.removeprefix(".")):
                raise EvidenceBroken(f"{path.relative_to(blobs.root).as_posix()} lies in the wrong folder")  # noqa: TRY301
        except EvidenceBroken as fault:
            name = path.relative_to(blobs.root).as_posix()
            words = str(fault)
            found.append(Checked(name, _broken(words if name in words else f"{name}: {words}")))
    return found


def _check_digest(plain: dict[str, Any], case: Manifest) -> None:
    try:
        same = manifest.digest(plain) == case.digest
    except (ValueError, RecursionError):
        same = False
    if not same:
        raise EvidenceBroken("digest: something outside the journal has changed: header, key, or a signature's time")


def _combined(checked: Sequence[Checked]) -> Verdict:
    verdicts = [one.verdict for one in checked]
    for verdict in verdicts:
        if verdict.state == "broken":
            return verdict
    unsigned = [one.name for one in checked if one.verdict.state == "unsigned"]
    return Verdict(
        state="unsigned" if unsigned or not checked else "intact",
        broken="",
        signed_through=sum(verdict.signed_through for verdict in verdicts),
        entries=sum(verdict.entries for verdict in verdicts),
        signed_by=", ".join(sorted({verdict.signed_by for verdict in verdicts if verdict.signed_by})),
        note="; ".join(f"{one.name}: {one.verdict.note}" for one in checked if one.verdict.note),
    )


def _broken(words: str, sofar: Verdict | None = None) -> Verdict:
    return Verdict("broken", words, 0, sofar.entries if sofar else 0)


def _trusted(public_b64: str | None) -> bytes | None:
    if public_b64 is None:
        return None
    try:
        return public_bytes(public_b64)
    except ValueError:
        raise ConfigError(["the trusted key is not an Ed25519 public key in base64; give the signer's"]) from None
