"""Closing an order, in every skin."""

import pytest

from .visitor import Visitor


def test_an_unpaid_order_is_closed_once_and_written_down(seller: Visitor) -> None:
    order_id = seller.unpaid()
    answer = seller.post("close", order_id, closeReason="sellerGoodsLack", remark="缺货")
    order = seller.truth(order_id)
    assert (order["state"], order["closed_by"]) == ("cancel", "CLOSE_TRADE_BY_SELLER")
    assert (order["close_reason"], order["close_remark"]) == ("sellerGoodsLack", "缺货")
    entry = seller.http.get("/_mock/ledger").json()["ledger"][0]
    assert entry["request_id"] == answer.headers["X-Request-Id"]
    assert (entry["seq"], entry["what"], entry["by"]) == (1, "order_closed", "seller")
    assert entry["at"].endswith("+08:00")
    assert seller.close(order_id) == "ORDER_STATUS_ERROR"
    assert len(seller.ledger()) == 1
    facts = seller.facts(order_id)
    assert (facts["订单状态"], facts["关闭方"], facts["关闭原因"]) == ("交易关闭", "卖家", "卖家库存不足")


def test_a_paid_order_with_the_button_is_closed_and_paid_back(seller: Visitor) -> None:
    order_id = seller.paid("close")["order_id"]
    assert seller.close(order_id) == "SUCCESS"
    assert seller.ledger() == [("order_closed", "seller"), ("refund_paid", "platform")]
    order = seller.truth(order_id)
    assert (order["state"], order["refund_state"], order["pay_state"]) == ("cancel", "refundsuccess", "4")


def test_the_purchaser_may_cancel_what_it_has_not_paid(purchaser: Visitor) -> None:
    order_id = purchaser.unpaid()
    assert purchaser.close(order_id) == "SUCCESS"
    assert purchaser.ledger() == [("order_closed", "purchaser")]
    assert purchaser.truth(order_id)["closed_by"] == "CLOSE_TRADE_BY_BUYER"


@pytest.mark.parametrize(
    "special",
    [
        {"state": "waitbuyerpay", "pay_state": "9"},
        {"state": "waitbuyerpay", "trade_type": "staged"},
        {"frozen": True},
        {"disputed": True, "refund_state": "waitbuyermodify"},
        {"state": "waitsellersend", "refund_state": "waitselleragree"},
        {"state": "waitsellersend", "button": "refund"},
        {"state": "waitsellersend", "button": "none"},
        {"state": "waitsellersend", "partly_shipped": True},
        {"state": "waitbuyerreceive"},
        {"state": "success"},
    ],
)
def test_what_may_not_be_closed_is_refused(seller: Visitor, special: dict[str, object]) -> None:
    order_id = seller.orders(**special)[0]["order_id"]
    assert seller.close(order_id) == "ORDER_STATUS_ERROR"
    assert seller.ledger() == []


@pytest.mark.parametrize(
    ("reason", "remark", "code"),
    [
        ("", "", "REASON_REQUIRED"),
        ("nonsense", "", "5004"),
        ("other", " ", "REMARK_REQUIRED"),
        ("other", "长" * 201, "TEXT_TOO_LONG"),
        ("other", "买家电话确认不要了", "SUCCESS"),
    ],
)
def test_reason_and_remark_are_checked(seller: Visitor, reason: str, remark: str, code: str) -> None:
    assert seller.close(seller.unpaid(), reason, remark) == code


def test_an_order_younger_than_ten_seconds_has_to_wait(seller: Visitor) -> None:
    order_id = seller.unpaid()
    seller.fault("too_new", order_id)
    assert seller.close(order_id) == "CLOSE_ORDER_TOO_FAST"
    seller.tell("clock", advance_s=11)
    assert seller.close(order_id) == "SUCCESS"


def test_the_dialog_offers_a_label_for_every_reason(seller: Visitor) -> None:
    text = seller.open_dialog(seller.unpaid()).text
    for label in ("买家取消订单", "未及时付款", "卖家库存不足", "买家信息填写错误，重新拍", "买家联系不上"):
        assert label in text
    for label in ("恶意买家/同行捣乱", "同城见面交易", "商品信息有误", "其它"):
        assert label in text


def test_a_memo_overwrites_the_one_before(seller: Visitor) -> None:
    order_id = seller.unpaid()
    assert seller.act("memo", order_id, memo="一") == "SUCCESS"
    assert seller.act("memo", order_id, memo="二") == "SUCCESS"
    assert seller.truth(order_id)["memo"] == "二"
    assert seller.ledger(order_id) == [("memo_written", "seller")] * 2


def test_the_purchaser_may_not_act_for_the_seller(purchaser: Visitor) -> None:
    order_id = purchaser.orders(state="waitsellersend", refund_state="waitselleragree")[0]["order_id"]
    assert purchaser.act("refund-agree", order_id, **purchaser.terms(order_id)) == "NO_PERMISSION"
    assert purchaser.act("memo", order_id, memo="x") == "NO_PERMISSION"
    assert purchaser.ledger() == []
