"""Shipped orders to their end, judged by the portal's ledger and by what the cases keep."""

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from e2e_shop import Shop, agreed, want
from test_command_line import kill_when, start
from test_paths import QUICK, paid, purchaser_flow, shipped

from agent.domain.aftercare import AftercareKind
from agent.domain.cases import ANSWERS, Consent, Outcome
from agent.domain.reasons import Reason
from agent.domain.returns import PICTURES, SentBack
from agent.errors import ConfigError, StoreError
from agent.summary import report_cases
from fixtures.mock_portal.words import RETURN_ADDRESSES

OpenShop = Callable[..., Shop]


def disputed(shop: Shop) -> str:
    """Return a shipped order whose refund the supplier has refused, and about which we have called the platform in."""
    order = shipped(shop)
    purchaser_flow(shop, order, "refuse_refund")
    assert shop.word(order) == "waiting:platform", shop.case(order).why
    return order


def decide(shop: Shop, order: str, **args: str) -> None:
    """Have the platform decide the dispute, then let the product look."""
    shop.actors({"who": "platform", "on": "start", "orders": [order], "do": "dispute_decide", "args": args})
    shop.run(ahead_s=10)


def reported(shop: Shop, order: str) -> dict[str, Any]:
    """Return what ``--json`` says of the order's case."""
    app = shop.app()
    try:
        return report_cases(app.db, app.blobs, [shop.case(order)])[0].as_json()
    finally:
        app.close()


def test_a_dispute_won_in_full_ends_closed_with_the_ruling_kept(open_shop: OpenShop, skin: str) -> None:
    shop = open_shop(skin, role="purchaser", **QUICK)
    order = disputed(shop)
    (opened,) = [line for line in shop.ledger(order) if line["what"] == "dispute_opened"]
    assert [file["name"] for file in opened["data"]["attachments"]] == [f"evidence-{order}.html"]
    decide(shop, order, text="商品与描述不符，支持买家。")
    case = shop.case(order)
    assert (case.outcome, case.by) == (Outcome.CLOSED, "platform"), case.why
    assert "decided our dispute for us" in case.why
    whole = f"{shop.order(order)['amount_fen'] / 100:.2f}"
    ruling = reported(shop, order)["ruling"]
    assert (ruling["favour"], ruling["amount"], ruling["text"]) == ("buyer", whole, "商品与描述不符，支持买家。")
    assert shop.what(order).count("dispute_opened") == 1


@pytest.mark.slow
def test_a_dispute_won_before_the_money_is_paid_leaves_the_refund_watched(open_shop: OpenShop) -> None:
    shop = open_shop("classic", role="purchaser", extra='aftercare = { refund = "3d" }', **QUICK)
    order = disputed(shop)
    shop.fault("refund_held", [order], step="start")
    decide(shop, order)
    assert shop.case(order).outcome is Outcome.CLOSED, shop.case(order).why
    assert "refund_paid" not in shop.what(order)
    (item,) = [item for item in reported(shop, order)["aftercare"] if item["kind"] == AftercareKind.REFUND]
    assert item["state"] == "waiting"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({"for": "seller", "text": "买家凭证不足"}, "for the seller: 买家凭证不足"),
        ({"for": "buyer", "share": "0.5", "text": "双方各担一半"}, "yuan go back: 双方各担一半"),
    ],
)
def test_a_dispute_lost_or_won_in_part_is_a_persons_with_the_platforms_words(
    open_shop: OpenShop, args: dict[str, str], words: str
) -> None:
    shop = open_shop("classic", role="purchaser", **QUICK)
    order = disputed(shop)
    decide(shop, order, **args)
    assert shop.word(order) == "waiting:human"
    assert words in shop.case(order).why
    before = shop.what(order)
    shop.answer(order, "continue")
    shop.run(ahead_s=20)
    assert (shop.word(order), shop.what(order)) == ("waiting:human", before), "looking again changes nothing"
    assert reported(shop, order)["ruling"]["favour"] == args["for"]


