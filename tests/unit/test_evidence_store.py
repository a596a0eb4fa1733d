"""Blobs, the signing key and manifests are whole on disk or absent."""

import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from evidence_sample import filled

from agent.errors import ConfigError, EvidenceBroken
from agent.evidence import manifest
from agent.evidence.blobs import BlobStore
from agent.evidence.keys import is_signed, key_id_of, load_or_create

posix = pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")


def test_identical_content_is_kept_once_under_its_hash(tmp_path: Path) -> None:
    blobs = BlobStore(tmp_path)
    first, second = blobs.put(b"same", ext="txt"), blobs.put(b"same", ext="txt")
    assert first == second
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [blobs.path(first.sha256, "txt")]
    assert blobs.path(first.sha256, "txt").parent.name == first.sha256[:2]
    assert blobs.read(first.sha256, "txt") == b"same"


def test_putting_a_content_again_repairs_a_damaged_file(tmp_path: Path) -> None:
    blobs = BlobStore(tmp_path)
    stored = blobs.put(b"good", ext="txt")
    blobs.path(stored.sha256, "txt").write_bytes(b"evil")
    with pytest.raises(EvidenceBroken, match="has changed"):
        blobs.read(stored.sha256, "txt")
    blobs.put(b"good", ext="txt")
    assert blobs.read(stored.sha256, "txt") == b"good"


@pytest.mark.parametrize(("sha256", "ext"), [("../x", "txt"), ("a" * 64, "../x"), ("A" * 64, "txt"), ("a" * 64, "")])
def test_a_name_that_is_no_hash_reaches_no_file(tmp_path: Path, sha256: str, ext: str) -> None:
    with pytest.raises(EvidenceBroken, match="cannot name an evidence file"):
        BlobStore(tmp_path).path(sha256, ext)


def test_many_writers_of_one_content_leave_one_good_file(tmp_path: Path) -> None:
    blobs = BlobStore(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        stored = set(pool.map(lambda _: blobs.put(b"x" * 100_000, ext="bin"), range(24)))
    assert len(stored) == 1
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


def test_a_write_that_fails_leaves_the_old_manifest_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample = filled(tmp_path)
    path = sample.write()
    before = path.read_bytes()
    sample.add("reopened", {})

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space"):
            sample.write()
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_a_manifest_holds_each_entry_on_its_own_line(tmp_path: Path) -> None:
    sample = filled(tmp_path)
    lines = sample.write().read_text("utf-8").splitlines()
    assert sum('"kind":' in line for line in lines) == len(sample.entries)


def test_a_manifest_of_the_wrong_shape_is_not_built(tmp_path: Path) -> None:
    sample = filled(tmp_path)
    del sample.entries[2]["hash"]
    with pytest.raises(EvidenceBroken, match=r"entries\.2\.hash"):
        sample.build()
    with pytest.raises(EvidenceBroken, match="case_id"):
        manifest.build({"case_id": "a/b"}, [], [], sample.key.public_b64)


def test_the_key_is_made_once_and_signs_what_its_public_half_verifies(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "signing.key"
    key, again = load_or_create(path), load_or_create(path)
    assert key.public_b64 == again.public_b64
    key_id, signature = key.sign(b"head")
    assert key_id == key_id_of(key.public_b64)
    assert is_signed(b"head", signature_b64=signature, public_b64=again.public_b64)
    assert not is_signed(b"tail", signature_b64=signature, public_b64=again.public_b64)
    assert not is_signed(b"head", signature_b64="é", public_b64=again.public_b64)


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; from agent.evidence.keys import load_or_create; print('ready', flush=True);"
        "sys.stdin.readline();"
        "print([load_or_create(pathlib.Path(sys.argv[1], str(n), 'key')).public_b64 for n in range(20)])"
    )
    racers = [
        subprocess.Popen(  # noqa: S603 - our own code
            [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    assert [racer.stdout.readline() for racer in racers if racer.stdout] == ["ready\n"] * 3
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    assert len({racer.communicate(timeout=60)[0] for racer in racers}) == 1
    assert [racer.returncode for racer in racers] == [0] * 3


@posix
def test_the_key_is_readable_by_its_owner_only_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "signing.key"
    load_or_create(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        load_or_create(path)


def test_a_key_file_of_another_kind_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "signing.key"
    path.touch(mode=0o600)
    path.write_bytes(b"not a key")
    with pytest.raises(ConfigError, match=r"signing\.key is not an unencrypted Ed25519 key"):
        load_or_create(path)
    folder = tmp_path / "file" / "signing.key"
    folder.parent.write_bytes(b"")
    with pytest.raises(ConfigError, match="name a file"):
        load_or_create(folder)
