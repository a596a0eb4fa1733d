"""Refunds, returns, disputes, messages and tickets, in every skin, with actors on the other side."""

from hashlib import sha256

import pytest

from .visitor import Visitor, money


def test_the_seller_pays_back_by_itself_where_the_page_offers_it(seller: Visitor) -> None:
    order = seller.paid("refund")
    fields = {"reason": "sellerGoodsLack", "amount": money(order["amount_fen"]), "description": "缺货退款"}
    assert seller.act("refund", order["order_id"], **fields) == "SUCCESS"
    assert seller.ledger() == [
        ("refund_applied", "seller"),
        ("refund_agreed", "system"),
        ("order_closed", "seller"),
        ("refund_paid", "platform"),
    ]
    after = seller.truth(order["order_id"])
    assert (after["state"], after["refund_state"], after["pay_state"]) == ("cancel", "refundsuccess", "4")
    assert after["close_reason"] == "sellerGoodsLack"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"reason": ""}, "REASON_REQUIRED"),
        ({"reason": "nonsense"}, "5004"),
        ({"amount": "0.01"}, "5011"),
        ({"amount": "一百"}, "5011"),
        ({"amount": "9999999.00"}, "5011"),
        ({"description": "短"}, "5012"),
        ({"description": "长" * 151}, "5012"),
    ],
)
def test_a_refund_application_is_checked(seller: Visitor, changed: dict[str, str], code: str) -> None:
    order = seller.paid("refund")
    good = {"reason": "other", "amount": money(order["amount_fen"]), "description": "协商退款"}
    assert seller.act("refund", order["order_id"], **(good | changed)) == code
    assert seller.ledger() == []


def test_the_seller_agrees_to_a_buyers_refund_on_its_exact_terms(seller: Visitor) -> None:
    order_id = seller.orders(state="waitsellersend", refund_state="waitselleragree")[0]["order_id"]
    terms = seller.terms(order_id)
    assert seller.act("refund-agree", order_id, **(terms | {"refundId": "TQ1"})) == "REFUND_CHANGED"
    assert seller.act("refund-agree", order_id, **(terms | {"amount": "0.01"})) == "5011"
    assert seller.act("refund-agree", order_id, **terms) == "SUCCESS"
    assert seller.ledger() == [("refund_agreed", "seller"), ("refund_paid", "platform"), ("order_closed", "system")]
    assert seller.truth(order_id)["closed_by"] == "CLOSE_TRADE_BY_SYSTEM"


def test_the_seller_refuses_a_refund(seller: Visitor) -> None:
    order_id = seller.orders(state="waitsellersend", refund_state="waitselleragree")[0]["order_id"]
    fields = seller.terms(order_id) | {"reason": "shipped", "description": "货已发出"}
    assert seller.act("refund-refuse", order_id, **fields) == "SUCCESS"
    assert seller.truth(order_id)["refund_state"] == "waitbuyermodify"
    assert seller.ledger() == [("refund_refused", "seller")]


def test_a_return_goes_from_the_request_to_the_money(seller: Visitor) -> None:
    order_id = seller.shipped()["order_id"]
    rules = [
        {"who": "buyer", "on": "message_sent", "by": "seller", "after_s": 60, "do": "request_return"},
        {"who": "buyer", "on": "return_agreed", "after_s": 3600, "do": "send_return", "args": {"carrier": "顺丰速运"}},
    ]
    seller.tell("actors", actors=[rule | {"orders": [order_id]} for rule in rules])
    assert seller.act("message", order_id, content="您好，可以退货退款") == "SUCCESS"
    assert seller.truth(order_id)["refund_state"] == ""
    seller.tell("clock", advance_s=61)
    assert "同意退货" in seller.buttons(order_id)
    assert seller.act("return-agree", order_id, **seller.terms(order_id)) == "SUCCESS"
    seller.tell("clock", advance_s=3601)
    facts = seller.facts(order_id)
    assert (facts["退款状态"], facts["退货物流"]) == ("等待卖家确认收货", "运输中")
    assert "顺丰速运" in facts["退货快递"]
    assert seller.act("return-receive", order_id, **seller.terms(order_id)) == "SUCCESS"
    assert seller.ledger(order_id) == [
        ("message_sent", "seller"),
        ("return_requested", "buyer"),
        ("return_agreed", "seller"),
        ("return_sent", "buyer"),
        ("return_received", "seller"),
        ("refund_agreed", "seller"),
        ("refund_paid", "platform"),
        ("order_closed", "system"),
    ]


