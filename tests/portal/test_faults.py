"""Every fault does what its row in the documentation says, in every skin."""

import re
from collections.abc import Callable

import httpx
import pytest

from .visitor import Visitor

CLOSE = {"closeReason": "buyerCancel", "remark": ""}


@pytest.mark.parametrize(
    ("name", "state", "closer"),
    [
        ("paid_meanwhile", "waitsellersend", None),
        ("closed_by_system", "cancel", "CLOSE_TRADE_BY_SYSTEM"),
        ("closed_by_buyer", "cancel", "CLOSE_TRADE_BY_BUYER"),
    ],
)
@pytest.mark.parametrize("step", ["start", "list", "detail", "dialog", "submit"])
def test_things_happen_after_the_page_of_their_step(
    seller: Visitor, name: str, state: str, closer: str | None, step: str
) -> None:
    order_id = seller.unpaid()
    seller.fault(name, order_id, step=step)
    visits = {"list": lambda: seller.rows(q=order_id), "detail": lambda: seller.detail(order_id)}
    visits["dialog"] = lambda: seller.open_dialog(order_id)
    for page, visit in visits.items():
        if step in {"start", "submit"}:
            break
        assert seller.truth(order_id)["state"] == "waitbuyerpay"
        visit()
        if page == step:
            break
    if step != "submit":
        assert seller.truth(order_id)["state"] == state
    if step != "start":
        assert seller.close(order_id) == "ORDER_STATUS_ERROR"
    after = seller.truth(order_id)
    assert (after["state"], after["closed_by"]) == (state, closer)
    assert seller.fired() == 1


@pytest.mark.parametrize(
    ("name", "fact", "word"),
    [
        ("partly_shipped", "订单状态", "部分发货"),
        ("staged", "交易类型", "分阶段付款"),
        ("frozen", "风控状态", "冻结中"),
        ("disputed", "纠纷状态", "平台介入中"),
    ],
)
def test_states_can_be_put_on_an_order(seller: Visitor, name: str, fact: str, word: str) -> None:
    order_id = seller.unpaid()
    seller.fault(name, order_id)
    assert seller.facts(order_id)[fact] == word
    assert seller.close(order_id) == "ORDER_STATUS_ERROR"


def test_a_lost_answer_comes_after_the_commit_and_a_reset_before_it(seller: Visitor) -> None:
    for name, left in (("answer_lost", [("order_closed", "seller")]), ("reset", [])):
        order_id = seller.unpaid()
        seller.fault(name, order_id)
        with pytest.raises(httpx.TransportError):
            seller.close(order_id)
        assert seller.ledger(order_id) == left
        # the same bytes at once again are the network stack's doing, and meet the same end
        with pytest.raises(httpx.TransportError):
            seller.close(order_id)
        assert seller.ledger(order_id) == left
        assert seller.fired() == 1


@pytest.mark.parametrize("answer", [True, False])
def test_a_success_can_be_a_lie(seller: Visitor, *, answer: bool) -> None:
    order_id = seller.unpaid()
    seller.fault("toast_success_lie", order_id, args={"answer": answer})
    said = seller.post("close", order_id, **CLOSE)
    assert seller.ledger() == []
    if seller.skin != "classic":
        assert seller.says(said) == (answer, {"ok": True, "text": "关闭订单成功"})
    else:
        assert said.status_code == (303 if answer else 200)
        page = seller.http.get(said.headers["location"]) if answer else said
        assert re.search(r'role="status">关闭订单成功', page.text)
    assert seller.close(order_id) == "SUCCESS"


@pytest.mark.parametrize("answer", [True, False])
def test_a_failure_can_be_a_lie(seller: Visitor, *, answer: bool) -> None:
    order_id = seller.unpaid()
    seller.fault("toast_failure_lie", order_id, args={"answer": answer})
    said = seller.post("close", order_id, **CLOSE)
    assert seller.ledger() == [("order_closed", "seller")]
    if seller.skin != "classic":
        success, toast = seller.says(said)
        assert (success, toast["ok"]) == (not answer, False)
    else:
        assert said.status_code == (200 if answer else 303)
        page = said if answer else seller.http.get(said.headers["location"])
        assert re.search(r'role="alert">关闭订单失败', page.text)


@pytest.mark.parametrize("step", ["list", "detail", "dialog", "submit"])
def test_pages_can_be_slow_broken_or_cut(seller: Visitor, step: str) -> None:
    order_id = seller.unpaid()
    visit: dict[str, Callable[[], httpx.Response]] = {
        "list": lambda: seller.list_page(q=order_id),
        "detail": lambda: seller.detail(order_id),
        "dialog": lambda: seller.open_dialog(order_id),
        "submit": lambda: seller.post("memo", order_id, memo=step),
    }
    seller.fault("slow_page", order_id, step=step, args={"ms": 500})
    assert visit[step]().elapsed.total_seconds() >= 0.5
    assert visit[step]().elapsed.total_seconds() < 0.5
    seller.fault("error_500", order_id, step=step)
    assert visit[step]().status_code == 500
    assert visit[step]().status_code != 500
    seller.fault("reset", order_id, step=step)
    with pytest.raises(httpx.TransportError):
        visit[step]()


