"""The profile format: one back office described as data. Unknown keys are errors; a profile holds no code."""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictInt, StrictStr, model_validator

from agent.domain.acts import ActKind
from agent.domain.cases import Role
from agent.domain.orders import (
    ClosedBy,
    ItemShipping,
    OrderState,
    PaymentEvent,
    PayState,
    RefundKind,
    RefundState,
    ReturnParcel,
    RuledFor,
    TicketState,
)
from agent.domain.reasons import Reason
from agent.domain.reviews import ReviewLevel
from agent.errors import PageChanged

KEY_IN_URL = "{key}"
SKU_IN_URL = "{sku}"
AMOUNT_IN_NAME = "{amount}"
ORDER_KEY = "order_key"
_KEY = "_key"  # the end of the names of fields that hold a key of the portal's own
_WAYS = ("role", "label", "placeholder", "test_id", "text", "beside", "css")


class Faults(ValueError):
    """Several faults of one table, each beginning with its path below the table.

    Attributes:
        faults: one text for each.
    """

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = tuple(faults)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


def _as_tuple(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _as_targets(value: object) -> object:
    return (value,) if isinstance(value, dict | Target) else value


Words = Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]
Statuses = Annotated[tuple[int, ...], BeforeValidator(lambda value: (value,) if isinstance(value, int) else value)]


class Target(_Strict):
    """Where an element is: role and name first, CSS last and with a reason.

    Names, labels and texts are compared whole after white space and icon glyphs are normalised; several of them
    are synonyms. ``beside`` is the value that stands next to a label; ``within`` narrows to an outer target, and
    ``has`` to elements that contain another one. ``hidden`` is for what is never rendered by itself, such as the
    options of a select.
    """

    role: str | None = None
    name: Words = ()
    label: Words = ()
    placeholder: Words = ()
    test_id: str | None = None
    text: Words = ()
    beside: Words = ()
    css: str | None = None
    why: str | None = None
    within: "Target | None" = None
    has: "Target | None" = None
    hidden: bool = False

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = [way for way in _WAYS if getattr(self, way) not in (None, ())]
        if len(ways) != 1:
            found = ", ".join(ways) if ways else "none"
            raise ValueError(f"give exactly one of {', '.join(_WAYS)} (found: {found})")
        if self.name and self.role is None:
            raise ValueError("name goes with role")
        if (self.css is None) != (self.why is None):
            raise ValueError("css needs why (the reason that nothing better identifies it), and only css has one")
        return self


Targets = Annotated[tuple[Target, ...], BeforeValidator(_as_targets)]


class Pairs(_Strict):
    """Labelled facts on a page: as many labels as values, in the same order."""

    label: Target
    value: Target


class Table(_Strict):
    """A table whose columns are known by their headings."""

    heading: Target
    cell: Target
    columns: dict[str, Words]


class Page(_Strict):
    """A page: its address, its frame, and the element whose presence says that it has come."""

    url: str | dict[Role, str]  # where both roles do not share one address
    frame: str | None = None
    ready: Target

    def url_for(self, role: Role) -> str:
        """Return the address of the page for a role."""
        return self.url if isinstance(self.url, str) else self.url[role]


class ListFilter(_Strict):
    """A choice over the list that must stand so before anything is looked for: a native select, or a tab or button.

    ``value`` is the option of a select. ``apply`` is a button to be pressed after it. ``chosen`` is a sign that it
    stands so; without it the control itself must say so (its option, or ``aria-selected`` and the like).
    """

    target: Target
    value: str | None = None
    apply: Target | None = None
    chosen: Target | None = None


class QueuePages(_Strict):
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


class MoneyTable(Table):
    """What was done with the money, an event a row: the state of the payment is what the rows add up to.

    Its columns are ``event`` (a word of ``payment_event``) and ``amount``; ``empty`` says that nothing was done yet.
    """

    empty: Target

    @model_validator(mode="after")
    def _both_columns(self) -> Self:
        if set(self.columns) != {"event", "amount"}:
            raise ValueError("columns are event and amount")
        return self


