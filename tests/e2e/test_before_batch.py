"""A portal that has changed stops only the paths that lean on the change, before their first order."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from e2e_shop import Shop, agreed, finish
from test_doctor import FIRST_CONFIRM

from agent.doctor.before import Before, is_due, visit_before
from agent.doctor.examination import look_round
from agent.doctor.keeping import FAULT, keep_if_good
from agent.domain import cases
from agent.engine.shop_run import Mode
from agent.store import breakers

OpenShop = Callable[..., Shop]


def before(shop: Shop, *order_ids: str, ahead_s: float = 0) -> Before | None:
    """Do what a batch begins with; None where the last good visit is trusted still."""
    app = shop.app(ahead_s)
    try:
        run = app.shop_run("demo", run_id="r", mode=Mode.LIVE)
        if not is_due(app, run):
            return None
        with app.hold("demo"):
            return finish(visit_before(app, run, order_ids=order_ids, headed=False, language="en"))
    finally:
        app.close()


def stopped(shop: Shop) -> dict[str, breakers.Breaker]:
    app = shop.app()
    try:
        found = [app.db.read(lambda tx, path=path: breakers.open_breaker(tx, "demo", path)) for path in cases.Path]
        return {breaker.path: breaker for breaker in found if breaker is not None}
    finally:
        app.close()


@pytest.mark.slow
def test_a_good_visit_is_trusted_for_a_while_and_an_accepted_one_too(open_shop: OpenShop) -> None:
    shop = open_shop("classic")
    shop.before_batch = "12h"
    assert before(shop) == Before()
    assert before(shop, ahead_s=11 * 3600) is None
    assert before(shop, ahead_s=13 * 3600) == Before()
    assert (stopped(shop), shop.ledger()) == ({}, [])


@pytest.mark.slow
def test_an_acting_difference_stops_its_path_and_says_where_to_look(open_shop: OpenShop) -> None:
    """The refund's dialog has lost its last button: closing unpaid orders goes on."""
    shop = open_shop("classic")
    shop.before_batch = "12h"
    old = FIRST_CONFIRM.replace("order_id", 'root = { role = "dialog", name = "同意退款" }\norder_id', 1)
    shop.edit_profile((old, old.replace("确定", "同意并退款")))
    refund = shop.orders(refund_state="waitselleragree", state="waitsellersend")[0]["order_id"]
    done = before(shop, refund)
    assert done is not None
    assert done.stopped == (cases.Path.PAID_UNSHIPPED,)
    (breaker,) = stopped(shop).values()
    assert (breaker.path, breaker.fault) == ("paid_unshipped", FAULT)
    assert done.page is not None
    assert str(done.page) in (breaker.detail or "")
    page = Path(done.page).read_text(encoding="utf-8")
    assert "forms.agree_refund.confirm" in page
    assert "data:image/jpeg;base64," in page
    assert 'class="mark' in page
    private = shop.order(refund)
    for text in (private["buyer"]["name"], private["buyer"]["phone"]):
        assert text not in page
    unpaid = shop.orders(state="waitbuyerpay", pay_state="1", stages=[])[0]["order_id"]
    assert shop.ledger() == []
    shop.run(agreed(unpaid), agreed(refund))
    assert shop.word(unpaid) == "closed"
    assert shop.word(refund) == "due"
    assert shop.what(refund) == []


@pytest.mark.slow
def test_a_portal_that_is_down_stops_nothing_and_is_no_difference(open_shop: OpenShop) -> None:
    shop = open_shop("classic")
    shop.before_batch = "12h"
    unpaid = shop.orders(state="waitbuyerpay", pay_state="1", stages=[])[-1]["order_id"]
    shop.fault("error_500", [unpaid], step="detail", times=1000)
    done = before(shop, unpaid)
    assert done is not None
    assert unpaid in done.trouble
    assert (done.stopped, done.differences, stopped(shop)) == ((), (), {})


@pytest.mark.slow
def test_what_a_person_has_accepted_is_no_difference_any_more(open_shop: OpenShop) -> None:
    shop = open_shop("classic")
    shop.edit_profile((FIRST_CONFIRM, FIRST_CONFIRM.replace("确定", "好的")))
    app = shop.app()
    try:
        run = app.shop_run("demo", run_id="r", mode=Mode.PLAN)
        first = finish(look_round(app, "demo"))
        assert first.findings.changed
        assert not keep_if_good(app, run, first)
        assert keep_if_good(app, run, first, accepted=True)
        kept = json.dumps(first.visit.as_json(), ensure_ascii=False)
        again = finish(look_round(app, "demo"))
    finally:
        app.close()
    assert not again.findings.changed
    for order in shop.orders():
        for text in (order["order_id"], order["buyer"]["name"], order["buyer"]["phone"], order["buyer"]["nick"]):
            assert text not in kept
