"""Whatever others write on an order, the right one is closed, and nothing of it runs, steers or spills anywhere."""

import re
import shutil
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path

import httpx
import pytest
from playwright.async_api import async_playwright
from python_calamine import CalamineWorkbook

from agent.__main__ import main
from agent.browser.find import find_browser
from agent.domain.cases import Case
from fixtures.mock_portal.hostile_texts import OTHER, TEXTS
from tests.e2e.e2e_shop import Shop, agreed, finish, want

from .arena import Arena

OpenArena = Callable[..., Arena]
AN_HOUR = 3700
# Some of their values show nothing at all: which value belongs to which label cannot be told, so a person is asked.
INVISIBLE = {"zero_width", "bidi"}
KEPT = re.compile(r"[0-9a-f]{64}\.[a-z0-9]{1,8}")
FOUND = """() => {
    const bad = (node) => node.matches('iframe, object, embed, form, base, link, svg, meta[http-equiv=refresh]')
        || (node.matches('script') && node.type !== 'application/json' && node.textContent.includes('pwned'))
        || [...node.attributes].some(({name, value}) => name.startsWith('on') || /^\\s*javascript:/i.test(value));
    const found = [...document.querySelectorAll('*')].filter(bad).map((node) => node.outerHTML.slice(0, 200));
    return window.pwned ? [...found, 'a script ran'] : found;
}"""


def plain(shop: Shop, count: int, **wanted: object) -> list[str]:
    """Return plain orders that do not stand on the first page of the list."""
    nothing = {"refund_state": "", "partly_shipped": False, "frozen": False, "disputed": False, "stages": []}
    first = [order["order_id"] for order in shop.orders()[:10]]
    found = [order["order_id"] for order in shop.orders(**nothing, **wanted)]
    return [order_id for order_id in found if order_id not in first][:count]


def write_on(shop: Shop, orders: Sequence[str]) -> None:
    """Put a kind of hostile text on each order, and have its buyer answer with one of that kind."""
    kinds = list(zip(TEXTS, orders, strict=True))
    shop.faults(*({"name": "hostile_text", "orders": [order], "args": {"kind": kind}} for kind, order in kinds))


def answers(shop: Shop, orders: Sequence[str]) -> None:
    """Have the buyer of each order answer our question with hostile text."""
    rules = (
        {"who": "buyer", "on": "message_sent", "by": "seller", "do": "reply", "orders": [order], "args": {"text": text}}
        for order, text in zip(orders, (texts[0].replace(OTHER, orders[0]) for texts in TEXTS.values()), strict=True)
    )
    shop.actors(*rules)


def test_the_right_order_is_closed_whatever_stands_on_it(open_arena: OpenArena, skin: str) -> None:
    """Or a person is asked, where a text leaves its place empty to the eye; nothing happens to any other order."""
    shop = open_arena(skin, orders=240).shop
    orders = plain(shop, len(TEXTS), state="waitbuyerpay", pay_state="1")
    write_on(shop, orders)
    shop.remember()
    shop.run(*map(want, orders), lanes=4)
    stands = {kind: (shop.word(order), shop.what(order)) for kind, order in zip(TEXTS, orders, strict=True)}
    handed_over = {kind: ("waiting:human", []) for kind in INVISIBLE}
    whys = {kind: shop.case(order).why for kind, order in zip(TEXTS, orders, strict=True)}
    assert stands == dict.fromkeys(TEXTS, ("closed", ["order_closed"])) | handed_over, whys
    assert all("labels for" in whys[kind] for kind in INVISIBLE)
    assert shop.touched() == {order for kind, order in zip(TEXTS, orders, strict=True) if kind not in INVISIBLE}
    assert shop.unfired() == []


def test_an_order_whose_id_stands_in_another_orders_title_is_the_one_that_is_closed(
    open_arena: OpenArena, skin: str
) -> None:
    shop = open_arena(skin, orders=100).shop
    [order] = plain(shop, 1, state="waitbuyerpay", pay_state="1")
    shop.fault("hostile_text", [order], args={"kind": "other_id"})
    named = shop.order(order)["items"][0]["name"]
    shop.remember()
    shop.run(want(named))
    assert shop.touched() == {named}
    assert shop.what(named) == ["order_closed"]
    assert shop.word(named) == "closed"


