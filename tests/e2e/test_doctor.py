"""Doctor looks at everything and changes nothing; what it says is what a person has to repair."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from e2e_shop import Shop, finish, want

from agent.app import App, work
from agent.doctor import Findings, State, examine
from agent.doctor.examination import last_run_complaint
from agent.domain.acts import ActKind
from agent.domain.cases import CaseState, WaitingFor
from agent.engine.permission import check_confirmed
from agent.engine.queue import ListedQueue
from agent.engine.shop_run import Mode
from agent.errors import ConfigError, NotAuthorised, ShopBusy
from agent.settings import load
from agent.store import confirmations

OpenShop = Callable[..., Shop]
FIRST_CONFIRM = 'order_id = { beside = "订单号" }\nconfirm = { role = "button", name = "确定" }'


def visit(shop: Shop, *order_ids: str) -> Findings:
    app = shop.app()
    try:
        return finish(examine(app, "demo", order_ids=order_ids))
    finally:
        app.close()


def by_entry(findings: Findings) -> dict[str, State]:
    return {entry.entry: entry.state for entry in findings.entries}


def wrong(findings: Findings) -> dict[str, State]:
    return {entry: state for entry, state in by_entry(findings).items() if state in {State.MISSING, State.AMBIGUOUS}}


def one_of_each(shop: Shop) -> list[str]:
    """Return orders whose pages together offer every act of the seller but 同意退货; one has a review and a ticket."""
    shipped = next(order["order_id"] for order in shop.orders(state="waitbuyerreceive", refund_state=""))
    shop.actors(
        {"who": "buyer", "on": "start", "do": "request_return", "orders": [shipped]},
        {"who": "buyer", "on": "start", "do": "post_review", "orders": [shipped]},
        {"who": "seller", "on": "start", "do": "file_ticket", "orders": [shipped]},
        {"who": "supplier", "on": "return_requested", "do": "agree_return", "orders": [shipped]},
        {"who": "buyer", "on": "return_agreed", "do": "send_return", "orders": [shipped]},
    )
    kinds: list[dict[str, Any]] = [
        {"state": "waitbuyerpay"},
        {"state": "waitsellersend", "button": "refund", "refund_state": ""},
        {"refund_state": "waitselleragree"},
    ]
    return [shop.orders(**kind)[0]["order_id"] for kind in kinds] + [shipped]


@pytest.mark.slow
def test_a_visit_finds_everything_of_a_right_profile_and_changes_nothing(open_shop: OpenShop, skin: str) -> None:
    shop = open_shop(skin)
    order_ids = one_of_each(shop)
    before = (shop.ledger(), shop.truth("orders"))
    findings = visit(shop, *order_ids)
    assert (shop.ledger(), shop.truth("orders")) == before
    assert wrong(findings) == {}
    assert (findings.unknown_words, findings.blocked) == ((), ())
    assert findings.ok
    found = {entry for entry, state in by_entry(findings).items() if state is State.FOUND}
    others = {ActKind.REFUND, ActKind.SEND_RETURN}  # closing pays back by itself here, and buyers send back
    acts = {f"acts.{kind}" for kind in ActKind if kind not in others}
    assert acts - found == {"acts.agree_return"}
    unread = by_entry(findings).keys() - found
    theirs = ("forms.send_return.", "forms.apply_refund_with_pictures.")  # a purchaser's
    assert not {entry for entry in unread if entry.startswith("forms.") and not entry.startswith(theirs)} - {
        "forms.close.notice",
        "forms.agree_return.root",
        "forms.agree_return.order_id",
        "forms.agree_return.fields.amount",
        "forms.agree_return.fields.return_address",
        "forms.agree_return.confirm",
        "forms.agree_return.dismiss",
    }
    assert not {entry for entry in unread if entry.startswith("pages.list.queue")}
    assert {"pages.list.empty", "pages.login.submit", "signals.login", "signals.absent", "identity"} <= found


@pytest.mark.slow
def test_without_orders_a_visit_takes_those_that_the_list_shows(open_shop: OpenShop) -> None:
    """The purchaser's side, too, is seen by profile alone."""
    shop = open_shop("classic", role="purchaser")
    findings = visit(shop)
    assert findings.ok
    assert len(findings.orders) >= 1
    assert set(findings.orders) <= {order["order_id"] for order in shop.orders()}
    assert by_entry(findings)["forms.close.fields.reason"] is State.FOUND


