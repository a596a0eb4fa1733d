"""The list of orders: searched by order id, and read page by page for rules."""

from typing import Self

from pydantic import model_validator

from agent.domain.cases import Role
from agent.domain.orders import OrderState
from page_objects.profile.page import Page
from page_objects.profile.strict import Strict, Words
from page_objects.profile.targets import Target


class ListFilter(Strict):
    """A choice over the list that must stand so before anything is looked for: a native select, or a tab or button.

    ``value`` is the option of a select. ``apply`` is a button to be pressed after it. ``chosen`` is a sign that it
    stands so; without it the control itself must say so (its option, or ``aria-selected`` and the like).
    """

    target: Target
    value: str | None = None
    apply: Target | None = None
    chosen: Target | None = None


class QueuePages(Strict):
    """The list of orders as a rule reads it: page by page, one tab a state.

    ``url`` has ``{tab}`` and ``{page}``. On every page either ``next`` or ``last`` is to be seen. ``counted`` shows how
    many orders the tab has; ``scroll`` is what holds the rows where not all of them are drawn at once. What of an order
    no row shows is left out here, and read on its own page.
    """

    url: str | dict[Role, str]
    tabs: dict[OrderState, str]
    next: Target
    last: Target
    counted: Target | None = None
    scroll: Target | None = None
    row_created: Target | None = None
    row_amount: Target | None = None
    row_goods: Target | None = None
    row_buyer: Target | None = None

    @model_validator(mode="after")
    def _both_gaps(self) -> Self:
        urls = [self.url] if isinstance(self.url, str) else list(self.url.values())
        if any("{tab}" not in url or "{page}" not in url for url in urls):
            raise ValueError("url needs {tab} and {page}")
        if not self.tabs:
            raise ValueError("tabs names at least one state")
        return self

    def url_for(self, role: Role, state: OrderState, page: int) -> str:
        """Return the address of one page of a state's tab."""
        url = self.url if isinstance(self.url, str) else self.url[role]
        return url.replace("{tab}", self.tabs[state]).replace("{page}", str(page))


class ListPage(Page):
    """The list of orders, used as a work queue; searched by order id, and by a rule read through ``queue``.

    ``opens_only_hit`` says that a search which finds one order shows that order's page at once. ``narrowed`` is a sign
    that the list leaves orders out by a choice that was made before; ``filters`` are such choices, and how they must
    stand. ``row_double_click`` says that one click on a row's ``row_open`` only chooses it. Of ``searched``, parts of
    the address, one stands there once the list has begun a search: some lists write that down a little later, and take
    back whatever page was opened meanwhile.
    """

    opens_only_hit: bool = False
    filters: tuple[ListFilter, ...] = ()
    row_double_click: bool = False
    search_box: Target | None = None  # None: the address itself searches
    search_button: Target | None = None  # None: it searches as one types
    searched: Words = ()
    narrowed: Target | None = None
    empty: Target
    rows: Target
    row_id: Target
    row_state: Target
    row_open: Target
    queue: QueuePages | None = None

    @model_validator(mode="after")
    def _one_search(self) -> Self:
        urls = [self.url] if isinstance(self.url, str) else list(self.url.values())
        if all("{order_id}" in url for url in urls) == (self.search_box is not None):
            raise ValueError("search either by {order_id} in url or by search_box with search_button")
        if self.search_box is None and (self.search_button is not None or self.searched):
            raise ValueError("search_button and searched go with search_box")
        return self