@pytest.mark.long
def test_an_answer_in_hostile_words_agrees_to_nothing_and_spoils_no_report(
    open_arena: OpenArena, skin: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The buyer's answers go into reasons, reports, tables and the log: as what they are, text."""
    shop = open_arena(skin, orders=300).shop
    orders = plain(shop, len(TEXTS), state="waitsellersend", pay_state="2", button="close")
    [ticketed] = plain(shop, 1, state="waitsellersend", pay_state="2", button="none")
    write_on(shop, orders)
    answers(shop, orders)
    shop.run(*map(want, orders), agreed(ticketed), lanes=4)
    shop.later(AN_HOUR, lanes=4)
    said = {kind: shop.what(order) for kind, order in zip(TEXTS, orders, strict=True)}
    asked_and_answered = {kind: ["message_sent", "message_sent"] for kind in TEXTS}
    assert said == asked_and_answered | {kind: [] for kind in INVISIBLE}, [shop.case(order).why for order in orders]
    assert [shop.word(order) for order in orders] == ["waiting:human"] * len(orders)
    assert all(shop.case(order).why for order in orders)
    check_reports(shop)
    check_terminal(shop, capsys)
    check_files(shop)


def check_reports(shop: Shop) -> None:
    """Look at the reports: the page runs nothing and asks nobody, the workbook holds texts and no formula."""
    page, book = shop.folder / "report.html", shop.folder / "report.xlsx"
    for path in (page, book):
        assert main(["--config", str(shop.config()), "report", "--to", str(path)]) == 0
    asked, ran = finish(_opened(page))
    assert (asked, ran) == ([page.as_uri()], [])
    shutil.unpack_archive(book, shop.folder / "unpacked", "zip")
    sheets = "".join(file.read_text("utf-8") for file in (shop.folder / "unpacked").rglob("sheet*.xml"))
    assert "<f>" not in sheets
    assert "hyperlink" not in sheets.lower()
    whys = [row[7] for row in CalamineWorkbook.from_path(book).get_sheet_by_name("订单").to_python()[1:]]
    assert sum("=HYPERLINK(" in str(why) for why in whys) == 1


async def _opened(page: Path) -> tuple[list[str], list[str]]:
    """Open a report in an ordinary browser; return what it asked for, and what ran or could run in it."""
    async with async_playwright() as playwright:
        executable = find_browser(None, None, headed=False).executable
        browser = await playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        context = await browser.new_context(bypass_csp=True)  # it must be harmless without that belt, too
        tab = await context.new_page()
        asked: list[str] = []
        tab.on("request", lambda request: asked.append(request.url))
        await tab.goto(page.as_uri())
        for case in await tab.locator("details").all():
            await case.locator("summary").click()
        ran = await tab.evaluate(FOUND)
        await browser.close()
        return [url for url in asked if not url.startswith("data:")], ran


def check_terminal(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    """Look at what commands write to a terminal and to scripts: nothing that steers, every line whole."""
    config = str(shop.config())
    shown = [["cases"], ["cases", "--json"], *(["show", case.case_id] for case in shop.cases())]
    for command in shown:
        capsys.readouterr()
        assert main(["--config", config, "--log-file", str(shop.folder / "run.log"), *command]) in {0, 1}
        out, err = capsys.readouterr()
        assert steering(out + err) == set(), command
    log = (shop.folder / "run.log").read_text("utf-8").splitlines()
    assert all(re.match(r"\d{4}-\d\d-\d\dT[\d:.+-]+ [A-Z]+ ", line) for line in log)


def steering(text: str) -> set[str]:
    """Return the characters of a text that a terminal obeys, or that turn what a person reads."""
    kinds = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    return {char for char in text if unicodedata.category(char) in kinds and char != "\n"}


def check_files(shop: Shop) -> None:
    """Look at the evidence: files named by their content, all inside their folder, and none anywhere else."""
    evidence = (shop.folder / "evidence").resolve()
    files = [path for path in evidence.rglob("*") if path.is_file()]
    ids = {f"{case.case_id}.json" for case in shop.cases()}
    assert files
    assert [path for path in files if not (KEPT.fullmatch(path.name) or path.name in ids)] == []
    assert all(path.resolve().is_relative_to(evidence) for path in files)
    near = [shop.folder, *shop.folder.parents]
    assert [path for folder in near for path in folder.glob("*pwned*")] == []


def test_an_exported_case_with_hostile_text_runs_nothing(open_arena: OpenArena, skin: str) -> None:
    shop = open_arena(skin, orders=100).shop
    [order] = plain(shop, 1, state="waitbuyerpay", pay_state="1")
    shop.fault("hostile_text", [order], args={"kind": "script"})
    shop.run(want(order))
    case: Case = shop.case(order)
    page = shop.folder / "case.html"
    assert main(["--config", str(shop.config()), "evidence", "export", case.case_id, "--to", str(page)]) == 0
    asked, ran = finish(_opened(page))
    assert (asked, ran) == ([page.as_uri()], [])


def test_the_portals_own_pages_hold_the_hostile_texts(open_arena: OpenArena, skin: str) -> None:
    """If this fails, the tests above prove nothing any more: nobody has written anything hostile."""
    shop = open_arena(skin, orders=240).shop
    orders = plain(shop, len(TEXTS), state="waitbuyerpay", pay_state="1")
    write_on(shop, orders)
    for (kind, texts), order in zip(TEXTS.items(), orders, strict=True):
        truth = httpx.get(f"{shop.portal.url}/_mock/orders/{order}").json()
        written = [truth["buyer"]["nick"], truth["items"][0]["name"], truth["messages"][0]["text"], truth["memo"]]
        assert all(any(text.partition(OTHER)[0] in one for text in texts) for one in written), kind
        assert len(truth["tickets"][0]["attachments"]) == 2
