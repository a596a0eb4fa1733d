"""Each row of the work as its operator sees it: judged by the ledger, and what is shown becomes a picture."""

from collections.abc import Callable

import pytest

from agent.domain.cases import Outcome
from fixtures.mock_portal.words import RETURN_ADDRESSES
from tests.pictures.album import Album
from tests.pictures.shown_shop import LANGUAGES, ShownShop

pytestmark = pytest.mark.slow
Opened = Callable[..., ShownShop]
PLAIN = {"refund_state": "", "partly_shipped": False, "frozen": False, "disputed": False, "stages": []}


def unpaid(shop: ShownShop, n: int = 0) -> str:
    return str(shop.orders(state="waitbuyerpay", pay_state="1", **PLAIN)[n]["order_id"])


def paid(shop: ShownShop, n: int = 0, button: str = "close") -> str:
    return str(shop.orders(state="waitsellersend", pay_state="2", button=button, **PLAIN)[n]["order_id"])


def buyer_says(order_id: str, text: str) -> dict[str, object]:
    """Return a buyer who answers our question a while later."""
    when = {"on": "message_sent", "by": "seller", "after_s": 600}
    return {"who": "buyer", "orders": [order_id], "do": "reply", "args": {"text": text}, **when}


def orders_csv(shop: ShownShop, *rows: str) -> None:
    """Write the file of requests that an operator has made."""
    text = "\n".join(["订单号,关闭原因,买家同意", *rows])
    (shop.folder / "orders.csv").write_text(text, encoding="utf-8")


def buyer_does(shop: ShownShop, order_id: str, do: str, **args: str) -> None:
    """Have the buyer, or the platform, do something at once."""
    who = "platform" if do in {"pay_owed", "ticket_resolve"} else "buyer"
    shop.actors({"who": who, "orders": [order_id], "on": "start", "do": do, "args": args})


def test_a_buyer_is_asked_and_only_a_clear_yes_counts(opened: Opened, album: Album) -> None:
    shop = opened()
    clear, unclear = paid(shop), paid(shop, 1)
    shop.actors(buyer_says(clear, "同意，谢谢"), buyer_says(unclear, "同意的话能不能先发货？"))
    for order in (clear, unclear):
        shop.work("close", order, "--shop", "demo", "--reason", "缺货")
    shop.pass_time(hours=5)
    shop.work("resume", "--shop", "demo")
    assert "order_closed" in shop.what(clear)
    assert shop.what(unclear) == ["message_sent", "message_sent"], "asked, answered, and left to a person"
    album.thread(shop, "consent-thread", clear)
    told = album.screens(shop, "consent-unclear", "cases", "--waiting", "human")
    assert "neither a clear yes nor a clear no: 同意的话能不能先发货？" in told["en"]
    assert "既不是明确同意" in told["zh"]


RULE = """
[rules.unpaid]
state = "unpaid"
remind_after = "24h"
close_after = "72h"
amount_to = "500.00"
reason = "未及时付款"

[never]
buyers = ["橙子严选336"]
"""


def test_a_rule_is_explained_then_reminds_and_closes_what_stays_unpaid(opened: Opened, album: Album) -> None:
    shop = opened(RULE)
    told = album.screens(shop, "rule-plan", "plan", "--rule", "unpaid", "--shop", "demo")
    assert shop.ledger() == [], "a plan only reads"
    shop.work("run", "--rule", "unpaid", "--shop", "demo", "--yes")
    reminded = [entry["order_id"] for entry in shop.ledger()]
    assert {entry["what"] for entry in shop.ledger()} == {"message_sent"}
    assert all(order in told["en"] and order in told["zh"] for order in reminded)
    pays, stays = reminded[:2]
    buyer_does(shop, pays, "pay")
    shop.pass_time(hours=50)
    shop.work("resume", "--shop", "demo")
    assert shop.what(pays) == ["message_sent", "order_paid"]
    assert shop.what(stays) == ["message_sent", "order_closed"]
    album.evidence(shop, "rule-reminder", stays, "remind_payment-after")


