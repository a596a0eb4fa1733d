"""What is kept of a case: enough to prove it, small, verifiable, and without the buyer's data."""

import json
from collections.abc import Callable

import pytest
from e2e_shop import Shop, agreed, want

from agent.domain.reasons import Reason
from agent.engine.files import case_manifest
from agent.engine.shop_run import Mode
from agent.evidence.export import export_case
from agent.evidence.verify import verify_manifest
from agent.summary import report_cases
from page_objects.loader import load_profile
from page_objects.requests import picked

OpenShop = Callable[..., Shop]
QUICK = {"promo": False, "render_ms": 20}
PLAIN = {"frozen": False, "disputed": False, "stages": [], "refund_state": "", "partly_shipped": False}


def kept_by(shop: Shop) -> dict[str, bytes]:
    """Return everything that was kept, by file."""
    return {
        path.relative_to(shop.folder).as_posix(): path.read_bytes()
        for path in sorted(shop.folder.rglob("*"))
        if path.is_file() and path.suffix != ".key"
    }


@pytest.mark.slow
def test_nothing_that_is_kept_holds_a_buyers_phone_name_or_address(open_shop: OpenShop, skin: str) -> None:
    shop = open_shop(skin, **QUICK)
    unpaid = shop.orders(state="waitbuyerpay", pay_state="1", **PLAIN)[0]
    ticket = shop.orders(state="waitsellersend", pay_state="2", button="none", **PLAIN)[0]
    asked = shop.orders(state="waitsellersend", pay_state="2", button="close", **PLAIN)[0]
    phone = asked["buyer"]["phone"]
    text = f"同意的话请打我电话 {phone[:3]} {phone[3:7]} {phone[7:]} 找{asked['buyer']['name']}"
    shop.actors(
        {"who": "buyer", "on": "message_sent", "by": "seller", "after_s": 0, "do": "reply", "args": {"text": text}}
    )
    shop.run(want(unpaid["order_id"]), agreed(ticket["order_id"]), want(asked["order_id"]), wait_s=2)
    assert "找" in shop.case(asked["order_id"]).why, "the buyer's answer is shown to a person"
    app = shop.app()
    cases = shop.cases()
    manifests = [case_manifest(app.db, case, app.key.public_b64) for case in cases]
    exported = "".join(export_case(manifest, app.blobs) for manifest in manifests)
    told = json.dumps([case.as_json() for case in report_cases(app.db, app.blobs, cases)], ensure_ascii=False)
    app.close()
    kept = kept_by(shop) | {"export": exported.encode(), "--json": told.encode()}
    phones = {order["buyer"]["phone"] for order in shop.orders()}
    private = {
        order["buyer"][field] for order in (unpaid, ticket, asked) for field in ("name", "phone", "address", "nick")
    }
    found = {(file, word) for file, data in kept.items() for word in phones | private if word.encode() in data}
    assert found == set()
    spaced = f"{phone[:3]} {phone[3:7]} {phone[7:]}".encode()
    assert not [file for file, data in kept.items() if spaced in data]


def test_a_closed_case_keeps_pictures_texts_request_answer_and_proof_under_a_megabyte(
    open_shop: OpenShop, skin: str
) -> None:
    shop = open_shop(skin, **QUICK)
    order = shop.orders(state="waitbuyerpay", pay_state="1", **PLAIN)[0]["order_id"]
    shop.run(want(order))
    app = shop.app()
    manifest = case_manifest(app.db, shop.case(order), app.key.public_b64)
    verdict = verify_manifest(manifest, app.blobs, trusted_public_key=app.key.public_b64)
    app.close()
    assert verdict.state == "intact"
    kinds = [entry["kind"] for entry in manifest["entries"]]
    told = [kind for kind in kinds if kind not in {"evidence", "notice", "observed"}]
    assert told == ["requested", "intent", "releasing", "answer", "proved", "ended"]
    files = [entry["body"] for entry in manifest["entries"] if entry["kind"] == "evidence"]
    assert {file["name"] for file in files} == {
        f"close-{when}.{ext}" for when in ("before", "dialog", "after") for ext in ("jpg", "txt")
    }
    assert sum(file["size"] for file in files) < 1_000_000
    (released,) = [entry["body"]["request"] for entry in manifest["entries"] if entry["kind"] == "releasing"]
    where = load_profile(f"mock_{skin}").profile.requests["close"].fields["order_id"]
    assert picked(released["fields"], where) == order
    assert "csrf" not in json.dumps(released)


BY_ADDRESS = {
    "classic": 'url = { seller = "/trade/sold?q={order_id}", purchaser = "/trade/bought?q={order_id}" }',
    "workbench": 'url = "/workbench?_path_=trade/list&q={order_id}"',
    "lit": 'url = "/console/orders?keyword={order_id}"',
}
BY_BOX = {
    "classic": 'url = { seller = "/trade/sold", purchaser = "/trade/bought" }\n',
    "workbench": 'url = "/workbench?_path_=trade/list"\n',
    "lit": 'url = "/console/orders"\n',
}
BOX = {
    "classic": "searchbox",
    "workbench": "textbox",
    "lit": "searchbox",
}


def names_of_evidence(shop: Shop, order_id: str) -> list[str]:
    app = shop.app()
    try:
        entries = case_manifest(app.db, shop.case(order_id), app.key.public_b64)["entries"]
    finally:
        app.close()
    return [entry["body"]["name"] for entry in entries if entry["kind"] == "evidence"]


IN_TWO_STEPS = """[forms.begin]
root = { css = "section.order", why = "the panel's name holds the order's id" }
order_id = { beside = "订单号" }
confirm = { role = "button", name = "关闭订单" }
then = "close"

[forms.close]
"""


