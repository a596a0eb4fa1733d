"""What comes with a word, files, texts or a parcel: looked at before anything is written."""

import re
from collections.abc import Sequence
from pathlib import Path

from agent.desk.words import Word
from agent.domain.cases import Case, Role
from agent.domain.returns import SentBack
from agent.errors import ConfigError, StoreError
from agent.evidence.words import visible
from agent.request_file import PROOF_BYTES, PROOF_SUFFIXES

_CARRIER = re.compile(r"\S(?:.{0,38}\S)?")
_TRACKING = re.compile(r"[0-9A-Za-z-]{4,40}")


def check_given(word: Word, files: Sequence[Path], text: Path | None) -> None:
    """Make sure that a word has what it needs, and nothing that it does not take.

    Raises:
        ConfigError: it has not.
    """
    faults = []
    if files and word not in {Word.CONSENT, Word.PICTURE, Word.REPLY}:
        takers = f"'{Word.CONSENT}', '{Word.PICTURE}' and '{Word.REPLY}'"
        faults.append(f"--file: only the answers {takers} take a file, not '{word}'")
    if len(files) > 1 and word is not Word.REPLY:
        faults.append(f"--file: the answer '{word}' takes one file")
    if not files and word is Word.PICTURE:
        faults.append(f"--file: the answer '{Word.PICTURE}' needs one, with the picture")
    if text is not None and word not in {Word.SEND, Word.REPLY}:
        faults.append(f"--text: only the answers '{Word.SEND}' and '{Word.REPLY}' take a text, not '{word}'")
    if text is None and word is Word.REPLY:
        faults.append(f"--text: the answer '{Word.REPLY}' needs a file with what is to be said")
    if faults:
        raise ConfigError(faults)


def proof_file(path: Path) -> str:
    """Return the absolute path of a file that is to prove consent.

    Raises:
        ConfigError: it is not there, empty, too large, or of a kind that proves nothing.
    """
    try:
        found = path.resolve(strict=True)
        size = found.stat().st_size if found.is_file() else 0
    except OSError as fault:
        raise ConfigError(
            [f"{path}: cannot be read ({fault.strerror}): name the file that shows the consent"]
        ) from None
    if found.suffix.lower().removeprefix(".") not in PROOF_SUFFIXES:
        raise ConfigError([f"{path}: is of a kind that proves nothing: use one of {', '.join(PROOF_SUFFIXES)}"])
    if not 0 < size <= PROOF_BYTES:
        raise ConfigError([f"{path}: has {size:,} bytes: a proof has 1 to {PROOF_BYTES:,}"])
    return str(found)


def check_parcel(case: Case, word: Word, parcel: SentBack | None) -> None:
    """Refuse a parcel that is not one of ours on its way back, or that no carrier would know.

    Raises:
        StoreError: the buyer sends the goods back, not we.
        ConfigError: carrier and number do not go with this answer, are missing, or cannot be ones.
    """
    if (word is Word.SENT) is not (parcel is not None):
        raise ConfigError([f"--carrier, --number: both go with the answer '{Word.SENT}', and only with it"])
    if parcel is None:
        return
    if case.role is not Role.PURCHASER:
        raise StoreError(f"case {case.case_id} is a seller's: the buyer sends the goods back, and the portal shows it")
    if not _CARRIER.fullmatch(parcel.carrier) or visible(parcel.carrier) != parcel.carrier:
        raise ConfigError(["--carrier: give the carrier's name as the portal offers it, at most 40 characters"])
    if not _TRACKING.fullmatch(parcel.number):
        raise ConfigError(["--number: give the parcel's number, 4 to 40 letters, digits and hyphens"])
