"""Lists in frames and in open shadow roots are taught by pointing like any other; one address for all requests, too."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Locator, Page

from agent.teaching.asking import Interrupted, Question
from agent.teaching.session import teach_portal
from fixtures.mock_portal import server
from tests.e2e.e2e_shop import finish

from .classic_lesson import answers
from .pupil import Scripted, click, wanted

LISTS = {"workbench": "/workbench?_path_=trade/list", "lit": "/console/orders"}


async def sign_in(page: Page, _question: Question) -> None:
    await page.get_by_label("账号").fill("seller")
    await page.get_by_label("密码").fill("demo")
    await click(page.get_by_role("button", name="登录"))
    await page.wait_for_url(lambda url: "/login" not in url)


def in_frame(page: Page) -> Locator:
    return page.frame_locator("iframe[name=trade]").locator("tr.next-table-row").first


def in_shadow(page: Page) -> Locator:
    return page.get_by_role("rowgroup", name="订单").get_by_role("row").first


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("skin", "row", "order", "state"),
    [
        ("workbench", in_frame, ".order-id", ".order-status"),
        ("lit", in_shadow, ".order-id", "[data-testid=order-state]"),
    ],
)
def test_a_list_is_taught_where_it_is(
    skin: str, row: Callable[[Page], Locator], order: str, state: str, tmp_path: Path
) -> None:
    """Every order of the list is read by the targets that were proposed, and nothing was changed."""
    lesson: dict[str, Any] = {
        "login.try_wrong": "",
        "login.failed": "",
        "login.by_hand": [sign_in, ""],
        "held": ["search"] * 5,
        "list.row": lambda page: row(page).locator(order),
        "list.row_id": lambda page: row(page).locator(order),
        "list.row_state": lambda page: row(page).locator(state),
        "list.row_open": lambda page: row(page).get_by_role("link", name="订单详情"),
        "identity": "leave",
    }
    with server.start(skin=skin, orders=60, seed=7, promo=False) as portal:
        person = Scripted(answers() | lesson)
        with pytest.raises(Interrupted):
            finish(teach_portal(wanted(portal.url + LISTS[skin], tmp_path), person, person.browsers))
        assert httpx.get(f"{portal.url}/_mock/ledger", timeout=60).json()["ledger"] == []
    text = (tmp_path / "mine" / "profile.toml").read_text("utf-8")
    assert all(f"{key} = " in text for key in ("rows", "row_id", "row_state", "row_open"))
    read = next(said for said in person.told if said.endswith("orders were read"))
    assert int(read.split()[0]) > 1
    if skin == "workbench":
        assert "[frames]\ncontent = { css = \"iframe[name='trade']\"" in text
    else:
        assert 'operation = { method = "order.search"' in text
