"""What evidence verify and evidence export do."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from agent.app import App
from agent.cli.call import Call
from agent.cli.exits import ATTENTION, FINE
from agent.cli.nothing_done import nothing_done
from agent.cli.opened import opened
from agent.cli.screen import Screen
from agent.cli.words import Voice
from agent.desk import find_case
from agent.domain.cases import Case
from agent.engine.files import case_manifest
from agent.errors import ConfigError
from agent.evidence import manifest
from agent.evidence.export import export_case
from agent.evidence.files import write_atomic
from agent.evidence.verify import Checked, Verdict, verify_manifest, verify_path
from agent.store import cases, overview
from agent.summary import manifest_path


def verify_evidence(call: Call, what: str | None, *, key: str | None) -> int:
    """Check all evidence, that of one case, or what lies at a path; return the exit code.

    Raises:
        ConfigError: there is nothing to check there, or no such case.
    """
    path = Path(what) if what is not None and Path(what).exists() else None
    if path is not None:  # needs no settings: a support clerk has none
        return _shown(Screen(Voice(call.language)), verify_path(path, trusted_public_key=key))
    if key is not None:
        raise ConfigError(["--key: goes with a PATH; one's own evidence is held against one's own key"])
    with opened(call) as (app, screen):
        if what is not None:
            with nothing_done():
                case = find_case(app, what)
            return _shown(screen, _checked_case(app, case))
        return _shown(screen, _checked_all(app))


def export_evidence(call: Call, word: str, to: Path) -> int:
    """Write one case as one file; return the exit code.

    Raises:
        ConfigError: there is no such case, or the file cannot be written.
        EvidenceBroken: a kept file has changed.
    """
    if to.suffix.lower() != ".html":
        raise ConfigError([f"--to: {to} must end in .html"])
    with opened(call) as (app, screen):
        with nothing_done():
            case = find_case(app, word)
        page = export_case(case_manifest(app.db, case, app.key.public_b64), app.blobs)
        try:
            write_atomic(to, page.encode())
        except OSError as fault:
            raise ConfigError([f"--to: {to} cannot be written ({fault.strerror}): name another file"]) from fault
        screen.bare(str(to.absolute()))
    return FINE


def _checked_all(app: App) -> list[Checked]:
    """Check every file, and that no case which the store has signed lacks its own."""
    everything = app.db.read(cases.listing)
    signed = app.db.read(lambda tx: overview.last_heads_of(tx, [case.case_id for case in everything]))
    root = app.blobs.root
    found = list(verify_path(root, trusted_public_key=app.key.public_b64)) if (root / "cases").is_dir() else []
    missing = [
        case for case in everything if case.case_id in signed and not manifest_path(app.blobs, case.case_id).is_file()
    ]
    return found + [checked for case in missing for checked in _checked_case(app, case)]


def _checked_case(app: App, case: Case) -> list[Checked]:
    """Check what the store says of a case, and that its file says the same."""
    stored = case_manifest(app.db, case, app.key.public_b64)
    trusted = app.key.public_b64
    found = [Checked(case.case_id, verify_manifest(stored, app.blobs, trusted_public_key=trusted))]
    path = manifest_path(app.blobs, case.case_id)
    if path.is_file():
        found += verify_path(path, trusted_public_key=trusted)
        if found[-1].verdict.state != "broken":
            found += _differences(path, stored)
    elif stored["heads"]:
        found.append(Checked(path.name, Verdict("broken", f"cases/{path.name} is missing", 0, 0)))
    return found


def _differences(path: Path, stored: dict[str, Any]) -> Iterator[Checked]:
    """Yield a fault where a file that is sound in itself tells another story than the store."""
    entries = manifest.decode(path.read_bytes())["entries"]
    if [entry["hash"] for entry in entries] != [entry["hash"] for entry in stored["entries"]][: len(entries)]:
        words = f"cases/{path.name} is not the journal that the database has"
        yield Checked(path.name, Verdict("broken", words, 0, len(entries)))


def _shown(screen: Screen, checked: Sequence[Checked]) -> int:
    """Say what was found, broken things first, and return the exit code."""
    if not checked:
        screen.tell("nothing_to_verify")
        return FINE
    order = {"broken": 0, "unsigned": 1, "intact": 2}
    for one in sorted(checked, key=lambda one: order[one.verdict.state]):
        screen.bare(f"{one.name}: {one.verdict.in_words()}")
    return FINE if all(one.verdict.state == "intact" for one in checked) else ATTENTION
