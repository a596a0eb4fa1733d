"""Hazards that are no mere refusals, on every skin: the right outcome, no wrong and no double change in the ledger."""

import socket
from dataclasses import replace
from types import SimpleNamespace

import httpx
import pytest
from e2e_shop import Shop, agreed, want
from stall import A_DAY, AN_HOUR, BY_CLOSE, BY_REFUND, CLOSED, HUMAN, SEEN, Stall, each, fault, in_a_hurry

from agent.domain.reasons import Reason
from agent.engine.shop_run import Mode
from agent.errors import Maintenance, Unreachable, WrongShop
from fixtures.mock_portal.site import SMS_CODE, SMS_PATH

RETRY = "waiting:retry"
BY_AGREEING = ["refund_applied", "refund_agreed", "refund_paid", "order_closed"]
ONCE = (CLOSED, ["order_closed"])


# --- Others at work meanwhile


@pytest.mark.long
def test_an_order_whose_payment_is_under_way_waits_until_it_is_through(stall: Stall) -> None:
    orders = [stall.unpaid() for _ in range(3)]
    stall.shop.faults(*each("paying", orders, ["start", "dialog", "submit"]))
    stall.work(*map(want, orders))
    assert stall.all_stand(orders) == [(RETRY, [])] * 3
    stall.shop.actors({"who": "buyer", "on": "start", "do": "pay", "orders": orders})
    stall.shop.later(AN_HOUR, lanes=2)
    assert stall.all_stand(orders) == [("not_eligible", ["order_paid"])] * 3


@pytest.mark.long
def test_what_another_tab_or_the_platform_has_closed_is_not_ours(stall: Stall) -> None:
    platform, tab = [stall.unpaid() for _ in range(3)], [stall.unpaid() for _ in range(4)]
    stall.shop.faults(
        *each("closed_by_platform", platform, ["start", "detail", "submit"]),
        *each("closed_in_other_tab", tab, ["start", "list", "dialog", "submit"], reason="sellerGoodsLack"),
    )
    stall.work(*map(want, [*platform, *tab]))
    assert stall.all_stand([*platform, *tab]) == [("already_closed", ["order_closed"])] * 7
    assert {stall.shop.case(order).by for order in platform} == {"platform"}
    assert {stall.shop.case(order).by for order in tab} == {"seller_other"}
    assert all(stall.shop.ledger(order)[0]["request_id"].startswith("fault-") for order in tab)


@pytest.mark.slow
def test_another_tab_with_our_own_reason_is_a_persons_to_judge_where_it_was_quicker(stall: Stall) -> None:
    """The portal refuses our close, and its record fits it: nobody but a person can tell whose it was."""
    before, meanwhile = stall.unpaid(), stall.unpaid()
    stall.shop.faults(*each("closed_in_other_tab", [before, meanwhile], ["start", "submit"]))
    stall.work(want(before), want(meanwhile))
    assert stall.stands(before) == ("already_closed", ["order_closed"])
    assert stall.stands(meanwhile) == (HUMAN, ["order_closed"])


@pytest.mark.long
def test_a_colleague_at_the_same_order_is_neither_overrun_nor_taken_for_us(stall: Stall) -> None:
    shipped, agreed_to, written, noted = stall.paid("close"), stall.paid("refund"), stall.unpaid(), stall.unpaid()
    stall.shop.faults(
        fault("second_operator", shipped, "dialog", do="ship"),
        fault("refund_opened", agreed_to, "start"),
        fault("second_operator", agreed_to, "submit", do="agree_refund"),
        fault("second_operator", written, "dialog", do="message"),
        fault("second_operator", noted, "detail", do="memo"),
    )
    stall.work(*map(agreed, [shipped, agreed_to, written, noted]))
    assert stall.stands(shipped) == ("not_eligible", ["order_shipped"])
    word, what = stall.stands(agreed_to)
    assert (word, what) == (HUMAN, BY_AGREEING), "refused, and done: a person says whose it was"
    assert stall.stands(written) == (CLOSED, ["message_sent", "order_closed"])
    assert stall.stands(noted) == (CLOSED, ["memo_written", "order_closed"])


