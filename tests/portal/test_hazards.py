"""The switches of hazards beyond plain refusals do what their rows in the documentation say, in every skin."""

import re
import time
from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import pytest

from fixtures.mock_portal.site import SMS_CODE, SMS_PATH
from fixtures.mock_portal.words import MONEY_STYLES, ODD_TRADES

from .visitor import CODE, Visitor

CLOSE = {"closeReason": "buyerCancel", "remark": ""}
MAKE_GUEST = Callable[[], Visitor]


def visit(seller: Visitor, step: str, order_id: str) -> httpx.Response:
    """Do what belongs to a step."""
    match step:
        case "list":
            return seller.list_page(q=order_id)
        case "detail":
            return seller.detail(order_id)
        case "dialog":
            return seller.open_dialog(order_id)
        case _:
            return seller.post("close", order_id, **CLOSE)


def code_of(seller: Visitor, answer: httpx.Response) -> str:
    """Return the code of a refusal, or where the visitor is led instead."""
    if seller.skin != "classic":
        body = answer.json()
        return str((body.get("error", {"code": "SUCCESS"}) if seller.skin == "lit" else body)["code"])
    found = CODE.search(answer.text)
    return found[1] if found else answer.headers.get("location", "")


# --- What somebody else does meanwhile


@pytest.mark.parametrize("step", ["start", "list", "detail", "dialog", "submit"])
def test_another_tab_of_ours_closes_the_order_for_its_own_reason(seller: Visitor, step: str) -> None:
    order_id = seller.unpaid()
    seller.fault("closed_in_other_tab", order_id, step=step, args={"reason": "sellerGoodsLack"})
    if step != "start":
        visit(seller, step, order_id)
    after = seller.truth(order_id)
    assert (after["closed_by"], after["close_reason"]) == ("CLOSE_TRADE_BY_SELLER", "sellerGoodsLack")
    assert seller.close(order_id) == "ORDER_STATUS_ERROR"
    assert seller.ledger(order_id) == [("order_closed", "seller")]


def test_the_platforms_staff_close_a_paid_order_and_pay_it_back(seller: Visitor) -> None:
    order_id = seller.paid()["order_id"]
    seller.fault("closed_by_platform", order_id, step="start")
    assert seller.ledger(order_id) == [("order_closed", "platform"), ("refund_paid", "platform")]


@pytest.mark.parametrize(
    ("do", "what"),
    [("message", "message_sent"), ("memo", "memo_written"), ("ship", "order_shipped"), ("close", "order_closed")],
)
def test_a_colleague_works_the_same_order_by_fault_and_another_one_as_an_actor(
    seller: Visitor, do: str, what: str
) -> None:
    ours, others = (one["order_id"] for one in seller.orders(state="waitsellersend", button="close")[:2])
    seller.fault("second_operator", ours, step="detail", args={"do": do})
    seller.tell("actors", actors=[{"who": "seller", "on": "start", "do": do, "orders": [others], "after_s": 60}])
    seller.detail(ours)
    assert seller.ledger(ours)[0] == (what, "seller")
    assert seller.ledger(others) == []
    seller.tell("clock", advance_s=61)
    assert seller.ledger(others)[0] == (what, "seller")


def test_the_seller_changes_the_price_of_an_unpaid_order_only(seller: Visitor) -> None:
    unpaid, paid = seller.orders(state="waitbuyerpay", pay_state="1")[0], seller.paid()
    seller.tell("faults", faults=[{"name": "price_changed", "step": "start", "args": {"share": 0.5}}])
    assert seller.truth(unpaid["order_id"])["amount_fen"] == round(unpaid["amount_fen"] * 0.5)
    assert seller.truth(paid["order_id"])["amount_fen"] == paid["amount_fen"]


def test_a_payment_under_way_stops_a_close(seller: Visitor) -> None:
    order_id = seller.unpaid()
    seller.fault("paying", order_id)
    seller.open_dialog(order_id)
    assert seller.facts(order_id)["付款状态"] == "付款处理中"
    assert seller.close(order_id) == "ORDER_STATUS_ERROR"