def test_the_purchaser_sends_back_applies_and_the_supplier_agrees(purchaser: Visitor) -> None:
    order = purchaser.shipped()
    order_id = order["order_id"]
    rules = [
        {"who": "supplier", "on": "message_sent", "by": "purchaser", "after_s": 60, "do": "reply"},
        {"who": "buyer", "on": "message_sent", "by": "supplier", "after_s": 60, "do": "send_return"},
        {"who": "supplier", "on": "return_sent", "after_s": 60, "do": "receive_return"},
        {"who": "supplier", "on": "refund_applied", "after_s": 60, "do": "agree_refund"},
    ]
    purchaser.tell("actors", actors=[rule | {"orders": [order_id]} for rule in rules])
    assert purchaser.act("message", order_id, content="货不对版，申请退货") == "SUCCESS"
    purchaser.tell("clock", advance_s=200)
    assert purchaser.facts(order_id)["退货物流"] == "已签收"
    fields = {"reason": "other", "amount": money(order["amount_fen"]), "description": "货已退回，请退款"}
    assert purchaser.act("refund", order_id, **fields) == "SUCCESS"
    assert purchaser.truth(order_id)["refund_state"] == "waitselleragree"
    purchaser.tell("clock", advance_s=61)
    assert purchaser.facts(order_id)["订单状态"] == "交易关闭"
    assert purchaser.ledger(order_id)[-3:] == [
        ("refund_agreed", "supplier"),
        ("refund_paid", "platform"),
        ("order_closed", "system"),
    ]


def test_a_refused_purchaser_calls_the_platform_in(purchaser: Visitor) -> None:
    order = purchaser.shipped()
    order_id = order["order_id"]
    rule = {"who": "supplier", "orders": [order_id], "on": "refund_applied", "do": "refuse_refund"}
    purchaser.tell("actors", actors=[rule])
    fields = {"reason": "other", "amount": money(order["amount_fen"]), "description": "货已退回，请退款"}
    assert purchaser.act("refund", order_id, **fields) == "SUCCESS"
    assert purchaser.facts(order_id)["退款状态"] == "待买家修改"
    files = [("files", ("chat.png", b"picture", "image/png"))]
    assert purchaser.act("dispute", order_id, description="供应商拒绝退款", files=files) == "SUCCESS"
    assert purchaser.facts(order_id)["纠纷状态"] == "平台介入中"
    assert purchaser.ledger(order_id)[-1] == ("dispute_opened", "purchaser")
    assert "申请平台介入" not in purchaser.buttons(order_id)


@pytest.mark.parametrize(
    ("args", "back", "states", "word"),
    [
        ({}, 1.0, ("cancel", "refundsuccess"), "支持买家"),
        ({"for": "buyer", "share": "0.5"}, 0.5, ("waitbuyerreceive", "refundsuccess"), "支持买家"),
        ({"for": "seller"}, 0.0, ("waitbuyerreceive", "refundclose"), "支持卖家"),
    ],
)
def test_the_platform_decides_a_dispute_for_one_side(
    purchaser: Visitor, args: dict[str, str], back: float, states: tuple[str, str], word: str
) -> None:
    order = purchaser.shipped()
    order_id, whole = order["order_id"], order["amount_fen"]
    decide = {"who": "platform", "orders": [order_id], "do": "dispute_decide", "args": args}
    refuse = {"who": "supplier", "orders": [order_id], "on": "refund_applied", "do": "refuse_refund"}
    purchaser.tell("actors", actors=[refuse, decide | {"on": "message_sent"}, decide | {"on": "dispute_opened"}])
    assert purchaser.act("message", order_id, content="请处理") == "SUCCESS"
    assert purchaser.truth(order_id)["ruling"] is None, "nothing is decided where nobody has called the platform in"
    fields = {"reason": "other", "amount": money(whole), "description": "货已退回，请退款"}
    assert purchaser.act("refund", order_id, **fields) == "SUCCESS"
    assert purchaser.act("dispute", order_id, description="供应商拒绝退款") == "SUCCESS"
    truth = purchaser.truth(order_id)
    assert (truth["state"], truth["refund_state"]) == states
    assert not truth["disputed"]
    assert truth["ruling"]["amount_fen"] == round(whole * back)
    assert purchaser.facts(order_id)["平台裁决"] == word
    paid = [line[0] for line in purchaser.ledger(order_id)].count("refund_paid")
    assert paid == (1 if back else 0)