@pytest.mark.slow
def test_a_price_is_bound_by_the_page_that_was_decided_on(stall: Stall) -> None:
    known, meanwhile, late = stall.unpaid(), stall.unpaid(), stall.unpaid()
    stall.shop.faults(*each("price_changed", [known, meanwhile, late], ["list", "detail", "submit"]))
    stall.work(*map(want, [known, meanwhile, late]))
    assert [stall.stands(order) for order in (known, late)] == [ONCE, ONCE]
    assert stall.shop.case(known).amount == stall.shop.order(known)["amount_fen"]
    assert stall.stands(meanwhile) == (HUMAN, []), "the dialog shows another amount than the page"


@pytest.mark.long
def test_a_refund_opened_by_the_buyer_is_agreed_to_and_its_order_neither_closed_nor_refused(stall: Stall) -> None:
    orders = [stall.paid("close") for _ in range(3)]
    stall.shop.faults(*each("refund_opened", orders, ["start", "detail", "submit"]))
    stall.work(*map(agreed, orders))
    assert stall.stands(orders[0]) == (CLOSED, BY_AGREEING)
    assert stall.all_stand(orders[1:]) == [(RETRY, ["refund_applied"])] * 2
    stall.shop.later(AN_HOUR, lanes=2)
    assert stall.all_stand(orders) == [(CLOSED, BY_AGREEING)] * 3


@pytest.mark.long
def test_a_refund_of_part_of_the_money_or_of_goods_that_never_left_is_a_persons(stall: Stall) -> None:
    part, goods = stall.paid("close"), stall.paid("refund")
    stall.shop.faults(
        fault("refund_opened", part, "start", share=0.5), fault("refund_opened", goods, "start", kind="return")
    )
    stall.work(agreed(part), agreed(goods))
    assert stall.stands(part) == (HUMAN, ["refund_applied"])
    assert stall.stands(goods) == (HUMAN, ["return_requested"])


@pytest.mark.slow
def test_a_refund_edited_while_we_decide_is_not_agreed_to_on_its_old_terms(stall: Stall) -> None:
    """Less money is a person's; the same money in other words is looked at again, and then agreed to."""
    less, meanwhile, words = stall.paid("close"), stall.paid("refund"), stall.paid("none")
    stall.shop.faults(
        *each("refund_opened", [less, meanwhile, words], ["start"] * 3),
        fault("refund_edited", less, "submit"),
        fault("refund_edited", meanwhile, "detail"),
        fault("refund_edited", words, "submit", share=1.0),
    )
    stall.work(*map(agreed, [less, meanwhile, words]))
    assert stall.all_stand([less, meanwhile]) == [(HUMAN, ["refund_applied"])] * 2
    assert stall.stands(words) == (RETRY, ["refund_applied"])
    stall.shop.later(AN_HOUR)
    assert stall.stands(words) == (CLOSED, BY_AGREEING)


# --- Orders that only look like plain ones


@pytest.mark.long
def test_an_order_that_only_looks_closable_is_handed_over(stall: Stall) -> None:
    names, steps = ("merged_order", "staff_involved", "mixed_lines"), ["start", "list", "submit"]
    orders = {name: [stall.paid("close"), stall.paid("refund"), stall.paid("close")] for name in names}
    stall.shop.faults(*(one for name in names for one in each(name, orders[name], steps)))
    stall.work(*(agreed(order) for name in names for order in orders[name]))
    for name in names:
        assert stall.all_stand(orders[name]) == [("handed_over", [])] * 3, name