@pytest.mark.slow
def test_an_act_goes_from_form_to_form_and_only_the_last_one_sends_it(open_shop: OpenShop) -> None:
    shop = open_shop("classic", **QUICK)
    shop.edit_profile(
        ("[forms.close]\n", IN_TWO_STEPS),
        ('page = "detail"\nform = "close"', 'page = "detail"\nopener = false\nform = "begin"'),
    )
    order = shop.orders(state="waitbuyerpay", pay_state="1", **PLAIN)[-1]["order_id"]
    shop.run(want(order), mode=Mode.REHEARSE)
    assert shop.ledger() == []
    shop.run(want(order))
    assert shop.what(order) == ["order_closed"], shop.case(order).why
    assert {"close-begin.jpg", "close-dialog.jpg"} <= set(names_of_evidence(shop, order))


def test_a_list_that_is_searched_by_a_box_works_by_profile_alone(open_shop: OpenShop, skin: str) -> None:
    shop = open_shop(skin, **QUICK)
    by_box = f"""{BY_BOX[skin]}search_box = {{ role = "{BOX[skin]}", name = "商品名称/订单号" }}
search_button = {{ role = "button", name = "搜索" }}"""
    shop.edit_profile((BY_ADDRESS[skin], by_box))
    order = shop.orders(state="waitbuyerpay", pay_state="1", **PLAIN)[-1]["order_id"]
    shop.run(want(order))
    assert shop.what(order) == ["order_closed"], shop.case(order).why


APPROVED = """limits = { orders_per_run = 500, orders_per_day = 2000, amount_per_order = "90000.00", \
amount_per_day = "9000000.00", approve_above = "0.01" }"""


def chain_of(shop: Shop, order_id: str) -> tuple[list[str], dict[str, bytes]]:
    """Return a case's chain, which holds: the name of each file and the kind of each other line; and the files."""
    app = shop.app()
    try:
        manifest = case_manifest(app.db, shop.case(order_id), app.key.public_b64)
        assert verify_manifest(manifest, app.blobs, trusted_public_key=app.key.public_b64).state == "intact"
        bodies = [entry["body"] for entry in manifest["entries"] if entry["kind"] == "evidence"]
        files = {body["name"]: app.blobs.read(body["sha256"], body["ext"]) for body in bodies}
    finally:
        app.close()
    return [entry["body"].get("name", entry["kind"]) for entry in manifest["entries"]], files


def replies(shop: Shop, order_id: str, text: str) -> None:
    """Have the buyer write this now."""
    shop.actors(
        {"who": "buyer", "on": "start", "orders": [order_id], "after_s": 0, "do": "reply", "args": {"text": text}}
    )


def test_consent_that_was_read_from_the_conversation_is_kept_as_the_page_showed_it(
    open_shop: OpenShop, skin: str
) -> None:
    """Picture and text stand in the chain before the word that was taken from them, and once only."""
    shop = open_shop(skin, extra=APPROVED, **QUICK)
    order = shop.orders(state="waitsellersend", pay_state="2", button="close", **PLAIN)[0]["order_id"]
    shop.run(want(order, Reason.OUT_OF_STOCK))
    assert "conversation.jpg" not in names_of_evidence(shop, order), "nothing was answered yet"
    replies(shop, order, "同意")
    shop.run(ahead_s=10)
    assert shop.word(order) == "waiting:approval", shop.case(order).why
    for ahead in (20, 30):
        shop.answer(order, "continue")
        shop.run(ahead_s=ahead)
    chain, files = chain_of(shop, order)
    assert files["conversation.jpg"].startswith(b"\xff\xd8")
    shown = files["conversation.txt"].decode()
    assert "同意" in shown.replace("是否同意", "").replace("请回复“同意”", "").replace("回复“不同意”", "")
    assert f"编号：{shop.case(order).case_id}" in shown
    assert chain.index("conversation.jpg") < chain.index("conversation.txt") < chain.index("consent")
    assert chain.count("conversation.jpg") == 1, "the same words are not kept twice"


@pytest.mark.slow
def test_an_answer_that_is_handed_to_a_person_is_kept_without_what_is_private(open_shop: OpenShop, skin: str) -> None:
    shop = open_shop(skin, **QUICK)
    found = shop.orders(state="waitsellersend", pay_state="2", button="close", **PLAIN)[0]
    order, phone = found["order_id"], found["buyer"]["phone"]
    shop.run(want(order, Reason.OUT_OF_STOCK))
    replies(shop, order, f"等我问一下老板，电话 {phone}")
    shop.run(ahead_s=10)
    assert shop.word(order) == "waiting:human", shop.case(order).why
    _, files = chain_of(shop, order)
    shown = files["conversation.txt"].decode()
    assert "等我问一下老板" in shown
    assert not [word for word in found["buyer"].values() if isinstance(word, str) and word in shown]


@pytest.mark.slow
def test_a_finished_ticket_whose_order_is_open_is_kept_as_its_page_showed_it(open_shop: OpenShop, skin: str) -> None:
    """The decision goes back to the order's page, and the ticket's words would not be in any picture."""
    shop = open_shop(skin, **QUICK)
    order = shop.orders(state="waitsellersend", pay_state="2", button="none", **PLAIN)[0]["order_id"]
    shop.run(agreed(order))
    args = {"text": "请联系买家自行申请退款。"}
    shop.actors({"who": "platform", "on": "start", "orders": [order], "do": "ticket_decline", "args": args})
    shop.run(ahead_s=10)
    assert shop.word(order) == "waiting:human", shop.case(order).why
    _, files = chain_of(shop, order)
    assert "请联系买家自行申请退款" in files["ticket.txt"].decode()
    assert files["ticket.jpg"].startswith(b"\xff\xd8")