def test_a_refund_can_be_open_and_for_a_share_only(seller: Visitor) -> None:
    order = seller.paid()
    seller.fault("refund_opened", order["order_id"], step="start", args={"share": 0.25})
    refund = seller.truth(order["order_id"])["refund"]
    assert refund["amount_fen"] == round(order["amount_fen"] * 0.25)
    assert "同意退款" in seller.buttons(order["order_id"])


@pytest.mark.parametrize(("share", "said"), [(0.5, "5011"), (1.0, "REFUND_CHANGED")])
def test_an_edited_refund_is_not_agreed_to_on_its_old_terms(seller: Visitor, share: float, said: str) -> None:
    """Its amount guards the money, its version the rest."""
    order_id = seller.paid()["order_id"]
    seller.tell(
        "faults",
        faults=[
            {"name": "refund_opened", "orders": [order_id], "step": "start"},
            {"name": "refund_edited", "orders": [order_id], "args": {"share": share}},
        ],
    )
    old = seller.terms(order_id)
    assert seller.act("refund-agree", order_id, **old) == said
    assert seller.act("refund-agree", order_id, **old) == said
    assert seller.act("refund-agree", order_id, **seller.terms(order_id)) == "SUCCESS"


# --- What an order suddenly is


@pytest.mark.parametrize(
    ("name", "fact", "word", "refusal"),
    [
        ("merged_order", "交易类型", "合并付款", "ORDER_MERGED"),
        ("staff_involved", "纠纷状态", "平台客服处理中", "ORDER_IN_SERVICE"),
        ("mixed_lines", "订单状态", "等待卖家发货", "ORDER_STATUS_ERROR"),
    ],
)
def test_an_order_that_only_looks_closable_shows_why_not_and_is_refused(
    seller: Visitor, name: str, fact: str, word: str, refusal: str
) -> None:
    order_id = seller.paid("close")["order_id"]
    seller.fault(name, order_id)
    assert seller.facts(order_id)[fact] == word
    assert "关闭订单" in seller.buttons(order_id)
    assert seller.close(order_id) == refusal


def test_one_line_of_mixed_lines_has_left(seller: Visitor) -> None:
    order_id = seller.paid("close")["order_id"]
    seller.fault("mixed_lines", order_id)
    assert seller.truth(order_id)["items"][0]["logistics_status"] == 2
    assert "已发货" in seller.detail(order_id).text


@pytest.mark.parametrize("name", ["mixed_lines", "partly_shipped"])
def test_no_fault_brings_back_an_order_that_is_closed(seller: Visitor, name: str) -> None:
    order_id = seller.unpaid()
    seller.fault("closed_by_buyer", order_id, step="start")
    seller.detail(order_id)
    seller.fault(name, order_id, step="detail")
    seller.detail(order_id)
    assert seller.truth(order_id)["state"] == "cancel"


@pytest.mark.parametrize("trade", list(ODD_TRADES))
def test_a_trade_can_be_of_another_kind(seller: Visitor, trade: str) -> None:
    order_id = seller.unpaid()
    seller.fault("odd_trade", order_id, args={"type": trade})
    assert seller.facts(order_id)["交易类型"] == ODD_TRADES[trade]


# --- What becomes of a request


def test_a_promised_change_is_made_later_and_only_once(seller: Visitor) -> None:
    order_id = seller.unpaid()
    seller.fault("delayed_commit", order_id, args={"s": 60.0})
    assert seller.close(order_id) == "SUCCESS"
    assert seller.facts(order_id)["订单状态"] == "等待买家付款"
    seller.tell("clock", advance_s=61)
    assert seller.facts(order_id)["订单状态"] == "交易关闭"
    assert seller.ledger(order_id) == [("order_closed", "seller")]


@pytest.mark.parametrize("step", ["list", "detail", "dialog", "submit"])
def test_an_answer_breaks_off_in_its_middle(seller: Visitor, step: str) -> None:
    order_id = seller.unpaid()
    seller.fault("half_answer", order_id, step=step)
    with pytest.raises(httpx.RemoteProtocolError, match=r"incomplete|without sending complete"):
        visit(seller, step, order_id)
    assert seller.ledger(order_id) == ([("order_closed", "seller")] if step == "submit" else [])
    assert seller.fired() == 1
    assert visit(seller, "detail", order_id).status_code == 200


