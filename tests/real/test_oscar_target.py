"""django-oscar as a target: what its dashboard shows is what its database holds, and who may be trusted with what."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from playwright.sync_api import Locator, Page, expect

from fixtures.real.oscar import Shop, start
from fixtures.real.oscar.install import fill, filled
from fixtures.real.oscar.shop.words import LANGUAGES, order_pipeline
from fixtures.real.oscar.truth import truth

pytestmark = pytest.mark.real("oscar")
ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "fixtures.real.oscar"]
# What the pages say where the shop has no word of its own.
SAID = {
    "en": {"next": "next", "change": "Change status", "new": "New order status", "event": "Create payment event"},
    "zh-hans": {"next": "下一个", "change": "更改状态", "new": "新订单状态", "event": "创建支付事件"},
}
DONE = {"en": "Order status changed from '{}' to '{}'", "zh-hans": "订单状态由“{}”更改为“{}”"}


@pytest.fixture(scope="module", params=LANGUAGES)
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with start(tmp_path_factory.mktemp("oscar"), language=request.param) as running:
        yield running


@pytest.fixture
def seller(page: Page, shop: Shop) -> Page:
    """The page of somebody who has signed in, at the list of orders."""
    page.goto(f"{shop.url}/dashboard/orders/")
    page.locator("#id_username").fill(shop.username)
    page.locator("#id_password").fill(shop.password)
    page.locator("#dashboard_login_form input[type=submit]").click()
    expect(page).to_have_url(f"{shop.url}/dashboard/orders/")
    return page


def test_the_list_shows_every_order_as_the_database_has_it(seller: Page, shop: Shop) -> None:
    expect(seller.locator("html")).to_have_attribute("lang", shop.language)
    shown: list[tuple[str, ...]] = []
    rows = seller.locator("#orders_form tbody tr")
    following = seller.get_by_role("link", name=SAID[shop.language]["next"], exact=True)
    for at in range(2, 9):
        shown += [_cells(row, 1, 2, 4) for row in rows.all()]
        if not following.count():
            break
        following.click()
        expect(seller).to_have_url(re.compile(f"page={at}$"))
    wanted = [(order["number"], order["total"], order["status"]) for order in shop.truth()]
    assert sorted((number, _digits(total), status) for number, total, status in shown) == wanted


def test_a_page_of_each_state_agrees_with_the_database(seller: Page, shop: Shop) -> None:
    """State, amounts, history and the states that are offered next, for one order of each state."""
    pipeline = order_pipeline(shop.language)
    by_state = {order["status"]: order for order in shop.truth()}
    assert set(by_state) == set(shop.statuses.values()), "the seed reaches every state"
    for state, order in by_state.items():
        _open(seller, shop, order["number"])
        expect(seller.get_by_role("heading", level=1)).to_contain_text(f"#{order['number']}")
        facts = _cells(seller.locator("table").nth(1).locator("tr").nth(1), 0, 3)
        assert (_digits(facts[0]), facts[1]) == (order["total"], state)
        assert _events(seller) == [event["amount"] for event in reversed(order["payment_events"])]
        assert _sources(seller) == [(s["allocated"], s["debited"], s["refunded"]) for s in order["sources"]]
        offered = seller.locator("#id_new_status option").all_text_contents()
        assert tuple(offered) == pipeline.get(state, ())


def test_money_and_state_are_two_facts(shop: Shop) -> None:
    """There are cancelled orders whose money is still held, taken, and given back; and paid ones refunded in part."""
    orders = shop.truth()
    cancelled = [o["sources"] for o in orders if o["status"] == shop.statuses["cancelled"]]
    money = {
        tuple(float(s[kind]) > 0 for kind in ("allocated", "debited", "refunded")) for (s,) in filter(None, cancelled)
    }
    assert money == {(True, False, False), (True, True, False), (True, True, True)}
    paid = [s for o in orders if o["status"] == shop.statuses["paid"] for s in o["sources"]]
    assert any(0 < float(s["refunded"]) < float(s["debited"]) for s in paid)


def test_cancelling_changes_that_order_and_no_other(seller: Page, shop: Shop) -> None:
    before, stock = shop.truth(), shop.stock()
    order = next(o for o in before if o["status"] == shop.statuses["paid"] and len(o["lines"]) > 1)
    _open(seller, shop, order["number"])
    cancelled = shop.statuses["cancelled"]
    seller.get_by_label(SAID[shop.language]["new"], exact=True).select_option(label=cancelled)
    seller.get_by_role("button", name=SAID[shop.language]["change"], exact=True).click()
    expect(seller.get_by_role("alert")).to_contain_text(DONE[shop.language].format(order["status"], cancelled))
    changed = _changed(before, shop.truth())
    assert set(changed) == {order["number"]}
    assert set(changed[order["number"]]) == {"status", "lines", "notes", "history"}
    assert shop.history()[order["number"]][-1] == {"from": order["status"], "to": cancelled}
    assert shop.stock() == stock, "oscar as it comes leaves the stock allocated"
    assert not shop.mail()


def test_a_refund_event_is_recorded_and_moves_no_money(seller: Page, shop: Shop) -> None:
    """And oscar refuses to record it twice for the same pieces."""
    before = shop.truth()
    order = next(o for o in before if o["status"] == shop.statuses["processing"])
    for attempt in ("recorded", "refused"):
        _open(seller, shop, order["number"])
        seller.get_by_label(SAID[shop.language]["event"], exact=True).check()
        seller.locator("#payment_event_type_select").select_option("refunded")
        seller.locator("#amount_input").fill(order["total"])
        for box in seller.locator("input[name=selected_line]").all():
            box.check()
        seller.locator("#order_lines_form button[type=submit]").click()
        kind = "info" if attempt == "recorded" else "danger"
        expect(seller.get_by_role("alert")).to_have_class(re.compile(f"alert-{kind}"))
    changed = _changed(before, shop.truth())
    assert set(changed) == {order["number"]}
    assert set(changed[order["number"]]) == {"payment_events"}
    events = changed[order["number"]]["payment_events"]
    pieces = {str(line["id"]): line["quantity"] for line in order["lines"]}
    assert events == [*order["payment_events"], {"event": "refunded", "amount": order["total"], "lines": pieces}]


def test_a_state_that_the_list_offers_and_the_pipeline_forbids_is_refused(seller: Page, shop: Shop) -> None:
    before = shop.truth()
    shipped = next(o["number"] for o in before if o["status"] == shop.statuses["shipped"])
    cancelled = shop.statuses["cancelled"]
    seller.goto(f"{shop.url}/dashboard/orders/?order_number={shipped[:-1]}")
    seller.locator("tbody tr").filter(has_text=shipped).locator("input[name=selected_order]").check()
    seller.locator("#orders_form select[name=new_status]").select_option(label=cancelled)
    seller.get_by_role("button", name=SAID[shop.language]["change"], exact=True).click()
    expect(seller.get_by_role("alert")).to_have_class(re.compile("alert-danger"))
    assert shop.truth() == before


def test_nothing_is_fetched_from_anywhere_but_loopback(page: Page, shop: Shop) -> None:
    """Pages of oscar ask a network for jQuery; they get their own copy where that cannot be reached."""
    fetched: list[str] = []
    page.on("requestfinished", lambda request: fetched.append(request.url))
    page.goto(f"{shop.url}/dashboard/login/")
    assert page.evaluate("typeof jQuery") == "function"
    assert fetched
    assert all(url.startswith(shop.url) for url in fetched)


def test_one_seed_makes_one_shop(tmp_path: Path) -> None:
    """What is filled now holds the orders that were filled before; another seed makes none of them."""
    kept = truth(filled("en", 60, 1))
    assert _filled_anew(tmp_path / "same.sqlite3", 60, 1) == kept
    other = _filled_anew(tmp_path / "other.sqlite3", 12, 2)
    assert len(other) == 12
    assert not {order["number"] for order in other} & {order["number"] for order in kept}


def test_a_shop_that_is_started_again_is_as_it_was_left(shop: Shop, tmp_path: Path) -> None:
    with start(tmp_path, language=shop.language) as first:
        database = first.database
    database.write_bytes(shop.database.read_bytes())
    with start(tmp_path, language=shop.language) as again:
        assert again.truth() == truth(database)
        assert again.database == database


def test_the_server_ends_with_the_command_that_started_it(tmp_path: Path) -> None:
    """Even where that is killed, and has no time to end anything."""
    with _started(tmp_path) as command:
        servers = psutil.Process(command.pid).children(recursive=True)
        assert servers
        command.kill()
    _, alive = psutil.wait_procs(servers, timeout=20)
    assert not alive


def test_stop_ends_what_start_began_and_nothing_else(tmp_path: Path) -> None:
    with _started(tmp_path) as command:
        servers = psutil.Process(command.pid).children(recursive=True)
        assert _ran("stop", str(os.getpid())).returncode == 2, "this very process is none of its own"
        assert _ran("stop", str(command.pid)).returncode == 0
    _, alive = psutil.wait_procs(servers, timeout=20)
    assert not alive


def test_without_a_registry_it_says_that_it_is_not_installable_here(tmp_path: Path) -> None:
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "0", "PIP_CONFIG_FILE": os.devnull}
    own = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    env = own | nowhere | {"CLOSEWRIGHT_REAL": str(tmp_path), "PIP_NO_CACHE_DIR": "1"}
    ran = _ran("install", env=env)
    assert ran.returncode == 3
    assert "oscar is not installable here" in ran.stderr
    assert not list(tmp_path.glob("*/.complete"))


@contextmanager
def _started(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Start a shop by the command, and wait until it has told its address."""
    words = [*COMMAND, "start", "--folder", str(folder)]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as command:  # noqa: S603 - our own
        assert command.stdout is not None
        told = json.loads(command.stdout.readline())
        assert told["address"].startswith("http://127.0.0.1:")
        assert told["pid"] == command.pid
        yield command


