"""Every fault of the mock portal, on every skin: the right outcome, no wrong and no double change in the ledger."""

import httpx
import pytest
from e2e_shop import Shop, agreed, want
from stall import A_DAY, AN_HOUR, BY_CLOSE, BY_REFUND, CLOSED, HUMAN, SEEN, Stall, each, fault

from agent.domain.reasons import Reason
from agent.errors import HumanCheck


@pytest.mark.slow
def test_an_order_paid_meanwhile_is_not_eligible_and_keeps_its_money(stall: Stall) -> None:
    """Even a declared consent does not carry a request for an unpaid order over to the refund path."""
    orders = [stall.unpaid() for _ in SEEN]
    stall.shop.faults(*each("paid_meanwhile", orders, SEEN))
    stall.work(*map(agreed, orders))
    assert stall.all_stand(orders) == [("not_eligible", ["order_paid"])] * 4


@pytest.mark.slow
def test_an_order_closed_meanwhile_is_already_closed_by_whoever_did_it(stall: Stall) -> None:
    by_system, by_buyer = [stall.unpaid() for _ in range(3)], [stall.unpaid() for _ in range(2)]
    refunded = stall.paid("refund")
    stall.shop.faults(
        *each("closed_by_system", by_system, ["start", "detail", "submit"]),
        *each("closed_by_buyer", by_buyer, ["list", "dialog"]),
        fault("closed_by_buyer", refunded, "submit"),
    )
    stall.work(*map(agreed, [*by_system, *by_buyer, refunded]))
    for orders, who in ((by_system, "system"), ([*by_buyer, refunded], "buyer")):
        assert [stall.shop.word(order) for order in orders] == ["already_closed"] * 3
        assert {stall.shop.case(order).by for order in orders} == {who}
        assert [stall.shop.ledger(order)[0]["by"] for order in orders] == [who] * 3
    assert stall.all_stand(by_system + by_buyer) == [("already_closed", ["order_closed"])] * 5
    assert stall.shop.what(refunded) == BY_CLOSE


@pytest.mark.long
def test_an_order_too_new_waits_and_is_closed_once_it_is_old_enough(stall: Stall) -> None:
    orders = [stall.unpaid() for _ in range(3)]
    # Not created yet, so that no slow machine lets it grow old while the test goes on.
    stall.shop.faults(*each("too_new", orders, ["start", "list", "submit"], age_s=-600.0))
    stall.work(*map(want, orders))
    assert stall.all_stand(orders) == [("waiting:too_new", [])] * 3
    stall.shop.later(AN_HOUR, lanes=2)
    assert stall.all_stand(orders) == [(CLOSED, ["order_closed"])] * 3


@pytest.mark.slow
def test_an_answer_lost_after_the_change_is_made_up_for_by_the_portals_own_record(stall: Stall) -> None:
    """A cut connection or a 500 after the change: found done, and not done again."""
    cut = [stall.unpaid(), stall.paid("refund"), stall.paid("close"), stall.paid("none")]
    broken = [stall.unpaid(), stall.paid("close")]
    stall.shop.faults(
        *each("answer_lost", cut, ["submit"] * 4),
        *each("error_500", broken, ["submit"] * 2, commit=True),
    )
    stall.work(want(cut[0]), agreed(cut[1]), want(cut[2]), agreed(cut[3]), *map(want, broken))
    expected = [
        (CLOSED, ["order_closed"]),
        (CLOSED, BY_REFUND),
        ("waiting:consent", ["message_sent"]),
        ("waiting:platform", ["ticket_filed"]),
        (CLOSED, ["order_closed"]),
        ("waiting:consent", ["message_sent"]),
    ]
    assert stall.all_stand(cut + broken) == expected
    stall.shop.later(AN_HOUR)
    assert stall.all_stand(cut + broken) == expected


@pytest.mark.slow
def test_an_answer_that_lies_is_never_believed_and_its_act_never_repeated(stall: Stall) -> None:
    """Whichever way the answer lies, the two sides disagree: a person's, today and tomorrow."""
    undone = [stall.unpaid(), stall.paid("refund"), stall.paid("close")]
    done = [stall.unpaid(), stall.paid("refund"), stall.paid("none")]
    stall.shop.faults(
        *each("toast_success_lie", undone, ["submit"] * 3), *each("toast_failure_lie", done, ["submit"] * 3)
    )
    stall.work(want(undone[0]), agreed(undone[1]), want(undone[2]), *map(agreed, done), lanes=3)
    expected = [(HUMAN, what) for what in ([], [], [], ["order_closed"], BY_REFUND, ["ticket_filed"])]
    assert stall.all_stand(undone + done) == expected
    stall.shop.later(A_DAY, lanes=2)
    assert stall.all_stand(undone + done) == expected