class Blocks(_Strict):
    """Things of one kind that belong to an order, each in a block of its own with its state and amount.

    ``key`` is one of ``[pages.detail.key.parts]``: there must be as many blocks as the portal's answer has named keys,
    so that a page which shows none says that there are none.
    """

    block: Target
    state: Target
    amount: Target
    key: str


class PaymentBlocks(Blocks):
    """An order's payments, a block each, in words of ``payment_event``; refunds in those of ``refund_event``."""

    refunds: Blocks | None = None  # looked for in the payment's own block


class Menu(_Strict):
    """A menu of the order's page: the button that opens it, and its items, wherever they then stand."""

    button: Target
    item: Target


class Lines(_Strict):
    """Where an answer names each line of an order, and how many pieces of it: dotted paths through the same list."""

    key: str
    quantity: str


class OrderKey(_Strict):
    """How the key in a page's address is known to be an order's: an answer of the portal names both.

    ``request`` is the read that is answered so; ``key``, ``order_id`` and those of ``parts`` are dotted paths in its
    answer. ``parts`` are the keys of what belongs to the order, such as its payments, as a change names them;
    ``lines`` are its lines with their quantities, which a change has to name one and all.
    """

    request: str
    key: str
    order_id: str
    parts: dict[str, str] = Field(default_factory=dict)
    lines: dict[str, Lines] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _named_as_keys(self) -> Self:
        wrong = [name for name in self.parts if not name.endswith(_KEY) or name == ORDER_KEY]
        if wrong:
            raise ValueError(f"parts: {', '.join(wrong)}: use names such as payment_key")
        return self


class DetailPage(Page):
    """The page of one order: everything that a decision needs.

    ``order_id`` is where its id stands when that is none of the ``fields``; with ``money`` or ``payments``, neither
    ``pay_state`` is.
    ``unfold`` are parts that are folded up and say something: they are opened before the page is read.
    ``action`` are the controls in the action bar, or the options that stand for them; ``menus`` hold more of them.
    Where ``url`` names the order by a ``{key}`` of the portal's own, the page is found by the list, and ``key`` says
    whose it is.
    """

    key: OrderKey | None = None
    order_id: Target | None = None
    facts: Pairs | None = None
    fields: dict[str, Words] = Field(default_factory=dict)
    shown: dict[str, Target] = Field(default_factory=dict)  # fields that stand by themselves, without a label
    items: Table
    money: MoneyTable | None = None
    payments: PaymentBlocks | None = None
    action_bar: Target
    action: Targets = ()
    menus: dict[str, Menu] = Field(default_factory=dict)
    staged: Target | None = None
    unfold: Target | None = None

    @model_validator(mode="after")
    def _some_action(self) -> Self:
        if not self.action and not self.menus:
            raise ValueError("give action, menus, or both")
        return self

    @model_validator(mode="after")
    def _shown_once(self) -> Self:
        if (self.facts is None) is bool(self.fields):
            raise ValueError("facts and fields go together")
        twice = sorted(set(self.fields) & set(self.shown))
        if twice:
            raise ValueError(f"{', '.join(twice)}: stands in fields and in shown")
        return self

    @model_validator(mode="after")
    def _money_once(self) -> Self:
        if self.payments is None:
            return self
        if self.money is not None:
            raise ValueError("give money or payments, not both")
        parts = self.key.parts if self.key is not None else {}
        kinds = {"payments": self.payments, "payments.refunds": self.payments.refunds}
        faults = [
            f"{name}.key: no [pages.detail.key.parts] entry {blocks.key!r}"
            for name, blocks in kinds.items()
            if blocks is not None and blocks.key not in parts
        ]
        if faults:
            raise Faults(faults)
        return self

    @model_validator(mode="after")
    def _key_in_url(self) -> Self:
        urls = [self.url] if isinstance(self.url, str) else list(self.url.values())
        if any((KEY_IN_URL in url) is (self.key is None) for url in urls):
            raise ValueError("key goes with {key} in url, and only with it")
        return self

    def tells(self, field: str) -> bool:
        """Return whether the page is to show a field, with a label or by itself."""
        return field in self.fields or field in self.shown

    @property
    def needed_fields(self) -> tuple[str, ...]:
        """What the facts of every order must show."""
        elsewhere = set(self.shown) | ({"order_id"} if self.order_id is not None else set())
        if self.money is not None or self.payments is not None:
            elsewhere |= {"pay_state", "refund_state"}
        return tuple(field for field in NEEDED_FIELDS if field not in elsewhere)