@pytest.mark.slow
def test_a_visit_names_each_wrong_entry_and_no_other(open_shop: OpenShop) -> None:
    shop = open_shop("classic")
    shop.edit_profile(
        ('row_open = { role = "link", name = "订单详情" }', 'row_open = { role = "link", name = "详情" }'),
        ('pay_state = "付款状态"', 'pay_state = "支付状态"'),
        ('"备注", "修改价格", ', ""),
        (FIRST_CONFIRM, FIRST_CONFIRM.replace("确定", "好的")),
        ('dismiss = { role = "button", name = "取消" }', 'dismiss = { role = "button" }'),
        ('labels = "买家联系不上"', 'labels = "联系不到买家"'),
        ('row_sender = { css = "li.message .sender"', 'row_sender = { css = "li.message .who"'),
    )
    unpaid = shop.orders(state="waitbuyerpay")[0]["order_id"]
    findings = visit(shop, unpaid)
    assert not findings.ok
    assert wrong(findings) == {
        "pages.list.row_open": State.MISSING,
        "pages.detail.fields.pay_state": State.MISSING,
        "words.controls": State.MISSING,
        "forms.close.confirm": State.MISSING,
        "forms.close.dismiss": State.AMBIGUOUS,
        "reasons.unreachable_buyer": State.MISSING,
    }
    assert {word.text for word in findings.unknown_words} == {"备注", "修改价格"}
    said = {entry.entry: entry for entry in findings.entries}
    assert said["forms.close.dismiss"].note == "2 match, expected one"
    assert unpaid in said["forms.close.dismiss"].where
    assert shop.ledger() == []


@pytest.mark.slow
def test_a_frame_and_an_account_that_moved_are_named(open_shop: OpenShop) -> None:
    """Where a page does not come at all, the entry that keeps it from coming is the one that is named."""
    shop = open_shop("workbench")
    shop.edit_profile(("iframe[name=trade]", "iframe[name=trades]"), ("arrive_s = 15", "arrive_s = 1"))
    assert wrong(visit(shop)) == {"frames.trade": State.MISSING, "signals.absent": State.MISSING}
    other = open_shop("classic")
    other.edit_profile(("header.top .account", "header.top .nobody"))
    assert wrong(visit(other)) == {"identity": State.MISSING}


UNVERIFIED = """
[unverified]
read = ["pages.list", "pages.list.*", "words.order_state", "words.order_state.unpaid", "words.order_state.terminated",
        "pages.detail.staged", "pages.detail.fields.pay_state"]
act = ["forms.close.*", "acts.close", "requests.close.*"]
"""


@pytest.mark.slow
def test_only_what_was_really_seen_is_confirmed_and_never_what_an_act_must_confirm(open_shop: OpenShop) -> None:
    shop = open_shop("classic")
    shop.edit_profile(('pay_state = "付款状态"', 'pay_state = "支付状态"'), end=UNVERIFIED)
    unpaid = shop.orders(state="waitbuyerpay")[0]["order_id"]
    first = visit(shop, unpaid)
    assert {"pages.list", "pages.list.rows", "pages.list.rows.css", "words.order_state.unpaid"} <= set(first.confirmed)
    assert {entry for entry in first.still_unverified if entry.startswith(("pages.", "words."))} == {
        "words.order_state.terminated",  # not met
        "pages.detail.staged",  # not met
        "pages.detail.fields.pay_state",  # not as the profile tells
    }
    assert {"forms.close.confirm", "acts.close", "requests.close.path"} <= set(first.still_unverified)
    assert visit(shop, unpaid).confirmed == ()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new", "entry"),
    [
        ('unpaid = "waitbuyerpay"', 'unpaid = "success"', "pages.list.queue.tabs.unpaid"),
        (
            'next = { role = "link", name = "下一页" }',
            'next = { role = "link", name = "后一页" }',
            "pages.list.queue.next",
        ),
        ('row_amount = { css = "td.amount"', 'row_amount = { css = "td.sum"', "pages.list.queue.row_amount"),
    ],
)
def test_what_a_rule_would_misread_of_the_list_is_told(open_shop: OpenShop, old: str, new: str, entry: str) -> None:
    shop = open_shop("classic")
    shop.edit_profile((old, new))
    assert entry in wrong(visit(shop, shop.orders(state="waitbuyerpay")[0]["order_id"]))


