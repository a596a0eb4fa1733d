"""What the pages show, in every skin."""

from collections.abc import Callable

from .visitor import Visitor


def test_the_list_pages_through_every_order_once(seller: Visitor) -> None:
    seen = [order_id for page in range(1, 13) for order_id in seller.rows(page=page)]
    assert len(seen) == len(set(seen)) == 120
    assert "共 120 条" in seller.list_page().text or seller.data(seller.list_page())["total"] == 120


def test_search_finds_one_order_by_its_whole_id_and_goods_by_a_part_of_their_name(seller: Visitor) -> None:
    order = seller.orders(state="waitbuyerpay")[3]
    assert seller.rows(q=order["order_id"]) == [order["order_id"]]
    assert seller.rows(q=order["order_id"][-6:]) == []
    assert seller.rows(q=order["items"][0]["name"][2:6])
    assert "没有符合条件的订单，请尝试其他搜索条件。" in seller.list_page(q="没有的东西").text


def test_the_detail_labels_everything_needed_to_decide(seller: Visitor) -> None:
    order_id = seller.unpaid()
    facts = seller.facts(order_id)
    wanted = {"订单号": order_id, "订单状态": "等待买家付款", "付款状态": "未付款", "退款状态": "无退款"}
    wanted |= {"交易类型": "担保交易", "付款时间": "-", "风控状态": "正常", "纠纷状态": "无"}
    assert wanted.items() <= facts.items()
    assert facts["应付款"].startswith("¥")
    assert facts["应付款"].endswith(" 含运费")
    assert {"下单时间", "运费", "买家", "收货人", "联系电话", "收货地址"} <= facts.keys()


def test_an_unknown_order_has_a_page_that_says_so(seller: Visitor) -> None:
    assert "订单不存在或无权查看" in seller.detail("123456789012345678").text


def test_each_side_sees_its_own_buttons(seller: Visitor, purchaser: Visitor) -> None:
    unpaid, paid = seller.unpaid(), seller.paid("close")["order_id"]
    assert "关闭订单" in seller.buttons(unpaid)
    assert "取消订单" in purchaser.buttons(unpaid)
    assert "关闭订单" in seller.buttons(paid)
    assert "申请退款" in seller.buttons(seller.paid("refund")["order_id"])
    assert not {"关闭订单", "申请退款"} & seller.buttons(seller.paid("none")["order_id"])
    assert "申请退款" in purchaser.buttons(paid)
    frozen = seller.orders(frozen=True)[0]["order_id"]
    assert seller.buttons(frozen) - {"平台客服"} == {"备注", "联系买家"}


def test_signing_in_needs_the_right_password_and_token(guest: Callable[[], Visitor]) -> None:
    visitor = guest()
    visitor.http.cookies.clear()
    visitor.http.get("/login")
    assert visitor.http.post("/login", data={"username": "seller", "password": "demo"}).status_code == 403
    assert "账号或密码错误" in visitor.sign_in(password="nope").text
    turned_away = visitor.list_page()
    assert turned_away.status_code == 303 or "FAIL_SYS_SESSION_EXPIRED" in turned_away.text
    assert visitor.sign_in().status_code == 303
    assert visitor.list_page().status_code == 200


def test_every_post_needs_the_token(guest: Callable[[], Visitor]) -> None:
    visitor = guest()
    visitor.token = "wrong"
    order_id = visitor.unpaid()
    assert visitor.post("close", order_id, closeReason="buyerCancel").status_code == 403
    assert visitor.post("message", order_id, content="在吗").status_code == 403
    assert visitor.post("ticket", order_id, title="x").status_code == 403
    assert visitor.ledger() == []


def test_style_and_script_are_kept_by_the_browser(seller: Visitor) -> None:
    answer = seller.http.get(f"/static/{seller.skin}.css")
    assert "immutable" in answer.headers["Cache-Control"]
    assert seller.list_page().headers["Cache-Control"] == "no-store"
