"""How acts are done: for which roles and states, where they begin, by which form and request."""

from typing import Literal

from agent.domain.acts import ActKind
from agent.domain.cases import Role
from agent.domain.orders import OrderState, PayState
from page_objects.profile.strict import Strict
from page_objects.profile.targets import Target


class Follow(Strict):
    """What the same click sends next, once the first request was answered as done: an act with its own request."""

    act: Literal[ActKind.REFUND]
    request: str


class ActVariant(Strict):
    """How one act is done, for these roles, in these states of the order, and of its payment.

    ``control`` is the meaning of the control that begins it where that is not the act's own: one button may do
    different things in different states.
    """

    roles: tuple[Role, ...]
    states: tuple[OrderState, ...] = ()  # empty: any
    pay_states: tuple[PayState, ...] = ()  # empty: any
    page: Literal["detail", "thread", "tickets", "ticket_form", "reviews", "stock"]
    opener: bool = True  # the control of the same name in the action bar opens the form
    menu: str | None = None  # it stands in this menu; without opener, the open menu itself is where the form begins
    form: str
    request: str
    refused: Target | None = None  # what the page that follows shows where the portal has said no after all
    control: ActKind | None = None
    then: Follow | None = None

    @property
    def requests(self) -> tuple[str, ...]:
        """The names of what it sends, in order."""
        return (self.request,) if self.then is None else (self.request, self.then.request)

    def fits(self, role: Role, state: OrderState | None, pay_state: PayState | None) -> bool:
        """Return whether it is meant for a role, and an order in these states."""
        return (
            role in self.roles
            and (not self.states or state in self.states)
            and (not self.pay_states or pay_state in self.pay_states)
        )
