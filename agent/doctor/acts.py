"""The forms of acts: opened for one order, looked at, and left again; their last button is never pressed."""

from collections.abc import Sequence

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Locator

from agent.doctor.book import form_aims
from agent.doctor.looks import Visitor, matches
from agent.doctor.order_page import SeenOrder, opened
from agent.doctor.sheet import shown
from agent.doctor.stock import visit_stock
from agent.domain.acts import ActKind
from agent.domain.ids import OrderId
from agent.errors import PageChanged, PageUnreadable, Transient, WrongOrder
from page_objects.form import ActForm, writes_its_own
from page_objects.locate import any_of, locate, normalised, whole
from page_objects.menus import labels_of
from page_objects.profile import ActVariant, FieldKind
from page_objects.reading import shown_values

_CHOICES = {FieldKind.SELECT, FieldKind.LISTBOX, FieldKind.RADIO}
Way = tuple[ActKind, ActVariant]


def ways_at(visitor: Visitor, order: SeenOrder) -> list[Way]:
    """Return the acts that this order's page offers to our role, with how the profile does them."""
    role = visitor.site.account.role
    return [
        (kind, variant)
        for kind, variants in visitor.profile.acts.items()
        for variant in variants
        if variant.page == "detail" and kind.value in order.controls
        if variant.fits(role, order.state, order.pay_state)
    ]


def ways_without_opener(visitor: Visitor) -> list[Way]:
    """Return the acts whose forms stand on other pages than the order's."""
    role = visitor.site.account.role
    return [
        (kind, variant)
        for kind, variants in visitor.profile.acts.items()
        for variant in variants
        if variant.page not in {"detail", "reviews", "tickets"} and not variant.opener and variant.menu is None
        if role in variant.roles
    ]


def ways_to_answer(visitor: Visitor) -> list[Way]:
    """Return the acts whose forms open from a review, which not every order has."""
    role = visitor.site.account.role
    return [
        (kind, variant)
        for kind, variants in visitor.profile.acts.items()
        for variant in variants
        if variant.page == "reviews" and role in variant.roles
    ]


def ways_to_reply(visitor: Visitor) -> list[Way]:
    """Return the acts whose forms open from a ticket, which not every order has."""
    role = visitor.site.account.role
    return [
        (kind, variant)
        for kind, variants in visitor.profile.acts.items()
        for variant in variants
        if variant.page == "tickets" and role in variant.roles
    ]


def ways_with_stock(visitor: Visitor) -> list[Way]:
    """Return the acts whose form is opened in the row of a SKU."""
    role = visitor.site.account.role
    return [
        (kind, variant)
        for kind, variants in visitor.profile.acts.items()
        for variant in variants
        if variant.page == "stock" and role in variant.roles
    ]


async def visit_act(
    visitor: Visitor, way: Way, order_id: OrderId, state: str = "", *, sku: str = "", ticket: str = ""
) -> None:
    """Open one act's form for an order, for its SKU or for its ticket, look at everything in it, and leave it."""
    kind, variant = way
    where = f"{kind} of order {order_id}"
    key = f"form {kind} {state}".rstrip()
    form = await _opened(visitor, way, order_id, where, sku=sku, ticket=ticket)
    if form is None:
        return
    visitor.sheet.found(f"acts.{kind}", where)
    await _elements(visitor, form, variant.form, where)
    lists = [name for name, field in form.form.fields.items() if field.kind is FieldKind.LISTBOX]
    options = {
        name: await _field(visitor, form, variant.form, name, where) for name in form.form.fields if name not in lists
    }
    await visitor.book.form(visitor, key, where, form, act=kind.value, name=variant.form)
    await _leave(visitor, form, variant, where)
    for name in lists:  # each in a form opened anew: a list that hangs open may cover the rest of its form
        again = await _opened(visitor, way, order_id, where, sku=sku, ticket=ticket)
        if again is not None:
            options[name] = await _field(visitor, again, variant.form, name, where)
            await visitor.book.picture(visitor, key, where, form_aims(visitor, again, variant.form))
    for name, offered in options.items():
        if offered:
            visitor.book.options(key, name, offered)
    visitor.book.left(key)


async def _opened(
    visitor: Visitor, way: Way, order_id: OrderId, where: str, *, sku: str, ticket: str
) -> ActForm | None:
    """Return the form of an act, opened on a fresh page; None where it did not open as the profile tells."""
    if not await _on_its_page(visitor, way, order_id, where, sku):
        return None
    kind, variant = way
    form = ActForm(visitor.site, kind, variant, order_id, sku=sku, ticket=ticket)
    base = f"forms.{variant.form}"
    if variant.opener:
        visitor.book.begin()
    try:
        await form.open()
    except WrongOrder as fault:
        await visitor.once(f"{base}.root", visitor.site.frame, form.form.root, where)
        named = "order_id" if form.form.sku is None else "sku"
        visitor.sheet.missing(f"{base}.{named}", where, shown(str(fault)))
        await visitor.book.trouble(visitor, where, {f"{base}.{named}": form.form.root})
        return None
    except (PageChanged, Transient) as fault:
        broken = f"acts.{kind}" if await matches(form.root) else f"{base}.root"
        visitor.wrong(broken, where, fault)
        if visitor.sheet.wrong_at(where):
            await visitor.book.trouble(visitor, where, {broken: visitor.profile.pages.detail.action_bar})
        return None
    return form if await visitor.once(f"{base}.root", visitor.site.frame, form.form.root, where) else None