def _ran(*words: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run([*COMMAND, *words], cwd=ROOT, check=False, capture_output=True, text=True, env=env)  # noqa: S603


def _open(page: Page, shop: Shop, number: str) -> None:
    page.goto(f"{shop.url}/dashboard/orders/{number}/")


def _cells(row: Locator, *places: int) -> tuple[str, ...]:
    """Return the texts of some cells of a row."""
    cells = [text.strip() for text in row.locator("td").all_text_contents()]
    return tuple(cells[place] for place in places)


def _digits(amount: str) -> str:
    """Return an amount without its currency and its thousands."""
    return re.sub(r"[^\d.]", "", amount)


def _events(page: Page) -> list[str]:
    """Return the amount of each payment event that the page shows, the newest first."""
    rows = page.locator("#lines > table").last.locator("tbody tr").all()
    return [_digits(_cells(row, 2)[0]) for row in rows if row.locator("td").count() > 1]


def _sources(page: Page) -> list[tuple[str, ...]]:
    """Return what was allocated, debited and refunded of each source that the page shows."""
    rows = page.locator("#payment table").first.locator("tbody tr").all()
    return [tuple(map(_digits, _cells(row, 1, 2, 3))) for row in rows if row.locator("td").count() > 1]


def _changed(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return, for each order that is not as it was, what is new."""
    old = {order["number"]: order for order in before}
    assert list(old) == [order["number"] for order in after]
    news = {o["number"]: {k: v for k, v in o.items() if v != old[o["number"]][k]} for o in after}
    return {number: new for number, new in news.items() if new}


def _filled_anew(database: Path, orders: int, seed: int) -> list[dict[str, Any]]:
    fill(database, "en", orders, seed)
    return truth(database)