def test_a_refund_that_is_not_seen_yet_is_shown_as_unknown(opened: Opened, album: Album) -> None:
    shop = opened()
    order = paid(shop)
    shop.fault("refund_held", [order])
    orders_csv(shop, f"{order},缺货,是")
    shop.work("run", "orders.csv", "--shop", "demo", "--yes")
    assert shop.what(order) == ["order_closed"]
    told = album.screens(shop, "refund-unknown", "cases")
    assert "closed, refund unknown" in told["en"]
    assert "已关闭，退款未知" in told["zh"]
    buyer_does(shop, order, "pay_owed")
    shop.pass_time(hours=5)
    shop.work("resume", "--shop", "demo")
    assert shop.what(order) == ["order_closed", "refund_paid"]
    assert "unknown" not in shop.closewright("cases").out


def test_a_buyer_is_told_as_the_preview_shows(opened: Opened, album: Album) -> None:
    shop = opened('aftercare = { notice = "portal" }')
    order = unpaid(shop)
    shop.work("close", order, "--shop", "demo", "--reason", "缺货")
    assert shop.what(order) == ["order_closed", "message_sent"]
    told = album.screens(shop, "notice-preview", "notice", "preview", order)
    assert shop.ledger(order)[-1]["data"]["text"] in told["zh"].replace("\n", "")
    album.evidence(shop, "notice-thread", order, "aftercare_notice-after")


def test_where_the_page_has_no_button_support_gets_the_record(opened: Opened, album: Album) -> None:
    shop = opened()
    order = paid(shop, button="none")
    orders_csv(shop, f"{order},缺货,是")
    shop.work("run", "orders.csv", "--shop", "demo", "--yes")
    assert shop.what(order) == ["ticket_filed"]
    [ticket] = shop.order(order)["tickets"]
    assert [file for file in ticket["attachments"] if file["name"].endswith(".html")]
    album.evidence(shop, "ticket-filed", order, "ticket-after")
    buyer_does(shop, order, "ticket_resolve")
    shop.pass_time(hours=5)
    shop.work("resume", "--shop", "demo")
    assert [shop.what(order).count(what) for what in ("ticket_filed", "order_closed")] == [1, 1]
    assert shop.case(order).outcome is Outcome.CLOSED


def test_goods_that_come_back_are_waited_for_and_then_paid(opened: Opened, album: Album) -> None:
    shop = opened(f'return_address = "{RETURN_ADDRESSES[1]}"')
    order = str(shop.orders(state="waitbuyerreceive", **PLAIN)[0]["order_id"])
    shop.actors(
        {"who": "buyer", "orders": [order], "on": "start", "do": "request_return"},
        {"who": "buyer", "orders": [order], "on": "return_agreed", "after_s": 3600, "do": "send_return"},
    )
    orders_csv(shop, f"{order},商品信息错误,是")
    shop.work("run", "orders.csv", "--shop", "demo", "--yes")
    assert shop.what(order) == ["return_requested", "return_agreed"]
    shop.pass_time(hours=13)
    shop.work("resume", "--shop", "demo")
    told = album.screens(shop, "shipped-parcel", "cases", "--waiting", "return_parcel")
    assert all(order in text and "answer" in text for text in told.values())
    assert shop.what(order) == ["return_requested", "return_agreed", "return_sent"], "nothing is paid before it is here"
    assert shop.closewright("answer", order, "received").code == 0
    shop.work("resume", "--shop", "demo")
    assert shop.what(order)[3:] == ["return_received", "refund_agreed", "refund_paid", "order_closed"]
    album.evidence(shop, "shipped-return", order, "agree_return-dialog")


def test_what_has_run_out_is_set_and_shown(opened: Opened, album: Album) -> None:
    shop = opened('aftercare = { stock = "set" }')
    order = next(one for one in shop.orders(state="waitbuyerpay", pay_state="1", **PLAIN) if len(one["items"]) == 1)
    shop.work("close", order["order_id"], "--shop", "demo", "--reason", "缺货", "--stock", "3")
    assert shop.what(order["order_id"]) == ["order_closed", "stock_set"]
    assert shop.ledger()[-1]["data"]["to"] == 3
    album.evidence(shop, "stock-set", order["order_id"], "aftercare_stock-after")