@pytest.mark.long
def test_other_kinds_of_trade_are_handed_over_and_unheard_of_ones_a_persons(stall: Stall) -> None:
    odd = {"cod": stall.unpaid(), "bank": stall.unpaid(), "credit": stall.paid("close"), "face": stall.paid("none")}
    new = stall.unpaid()
    stall.shop.faults(
        *(fault("odd_trade", order, "start", type=kind) for kind, order in odd.items()),
        fault("odd_trade", new, "start", type="unheard_of"),
    )
    stall.work(*map(agreed, [*odd.values(), new]))
    assert stall.all_stand(list(odd.values())) == [("handed_over", [])] * 4
    assert stall.stands(new) == (HUMAN, [])
    assert "云仓代采" in stall.shop.case(new).why


# --- Answers that come late, in part, twice, or not at all


@pytest.mark.long
def test_a_page_that_hangs_is_asked_for_again_and_an_act_that_hangs_is_looked_for(stall: Stall) -> None:
    in_a_hurry(stall.shop)
    pages, undone, done = [stall.unpaid() for _ in SEEN[:3]], stall.unpaid(), stall.unpaid()
    ticket = stall.paid("none")
    stall.shop.faults(
        *each("hanging", pages, SEEN[:3], s=60.0),
        fault("hanging", undone, "submit", s=4.0),
        fault("hanging", done, "submit", s=4.0, commit=True),
        fault("hanging", ticket, "submit", s=4.0),
    )
    stall.work(*map(want, [*pages, undone, done]), agreed(ticket), lanes=3)
    assert stall.all_stand(pages[:2]) == [ONCE, ONCE]
    assert stall.stands(done) == ONCE, "by the portal's own record"
    assert stall.all_stand([pages[2], undone]) == [(RETRY, [])] * 2
    assert stall.stands(ticket) == (HUMAN, []), "it could be doubled"
    stall.shop.later(AN_HOUR, lanes=2)
    assert stall.all_stand([*pages, undone, done]) == [ONCE] * 5


@pytest.mark.long
def test_half_an_answer_is_none(stall: Stall) -> None:
    pages, closed, refunded, filed = [stall.unpaid() for _ in SEEN[:3]], stall.unpaid(), stall.paid("refund"), None
    filed = stall.paid("none")
    stall.shop.faults(
        *each("half_answer", pages, SEEN[:3]), *each("half_answer", [closed, refunded, filed], ["submit"] * 3)
    )
    stall.work(*map(want, [*pages, closed]), agreed(refunded), agreed(filed))
    expected = [ONCE, (CLOSED, BY_REFUND), ("waiting:platform", ["ticket_filed"])]
    assert stall.all_stand([closed, refunded, filed]) == expected
    stall.shop.later(AN_HOUR, lanes=2)
    assert stall.all_stand(pages) == [ONCE] * 3
    assert stall.all_stand([closed, refunded, filed]) == expected


@pytest.mark.long
def test_a_promised_change_is_waited_for_and_never_asked_for_again(stall: Stall) -> None:
    soon, late, refund = stall.unpaid(), stall.unpaid(), stall.paid("refund")
    stall.shop.faults(
        fault("delayed_commit", soon, s=1.0), *each("delayed_commit", [late, refund], ["submit"] * 2, s=7200.0)
    )
    stall.work(want(soon), want(late), agreed(refund))
    assert stall.stands(soon) == ONCE
    assert stall.all_stand([late, refund]) == [(HUMAN, [])] * 2, "the portal has said yes and does not show it"
    stall.shop.later(AN_HOUR)
    assert stall.all_stand([late, refund]) == [(HUMAN, [])] * 2
    stall.shop.later(A_DAY)
    assert stall.all_stand([late, refund]) == [ONCE, (CLOSED, BY_REFUND)]