def bought_and_going_back(shop: Shop) -> str:
    """Return a shipped order that the supplier takes back, and whose goods a person has to send."""
    order = shipped(shop)
    shop.actors(
        {"who": "buyer", "on": "start", "do": "request_return", "orders": [order]},
        {"who": "supplier", "on": "return_requested", "do": "agree_return", "orders": [order]},
    )
    shop.run(agreed(order, Reason.WRONG_ORDER_INFO))
    assert shop.word(order) == "waiting:return_parcel", shop.case(order).why
    return order


def sent(shop: Shop, order: str) -> list[dict[str, Any]]:
    return [line for line in shop.ledger(order) if line["what"] == "return_sent"]


PLAIN = {"refund_state": "", "frozen": False, "disputed": False, "stages": []}
PARCEL = SentBack("顺丰速运", "SF1390000000017")


def test_the_purchasers_parcel_is_told_to_the_portal_and_kept_with_the_case(open_shop: OpenShop, skin: str) -> None:
    shop = open_shop(skin, role="purchaser", **QUICK)
    order = bought_and_going_back(shop)
    assert f"send them to {RETURN_ADDRESSES[0]}" in shop.case(order).why
    shop.answer(order, "sent", parcel=PARCEL)
    shop.run()
    (line,) = sent(shop, order)
    assert (line["by"], line["data"]) == ("purchaser", {"carrier": PARCEL.carrier, "number": PARCEL.number})
    assert shop.word(order) == "waiting:counterparty", shop.case(order).why
    assert reported(shop, order)["return"] == {
        "address": RETURN_ADDRESSES[0],
        "tracking": PARCEL.words,
        "parcel": "sent",
    }
    shop.run(ahead_s=5)
    assert len(sent(shop, order)) == 1


@pytest.mark.slow
def test_a_parcel_whose_answer_was_lost_is_told_once(open_shop: OpenShop) -> None:
    shop = open_shop("classic", role="purchaser", **QUICK)
    order = bought_and_going_back(shop)
    shop.fault("answer_lost", [order], args={"act": "return-send"})
    shop.answer(order, "sent", parcel=PARCEL)
    shop.run(wait_s=3)
    shop.run(ahead_s=60)
    assert (len(sent(shop, order)), shop.word(order)) == (1, "waiting:counterparty"), shop.case(order).why


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL on Windows")
def test_a_run_killed_while_the_parcel_is_told_goes_on_by_looking(open_shop: OpenShop) -> None:
    shop = open_shop("classic", role="purchaser", **QUICK)
    order = bought_and_going_back(shop)
    shop.fault("hanging", [order], step="submit", args={"act": "return-send", "commit": True})
    shop.answer(order, "sent", parcel=PARCEL)
    kill_when(shop, start(shop, "resume", "--shop", "demo"), entries=len(shop.ledger()) + 1)
    assert len(sent(shop, order)) == 1, "it was killed before it had told the parcel"
    shop.faults()
    shop.run(ahead_s=60)
    assert (len(sent(shop, order)), shop.word(order)) == (1, "waiting:counterparty"), shop.case(order).why


@pytest.mark.slow
def test_a_carrier_that_the_portal_does_not_offer_is_a_persons(open_shop: OpenShop) -> None:
    shop = open_shop("classic", role="purchaser", **QUICK)
    order = bought_and_going_back(shop)
    shop.answer(order, "sent", parcel=SentBack("骆驼快递", "SF1390000000017"))
    shop.run()
    assert (sent(shop, order), shop.word(order)) == ([], "waiting:human")
    assert "中通快递" in shop.case(order).why
    shop.answer(order, "sent", parcel=PARCEL)
    shop.run(ahead_s=5)
    assert len(sent(shop, order)) == 1


