"""What a portal shows beside its pages: whose account it is, that we are elsewhere, dialogs in the way."""

from typing import Self

from pydantic import model_validator

from page_objects.profile.strict import Strict, Words
from page_objects.profile.targets import Target


class Signal(Strict):
    """How a portal says that we are not where we wanted to be: parts of an address, or visible elements.

    ``nameless`` says that the page which shows it names no account, as other pages do.
    """

    url: Words = ()
    targets: tuple[Target, ...] = ()
    nameless: bool = False

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.url and not self.targets:
            raise ValueError("give url parts, targets, or both")
        return self


class Signals(Strict):
    """Signals in the order in which they are looked at: a check by a person beats a login."""

    human_check: Signal | None = None
    maintenance: Signal | None = None
    rate_limited: Signal | None = None
    login: Signal
    failed: Signal | None = None
    absent: Signal | None = None  # None: the list alone tells, which every order is looked up in


class Identity(Strict):
    """Where every page names the account, and what must stand there whole, such as ``账号：{username}``.

    ``{shown_as}`` is what the portal calls the account, where that is not the name that signs in.
    """

    target: Target
    text: str


class Popup(Strict):
    """A dialog that may lie over a page and that may be dismissed."""

    root: Target
    dismiss: Target