class ThreadPage(Page):
    """The conversation with the counterparty about one order."""

    order_id: Target
    row_sender: Target
    row_text: Target
    row_at: Target


class TicketTalk(_Strict):
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


class Pages(_Strict):
    """The pages of a portal; those that a portal does not have are left out."""

    login: LoginPage
    list: ListPage
    detail: DetailPage
    thread: ThreadPage | None = None
    tickets: TicketsPage | None = None
    ticket_form: FormPage | None = None
    reviews: ReviewsPage | None = None
    stock: StockPage | None = None


class Signal(_Strict):
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


class Signals(_Strict):
    """Signals in the order in which they are looked at: a check by a person beats a login."""

    human_check: Signal | None = None
    maintenance: Signal | None = None
    rate_limited: Signal | None = None
    login: Signal
    failed: Signal | None = None
    absent: Signal | None = None  # None: the list alone tells, which every order is looked up in


class Identity(_Strict):
    """Where every page names the account, and what must stand there whole, such as ``账号：{username}``.

    ``{shown_as}`` is what the portal calls the account, where that is not the name that signs in.
    """

    target: Target
    text: str


class Popup(_Strict):
    """A dialog that may lie over a page and that may be dismissed."""

    root: Target
    dismiss: Target


class ReasonWords(_Strict):
    """How a reason is chosen: the first of ``labels`` that the form offers; ``codes`` are what may be sent for it."""

    labels: Words
    codes: Words
    remark: str | None = None


Axis = dict[str, Words]


class WordTables(_Strict):
    """Texts to meanings, one table an axis; what is not listed is unreadable."""

    order_state: Axis
    item_shipping: Axis
    controls: Axis
    pay_state: Axis = Field(default_factory=dict)
    payment_event: Axis = Field(default_factory=dict)
    refund_event: Axis = Field(default_factory=dict)
    refund_state: Axis = Field(default_factory=dict)
    trade: Axis = Field(default_factory=dict)
    flag: Axis = Field(default_factory=dict)
    refund_kind: Axis = Field(default_factory=dict)
    party: Axis = Field(default_factory=dict)
    return_parcel: Axis = Field(default_factory=dict)
    ruling: Axis = Field(default_factory=dict)
    closed_by: Axis = Field(default_factory=dict)
    sender: Axis = Field(default_factory=dict)
    ticket_state: Axis = Field(default_factory=dict)
    ticket_sender: Axis = Field(default_factory=dict)
    review_level: Axis = Field(default_factory=dict)

    @model_validator(mode="after")
    def _known_meanings(self) -> Self:
        faults: list[str] = []
        for axis, meanings in AXES.items():
            table: Axis = getattr(self, axis)
            faults += [
                f"{axis}.{word}: not a meaning; use one of {', '.join(meanings)}"
                for word in table
                if word not in meanings
            ]
            seen: dict[str, str] = {}
            for meaning, labels in table.items():
                for label in labels:
                    if seen.setdefault(label, meaning) != meaning:
                        faults.append(f"{axis}: {label!r} means both {seen[label]} and {meaning}")
        if faults:
            raise Faults(faults)
        return self


HARMLESS = "harmless"
AXES: Mapping[str, tuple[str, ...]] = {
    "order_state": tuple(OrderState),
    "pay_state": tuple(PayState),
    "payment_event": tuple(PaymentEvent),
    "refund_event": (PaymentEvent.REFUNDING, PaymentEvent.REFUNDED, PaymentEvent.FAILED),
    "refund_state": tuple(RefundState),
    "refund_kind": tuple(RefundKind),
    "party": ("seller", "buyer", "platform", "system"),
    "return_parcel": tuple(ReturnParcel),
    "ruling": tuple(RuledFor),
    "trade": ("normal", "staged", "unsupported"),
    "flag": ("no", "yes"),
    "item_shipping": tuple(ItemShipping),
    "closed_by": tuple(ClosedBy),
    "sender": ("us", "them", "system"),
    "ticket_state": tuple(TicketState),
    "ticket_sender": ("us", "platform"),
    "review_level": tuple(ReviewLevel),
    "controls": (*(kind.value for kind in ActKind), "refuse_refund", HARMLESS),
}