@pytest.mark.long
def test_a_toast_alone_changes_no_outcome(stall: Stall) -> None:
    closed, refunded, refused = stall.unpaid(), stall.paid("refund"), stall.unpaid()
    stall.shop.faults(
        *each("toast_failure_lie", [closed, refunded], ["submit"] * 2, answer=False),
        fault("toast_success_lie", refused, answer=False),
    )
    stall.work(*map(agreed, [closed, refunded, refused]))
    assert stall.all_stand([closed, refunded]) == [(CLOSED, ["order_closed"]), (CLOSED, BY_REFUND)]
    assert stall.stands(refused) == ("refused", []), "nothing was done, and the answer says so"
    said = stall.shop.case(refused).why.removeprefix("the portal refused to close: ")
    assert said in {"-", "SYSTEM_ERROR 系统繁忙，请稍后再试"}, "classic gives no reason"


@pytest.mark.long
def test_slow_pages_are_waited_for(stall: Stall) -> None:
    orders = [stall.unpaid() for _ in SEEN]
    stall.shop.faults(*each("slow_page", orders, SEEN, ms=1500))
    stall.work(*map(want, orders), lanes=4)
    assert stall.all_stand(orders) == [(CLOSED, ["order_closed"])] * 4


@pytest.mark.slow
@pytest.mark.parametrize("name", ["error_500", "reset"])
def test_a_failure_before_the_change_is_tried_again_until_it_is_done_once(stall: Stall, name: str) -> None:
    orders = [stall.unpaid() for _ in SEEN]
    stall.shop.faults(*each(name, orders, SEEN))
    stall.work(*map(want, orders), lanes=4)
    assert stall.all_stand(orders[:2]) == [(CLOSED, ["order_closed"])] * 2, "a page is read again at once"
    assert stall.stands(orders[2]) in [("waiting:retry", []), (CLOSED, ["order_closed"])], "a network may ask again"
    assert stall.stands(orders[3]) == ("waiting:retry", [])
    stall.shop.later(AN_HOUR, lanes=2)
    assert stall.all_stand(orders) == [(CLOSED, ["order_closed"])] * 4


@pytest.mark.slow
def test_what_could_be_doubled_is_a_persons_when_its_answer_is_lost_and_it_does_not_show(stall: Stall) -> None:
    refund, ticket, message, other = stall.paid("refund"), stall.paid("none"), stall.paid("close"), stall.paid("close")
    orders = [refund, ticket, message, other]
    stall.shop.faults(
        *each("error_500", [refund, message], ["submit"] * 2), *each("reset", [ticket, other], ["submit"] * 2)
    )
    stall.work(agreed(refund), agreed(ticket), want(message), want(other), lanes=4)
    assert stall.all_stand(orders) == [(HUMAN, [])] * 4
    for order in orders:
        stall.shop.answer(order, "not-done")
    stall.work()
    asked = ("waiting:consent", ["message_sent"])
    assert stall.all_stand(orders) == [(CLOSED, BY_REFUND), ("waiting:platform", ["ticket_filed"]), asked, asked]


@pytest.mark.long
def test_an_expired_session_is_signed_in_to_again_and_the_work_goes_on(stall: Stall) -> None:
    """Where the session ends with the change made, the answer says no and the page says yes: a person's."""
    orders, made = [stall.unpaid() for _ in SEEN], stall.unpaid()
    stall.shop.faults(*each("session_expired", orders, SEEN), fault("session_expired", made, "submit", commit=True))
    end = stall.work(*map(want, [*orders, made]), lanes=1)  # else a lane would lose its session to another's fault
    assert end.stopped_by is None
    assert stall.all_stand(orders[:2]) == [(CLOSED, ["order_closed"])] * 2, "signed in on the way"
    assert stall.all_stand(orders[2:]) == [("waiting:retry", [])] * 2, "nothing was sent, or nothing came of it"
    stall.shop.later(A_DAY)
    assert stall.all_stand(orders) == [(CLOSED, ["order_closed"])] * 4
    assert stall.stands(made) == (CLOSED, ["order_closed"]), "by the portal's own record"


def draw_the_slider(shop: Shop) -> None:
    """Do by hand what a person does before a slider: sign in to the account and draw it."""
    with httpx.Client(base_url=shop.portal.url, follow_redirects=True) as person:
        page = person.get("/login")
        person.post("/login", data={"csrf_token": token(page), "username": shop.role, "password": "demo"})
        page = person.get("/_____tmd_____/punish")
        person.post("/_____tmd_____/solve", data={"csrf_token": token(page), "next": "/"})


def token(page: httpx.Response) -> str:
    """Return the form token of a page."""
    return page.text.partition('name="csrf_token" value="')[2].partition('"')[0]