@pytest.mark.slow
def test_carriers_that_are_not_offered_never_open_the_breaker(open_shop: OpenShop, skin: str) -> None:
    """They are faults of what people said: the orders beside them go on."""
    shop = open_shop(skin, role="purchaser", extra="breaker = { same_fault = 1 }", **QUICK)
    first, second = (str(order["order_id"]) for order in shop.orders(state="waitbuyerreceive", **PLAIN)[:2])
    for order in (first, second):
        shop.actors(
            {"who": "buyer", "on": "start", "do": "request_return", "orders": [order]},
            {"who": "supplier", "on": "return_requested", "do": "agree_return", "orders": [order]},
        )
        shop.run(agreed(order, Reason.WRONG_ORDER_INFO))
    shop.answer(first, "sent", parcel=SentBack("骆驼快递", "SF1390000000017"))
    shop.run()
    assert (sent(shop, first), shop.word(first)) == ([], "waiting:human")
    assert "'骆驼快递'" in shop.case(first).why
    assert [line["body"]["error"] for line in shop.journal(first) if line["kind"] == "fault"] == ["NotOffered"]
    assert "trouble.jpg" in {line["body"].get("name") for line in shop.journal(first)}, "what is offered can be seen"
    shop.answer(second, "sent", parcel=PARCEL)
    end = shop.run(ahead_s=5)
    assert end.stopped_by is None
    assert len(sent(shop, second)) == 1, shop.case(second).why


@pytest.mark.slow
def test_a_parcel_that_no_carrier_would_know_is_refused_at_once(open_shop: OpenShop) -> None:
    shop = open_shop("classic", role="purchaser", **QUICK)
    order = bought_and_going_back(shop)
    for wrong in (SentBack("", "SF139"), SentBack("顺丰速运", "1 2"), SentBack("顺\u202e丰", "SF139")):
        with pytest.raises(ConfigError):
            shop.answer(order, "sent", parcel=wrong)
    assert shop.word(order) == "waiting:return_parcel"


def returning(shop: Shop) -> str:
    """Have a buyer return a shipped order as agreed, as far as the parcel's journey."""
    order = shipped(shop)
    shop.actors(
        {"who": "buyer", "on": "start", "do": "request_return", "orders": [order]},
        {"who": "buyer", "on": "return_agreed", "do": "send_return", "orders": [order]},
    )
    shop.run(agreed(order), wait_s=3)
    return order


@pytest.mark.slow
@pytest.mark.parametrize("wished", [None, RETURN_ADDRESSES[1]], ids=["the portal's own", "the shop's"])
def test_goods_come_back_to_the_address_that_the_shop_names(open_shop: OpenShop, skin: str, wished: str | None) -> None:
    shop = open_shop(skin, extra="" if wished is None else f'return_address = "{wished}"', **QUICK)
    order = returning(shop)
    (given,) = [line["data"]["address"] for line in shop.ledger(order) if line["what"] == "return_agreed"]
    assert given == (wished or RETURN_ADDRESSES[0])
    told = [line["body"]["text"] for line in shop.journal(order) if line["kind"] == "left_as_shown"]
    assert told == ([] if wished else [given]), "what nobody named is told by the page"
    parcel = shop.order(order)["return_parcel"]
    kept = reported(shop, order)["return"]
    assert kept == {"address": given, "tracking": f"{parcel['carrier']} {parcel['number']}", "parcel": "sent"}
    address = shop.order(order)["buyer"]["address"]
    assert all(address not in json.dumps(case.facts, ensure_ascii=False) for case in shop.cases())


@pytest.mark.slow
@pytest.mark.parametrize("on", ["workbench", "lit"])
def test_an_address_that_is_not_the_one_shown_does_not_go_out(open_shop: OpenShop, on: str) -> None:
    """Told by a form that shows something else as chosen than what its request carries."""
    shop = open_shop(on, **QUICK)
    shop.edit_profile(
        (
            'name = "退货地址" }, options = { role = "option" }',
            'name = "退货地址" }, options = { role = "option" }, chosen = { beside = "退款类型" }',
        )
    )
    order = returning(shop)
    assert shop.what(order) == ["return_requested"]
    assert shop.word(order) in {"waiting:retry", "waiting:human"}, shop.case(order).why
    assert f"return_address is '{RETURN_ADDRESSES[0]}', expected" in shop.case(order).why


