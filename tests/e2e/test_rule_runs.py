"""Rules over the portal's own list, on every skin by profile alone, judged by the portal's truth and its ledger."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from e2e_shop import Shop, finish, want
from test_command_line import command

from agent.app import open_session
from agent.domain.cases import Outcome, WaitingFor
from agent.engine.choosing import Chosen, choose
from agent.engine.shop_run import Mode
from agent.report.model import ReportCase
from agent.store import cases
from agent.summary import report_cases

OpenShop = Callable[..., Shop]
QUICK = {"promo": False, "render_ms": 20}
OLD = '[rules.old]\nstate = "unpaid"\nclose_after = "24h"\nreason = "unpaid_timeout"\n'


def chosen_by(shop: Shop, name: str) -> Chosen:
    """Return what a rule makes of the shop's list."""
    app = shop.app(shop.passed_s)

    async def look() -> Chosen:
        run = app.shop_run("demo", run_id="r-test", mode=Mode.PLAN)
        async with open_session(app, run) as session:
            return await choose(run, session, name, app.settings.rule(name))

    try:
        return finish(look())
    finally:
        app.close()


def reported(shop: Shop) -> list[ReportCase]:
    """Return the shop's cases as a report has them."""
    app = shop.app()
    try:
        return report_cases(app.db, app.blobs, app.db.read(cases.listing))
    finally:
        app.close()


def ids(chosen: Chosen, *, kept: bool = True) -> list[str]:
    return [choice.order_id for choice in chosen.choices if choice.chosen is kept]


def age_of(order: dict[str, Any]) -> timedelta:
    return datetime.now(UTC) - datetime.fromisoformat(order["created_at"])


def oldest_first(orders: list[dict[str, Any]]) -> list[str]:
    return [order["order_id"] for order in sorted(orders, key=lambda order: str(order["created_at"]))]


@pytest.mark.slow
def test_orders_of_every_page_of_the_list_are_found_and_worked_oldest_first(open_shop: OpenShop, skin: str) -> None:
    shop = open_shop(skin, orders=100, extra=OLD, **QUICK)
    unpaid = shop.orders(state="waitbuyerpay")
    assert len(unpaid) > 20, "the list has three pages"
    old = [order for order in unpaid if age_of(order) > timedelta(hours=24)]
    chosen = chosen_by(shop, "old")
    assert chosen.counted == len(unpaid)
    assert ids(chosen) == oldest_first(old)
    assert sorted(ids(chosen, kept=False)) == sorted({order["order_id"] for order in unpaid} - set(ids(chosen)))
    young = [choice for choice in chosen.choices if not choice.chosen]
    assert all(reason.startswith("younger than 24 h: ") for choice in young for reason in choice.reasons)
    assert shop.ledger() == [], "a list is only read"
    shop.run(*chosen.requests()[:3])
    closed = [entry["order_id"] for entry in shop.ledger() if entry["what"] == "order_closed"]
    assert closed == oldest_first(old)[:3]
    for case in reported(shop):
        truth = shop.order(case.order_id)
        assert [line.title for line in case.goods] == [item["name"] for item in truth["items"]]
        assert datetime.fromisoformat(str(case.ordered_at)) == datetime.fromisoformat(truth["created_at"]).replace(
            microsecond=0
        )
        assert (case.ended_at is not None, case.was_paid, case.needed_person) == (True, False, False)