@pytest.mark.long
def test_a_slider_parks_the_run_until_a_person_has_drawn_it(stall: Stall) -> None:
    """One order after the other meets it, at each step and in the answer to a change that was made."""
    orders, made, last = [stall.unpaid() for _ in SEEN], stall.unpaid(), stall.unpaid()
    stall.shop.faults(*each("slider", orders, SEEN, times=1), fault("slider", made, "submit", times=1, commit=True))
    stall.admit(*map(want, [*orders, made, last]))
    for order in [*orders, made]:
        end = stall.work(lanes=1)
        assert isinstance(end.stopped_by, HumanCheck)
        expected = ("waiting:human_check", ["order_closed"] if order == made else [])
        assert stall.stands(order) == expected, stall.shop.case(order).why
        assert stall.shop.word(last) == "due", "the run has stopped"
        draw_the_slider(stall.shop)
    stall.shop.later(AN_HOUR)
    assert stall.all_stand([*orders, made, last]) == [(CLOSED, ["order_closed"])] * 6


@pytest.mark.slow
def test_a_stale_list_decides_nothing(stall: Stall) -> None:
    """What the list still shows as unpaid was paid, closed by the buyer, or is as it was."""
    paid, gone, same = stall.unpaid(), stall.unpaid(), stall.unpaid()
    stale = each("list_stale", [paid, gone, same], ["start"] * 3)
    stall.shop.faults(*stale, fault("closed_by_buyer", gone, "list"))
    stall.shop.actors({"who": "buyer", "on": "start", "do": "pay", "orders": [paid]})
    stall.work(*map(agreed, [paid, gone, same]))
    expected = [("not_eligible", ["order_paid"]), ("already_closed", ["order_closed"]), (CLOSED, ["order_closed"])]
    assert stall.all_stand([paid, gone, same]) == expected


@pytest.mark.slow
def test_a_list_that_shifts_while_orders_close_never_leads_to_another_order(stall: Stall) -> None:
    orders = [stall.unpaid() for _ in range(4)]
    stall.shop.faults({"name": "list_shifts"})
    stall.work(*map(want, orders), lanes=4)
    assert stall.all_stand(orders) == [(CLOSED, ["order_closed"])] * 4


@pytest.mark.slow
def test_a_missing_button_is_a_persons_where_unpaid_and_a_ticket_where_paid(stall: Stall) -> None:
    orders = [stall.unpaid(), stall.paid("close"), stall.paid("refund")]
    stall.shop.faults(*each("button_missing", orders, ["start"] * 3))
    stall.work(*map(agreed, orders))
    filed = ("waiting:platform", ["ticket_filed"])
    assert stall.all_stand(orders) == [(HUMAN, []), filed, filed]


@pytest.mark.slow
def test_a_renamed_button_is_a_persons_and_never_a_ticket(stall: Stall) -> None:
    orders = [stall.unpaid(), stall.paid("close"), stall.paid("refund")]
    stall.shop.faults(*each("button_renamed", orders, ["start"] * 3))
    stall.work(*map(agreed, orders))
    assert stall.all_stand(orders) == [(HUMAN, [])] * 3
    assert all("结束本单" in stall.shop.case(order).why for order in orders)


def test_the_twin_of_a_button_outside_the_orders_own_container_is_never_pressed(stall: Stall) -> None:
    orders = [stall.unpaid(), stall.paid("close"), stall.paid("refund")]
    stall.shop.faults(*each("twin_button", orders, ["start"] * 3))
    stall.work(*map(agreed, orders))
    assert stall.all_stand(orders) == [(CLOSED, ["order_closed"]), (CLOSED, BY_CLOSE), (CLOSED, BY_REFUND)]


@pytest.mark.slow
def test_a_reason_that_is_not_offered_is_never_replaced_by_another(stall: Stall) -> None:
    orders, offered = [stall.unpaid(), stall.paid("refund")], stall.unpaid()
    stall.shop.faults(*each("reason_missing", [*orders, offered], ["start"] * 3, reason="sellerGoodsLack"))
    stall.work(*(agreed(order, Reason.OUT_OF_STOCK) for order in orders), want(offered))
    assert stall.all_stand([*orders, offered]) == [(HUMAN, []), (HUMAN, []), (CLOSED, ["order_closed"])]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["partly_shipped", "staged", "frozen", "disputed"])
def test_what_only_a_person_may_touch_is_handed_over_with_pictures(stall: Stall, name: str) -> None:
    orders = [stall.unpaid(), stall.paid("refund"), stall.paid("none")]
    stall.shop.faults(*each(name, orders, ["submit", "list", "start"]))
    stall.work(*map(agreed, orders))
    assert stall.all_stand(orders) == [("handed_over", [])] * 3
    for order in orders:
        assert stall.shop.case(order).why
        assert any(path.stat().st_size for path in stall.shop.pictures(order)), "somebody has to see what we saw"