async def _on_its_page(visitor: Visitor, way: Way, order_id: OrderId, where: str, sku: str) -> bool:
    kind, variant = way
    if variant.page == "stock":
        return await visit_stock(visitor, order_id, sku)
    if variant.page != "detail":
        page = getattr(visitor.profile.pages, variant.page)
        came = await visitor.arrive(variant.page, page, lambda: visitor.site.open(page, order_id), where)
        return came is not None
    detail = visitor.profile.pages.detail
    came = await visitor.arrive("detail", detail, lambda: opened(visitor, order_id), where)
    if came is None:
        return False
    labels = visitor.site.words.labels("controls", variant.control or kind)
    if variant.menu is not None:
        offered = [normalised(label) for label in await labels_of(visitor.site, detail.menus[variant.menu])]
        return visitor.sheet.count(f"acts.{kind}", sum(label in labels for label in offered), where, needed=False)
    controls = any_of(locate(came, detail.action_bar), detail.action)
    found = 0 if controls is None else await matches(controls.filter(has_text=whole(labels)))
    return visitor.sheet.count(f"acts.{kind}", found, where, needed=False)


async def _elements(visitor: Visitor, form: ActForm, name: str, where: str) -> None:
    base = f"forms.{name}"
    await visitor.once(f"{base}.order_id", form.root, form.form.order_id, where)
    await visitor.once(f"{base}.sku", form.root, form.form.sku, where)
    await visitor.once(f"{base}.ticket", form.root, form.form.ticket, where)
    await visitor.once(f"{base}.confirm", form.root, form.form.confirm, where)
    await visitor.once(f"{base}.dismiss", form.root, form.form.dismiss, where)
    if form.form.notice is not None:
        await visitor.texts(f"{base}.notice", visitor.site.frame, form.form.notice, where, needed=False)


async def _field(visitor: Visitor, form: ActForm, form_name: str, name: str, where: str) -> Sequence[str]:
    """Look at one field, and return what it offers to choose from."""
    entry = f"forms.{form_name}.fields.{name}"
    field = form.form.fields[name]
    target = locate(form.root, field.target, hidden=field.kind is FieldKind.FILES)
    several = field.kind is FieldKind.QUANTITIES or (field.kind is FieldKind.CHECK and field.each_item)
    if not visitor.sheet.count(entry, await matches(target), where, several=several):
        return ()
    if field.kind is FieldKind.SHOWN:
        await _amount(visitor, entry, target, where)
    if field.kind not in _CHOICES:
        return ()
    try:
        options = await form.options_of(name)
    except (PageChanged, Transient) as fault:
        visitor.wrong(entry, where, fault)
        return ()
    if field.value is not None:
        _offered(visitor, entry, (field.value,), options, where)
        return options
    for reason, words in visitor.profile.reasons.items():
        if not writes_its_own(field, options, words.labels):
            _offered(visitor, f"reasons.{reason}", words.labels, options, where)
    return options


def _offered(visitor: Visitor, entry: str, labels: Sequence[str], options: list[str], where: str) -> None:
    """Write down whether the first label that is offered is offered once, which is the one that would be chosen."""
    counts = [options.count(normalised(label)) for label in labels]
    first = next((count for count in counts if count), 0)
    if first == 0:
        offered = ", ".join(shown(option) for option in options)
        visitor.sheet.missing(entry, where, f"none of its labels is offered; offered are: {offered}")
    visitor.sheet.count(entry, first, where)


async def _amount(visitor: Visitor, entry: str, target: Locator, where: str) -> None:
    """Read what the form shows already: a field's value, or the text of anything else."""
    try:
        visitor.site.words.money(" ".join(await shown_values(target)))
    except PlaywrightError as fault:
        raise Transient(fault.message.splitlines()[0]) from fault
    except PageUnreadable as fault:
        visitor.sheet.missing(entry, where, shown(str(fault)))


async def _leave(visitor: Visitor, form: ActForm, variant: ActVariant, where: str) -> None:
    """Dismiss the form; where that cannot be done, opening the next page leaves it as well."""
    if form.form.dismiss is None:
        return
    try:
        await form.dismiss()
        await form.root.wait_for(state="hidden", timeout=visitor.profile.arrive_s * 1000)
    except (PageChanged, Transient) as fault:
        visitor.wrong(f"forms.{variant.form}.dismiss", where, fault, "does not dismiss the form: ")
    except PlaywrightError as fault:
        said = fault.message.splitlines()[0]
        visitor.sheet.missing(
            f"forms.{variant.form}.dismiss", where, f"was pressed and the form is still there: {said}"
        )
