"""The page of one order, read into one typed value."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Locator

from agent.domain.ids import OrderId
from agent.domain.money import Fen
from agent.domain.orders import (
    ClosedBy,
    Closing,
    Item,
    ItemShipping,
    Order,
    OrderState,
    PaymentEvent,
    PayState,
    Refund,
    RefundKind,
    RefundState,
    ReturnParcel,
    RuledFor,
    Ruling,
    balance,
    charged,
    going_back,
)
from agent.errors import OrderAbsent, PageUnreadable, Transient, WrongOrder
from page_objects.locate import label_of, locate, normalised, order_ids_in, same_label
from page_objects.menus import labels_of, unfold
from page_objects.order_key import KeyedPage
from page_objects.order_list import OrderList
from page_objects.payments import Block, Events, Parts, any_refund_failed, events_of, shown_payments
from page_objects.profile import HARMLESS, DetailPage, Table
from page_objects.reading import shown_texts
from page_objects.site import Site


@dataclass(frozen=True, slots=True)
class _Raw:
    labels: Sequence[str]
    values: Sequence[str]
    actions: Sequence[str]
    headings: Sequence[str]
    cells: Sequence[str]
    money: tuple[Sequence[str], Sequence[str], Sequence[str]]  # headings, cells, and what says that there are none
    payments: Sequence[Block]
    ids: Sequence[str]
    staged: int
    private: Sequence[str]
    shown: Mapping[str, Sequence[str]]  # texts of the fields that stand by themselves


class OrderDetail:
    """Shows one order; opened, and proved, for that order each time."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._profile: DetailPage = site.profile.pages.detail
        self.private: tuple[str, ...] | None = None  # the private texts of the page that was looked at last
        self._keyed = (
            KeyedPage(site, self._profile.key, self._profile.url_for(site.account.role)) if self._profile.key else None
        )
        self._keys: dict[OrderId, str] = {}  # where to look; whose page it is, each reading finds out again

    async def open(self, order_id: OrderId) -> None:
        """Open the order's page by its address, or by the list where the address is not known yet."""
        if self._keyed is None or order_id in self._keys:
            await self._site.open(self._profile, order_id, key=quote(self._keys.get(order_id, ""), safe=""))
            return
        orders = OrderList(self._site)
        row = await orders.find(order_id)
        if row is None:
            raise OrderAbsent(f"the list shows no order {order_id}, and nothing else leads to its page")
        await orders.open_detail(row)
        await self.arrive()

    async def arrive(self) -> None:
        """Wait for the order's page after something else has led there."""
        await self._site.arrive(self._profile)
        if self._keyed is not None and not await self._keyed.answered():  # what is shown was fetched some time ago
            await self._site.open(self._profile, key=quote(self._keyed.key(), safe=""))

    async def read(self, order_id: OrderId) -> Order:
        """Return the order as its page shows it now.

        Raises:
            WrongOrder: the page shows another order, or the portal says that its key is another's.
            PageUnreadable: a text has no meaning in the profile, or a needed one is not there.
        """
        self.private = None
        self._keys.pop(order_id, None)
        if self._profile.unfold is not None:
            await unfold(self._site, self._profile.unfold)
        raw = await self._raw()
        self.private = self._private(raw)
        self._site.check_unbroken()
        facts = self._facts(raw)
        shown = [*raw.ids, facts.get("order_id", "")]
        if order_ids_in(" ".join(shown)) != {order_id}:
            raise WrongOrder(f"asked for order {order_id}, the page shows {' '.join(shown).strip() or 'none'!r}")
        if self._keyed is None:
            return self._order(order_id, facts, raw, ())
        tie = await self._keyed.tie(order_id)
        order = replace(self._order(order_id, facts, raw, tie.parts), key=tie.key, parts=tie.parts)
        self._keys[order_id] = tie.key
        return order

    async def _raw(self) -> _Raw:
        profile, frame = self._profile, self._site.frame
        facts = profile.facts
        bar = locate(frame, profile.action_bar)
        money = profile.money
        wanted: dict[str, list[Locator]] = {
            "labels": [locate(frame, facts.label)] if facts is not None else [],
            "values": [locate(frame, facts.value)] if facts is not None else [],
            "actions": [locate(bar, target) for target in profile.action],
            "headings": [locate(frame, profile.items.heading)],
            "cells": [locate(frame, profile.items.cell)],
            "money_headings": [locate(frame, money.heading)] if money is not None else [],
            "money_cells": [locate(frame, money.cell)] if money is not None else [],
            "money_empty": [locate(frame, money.empty)] if money is not None else [],
            "ids": [locate(frame, target) for target in [profile.order_id] if target is not None],
            "staged": [locate(frame, target) for target in [profile.staged] if target is not None],
            "private": [locate(frame, target) for target in self._site.profile.private.targets],
            **{f"{_SHOWN}{field}": [locate(frame, target)] for field, target in profile.shown.items()},
        }
        try:
            shown = await asyncio.gather(*(_texts(located) for located in wanted.values()))
            payments = await shown_payments(frame, profile.payments) if profile.payments is not None else []
        except PlaywrightError as fault:
            raise Transient(fault.message.splitlines()[0]) from fault
        texts = dict(zip(wanted, shown, strict=True))
        # An open menu hides the rest of the page from who asks for roles: so they are opened last, one by one.
        in_menus = [label for menu in profile.menus.values() for label in await labels_of(self._site, menu)]
        return _Raw(
            labels=texts["labels"],
            values=texts["values"],
            actions=[*texts["actions"], *in_menus],
            headings=texts["headings"],
            cells=texts["cells"],
            money=(texts["money_headings"], texts["money_cells"], texts["money_empty"]),
            payments=payments,
            ids=texts["ids"],
            staged=len(texts["staged"]),
            private=texts["private"],
            shown={field: texts[f"{_SHOWN}{field}"] for field in profile.shown},
        )

    def _facts(self, raw: _Raw) -> dict[str, str]:
        """Return the shown values by our names for them; a fact shown twice with two values decides nothing."""
        if len(raw.labels) != len(raw.values):
            raise PageUnreadable(f"{len(raw.labels)} labels for {len(raw.values)} values on the order's page")
        names = {same_label(label): field for field, labels in self._profile.fields.items() for label in labels}
        facts: dict[str, str] = {}
        for label, value in zip(raw.labels, raw.values, strict=True):
            field = names.get(same_label(label))
            if field is None:
                continue
            if facts.setdefault(field, normalised(value)) != normalised(value):
                raise PageUnreadable(f"{label_of(label)} is shown twice, with different values")
        facts |= {field: text for field, texts in raw.shown.items() if (text := _the_only(field, texts)) is not None}
        missing = [field for field in self._profile.needed_fields if not facts.get(field)]
        if missing:
            raise PageUnreadable(f"the order's page does not show {', '.join(missing)}")
        return facts

    def _private(self, raw: _Raw) -> tuple[str, ...]:
        """Return the private texts of the page, however little of the rest can be understood."""
        fields = self._profile.fields
        labels = {same_label(label) for field in self._site.profile.private.fields for label in fields.get(field, ())}
        shown = [value for label, value in zip(raw.labels, raw.values, strict=False) if same_label(label) in labels]
        shown += [text for field in self._site.profile.private.fields for text in raw.shown.get(field, ())]
        return tuple(dict.fromkeys(text for text in map(normalised, [*shown, *raw.private]) if text))

    def _order(self, order_id: OrderId, facts: Mapping[str, str], raw: _Raw, parts: Parts) -> Order:
        words = self._site.words
        trade = words.meaning("trade", facts["trade"]) if facts.get("trade") else "normal"
        state = OrderState(words.meaning("order_state", facts["order_state"]))
        controls, unknown = self._controls(raw.actions)
        items = self._items(raw)
        events = self._events(raw, parts)
        amount = words.money(facts["amount"])
        if state is OrderState.CLOSED and amount == 0:
            amount = charged(events or ())  # of what was cancelled, some portals say the sum that is left
        pay_state, refunded = self._money(facts, events, amount)
        if state is OrderState.PAID and any(item.shipping in _ON_THE_WAY for item in items):
            state = OrderState.PARTLY_SHIPPED
        return Order(
            order_id=order_id,
            state=OrderState.UNSUPPORTED if trade == "unsupported" else state,
            pay_state=pay_state,
            amount=amount,
            created_at=words.time(facts["created_at"]) if facts.get("created_at") else None,
            controls=self._as_acts(controls, state, pay_state),
            unknown_controls=unknown,
            refund=self._refund(facts),
            parcel=ReturnParcel(words.meaning("return_parcel", facts["return_parcel"]))
            if facts.get("return_parcel")
            else ReturnParcel.NONE,
            return_address=self._said(facts, "return_address") or "",
            tracking=self._said(facts, "return_tracking") or "",
            items=items,
            staged=trade == "staged" or raw.staged > 0,
            frozen=self._flag(facts, "frozen"),
            disputed=self._flag(facts, "disputed"),
            ruling=self._ruling(facts),
            closing=self._closing(facts) if state is OrderState.CLOSED else None,
            refunded=refunded,
            going_back=going_back(events or ()),
            refund_failed=any_refund_failed(raw.payments, words),
            buyer=facts.get("buyer", ""),
            remark=self._said(facts, "buyer_remark"),
            tags=None if (tags := self._said(facts, "tags")) is None else _tags(tags),
        )

    def _said(self, facts: Mapping[str, str], field: str) -> str | None:
        """Return what people have written on an order: nothing, where a dash stands; None where no page tells it."""
        if not self._profile.tells(field):
            return None
        text = facts.get(field, "")
        return "" if text in _NOTHING else text

    def _money(self, facts: Mapping[str, str], events: Events | None, amount: Fen) -> tuple[PayState, Fen | None]:
        """Return where the money stands and how much of it went back, as the page says it or as its events add up."""
        if events is None:
            return PayState(self._site.words.meaning("pay_state", facts["pay_state"])), None
        return balance(events, amount)

    def _events(self, raw: _Raw, parts: Parts) -> Events | None:
        """Return what was done with the money, where the page lists it."""
        words = self._site.words
        if self._profile.payments is not None:
            return events_of(raw.payments, self._profile.payments, words, parts)
        if self._profile.money is None:
            return None
        headings, cells, empty = raw.money
        if bool(cells) is bool(empty):
            raise PageUnreadable("the page shows neither what was done with the money, nor that nothing was")
        rows = table_rows(self._profile.money, headings, cells) if cells else []
        return [
            (PaymentEvent(words.meaning("payment_event", row["event"])), words.money(row["amount"])) for row in rows
        ]

    def _flag(self, facts: Mapping[str, str], field: str) -> bool:
        return bool(facts.get(field)) and self._site.words.meaning("flag", facts[field]) == "yes"

    def _controls(self, actions: Sequence[str]) -> tuple[frozenset[str], tuple[str, ...]]:
        known: list[str] = []
        unknown: list[str] = []
        for text in actions:
            meaning = self._site.words.known("controls", text)
            if meaning is None:
                unknown.append(normalised(text))
            elif meaning != HARMLESS:
                known.append(meaning)
        return frozenset(known), tuple(unknown)

    def _as_acts(self, controls: frozenset[str], state: OrderState, pay_state: PayState) -> frozenset[str]:
        """Return the acts that the controls stand for now: one button may do different things in different states."""
        role = self._site.account.role
        lent = {
            kind.value: variant.control.value
            for kind, variants in self._site.profile.acts.items()
            for variant in variants
            if variant.control is not None and variant.fits(role, state, pay_state)
        }
        gained = {kind for kind, control in lent.items() if control in controls}
        return (controls - set(lent.values())) | gained

    def _refund(self, facts: Mapping[str, str]) -> Refund:
        words = self._site.words
        if not facts.get("refund_state"):
            return Refund(RefundState.NONE)  # needed_fields says whether every page must show one
        state = RefundState(words.meaning("refund_state", facts["refund_state"]))
        if state is RefundState.NONE:
            return Refund(RefundState.NONE)
        kind = facts.get("refund_kind")
        applicant = facts.get("refund_applicant")
        return Refund(
            state=state,
            kind=RefundKind(words.meaning("refund_kind", kind)) if kind else None,
            refund_id=facts.get("refund_id", ""),
            amount=words.money(facts["refund_amount"]) if facts.get("refund_amount") else None,
            applicant=words.meaning("party", applicant) if applicant else "",
            reason=facts.get("refund_reason", ""),
            until=words.time(facts["refund_until"]) if facts.get("refund_until") else None,
            refusal=self._said(facts, "refund_refusal") or "",
            ended_by=words.meaning("party", facts["refund_ended_by"]) if facts.get("refund_ended_by") else "",
        )

    def _ruling(self, facts: Mapping[str, str]) -> Ruling | None:
        words = self._site.words
        if not facts.get("ruling"):
            return None
        return Ruling(
            favour=RuledFor(words.meaning("ruling", facts["ruling"])),
            amount=words.money(facts["ruling_amount"]) if facts.get("ruling_amount") else None,
            text=facts.get("ruling_text", ""),
            at=words.time(facts["ruling_at"]) if facts.get("ruling_at") else None,
        )

    def _closing(self, facts: Mapping[str, str]) -> Closing:
        words = self._site.words
        by = facts.get("closed_by")
        unsaid = ClosedBy.UNKNOWN if self._profile.tells("closed_by") else ClosedBy.UNRECORDED
        return Closing(
            by=ClosedBy(words.meaning("closed_by", by)) if by else unsaid,
            reason=facts.get("close_reason", ""),
            remark=facts.get("close_remark", ""),
            at=words.time(facts["closed_at"]) if facts.get("closed_at") else None,
        )

    def _items(self, raw: _Raw) -> tuple[Item, ...]:
        rows = table_rows(self._profile.items, raw.headings, raw.cells)
        words = self._site.words
        return tuple(
            Item(
                sub_order_id=row.get("sub_order_id", ""),
                title=row.get("title", ""),
                spec=row.get("spec", ""),
                quantity=row.get("quantity", ""),
                shipping=ItemShipping(words.meaning("item_shipping", row["shipping"])) if row.get("shipping") else None,
                sku=row.get("sku", ""),
            )
            for row in rows
        )


