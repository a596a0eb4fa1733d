"""Shops that are no marketplace: closing moves no money, nobody records who closed, and a path names the order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agent.browser.gate import Forbidden, Mutating, Read, SeenRequest
from agent.domain.acts import Act, ActKind, End, Wait
from agent.domain.cases import Case, CaseState, Consent, Outcome, Path, Role, WaitingFor
from agent.domain.effects import Meant, Seen, seen_on_order
from agent.domain.ids import OrderId
from agent.domain.money import Fen
from agent.domain.orders import (
    ClosedBy,
    Closing,
    Order,
    OrderState,
    PaymentEvent,
    PayState,
    Refund,
    RefundState,
    balance,
    charged,
)
from agent.domain.reasons import Reason
from agent.errors import ConfigError
from page_objects.loader import load_profile
from page_objects.requests import PortalRequests
from page_objects.site import Account
from page_objects.words import WordReader
from scenarios.common import over_or_untouchable
from scenarios.facts import Facts
from scenarios.paid_unshipped import paid_unshipped
from scenarios.shipped import shipped

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ORDER = "52440881305469438"
AMOUNT = Fen(51750)
DASHBOARD = f"http://127.0.0.1:8811/dashboard/orders/{ORDER}/"
OF_OSCAR = frozenset({ActKind.CLOSE, ActKind.REFUND})
U, A, V, P, W, R, F = (
    PaymentEvent.PAYING,
    PaymentEvent.AUTHORISED,
    PaymentEvent.VOIDED,
    PaymentEvent.PAID,
    PaymentEvent.REFUNDING,
    PaymentEvent.REFUNDED,
    PaymentEvent.FAILED,
)


def order(state: OrderState, pay_state: PayState, *, controls: set[str], refunded: int = 0) -> Order:
    return Order(
        order_id=OrderId(ORDER),
        state=state,
        pay_state=pay_state,
        amount=AMOUNT,
        created_at=None,
        controls=frozenset(controls),
        refund=Refund(RefundState.NONE),
        closing=Closing(ClosedBy.UNRECORDED) if state is OrderState.CLOSED else None,
        refunded=Fen(refunded),
    )


def facts(shown: Order, *done: ActKind, path: Path = Path.PAID_UNSHIPPED) -> Facts:
    case = Case(
        case_id="c1",
        portal="oscar",
        account="seller",
        shop="s",
        order_id=OrderId(ORDER),
        role=Role.SELLER,
        reason=Reason.BUYER_CANCELLED,
        consent=Consent.DECLARED,
        note="",
        state=CaseState.DUE,
        path=path,
        created_at=NOW,
        due_at=NOW,
    )
    return Facts(
        case=case,
        order=shown,
        role=Role.SELLER,
        consent=Consent.DECLARED,
        now=NOW,
        min_age=timedelta(0),
        done=frozenset((kind, kind.value) for kind in done),
        possible=OF_OSCAR,
    )


@pytest.mark.parametrize(
    ("events", "state", "refunded"),
    [
        ([], PayState.UNPAID, 0),
        ([(A, 100)], PayState.AUTHORISED, 0),
        ([(A, 40)], PayState.PAYING, 0),
        ([(A, 100), (V, 100)], PayState.UNPAID, 0),
        ([(A, 100), (P, 100)], PayState.PAID, 0),
        ([(P, 60)], PayState.PAYING, 0),
        ([(P, 60), (P, 40)], PayState.PAID, 0),
        ([(P, 100), (R, 30)], PayState.PARTLY_REFUNDED, 30),
        ([(P, 100), (R, 30), (R, 70)], PayState.REFUNDED, 100),
        ([(P, 120), (R, 100)], PayState.PARTLY_REFUNDED, 100),
        ([(P, 100), (F, 100)], PayState.PAID, 0),
        ([(U, 100)], PayState.PAYING, 0),
        ([(P, 100), (U, 20)], PayState.PAYING, 0),
        ([(P, 100), (W, 100)], PayState.REFUNDING, 0),
        ([(P, 100), (R, 30), (W, 70)], PayState.REFUNDING, 30),
        ([(P, 100), (R, 30), (W, 20)], PayState.PARTLY_REFUNDED, 30),
        ([(P, 100), (F, 100), (W, 100)], PayState.REFUNDING, 0),
    ],
)
def test_where_the_money_stands_is_what_its_events_add_up_to(
    events: list[tuple[PaymentEvent, int]], state: PayState, refunded: int
) -> None:
    assert balance([(event, Fen(fen)) for event, fen in events], Fen(100)) == (state, refunded)


@pytest.mark.parametrize(
    ("events", "fen"),
    [
        ([], 0),
        ([(A, 100), (P, 100), (R, 100)], 100),
        ([(A, 100)], 100),
        ([(A, 100), (V, 100)], 0),
        ([(P, 60), (F, 9)], 60),
    ],
)
def test_what_was_charged_is_what_was_taken_or_is_held(events: list[tuple[PaymentEvent, int]], fen: int) -> None:
    assert charged([(event, Fen(each)) for event, each in events]) == fen


def test_a_refund_on_its_way_proves_that_it_was_made_and_not_that_it_has_arrived() -> None:
    shown = replace(order(OrderState.CLOSED, PayState.REFUNDING, controls=set()), going_back=AMOUNT)
    meant = Meant(ActKind.REFUND, Role.SELLER, amount=AMOUNT, accepted=True, refunded=Fen(0))
    assert seen_on_order(meant, shown) is Seen.OURS
    verdict = over_or_untouchable(facts(shown, ActKind.CLOSE, ActKind.REFUND))
    assert isinstance(verdict, Wait)
    assert verdict.waiting_for is WaitingFor.REFUND


def test_a_closing_that_nobody_records_is_ours_only_where_the_server_said_yes() -> None:
    closed = order(OrderState.CLOSED, PayState.PAID, controls=set())
    for accepted, seen in ((True, Seen.OURS), (False, Seen.UNSURE)):
        assert seen_on_order(Meant(ActKind.CLOSE, Role.SELLER, accepted=accepted), closed) is seen


@pytest.mark.parametrize(
    ("refunded", "accepted", "seen"),
    [
        (0, True, Seen.NOTHING),
        (0, False, Seen.NOTHING),
        (AMOUNT, True, Seen.OURS),
        (AMOUNT, False, Seen.UNSURE),
        (AMOUNT - 1, True, Seen.OTHER),
    ],
)
def test_a_refund_is_done_when_exactly_its_amount_has_gone_back(refunded: int, accepted: bool, seen: Seen) -> None:
    shown = order(OrderState.CLOSED, PayState.PAID, controls=set(), refunded=refunded)
    meant = Meant(ActKind.REFUND, Role.SELLER, amount=AMOUNT, accepted=accepted, refunded=Fen(0))
    assert seen_on_order(meant, shown) is seen


def test_the_money_of_a_paid_order_is_given_back_once_it_is_closed_and_only_then() -> None:
    open_order = order(OrderState.PAID, PayState.PAID, controls={ActKind.CLOSE, ActKind.REFUND})
    first = paid_unshipped(facts(open_order), None)
    assert isinstance(first, Act)
    assert first.kind is ActKind.CLOSE
    closed = order(OrderState.CLOSED, PayState.PAID, controls={ActKind.REFUND})
    then = over_or_untouchable(facts(closed, ActKind.CLOSE))
    assert isinstance(then, Act)
    assert (then.kind, then.amount) == (ActKind.REFUND, AMOUNT)
    back = order(OrderState.CLOSED, PayState.REFUNDED, controls=set(), refunded=AMOUNT)
    end = over_or_untouchable(facts(back, ActKind.CLOSE, ActKind.REFUND))
    assert isinstance(end, End)
    assert end.outcome is Outcome.CLOSED


@pytest.mark.parametrize(
    ("pay_state", "failed", "waits_for"),
    [(PayState.REFUNDING, False, WaitingFor.REFUND), (PayState.PAID, True, WaitingFor.HUMAN)],
)
def test_money_on_its_way_back_is_waited_for_and_a_failed_refund_is_a_persons_and_neither_is_refunded_again(
    pay_state: PayState, failed: bool, waits_for: WaitingFor
) -> None:
    closed = replace(order(OrderState.CLOSED, pay_state, controls={ActKind.REFUND}), refund_failed=failed)
    verdict = over_or_untouchable(facts(closed, ActKind.CLOSE))
    assert isinstance(verdict, Wait)
    assert verdict.waiting_for is waits_for


@pytest.mark.parametrize(
    "pay_state", [PayState.REFUNDING, PayState.PARTLY_REFUNDED, PayState.REFUNDED, PayState.UNPAID]
)
def test_a_paid_order_whose_money_is_elsewhere_is_a_persons(pay_state: PayState) -> None:
    verdict = paid_unshipped(facts(order(OrderState.PAID, pay_state, controls={ActKind.CLOSE})), None)
    assert isinstance(verdict, Wait)
    assert verdict.waiting_for is WaitingFor.HUMAN


def test_an_order_that_others_closed_is_not_refunded_and_its_money_is_named() -> None:
    closed = order(OrderState.CLOSED, PayState.AUTHORISED, controls={ActKind.REFUND})
    end = over_or_untouchable(facts(closed))
    assert isinstance(end, End)
    assert end.outcome is Outcome.ALREADY_CLOSED
    assert "its payment is authorised" in end.why


def test_a_proved_refund_that_does_not_show_is_never_made_again() -> None:
    closed = order(OrderState.CLOSED, PayState.PAID, controls={ActKind.REFUND})
    verdict = over_or_untouchable(facts(closed, ActKind.CLOSE, ActKind.REFUND))
    assert isinstance(verdict, Wait)
    assert verdict.waiting_for is WaitingFor.HUMAN


def test_a_shipped_order_is_handed_over_where_the_portal_has_no_returns() -> None:
    verdict = shipped(facts(order(OrderState.SHIPPED, PayState.PAID, controls=set()), path=Path.SHIPPED), None)
    assert isinstance(verdict, End)
    assert verdict.outcome is Outcome.HANDED_OVER


# --- Requests that name the order in their path


def classified(body: str, url: str = DASHBOARD, language: str | None = None) -> Read | Mutating | Forbidden:
    profile = load_profile("oscar", language=language).profile
    rules = PortalRequests(profile, Account("s", "http://127.0.0.1:8811", Role.SELLER, "seller@example.com"))
    headers = {"content-type": "application/x-www-form-urlencoded"}
    return rules.classify(SeenRequest("POST", url, headers, body.encode(), "document", navigation=True))


CANCEL = "new_status=Cancelled&order_action=change_order_status"
REFUND = (
    "selected_line=1&selected_line_qty_1=3&selected_line=2&selected_line_qty_2=1&new_status=&shipping_event_type="
    "&reference=&line_action=create_payment_event&payment_event_type=refunded&amount=517.50"
)


def test_the_order_is_read_from_the_path() -> None:
    assert classified(CANCEL) == Mutating("close", {"order_id": ORDER})
    assert classified(REFUND) == Mutating("refund", {"order_id": ORDER, "amount_yuan": "517.50"})


@pytest.mark.parametrize(
    "body",
    [
        CANCEL.replace("Cancelled", "Shipped"),
        CANCEL + "&new_status=Shipped",
        CANCEL.replace("change_order_status", "create_order_payment_event"),
        REFUND + "&order_action=change_order_status",  # the server goes by this one first
        REFUND + "&amount=1.00",
        REFUND.replace("create_payment_event", "change_line_statuses"),
        REFUND.replace("payment_event_type=refunded", "payment_event_type=paid"),
        "order_action=save_note&message=x",
        "",
    ],
)
def test_what_else_the_same_address_can_do_is_not_let_out(body: str) -> None:
    assert isinstance(classified(body), Forbidden)


@pytest.mark.parametrize("path", ["", "notes/1/", "../1/", "%2e%2e/1/"])
def test_another_address_is_not_the_orders(path: str) -> None:
    found = classified(CANCEL, DASHBOARD + path if path else "http://127.0.0.1:8811/dashboard/orders/")
    assert isinstance(found, Forbidden) or found.fields["order_id"] != ORDER  # type: ignore[union-attr]  # no read


def test_each_language_has_its_own_words_for_the_same_change() -> None:
    assert isinstance(classified(CANCEL, language="zh-Hans"), Forbidden)
    assert classified(CANCEL.replace("Cancelled", "已取消"), language="zh-Hans") == Mutating(
        "close", {"order_id": ORDER}
    )


# --- Words and languages


def test_a_word_is_known_however_a_style_sheet_writes_it() -> None:
    words = WordReader(load_profile("oscar").profile)
    assert words.meaning("order_state", "BEING  PROCESSED") == "paid"
    assert words.labels("controls", "close") == ("Cancelled",)


@pytest.mark.parametrize("text", ["CN¥1,246.90", "1,246.90", "¥ 1,246.90"])
def test_an_amount_is_read_without_the_mark_of_its_currency(text: str) -> None:
    assert WordReader(load_profile("oscar").profile).money(text) == Fen(124690)


def test_a_language_that_the_profile_does_not_know_is_told_with_those_that_it_does() -> None:
    with pytest.raises(ConfigError, match="'fr' is not one that the profile knows; it knows en, zh-Hans"):
        load_profile("oscar", language="fr")