class FieldKind(StrEnum):
    """How a form field is filled in."""

    SELECT = "select"  # a native select
    LISTBOX = "listbox"  # a combobox that opens a list of options
    RADIO = "radio"
    CHECK = "check"  # boxes, all of which must be ticked, or all not, as ``ticked`` says
    QUANTITIES = "quantities"  # a number for each line of the order, all of which are set to the most they take
    TEXT = "text"
    FILES = "files"
    SHOWN = "shown"  # not filled in: must already show the value


class OwnLabel(_Strict):
    """Where a label that a listbox does not offer is written, and the option that then stands for it."""

    entry: Target
    option: str  # such as ``Add {label}``


class FormField(_Strict):
    """One field of a form; ``value`` is what always stands there, else the act brings it.

    ``each_item`` says that there must be as many boxes as the order has lines; ``needed_for`` are the reasons for
    which an optional field of files must not be empty.
    """

    kind: FieldKind
    target: Target
    options: Target | None = None  # listbox: the options that open
    chosen: Target | None = None  # listbox: where what was chosen stands, if not in its target
    own: OwnLabel | None = None  # listbox: it takes labels that are not among its options
    value: str | None = None
    optional: bool = False
    min_length: int | None = None
    max_length: int | None = None
    needed_for: tuple[Reason, ...] = ()
    ticked: bool | None = None
    each_item: bool = False
    suffixes: Words = ()  # files: what they may be, such as ``png``; empty: anything
    max_bytes: int | None = Field(default=None, ge=1)  # files: how large each may be
    max_files: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _files(self) -> Self:
        limits = (self.suffixes, self.max_bytes, self.max_files)
        if self.kind is not FieldKind.FILES and any(limits):
            raise ValueError("suffixes, max_bytes and max_files go with kind = 'files', and only with it")
        if any(suffix != suffix.lower().lstrip(".") for suffix in self.suffixes):
            raise ValueError("suffixes are written small and without a dot")
        return self

    @model_validator(mode="after")
    def _options(self) -> Self:
        if (self.kind is FieldKind.CHECK) != (self.ticked is not None):
            raise ValueError("ticked goes with kind = 'check', and only with it")
        if (self.kind is FieldKind.LISTBOX) != (self.options is not None):
            raise ValueError("options goes with kind = 'listbox', and only with it")
        if self.options is None and (self.chosen is not None or self.own is not None):
            raise ValueError("chosen and own go with kind = 'listbox', and only with it")
        if self.needed_for and (self.kind is not FieldKind.FILES or not self.optional):
            raise ValueError("needed_for goes with kind = 'files' and optional = true")
        return self


class Form(_Strict):
    """A dialog or a form on a page, opened for one order whose whole id it shows, or for one SKU, likewise.

    The form of a reply to a ticket shows the whole number of that as well, at ``ticket``.
    Where the act goes on in another form, as in a wizard, ``then`` is its name, and ``confirm`` only leads there.
    ``asked`` is what the browser itself asks at the last click (``confirm()`` of a script), whole; ``{order_id}`` in it
    is the order's.
    """

    root: Target
    order_id: Target | None = None
    sku: Target | None = None
    ticket: Target | None = None
    fields: dict[str, FormField] = Field(default_factory=dict)
    confirm: Target
    asked: Words = ()
    then: str | None = None
    dismiss: Target | None = None
    notice: Target | None = None

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if self.order_id is None and self.sku is None:
            raise ValueError("give order_id, or sku for a form that sets a stock: it has to say whose it is")
        return self

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        """Refuse two names for one element: what fills in or leaves a form must never be its last button."""
        named = {"confirm": self.confirm, "dismiss": self.dismiss}
        named |= {f"fields.{name}": field.target for name, field in self.fields.items() if not _many_meant(field)}
        names: dict[Target, str] = {}
        faults = [
            f"{name}: is the same target as {names[target]}"
            for name, target in named.items()
            if target is not None and names.setdefault(target, name) != name
        ]
        if faults:
            raise Faults(faults)
        return self


