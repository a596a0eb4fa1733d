"""An act's form: opened for its order, filled in and looked at again, step by step up to the last click."""

from typing import TYPE_CHECKING

from agent.domain.acts import Act, ActKind
from agent.domain.money import format_yuan
from agent.domain.orders import Order
from agent.errors import NotSent, PageChanged, SignedOut
from page_objects.form import ActForm, FormValues
from page_objects.profile import ActVariant, FieldKind
from page_objects.requests import pieces_in
from page_objects.stock import read_stock
from page_objects.thread import read_tickets

if TYPE_CHECKING:
    from agent.engine.run import Run

RETURN_ADDRESS = "return_address"  # field of a form: where goods go back to, as the shop wants it or the portal has it


def variant_for(run: "Run", act: Act, order: Order) -> ActVariant:
    """Return the one way in which the profile does this act in this state.

    Raises:
        PageChanged: it has none, or more than one.
    """
    found = [
        variant
        for variant in run.shop_run.loaded.profile.acts.get(act.kind, ())
        if variant.fits(run.case.role, order.state, order.pay_state)
    ]
    if len(found) != 1:
        raise PageChanged(f"the profile has {len(found)} ways to {act.kind} as {run.case.role} at {order.state}")
    return found[0]


async def prepare_signed_in(run: "Run", act: Act, order: Order, variant: ActVariant) -> tuple[ActForm, dict[str, str]]:
    """Prepare the form; where the portal has led us elsewhere meanwhile, say so instead of what was missing then.

    Raises:
        NotSent: the session had ended; it is signed in again, and the next pass may act.
    """
    epoch = run.session.epoch
    try:
        try:
            return await _prepare(run, act, order, variant)
        except PageChanged:
            await run.lane.site.check()
            raise
    except SignedOut as fault:
        await run.session.sign_in(run.lane, seen_epoch=epoch)
        raise NotSent(f"{act.kind}: the session had ended before anything was sent; signed in again") from fault


async def _prepare(run: "Run", act: Act, order: Order, variant: ActVariant) -> tuple[ActForm, dict[str, str]]:
    if variant.page == "ticket_form":
        page = run.shop_run.loaded.profile.pages.ticket_form
        if page is None:
            raise PageChanged("the profile has no [pages.ticket_form]")
        await run.look(lambda: run.lane.site.open(page, order.order_id))
    sku = str(act.fields["sku"]) if act.kind is ActKind.SET_STOCK else ""
    if sku:
        await run.look(lambda: read_stock(run.lane.site, sku, order.order_id))
    ticket = str(act.fields["ticket"]) if act.kind is ActKind.REPLY_TICKET else ""
    if ticket:
        await run.look(lambda: read_tickets(run.lane.site, order.order_id))
    form = ActForm(run.lane.site, act.kind, variant, order.order_id, sku=sku, ticket=ticket)
    await form.open()
    written = await _filled(run, act, order, form)
    while form.form.then is not None:
        await run.recorder.picture(
            run.lane.site, f"{act.purpose}-{form.name}", f"filled in, before the next step: {act.kind}"
        )
        form = await form.follow()
        written |= await _filled(run, act, order, form)
    return form, written


async def _filled(run: "Run", act: Act, order: Order, form: ActForm) -> dict[str, str]:
    values = await _values(run, act, order, form)
    written = await form.fill(values)
    await form.verify()
    for name in sorted(values.kept & set(written)):  # nobody has named it: what goes out has to be told by the page
        run.recorder.note("left_as_shown", {"field": name, "text": written[name] or "-"})
    return written


async def _values(run: "Run", act: Act, order: Order, form: ActForm) -> FormValues:
    """Return what goes into the form: the act's texts, the reason's labels, the files of the evidence pack."""
    profile = run.shop_run.loaded.profile
    reason = profile.reason_words(run.case.reason)
    texts: dict[str, str] = {
        name: str(act.fields[name])
        for name in ("text", "title", "stock", "number")
        if name in act.fields and name in form.form.fields
    }
    remark = run.case.note or reason.remark or ""
    if "remark" in form.form.fields and remark:
        texts["remark"] = remark
    amount = form.form.fields.get("amount")
    if amount is not None and amount.kind is FieldKind.TEXT:
        texts["amount"] = format_yuan(act.amount)
    choices = {
        name: _named(run, act, name, reason.labels)
        for name, field in form.form.fields.items()
        if field.kind in {FieldKind.SELECT, FieldKind.LISTBOX, FieldKind.RADIO} and field.value is None
    }
    files = run.attached(act.fields.get("files", ()))
    amounts = {"amount": act.amount} if act.amount else None
    return FormValues(
        texts=texts,
        choices=choices,
        named=frozenset(name for name in choices if name in act.fields or name == RETURN_ADDRESS),
        kept=frozenset(name for name, labels in choices.items() if name == RETURN_ADDRESS and not labels),
        files=files,
        amounts=amounts,
        quantities=_quantities(run, act, order),
    )


def _named(run: "Run", act: Act, name: str, reasons: tuple[str, ...]) -> tuple[str, ...]:
    """Return what is to be chosen in a field; nothing leaves what the portal has chosen."""
    if name == RETURN_ADDRESS:
        wished = run.shop_run.shop.return_address
        return () if wished is None else (wished,)
    return (str(act.fields[name]),) if name in act.fields else reasons


def _quantities(run: "Run", act: Act, order: Order) -> tuple[str, ...]:
    """Return how many pieces of each line are meant: as the portal's answer names them, where the request will."""
    rows = run.shop_run.loaded.profile.requests[variant_for(run, act, order).request].rows
    if not rows:
        return tuple(item.quantity for item in order.items)
    return tuple(pieces_in(line) for name, line in order.parts if name in rows)