@pytest.mark.slow
def test_what_the_list_does_not_show_is_read_on_the_orders_own_pages(open_shop: OpenShop, skin: str) -> None:
    shop = open_shop(
        skin,
        orders=100,
        extra='[rules.asked]\nstate = "unpaid"\nbuyer_remarks = ["取消", "不要了"]\nreason = "buyer_cancelled"\n'
        '[rules.twice]\nstate = "unpaid"\ntags = "重复单"\namount_from = "100.00"\nreason = "abuse"\n'
        '[rules.budget]\nstate = "unpaid"\nclose_after = "1h"\nreason = "abuse"\n'
        'limits = { amount_per_run = "500.00" }\n',
        **QUICK,
    )
    unpaid = shop.orders(state="waitbuyerpay")
    asked = [one for one in unpaid if "取消" in one["buyer_remark"] or "不要了" in one["buyer_remark"]]
    twice = [one for one in unpaid if "重复单" in one["tags"] and one["amount_fen"] >= 10_000]
    assert asked
    assert twice
    assert ids(chosen_by(shop, "asked")) == oldest_first(asked)
    assert ids(chosen_by(shop, "twice")) == oldest_first(twice)
    budget = chosen_by(shop, "budget")
    amounts = {one["order_id"]: one["amount_fen"] for one in unpaid}
    assert 0 < sum(amounts[order_id] for order_id in ids(budget)) <= 50_000
    assert any(choice.reasons == ("beyond the rule's 500.00 yuan of one run",) for choice in budget.choices)


@pytest.mark.slow
def test_an_order_that_gets_paid_leaves_its_rule_by_itself(open_shop: OpenShop, skin: str) -> None:
    shop = open_shop(skin, orders=60, extra=OLD, **QUICK)
    requests = chosen_by(shop, "old").requests()[:2]
    paid, other = (request.order_id for request in requests)
    shop.actors({"who": "buyer", "on": "start", "orders": [paid], "do": "pay"})
    shop.run(*requests)
    assert shop.case(paid).outcome is Outcome.NOT_ELIGIBLE
    assert shop.what(paid) == ["order_paid"]
    assert shop.what(other) == ["order_closed"]


@pytest.mark.slow
def test_a_rule_that_asks_again_attaches_to_what_it_has_asked_for(open_shop: OpenShop, skin: str) -> None:
    """Each run of the rule names the same paid orders, whose buyers are asked once."""
    shop = open_shop(
        skin,
        orders=60,
        extra='[rules.sold-out]\nstate = "paid"\nproducts = "杯"\namount_to = "900.00"\nreason = "out_of_stock"\n'
        'limits = { orders_per_run = 2 }\n[shops.demo.waits]\nconsent = "4h"\n',
        **QUICK,
    )
    first = chosen_by(shop, "sold-out")
    assert len(first.requests()) == 2
    assert any("beyond the rule's 2 orders of one run" in choice.reasons for choice in first.choices)
    shop.run(*first.requests())
    again = chosen_by(shop, "sold-out")
    assert len(set(ids(again)) - set(ids(first))) == 2, "those that wait keep no others out"
    shop.run(*again.requests())
    assert len(shop.cases()) == 4
    for order_id in ids(first):
        assert shop.what(order_id) == ["message_sent"]
        assert shop.case(order_id).waiting_for is WaitingFor.CONSENT
    over = {case.order_id for case in shop.cases() if case.outcome is Outcome.HANDED_OVER}
    assert over, "one of the new orders is for a person"
    third = chosen_by(shop, "sold-out")
    assert over.isdisjoint(ids(third))
    told = {choice.order_id: choice.reasons for choice in third.choices}
    assert all(told[order_id] == ("this rule has asked for it before: handed_over",) for order_id in over)


@pytest.mark.slow
def test_buyers_are_reminded_once_and_their_orders_closed_only_if_still_unpaid(open_shop: OpenShop, skin: str) -> None:
    shop = open_shop(
        skin,
        orders=60,
        extra='[rules.remind]\nstate = "unpaid"\nremind_after = "24h"\nclose_after = "72h"\nreason = "unpaid_timeout"\n'
        '[shops.demo.messages]\nremind_payment = "订单 {order_id} 请尽快付款"\n',
        **QUICK,
    )
    requests = chosen_by(shop, "remind").requests()[:2]
    paid, unpaid = (request.order_id for request in requests)
    shop.run(*requests)
    shop.run(*requests)
    for order_id in (paid, unpaid):
        assert shop.what(order_id) == ["message_sent"]
        assert shop.order(order_id)["messages"][-1]["text"] == f"订单 {order_id} 请尽快付款"
        assert shop.case(order_id).waiting_for is WaitingFor.COUNTERPARTY
    shop.later(3600)
    assert len(shop.ledger()) == 2, "nothing is due yet"
    shop.actors({"who": "buyer", "on": "start", "orders": [paid], "do": "pay"})
    shop.later(72 * 3600)
    assert shop.what(paid) == ["message_sent", "order_paid"]
    assert shop.case(paid).outcome is Outcome.NOT_ELIGIBLE
    assert shop.what(unpaid) == ["message_sent", "order_closed"]
    assert shop.case(unpaid).outcome is Outcome.CLOSED


