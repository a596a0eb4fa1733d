"""All pages of a portal: those beside the list and the order's own, and then all together."""

from typing import Self

from pydantic import model_validator

from page_objects.profile.detail_page import DetailPage
from page_objects.profile.list_page import ListPage
from page_objects.profile.page import Page
from page_objects.profile.strict import Strict
from page_objects.profile.targets import Target

SKU_IN_URL = "{sku}"


class ThreadPage(Page):
    """The conversation with the counterparty about one order."""

    order_id: Target
    row_sender: Target
    row_text: Target
    row_at: Target


class TicketTalk(Strict):
    """Who said what in a ticket: ``entry`` is one ticket, in which its ``row_id`` and the others are looked for.

    ``reply`` is the control in it that opens the form of a reply, where the portal takes any.
    """

    entry: Target
    sender: Target
    text: Target
    at: Target
    reply: Target | None = None


class TicketsPage(Page):
    """The support tickets about one order."""

    order_id: Target
    row_id: Target
    row_state: Target
    row_title: Target
    row_thread: Target
    talk: TicketTalk | None = None


class ReviewsPage(Page):
    """What buyers have publicly said; ``url`` searches it by ``{order_id}``.

    ``entry`` is one review, in which the others are looked for: whose order it is, ``level``, ``text``, ``at``, the
    seller's ``reply`` once there is one, and ``answer``, the control that opens the form of an answer. ``empty`` is
    the positive sign that nothing was found.
    """

    empty: Target
    entry: Target
    order_id: Target
    level: Target
    text: Target
    at: Target
    reply: Target
    answer: Target

    @model_validator(mode="after")
    def _searched(self) -> Self:
        urls = [self.url] if isinstance(self.url, str) else list(self.url.values())
        if any("{order_id}" not in url for url in urls):
            raise ValueError("url needs {order_id}")
        return self


class FormPage(Page):
    """A page that only holds a form, such as a new support ticket."""


class StockPage(Page):
    """What is left of the goods: one SKU is looked for by ``{sku}`` in the address, or in ``search_box``.

    A search may find more than is looked for: of ``rows``, the one counts whose ``row_sku`` is the whole SKU.
    ``row_open`` begins the act that sets its number.
    """

    search_box: Target | None = None
    search_button: Target | None = None  # None: it searches as one types
    empty: Target
    rows: Target
    row_sku: Target
    row_stock: Target
    row_open: Target

    @model_validator(mode="after")
    def _one_search(self) -> Self:
        urls = [self.url] if isinstance(self.url, str) else list(self.url.values())
        if all(SKU_IN_URL in url for url in urls) == (self.search_box is not None):
            raise ValueError("search either by {sku} in url or by search_box with search_button")
        if self.search_box is None and self.search_button is not None:
            raise ValueError("search_button goes with search_box")
        return self


class LoginPage(Page):
    """Where an operator signs in with a name and a password."""

    username: Target
    password: Target
    submit: Target
    failed: Target


class Pages(Strict):
    """The pages of a portal; those that a portal does not have are left out."""

    login: LoginPage
    list: ListPage
    detail: DetailPage
    thread: ThreadPage | None = None
    tickets: TicketsPage | None = None
    ticket_form: FormPage | None = None
    reviews: ReviewsPage | None = None
    stock: StockPage | None = None
