"""The one set-up of the log: what is written is cut of secrets and private data, one line per event.

Log with ``log.bind(action="case.closed", order_id=…).info("closed")``: ``action`` is the stable key, fields go
through ``bind``, and the message is plain text into which no data is put.
"""

import json
import re
import sys
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO
from urllib.parse import quote, quote_plus

from loguru import logger

from agent.errors import ConfigError

if TYPE_CHECKING:
    from loguru import Message, Record

log = logger

SHORTEST_SECRET = 4
HIDDEN = "[hidden]"
_LEVELS = ("WARNING", "INFO", "DEBUG", "TRACE")  # by the number of -v
_NO_ACTION = "-"
_BARE = re.compile(r"[\w.:/+-]+")
# Controls, soft hyphen, zero-width and direction characters, line separators, lone surrogates, tags.
_INVISIBLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    r"\U000e0000-\U000e007f]"
)

Cut = Callable[[str], str]


class _Secrets:
    """The values that may never be written, in each spelling that a message may hold them in."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._spellings: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def add(self, value: str) -> None:
        with self._lock:
            self._spellings |= _spellings(value)
            longest_first = sorted(self._spellings, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, longest_first)))

    def clear(self) -> None:
        with self._lock:
            self._spellings.clear()
            self._pattern = None

    def hide(self, text: str) -> str:
        pattern = self._pattern
        return text if pattern is None else pattern.sub(HIDDEN, text)


_secrets = _Secrets()


def register_secret(value: str) -> None:
    """Hide a value from now on in all that is logged.

    Values of fewer than four characters are not hidden: they would tear up every other word.
    """
    if len(value) >= SHORTEST_SECRET:
        _secrets.add(value)


def set_up(
    *,
    verbose: int,
    log_file: Path | None,
    cut: Cut,
    console: Callable[[str], None] | None = None,
) -> None:
    """Send the log to stderr, or to ``console`` where a progress display owns the terminal, and to a file.

    ``verbose`` 0 shows warnings, 1 and more show ever more; the file always has all but traces. ``cut`` takes
    private data out of a text. ``console`` gets each line without its end and must print it as it is. A later
    call replaces an earlier one.

    Raises:
        ConfigError: the file cannot be written.
    """
    file_sink = None if log_file is None else _FileSink(log_file, cut)
    to_stderr = console or _Stderr()
    level = _LEVELS[min(max(verbose, 0), len(_LEVELS) - 1)]
    logger.remove()
    logger.configure(extra={"action": _NO_ACTION})
    _add(lambda message: to_stderr(_rendered(message.record, cut)), level)
    if file_sink is not None:
        _add(file_sink, "DEBUG")


def _add(sink: Any, level: str) -> None:
    # loguru renders nothing, for its templates trip over braces in data, and catches nothing, for it would print
    # the raw record.
    logger.add(sink, level=level, format=_nothing, colorize=False, backtrace=False, diagnose=False, catch=False)


def _nothing(_: "Record") -> str:
    return ""


class _Stderr:
    """Writes lines to the standard error stream as UTF-8, on Windows too."""

    def __init__(self) -> None:
        reconfigure = getattr(sys.stderr, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace")

    def __call__(self, line: str) -> None:
        if sys.stderr is not None:  # a program without a console has none
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()


class _FileSink:
    """Appends lines to a file; loguru calls ``write`` and, in the end, ``stop``."""

    def __init__(self, path: Path, cut: Cut) -> None:
        self._cut = cut
        self._file = _opened(path)

    def write(self, message: "Message") -> None:
        self._file.write(f"{_rendered(message.record, self._cut)}\n")
        self._file.flush()

    def stop(self) -> None:
        self._file.close()


def _opened(path: Path) -> TextIO:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("a", encoding="utf-8", newline="\n")
    except OSError as error:
        raise ConfigError([f"log file {path}: cannot be written ({error.strerror}): name another"]) from error


# --- One event as text


def _rendered(record: "Record", cut: Cut) -> str:
    """Return one event: a line, and the lines of its exception if it has one."""

    def clean(text: str) -> str:
        return cut(_secrets.hide(text))

    extra = dict(record["extra"])
    parts = [
        _escaped(clean(str(extra.pop("action", _NO_ACTION)))),
        _escaped(clean(record["message"])),
        *(f"{_value(name, clean)}={_value(value, clean)}" for name, value in extra.items()),
    ]
    # Once more over the whole: some private values show only beside their name. Never over our own time.
    event = _escaped(clean(" ".join(filter(None, parts))))
    time = record["time"].isoformat(timespec="milliseconds")
    return "\n".join([f"{time} {record['level'].name:<8} {event}", *_exception(record, clean)])


def _value(value: object, clean: Cut) -> str:
    """Return a value as one word, or as JSON; cut before it is quoted, for quoting changes what is looked for."""
    plain = _cleaned(value, clean)
    if isinstance(plain, str) and _BARE.fullmatch(plain):
        return plain
    return _escaped(json.dumps(plain, ensure_ascii=False))


def _cleaned(value: object, clean: Cut) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Mapping):
        return {clean(str(key)): _cleaned(item, clean) for key, item in value.items()}
    if isinstance(value, bytes):
        return clean(value.decode(errors="backslashreplace"))
    if isinstance(value, Sequence | set | frozenset) and not isinstance(value, str):
        return [_cleaned(item, clean) for item in value]
    return clean(str(value))


def _exception(record: "Record", clean: Cut) -> list[str]:
    exception = record["exception"]
    if exception is None:
        return []
    text = "".join(traceback.format_exception(exception.type, exception.value, exception.traceback))
    return [f"  {_escaped(line)}" for line in clean(text).rstrip().split("\n")]


def _escaped(text: str) -> str:
    """Return a text in which no character steers a terminal, hides, or turns the line around."""
    return _INVISIBLE.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}"  # noqa: PLR2004 - one byte


def _spellings(secret: str) -> set[str]:
    """Return a secret as it stands, and as representations, JSON and addresses write it."""
    in_bytes = secret.encode(errors="surrogatepass")
    return {
        secret,
        _escaped(secret),
        repr(secret)[1:-1],
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        quote(in_bytes, safe=""),
        quote_plus(in_bytes),
    }
