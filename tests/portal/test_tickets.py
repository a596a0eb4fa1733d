"""Tickets: the shop's thread with the platform's clerks, in which it may add to what it said."""

import pytest

from .visitor import Visitor

NEW = {"kind": "关闭订单协助", "title": "协助关闭订单", "description": "买家同意关闭"}
FILE = ("files", ("a.png", b"one", "image/png"))


def filed(who: Visitor) -> tuple[str, str]:
    """Return an order about which a ticket is open, and the ticket's number."""
    order_id = who.paid("none")["order_id"]
    assert who.act("ticket", order_id, files=[FILE], **NEW) == "SUCCESS"
    return order_id, who.truth(order_id)["tickets"][0]["ticket_id"]


def clerk(who: Visitor, order_id: str, do: str, **args: str) -> None:
    who.tell("actors", actors=[{"who": "platform", "orders": [order_id], "on": "start", "do": do, "args": args}])


def test_a_reply_stands_in_the_thread_with_its_files_and_hands_the_ticket_back(seller: Visitor) -> None:
    order_id, ticket = filed(seller)
    clerk(seller, order_id, "ticket_ask_more", text="请补充聊天记录<b>")
    assert seller.truth(order_id)["tickets"][0]["state"] == "need_more"
    said = {"ticketId": ticket, "content": "已补充，见附件"}
    assert seller.act("ticket-reply", order_id, files=[FILE], **said) == "SUCCESS"
    [truth] = seller.truth(order_id)["tickets"]
    assert truth["state"] == "processing"
    assert [line["by"] for line in truth["thread"]] == ["seller", "platform", "seller"]
    assert [[file["name"] for file in line["files"]] for line in truth["thread"]] == [["a.png"], [], ["a.png"]]
    assert seller.ledger(order_id)[-1] == ("ticket_replied", "seller")
    page = seller.thread("ticket", order_id).text
    assert "已补充，见附件" in page
    assert "平台客服" in page
    assert ("&lt;b&gt;" in page) == (seller.skin == "classic")


def test_a_finished_ticket_and_anothers_take_no_reply(seller: Visitor, purchaser: Visitor) -> None:
    order_id, ticket = filed(seller)
    assert "补充说明" in seller.thread("ticket", order_id).text
    said = {"ticketId": ticket, "content": "再补充一句"}
    assert purchaser.act("ticket-reply", order_id, files=[FILE], **said) == "TICKET_NOT_EXIST"
    assert seller.act("ticket-reply", order_id, files=[FILE], **said | {"ticketId": "GD1"}) == "TICKET_NOT_EXIST"
    clerk(seller, order_id, "ticket_decline")
    assert seller.act("ticket-reply", order_id, files=[FILE], **said) == "TICKET_FINISHED"
    assert "补充说明" not in seller.thread("ticket", order_id).text
    assert "ticket_replied" not in {what for what, _ in seller.ledger(order_id)}


def test_text_and_files_of_a_reply_have_the_limits_that_the_page_tells(seller: Visitor) -> None:
    order_id, ticket = filed(seller)
    said = {"ticketId": ticket, "content": "见附件"}
    many = [("files", (f"{at}.png", b"x", "image/png")) for at in range(11)]
    large = [("files", ("a.png", b"x" * (5 * 1024 * 1024 + 1), "image/png"))]
    odd = [("files", ("run.exe", b"x", "application/octet-stream"))]
    for files in (many, large, odd):
        assert seller.act("ticket-reply", order_id, files=files, **said) == "FILE_NOT_ALLOWED"
    assert seller.act("ticket-reply", order_id, files=[FILE], **said | {"content": " "}) == "TICKET_INCOMPLETE"
    assert seller.act("ticket-reply", order_id, files=[FILE], **said | {"content": "长" * 501}) == "TEXT_TOO_LONG"
    assert seller.act("ticket-reply", order_id, files=many[:10], **said | {"content": "长" * 500}) == "SUCCESS"
    forms = ("/service/new?orderId=", f"/service/reply?ticketId={ticket}&orderId=")
    pages = [seller.http.get(form + order_id) for form in forms] if seller.skin == "classic" else []
    for page in pages or [seller.thread("ticket", order_id)]:
        assert "单个文件不超过5MB，一次最多10个" in page.text


@pytest.mark.parametrize(("do", "answer"), [("finish", "TICKET_FINISHED"), ("ask_more", "SUCCESS")])
def test_a_fault_has_a_clerk_move_the_ticket_as_it_is_replied_to(seller: Visitor, do: str, answer: str) -> None:
    order_id, ticket = filed(seller)
    seller.fault("ticket_moved", order_id, args={"do": do})
    assert seller.act("ticket-reply", order_id, files=[FILE], ticketId=ticket, content="见附件") == answer
    assert seller.fired() == 1
    assert seller.ledger(order_id)[1] == ("ticket_answered", "platform")


def test_clerks_may_say_something_pay_first_and_close_later(seller: Visitor) -> None:
    order_id, _ = filed(seller)
    clerk(seller, order_id, "ticket_note", text="正在核实")
    truth = seller.truth(order_id)["tickets"][0]
    assert (truth["state"], truth["thread"][-1]["text"]) == ("processing", "正在核实")
    clerk(seller, order_id, "pay_back")
    paid = seller.truth(order_id)
    assert (paid["state"], paid["pay_state"], paid["refund_state"]) == ("waitsellersend", "4", "refundsuccess")
    clerk(seller, order_id, "ticket_resolve")
    assert seller.truth(order_id)["state"] == "cancel"
    assert [what for what, _ in seller.ledger(order_id)].count("refund_paid") == 1


def test_a_colleague_may_reply_first(seller: Visitor) -> None:
    order_id, _ = filed(seller)
    seller.tell("actors", actors=[{"who": "seller", "orders": [order_id], "on": "start", "do": "reply_ticket"}])
    assert seller.ledger(order_id)[-1] == ("ticket_replied", "seller")