@pytest.mark.long
def test_a_request_that_the_portal_serves_twice_changes_nothing_twice(stall: Stall) -> None:
    """The second answer says no to what the page shows as done: a person's, until somebody has said so."""
    first, second, asked, filed = stall.unpaid(), stall.unpaid(), stall.paid("close"), stall.paid("none")
    stall.shop.faults(
        fault("served_twice", first, answer="first"), *each("served_twice", [second, asked, filed], ["submit"] * 3)
    )
    stall.work(want(first), want(second), want(asked), agreed(filed))
    twice = [(HUMAN, ["order_closed"]), (HUMAN, ["message_sent"]), (HUMAN, ["ticket_filed"])]
    assert stall.stands(first) == ONCE
    assert stall.all_stand([second, asked, filed]) == twice
    stall.shop.later(A_DAY)
    assert stall.all_stand([second, asked, filed]) == twice
    stall.shop.answer(second, "done")
    stall.work()
    assert stall.stands(second) == ONCE


@pytest.mark.slow
def test_a_page_that_hears_each_click_twice_closes_once_or_asks_a_person(stall: Stall) -> None:
    in_a_hurry(stall.shop)
    orders = [stall.unpaid(), stall.paid("close")]
    stall.shop.faults(*each("events_doubled", orders, ["start"] * 2))
    stall.work(*map(agreed, orders))
    for order, once in zip(orders, (["order_closed"], BY_CLOSE), strict=True):
        assert stall.stands(order) in [(CLOSED, once), (HUMAN, []), (RETRY, [])], stall.shop.case(order).why


# --- Walls


@pytest.mark.long
def test_a_portal_that_asks_to_slow_down_is_left_alone_for_a_while(stall: Stall) -> None:
    orders, made = [stall.unpaid() for _ in SEEN], stall.unpaid()
    stall.shop.faults(*each("rate_limited", orders, SEEN), fault("rate_limited", made, "submit", commit=True))
    stall.work(*map(want, [*orders, made]))
    assert stall.all_stand(orders) == [(RETRY, [])] * 4
    assert stall.stands(made) == ONCE, "by the portal's own record"
    stall.shop.later(AN_HOUR, lanes=2)
    assert stall.all_stand([*orders, made]) == [ONCE] * 5


@pytest.mark.long
def test_maintenance_ends_the_run_and_nothing_is_lost_or_doubled_by_it(stall: Stall) -> None:
    orders, made, last = [stall.unpaid() for _ in SEEN], stall.unpaid(), stall.unpaid()
    stall.shop.faults(*each("maintenance", orders, SEEN), fault("maintenance", made, "submit", commit=True))
    stall.admit(*map(want, [*orders, made, last]))
    for order in [*orders, made]:
        end = stall.work(lanes=1)
        assert isinstance(end.stopped_by, Maintenance)
        assert stall.stands(order) == (RETRY, ["order_closed"] if order == made else [])
        assert stall.shop.word(last) == "due", "the run has stopped"
        stall.shop.post("clock", {"advance_s": 601})
    stall.shop.later(AN_HOUR)
    assert stall.all_stand([*orders, made, last]) == [ONCE] * 6


@pytest.mark.slow
def test_a_portal_out_of_reach_ends_the_run_and_parks_no_order_however_often_it_is_tried(stall: Stall) -> None:
    """No person could answer for it, and no other order would fare better; a plan says so and ends, too."""
    orders = [stall.unpaid() for _ in range(2)]
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # held, and not listened at
        away = replace(stall.shop, portal=SimpleNamespace(url=f"http://127.0.0.1:{nobody.getsockname()[1]}"))
        for later in range(6):
            end = away.run(*map(want, orders), ahead_s=later * AN_HOUR)
            assert isinstance(end.stopped_by, Unreachable)
            assert end.passes == 1, "the run has stopped"
            assert {stall.shop.word(order) for order in orders} <= {RETRY, "due"}
        planned = away.run(*map(want, orders), mode=Mode.PLAN, lanes=2)
        assert isinstance(planned.stopped_by, Unreachable)
    stall.shop.later(8 * AN_HOUR)
    assert stall.all_stand(orders) == [ONCE] * 2


