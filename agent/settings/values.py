"""Values of the file, as Python has them: spans, amounts, numbers, paths; each check says what must stand there."""

import re
from collections.abc import Callable
from datetime import time, timedelta
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, StrictStr, ValidationInfo

from agent.domain.money import Fen, parse_yuan

_DURATION = re.compile(r"([0-9]{1,6})([smhd])", re.ASCII)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_CLOCK_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])", re.ASCII)
_WHOLE = re.compile(r"[0-9]{1,12}", re.ASCII)


def parse_duration(text: str) -> timedelta:
    """Return ``90s``, ``5m``, ``4h`` or ``2d`` as a time span.

    Raises:
        ValueError: the text is not a whole number with one of these units.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError('must be a whole number with s, m, h or d, such as "90s", "5m", "4h" or "2d"')
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def _duration(value: object) -> timedelta:
    if isinstance(value, timedelta):
        return value
    return parse_duration(value if isinstance(value, str) else "")


def duration_or_off(value: object) -> timedelta | None:
    """Read a time span, or ``off`` for none."""
    return None if value is None or value == "off" else _duration(value)


def whole(low: int, high: int | None = None) -> BeforeValidator:
    """Check a whole number from the file, or its digits from a variable; never true, and never 1.5."""
    span = f"of {low} or more" if high is None else f"from {low} to {high}"

    def check(value: object) -> int:
        number = int(value) if isinstance(value, str) and _WHOLE.fullmatch(value) else value
        if type(number) is not int or number < low or (high is not None and number > high):
            raise ValueError(f"must be a whole number {span}")
        return number

    return BeforeValidator(check)


def _yuan(value: object) -> Fen:
    if not isinstance(value, str):
        raise ValueError('must be an amount in yuan, in quotes, such as "5000.00"')
    amount = parse_yuan(value)
    if amount < 0:
        raise ValueError("must not be less than 0")
    return amount


def _clock_time(value: object) -> time:
    if isinstance(value, time):
        return value
    match = _CLOCK_TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError('must be a time of day such as "23:00"')
    return time(int(match[1]), int(match[2]))


def _path(value: object) -> Path:
    if isinstance(value, Path):
        return value
    if not isinstance(value, str) or not value or "\0" in value:
        raise ValueError("must be a path in quotes")
    return Path(value)


def under_folder(path: Path, info: ValidationInfo) -> Path:
    """Return a path of the file as seen from the file's folder."""
    folder: Path = (info.context or {}).get("folder", Path())
    return folder / path.expanduser()


def there(is_there: Callable[[Path], bool], what: str) -> AfterValidator:
    """Check that a path leads to something that is there."""

    def check(path: Path) -> Path:
        if not is_there(path):
            raise ValueError(f"there is no {what} {path}")
        return path

    return AfterValidator(check)


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Count = Annotated[int, whole(0)]
Yuan = Annotated[Fen, BeforeValidator(_yuan)]
Text = Annotated[StrictStr, Field(min_length=1)]
FilePath = Annotated[Path, BeforeValidator(_path), AfterValidator(under_folder)]
ClockTime = Annotated[time, BeforeValidator(_clock_time)]
