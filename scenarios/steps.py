"""Which path a case is on, and what its decision has to look at first."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypedDict

from agent.domain.acts import Act, ActKind, End, Verdict, Wait
from agent.domain.cases import Consent, Outcome, Path, WaitingFor
from agent.domain.consent import Answer, Reading, has_expired, read_answer
from agent.domain.orders import Order, OrderState, Ticket, TicketState
from agent.domain.returns import DISPUTE_WORD, REFUSAL, SENT_BACK, SentBack
from agent.domain.rules import RULE, Rule
from agent.domain.tickets import ASKED
from agent.engine.attaching import fitting, limits_of
from agent.engine.run import CONSENT_FROM_THREAD, GOODS, LISTED, ORDERED_AT, PARCEL_WORD, Run
from agent.engine.shop_run import Mode
from scenarios.common import ENDING_ACTS, over_or_untouchable
from scenarios.deadlines import before_deadline, deadline_of
from scenarios.facts import Facts, terms_of
from scenarios.paid_unshipped import ASK, TICKET, paid_unshipped
from scenarios.returning import keep_seen
from scenarios.rule import left_by_rule
from scenarios.shipped import NEGOTIATE, shipped
from scenarios.stock_looks import keep_before
from scenarios.ticket import ticket
from scenarios.unpaid import REMIND, unpaid

REMINDED_AT = "reminded_at"


class _Pictures(TypedDict):
    pictures: int
    pictures_wanted: bool
    pictures_unfit: str


_TICKET_WORDS, _TICKET_LINES = 500, 20  # of a ticket's thread, shown to the person who decides
_PATHS = {OrderState.UNPAID: Path.UNPAID, OrderState.PAID: Path.PAID_UNSHIPPED, OrderState.SHIPPED: Path.SHIPPED}


async def next_step(run: Run) -> Verdict:
    """Look at the order and decide the next step; may be called again after an act, and may be killed at any line."""
    verdict = await _decided(run)
    if isinstance(verdict, Act):
        await keep_before(run, facts_of(run, await run.order()), verdict)
    if not isinstance(verdict, Wait):
        return verdict
    shop, now = run.shop_run.shop, run.shop_run.clock()
    usual = shop.waits.of(verdict.waiting_for)
    return before_deadline(verdict, run.case.deadline, now=now, warn=shop.warn_before, usual=usual)


async def _decided(run: Run) -> Verdict:
    order = await run.order()
    facts = facts_of(run, order)
    changed = _changed_since_listed(run, facts)
    _bind(run, order)
    if changed is not None:
        return changed
    facts = facts_of(run, order)
    left = left_by_rule(facts)
    if left is not None:
        return left
    match run.case.path:
        case Path.UNPAID:
            return unpaid(facts)
        case Path.PAID_UNSHIPPED:
            if facts.did(ActKind.FILE_TICKET):
                run.case = replace(run.case, path=Path.TICKET)
                return await _ticket(run, facts)
            reading = await _reading(run, facts, ASK)
            return paid_unshipped(facts_of(run, order), reading)
        case Path.SHIPPED:
            reading = await _reading(run, facts, NEGOTIATE)
            return shipped(facts_of(run, order), reading)
        case Path.TICKET:
            return await _ticket(run, facts)
        case None:
            verdict = over_or_untouchable(facts)
            return verdict or End(Outcome.HANDED_OVER, f"no path handles an order that is {order.state}")


def facts_of(run: Run, order: Order) -> Facts:
    """Return what decisions about a case may look at."""
    shop = run.shop_run.shop
    return Facts(
        case=run.case,
        order=order,
        role=run.case.role,
        consent=run.case.consent,
        now=run.shop_run.clock(),
        min_age=run.min_age,
        done=run.done,
        parcel_word=bool(run.case.facts.get(PARCEL_WORD)),
        dispute_said=shop.dispute == "at_once" or _dispute_said(run),
        **_pictures(run, order),
        sent_back=SentBack(**run.case.facts[SENT_BACK]) if SENT_BACK in run.case.facts else None,
        proof_wanted=shop.consent == "proof",
        texts={name: text for name, text in shop.messages if text},
        possible=run.shop_run.loaded.profile.acts_of(run.case.role),
        rule=Rule.from_json(run.case.facts[RULE]) if RULE in run.case.facts else None,
        never=run.shop_run.never,
        reminded_at=_reminded_at(run),
        wishes=shop.wishes,
        tickets=shop.ticket_wishes,
        consent_expired=has_expired(run.case, order, shop.consent_valid, run.shop_run.clock()),
    )


def _dispute_said(run: Run) -> bool:
    """Return whether a person has said to take this very refusal to the platform."""
    refusal = run.case.facts.get(REFUSAL)
    return refusal is not None and run.case.facts.get(DISPUTE_WORD) == refusal


def _pictures(run: Run, order: Order) -> _Pictures:
    """Return what there is of pictures for a refund, and what the portal wants and takes of them now."""
    profile, case = run.shop_run.loaded.profile, run.case
    ways = profile.acts.get(ActKind.APPLY_REFUND, ())
    wanting = [
        way
        for way in ways
        if way.fits(case.role, order.state, order.pay_state) and profile.wants_files(way, case.reason)
    ]
    if not wanting:
        return _Pictures(pictures=len(run.pictures), pictures_wanted=False, pictures_unfit="")
    limits = limits_of(profile, wanting[0])
    fit = len(fitting(run.pictures, limits))
    unfit = limits.words if run.pictures and not fit else ""
    return _Pictures(pictures=fit, pictures_wanted=True, pictures_unfit=unfit)


def _reminded_at(run: Run) -> datetime | None:
    """Return when the first pass found that the buyer had been reminded: never too early, if one was killed."""
    if not any(purpose == REMIND for _, purpose in run.done):
        return None
    if REMINDED_AT not in run.case.facts:
        run.know(**{REMINDED_AT: run.shop_run.clock().isoformat()})
    return datetime.fromisoformat(run.case.facts[REMINDED_AT])


def _changed_since_listed(run: Run, facts: Facts) -> End | None:
    """Return the end of a case whose order was unpaid in the list and is not any more: a new request is needed."""
    if run.case.path is not None or run.case.facts.get(LISTED) != OrderState.UNPAID:
        return None
    if facts.order.state is OrderState.PAID:
        return End(
            Outcome.NOT_ELIGIBLE, "the list showed the order as unpaid, its page shows it as paid: paid meanwhile"
        )
    return None


def _bind(run: Run, order: Order) -> None:
    """Fix path and terms with the first fresh read of a case; consent and approval are bound to these terms."""
    path = run.case.path or _PATHS.get(order.state)
    if run.case.terms is None:  # for reports: what was to be closed, and since when it stood there
        run.know(
            **{
                GOODS: [[item.title, item.spec, item.quantity] for item in order.items],
                ORDERED_AT: None if order.created_at is None else order.created_at.isoformat(),
            }
        )
    terms = run.case.terms or terms_of(order)
    deadline = deadline_of(order.refund)
    run.case = replace(run.case, path=path, terms=terms, amount=order.amount, deadline=deadline)
    keep_seen(run, order)
    run.recorder.note(
        "observed",
        {
            "state": order.state.value,
            "pay_state": order.pay_state.value,
            "refund_state": order.refund.state.value,
            "amount_fen": order.amount,
            "controls": sorted(order.controls),
            "unknown_controls": list(order.unknown_controls),
        },
    )


async def _reading(run: Run, facts: Facts, purpose: str) -> Reading | None:
    """Read the counterparty's answer to the question as it was sent; a yes may have been taken back since."""
    asked = run.wrote.get(purpose, {}).get("text")
    settled = facts.did(*ENDING_ACTS, ActKind.AGREE_RETURN)
    by_thread = bool(run.case.facts.get(CONSENT_FROM_THREAD))
    if asked is None or settled or facts.consent is Consent.DENIED or (facts.consented and not by_thread):
        return None
    if over_or_untouchable(facts) is not None:
        return None
    thread = await run.thread()
    run.recorder.note(
        "messages",
        {"messages": [{"sender": line.sender, "text": line.text, "at": str(line.at)} for line in thread[-50:]]},
    )
    reading = read_answer(thread, asked)
    if reading.answer is not Answer.NOTHING:
        await run.keep_thread()
    taken = {Answer.YES: Consent.PROVED, Answer.NO: Consent.DENIED}.get(reading.answer, Consent.NONE)
    if taken is not run.case.consent and (by_thread or taken is not Consent.NONE):
        run.agreed(taken, reading.text)
    return reading


