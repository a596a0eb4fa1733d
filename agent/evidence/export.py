"""One case as one self-contained HTML file: readable by anybody, and verifiable to the last byte."""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from agent import __version__
from agent.domain.chain import canonical
from agent.errors import EvidenceBroken
from agent.evidence import manifest, words
from agent.evidence.blobs import Blobs
from agent.evidence.keys import key_id_of
from agent.evidence.manifest import Item, Manifest

PICTURES = {
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "gif": "image/gif",
}
# Shown as text, never as what it claims to be: a page's HTML stays a listing.
_TEXTS = frozenset({"txt", "json", "html", "htm", "yaml", "yml", "aria", "md", "csv", "eml", "mhtml"})
_TEXT_SHOWN = 20_000
_SEAL = re.compile(rb"<!-- sealed ([0-9a-f]{64}) -->\n\Z")
_CONSENT = {
    "none": words.Phrase("无", "none"),
    "declared": words.Phrase("操作员声明已同意", "declared by the operator"),
    "proved": words.Phrase("有证据", "proved"),
    "denied": words.Phrase("未同意", "denied"),
}


@dataclass(frozen=True, slots=True)
class Embedded:
    """The files within an exported file."""

    contents: Mapping[str, bytes]

    def read(self, sha256: str, ext: str) -> bytes:
        """Return a file's bytes, checked against its name.

        Raises:
            EvidenceBroken: it is not in the export, or has changed.
        """
        if sha256 not in self.contents:
            raise EvidenceBroken(f"embedded file {self.name(sha256, ext)} is missing")
        data = self.contents[sha256]
        if hashlib.sha256(data).hexdigest() != sha256:
            raise EvidenceBroken(f"embedded file {self.name(sha256, ext)} has changed")
        return data

    def has(self, sha256: str, ext: str) -> bool:
        """Tell whether the export holds a file of that name, right or wrong; its extension does not matter."""
        del ext
        return sha256 in self.contents

    def name(self, sha256: str, ext: str) -> str:
        """Return how a message names the file."""
        return f"{sha256}.{ext}"


@dataclass(frozen=True, slots=True)
class Opened:
    """What an exported file holds, not yet verified."""

    manifest: dict[str, Any]
    layout: str
    blobs: Embedded


@dataclass(frozen=True, slots=True)
class _File:
    """One kept file, as the template shows it."""

    n: int
    at: str
    item: Item
    uri: str
    picture: bool
    text: str
    removed: bool


def export_case(data: Mapping[str, Any], blobs: Blobs) -> str:
    """Return a case as one HTML file that needs no network and no script.

    The same manifest and files always give the same text; its UTF-8 bytes are what its seal covers.

    Raises:
        EvidenceBroken: the manifest has not the shape of one, or a kept file is missing or has changed.
    """
    case = manifest.parse(dict(data))
    page = (
        _environment()
        .get_template("case.html")
        .render(
            case=case,
            files=_files(case, blobs),
            header=_header(case),
            steps=words.tell([entry.model_dump() for entry in case.entries]),
            threads=longest_thread(case),
            exchanges=_exchanges(case),
            signed_through=max((head.n for head in case.heads), default=0),
            signed_by=key_id_of(case.public_key) if case.heads else "",
            embedded=_script_safe({"layout": layout(), "manifest": dict(data)}),
        )
    )
    # A page's text may hold half of a character pair, which no file can hold.
    text = page.encode(errors="replace").decode().replace("\r", "") + "\n"
    return f"{text}<!-- sealed {hashlib.sha256(text.encode()).hexdigest()} -->\n"


def open_export(data: bytes) -> Opened:
    """Return the manifest and the files within an exported file.

    Raises:
        EvidenceBroken: it holds no manifest, or one of its files cannot be decoded.
    """
    reader = _Reader()
    reader.feed(data.decode(errors="replace"))
    reader.close()
    if reader.json is None:
        raise EvidenceBroken("no manifest is in it: not an export of closewright, or cut")
    block = manifest.decode(reader.json.encode(errors="replace"))
    if not isinstance(block, dict) or not isinstance(block.get("manifest"), dict):
        raise EvidenceBroken("no manifest is in it: not an export of closewright, or changed")
    return Opened(block["manifest"], str(block.get("layout", "")), Embedded(reader.files))


def check_readable_part(opened: Opened, data: bytes) -> str:
    """Check that what people read in an export is what its manifest says, and return a note on that, or "".

    Raises:
        EvidenceBroken: the file was changed after it was written, or the readable part says something else.
    """
    seal = _SEAL.search(data)
    if seal is None:
        raise EvidenceBroken("the seal at the end is missing or changed")
    if hashlib.sha256(data[: seal.start()]).hexdigest().encode() != seal.group(1):
        raise EvidenceBroken("the readable part was changed after the file was written")
    if opened.layout != layout():
        return "the readable part was written by another version and was not compared with the journal"
    if export_case(opened.manifest, opened.blobs).encode() != data:
        raise EvidenceBroken("the readable part does not say what the journal says")
    return ""


def layout() -> str:
    """Return which version of the readable part this program writes."""
    source, _, _ = _loader().get_source(_environment(), "case.html")
    return f"{__version__}+{hashlib.sha256(source.encode()).hexdigest()[:12]}"