@pytest.mark.parametrize("commit", [True, False])
def test_a_hanging_request_is_cut_in_the_end(seller: Visitor, *, commit: bool) -> None:
    order_id = seller.unpaid()
    seller.fault("hanging", order_id, step="detail", args={"s": 0.3})
    started = time.monotonic()
    with pytest.raises(httpx.TransportError):
        seller.detail(order_id)
    assert time.monotonic() - started >= 0.3
    seller.fault("hanging", order_id, args={"s": 0.1, "commit": commit})
    for _ in range(2):  # the second is the network stack's, and is cut at once
        with pytest.raises(httpx.TransportError):
            seller.close(order_id)
    assert seller.ledger(order_id) == ([("order_closed", "seller")] if commit else [])


@pytest.mark.parametrize(("answer", "said"), [("first", "SUCCESS"), ("second", "ORDER_STATUS_ERROR")])
def test_a_form_dealt_with_twice_changes_things_once(seller: Visitor, answer: str, said: str) -> None:
    order_id = seller.unpaid()
    seller.fault("served_twice", order_id, args={"answer": answer})
    assert seller.close(order_id) == said
    assert seller.ledger(order_id) == [("order_closed", "seller")]


def test_what_could_be_doubled_is_recognised_the_second_time(seller: Visitor) -> None:
    order_id = seller.unpaid()
    seller.fault("served_twice", order_id)
    assert seller.act("message", order_id, content="在吗") == "DUPLICATE_SUBMIT"
    assert seller.ledger(order_id) == [("message_sent", "seller")]


# --- Walls


@pytest.mark.parametrize(
    ("name", "status", "text"), [("rate_limited", 429, "访问过于频繁"), ("maintenance", 503, "系统维护中")]
)
@pytest.mark.parametrize("step", ["list", "detail", "dialog"])
def test_a_page_turns_its_visitor_away(seller: Visitor, name: str, status: int, text: str, step: str) -> None:
    order_id = seller.unpaid()
    seller.fault(name, order_id, step=step)
    answer = visit(seller, step, order_id)
    assert answer.status_code == status
    assert text in answer.text
    seller.tell("clock", advance_s=601)
    assert visit(seller, step, order_id).status_code == 200


@pytest.mark.parametrize("commit", [True, False])
@pytest.mark.parametrize(
    ("name", "location", "code"),
    [("rate_limited", "/busy", "FAIL_SYS_FLOWLIMIT"), ("maintenance", "/maintenance", "FAIL_SYS_MAINTENANCE")],
)
def test_a_form_is_turned_away_before_or_after_the_commit(
    seller: Visitor, name: str, location: str, code: str, *, commit: bool
) -> None:
    order_id = seller.unpaid()
    seller.fault(name, order_id, step="submit", args={"commit": commit})
    said = code_of(seller, seller.post("close", order_id, **CLOSE))
    assert said == (location if seller.skin == "classic" else code)
    assert seller.ledger(order_id) == ([("order_closed", "seller")] if commit else [])


def test_maintenance_closes_every_page_to_everybody_until_it_is_over(seller: Visitor) -> None:
    struck, other = (one["order_id"] for one in seller.orders(state="waitbuyerpay", pay_state="1")[:2])
    seller.fault("maintenance", struck, args={"s": 120.0})
    assert [seller.detail(order_id).status_code for order_id in (struck, other)] == [503, 503]
    assert seller.list_page().status_code == 503
    seller.tell("clock", advance_s=121)
    assert seller.detail(struck).status_code == 200


@pytest.mark.parametrize("step", ["list", "detail", "dialog", "submit"])
def test_a_session_that_has_switched_shops_finds_no_order_and_may_do_nothing(guest: MAKE_GUEST, step: str) -> None:
    visitor = guest()
    order_id = visitor.unpaid()
    visitor.fault("shop_switched", order_id, step=step)
    visit(visitor, step, order_id)
    page = visitor.http.get("/", follow_redirects=True).text
    assert re.search(r'[>"]seller_2[<"]', page)
    assert "订单不存在或无权查看" in visitor.detail(order_id).text
    assert visitor.close(order_id) == "NO_PERMISSION"
    assert visitor.ledger(order_id) == []
    visitor.sign_in()
    assert visitor.facts(order_id)["订单号"] == order_id


