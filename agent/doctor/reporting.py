"""Writes the page that shows what has changed."""

from pathlib import Path
from typing import Literal

from agent.app import App
from agent.doctor.changes_page import changes_page
from agent.doctor.examination import Examined
from agent.errors import ConfigError
from agent.evidence.files import write_atomic

_FOLDER = "doctor"
_KEPT = 20  # pages of one shop; older ones go when a new one comes


def write_changes(app: App, examined: Examined, *, language: Literal["zh", "en"]) -> Path:
    """Write what has changed as a page beside the evidence, and return its absolute path.

    Raises:
        ConfigError: the folder cannot be written.
    """
    findings = examined.findings
    page = changes_page(
        findings.differences,
        examined.shots,
        None if examined.good is None else examined.good.visit,
        examined.visit,
        shop=findings.shop,
        good_since=findings.good_since,
        language=language,
    )
    folder = (app.settings.store.evidence.parent / _FOLDER).absolute()
    path = folder / f"{findings.shop}-{app.clock():%Y%m%d-%H%M%S}.html"
    try:
        write_atomic(path, page.encode(errors="replace"))
        for old in sorted(folder.glob(f"{findings.shop}-????????-??????.html"))[:-_KEPT]:
            old.unlink(missing_ok=True)
    except OSError as fault:
        raise ConfigError([f"{path}: cannot be written ({fault.strerror}): check the folder and its rights"]) from fault
    return path
