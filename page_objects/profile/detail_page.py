"""The page of one order, which decisions are made by."""

from typing import Self

from pydantic import Field, model_validator

from page_objects.profile.order_key import KEY_IN_URL, OrderKey
from page_objects.profile.page import Page, Pairs, Table
from page_objects.profile.strict import Faults, Strict, Words
from page_objects.profile.targets import Target, Targets

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


class Blocks(Strict):
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


class Menu(Strict):
    """A menu of the order's page: the button that opens it, and its items, wherever they then stand."""

    button: Target
    item: Target


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