def test_a_code_is_wanted_above_a_limit_until_a_person_enters_it(seller: Visitor) -> None:
    large = max(seller.orders(state="waitsellersend", button="refund"), key=lambda one: one["amount_fen"])
    small = min(seller.orders(state="waitbuyerpay", pay_state="1"), key=lambda one: one["amount_fen"])
    seller.tell("faults", faults=[{"name": "sms_code", "args": {"above_fen": large["amount_fen"]}}])
    assert seller.close(small["order_id"]) == "SUCCESS"
    order_id = large["order_id"]
    fields = {"reason": "buyerCancel", "amount": f"{large['amount_fen'] / 100:.2f}", "description": "已协商一致"}
    said = code_of(seller, seller.post("refund", order_id, **fields))
    assert said == (f"{SMS_PATH}?orderId={order_id}" if seller.skin == "classic" else "FAIL_BIZ_SMS_VERIFY")
    assert seller.ledger(order_id) == []
    assert "短信验证码" in seller.http.get(SMS_PATH, params={"orderId": order_id}).text
    for code in ("000000", SMS_CODE):
        seller.http.post(SMS_PATH, data={"csrf_token": seller.token, "orderId": order_id, "code": code})
        done = code_of(seller, seller.post("refund", order_id, **fields))
        assert bool(seller.ledger(order_id)) == (code == SMS_CODE), done


@pytest.mark.parametrize(
    ("name", "said"),
    [("no_permission", "NO_PERMISSION"), ("remark_wanted", "REMARK_REQUIRED")],
)
def test_the_portal_refuses_a_close_for_reasons_of_its_own(seller: Visitor, name: str, said: str) -> None:
    order_id = seller.unpaid()
    seller.fault(name, order_id)
    assert [seller.close(order_id), seller.close(order_id)] == [said, said]
    assert seller.close(order_id, remark="已联系") == ("SUCCESS" if name == "remark_wanted" else said)


def test_a_low_balance_stops_paying_back_and_nothing_else(seller: Visitor) -> None:
    order_id = seller.paid("close")["order_id"]
    seller.tell(
        "faults",
        faults=[
            {"name": "refund_opened", "orders": [order_id], "step": "start"},
            {"name": "low_balance", "orders": [order_id]},
        ],
    )
    assert seller.act("refund-agree", order_id, **seller.terms(order_id)) == "BALANCE_NOT_ENOUGH"
    assert seller.act("message", order_id, content="在吗") == "SUCCESS"


# --- Lists and what pages say


def test_an_old_order_is_in_no_list_and_has_its_page(seller: Visitor) -> None:
    order_id = seller.rows()[0]
    seller.fault("not_in_list", order_id)
    assert seller.rows(q=order_id) == []
    assert order_id not in seller.rows()
    assert seller.facts(order_id)["订单号"] == order_id


def test_a_filter_can_be_ignored(seller: Visitor) -> None:
    order_id = seller.rows(page="2")[0]
    seller.fault("filter_ignored", order_id)
    assert seller.rows(q=order_id) == seller.rows()


def test_totals_can_be_wrong(seller: Visitor) -> None:
    order_id = seller.rows()[0]
    seller.fault("totals_wrong", order_id)
    assert re.search(r"共 0 条|\"total\":0,", seller.list_page().text)
    assert re.search(r"共 10000 条|\"total\":10000,", seller.list_page(q=order_id).text)


@pytest.mark.parametrize("style", list(MONEY_STYLES))
def test_amounts_can_be_written_in_other_ways_on_every_page(seller: Visitor, style: str) -> None:
    order_id = seller.unpaid()
    usual = seller.facts(order_id)["应付款"]
    found = re.fullmatch(r"¥([0-9,]+)\.([0-9]{2}) 含运费", usual)
    assert found is not None
    fen = int((found[1] + found[2]).replace(",", ""))
    wanted = MONEY_STYLES[style].format(whole=found[1], cents=found[2], fen=fen)
    seller.fault("money_format", order_id, args={"style": style})
    assert wanted in seller.facts(order_id)["应付款"]
    assert wanted in seller.list_page(q=order_id).text
    assert wanted in seller.open_dialog(order_id).text


