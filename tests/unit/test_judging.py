"""Two sides make a proof; what a counterparty says is a clear yes, a clear no, or a person's."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from agent.domain.acts import DOUBLED, ActKind
from agent.domain.cases import Role
from agent.domain.consent import Answer, read_answer
from agent.domain.effects import Meant, Seen, seen_in_thread, seen_on_order
from agent.domain.ids import OrderId
from agent.domain.judge import AnswerKind, Judgement, judge
from agent.domain.money import Fen
from agent.domain.orders import (
    ClosedBy,
    Closing,
    Message,
    Order,
    OrderState,
    PayState,
    Refund,
    RefundState,
)

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
EVERY = list(product(ActKind, AnswerKind, Seen, [False, True], [False, True]))


def judged(kind: ActKind, answer: AnswerKind, seen: Seen, *, settled: bool, gone: bool) -> Judgement:
    return judge(kind, answer, seen, settled=settled, sender_gone=gone)


def meant(kind: ActKind = ActKind.CLOSE, role: Role = Role.SELLER, **more: Any) -> Meant:
    return Meant(kind=kind, role=role, reason_labels=("未及时付款",), since=NOW, was_unpaid=True, **more)


@pytest.mark.parametrize(("kind", "answer", "seen", "settled", "gone"), EVERY)
def test_done_needs_the_effect_and_an_answer_that_does_not_deny_it(
    kind: ActKind,
    answer: AnswerKind,
    seen: Seen,
    settled: bool,
    gone: bool,
) -> None:
    done = judged(kind, answer, seen, settled=settled, gone=gone) is Judgement.DONE
    assert done == (seen is Seen.OURS and answer is not AnswerKind.REFUSED)


@pytest.mark.parametrize("kind", sorted(DOUBLED))
def test_an_act_that_could_be_doubled_is_never_judged_undone_while_its_sender_may_live(kind: ActKind) -> None:
    assert judged(kind, AnswerKind.UNKNOWN, Seen.NOTHING, settled=True, gone=False) is Judgement.PERSON
    assert judged(kind, AnswerKind.UNKNOWN, Seen.NOTHING, settled=True, gone=True) is Judgement.NOT_DONE


def test_nothing_is_judged_undone_or_refused_before_the_settle_time() -> None:
    for kind, answer, gone in product(ActKind, AnswerKind, (False, True)):
        assert judged(kind, answer, Seen.NOTHING, settled=False, gone=gone) is Judgement.LOOK_AGAIN


def test_an_accepted_act_without_effect_is_a_persons() -> None:
    for kind, seen in product(ActKind, (Seen.NOTHING, Seen.OTHER)):
        assert judged(kind, AnswerKind.ACCEPTED, seen, settled=True, gone=True) is Judgement.PERSON


def closed(by: ClosedBy, reason: str = "未及时付款", at: datetime = NOW) -> Order:
    return Order(
        order_id=OrderId("106886380946666222"),
        state=OrderState.CLOSED,
        pay_state=PayState.UNPAID,
        amount=Fen(100),
        created_at=None,
        controls=frozenset(),
        closing=Closing(by, reason, at=at),
    )


@pytest.mark.parametrize(
    ("order", "role", "seen"),
    [
        (closed(ClosedBy.SELLER), Role.SELLER, Seen.OURS),
        (closed(ClosedBy.BUYER), Role.SELLER, Seen.OTHER),
        (closed(ClosedBy.SYSTEM), Role.SELLER, Seen.OTHER),
        (closed(ClosedBy.BUYER), Role.PURCHASER, Seen.OURS),
        (closed(ClosedBy.SELLER, "卖家库存不足"), Role.SELLER, Seen.OTHER),
        (closed(ClosedBy.SELLER, at=NOW - timedelta(hours=1)), Role.SELLER, Seen.OTHER),
    ],
    ids=["ours", "the buyer", "the system", "ours as purchaser", "another reason", "long before us"],
)
def test_a_closing_is_ours_only_by_the_portals_own_record(order: Order, role: Role, seen: Seen) -> None:
    assert seen_on_order(meant(role=role), order) is seen


def test_a_record_with_gaps_proves_only_what_the_server_has_confirmed() -> None:
    gaps = closed(ClosedBy.SELLER, reason="")
    assert seen_on_order(meant(), gaps) is Seen.UNSURE
    assert seen_on_order(meant(accepted=True), gaps) is Seen.OURS


def test_an_order_that_was_paid_while_we_closed_it_is_a_persons() -> None:
    paid = replace(closed(ClosedBy.SELLER), pay_state=PayState.REFUNDED)
    assert seen_on_order(meant(accepted=True), paid) is Seen.UNSURE


def test_a_refund_is_ours_by_its_applicant_amount_and_id() -> None:
    refund = Refund(RefundState.WAIT_SELLER, refund_id="TQ2", amount=Fen(100), applicant="buyer")
    order = replace(closed(ClosedBy.SELLER), state=OrderState.PAID, closing=None, refund=refund)
    ours = meant(ActKind.APPLY_REFUND, Role.PURCHASER, amount=Fen(100))
    assert seen_on_order(ours, order) is Seen.OURS
    assert seen_on_order(replace(ours, amount=Fen(99)), order) is Seen.UNSURE
    assert seen_on_order(replace(ours, refund_id="TQ2"), order) is Seen.UNSURE, "it was there before"
    assert seen_on_order(replace(ours, role=Role.SELLER), order) is Seen.OTHER


@pytest.mark.parametrize(
    ("kind", "by", "seen"),
    [
        (ActKind.AGREE_RETURN, ClosedBy.SYSTEM, Seen.OTHER),
        (ActKind.AGREE_RETURN, ClosedBy.BUYER, Seen.OTHER),
        (ActKind.AGREE_REFUND, ClosedBy.BUYER, Seen.OTHER),
        (ActKind.AGREE_REFUND, ClosedBy.SYSTEM, Seen.UNSURE),
        (ActKind.CONFIRM_RETURN, ClosedBy.PLATFORM, Seen.OTHER),
    ],
)
def test_a_refund_that_a_closing_has_paid_is_no_effect_of_our_unanswered_act(
    kind: ActKind, by: ClosedBy, seen: Seen
) -> None:
    refund = Refund(RefundState.SUCCESS, refund_id="TQ2", amount=Fen(100), applicant="buyer")
    order = replace(closed(by), pay_state=PayState.REFUNDED, refund=refund)
    ours = meant(kind, amount=Fen(100), refund_id="TQ2")
    assert seen_on_order(ours, order) is seen
    assert seen_on_order(replace(ours, accepted=True), order) is Seen.OURS


def test_a_message_is_proved_by_its_whole_text_only() -> None:
    older = Message("us", "您好，关于订单 1：请回复。谢谢", None)
    assert seen_in_thread({"text": "您好，关于订单 1：请回复。"}, (older,)) is Seen.NOTHING
    assert seen_in_thread({"text": "您好，关于订单 1：请回复。谢谢"}, (older,)) is Seen.OURS
    theirs = Message("them", "您好，关于订单 1：请回复。谢谢", None)
    assert seen_in_thread({"text": "您好，关于订单 1：请回复。谢谢"}, (theirs,)) is Seen.NOTHING


ASKED = Message("us", "可以关闭吗？请回复“同意”。", None)


@pytest.mark.parametrize(
    ("replies", "answer"),
    [
        (["同意"], Answer.YES),
        (["好的，谢谢"], Answer.YES),
        (["亲，可以的。"], Answer.YES),
        (["不同意"], Answer.NO),
        (["不行，我还要"], Answer.NO),
        (["同意", "不同意"], Answer.UNCLEAR),
        (["同意的话能退运费吗"], Answer.UNCLEAR),
        (["同意？"], Answer.UNCLEAR),
        (["嗯？"], Answer.UNCLEAR),
        (["可以关闭吗"], Answer.UNCLEAR),
        (["请回复“同意”"], Answer.UNCLEAR),
        (["不是不同意"], Answer.UNCLEAR),
        (["阿拉勿要"], Answer.UNCLEAR),
        (["[图片]"], Answer.UNCLEAR),
        ([""], Answer.UNCLEAR),
        ([], Answer.NOTHING),
    ],
)
def test_only_a_clear_answer_of_theirs_after_our_question_counts(replies: list[str], answer: Answer) -> None:
    thread = [Message("them", "同意", None), ASKED, Message("system", "同意", None)]
    thread += [Message("them", text, None) for text in replies]
    assert read_answer(thread, ASKED.text).answer is answer


def test_a_yes_to_something_else_that_we_have_written_meanwhile_is_unclear() -> None:
    colleague = Message("us", "库存到了，今天给您发货可以吗", None)
    assert read_answer([ASKED, colleague, Message("them", "可以", None)], ASKED.text).answer is Answer.UNCLEAR


def test_without_our_question_nothing_counts() -> None:
    assert read_answer([Message("them", "同意", None)], ASKED.text).answer is Answer.NOTHING