async def _ticket(run: Run, facts: Facts) -> Verdict:
    if over_or_untouchable(facts) is not None or run.shop_run.mode is not Mode.LIVE:
        return ticket(facts, ())
    title = " ".join(str(run.wrote.get(TICKET, {}).get("title", "")).split())
    tickets = tuple(found for found in await run.tickets() if found.title == title)
    _note_tickets(run, tickets)
    if any(found.state is TicketState.DONE for found in tickets):
        await run.recorder.picture(run.lane.site, "ticket", "the ticket, as it is finished")
        run.forget()  # the order was read before the ticket, and what finished the ticket may have closed the order
        facts = facts_of(run, await run.order())
    verdict = ticket(facts, tickets)
    if isinstance(verdict, Wait) and verdict.waiting_for is WaitingFor.HUMAN:
        _show_ticket(run, tickets)
    return verdict


def _note_tickets(run: Run, tickets: Sequence[Ticket]) -> None:
    last = [line for one in tickets for line in one.talk or () if not line.ours][-1:]
    body = {"ticket": [f"{found.ticket_id} {found.state} {found.title}" for found in tickets]}
    run.recorder.note("ticket", {**body, "text": "".join(line.text[:_TICKET_WORDS] for line in last)})


def _show_ticket(run: Run, tickets: Sequence[Ticket]) -> None:
    """Keep the ticket that a person is asked about as it is now: a reply of theirs is meant for this."""
    for one in tickets if len(tickets) == 1 else ():
        lines = [
            {"ours": line.ours, "text": run.recorder.cut(line.text)[:_TICKET_WORDS], "at": line.at.isoformat()}
            for line in (one.talk or ())[-_TICKET_LINES:]
        ]
        run.know(**{ASKED: {"ticket": one.ticket_id, "heard": one.heard, "lines": lines}})