@pytest.mark.slow
def test_an_address_that_the_portal_does_not_offer_is_a_persons(open_shop: OpenShop) -> None:
    shop = open_shop("workbench", extra='return_address = "火星一号仓"', **QUICK)
    order = returning(shop)
    assert shop.what(order) == ["return_requested"]
    assert shop.word(order) == "waiting:human"
    assert "return_address" in shop.case(order).why


PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(64))


def picture(shop: Shop, data: bytes = PNG, name: str = "chat.png") -> Path:
    """Write a picture beside the settings and return its path."""
    path = shop.folder / name
    path.write_bytes(data)
    return path


def applied(shop: Shop, order: str) -> list[dict[str, Any]]:
    """Return what the ledger has of refund applications."""
    return [line["data"] for line in shop.ledger(order) if line["what"] == "refund_applied"]


def test_a_reason_that_wants_pictures_waits_for_them_and_sends_what_a_person_gave(
    open_shop: OpenShop, skin: str
) -> None:
    shop = open_shop(skin, role="purchaser", **QUICK)
    order = paid(shop, "none")
    shop.run(want(order, Reason.UNREACHABLE_BUYER))
    assert (shop.what(order), shop.word(order)) == ([], "waiting:human")
    assert "answer CASE picture --file FILE" in shop.case(order).why
    assert shop.case(order).facts[ANSWERS] == ["picture --file FILE"]
    with pytest.raises(ConfigError):
        shop.answer(order, "picture", files=[picture(shop, b"no picture", "other.png")])
    shop.answer(order, "picture", files=[picture(shop)])
    (shop.folder / "chat.png").unlink()  # what was given is kept as it was then
    shop.run()
    assert ANSWERS not in shop.case(order).facts, "that was for the question before"
    (data,) = applied(shop, order)
    assert [(file["name"], file["sha256"]) for file in data["pictures"]] == [
        ("picture-1.png", hashlib.sha256(PNG).hexdigest())
    ]
    shop.run(ahead_s=5)
    assert len(applied(shop, order)) == 1
    assert hashlib.sha256(PNG).hexdigest() in {file.stem for file in shop.pictures(order)}


@pytest.mark.slow
def test_a_consent_that_is_a_picture_is_one_of_them(open_shop: OpenShop) -> None:
    shop = open_shop("classic", role="purchaser", **QUICK)
    order = paid(shop, "none")
    proof = str(picture(shop))
    shop.run(want(order, Reason.ABUSE, consent=Consent.PROVED, consent_file=proof))
    (data,) = applied(shop, order)
    assert [file["sha256"] for file in data["pictures"]] == [hashlib.sha256(PNG).hexdigest()]


@pytest.mark.slow
def test_a_description_that_the_portal_would_not_take_is_a_persons_before_anything_is_done(
    open_shop: OpenShop,
) -> None:
    shop = open_shop("classic", role="purchaser", **QUICK)
    order = paid(shop, "none")
    shop.run(want(order, Reason.WRONG_ORDER_INFO, note="长" * 180))
    assert (shop.what(order), shop.word(order)) == ([], "waiting:human")
    assert "the portal takes 2 to 150" in shop.case(order).why


def test_a_template_that_the_portal_would_never_take_is_named_at_start(open_shop: OpenShop) -> None:
    long = open_shop("classic", role="purchaser", extra=f'messages = {{ refund = "{"长" * 151}" }}', **QUICK)
    app = long.app()
    try:
        with pytest.raises(ConfigError, match=r"messages\.refund has at least 151 characters"):
            app.profile(app.settings.shop("demo"))
    finally:
        app.close()


def waiting_for_the_supplier(shop: Shop) -> str:
    """Return a paid order about which we have applied for a refund, and whose supplier has said nothing yet."""
    order = paid(shop, "none")
    shop.run(want(order, Reason.WRONG_ORDER_INFO))
    assert shop.word(order) == "waiting:counterparty", shop.case(order).why
    return order