async def _texts(located: Sequence[Locator]) -> list[str]:
    return [text for found in [await shown_texts(locator) for locator in located] for text in found]


def _the_only(field: str, texts: Sequence[str]) -> str | None:
    """Return what a field shows; one that is shown twice with two values decides nothing."""
    values = {normalised(text) for text in texts}
    if len(values) > 1:
        raise PageUnreadable(f"{field} is shown {len(texts)} times, with different values")
    return values.pop() if values else None


def _tags(text: str) -> tuple[str, ...]:
    return tuple(tag for tag in _BETWEEN_TAGS.split(text) if tag)


_SHOWN = "shown."
_NOTHING = frozenset("-–—")
_BETWEEN_TAGS = re.compile(r"[\s,，、;；|]+")
_ON_THE_WAY = {ItemShipping.SHIPPED, ItemShipping.PARTLY, ItemShipping.RECEIVED}


def table_rows(table: Table, headings: Sequence[str], cells: Sequence[str]) -> list[dict[str, str]]:
    """Return the rows of a table by our column names.

    Raises:
        PageUnreadable: the cells do not fill whole rows under the headings.
    """
    width = len(headings)
    if width == 0 or len(cells) % width:
        raise PageUnreadable(f"{len(cells)} cells under {width} headings in the table of goods")
    names = {same_label(label): column for column, labels in table.columns.items() for label in labels}
    columns = [names.get(same_label(heading)) for heading in headings]
    return [
        {column: normalised(cells[start + at]) for at, column in enumerate(columns) if column is not None}
        for start in range(0, len(cells), width)
    ]