@pytest.mark.slow
def test_a_session_in_another_shop_ends_the_run_before_anything_is_concluded_from_it(stall: Stall) -> None:
    """That shop has no such order: it must not be taken for not found."""
    orders, last = [stall.unpaid() for _ in SEEN], stall.unpaid()
    stall.shop.faults(*each("shop_switched", orders, SEEN))
    stall.admit(*map(want, [*orders, last]))
    for order in orders:
        end = stall.work(lanes=1)
        assert isinstance(end.stopped_by, WrongShop), stall.shop.case(order).why
        assert stall.stands(order) == ("waiting:login", [])
        assert stall.shop.word(last) == "due", "the run has stopped"
    stall.shop.later(AN_HOUR)  # in a session of its own
    assert stall.all_stand([*orders, last]) == [ONCE] * 5


def enter_the_code(shop: Shop, order_id: str) -> None:
    """Do by hand what a person does who has got the SMS."""
    with httpx.Client(base_url=shop.portal.url, follow_redirects=True) as person:
        for path, fields in (
            ("/login", {"username": shop.role, "password": "demo"}),
            (SMS_PATH, {"orderId": order_id, "code": SMS_CODE}),
        ):
            page = person.get(path, params={"orderId": order_id}).text
            found = page.partition('name="csrf_token" value="')[2].partition('"')[0]
            person.post(path, data={"csrf_token": found, **fields})


@pytest.mark.slow
def test_a_code_by_sms_is_a_persons_and_is_not_asked_for_again_and_again(stall: Stall) -> None:
    """The others go on; each press of the button would send one more code."""
    large, small = stall.paid("refund"), stall.unpaid()
    stall.shop.faults(fault("sms_code", large))
    stall.work(agreed(large), want(small))
    assert stall.stands(small) == ONCE
    assert stall.stands(large) == ("waiting:human_check", [])
    assert "SMS" in stall.shop.case(large).why
    stall.shop.later(AN_HOUR)
    assert stall.stands(large) == ("waiting:human_check", [])
    assert stall.shop.truth("faults")["faults"][0]["fired"] == 1
    enter_the_code(stall.shop, large)
    stall.shop.answer(large, "continue")
    stall.work()
    assert stall.stands(large) == (CLOSED, BY_REFUND)


@pytest.mark.long
def test_a_portal_that_says_no_is_told_in_its_own_words(stall: Stall) -> None:
    poor, stranger, bare = stall.paid("refund"), stall.unpaid(), stall.unpaid()
    stall.shop.faults(
        fault("low_balance", poor), fault("no_permission", stranger), fault("remark_wanted", bare),
    )  # fmt: skip
    stall.work(agreed(poor), want(stranger), want(bare))
    assert stall.all_stand([poor, stranger, bare]) == [("refused", [])] * 3
    words = {poor: "BALANCE_NOT_ENOUGH", stranger: "NO_PERMISSION", bare: "REMARK_REQUIRED"}
    if stall.shop.skin != "classic":  # whose answers have no field for the code
        assert all(word in stall.shop.case(order).why for order, word in words.items())


# --- Lists, words, and what lies over a page


@pytest.mark.long
def test_a_list_that_leaves_out_ignores_or_miscounts_keeps_nobody_from_the_order(stall: Stall) -> None:
    in_a_hurry(stall.shop)
    orders = [stall.unpaid() for _ in range(3)]
    names = ("not_in_list", "filter_ignored", "totals_wrong")
    stall.shop.faults(*(fault(name, order) for name, order in zip(names, orders, strict=True)))
    stall.work(*map(want, orders))
    assert stall.all_stand(orders) == [ONCE] * 3


@pytest.mark.slow
def test_amounts_are_read_in_every_usual_way_and_never_guessed(stall: Stall) -> None:
    styles = {style: stall.unpaid() for style in ("yuan", "full_width", "bracket")}
    unread = stall.unpaid()
    stall.shop.faults(
        *(fault("money_format", order, style=style) for style, order in styles.items()),
        fault("money_format", unread, style="fen"),
    )
    stall.work(*map(want, [*styles.values(), unread]))
    assert stall.all_stand(list(styles.values())) == [ONCE] * 3
    assert stall.stands(unread) == (HUMAN, [])
    for order in styles.values():
        assert stall.shop.case(order).amount == stall.shop.order(order)["amount_fen"]