def data_uri(data: bytes, media: str) -> str:
    """Return ``data`` as a URI that holds it."""
    return f"data:{media};base64,{base64.b64encode(data).decode('ascii')}"


def _loader() -> PackageLoader:
    return PackageLoader("agent.evidence")


def _environment() -> Environment:
    environment = Environment(
        loader=_loader(), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"moment": words.moment, "visible": words.visible}
    environment.globals["word"] = words.phrase_of
    return environment


def _files(case: Manifest, blobs: Blobs) -> list[_File]:
    removed = manifest.removed_by_rule(case)
    files, shown = [], set[str]()
    for entry in case.entries:
        if entry.kind != manifest.EVIDENCE:
            continue
        item = manifest.item_of(entry)
        if item.sha256 in shown:
            continue
        shown.add(item.sha256)
        gone = removed.get(item.sha256, 0) > entry.n and not blobs.has(item.sha256, item.ext)
        data = b"" if gone else blobs.read(item.sha256, item.ext)
        # Anything but a picture is offered for saving only, so that no browser takes it for a page of its own.
        media = PICTURES.get(item.ext, "application/octet-stream")
        files.append(
            _File(
                n=entry.n,
                at=entry.at,
                item=item,
                uri="" if gone else data_uri(data, media),
                picture=item.ext in PICTURES and not gone,
                text=_as_text(data) if item.ext in _TEXTS else "",
                removed=gone,
            )
        )
    return files


def _as_text(data: bytes) -> str:
    return words.shortened(words.visible(data.decode(errors="replace")), _TEXT_SHOWN)


def _header(case: Manifest) -> list[tuple[words.Phrase, words.Phrase]]:
    """Return the header as pairs of a name and a value, known names first, each in both languages."""
    rows = []
    for key in (*words.FIELDS, *sorted(case.case.keys() - words.FIELDS.keys())):
        value = case.case.get(key)
        if key == "case_id" or value is None or value == "" or isinstance(value, dict | list):
            continue
        rows.append((words.FIELDS.get(key) or words.Phrase(words.visible(key), ""), _header_value(key, str(value))))
    return rows


def _header_value(key: str, value: str) -> words.Phrase:
    match key:
        case "reason":
            return words.reason_phrase(value)
        case "consent" if value in _CONSENT:
            return _CONSENT[value]
        case "waiting_for":
            return words.phrase_of(f"waiting:{value}")
        case "state" | "outcome" | "path" | "role" | "by":
            return words.phrase_of(value)
        case _ if key.endswith("_at"):
            return words.Phrase(words.moment(value), "")
        case _:
            return words.Phrase(words.visible(value), "")


def longest_thread(case: Manifest) -> list[dict[str, str]]:
    """Return the longest thread of messages that the journal holds: each later reading repeats the earlier lines."""
    longest: list[dict[str, str]] = []
    for entry in case.entries:
        lines = entry.body.get("messages")
        if isinstance(lines, list) and len(lines) >= len(longest):
            longest = [
                {key: str(line.get(key) or "") for key in ("sender", "text", "at")}
                for line in lines
                if isinstance(line, dict)
            ]
    return longest


@dataclass(frozen=True, slots=True)
class _Exchange:
    """A request or an answer of the portal, folded away."""

    n: int
    at: str
    side: words.Phrase
    text: str


def _exchanges(case: Manifest) -> list[_Exchange]:
    sides = {"request": words.Phrase("请求", "request"), "answer": words.Phrase("应答", "answer")}
    return [
        _Exchange(entry.n, entry.at, side, words.shortened(words.visible(_pretty(entry.body[key])), _TEXT_SHOWN))
        for entry in case.entries
        for key, side in sides.items()
        if entry.body.get(key)
    ]


def _pretty(data: Any) -> str:
    return data if isinstance(data, str) else json.dumps(data, ensure_ascii=False, indent=2, sort_keys=True)


def _script_safe(data: Any) -> str:
    """Return JSON that cannot end or alter the script element it stands in."""
    text = canonical(data).decode()
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


class _Reader(HTMLParser):
    """Takes the manifest and the files out of an exported file."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.json: str | None = None
        self.files: dict[str, bytes] = {}
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notice the manifest's element, and decode a file's."""
        values = {name: value or "" for name, value in attrs}
        if tag == "script" and values.get("id") == "manifest" and self.json is None:
            self._inside, self.json = True, ""
        sha256 = values.get("data-sha256")
        if sha256 is not None:
            self._take(sha256, values.get("src") or values.get("href") or "")

    def handle_data(self, data: str) -> None:
        """Collect the manifest's text."""
        if self._inside:
            self.json = (self.json or "") + data

    def handle_endtag(self, tag: str) -> None:
        """Notice the end of the manifest."""
        if tag == "script":
            self._inside = False

    def _take(self, sha256: str, uri: str) -> None:
        try:
            data = base64.b64decode(uri.partition(";base64,")[2].encode("ascii"), validate=True)
        except (binascii.Error, UnicodeEncodeError):
            data = b""
        if sha256 in self.files and hashlib.sha256(data).hexdigest() != sha256:
            raise EvidenceBroken(f"embedded file {sha256[:64]} stands there twice, and once wrong")
        self.files[sha256] = data
