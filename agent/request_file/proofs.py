"""The files beside a request file that prove consent."""

from pathlib import Path, PurePosixPath, PureWindowsPath

PROOF_BYTES = 10 * 1024 * 1024
PROOF_SUFFIXES = ("png", "jpg", "jpeg", "webp", "gif", "pdf", "txt", "html", "htm", "csv", "json", "md", "eml")
_CONSENT_WORDS = "yes (是, 同意, 已同意), no (否, 不同意), nothing, or the name of a file"


class Proofs:
    """The files beside a request file that show the buyer's consent; each is looked at once."""

    def __init__(self, request_file: Path) -> None:
        self._request_file = request_file.resolve()
        self._folder = request_file.parent.resolve()
        self._known: dict[str, str] = {}

    def find(self, name: str) -> str:
        """Return the absolute path of a proof.

        Raises:
            ValueError: there is no such file in the folder, or it cannot be a proof.
        """
        if name not in self._known:
            self._known[name] = str(self._checked(name))
        return self._known[name]

    def _checked(self, name: str) -> Path:
        path = self._resolved(name)
        if path == self._request_file:
            raise ValueError(f"{name!r} is the request file itself: name the file that shows the buyer's consent")
        if path.suffix.lower().removeprefix(".") not in PROOF_SUFFIXES:
            raise ValueError(f"{name!r} is of a kind that proves nothing: use one of {', '.join(PROOF_SUFFIXES)}")
        size = path.stat().st_size
        if size == 0:
            raise ValueError(f"{name!r} is an empty file: save the proof again")
        if size > PROOF_BYTES:
            raise ValueError(f"{name!r} has {size:,} bytes: keep a proof to {PROOF_BYTES:,}")
        return path

    def _resolved(self, name: str) -> Path:
        if _leaves_folder(name):
            raise ValueError(f"{name[:80]!r} leaves the folder of the request file: put the proof beside that file")
        relative = name.replace("\\", "/")
        try:
            path = (self._folder / relative).resolve(strict=True)
            is_file = path.is_file()
        except (OSError, ValueError, RuntimeError):  # none such, a name no file can have, a circle of links
            is_file = False
        if not is_file:
            raise ValueError(
                f"{name[:80]!r} is no file beside the request file: put the proof there, or write {_CONSENT_WORDS}"
            )
        if not path.is_relative_to(self._folder):
            raise ValueError(f"{name[:80]!r} is a link out of the folder of the request file: copy the proof there")
        return path


def _leaves_folder(name: str) -> bool:
    """Say whether a path is absolute or climbs, on any system, so that a file means the same on all."""
    windows = PureWindowsPath(name)
    return bool(windows.drive or windows.root or PurePosixPath(name).root or ".." in windows.parts)
