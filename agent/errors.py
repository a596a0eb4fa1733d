"""Everything that may go wrong, in one tree; the type says what happens next, never the message.

ClosewrightError
├── Transient              a read failed in a way that may pass: read again within the retry rule
│   └── Unreachable        nobody answers at the portal's address: no case's fault, however long it lasts
├── Arrival                we are not where we wanted to be: enter once more, else a person
│   ├── SignedOut          the portal wants a login
│   ├── HumanCheck         the portal wants a person: slider, captcha, second factor
│   ├── RateLimited        the portal asks us to slow down
│   ├── Maintenance        the portal is closed for now
│   ├── WrongShop          the page belongs to another shop or account
│   └── OrderAbsent        the portal says that there is no such order, or none we may see
├── PageChanged            the page is not as the profile tells: this case goes to a person
│   ├── ElementMissing     nothing matches a target
│   ├── ElementAmbiguous   more than one thing matches a target
│   ├── ElementBlocked     the target is there and cannot be used: covered, moving, disabled
│   ├── PageUnreadable     a text has no meaning in the profile
│   └── WrongOrder         a part of the page names another order than ours
├── NotOffered             the portal does not offer what a person has named: no fault of its page, a person decides
├── Refused                the portal said no to an act: a business end
├── NotSent                an act failed before anything left the browser: it may be tried again
│   └── TooManyChats      no further conversation may begin yet
├── OutcomeUnknown         an act was sent and is not proved: only look, never repeat
├── NotAuthorised          our own gate said no: limit, approval, kill switch, breaker, quiet hours
│   ├── NotAllowed         the shop's own rules never allow it for this order: a business end
│   ├── Stopped            kill switch, breaker of reading, or run limit: the whole run ends
│   │   └── PathStopped    the breaker of one path: its orders stay due, the other paths go on
│   └── ApprovalNeeded     a person has to approve these exact terms first
├── NotDelivered           a message beside the portal was not taken: its outbox tries again, then gives up
├── ShopBusy               another live run holds this shop
├── StoreError             the database does not allow what was asked
├── EvidenceBroken         kept evidence does not agree with its chain
└── ConfigError            settings, profile or request file are wrong: all faults at once, nothing started
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any


class ClosewrightError(Exception):
    """Base of everything that closewright raises on purpose."""


class Transient(ClosewrightError):
    """A read failed in a way that may pass."""


class Unreachable(Transient):
    """Nobody answers at the portal's address."""


class Arrival(ClosewrightError):
    """The browser is not where it was sent."""


class SignedOut(Arrival):
    """The portal wants a login."""


class HumanCheck(Arrival):
    """The portal wants a person: slider, captcha or second factor."""


class RateLimited(Arrival):
    """The portal asks us to slow down."""


class Maintenance(Arrival):
    """The portal is closed for now."""


class WrongShop(Arrival):
    """The page belongs to another shop or account."""


class OrderAbsent(Arrival):
    """The portal says that there is no such order, or none that this account may see."""


class PageChanged(ClosewrightError):
    """The page is not as the profile tells."""


class ElementMissing(PageChanged):
    """Nothing matches a target."""


class ElementAmbiguous(PageChanged):
    """More than one thing matches a target."""


class ElementBlocked(PageChanged):
    """The target is there and cannot be used."""


class PageUnreadable(PageChanged):
    """A text on the page has no meaning in the profile."""


class WrongOrder(PageChanged):
    """A part of the page names another order than ours."""


class NotOffered(ClosewrightError):
    """The portal does not offer what a person, or the settings, have named for this order."""


class Refused(ClosewrightError):
    """The portal said no to an act.

    Attributes:
        code: the portal's own code where the answer has one, else "".
    """

    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class NotSent(ClosewrightError):
    """An act failed before anything left the browser."""


class TooManyChats(NotSent):
    """The portal lets so many conversations begin within a while, and no more.

    Attributes:
        after: when the next one may begin.
    """

    def __init__(self, message: str, *, after: timedelta) -> None:
        super().__init__(message)
        self.after = after


class OutcomeUnknown(ClosewrightError):
    """An act was sent and its effect is not proved."""


class NotAuthorised(ClosewrightError):
    """Our own gate said no."""


class NotAllowed(NotAuthorised):
    """The shop's own rules never allow this for this order."""


class Stopped(NotAuthorised):
    """The kill switch, the breaker of reading or a run limit ends the whole run."""


class PathStopped(Stopped):
    """The breaker of one path is open: orders of other paths may still be worked."""


class ApprovalNeeded(NotAuthorised):
    """A person has to approve these exact terms first.

    Attributes:
        terms: what has to be approved, as plain JSON.
    """

    def __init__(self, message: str, *, terms: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.terms = terms


class NotDelivered(ClosewrightError):
    """A channel beside the portal did not take a message."""


class ShopBusy(ClosewrightError):
    """Another live run holds this shop."""


class StoreError(ClosewrightError):
    """The database does not allow what was asked."""


class EvidenceBroken(ClosewrightError):
    """Kept evidence does not agree with its chain."""


class ConfigError(ClosewrightError):
    """Settings, profile or request file are wrong.

    Attributes:
        faults: every fault found, each naming the place (file, row, key) and what to do.
    """

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)