@pytest.mark.slow
def test_a_supplier_who_lets_the_time_run_out_has_agreed_by_the_portals_timer(open_shop: OpenShop, skin: str) -> None:
    shop = open_shop(skin, role="purchaser", **QUICK)
    order = waiting_for_the_supplier(shop)
    time_out = {"who": "system", "on": "start", "after_s": 5 * 86400, "do": "time_out", "orders": [order]}
    shop.actors(time_out)
    shop.later(6 * 86400)
    assert [(line["what"], line["by"]) for line in shop.ledger(order)] == [
        ("refund_applied", "purchaser"),
        ("refund_agreed", "system"),
        ("refund_paid", "platform"),
        ("order_closed", "system"),
    ]
    case = shop.case(order)
    assert (case.outcome, case.by) == (Outcome.CLOSED, "us")
    assert "the portal agreed by itself as the time ran out" in case.why


@pytest.mark.slow
def test_an_application_that_the_timer_has_closed_is_a_persons(open_shop: OpenShop) -> None:
    """It is not applied for a second time, and the platform is not called in about nothing."""
    shop = open_shop("classic", role="purchaser", extra='dispute = "ask"', **QUICK)
    order = shipped(shop)
    purchaser_flow(shop, order, "refuse_refund")
    assert shop.word(order) == "waiting:human"
    shop.actors({"who": "system", "on": "start", "after_s": 7 * 86400, "do": "time_out", "orders": [order]})
    shop.later(8 * 86400)
    assert shop.what(order)[-1] == "refund_closed"
    assert (shop.what(order).count("refund_applied"), shop.what(order).count("dispute_opened")) == (1, 0)
    assert shop.word(order) == "waiting:human"
    assert "closed without the money" in shop.case(order).why


@pytest.mark.slow
def test_a_refusal_waits_for_a_person_where_the_shop_wants_it(open_shop: OpenShop, skin: str) -> None:
    shop = open_shop(skin, role="purchaser", extra='dispute = "ask"', **QUICK)
    order = shipped(shop)
    purchaser_flow(shop, order, "refuse_refund")
    assert (shop.word(order), shop.what(order).count("dispute_opened")) == ("waiting:human", 0)
    assert "商品无质量问题，不同意退款" in shop.case(order).why
    shop.answer(order, "dispute")
    shop.run(ahead_s=10)
    assert (shop.word(order), shop.what(order).count("dispute_opened")) == ("waiting:platform", 1)


@pytest.mark.slow
def test_a_word_about_one_refusal_takes_no_other_to_the_platform(open_shop: OpenShop) -> None:
    shop = open_shop("classic", role="purchaser", extra='dispute = "ask"', **QUICK)
    order = shipped(shop)
    purchaser_flow(shop, order, "refuse_refund")
    shop.answer(order, "dispute")
    refuse = {"who": "supplier", "do": "refuse_refund", "args": {"text": "请先补寄配件"}, "orders": [order]}
    shop.actors(
        {"who": "buyer", "on": "start", "do": "edit_refund", "orders": [order]},
        {**refuse, "on": "start"},
    )
    shop.run(ahead_s=10)
    assert (shop.word(order), shop.what(order).count("dispute_opened")) == ("waiting:human", 0)
    assert "请先补寄配件" in shop.case(order).why


@pytest.mark.slow
def test_a_return_that_the_timer_has_closed_is_a_persons(open_shop: OpenShop) -> None:
    """Whatever the buyer applies for afterwards was not agreed to by anybody."""
    shop = open_shop("classic", **QUICK)
    order = shipped(shop)
    shop.actors({"who": "buyer", "on": "start", "do": "request_return", "orders": [order]})
    shop.run(agreed(order), wait_s=3)
    shop.actors({"who": "system", "on": "start", "after_s": 7 * 86400, "do": "time_out", "orders": [order]})
    shop.later(8 * 86400)
    assert (shop.what(order)[-1], shop.word(order)) == ("refund_closed", "waiting:human")
    shop.actors({"who": "buyer", "on": "start", "do": "request_return", "orders": [order]})
    shop.later(86400 * 2)
    assert (shop.what(order).count("return_agreed"), shop.word(order)) == (1, "waiting:human"), shop.case(order).why


