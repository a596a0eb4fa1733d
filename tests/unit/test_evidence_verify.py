"""Verification names the first broken item, whatever was changed, and calls intact only what is."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from evidence_sample import Sample, filled, picture

from agent.errors import ConfigError
from agent.evidence import manifest
from agent.evidence.export import export_case
from agent.evidence.keys import load_or_create
from agent.evidence.verify import Verdict, verify_manifest, verify_path


@pytest.fixture
def sample(tmp_path: Path) -> Sample:
    return filled(tmp_path)


def _verify(sample: Sample, data: Any = None) -> Verdict:
    return verify_manifest(data or sample.build(), sample.blobs, trusted_public_key=sample.key.public_b64)


def test_a_signed_case_is_intact_as_plain_json_as_a_file_as_a_folder_and_as_an_export(sample: Sample) -> None:
    path = sample.write()
    exported = sample.root.parent / "order.html"
    exported.write_bytes(export_case(sample.build(), sample.blobs).encode())
    for source in (sample.build(), path, sample.root, exported):
        verdict = verify_manifest(source, None, trusted_public_key=sample.key.public_b64)
        assert (verdict.state, verdict.broken, verdict.signed_through, verdict.entries) == ("intact", "", 7, 7)
        assert verdict.in_words().startswith("intact since signed: 7 of 7 entries")
    assert _verify(sample).head == sample.entries[-1]["hash"]


def test_a_case_without_any_signature_is_unsigned(tmp_path: Path) -> None:
    verdict = _verify(filled(tmp_path, signed=False))
    assert (verdict.state, verdict.signed_through, verdict.entries) == ("unsigned", 0, 7)


def test_entries_after_the_last_signature_are_said_in_words(sample: Sample) -> None:
    sample.add("reopened", {"why": "asked again"})
    verdict = _verify(sample)
    assert (verdict.state, verdict.signed_through) == ("intact", 7)
    assert "entries 8 to 8" in verdict.in_words()


def test_an_unsigned_tail_is_still_held_to_its_chain(sample: Sample) -> None:
    sample.add("reopened", {"why": "asked again"})
    sample.entries[-1]["body"] = {"why": "something else"}
    assert _verify(sample).broken.startswith("entry 8 (reopened): has changed")


def _drop_last(data: dict[str, Any]) -> None:
    data["entries"].pop()


def _drop_middle(data: dict[str, Any]) -> None:
    del data["entries"][3]


def _swap(data: dict[str, Any]) -> None:
    data["entries"][3], data["entries"][4] = data["entries"][4], data["entries"][3]


def _edit(data: dict[str, Any]) -> None:
    data["entries"][4]["body"]["result"] = "not_done"


def _backdate(data: dict[str, Any]) -> None:
    data["entries"][4]["at"] = "2026-08-20T14:03:05+08:00"


def _unhook(data: dict[str, Any]) -> None:
    data["entries"][4]["prev"] = data["entries"][1]["hash"]


def _forge_signature(data: dict[str, Any]) -> None:
    data["heads"][0]["signature"] = data["heads"][1]["signature"]


def _move_head(data: dict[str, Any]) -> None:
    data["heads"][0]["n"] = 2


def _rename_order(data: dict[str, Any]) -> None:
    data["case"]["order_id"] = "202711458975969813"


def _turn_outcome(data: dict[str, Any]) -> None:
    data["case"]["outcome"] = "refused"


def _other_case(data: dict[str, Any]) -> None:
    data["case"]["case_id"] = "case-2"


def _change_amount(data: dict[str, Any]) -> None:
    data["case"]["amount"] = "1.00"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (_drop_last, "entry 7 is missing"),
        (_drop_middle, "entry 4 is missing or out of place"),
        (_swap, "entry 4 is missing or out of place"),
        (_edit, "entry 5 (settled): has changed"),
        (_backdate, "entry 5 (settled): has changed"),
        (_unhook, "entry 5 (settled): does not follow the entry before it"),
        (_forge_signature, "head of entry 3: the signature is not valid"),
        (_move_head, "head of entry 2: what was signed is not the entry"),
        (_other_case, "entry 1 (requested): has changed"),
    ],
)
def test_the_first_broken_item_is_named_even_when_the_digest_was_made_anew(
    sample: Sample, change: Callable[[dict[str, Any]], None], named: str
) -> None:
    data = copy.deepcopy(sample.build())
    change(data)
    data["digest"] = manifest.digest(data)
    verdict = _verify(sample, data)
    assert verdict.state == "broken"
    assert verdict.broken.startswith(named)


@pytest.mark.parametrize(("change", "key"), [(_rename_order, "order_id"), (_turn_outcome, "outcome")])
def test_a_header_that_says_other_than_the_journal_is_broken(
    sample: Sample, change: Callable[[dict[str, Any]], None], key: str
) -> None:
    data = copy.deepcopy(sample.build())
    change(data)
    data["digest"] = manifest.digest(data)
    assert _verify(sample, data).broken.startswith(f"case.{key}: the header does not say what the journal says")


def test_a_change_outside_the_journal_breaks_the_digest(sample: Sample) -> None:
    data = copy.deepcopy(sample.build())
    _change_amount(data)
    assert _verify(sample, data).broken.startswith("digest:")


def test_a_rebuilt_chain_does_not_pass_for_the_signed_one(sample: Sample) -> None:
    """Who rewrites an entry and all hashes after it cannot make the signatures fit."""
    forged = Sample(sample.root, sample.key)
    for entry in sample.entries:
        body = {"order_id": entry["body"]["order_id"], "shop": "other"} if entry["n"] == 1 else entry["body"]
        forged.add(entry["kind"], body)
    forged.heads = copy.deepcopy(sample.heads)
    for head in forged.heads:
        head["hash"] = forged.entries[head["n"] - 1]["hash"]
    verdict = _verify(sample, forged.build(shop="other"))
    assert verdict.broken == "head of entry 3: the signature is not valid"


def test_a_manifest_signed_by_another_key_is_broken_only_where_a_key_is_trusted(sample: Sample, tmp_path: Path) -> None:
    other = load_or_create(tmp_path / "other.key")
    trusting = verify_manifest(sample.build(), sample.blobs, trusted_public_key=other.public_b64)
    assert trusting.broken.startswith("signed by an unknown key")
    anybody = verify_manifest(sample.build(), sample.blobs, trusted_public_key=None)
    assert anybody.state == "intact"
    assert "the key was not compared" in anybody.note


def test_a_head_by_another_key_than_the_manifest_names_is_broken(sample: Sample, tmp_path: Path) -> None:
    sample.sign(load_or_create(tmp_path / "other.key"))
    assert _verify(sample).broken.startswith("head of entry 7: signed by an unknown key")


def test_missing_and_changed_files_are_told_apart_and_named(sample: Sample) -> None:
    item = sample.entries[1]["body"]
    path = sample.blobs.path(item["sha256"], "png")
    good = path.read_bytes()
    path.write_bytes(good + b"x")
    assert f"entry 2 (evidence 'before'): blobs/{item['sha256'][:2]}/" in _verify(sample).broken
    assert "has changed" in _verify(sample).broken
    path.unlink()
    assert _verify(sample).broken.endswith(f"{item['sha256']}.png is missing")


def test_a_missing_file_is_legitimate_only_under_a_signed_tombstone(sample: Sample) -> None:
    sha256 = sample.entries[1]["body"]["sha256"]
    sample.blobs.path(sha256, "png").unlink()
    sample.add("retention", {"removed": [sha256], "rule": "90 days"})
    assert "is missing" in _verify(sample).broken
    sample.sign()
    assert _verify(sample).state == "intact"


def test_a_tombstone_does_not_excuse_what_was_kept_after_it_nor_a_changed_file(sample: Sample) -> None:
    sha256 = sample.entries[1]["body"]["sha256"]
    sample.add("retention", {"removed": [sha256]})
    sample.sign()
    path = sample.blobs.path(sha256, "png")
    path.write_bytes(b"changed")
    assert "has changed" in _verify(sample).broken
    path.unlink()
    sample.keep("again", picture(1), "png")
    sample.sign()
    path.unlink()
    assert _verify(sample).broken.startswith("entry 9 (evidence 'again')")


def _flips(data: bytes, *, about: int) -> list[tuple[int, bytes]]:
    step = max(1, len(data) * 8 // about) | 1  # odd, so that every bit of a byte has its turn
    return [
        (bit, data[: bit // 8] + bytes([data[bit // 8] ^ (1 << (bit % 8))]) + data[bit // 8 + 1 :])
        for bit in range(0, len(data) * 8, step)
    ]


def test_any_flipped_bit_in_any_file_of_a_folder_is_found_and_its_file_named(sample: Sample) -> None:
    sample.write()
    files = sorted(path for path in sample.root.rglob("*") if path.is_file())
    assert len(files) == 4
    for path in files:
        good = path.read_bytes()
        for bit, bad in _flips(good, about=150):
            path.write_bytes(bad)
            verdict = verify_manifest(sample.root, None, trusted_public_key=sample.key.public_b64)
            assert verdict.state == "broken", f"bit {bit} of {path.name} was not noticed"
            assert path.name in verdict.broken
        path.write_bytes(good)
    assert verify_manifest(sample.root, None, trusted_public_key=None).state == "intact"


def test_any_flipped_bit_of_an_exported_file_is_found(sample: Sample, tmp_path: Path) -> None:
    path = tmp_path / "order.html"
    good = export_case(sample.build(), sample.blobs).encode()
    for bit, bad in _flips(good, about=300):
        path.write_bytes(bad)
        verdict = verify_manifest(path, None, trusted_public_key=None)
        assert verdict.state == "broken", f"bit {bit} was not noticed"
        assert verdict.broken.startswith("order.html: ")


def test_a_file_that_no_case_names_is_checked_too_and_a_half_written_one_is_not_evidence(sample: Sample) -> None:
    sample.write()
    stray = sample.blobs.put(b"stray", ext="txt")
    (sample.root / "blobs" / stray.sha256[:2] / ".half.part").write_bytes(b"half")
    assert [one.verdict.state for one in verify_path(sample.root, trusted_public_key=None)] == ["intact"]
    sample.blobs.path(stray.sha256, "txt").write_bytes(b"strax")
    (broken,) = (one for one in verify_path(sample.root, trusted_public_key=None) if one.verdict.broken)
    assert stray.sha256 in broken.name


@pytest.mark.parametrize(
    "text",
    ["", "[]", "null", "{", '{"format": 1}', "[" * 100_000, '{"a": NaN}', '{"case": "\\ud800"}', "\ufeff{}"],
)
def test_what_is_no_manifest_is_broken_and_never_an_accident(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(text.encode())
    verdict = verify_manifest(path, None, trusted_public_key=None)
    assert verdict.state == "broken"
    assert verdict.broken.startswith("x.json: ")


def test_names_in_a_hostile_manifest_cannot_leave_the_evidence_folder(sample: Sample) -> None:
    data = copy.deepcopy(sample.build())
    data["entries"][1]["body"]["sha256"] = "../../etc/passwd"
    assert _verify(sample, data).broken.startswith("entry 2 (evidence)")
    data["case"]["case_id"] = "../x"
    assert _verify(sample, data).broken.startswith("case.case_id")


def test_a_manifest_that_reads_the_same_and_is_written_otherwise_is_broken(sample: Sample) -> None:
    path = sample.write()
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")), indent=2), encoding="utf-8")
    assert "not as it was written" in verify_manifest(path, None, trusted_public_key=None).broken


def test_a_renamed_manifest_in_the_folder_is_broken(sample: Sample) -> None:
    path = sample.write()
    path.rename(path.with_name("case-2.json"))
    assert "named for another case" in verify_manifest(sample.root, None, trusted_public_key=None).broken


def test_nothing_to_verify_is_bad_usage(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent.json"):
        with pytest.raises(ConfigError, match=path.name):
            verify_path(path, trusted_public_key=None)
    with pytest.raises(ConfigError, match="trusted key"):
        verify_manifest({}, None, trusted_public_key="nonsense")
