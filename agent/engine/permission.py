"""Our own gate before an act: what the shop and a person allow, and what the profile may be trusted with."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from agent.domain.acts import COUNTED, Act, ActKind
from agent.domain.cases import Case, Consent, Role
from agent.domain.chain import canonical
from agent.domain.consent import has_expired
from agent.domain.money import format_yuan
from agent.domain.orders import Order, OrderState, RefundState
from agent.domain.reasons import Reason
from agent.engine.shop_run import ShopRun
from agent.errors import ApprovalNeeded, NotAllowed, NotAuthorised, PathStopped, Stopped, TooManyChats
from agent.store import approvals, breakers, intents, limits, stops
from page_objects.loader import LoadedProfile
from page_objects.profile import ORDER_KEY, ActVariant, Profile
from page_objects.requests import all_pieces


@dataclass(frozen=True, slots=True)
class Bound:
    """The exact terms that an approval or an intent is bound to."""

    terms: dict[str, Any]

    @property
    def sha256(self) -> str:
        """What an approval names."""
        return hashlib.sha256(canonical(self.terms)).hexdigest()


def bound_terms(case: Case, act: Act, order: Order) -> Bound:
    """Return what somebody who approves this act approves of."""
    terms: dict[str, Any] = {
        "order_id": case.order_id,
        "act": act.kind.value,
        "purpose": act.purpose,
        "amount_fen": act.amount,
        "state": order.state.value,
        "reason": case.reason.value,
        "refund_id": order.refund.refund_id,
        "items": [f"{item.sub_order_id} {item.quantity}" for item in order.items],
    }
    if order.refunded is not None:
        terms["refunded_fen"] = order.refunded + order.going_back
    if act.kind is ActKind.SET_STOCK:
        terms |= {name: act.fields[name] for name in ("sku", "stock", "was")}
    if act.kind is ActKind.REPLY_TICKET:
        terms |= {name: act.fields[name] for name in ("ticket", "heard")}
    return Bound(terms)


def check_before(run: ShopRun, case: Case, act: Act, order: Order, variant: ActVariant) -> None:
    """Check everything that needs no transaction.

    Raises:
        NotAllowed: the shop's rules do not have this reason, or not this much for one order.
        NotAuthorised: consent is missing, a message is too long, or the profile is not confirmed for this act.
    """
    if case.reason not in run.shop.allowed_reasons:
        raise NotAllowed(f"reason {case.reason} is not among the shop's allowed_reasons")
    most = run.limits.amount_per_order
    if act.kind in COUNTED and most is not None and act.amount > most:
        raise NotAllowed(f"{format_yuan(act.amount)} yuan is above amount_per_order ({format_yuan(most)})")
    if needs_consent(act.kind, order, run.account.role) and not _consented(run, case, order):
        raise NotAuthorised(f"{act.kind} of a paid order needs the counterparty's consent")
    _check_length(run, act)
    _check_form_length(run, act, variant)
    _check_remark(run, case, variant)
    check_confirmed(run, case, act.kind, variant)
    if run.loaded.profile.identity is None:
        name = run.loaded.profile.name
        raise NotAuthorised(f"profile {name} has no [identity]: nothing on a page would say whose shop we act in")


def _check_length(run: ShopRun, act: Act) -> None:
    most, text = run.loaded.profile.message_limit, str(act.fields.get("text", ""))
    if act.kind is ActKind.SEND_MESSAGE and len(text) > most:
        raise NotAuthorised(
            f"the message has {len(text)} characters, and the portal takes {most}: shorten its template"
        )


def _check_form_length(run: ShopRun, act: Act, variant: ActVariant) -> None:
    """Refuse a text that the act's form would not take: a person has to make it fit, since nobody may cut it."""
    text = str(act.fields.get("text", ""))
    forms = (run.loaded.profile.forms[name] for name in run.loaded.profile.forms_of(variant))
    for field in (form.fields["text"] for form in forms if "text" in form.fields):
        least, most = field.min_length or 0, field.max_length
        if most is not None and not least <= len(text) <= most:
            raise NotAuthorised(
                f"the text of {act.kind} has {len(text)} characters, and the portal takes {least} to {most}: change its"
                " template in messages, or ask with another note"
            )