@pytest.mark.slow
def test_a_parcel_that_we_let_time_out_is_paid_by_the_portal_and_not_claimed_as_ours(open_shop: OpenShop) -> None:
    shop = open_shop("classic", **QUICK)
    order = returning(shop)
    shop.actors({"who": "system", "on": "start", "after_s": 10 * 86400, "do": "time_out", "orders": [order]})
    shop.later(11 * 86400)
    case = shop.case(order)
    assert (case.outcome, case.by) == (Outcome.ALREADY_CLOSED, "system")
    assert "the portal agreed to it by itself" in case.why


# --- What the portal takes of files

FILES = 'suffixes = ["png", "jpg", "jpeg", "html", "pdf", "txt"], max_bytes = 5242880, max_files = 10'
PICTURE_FILES = 'suffixes = ["png", "jpg", "jpeg"], max_bytes = 5242880, max_files = 5'


def dispute_of(shop: Shop, order: str) -> list[dict[str, Any]]:
    return [line["data"] for line in shop.ledger(order) if line["what"] == "dispute_opened"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("takes", "suffixes"),
    [
        ('suffixes = ["png", "jpg", "jpeg", "html", "pdf", "txt"], max_bytes = 70000, max_files = 3', {".txt", ".jpg"}),
        ('suffixes = ["jpg"], max_bytes = 5242880, max_files = 10', {".jpg"}),
    ],
    ids=["too large, too many", "of a foreign kind"],
)
def test_a_dispute_takes_along_what_the_portal_takes_and_names_the_rest(
    open_shop: OpenShop, skin: str, takes: str, suffixes: set[str]
) -> None:
    shop = open_shop(skin, role="purchaser", **QUICK)
    shop.edit_profile((FILES, takes))  # the first is the dispute's
    order = disputed(shop)
    (opened,) = dispute_of(shop, order)
    files = opened["attachments"]
    assert files
    assert {Path(file["name"]).suffix for file in files} == suffixes
    assert all(file["size"] <= 70_000 for file in files) or "70000" not in takes
    assert len(files) <= (3 if "max_files = 3" in takes else 10)
    assert "受附件限制，未附：完整记录网页" in opened["text"]
    assert 2 <= len(opened["text"]) <= 150


@pytest.mark.slow
@pytest.mark.parametrize(
    ("takes", "template", "words"),
    [
        ('suffixes = ["pdf"], max_bytes = 5242880, max_files = 10', "", "takes nothing of the case's evidence"),
        ('suffixes = ["jpg"], max_bytes = 5242880, max_files = 10', "长" * 140, "the portal takes 150"),
    ],
    ids=["nothing fits", "no room to say what is left out"],
)
def test_a_dispute_that_cannot_say_what_it_should_is_a_persons(
    open_shop: OpenShop, takes: str, template: str, words: str
) -> None:
    extra = f'messages = {{ dispute = "{template}" }}' if template else ""
    shop = open_shop("classic", role="purchaser", extra=extra, **QUICK)
    shop.edit_profile((FILES, takes))
    order = shipped(shop)
    purchaser_flow(shop, order, "refuse_refund")
    assert (dispute_of(shop, order), shop.word(order)) == ([], "waiting:human")
    assert words in shop.case(order).why


