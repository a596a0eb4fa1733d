"""Rules: what each condition makes of an order, and that a case leaves an order alone that fits its rule no more."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.acts import Act, ActKind, End, Wait
from agent.domain.cases import Case, CaseState, CloseRequest, Consent, Outcome, Path, Role
from agent.domain.ids import OrderId
from agent.domain.money import Fen
from agent.domain.orders import Item, Order, OrderState, PayState
from agent.domain.reasons import Reason
from agent.domain.rules import NOBODY, RULE, Never, Rule, Shown, shown_by, span
from agent.evidence.phrases import in_chinese
from scenarios.facts import Facts
from scenarios.rule import left_by_rule
from scenarios.unpaid import unpaid

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
ID = OrderId("106886380946666222")
HOUR = timedelta(hours=1)
OLD = Rule("unpaid-72h", OrderState.UNPAID, close_after=72 * HOUR)
EVERYTHING = Rule(
    "all", OrderState.UNPAID, close_after=72 * HOUR, amount_from=Fen(100), amount_to=Fen(900), products=("杯", "Mug"),
    buyer_remarks=("拍错",), tags=("重复单",),
)  # fmt: skip
FITS = Shown(
    ID, OrderState.UNPAID, NOW - 73 * HOUR, Fen(500), ("北欧风陶瓷马克杯",), "拍错了，麻烦取消", ("重复单",), "小鹿优选"
)


def against(rule: Rule, shown: Shown) -> list[str]:
    return [finding.text for finding in rule.findings(shown, NOW) if finding.holds is False]


def unsaid(rule: Rule, shown: Shown) -> list[str]:
    return [finding.text for finding in rule.findings(shown, NOW) if finding.holds is None]


def order(**changes: Any) -> Order:
    plain = Order(
        order_id=ID,
        state=OrderState.UNPAID,
        pay_state=PayState.UNPAID,
        amount=Fen(500),
        created_at=NOW - 73 * HOUR,
        controls=frozenset({"close"}),
        items=(Item("1", "北欧风陶瓷马克杯", "", "1", None),),
        buyer="小鹿优选",
        remark="拍错了",
        tags=("重复单",),
    )
    return replace(plain, **changes)


def facts(shown: Order, *done: ActKind, rule: Rule | None = OLD, never: Never = NOBODY) -> Facts:
    case = Case(
        case_id="c1", portal="mock_classic", account="seller", shop="s", order_id=ID, role=Role.SELLER,
        reason=Reason.UNPAID_TIMEOUT, consent=Consent.NONE, note="", state=CaseState.DUE, path=Path.UNPAID,
        created_at=NOW, due_at=NOW,
    )  # fmt: skip
    return Facts(
        case=case,
        order=shown,
        role=Role.SELLER,
        consent=Consent.NONE,
        now=NOW,
        min_age=timedelta(0),
        done=frozenset((kind, kind.value) for kind in done),
        rule=rule,
        never=never,
    )


# --- Conditions


def test_an_order_that_meets_every_condition_is_asked_for() -> None:
    assert against(EVERYTHING, FITS) == unsaid(EVERYTHING, FITS) == []


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"state": OrderState.PAID}, "it is paid, not unpaid"),
        ({"created_at": NOW - 71 * HOUR - timedelta(minutes=12)}, "younger than 72 h: 71 h 12 min"),
        ({"amount": Fen(99)}, "0.99 yuan is below 1.00"),
        ({"amount": Fen(901)}, "9.01 yuan is above 9.00"),
        ({"goods": ("台灯",)}, "none of its goods is called 杯, Mug"),
        ({"remark": ""}, "its buyer's remark has none of 拍错"),
        ({"tags": ("老客户",)}, "it has none of the tags 重复单"),
    ],
)
def test_each_condition_alone_leaves_an_order_out_and_says_why(changes: dict[str, Any], why: str) -> None:
    assert against(EVERYTHING, replace(FITS, **changes)) == [why]


@pytest.mark.parametrize("missing", ["state", "created_at", "amount", "goods", "remark", "tags"])
def test_what_is_not_shown_neither_fits_nor_fails(missing: str) -> None:
    shown = replace(FITS, **{missing: None})
    assert against(EVERYTHING, shown) == []
    assert len(unsaid(EVERYTHING, shown)) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"created_at": NOW - 72 * HOUR},
        {"amount": Fen(100)},
        {"amount": Fen(900)},
        {"goods": ("台灯", "a big MUG")},
        {"tags": ("老客户", "重复单")},
    ],
)
def test_bounds_belong_to_a_rule_and_any_word_is_enough(changes: dict[str, Any]) -> None:
    assert against(EVERYTHING, replace(FITS, **changes)) == []


def test_a_tag_is_compared_whole() -> None:
    """An order marked 不是重复单 is not one that is marked 重复单."""
    assert against(EVERYTHING, replace(FITS, tags=("不是重复单",)))


@given(
    st.builds(
        Rule,
        name=st.text("ab-", min_size=1),
        state=st.sampled_from([OrderState.UNPAID, OrderState.PAID]),
        close_after=st.none() | st.integers(1, 10**6).map(lambda s: timedelta(seconds=s)),
        remind_after=st.none() | st.integers(1, 10**6).map(lambda s: timedelta(seconds=s)),
        amount_from=st.none() | st.integers(0, 10**9).map(Fen),
        amount_to=st.none() | st.integers(0, 10**9).map(Fen),
        products=st.lists(st.text(min_size=1), max_size=2).map(tuple),
        buyer_remarks=st.lists(st.text(min_size=1), max_size=2).map(tuple),
        tags=st.lists(st.text(min_size=1), max_size=2).map(tuple),
    )
)
def test_a_rule_that_is_kept_with_a_case_is_the_same_rule(rule: Rule) -> None:
    assert Rule.from_json(rule.as_json()) == rule


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (timedelta(seconds=40), "40 s"), (timedelta(seconds=-5), "0 s"), (timedelta(minutes=5, seconds=59), "5 min"),
        (timedelta(hours=72), "72 h"), (timedelta(hours=71, minutes=59, seconds=59), "71 h 59 min"),
    ],
)  # fmt: skip
def test_a_span_is_never_said_longer_than_it_is(time: timedelta, text: str) -> None:
    assert span(time) == text


# --- The white list


@pytest.mark.parametrize("never", [Never(orders=frozenset({ID})), Never(buyers=frozenset({"小鹿优选"}))])
@pytest.mark.parametrize("rule", [None, OLD])
def test_what_is_on_the_white_list_is_never_touched_whoever_asks(never: Never, rule: Rule | None) -> None:
    verdict = unpaid(facts(order(), rule=rule, never=never))
    assert isinstance(verdict, End)
    assert (verdict.outcome, verdict.why.startswith("on the white list")) == (Outcome.NOT_ELIGIBLE, True)


def test_an_order_whose_buyer_cannot_be_read_is_a_persons_where_the_white_list_names_buyers() -> None:
    assert isinstance(unpaid(facts(order(buyer=""), never=Never(buyers=frozenset({"somebody"})))), Wait)


def test_buyers_are_found_however_their_name_is_written() -> None:
    assert Never(buyers=frozenset({"lucky cat"})).finding(replace(FITS, buyer=" Lucky  CAT ")).holds is False


def test_a_buyer_is_not_told_by_how_an_order_looks_in_a_log() -> None:
    assert "小鹿" not in repr(order()) + repr(FITS) + repr(Never(buyers=frozenset({"小鹿优选"})))


# --- On the fresh read


def test_an_order_that_fits_goes_on_by_its_path() -> None:
    assert left_by_rule(facts(order())) is None
    assert isinstance(unpaid(facts(order())), Act)


@pytest.mark.parametrize(
    "changes",
    [
        {"state": OrderState.PAID, "pay_state": PayState.PAID},
        {"created_at": NOW - HOUR},
        {"created_at": None},
        {"amount": Fen(1)},
        {"items": ()},
        {"remark": None},
        {"tags": ()},
    ],
)
def test_an_order_that_does_not_fit_any_more_leaves_its_rule(changes: dict[str, Any]) -> None:
    verdict = left_by_rule(facts(order(**changes), rule=EVERYTHING))
    assert isinstance(verdict, End)
    assert verdict.outcome is Outcome.NOT_ELIGIBLE


def test_a_rule_does_not_take_back_what_has_begun_under_it() -> None:
    assert left_by_rule(facts(order(state=OrderState.SHIPPED), ActKind.APPLY_REFUND)) is None


def test_a_question_to_the_buyer_is_no_beginning() -> None:
    """Asked for consent, the order got another price: it is not closed by a rule that excludes that price."""
    asked = facts(order(amount=Fen(10**6)), ActKind.SEND_MESSAGE, rule=EVERYTHING)
    assert isinstance(left_by_rule(asked), End)


def test_a_case_stands_under_the_rule_of_the_request_that_made_it() -> None:
    request = CloseRequest(ID, Reason.UNPAID_TIMEOUT, source={RULE: OLD.as_json()})
    assert Rule.from_json(request.standing[RULE]) == OLD
    assert CloseRequest(ID, Reason.UNPAID_TIMEOUT, source={"command": "close"}).standing == {}


# --- The reminder

REMINDS = Rule("remind", OrderState.UNPAID, close_after=72 * HOUR, remind_after=24 * HOUR)


def reminded(hours_ago: float, **changes: Any) -> Facts:
    """Return what is known of an order whose buyer was reminded so many hours ago."""
    known = facts(order(**changes), rule=REMINDS)
    return replace(
        known,
        done=frozenset({(ActKind.SEND_MESSAGE, "remind_payment")}),
        reminded_at=NOW - timedelta(hours=hours_ago),
    )


def test_an_order_is_looked_for_from_the_age_of_its_reminder_on() -> None:
    assert against(REMINDS, replace(FITS, created_at=NOW - 25 * HOUR)) == []
    assert against(REMINDS, replace(FITS, created_at=NOW - 23 * HOUR)) == ["younger than 24 h: 23 h"]


@pytest.mark.parametrize("age", [25, 73, 1000])
def test_nothing_is_closed_before_its_buyer_was_reminded(age: int) -> None:
    verdict = unpaid(facts(order(created_at=NOW - age * HOUR), rule=REMINDS))
    assert isinstance(verdict, Act)
    assert (verdict.kind, verdict.purpose) == (ActKind.SEND_MESSAGE, "remind_payment")
    assert ID in verdict.fields["text"]


@pytest.mark.parametrize(
    ("age", "ago", "left"),
    [
        (26, 2, 46),  # reminded in time: closed at its age
        (100, 2, 46),  # reminded late: as long after the reminder as if it had been in time
        (72.5, 48.5, 0),
        (71.5, 48.5, 0.5),
    ],
)
def test_a_buyer_has_as_long_to_pay_after_the_reminder_however_late_it_came(
    age: float, ago: float, left: float
) -> None:
    verdict = unpaid(reminded(ago, created_at=NOW - timedelta(hours=age)))
    if left:
        assert isinstance(verdict, Wait)
        assert verdict.after == timedelta(hours=left)
    else:
        assert isinstance(verdict, Act)
        assert verdict.kind is ActKind.CLOSE


def test_an_order_that_was_paid_after_its_reminder_leaves_the_rule() -> None:
    verdict = left_by_rule(reminded(100, state=OrderState.PAID, pay_state=PayState.PAID))
    assert isinstance(verdict, End)
    assert verdict.why.endswith("it is paid, not unpaid")


def test_the_portals_own_least_age_holds_for_a_reminder_too() -> None:
    known = facts(order(created_at=NOW - 30 * HOUR), rule=REMINDS)
    verdict = unpaid(replace(known, min_age=31 * HOUR))
    assert isinstance(verdict, Wait)
    assert verdict.after == HOUR


def test_without_messages_a_person_is_asked_instead_of_closing_unreminded() -> None:
    known = facts(order(), rule=REMINDS)
    assert isinstance(unpaid(replace(known, possible=frozenset({ActKind.CLOSE}))), Wait)


# --- In Chinese


def test_everything_that_a_rule_says_has_its_chinese() -> None:
    texts = [finding.text for finding in EVERYTHING.findings(FITS, NOW)]
    texts += [finding.text for finding in EVERYTHING.findings(Shown(ID), NOW)]
    for changes in ({"state": OrderState.PAID}, {"created_at": NOW}, {"amount": Fen(1)}, {"amount": Fen(10**6)},
                    {"goods": ()}, {"remark": ""}, {"tags": ()}):  # fmt: skip
        texts += against(EVERYTHING, replace(FITS, **changes))
    texts += [
        never.finding(FITS).text
        for never in (
            NOBODY,
            Never(frozenset({ID})),
            Never(buyers=frozenset({"小鹿优选"})),
            Never(buyers=frozenset("x")),
        )
    ]
    texts.append(Never(buyers=frozenset("x")).finding(Shown(ID)).text)
    verdict = left_by_rule(facts(order(created_at=NOW)))
    assert isinstance(verdict, End)
    texts.append(verdict.why)
    assert [text for text in texts if in_chinese(text) == text] == []
    assert in_chinese("younger than 72 h: 71 h 12 min") == "下单不足 72 小时：71 小时 12 分钟"


def test_what_the_page_shows_is_all_that_a_rule_asks_about() -> None:
    assert shown_by(order()) == Shown(
        ID, OrderState.UNPAID, NOW - 73 * HOUR, Fen(500), ("北欧风陶瓷马克杯",), "拍错了", ("重复单",), "小鹿优选"
    )