def test_messages_have_a_limit_and_a_sender(seller: Visitor) -> None:
    order_id = seller.unpaid()
    seller.tell("actors", actors=[{"who": "buyer", "orders": [order_id], "on": "message_sent", "do": "reply"}])
    assert seller.act("message", order_id, content="长" * 501) == "MESSAGE_TOO_LONG"
    assert seller.act("message", order_id, content=" ") == "MESSAGE_EMPTY"
    assert seller.act("message", order_id, content="可以关闭吗？<b>") == "SUCCESS"
    assert seller.ledger() == [("message_sent", "seller"), ("message_sent", "buyer")]
    page = seller.thread("message", order_id).text
    assert "同意关闭，谢谢" in page
    assert page.index("我") < page.index("对方")
    assert ("&lt;b&gt;" in page) == (seller.skin == "classic")


def test_a_clerk_asks_for_more_and_then_closes_the_order(seller: Visitor) -> None:
    order_id = seller.paid("none")["order_id"]
    seller.tell(
        "actors",
        actors=[
            {"who": "platform", "on": "ticket_filed", "after_s": 60, "do": "ticket_ask_more", "times": 1},
            {"who": "platform", "on": "ticket_filed", "after_s": 600, "do": "ticket_resolve"},
        ],
    )
    fields = {"kind": "关闭订单协助", "title": "协助关闭订单", "description": "买家同意关闭"}
    files = [("files", ("a.png", b"one", "image/png")), ("files", ("b.html", b"two", "text/html"))]
    assert seller.act("ticket", order_id, files=files, **fields) == "SUCCESS"
    kept = seller.truth(order_id)["tickets"][0]["attachments"]
    assert kept[0] == {"name": "a.png", "size": 3, "sha256": sha256(b"one").hexdigest()}
    seller.tell("clock", advance_s=61)
    assert "待补充" in seller.thread("ticket", order_id).text
    seller.tell("clock", advance_s=600)
    assert "已完结" in seller.thread("ticket", order_id).text
    after = seller.truth(order_id)
    assert (after["state"], after["closed_by"], after["pay_state"]) == ("cancel", "CLOSE_TRADE_BY_BOPS", "4")
    assert seller.ledger(order_id) == [
        ("ticket_filed", "seller"),
        ("ticket_answered", "platform"),
        ("order_closed", "platform"),
        ("refund_paid", "platform"),
        ("ticket_answered", "platform"),
    ]


def test_a_ticket_needs_its_fields_and_takes_only_some_files(seller: Visitor) -> None:
    order_id = seller.unpaid()
    fields = {"kind": "其它", "title": "问题", "description": "描述"}
    bad = [("files", ("run.exe", b"x", "application/octet-stream"))]
    assert seller.act("ticket", order_id, files=bad, **fields) == "FILE_NOT_ALLOWED"
    none: list[object] = [("files", ("", b""))] if seller.skin == "classic" else []
    assert seller.act("ticket", order_id, files=none, **(fields | {"kind": ""})) == "TICKET_INCOMPLETE"
    assert seller.ledger() == []


def test_due_moves_are_made_in_order_at_their_own_moment(seller: Visitor) -> None:
    order_id = seller.unpaid()
    seller.tell(
        "actors",
        actors=[
            {"who": "supplier", "orders": [order_id], "on": "order_paid", "after_s": 100, "do": "ship"},
            {"who": "buyer", "orders": [order_id], "on": "start", "after_s": 50, "do": "pay"},
        ],
    )
    seller.tell("clock", advance_s=1000)
    assert seller.ledger() == [("order_paid", "buyer"), ("order_shipped", "supplier")]
    paid, shipped = seller.http.get("/_mock/ledger").json()["ledger"]
    assert paid["at"] < shipped["at"] < seller.http.get("/_mock/clock").json()["now"]
    assert [rule["done"] for rule in seller.http.get("/_mock/actors").json()["actors"]] == [1, 1]