def test_a_reason_can_be_called_otherwise(seller: Visitor) -> None:
    order_id = seller.unpaid()
    seller.fault("reason_renamed", order_id, args={"reason": "sellerGoodsLack", "label": "缺货"})
    text = seller.open_dialog(order_id).text
    assert "缺货" in text
    assert "卖家库存不足" not in text
    assert seller.close(order_id, "sellerGoodsLack") == "SUCCESS"


@pytest.mark.parametrize("name", ["popup", "slow_hydration", "events_doubled"])
def test_what_happens_in_the_browser_comes_with_the_pages_of_its_order_only(seller: Visitor, name: str) -> None:
    struck, other = (one["order_id"] for one in seller.orders(state="waitbuyerpay", pay_state="1")[:2])
    path = {"classic": "/trade/order?orderId=", "workbench": "/trade/detail?orderId=", "lit": "/console/orders/"}
    seller.fault(name, struck)
    pages = [seller.http.get(f"{path[seller.skin]}{order_id}").text for order_id in (struck, other)]
    assert ["tampering.js" in page for page in pages] == [True, False]


@pytest.mark.parametrize("skew_s", [-600.0, 600.0])
def test_the_portals_clock_can_be_wrong_until_the_fault_ends(seller: Visitor, skew_s: float) -> None:
    order_id = seller.unpaid()
    seller.tell("faults", faults=[{"name": "clock_skew", "args": {"s": skew_s}}])
    seller.close(order_id)
    closed = datetime.fromisoformat(f"{seller.facts(order_id)['关闭时间']}+08:00")
    for moment in (closed, _told(seller)):
        assert abs((moment - datetime.now(UTC)).total_seconds() - skew_s) < 60
    seller.tell("faults", faults=[])
    assert abs((_told(seller) - datetime.now(UTC)).total_seconds()) < 60


def _told(seller: Visitor) -> datetime:
    return datetime.fromisoformat(seller.http.get("/_mock/clock").json()["now"])


@pytest.mark.parametrize(
    ("fault", "named"),
    [
        ({"name": "clock_skew", "orders": [], "args": {"s": 1.0}}, "whole shop"),
        ({"name": "clock_skew"}, "args.s is needed"),
        ({"name": "second_operator", "args": {"do": "dance"}}, "close, message"),
        ({"name": "odd_trade", "step": "submit"}, "submit"),
        ({"name": "popup", "args": {"stacked": 1}}, "bool"),
    ],
)
def test_what_a_switch_cannot_be_is_said(seller: Visitor, fault: dict[str, object], named: str) -> None:
    answer = seller.http.post("/_mock/faults", json={"faults": [fault]})
    assert answer.status_code == 422
    assert named in answer.json()["error"]


def test_faults_combine_and_strike_in_their_order(seller: Visitor) -> None:
    """Paid at the dialog, a refund opened at the next detail page, edited at the submit, and the answer lost."""
    order_id = seller.unpaid()
    names = [("paid_meanwhile", "dialog"), ("refund_opened", "detail"), ("refund_edited", "submit")]
    plan = [{"name": name, "orders": [order_id], "step": step} for name, step in names]
    seller.tell("faults", faults=[*plan, {"name": "answer_lost", "orders": [order_id]}])
    seller.open_dialog(order_id)
    seller.detail(order_id)
    with pytest.raises(httpx.TransportError):
        seller.close(order_id)
    assert seller.ledger(order_id) == [("order_paid", "buyer"), ("refund_applied", "buyer")]
    assert seller.truth(order_id)["refund"]["version"] == 2
    assert seller.fired() == 4


# --- The money


@pytest.mark.parametrize(("share", "pay_state"), [("1", "4"), ("0.5", "2")])
def test_money_that_is_held_back_comes_when_the_platform_pays_and_only_then(
    seller: Visitor, share: str, pay_state: str
) -> None:
    order_id = seller.paid()["order_id"]
    seller.fault("refund_held", order_id, step="start")
    assert seller.act("close", order_id, closeReason="buyerCancel") == "SUCCESS"
    assert seller.truth(order_id)["pay_state"] == "2"
    seller.tell(
        "actors",
        actors=[{"who": "platform", "on": "start", "do": "pay_owed", "orders": [order_id], "args": {"share": share}}],
    )
    after = seller.truth(order_id)
    assert (after["pay_state"], after["refund_state"]) == (pay_state, "refundsuccess")
