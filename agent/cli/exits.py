"""Exit codes: what a script may conclude from how a command ended."""

from collections.abc import Iterable, Sequence

from agent.cli.words import Voice
from agent.domain.cases import WaitingFor
from agent.errors import (
    ClosewrightError,
    ConfigError,
    EvidenceBroken,
    HumanCheck,
    Maintenance,
    ShopBusy,
    SignedOut,
    Stopped,
    Unreachable,
    WrongShop,
)

FINE = 0
ATTENTION = 1  # some order wants a person, or something failed
USAGE = 2  # nothing was done
STOPPED = 3
LOGIN = 4

_WANT_A_PERSON = frozenset({"handed_over", "refused", "not_found", f"waiting:{WaitingFor.HUMAN}"})
_WANT_A_LOGIN = frozenset({f"waiting:{WaitingFor.LOGIN}", f"waiting:{WaitingFor.HUMAN_CHECK}"})
_BY_FAULT: Sequence[tuple[type[ClosewrightError], int]] = (
    (ConfigError, USAGE),
    (Stopped, STOPPED),
    (ShopBusy, STOPPED),
    (Maintenance, STOPPED),
    (Unreachable, STOPPED),
    (SignedOut, LOGIN),
    (HumanCheck, LOGIN),
    (WrongShop, LOGIN),
    (EvidenceBroken, ATTENTION),
)


def code_of(fault: ClosewrightError) -> int:
    """Return the exit code of a fault that ended a command."""
    return next((code for kind, code in _BY_FAULT if isinstance(fault, kind)), ATTENTION)


def code_of_statuses(statuses: Iterable[str]) -> int:
    """Return the exit code of what became of each request; statuses are outcomes or ``waiting:<word>``."""
    seen = set(statuses)
    if seen & _WANT_A_LOGIN:
        return LOGIN
    return ATTENTION if seen & _WANT_A_PERSON else FINE


def lines_of(fault: ClosewrightError, voice: Voice) -> list[str]:
    """Return what to print of a fault that ended a command: one line for each thing that is wrong."""
    faults = fault.faults if isinstance(fault, ConfigError) else (str(fault),)
    return [f"closewright: {voice.told(line)}" for line in faults]
