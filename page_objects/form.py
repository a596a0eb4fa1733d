"""A form or dialog in which one act is prepared for one order, or one SKU, up to its last button."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Locator

from agent.domain.acts import ActKind
from agent.domain.ids import OrderId
from agent.domain.money import Fen
from agent.errors import ElementBlocked, ElementMissing, NotOffered, PageChanged, PageUnreadable, Transient, WrongOrder
from page_objects import hand
from page_objects.locate import ANY_AMOUNT, any_of, described, locate, normalised, order_ids_in, whole
from page_objects.menus import items_of, pull_down
from page_objects.profile import AMOUNT_IN_NAME, ActVariant, FieldKind, Form, FormField, Menu, Target
from page_objects.reading import shown_texts, shown_values
from page_objects.reviews import answer_control
from page_objects.site import Site
from page_objects.stock import row_of, stock_page
from page_objects.thread import reply_control

IN_TEXT = "{order_id}"


@dataclass(frozen=True, slots=True)
class FormValues:
    """What goes into a form: texts by field, labels to choose from (first offered wins), files, and shown amounts.

    ``named`` are the choices whose labels a person or the settings have named, not the profile: that they are not
    offered says nothing of the page. ``kept`` are those that stay as the portal has them, and are read instead.
    """

    texts: Mapping[str, str]
    choices: Mapping[str, tuple[str, ...]]
    named: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()
    files: tuple[Path, ...] = ()
    amounts: Mapping[str, int] | None = None
    quantities: tuple[str, ...] = ()  # of each line of the order, as its page shows them; empty where it does not


class ActForm:
    """One act's form, opened for one order, and one SKU where the act is about that, and for nothing else."""

    def __init__(
        self,
        site: Site,
        kind: ActKind,
        variant: ActVariant,
        order_id: OrderId,
        *,
        sku: str = "",
        ticket: str = "",
        name: str | None = None,
    ) -> None:
        self._site = site
        self._kind = kind
        self._variant = variant
        self._order_id = order_id
        self._sku = sku
        self._ticket = ticket
        self.name = name or variant.form
        self.form: Form = site.profile.forms[self.name]
        self._amount: int | None = None  # what the act moves

    @property
    def _menu(self) -> Menu | None:
        """The menu that the act begins with, if any."""
        return self._site.profile.pages.detail.menus[self._variant.menu] if self._variant.menu is not None else None

    @property
    def root(self) -> Locator:
        """The form's own container."""
        return locate(self._site.frame, self.form.root)

    async def open(self) -> None:
        """Press the control that opens the form, and make sure that the form is this order's.

        Raises:
            ElementMissing, ElementAmbiguous, ElementBlocked: the control or the form is not as told.
            WrongOrder: the form names another order.
        """
        self._site.expect_navigation()
        self._site.questions.take_dismissed()  # what earlier pages asked is not about this form
        if self._menu is not None:
            await pull_down(self._site, self._menu)
        opener = self._opener()
        if opener is not None:
            await self._press(opener, f"control {self._kind}")
        try:
            await self._site.part(self.form.root)
        except ElementMissing as missing:
            await self._open_again(missing)
        await self.verify()

    async def _open_again(self, missing: ElementMissing) -> None:
        """Press once more where nothing came of it, as on a page whose scripts were late: to open changes nothing."""
        opener = self._opener()
        if opener is None or not await self._still_there(opener):
            raise missing
        try:
            await hand.press(opener, f"control {self._kind}")
        except ElementBlocked:
            raise missing from None  # something did come: another dialog than the one that was meant
        await self._site.part(self.form.root)

    async def _press(self, locator: Locator, what: str) -> None:
        """Press, and once more where a pop-up of the profile came to lie over it meanwhile."""
        try:
            await hand.press(locator, what)
        except ElementBlocked:
            if not await self._site.dismiss_popups():
                raise
            await hand.press(locator, what)

    async def _still_there(self, locator: Locator) -> bool:
        try:
            return await locator.count() == 1
        except PlaywrightError as fault:
            raise Transient(fault.message.splitlines()[0]) from fault

    def _opener(self) -> Locator | None:
        """Return the control that opens the form; None where the form stands on its page."""
        reviews = self._site.profile.pages.reviews
        if self._variant.page == "reviews" and reviews is not None:
            return answer_control(self._site, reviews, self._order_id)
        if self._variant.page == "tickets":
            return reply_control(self._site, self._ticket)
        if self._variant.page == "stock":
            return locate(row_of(self._site, self._sku), stock_page(self._site).row_open)
        return self._in_action_bar() if self._variant.opener else None

    def _in_action_bar(self) -> Locator:
        detail = self._site.profile.pages.detail
        bar = locate(self._site.frame, detail.action_bar)
        labels = self._site.words.labels("controls", self._variant.control or self._kind)
        controls = any_of(bar, detail.action) if self._menu is None else items_of(self._site, self._menu)
        if controls is None:
            raise ElementMissing("the profile names no actions")
        return controls.filter(has_text=whole(labels))

    async def verify(self) -> None:
        """Make sure that the form still names our order, our SKU, our ticket, whole, and no other.

        Raises:
            WrongOrder: it does not.
        """
        if self.form.order_id is not None:
            texts = await self._named(self.form.order_id)
            if order_ids_in(" ".join(texts)) != {self._order_id}:
                raise WrongOrder(f"the form of {self._kind} names {texts[:3]!r}, not order {self._order_id}")
        if self.form.sku is not None:
            self._check_sku(await self._named(self.form.sku))
        if self.form.ticket is not None:
            self._check_ticket(await self._named(self.form.ticket))

    def _check_sku(self, texts: Sequence[str]) -> None:
        if not self._sku or {normalised(text) for text in texts} != {self._sku}:
            raise WrongOrder(f"the form of {self._kind} names {texts[:3]!r}, not SKU {self._sku}")

    def _check_ticket(self, texts: Sequence[str]) -> None:
        if not self._ticket or {normalised(text) for text in texts} != {self._ticket}:
            raise WrongOrder(f"the form of {self._kind} names {texts[:3]!r}, not ticket {self._ticket}")

    async def _named(self, target: Target) -> list[str]:
        try:
            return await shown_values(locate(self.root, target))
        except PlaywrightError as fault:
            raise Transient(fault.message.splitlines()[0]) from fault

    async def fill(self, values: FormValues) -> dict[str, str]:
        """Fill in the form and return what stands in each field now.

        Raises:
            PageChanged: a field that is needed is not there, or does not offer what is wanted.
            NotOffered: a field does not offer what a person has named.
        """
        self._amount = (values.amounts or {}).get("amount")
        written: dict[str, str] = {}
        for name, field in self.form.fields.items():
            shown = await self._fill_one(name, field, values)
            if shown is not None:
                written[name] = shown
        unplaced = {name for name, text in values.texts.items() if text} - set(self.form.fields)
        if unplaced:
            raise PageChanged(f"form {self.name} has no field for {', '.join(sorted(unplaced))}")
        return written

    async def _fill_one(self, name: str, field: FormField, values: FormValues) -> str | None:
        target = locate(self.root, field.target, hidden=field.kind is FieldKind.FILES)
        what = f"field {name} of {self.name}"
        match field.kind:
            case FieldKind.TEXT:
                return await self._write(target, field, field.value or values.texts.get(name, ""), what)
            case FieldKind.SELECT | FieldKind.LISTBOX | FieldKind.RADIO:
                if name in values.kept and field.optional:
                    return await self._chosen(target, field, what)
                wanted = (field.value,) if field.value is not None else values.choices.get(name, ())
                return await self._choose(target, field, wanted, what, named=name in values.named)
            case FieldKind.FILES:
                if not values.files:
                    return _left_out(field, what)
                await hand.attach(target, values.files, what)
                return ", ".join(path.name for path in values.files)
            case FieldKind.CHECK:
                return await self._tick(target, field, len(values.quantities), what)
            case FieldKind.QUANTITIES:
                return await self._set_to_most(target, values.quantities, what)
            case FieldKind.SHOWN:
                return await self._shown(target, (values.amounts or {}).get(name), what)

    async def _set_to_most(self, target: Locator, quantities: tuple[str, ...], what: str) -> str:
        """Have each line's number be the most that it takes, which must be what the order has of that line."""
        boxes = await hand.come(target, what)
        most = [await hand.most(box, what) for box in boxes]
        if len(boxes) != len(quantities):
            raise PageChanged(f"{what}: there are {len(boxes)} boxes for {len(quantities)} lines")
        if any(quantities) and sorted(most) != sorted(quantities):
            raise PageChanged(f"{what}: take {most}, the lines of the order are {list(quantities)}")
        for box, number in zip(boxes, most, strict=True):
            if await self._values(box, what) != [number]:  # one that is set already may be locked
                await hand.write(box, number, what)
        if await self._values(target, what) != most:
            raise PageChanged(f"{what}: did not keep the numbers that were written")
        return " ".join(most)

    async def _values(self, target: Locator, what: str) -> list[str]:
        async with hand.touching(target, what):
            return await shown_values(target)

    async def _tick(self, target: Locator, field: FormField, items: int, what: str) -> str | None:
        ticked = bool(field.ticked)
        async with hand.touching(target, what):
            boxes = await target.all()
        if field.each_item and len(boxes) != items:
            raise PageChanged(f"{what}: there are {len(boxes)} boxes for {items} lines")
        if not boxes and field.optional:
            return None
        if not boxes:
            raise ElementMissing(f"{what}: not on the page")
        for box in boxes:
            await hand.tick(box, what, ticked=ticked)
        return "on" if ticked else "off"

    async def _write(self, target: Locator, field: FormField, text: str, what: str) -> str | None:
        if not text:
            return _left_out(field, what)
        if field.max_length is not None and len(text) > field.max_length:
            raise PageChanged(f"{what}: takes {field.max_length} characters, the text has {len(text)}")
        await hand.write(target, text, what)
        return text

    async def _choose(
        self, target: Locator, field: FormField, wanted: tuple[str, ...], what: str, *, named: bool
    ) -> str | None:
        if not wanted:
            return _left_out(field, what)
        if field.kind is FieldKind.LISTBOX:
            await self._press(target, what)
        options = await self._options(target, field, what)
        if field.own is not None and writes_its_own(field, options, wanted):
            label = normalised(wanted[0])
            await hand.write(locate(self.root, field.own.entry), label, what)
            text = field.own.option.replace("{label}", label)
        else:
            if named and options and not is_offered(options, wanted):
                raise NotOffered(f"{what}: offers {[normalised(option) for option in options]}, not {wanted[0]!r}")
            text = label = first_offered(options, wanted, what)
        match field.kind:
            case FieldKind.SELECT:
                raw = next(option for option in options if normalised(option) == label)
                await hand.choose(target, raw.strip(), what)
            case FieldKind.LISTBOX if field.options is not None:
                option = locate(self._site.frame, field.options).filter(has_text=whole([text]))
                await self._press(option, f"{what}: {label}")
                await self._kept(field, label, what)
            case _:
                await self._press(target.get_by_label(whole([label])), f"{what}: {label}")
        return label

    async def _chosen(self, target: Locator, field: FormField, what: str) -> str:
        """Return what a field shows as chosen that is left as it is, "" where that is nothing."""
        async with hand.touching(target, what):
            match field.kind:
                case FieldKind.SELECT:
                    options = await target.locator("option:checked:not([value=''])").all_text_contents()
                case FieldKind.LISTBOX:
                    options = await shown_texts(locate(self.root, field.chosen or field.target))
                case _:
                    options = await shown_texts(target.locator("label:has(:checked)"))
        if len(options) > 1:
            raise PageUnreadable(f"{what}: shows {len(options)} as chosen, expected one")
        return normalised("".join(options))

    async def _options(self, target: Locator, field: FormField, what: str) -> list[str]:
        if field.kind is FieldKind.SELECT:
            async with hand.touching(target, what):
                offered = await target.inner_text()  # a line for each option
            return [text for text in offered.splitlines() if normalised(text)]
        if field.options is not None:
            found = await self._site.part(field.options)
        else:
            found = target.locator("label")
        async with hand.touching(found, what):
            return [text for text in await shown_texts(found) if normalised(text)]

    async def _kept(self, field: FormField, label: str, what: str) -> None:
        target = locate(self.root, field.chosen or field.target)
        async with hand.touching(target, what):
            if [normalised(text) for text in await shown_texts(target)] != [label]:
                raise PageChanged(f"{what}: {label!r} was chosen and is not shown")

    async def _shown(self, target: Locator, amount: int | None, what: str) -> str:
        async with hand.touching(target, what):
            values = await shown_values(target)
        if len(values) != 1:
            raise PageUnreadable(f"{what}: is shown {len(values)} times, expected once")
        (text,) = values
        shown = self._site.words.money(text)
        if amount is not None and shown != amount:
            raise PageUnreadable(f"{what}: shows {text!r}, expected {amount} fen")
        return normalised(text)

    async def confirm(self) -> None:
        """Press the last button; from here on only the request gate stands between us and the portal.

        Raises:
            PageUnreadable: its name holds an amount, and not the act's.
            PageChanged: the browser asked something that the profile does not tell, or did not ask what it tells.
        """
        self._site.expect_navigation()
        if not self.form.asked:
            await self._press_last()
            return
        async with self._site.questions.answering([text.replace(IN_TEXT, self._order_id) for text in self.form.asked]):
            await self._press_last()

    async def _press_last(self) -> None:
        button, what = self.form.confirm, f"button {described(self.form.confirm)}"
        amount = self._amount_in_name()
        try:
            await self._press(locate(self.root, button, amount=amount), what)
        except ElementMissing:
            shown = await self._texts(locate(self.root, button), what)
            if amount == ANY_AMOUNT or not shown:
                raise
            raise PageUnreadable(f"{what}: shows {shown[0]!r}, expected {self._amount} fen") from None

    def _amount_in_name(self) -> str:
        """Return what has to stand for an amount in the last button's name: the act's own."""
        if not any(AMOUNT_IN_NAME in name for name in self.form.confirm.name):
            return ANY_AMOUNT
        if self._amount is None:
            raise PageChanged(f"button {described(self.form.confirm)}: names an amount, and the act has none")
        return self._site.words.amount_pattern(Fen(self._amount))

    async def _texts(self, target: Locator, what: str) -> list[str]:
        async with hand.touching(target, what):
            return await shown_texts(target)

    def refuse_questions(self) -> None:
        """Refuse a form at which the browser has asked what the profile does not tell.

        Raises:
            PageChanged: it has; the question was dismissed, so that nothing came of it.
        """
        if asked := self._site.questions.take_dismissed():
            raise PageChanged(
                f"the browser asked {asked[0]!r} at {self.name}, and the profile tells of no such question"
            )

    async def follow(self) -> "ActForm":
        """Go on from a filled form to the next one of the act, which must be this order's, too.

        Nothing may leave the browser for it but what the profile lists as a read: no request is expected yet.

        Raises:
            ElementMissing, ElementAmbiguous, ElementBlocked: there is no way on, or what comes is not the next form.
            WrongOrder: the next form names another order.
        """
        following = ActForm(
            self._site,
            self._kind,
            self._variant,
            self._order_id,
            sku=self._sku,
            ticket=self._ticket,
            name=self.form.then,
        )
        await self.confirm()
        try:
            await self._site.part(following.form.root)
        except ElementMissing:
            self.refuse_questions()
            raise
        await following.verify()
        return following

    async def dismiss(self) -> None:
        """Leave the form without doing anything, where it has a button for that.

        Raises:
            ElementMissing: it has none.
        """
        if self.form.dismiss is None:
            raise ElementMissing(f"form {self.name} names no button that dismisses it")
        await hand.press(locate(self.root, self.form.dismiss), f"button {described(self.form.dismiss)}")

    async def options_of(self, name: str) -> list[str]:
        """Return what a choice field of the open form offers (for ``doctor``)."""
        field: FormField = self.form.fields[name]
        target = locate(self.root, field.target)
        if field.kind is FieldKind.LISTBOX:
            await hand.press(target, name)
        return [normalised(text) for text in await self._options(target, field, name)]


def _left_out(field: FormField, what: str) -> str | None:
    if not field.optional:
        raise PageChanged(f"{what}: needs a value and the act brings none")
    return None


def writes_its_own(field: FormField, options: Sequence[str], wanted: Sequence[str]) -> bool:
    """Return whether a field offers none of the wanted labels, and takes others than it offers."""
    return field.own is not None and not is_offered(options, wanted)


def is_offered(options: Sequence[str], wanted: Sequence[str]) -> bool:
    """Return whether any of the wanted labels is offered."""
    return bool(set(map(normalised, options)) & set(map(normalised, wanted)))


def first_offered(options: list[str], wanted: tuple[str, ...], what: str) -> str:
    """Return the first wanted label that is offered exactly once.

    Raises:
        PageChanged: none is offered, or one is offered twice.
    """
    offered = [normalised(option) for option in options]
    for label in wanted:
        matches = offered.count(normalised(label))
        if matches == 1:
            return normalised(label)
        if matches > 1:
            raise PageChanged(f"{what}: {label!r} is offered {matches} times")
    raise PageChanged(f"{what}: offers {offered}, none of {list(wanted)}")
