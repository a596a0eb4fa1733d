"""Who a run tells outside the portal, judged by the servers that the channels lead to and by the portal's ledger."""

import json
from collections.abc import Callable, Iterator

import pytest
from e2e_shop import LIVELY, Shop
from listeners import Endpoint, endpoint
from test_command_line import command, write_requests
from test_paths import QUICK

OpenShop = Callable[..., Shop]
PLAIN = {"frozen": False, "disputed": False, "refund_state": "", "stages": [], "partly_shipped": False}


@pytest.fixture
def hook() -> Iterator[Endpoint]:
    with endpoint() as made:
        yield made


def settings(hook: Endpoint, *, portal: bool = True) -> str:
    return "\n".join(
        [
            LIVELY,
            "wait_s = 3",
            'aftercare = { notice = "portal" }' if portal else "",
            f'notify = {{ people = ["{hook.url}people"], language = "en" }}',
            f'notice = {{ sms = "{hook.url}buyer/{{to}}", addresses = "buyers.json" }}',
        ]
    )


@pytest.mark.slow
def test_a_run_tells_the_buyer_once_and_people_what_waits_for_them(
    open_shop: OpenShop, skin: str, hook: Endpoint
) -> None:
    shop = open_shop(skin, orders=100, extra=settings(hook), **QUICK)
    [closable, nameless] = shop.orders(state="waitbuyerpay", pay_state="1", **PLAIN)[:2]
    frozen = shop.orders(state="waitsellersend", pay_state="2", refund_state="", partly_shipped=False, stages=[])[0]
    shop.fault("frozen", [frozen["order_id"]])
    book = [{"buyer": closable["buyer"][name], "phone": "13800001111"} for name in ("name", "nick")]
    (shop.folder / "buyers.json").write_text(json.dumps(book, ensure_ascii=False), encoding="utf-8")
    file = write_requests(shop, [closable, nameless, frozen])
    command(shop, "run", str(file), "--shop", "demo", "--rehearse", "--json")
    assert hook.got == [], "a rehearsal tells nobody"
    command(shop, "run", str(file), "--shop", "demo", "--yes", "--json")
    command(shop, "resume", "--shop", "demo", "--json")
    buyer, people = hook.at("/buyer"), hook.at("/people")
    assert [closable["order_id"] in one["message"] for one in buyer] == [True]
    assert "未付款" in buyer[0]["message"]
    assert len([one for one in people if frozen["order_id"] in one["message"]]) == 1
    assert not any(order["order_id"] in one["message"] for one in people for order in (closable, nameless))
    said = json.dumps(hook.got, ensure_ascii=False)
    assert not any(order["buyer"][name] in said for order in (closable, nameless, frozen) for name in ("name", "nick"))
    for order in (closable, nameless):
        assert shop.what(order["order_id"]) == ["order_closed", "message_sent"]
    assert shop.ledger(closable["order_id"])[-1]["data"]["text"] == buyer[0]["message"]


@pytest.mark.slow
def test_a_shop_may_tell_its_buyers_beside_the_portal_only(open_shop: OpenShop, hook: Endpoint) -> None:
    shop = open_shop("classic", orders=60, extra=settings(hook, portal=False), **QUICK)
    [order] = shop.orders(state="waitbuyerpay", pay_state="1", **PLAIN)[:1]
    book = [{"order_id": order["order_id"], "phone": "13800001111"}]
    (shop.folder / "buyers.json").write_text(json.dumps(book), encoding="utf-8")
    command(shop, "run", str(write_requests(shop, [order])), "--shop", "demo", "--yes", "--json")
    assert len(hook.at("/buyer/13800001111")) == 1
    assert shop.what(order["order_id"]) == ["order_closed"]