def test_a_bad_review_is_shown_with_a_draft_and_answered_as_a_person_says(opened: Opened, album: Album) -> None:
    shop = opened('aftercare = { review = "30d" }')
    order = unpaid(shop)
    shop.work("close", order, "--shop", "demo", "--reason", "缺货")
    buyer_does(shop, order, "post_review", level="bad", text="等了好久，最后把我的订单关了")
    shop.pass_time(hours=13)
    shop.work("resume", "--shop", "demo")
    told = album.screens(shop, "review-asked", "show", order)
    assert all("等了好久，最后把我的订单关了" in text for text in told.values())
    assert shop.what(order) == ["order_closed", "review_posted"]
    assert shop.closewright("answer", order, "send").code == 0
    shop.work("resume", "--shop", "demo")
    assert shop.what(order)[-1] == "review_answered"
    album.evidence(shop, "review-answered", order, "aftercare_review-after")


CAREFUL = """
aftercare = { refund = "3d", review = "30d" }
limits = { orders_per_run = 50, orders_per_day = 50, amount_per_order = "9000.00", amount_per_day = "90000.00", \
approve_above = "500.00" }
"""


def test_people_see_what_is_asked_of_them_and_answer(opened: Opened, album: Album) -> None:
    shop = opened(CAREFUL)
    orders = shop.orders(state="waitsellersend", pay_state="2", button="close", **PLAIN)
    dear = next(one["order_id"] for one in orders if one["amount_fen"] > 50_000)
    late, unclear = (one["order_id"] for one in [one for one in orders if one["amount_fen"] < 50_000][:2])
    shop.fault("refund_held", [late])
    shop.actors(buyer_says(unclear, "等我问一下老板"))
    orders_csv(shop, f"{dear},缺货,是", f"{late},缺货,是", f"{unclear},缺货,")
    shop.work("run", "orders.csv", "--shop", "demo", "--yes")
    told = album.screens(shop, "people-approval", "cases", "--waiting", "approval")
    assert shop.what(dear) == [], "nothing is done before a second person has agreed"
    assert f"approve {shop.case(dear).case_id} --as NAME" in told["en"]
    assert shop.closewright("approve", dear, "--as", "李经理").code == 0
    shop.pass_time(hours=5)
    shop.work("resume", "--shop", "demo")
    assert shop.what(dear) == ["order_closed", "refund_paid"]
    shop.pass_time(days=3)
    shop.work("resume", "--shop", "demo")
    listed = album.screens(shop, "people-todo", "cases", "--waiting", "human")
    assert all(order in listed[language] for order in (late, unclear) for language in LANGUAGES)
    assert shop.closewright("answer", unclear, "refuse").code == 0
    assert shop.closewright("answer", late, "give-up", "--note", "已由财务转账").code == 0
    shop.work("resume", "--shop", "demo")
    assert (shop.what(unclear), shop.what(late)) == (["message_sent", "message_sent"], ["order_closed"])
    assert shop.closewright("cases", "--waiting", "human").out == "no case waits for this\n"


DAYS = (3, 5, 4, 6, 4)
REASONS = ("买家取消订单", "缺货", "未及时付款", "商品信息错误", "未及时付款", "买家取消订单", "未及时付款")


def test_the_report_counts_what_the_ledger_has(opened: Opened, album: Album) -> None:
    shop = opened()
    orders = shop.orders(state="waitbuyerpay", pay_state="1", **PLAIN)
    orders += shop.orders(state="waitsellersend", pay_state="2", button="close", **PLAIN)
    left = [f"{order['order_id']},{REASONS[n % len(REASONS)]},是" for n, order in enumerate(orders)]
    assert len(left) >= sum(DAYS)
    for count in DAYS:
        today, left = left[:count], left[count:]
        orders_csv(shop, *today)
        shop.work("run", "orders.csv", "--shop", "demo", "--yes")
        shop.pass_time(hours=25)
    assert [entry["what"] for entry in shop.ledger()].count("order_closed") == sum(DAYS)
    for language in LANGUAGES:
        page = shop.folder / f"{language}.html"
        assert shop.closewright("report", "--to", str(page), language=language).code == 0
        html = page.read_text("utf-8")
        album.page(f"report-{language}", html, to="[data-chart=hours]", until=".main-svg")
    album.page("report", (shop.folder / "en.html").read_text("utf-8"), to="[data-chart=days]", until=".main-svg")