def _check_remark(run: ShopRun, case: Case, variant: ActVariant) -> None:
    """Refuse a note that the act's form would not take as its remark: that is no fault of the page."""
    forms = (run.loaded.profile.forms[name] for name in run.loaded.profile.forms_of(variant))
    for field in (form.fields["remark"] for form in forms if "remark" in form.fields):
        if field.max_length is not None and len(case.note) > field.max_length:
            raise NotAuthorised(
                f"the note has {len(case.note)} characters, and the portal takes {field.max_length} as a remark: ask"
                " with a shorter one"
            )


def needs_consent(kind: ActKind, order: Order, role: Role) -> bool:
    """Return whether an act may only follow the counterparty's agreement."""
    if role is Role.PURCHASER and order.state is OrderState.PAID:
        return False  # applying for a refund *is* how a purchaser asks the supplier before shipping
    if kind in {ActKind.AGREE_REFUND, ActKind.AGREE_RETURN} and order.refund.state is not RefundState.NONE:
        return False  # the buyer has applied for it
    return kind in COUNTED and order.state is not OrderState.UNPAID


def _consented(run: ShopRun, case: Case, order: Order) -> bool:
    if has_expired(case, order, run.shop.consent_valid, run.clock()):
        return False
    return case.consent is Consent.PROVED or (case.consent is Consent.DECLARED and run.shop.consent == "declared")


def check_confirmed(run: ShopRun, case: Case, kind: ActKind, variant: ActVariant) -> None:
    """Refuse to act through entries of the profile that nobody has confirmed on this shop.

    Raises:
        NotAuthorised: naming the entries and the command that confirms them.
    """
    if unconfirmed_reads(run.loaded, run.confirmed):
        raise NotAuthorised(unread_words(run))
    open_acts = sorted(acting_entries(run.loaded, kind, variant, case.reason) - run.confirmed)
    if open_acts and run.supervise is None:
        shown = ", ".join(open_acts[:5]) + (" …" if len(open_acts) > 5 else "")  # noqa: PLR2004
        raise NotAuthorised(
            f"profile {run.loaded.profile.name} is unverified for {kind} ({shown}): confirm it on one order with"
            f" 'closewright close ORDER --shop {run.name} --reason R --supervised'"
        )


def unread_words(run: ShopRun) -> str:
    """Return what to tell a person about unconfirmed reading entries."""
    missing = sorted(unconfirmed_reads(run.loaded, run.confirmed))
    return (
        f"profile {run.loaded.profile.name}: {len(missing)} unverified reading entries are not confirmed on this shop"
        f" ({', '.join(missing[:5])}{' …' if len(missing) > 5 else ''}):"  # noqa: PLR2004
        f" run 'closewright doctor --shop {run.name}' first"
    )


def unconfirmed_reads(loaded: LoadedProfile, confirmed: frozenset[str]) -> frozenset[str]:
    """Return the reading entries that doctor still has to confirm."""
    return loaded.unverified_read - confirmed


def acting_entries(loaded: LoadedProfile, kind: ActKind, variant: ActVariant, reason: Reason) -> frozenset[str]:
    """Return the unverified entries that an act leans on and only an act can confirm."""
    forms = (f"forms.{name}" for name in loaded.profile.forms_of(variant))
    requests = (f"requests.{name}" for name in variant.requests)
    roots = (f"acts.{kind}", *forms, f"reasons.{reason}", *requests)
    return frozenset(
        entry for entry in loaded.unverified_act if any(entry == root or entry.startswith(root + ".") for root in roots)
    )