@pytest.mark.parametrize("commit", [True, False])
@pytest.mark.parametrize("name", ["error_500", "session_expired", "slider"])
def test_what_goes_wrong_at_submit_can_come_before_or_after_the_commit(
    seller: Visitor, guest: Callable[[], Visitor], name: str, *, commit: bool
) -> None:
    visitor = guest()
    order_id = visitor.unpaid()
    visitor.fault(name, order_id, step="submit", args={"commit": commit})
    assert visitor.close(order_id) != "SUCCESS"
    assert seller.ledger() == ([("order_closed", "seller")] if commit else [])


def test_an_expired_session_has_to_sign_in_again(guest: Callable[[], Visitor]) -> None:
    visitor = guest()
    order_id = visitor.unpaid()
    visitor.fault("session_expired", order_id, step="detail")
    answer = visitor.detail(order_id)
    if visitor.skin == "classic":
        assert answer.headers["location"].startswith("/login?next=%2Ftrade%2Forder")
    else:
        assert "FAIL_SYS_SESSION_EXPIRED" in answer.text
    visitor.sign_in()
    assert order_id in visitor.detail(order_id).text


def test_a_slider_stands_in_the_way_of_the_account_until_it_is_drawn(seller: Visitor) -> None:
    order_id = seller.unpaid()
    seller.fault("slider", order_id, step="detail")
    for _ in range(2):
        text = seller.detail(order_id).text
        assert "nc_1_n1z" in text or "RGV587_ERROR" in text
    seller.http.post("/_____tmd_____/solve", data={"csrf_token": seller.token, "next": "/"})
    assert seller.facts(order_id)["订单号"] == order_id


def test_a_stale_list_goes_on_showing_the_old_state(seller: Visitor) -> None:
    order_id = seller.unpaid()
    seller.fault("list_stale", order_id)
    assert seller.close(order_id) == "SUCCESS"
    assert seller.rows(q=order_id, tab="waitbuyerpay") == [order_id]
    assert "等待买家付款" in seller.list_page(q=order_id).text
    assert seller.facts(order_id)["订单状态"] == "交易关闭"
    seller.tell("faults", faults=[])
    assert seller.rows(q=order_id, tab="waitbuyerpay") == []


def test_a_stale_list_can_be_stale_for_a_while_only(seller: Visitor) -> None:
    order_id = seller.unpaid()
    seller.fault("list_stale", order_id, times=2)
    assert seller.close(order_id) == "SUCCESS"
    shown = ["等待买家付款" in seller.list_page(q=order_id).text.partition("tbody")[2] for _ in range(3)]
    if seller.skin != "classic":
        shown = [True, True, seller.data(seller.list_page(q=order_id))["rows"][0]["status"] == "等待买家付款"]
    assert shown == [True, True, False]


def test_rows_can_move_between_two_loads(seller: Visitor) -> None:
    before = seller.rows()
    seller.tell("faults", faults=[{"name": "list_shifts"}])
    seller.rows()
    after = seller.rows()
    assert after != before
    assert after[:-1] == before[1:]


def test_buttons_can_be_missing_renamed_or_doubled(seller: Visitor) -> None:
    order_id = seller.unpaid()
    seller.fault("button_missing", order_id)
    assert "关闭订单" not in seller.buttons(order_id)
    seller.fault("button_renamed", order_id)
    assert "结束本单" in seller.buttons(order_id)
    seller.fault("button_renamed", order_id, args={"label": "作废"})
    assert "作废" in seller.buttons(order_id)
    seller.fault("twin_button", order_id)
    text = seller.detail(order_id).text
    if seller.skin == "classic":
        aside = text.partition("最近浏览订单")[2]
        assert "关闭订单" in aside
        assert order_id not in aside
    else:
        twin = seller.data(seller.detail(order_id))["twin"]
        assert twin["action"]["label"] == "关闭订单"
        assert twin["action"]["dialog"]["order_id"] == twin["orderId"] != order_id


def test_a_reason_can_be_missing(seller: Visitor) -> None:
    order_id = seller.unpaid()
    seller.fault("reason_missing", order_id, args={"reason": "sellerGoodsLack"})
    text = seller.open_dialog(order_id).text
    assert "卖家库存不足" not in text
    assert "买家取消订单" in text


def test_a_rate_picks_the_same_orders_each_time(seller: Visitor) -> None:
    plan = {"seed": 5, "faults": [{"name": "frozen", "rate": 0.1}]}
    first = seller.tell("faults", **plan)["faults"][0]["orders"]
    assert len(first) == 12
    seller.tell("reset")
    assert seller.tell("faults", **plan)["faults"][0]["orders"] == first


def test_a_fault_can_be_for_one_act_only(seller: Visitor) -> None:
    order_id = seller.unpaid()
    seller.fault("error_500", order_id, step="submit", args={"act": "close"})
    assert seller.act("message", order_id, content="在吗") == "SUCCESS"
    assert seller.post("close", order_id, **CLOSE).status_code == 500
    assert seller.close(order_id) == "SUCCESS"
