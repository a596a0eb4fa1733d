"""The report as one self-contained HTML page, in Chinese and English."""

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from agent.domain.rules import span
from agent.evidence import phrases, words
from agent.evidence.blobs import BlobStore
from agent.evidence.export import PICTURES, data_uri
from agent.report import charts, figures
from agent.report.advice import DEFAULTS, Thresholds, advice
from agent.report.model import Picture, ReportCase
from agent.report.statistics import statistics

_MAX_BYTES = 60_000_000
_TEXT_SHOWN = 4_000
_LINE_SHOWN = 160


def render(
    cases: Sequence[ReportCase],
    *,
    title: str,
    generated_at: datetime,
    blobs: BlobStore,
    shop_meta: Mapping[str, str],
    language: Literal["zh", "en"] = "zh",
    max_bytes: int = _MAX_BYTES,
    thresholds: Thresholds = DEFAULTS,
) -> str:
    """Return the report as HTML that needs no network.

    Args:
        cases: what to report, in the order in which it is shown.
        title: the page's heading.
        generated_at: when the report was made; an aware time.
        blobs: where the pictures are.
        shop_meta: facts for the heading, such as ``shop``, ``portal`` and ``role``.
        language: which language shows first; a button shows the other.
        max_bytes: how much of the page may be pictures; the rest is linked. Cases that want a person come first.
        thresholds: from how many orders on there is advice.

    Raises:
        EvidenceBroken: a picture has changed since it was kept.
    """
    template, context = _page(
        cases,
        title=title,
        generated_at=generated_at,
        blobs=blobs,
        shop_meta=shop_meta,
        language=language,
        max_bytes=max_bytes,
        thresholds=thresholds,
    )
    return template.render(context).encode(errors="replace").decode()


def write(
    cases: Sequence[ReportCase],
    path: Path,
    *,
    title: str,
    generated_at: datetime,
    blobs: BlobStore,
    shop_meta: Mapping[str, str],
    language: Literal["zh", "en"] = "zh",
    max_bytes: int = _MAX_BYTES,
    thresholds: Thresholds = DEFAULTS,
) -> None:
    """Write what ``render`` returns to ``path``, piece by piece: memory does not grow with the pictures.

    Raises:
        EvidenceBroken: a picture has changed since it was kept; ``path`` is left as it was.
    """
    template, context = _page(
        cases,
        title=title,
        generated_at=generated_at,
        blobs=blobs,
        shop_meta=shop_meta,
        language=language,
        max_bytes=max_bytes,
        thresholds=thresholds,
    )
    unfinished = path.with_name(f".{path.name}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with unfinished.open("w", encoding="utf-8", errors="replace", newline="\n") as file:
            file.writelines(template.generate(context))
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


class _Album:
    """Gives pictures to the template: as data while the budget lasts, then as links, or says that they are gone."""

    def __init__(self, cases: Sequence[ReportCase], blobs: BlobStore, max_bytes: int) -> None:
        self._blobs = blobs
        # By place, not by content: what two cases share stands in the page twice.
        self._embedded = {(id(case), picture) for case, picture in _within_budget(cases, blobs, max_bytes)}

    def embedded(self, case: ReportCase, picture: Picture) -> bool:
        return (id(case), picture) in self._embedded

    def there(self, picture: Picture) -> bool:
        return self._blobs.has(picture.sha256, picture.ext)

    def src(self, picture: Picture) -> str:
        return data_uri(self._blobs.read(picture.sha256, picture.ext), PICTURES[picture.ext])

    def link(self, picture: Picture) -> str:
        return self._blobs.path(picture.sha256, picture.ext).resolve().as_uri()


def _within_budget(
    cases: Sequence[ReportCase], blobs: BlobStore, max_bytes: int
) -> Iterator[tuple[ReportCase, Picture]]:
    left = max_bytes
    for case in sorted(cases, key=lambda case: case.stands not in figures.ATTENTION):
        for picture in case.pictures:
            if picture.ext not in PICTURES or not blobs.has(picture.sha256, picture.ext):
                continue
            left -= blobs.path(picture.sha256, picture.ext).stat().st_size * 4 // 3
            if left < 0:
                return
            yield case, picture


def _page(
    cases: Sequence[ReportCase],
    *,
    title: str,
    generated_at: datetime,
    blobs: BlobStore,
    shop_meta: Mapping[str, str],
    language: str,
    max_bytes: int,
    thresholds: Thresholds,
) -> tuple[Template, dict[str, Any]]:
    script = _resource("report.js")
    counted = statistics(cases, generated_at.tzinfo)
    library = charts.library() if counted.closed else ""
    context: dict[str, Any] = {
        "cases": cases,
        "title": title,
        "generated_at": generated_at.isoformat(timespec="seconds"),
        "shop_meta": [
            (words.FIELDS.get(key) or words.phrase_of(key), words.WORDS.get(value) or words.Phrase(value, value))
            for key, value in shop_meta.items()
        ],
        "several_shops": len({case.shop for case in cases}) > 1,
        "language": language,
        "album": _Album(cases, blobs, max_bytes),
        "statuses": figures.by_status(cases),
        "paths": figures.by_path(cases),
        "reasons": figures.by_reason(cases),
        "closed": sum(case.outcome == "closed" for case in cases),
        "open": sum(figures.tone_of(case.stands) == "wait" for case in cases),
        "attention": sum(case.stands in figures.ATTENTION for case in cases),
        "closed_amount": figures.closed_amount(cases),
        "style": _resource("report.css"),
        "counted": counted,
        "advices": advice(cases, thresholds),
        "figures": charts.figures_of(counted),
        "library": library,
        "script": script,
        "script_hashes": [_hash_of(text) for text in (library, script) if text],
    }
    return _environment().get_template("report.html"), context


def _hash_of(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("agent.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "moment": words.moment,
        "visible": _visible,
        "chinese": phrases.in_chinese,
        "line": _line,
        "yuan": _yuan,
        "span": _span,
        "span_zh": lambda hours: phrases.span_in_chinese(_span(hours)),
        "word": words.phrase_of,
        "reason": words.reason_phrase,
        "tone": figures.tone_of,
        "amount": figures.amount_of,
        "haystack": _haystack,
    }
    return environment


def _resource(name: str) -> str:
    return files("agent.report").joinpath("templates", name).read_text("utf-8").replace("\r\n", "\n")


def _visible(text: str) -> str:
    return words.shortened(words.visible(text), _TEXT_SHOWN)


def _line(text: str) -> str:
    return words.shortened(words.visible(text), _LINE_SHOWN)


def _yuan(amount: Decimal) -> str:
    return f"¥{amount:,.2f}"


def _span(hours: float) -> str:
    """Return so many hours as a person reads them."""
    return span(timedelta(hours=hours))


def _haystack(case: ReportCase) -> str:
    """Return what the search box looks through."""
    reason = words.reason_phrase(case.reason)
    parts = (case.order_id, case.case_id or "", case.shop, reason.zh, reason.en, case.note[:_LINE_SHOWN])
    return words.visible(" ".join(parts)).lower()