@pytest.mark.slow
def test_orders_and_buyers_of_the_white_list_are_touched_by_nobody(open_shop: OpenShop, skin: str) -> None:
    probe = open_shop(skin, orders=60, **QUICK)
    old = oldest_first([one for one in probe.orders(state="waitbuyerpay") if age_of(one) > timedelta(hours=24)])
    friend = probe.order(old[0])["buyer"]["nick"]
    friends = {one for one in old if probe.order(one)["buyer"]["nick"] == friend}
    kept = next(one for one in old if one not in friends)
    probe.extra = f'{OLD}[never]\norders = ["{kept}"]\nbuyers = ["{friend.upper()}"]\n'
    chosen = chosen_by(probe, "old")
    assert set(ids(chosen)) == set(old) - friends - {kept}
    probe.run(want(kept), want(old[0]))
    assert probe.ledger() == []
    assert {case.outcome for case in probe.cases()} == {Outcome.NOT_ELIGIBLE}
    assert {case.why for case in probe.cases()} == {"on the white list of orders", "on the white list of buyers"}


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["totals_wrong", "list_shifts"])
def test_a_list_that_lies_or_shifts_is_never_worse_than_incomplete(open_shop: OpenShop, skin: str, fault: str) -> None:
    shop = open_shop(skin, orders=60, extra=OLD, **QUICK)
    unpaid = shop.orders(state="waitbuyerpay")
    old = {one["order_id"] for one in unpaid if age_of(one) > timedelta(hours=24)}
    shop.faults({"name": fault, "orders": [unpaid[0]["order_id"]]} if fault == "totals_wrong" else {"name": fault})
    chosen = chosen_by(shop, "old")
    assert set(ids(chosen)) <= old
    if fault == "totals_wrong":
        assert chosen.counted != len(chosen.choices), "that orders may be missing is told"


def test_a_plan_by_rule_explains_every_order_and_a_run_works_what_it_chose(open_shop: OpenShop, skin: str) -> None:
    shop = open_shop(skin, orders=60, extra=f"{OLD}limits = {{ orders_per_run = 2 }}\n", **QUICK)
    unpaid = {one["order_id"] for one in shop.orders(state="waitbuyerpay")}
    code, planned, err = command(shop, "plan", "--rule", "old", "--shop", "demo", "--json")
    assert code == 0, err
    by_rule = planned["rule"]
    assert [case["order_id"] for case in planned["cases"]] == [one["order_id"] for one in by_rule["chosen"]]
    assert len(by_rule["chosen"]) == 2
    assert {one["order_id"] for one in by_rule["chosen"] + by_rule["left_out"]} == unpaid
    assert all(one["why"] for one in by_rule["chosen"] + by_rule["left_out"])
    assert shop.ledger() == []
    code, done, err = command(shop, "run", "--rule", "old", "--shop", "demo", "--yes", "--json")
    assert code == 0, err
    assert done["counts"] == {"closed": 2}
    assert {entry["order_id"] for entry in shop.ledger()} == {one["order_id"] for one in by_rule["chosen"]}


@pytest.mark.slow
def test_a_rule_of_which_nothing_is_found_ends_well(open_shop: OpenShop, skin: str) -> None:
    shop = open_shop(
        skin, orders=60, extra='[rules.none]\nstate = "unpaid"\namount_from = "80000.00"\nreason = "abuse"\n', **QUICK
    )
    code, done, err = command(shop, "run", "--rule", "none", "--shop", "demo", "--yes", "--json")
    assert (code, done["cases"], done["counts"]) == (0, [], {}), err
    app = shop.app()
    try:
        assert app.db.read(cases.listing) == []
    finally:
        app.close()