def _many_meant(field: FormField) -> bool:
    """Whether a field's target is a group that other fields may stand in as well."""
    return field.kind is FieldKind.RADIO


class Follow(_Strict):
    """What the same click sends next, once the first request was answered as done: an act with its own request."""

    act: Literal[ActKind.REFUND]
    request: str


class ActVariant(_Strict):
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


class BodyKind(StrEnum):
    """How a request carries its fields."""

    NONE = "none"
    FORM = "form"
    JSON = "json"
    GRAPHQL = "graphql"
    MULTIPART = "multipart"
    QUERY = "query"


class Sign(_Strict):
    """What an answer must show: every condition that is given."""

    status: Statuses = ()
    json_equals: dict[str, StrictBool | StrictInt | StrictStr | tuple[str, ...]] = Field(default_factory=dict)
    location: Words = ()  # parts of the address that a redirect leads to
    text: Words = ()  # parts of the body, any of which must stand there

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not (self.status or self.json_equals or self.location or self.text):
            raise ValueError("give status, json_equals, location or text")
        return self


class AnswerRules(_Strict):
    """How the answer to a mutating request is understood; what fits nothing is unknown.

    ``nothing_done`` is an answer that says the request was turned away before it could do anything, such as a
    lost session. ``request_id``, ``code`` and ``message`` are ``json:dotted.path`` or ``header:name``. ``too_new``,
    ``stale`` (a refusal because the page that was decided on is out of date) and ``second_factor`` (a code by SMS is
    wanted first; nothing was done) are codes, parts of the body, or parts of the address that it leads to.
    """

    accepted: Sign
    refused: Sign | None = None
    nothing_done: Sign | None = None
    request_id: str | None = None
    code: str | None = None
    message: str | None = None
    too_new: Words = ()
    stale: Words = ()
    second_factor: Words = ()


class Rows(_Strict):
    """A list in a request whose rows name lines of the order: where it stands, and the two names in each row."""

    at: str
    key: str
    quantity: str


ORDER_IN_PATH = "{order_id}"


class RequestRule(_Strict):
    """One request that the last-hop gate knows.

    ``{order_id}`` in ``path`` stands for the order's id. ``operation`` holds the values in the body that tell requests
    of one path apart, ``without`` the names that must not stand there; ``lists`` those that a form may give several
    times, ``rows`` those that name lines of the order. ``root`` is the root field of a GraphQL operation, and fields
    are then named below it, each argument of a change among them; a GraphQL read without any is every query.
    """

    kind: Literal["read", "mutating"]
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "POST"
    path: str
    body: BodyKind = BodyKind.NONE
    fields: dict[str, str] = Field(default_factory=dict)
    operation: dict[str, Words] = Field(default_factory=dict)
    without: Words = ()
    lists: Words = ()
    root: Words = ()
    rows: dict[str, Rows] = Field(default_factory=dict)
    answer: AnswerRules | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        named = self.names_order or "sku" in self.fields
        if self.kind == "mutating" and (self.answer is None or not named):
            raise ValueError("a mutating request needs answer, and fields.order_id or {order_id} in its path")
        if not self.path.startswith("/"):
            raise ValueError("path starts with /")
        self._check_graphql()
        return self

    @property
    def compared(self) -> frozenset[str]:
        """The names under which a held request's values are compared with what was meant."""
        return frozenset(self.fields) | frozenset(self.rows)

    @property
    def names_order(self) -> bool:
        """Whether it says for which order it is."""
        return "order_id" in self.fields or ORDER_IN_PATH in self.path or bool(self.keys)

    @property
    def keys(self) -> frozenset[str]:
        """The fields that hold a key of the portal's own instead of the order's id."""
        return frozenset(field for field in self.fields if field.endswith(_KEY))

    def _check_graphql(self) -> None:
        speaks = self.body is BodyKind.GRAPHQL
        if speaks and self.method != "POST":
            raise ValueError("body = 'graphql' goes with POST")
        if self.root and not speaks:
            raise ValueError("root goes with body = 'graphql'")
        if speaks and self.kind == "mutating" and len(self.root) != 1:
            raise ValueError("a mutating request with body = 'graphql' needs root, the one field that it changes")