def check_and_reserve(
    tx: Connection, run: ShopRun, case: Case, act: Act, *, order: Order, intent: intents.Intent
) -> None:
    """Check what only holds inside the intent's own transaction, and count the act against the limits.

    Raises:
        Stopped: the kill switch is on, or a limit is used up.
        PathStopped: the path's breaker is open.
        ApprovalNeeded: nobody has approved these exact terms.
        NotAuthorised: the order is above what one order may have.
        TooManyChats: another conversation must not begin yet.
    """
    now = run.clock()
    stop = stops.active(tx, run.name)
    if stop is not None:
        raise Stopped(f"stopped: {stop.why}")
    breaker = breakers.open_breaker(tx, run.name, case.path or "")
    if breaker is not None:
        raise PathStopped(f"the breaker of path {case.path} is open: {breaker.fault}")
    if act.kind is ActKind.SEND_MESSAGE:
        _check_chats(tx, run, intent, now)
    if act.kind not in COUNTED:
        return
    if act.amount > run.shop.limits.approve_above:
        approval = approvals.usable(tx, case.case_id, bound_terms(case, act, order).sha256, now)
        if approval is None:
            said = f"{format_yuan(act.amount)} yuan is above approve_above"
            raise ApprovalNeeded(said, terms=bound_terms(case, act, order).terms)
        approvals.consume(tx, approval.approval_id, intent.intent_id, now)
    day = run.portal_now().date()
    limits.reserve(
        tx,
        shop=run.name,
        day=day,
        run_id=run.run_id,
        intent_id=intent.intent_id,
        amount=act.amount,
        rules=run.limits,
    )


def _check_chats(tx: Connection, run: ShopRun, intent: intents.Intent, now: datetime) -> None:
    chats = run.loaded.profile.new_chats
    if chats is None:
        return
    within = timedelta(seconds=chats.within_s)
    begun = intents.chats_begun(tx, intent, since=now - within)
    if len(begun) >= chats.most:
        raise TooManyChats(
            f"the portal lets {chats.most} conversations begin within {chats.within_s:g} s",
            after=max(begun[-chats.most] + within - now, timedelta(seconds=1)),
        )


def wanted_keys(profile: Profile, order: Order) -> dict[str, set[str]]:
    """Return the keys that a request may carry: those of this order alone; where none is known, none fits."""
    keyed = profile.pages.detail.key
    if keyed is None:
        return {}
    parts = {name: {key for named, key in order.parts if named == name} for name in keyed.parts}
    lines = {name: {all_pieces([each for named, each in order.parts if named == name])} for name in keyed.lines}
    return {ORDER_KEY: {order.key} - {""}, **parts, **{name: told - {""} for name, told in lines.items()}}


def quiet_for(run: ShopRun) -> timedelta | None:
    """Return how long the quiet hours still last, or None outside of them."""
    quiet = run.shop.quiet_hours
    now = run.portal_now()
    if quiet is None or not quiet.hold(now.time()):
        return None
    end = now.replace(hour=quiet.end.hour, minute=quiet.end.minute, second=0, microsecond=0)
    return (end if end > now else end + timedelta(days=1)) - now


def expected_fields(
    run: ShopRun, case: Case, act: Act, order: Order, written: Mapping[str, str]
) -> dict[str, set[str]]:
    """Return what the held request must carry, by canonical field; several values are alternatives."""
    wanted: dict[str, set[str]] = {"order_id": {case.order_id}}
    if "reason" in written:
        wanted["reason"] = set(run.loaded.profile.reason_words(case.reason).codes)
    if act.amount:
        wanted["amount_fen"] = {str(act.amount)}
        wanted["amount_yuan"] = {format_yuan(act.amount), format_yuan(act.amount).removesuffix(".00")}
    if order.refund.refund_id:
        wanted["refund_id"] = {order.refund.refund_id}
    if act.kind is ActKind.SET_STOCK:
        wanted |= {name: {str(act.fields[name])} for name in ("sku", "stock")}
    if act.kind is ActKind.REPLY_TICKET:
        wanted["ticket"] = {str(act.fields["ticket"])}
    if act.kind is ActKind.SEND_RETURN:
        wanted |= {name: {str(act.fields[name])} for name in ("carrier", "number")}
    if "return_address" in written:  # the one that we chose, or that the page shows as chosen
        wanted["return_address"] = {written["return_address"]}
    wanted |= wanted_keys(run.loaded.profile, order)
    for field in ("remark", "text", "title"):
        text = written.get(field, "")  # what we did not write must not be there
        wanted[field] = {text, text.replace("\n", "\r\n")}
    return wanted