@pytest.mark.slow
def test_a_reason_under_a_known_other_name_is_chosen_and_under_an_unknown_one_not(stall: Stall) -> None:
    known, unknown = stall.unpaid(), stall.unpaid()
    stall.shop.faults(
        fault("reason_renamed", known, reason="sellerGoodsLack", label="缺货"),
        fault("reason_renamed", unknown, reason="sellerGoodsLack"),
    )
    stall.work(want(known, Reason.OUT_OF_STOCK), want(unknown, Reason.OUT_OF_STOCK))
    assert stall.stands(known) == ONCE
    assert stall.shop.order(known)["close_reason"] == "sellerGoodsLack"
    assert stall.stands(unknown) == (HUMAN, [])
    assert "无理由关闭" in stall.shop.case(unknown).why


@pytest.mark.slow
def test_known_pop_ups_are_sent_away_whenever_they_come_and_unknown_ones_never_pressed(stall: Stall) -> None:
    at_once, late, stacked, unknown = (stall.unpaid() for _ in range(4))
    stall.shop.faults(
        fault("popup", at_once), fault("popup", late, late_ms=150), fault("popup", stacked, stacked=True),
        fault("popup", unknown, title="问卷调查"),
    )  # fmt: skip
    stall.work(*map(want, [at_once, late, stacked, unknown]))
    assert stall.all_stand([at_once, late, stacked]) == [ONCE] * 3
    assert stall.stands(unknown) == (HUMAN, [])


@pytest.mark.slow
def test_a_click_lost_on_a_page_that_was_not_alive_yet_is_made_again(stall: Stall) -> None:
    in_a_hurry(stall.shop)
    orders = [stall.unpaid(), stall.paid("refund")]
    stall.shop.faults(*each("slow_hydration", orders, ["start"] * 2, ms=1500))
    stall.work(*map(agreed, orders))
    assert stall.all_stand(orders) == [ONCE, (CLOSED, BY_REFUND)]


@pytest.mark.slow
def test_a_clock_that_is_wrong_never_makes_a_close_of_ours_anothers(stall: Stall) -> None:
    """A record from long before our own act is nobody's proof: a person looks."""
    for skew_s, word in ((-60.0, CLOSED), (600.0, CLOSED), (-600.0, HUMAN)):
        order = stall.unpaid()
        stall.shop.faults({"name": "clock_skew", "args": {"s": skew_s}})
        stall.work(want(order), lanes=1)
        assert stall.stands(order) == (word, ["order_closed"]), skew_s


@pytest.mark.long
def test_hazards_at_random_over_a_batch_change_nothing_wrongly_or_twice(stall: Stall) -> None:
    """Whatever meets an order, it is closed once at most, and where it is not, somebody can read why."""
    orders = [stall.unpaid() for _ in range(9)] + [stall.paid(button) for button in ("close", "refund", "none")]
    names = ("answer_lost", "half_answer", "refund_opened", "price_changed", "paid_meanwhile", "rate_limited", "popup")
    stall.shop.post("faults", {"seed": 5, "faults": [{"name": name, "rate": 0.3} for name in names]})
    stall.work(*map(agreed, orders), lanes=3)
    stall.shop.later(AN_HOUR, lanes=3)
    assert sum(one["fired"] for one in stall.shop.truth("faults")["faults"]) > len(names)
    stall.shop.faults()  # most were for orders that nobody has asked for
    for order in orders:
        word, what = stall.stands(order)
        assert what.count("order_closed") <= 1
        assert (word == CLOSED) <= ("order_closed" in what), "closed only what the ledger says is closed"
        assert all(what.count(act) <= 1 for act in ("ticket_filed", "message_sent", "refund_agreed"))