class Private(_Strict):
    """What is cut from pictures, page text, requests, answers and logs alike."""

    fields: Words = ()  # names of detail.fields whose values are private
    targets: tuple[Target, ...] = ()
    keys: Words = ()  # keys in requests and answers
    patterns: Words = ()  # regular expressions

    @model_validator(mode="after")
    def _compile(self) -> Self:
        faults: list[str] = []
        for at, pattern in enumerate(self.patterns):
            try:
                re.compile(pattern)
            except re.error as fault:
                faults.append(f"patterns[{at}]: {pattern!r} is not a regular expression: {fault}")
        if faults:
            raise Faults(faults)
        return self


class Unverified(_Strict):
    """Entries that nobody has seen on the live portal, as patterns over dotted paths (``pages.detail.*``)."""

    read: Words = ()  # doctor confirms them, read-only
    act: Words = ()  # only a supervised act confirms them


class MoneyFormat(_Strict):
    """How the portal writes amounts: what stands before or after the figures."""

    marks: Words = ("¥", "￥", "CNY", "RMB", "元")
    pairs: bool = False  # a second amount may stand behind one, such as that without tax; the first counts


class NewChats(_Strict):
    """How many conversations may begin within a while; above that the portal asks for a person."""

    most: int = Field(ge=1)
    within_s: float = Field(gt=0)


