"""An exported case can be read without network or script, and verified."""

import hashlib
import re
from pathlib import Path

import pytest
from evidence_sample import ORDER, Sample, filled

from agent.errors import EvidenceBroken
from agent.evidence.export import export_case
from agent.evidence.verify import verify_manifest


@pytest.fixture
def sample(tmp_path: Path) -> Sample:
    return filled(tmp_path)


def _elements(page: str) -> list[str]:
    return re.findall(r"<(\w+)", page.partition('<script type="application/json"')[0])


def test_the_same_case_always_gives_the_same_file(sample: Sample) -> None:
    assert export_case(sample.build(), sample.blobs) == export_case(sample.build(), sample.blobs)


def test_a_clerk_finds_order_reason_story_messages_pictures_and_answers(sample: Sample) -> None:
    page = export_case(sample.build(), sample.blobs)
    for told in (
        ORDER,
        "买家取消订单",
        "1234.50",
        "收到关闭订单的请求",
        "您好",
        "&#34;success&#34;: true",
        "2026-08-21 14:03:05",
    ):
        assert told in page
    assert page.count("<img ") == 2


def test_nothing_in_it_reaches_for_the_network_or_runs(sample: Sample) -> None:
    page = export_case(sample.build(), sample.blobs)
    assert not re.search(r"""(?:src|href)=["'](?!data:)""", page)
    assert "default-src 'none'" in page
    assert re.findall(r"<script[^>]*>", page) == ['<script type="application/json" id="manifest">']


def test_hostile_text_stays_text_and_the_file_still_verifies(tmp_path: Path) -> None:
    hostile = "</script><script>alert(1)</script><img src=x onerror=alert(1)> {{7*7}} <!-- \u202egnp.exe \u2028 \x00"
    plain, bad = filled(tmp_path / "a"), filled(tmp_path / "b")
    for sample, text in ((plain, "x"), (bad, hostile)):
        sample.add("fault", {"why": text, "messages": [{"sender": text, "text": text * 1000, "at": text}]})
        sample.add("observed", {"request": {"body": text}, "answer": text})
        sample.keep(text, f"<script>{text}</script>".encode(), "html")
        sample.sign()
    harmless = export_case(plain.build(note="x"), plain.blobs)
    page = export_case(bad.build(note=hostile), bad.blobs)
    assert _elements(page) == _elements(harmless)
    assert "⟨U+202E⟩" in page
    assert "\u202e" not in page.split('<script type="application/json"')[0]
    path = tmp_path / "order.html"
    path.write_bytes(page.encode())
    assert verify_manifest(path, None, trusted_public_key=bad.key.public_b64).state == "intact"


def test_a_readable_part_that_was_rewritten_and_sealed_anew_is_found(sample: Sample, tmp_path: Path) -> None:
    """The manifest in the file is untouched; only what people read was altered, by somebody who knows the seal."""
    page = export_case(sample.build(), sample.blobs).replace("1234.50</dd>", "9.50</dd>")
    body = page[: page.rindex("<!-- sealed")]
    assert "9.50" in body
    path = tmp_path / "order.html"
    path.write_bytes(f"{body}<!-- sealed {hashlib.sha256(body.encode()).hexdigest()} -->\n".encode())
    verdict = verify_manifest(path, None, trusted_public_key=None)
    assert verdict.broken == "order.html: the readable part does not say what the journal says"


def test_files_that_retention_removed_are_said_to_be_so(sample: Sample, tmp_path: Path) -> None:
    sha256 = sample.entries[1]["body"]["sha256"]
    sample.blobs.path(sha256, "png").unlink()
    with pytest.raises(EvidenceBroken, match="is missing"):
        export_case(sample.build(), sample.blobs)
    sample.add("retention", {"removed": [sha256]})
    sample.sign()
    page = export_case(sample.build(), sample.blobs)
    assert "已按保存期限删除" in page
    path = tmp_path / "order.html"
    path.write_bytes(page.encode())
    assert verify_manifest(path, None, trusted_public_key=None).state == "intact"


def test_a_file_that_is_no_export_is_broken(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("<p>hello", encoding="utf-8")
    assert "no manifest is in it" in verify_manifest(path, None, trusted_public_key=None).broken