@pytest.mark.slow
def test_a_run_refuses_until_doctor_has_been_and_then_the_act_waits_for_a_person(open_shop: OpenShop) -> None:
    shop = open_shop("classic")
    shop.edit_profile(end='\n[unverified]\nread = ["pages.list.*"]\nact = ["forms.close.*", "requests.close.*"]\n')
    unpaid = shop.orders(state="waitbuyerpay")[0]["order_id"]
    with pytest.raises(ConfigError, match="closewright doctor --shop demo"):
        shop.run(want(unpaid))
    assert visit(shop, unpaid).ok
    shop.run(want(unpaid))
    case = shop.case(unpaid)
    assert (case.state, case.waiting_for) == (CaseState.WAITING, WaitingFor.HUMAN)
    assert "--supervised" in case.why
    assert shop.ledger() == []


SHOP_1688 = """
[shops.real]
portal = "alibaba1688"
role = "seller"
username = "somebody"
password = "env:CLOSEWRIGHT_TEST_PASSWORD"
"""


def test_1688_is_not_acted_on_before_doctor_and_a_supervised_act(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLOSEWRIGHT_TEST_PASSWORD", "demo")
    settings = tmp_path / "closewright.toml"
    settings.write_text('[store]\nsigning_key = "signing.key"\n' + SHOP_1688, encoding="utf-8")
    app = App(load(settings))
    try:
        run = app.shop_run("real", run_id="r", mode=Mode.LIVE)
        queue = ListedQueue([])
        with pytest.raises(ConfigError, match="closewright doctor --shop real"):
            finish(work(app, run, queue=queue, lanes=1, wait_s=0, on_pass=lambda _end: None))
        confirm_all(app, run.loaded.sha256, run.loaded.unverified_read)
        run = app.shop_run("real", run_id="r", mode=Mode.LIVE)
        (case,) = app.passing_cases("real", [want("106886380946666222")])
        for kind, variants in run.loaded.profile.acts.items():
            for variant in variants:
                with pytest.raises(NotAuthorised, match="--supervised"):
                    check_confirmed(run, case, kind, variant)
    finally:
        app.close()


def confirm_all(app: App, profile_hash: str, entries: frozenset[str]) -> None:
    for entry in entries:
        app.db.write(
            lambda tx, entry=entry: confirmations.confirm(
                tx, profile_hash=profile_hash, shop="real", entry=entry, how="doctor", actor={}, now=app.clock()
            )
        )


def test_an_old_or_killed_last_run_is_complained_about(open_shop: OpenShop) -> None:
    shop = open_shop("classic", extra='stale_after = "2h"')
    now = datetime.now(UTC)
    app = shop.app()
    try:
        assert last_run_complaint(app, "demo") is None
        app.clock = lambda: now - timedelta(hours=3)
        with app.recorded_run("demo", "run"):
            app.clock = lambda: now - timedelta(hours=1)
            assert "never ended" in str(last_run_complaint(app, "demo"))
        app.clock = lambda: now
        assert last_run_complaint(app, "demo") is None
        app.clock = lambda: now + timedelta(hours=2)
        assert "stale_after" in str(last_run_complaint(app, "demo"))
    finally:
        app.close()


def test_a_shop_that_is_being_worked_is_not_visited(open_shop: OpenShop) -> None:
    shop = open_shop("classic")
    app = shop.app()
    with app.hold("demo"), pytest.raises(ShopBusy):
        visit(shop)
    app.close()


def test_order_ids_that_are_none_are_all_named_before_anything_starts(open_shop: OpenShop) -> None:
    with pytest.raises(ConfigError) as caught:
        visit(open_shop("classic"), "12", "123456789012345678", "abc")
    assert len(caught.value.faults) == 2