def test_a_picture_that_the_portal_does_not_take_is_named_when_it_is_given(open_shop: OpenShop, skin: str) -> None:
    shop = open_shop(skin, role="purchaser", **QUICK)
    shop.edit_profile((PICTURE_FILES, 'suffixes = ["png"], max_bytes = 80, max_files = 2'))
    order = paid(shop, "none")
    shop.run(want(order, Reason.UNREACHABLE_BUYER))
    jpeg = b"\xff\xd8\xff" + bytes(9)
    for name, data, words in (
        ("photo.jpg", jpeg, "the portal takes png"),
        ("large.png", PNG + bytes(80), "152 bytes, and the portal takes 80"),
    ):
        with pytest.raises(ConfigError, match=words):
            shop.answer(order, "picture", files=[picture(shop, data, name)])
    assert (shop.word(order), PICTURES in shop.case(order).facts) == ("waiting:human", False)
    shop.answer(order, "picture", files=[picture(shop)])
    shop.run()
    (data,) = applied(shop, order)
    assert [file["size"] for file in data["pictures"]] == [len(PNG)]


@pytest.mark.slow
def test_a_picture_of_consent_that_is_too_large_is_left_out_and_a_person_gives_another(
    open_shop: OpenShop, skin: str
) -> None:
    """By the portal's real limits: what it would refuse is not sent at all."""
    shop = open_shop(skin, role="purchaser", **QUICK)
    order = paid(shop, "none")
    proof = str(picture(shop, PNG + bytes(6_000_000)))
    shop.run(want(order, Reason.ABUSE, consent=Consent.PROVED, consent_file=proof))
    assert (shop.what(order), shop.word(order)) == ([], "waiting:human"), shop.case(order).why
    assert "takes none of the pictures that there are (5 × png, jpg, jpeg ≤ 5,242,880 B)" in shop.case(order).why
    shop.answer(order, "picture", files=[picture(shop, name="other.png")])
    shop.run()
    (data,) = applied(shop, order)
    assert [file["sha256"] for file in data["pictures"]] == [hashlib.sha256(PNG).hexdigest()]
    (line,) = [entry["body"] for entry in shop.journal(order) if entry["kind"] == "pictures"]
    assert (len(line["files"]), len(line["left_out"])) == (1, 1)
    assert line["text"].startswith("1 left out: ")


@pytest.mark.slow
def test_more_pictures_than_the_portal_takes_are_left_out_the_persons_own_going_first(open_shop: OpenShop) -> None:
    shop = open_shop("classic", role="purchaser", **QUICK)
    shop.edit_profile((PICTURE_FILES, 'suffixes = ["png", "jpg", "jpeg"], max_bytes = 5242880, max_files = 1'))
    order = shipped(shop)
    proof = str(picture(shop, PNG + b"of consent", "proof.png"))
    shop.run(want(order, Reason.ABUSE, consent=Consent.PROVED, consent_file=proof))
    shop.answer(order, "picture", files=[picture(shop)])
    shop.run()
    assert shop.word(order) == "waiting:return_parcel", shop.case(order).why
    with pytest.raises(StoreError, match="has 1 pictures already"):
        shop.answer(order, "picture", files=[picture(shop, PNG + b"2", "second.png")])
    shop.answer(order, "received")
    shop.run()
    (data,) = applied(shop, order)
    assert [file["sha256"] for file in data["pictures"]] == [hashlib.sha256(PNG).hexdigest()]


@pytest.mark.slow
def test_a_note_that_is_too_long_for_a_remark_is_a_persons_and_opens_no_breaker(open_shop: OpenShop) -> None:
    shop = open_shop("classic", extra="breaker = { same_fault = 1 }", **QUICK)
    shop.edit_profile(
        ('name = "备注" }, optional = true, max_length = 200', 'name = "备注" }, optional = true, max_length = 20')
    )
    long, short = (str(one["order_id"]) for one in shop.orders(state="waitbuyerpay", pay_state="1", **PLAIN)[:2])
    shop.run(want(long, note="长" * 21))
    assert (shop.what(long), shop.word(long)) == ([], "waiting:human")
    assert "the note has 21 characters, and the portal takes 20 as a remark" in shop.case(long).why
    shop.run(want(short, note="短" * 20))
    assert shop.what(short) == ["order_closed"]