class Profile(_Strict):
    """One back office.

    ``language`` is that of its pages, and what the browser asks for; ``loader`` lays another one over it. ``max_lanes``
    is how many pages of one session can be worked at once: one, where a message may show on whichever page comes next.
    """

    format: Literal[1]
    name: str
    title: str
    version: str
    roles: tuple[Role, ...]
    language: str = "zh-CN"
    zone: str = "Asia/Shanghai"
    money: MoneyFormat = MoneyFormat()
    base_url: str | None = None  # None: the shop says it
    hosts: Words
    deny_paths: Words = ()
    websockets: Words = ()
    settle_s: float = Field(gt=0)
    arrive_s: float = Field(default=15, gt=0)
    min_age_s: float = Field(default=0, ge=0)
    message_limit: int = 500
    new_chats: NewChats | None = None
    max_lanes: int | None = Field(default=None, ge=1)
    frames: dict[str, Target] = Field(default_factory=dict)
    identity: Identity | None = None
    signals: Signals
    popups: tuple[Popup, ...] = ()
    busy: Target | None = None
    pages: Pages
    words: WordTables
    reasons: dict[Reason, ReasonWords] = Field(default_factory=dict)  # none: the portal keeps no reason
    forms: dict[str, Form]
    acts: dict[ActKind, tuple[ActVariant, ...]]
    requests: dict[str, RequestRule]
    private: Private
    unverified: Unverified = Unverified()

    def acts_of(self, role: Role) -> frozenset[ActKind]:
        """Return the acts that this portal has for a role, by themselves or as what another one sends next."""
        variants = [(kind, variant) for kind, ways in self.acts.items() for variant in ways if role in variant.roles]
        return frozenset(kind for kind, _ in variants) | {way.then.act for _, way in variants if way.then is not None}

    def reason_words(self, reason: Reason) -> ReasonWords:
        """Return how a reason is chosen.

        Raises:
            PageChanged: the profile does not say.
        """
        if not self.reasons:
            return ReasonWords(labels=(), codes=())
        if reason not in self.reasons:
            raise PageChanged(f"the profile has no [reasons.{reason}]")
        return self.reasons[reason]

    def forms_of(self, variant: ActVariant) -> tuple[str, ...]:
        """Return the names of the forms that an act goes through, the last of which sends it."""
        names: list[str] = []
        name: str | None = variant.form
        while name is not None and name not in names and name in self.forms:
            names.append(name)
            name = self.forms[name].then
        return tuple(names)

    def wants_files(self, variant: ActVariant, reason: Reason) -> bool:
        """Return whether the portal takes an act for this reason only with files."""
        fields = (field for name in self.forms_of(variant) for field in self.forms[name].fields.values())
        return any(reason in field.needed_for for field in fields)

    def lengths_of(self, kind: ActKind) -> tuple[int, int] | None:
        """Return the least and the most characters that the text of an act may have in all of its ways."""
        ways = [name for variant in self.acts.get(kind, ()) for name in self.forms_of(variant)]
        fields = [field for name in ways if (field := self.forms[name].fields.get("text")) is not None]
        most = [field.max_length for field in fields if field.max_length is not None]
        return (max(field.min_length or 0 for field in fields), min(most)) if most else None

    @model_validator(mode="after")
    def _references(self) -> Self:
        faults = [
            *self._act_faults(),
            *self._form_faults(),
            *self._page_faults(),
            *self._key_faults(),
            *self._zone_faults(),
        ]
        if faults:
            raise Faults(faults)
        return self

    def _zone_faults(self) -> list[str]:
        try:
            ZoneInfo(self.zone)
        except (ZoneInfoNotFoundError, ValueError):
            return [f"zone: {self.zone!r} is not a time zone; write one such as Asia/Shanghai"]
        return []

    def _act_faults(self) -> list[str]:
        faults: list[str] = []
        for kind, variants in self.acts.items():
            for at, variant in enumerate(variants):
                where = f"acts.{kind}[{at}]"
                if variant.form not in self.forms:
                    faults.append(f"{where}.form: no [forms.{variant.form}]")
                for name in variant.requests:
                    rule = self.requests.get(name)
                    if rule is None or rule.kind != "mutating":
                        faults.append(f"{where}.request: no mutating [requests.{name}]")
                if variant.then is not None and (kind is not ActKind.CLOSE or variant.then.request == variant.request):
                    faults.append(f"{where}.then: only close is followed, by another request than its own")
                faults += self._subject_faults(where, kind, variant)
                control = variant.control or kind
                if variant.opener and variant.page != "stock" and control.value not in self.words.controls:
                    faults.append(f"{where}: [words.controls] has no {control}")
                if variant.menu is not None and (
                    variant.page != "detail" or variant.menu not in self.pages.detail.menus
                ):
                    faults.append(f"{where}.menu: no [pages.detail.menus.{variant.menu}]")
                if getattr(self.pages, variant.page) is None:
                    faults.append(f"{where}.page: no [pages.{variant.page}]")
        return faults

    def _subject_faults(self, where: str, kind: ActKind, variant: ActVariant) -> list[str]:
        """Say where an act is not bound to what it changes: its SKU for a stock, its order for all else."""
        if (kind is ActKind.REPLY_TICKET) != (variant.page == "tickets"):
            return [f"{where}.page: tickets is where reply_ticket begins, and nothing else"]
        if (kind is ActKind.SET_STOCK) != (variant.page == "stock"):
            return [f"{where}.page: stock is where set_stock begins, and nothing else"]
        forms = [self.forms[name] for name in self.forms_of(variant)]
        rules = [self.requests[name] for name in variant.requests if name in self.requests]
        if kind is not ActKind.SET_STOCK:
            unnamed = [f"{where}.form: a form of it has no order_id" for form in forms if form.order_id is None]
            if kind is ActKind.REPLY_TICKET:
                unnamed += self._reply_faults(where, forms, rules)
            return unnamed + [f"{where}.request: does not name the order" for rule in rules if not rule.names_order]
        faults = [f"{where}.form: a form of it has no sku" for form in forms if form.sku is None]
        if forms and not any("stock" in form.fields for form in forms):
            faults.append(f"{where}.form: has no fields.stock")
        unbound = [rule for rule in rules if not {"sku", "stock"} <= rule.compared]
        return faults + [f"{where}.request: needs fields.sku and fields.stock" for _ in unbound]

    def _reply_faults(self, where: str, forms: Sequence[Form], rules: Sequence[RequestRule]) -> list[str]:
        """Say where a reply is not bound to its ticket, or could not be seen in it."""
        talk = self.pages.tickets.talk if self.pages.tickets is not None else None
        faults = [f"{where}.form: a form of it has no ticket" for form in forms if form.ticket is None]
        faults += [
            f"{where}.request: needs fields.ticket and fields.text"
            for rule in rules
            if not {"ticket", "text"} <= rule.compared
        ]
        if talk is None or talk.reply is None:
            faults.append(f"{where}.page: needs [pages.tickets.talk] with reply")
        return faults

    def _form_faults(self) -> list[str]:
        faults: list[str] = []
        for name, form in self.forms.items():
            if form.then is not None and form.then not in self.forms:
                faults.append(f"forms.{name}.then: no [forms.{form.then}]")
        for first in {variant.form: variant for variants in self.acts.values() for variant in variants}.values():
            chain = self.forms_of(first)
            last = self.forms[chain[-1]] if chain else None
            if last is not None and last.then in chain:
                faults.append(f"forms.{chain[-1]}.then: {last.then} comes before it, and no form would be the last")
            named: dict[str, str] = {}
            faults += [
                f"forms.{name}.fields.{field}: has the same name as in forms.{named[field]}, which comes before it"
                for name in chain
                for field in self.forms[name].fields
                if named.setdefault(field, name) != name
            ]
        return faults

    def _key_faults(self) -> list[str]:
        key = self.pages.detail.key
        if key is None and self.signals.absent is None:
            return ["signals.absent: is missing, and without [pages.detail.key] no list is asked for an order"]
        known = {ORDER_KEY, *key.parts} if key is not None else set()
        faults = [
            f"requests.{name}.fields: {field} is not told by [pages.detail.key]"
            for name, rule in self.requests.items()
            for field in sorted(rule.keys - known)
        ]
        lines = set(key.lines) if key is not None else set()
        faults += [
            f"requests.{name}.rows: {told} is not one of [pages.detail.key.lines]"
            for name, rule in self.requests.items()
            for told in sorted(set(rule.rows) - lines)
        ]
        read = self.requests.get(key.request) if key is not None else None
        if key is not None and (read is None or read.kind != "read"):
            faults.append(f"pages.detail.key.request: no read [requests.{key.request}]")
        return faults

    def _page_faults(self) -> list[str]:
        faults: list[str] = []
        for name, page in self.pages:
            if page is not None and page.frame is not None and page.frame not in self.frames:
                faults.append(f"pages.{name}.frame: no [frames] entry {page.frame!r}")
        known = set(DETAIL_FIELDS)
        faults += [
            f"pages.detail.{where}.{field}: not a field; use one of {', '.join(DETAIL_FIELDS)}"
            for where, named in (("fields", self.pages.detail.fields), ("shown", self.pages.detail.shown))
            for field in named
            if field not in known
        ]
        faults += [
            f"pages.detail.fields: {field} is missing"
            for field in self.pages.detail.needed_fields
            if field not in self.pages.detail.fields
        ]
        faults += [
            f"private.fields: {field} is not in pages.detail.fields"
            for field in self.private.fields
            if field not in {*self.pages.detail.fields, *self.pages.detail.shown}
        ]
        return faults


NEEDED_FIELDS = ("order_id", "order_state", "pay_state", "refund_state", "amount")
DETAIL_FIELDS = (
    *NEEDED_FIELDS,
    "trade", "created_at", "frozen", "disputed", "closed_by", "close_reason", "close_remark", "closed_at",
    "refund_id", "refund_kind", "refund_amount", "refund_applicant", "refund_reason", "refund_until",
    "refund_refusal", "refund_ended_by",
    "return_parcel", "return_address", "return_tracking",
    "ruling", "ruling_amount", "ruling_text", "ruling_at",
    "buyer", "receiver", "phone", "address", "buyer_remark", "tags",
)  # fmt: skip


def raw_entries(data: Any, prefix: str = "") -> list[str]:
    """Return the dotted paths of all leaves and tables of a profile as read from its file."""
    paths: list[str] = []
    if isinstance(data, dict):
        for key, value in data.items():
            path = f"{prefix}.{key}" if prefix else str(key)
            paths.append(path)
            paths += raw_entries(value, path)
    return paths
