"""Pages that play tricks on the agent: the right order is closed as asked, or nothing is and a person is told why."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.async_api import async_playwright

from agent.browser.find import find_browser
from tests.e2e.e2e_shop import finish

from .arena import Arena, Fought, Mutation

OpenArena = Callable[..., Arena]


@dataclass(frozen=True, slots=True)
class Trick:
    """A page's trick; what it may end in, and a word of why where it must not be closed."""

    mutated: tuple[Mutation, ...]
    closes: bool | None = False
    why: str = ""


def trick(
    name: str, part: str = "confirm", moment: str = "load", *, closes: bool | None = False, why: str = ""
) -> Trick:
    return Trick((Mutation(name, part, moment),), closes, why)


# closes: True, it must be closed; False, it must not; None, either is right, by who was quicker.
TRICKS = {
    "a twin beside the button that opens the dialog": trick("twin_beside", "opener", why="2 of them"),
    "a twin beside the last button": trick("twin_beside", why="2 of them"),
    "a twin over the button that opens the dialog": trick("twin_over", "opener", why="covered"),
    "a twin over the last button": trick("twin_over", why="covered"),
    "a twin moved under the pointer": trick("twin_instead", moment="hover", why="was not sent"),
    "a twin moved under the pressed pointer": trick("twin_instead", moment="press", why="was not sent"),
    "a twin of the whole dialog in its place": trick("twin_instead", "dialog", "fill"),
    "a dialog that names another order": trick("retarget_text", why="not order"),
    "a dialog that names another order after it was filled in": trick("retarget_text", moment="fill", why="not order"),
    "a dialog that carries another order": trick("retarget_field", why="order_id is"),
    "a dialog that carries another order after it was filled in": trick(
        "retarget_field", moment="fill", why="order_id is"
    ),
    "a dialog that names and carries another order": trick("retarget_both", why="not order"),
    "a dialog that names and carries another order once its button is pressed": trick(
        "retarget_both", moment="press", why="order_id is"
    ),
    "a form whose address names another order": trick("retarget_query", why="in the address and in the body"),
    "a form that carries two orders": trick("id_twice", why="given twice"),
    "a body that can be read in two ways": trick("two_readings", why="calls itself"),
    "a form that goes to another host": trick("foreign_host", why="is not one of the profile's"),
    "a form that goes to another host once its button is pressed": trick(
        "foreign_host", moment="press", why="is not one of the profile's"
    ),
    "a form that does another act": trick("other_path", why="not listed"),
    "a form by GET": trick("by_get", why="was not sent"),
    "another reason than the one that was chosen": trick("other_reason", why="reason is"),
    "a remark that nobody wrote": trick("remark_added", why="remark is"),
    "a page that leads to another host": trick("foreign_page", closes=None),
    "a page that leads to another host when its button is pressed": trick("foreign_page", moment="press", closes=None),
    "a page that closes the order by itself": trick("sent_early", closes=True),
    "a page that closes the order by itself when its button is pressed": trick(
        "sent_early", moment="press", closes=True
    ),
    "a page that closes another order": trick("sent_other", closes=True),
    "a page that closes another order when its button is pressed": trick("sent_other", moment="press", closes=True),
    "a request that fires twice": trick("sent_twice", closes=True),
    "a fake dialog over the real one": trick("fake_dialog"),
    "a fake toast, and nothing sent": trick("fake_toast", why="was not sent"),
}


def faults_of(name: str, fought: Fought) -> list[str]:
    """Return what is wrong about how a trick ended."""
    wanted = TRICKS[name]
    faults = list(fought.wrong)
    if not fought.struck:
        faults.append("the trick was not played")
    if wanted.closes is not None and (fought.word == "closed") is not wanted.closes:
        faults.append(f"ended as {fought.word}")
    if wanted.why not in fought.why:
        faults.append(f"{wanted.why!r} is not told")
    return [f"{name}: {fault} ({fought.word}: {fought.why[:300]})" for fault in faults]


@pytest.mark.long
def test_no_trick_of_a_page_changes_anything_but_what_was_asked(open_arena: OpenArena, skin: str) -> None:
    """All in one run: each of the tricks on an order of its own, the ledger as the judge."""
    arena = open_arena(skin, orders=240, lanes=10)
    arena.shop.remember()
    fights = arena.fight([wanted.mutated for wanted in TRICKS.values()])
    faults = [fault for name, fought in zip(TRICKS, fights, strict=True) for fault in faults_of(name, fought)]
    assert not faults, "\n".join(faults)
    assert arena.came_abroad == []
    assert arena.shop.touched() <= arena.asked


@pytest.mark.parametrize("name", ["sent_other", "twin_instead", "retarget_field"])
def test_without_the_product_the_tricks_do_their_harm(open_arena: OpenArena, skin: str, name: str) -> None:
    """If this fails, the test above proves nothing any more: a person with a browser falls for them."""
    arena = open_arena(skin, orders=100)
    ours, victim = arena.take(2)
    arena.shop.faults(Mutation(name).fault(ours, other=victim, host=arena.host))
    finish(_close_by_hand(arena, ours))
    assert "order_closed" in arena.shop.what(victim)


async def _close_by_hand(arena: Arena, order_id: str) -> None:
    """Close an order as a person does who reads nothing but the labels of the buttons."""
    shop = arena.shop
    async with async_playwright() as playwright:
        executable = find_browser(None, None, headed=False).executable
        browser = await playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        page = await browser.new_page()
        await page.goto(f"{shop.portal.url}/login")
        await page.get_by_label("账号").fill("seller")
        await page.get_by_label("密码").fill("demo")
        await page.get_by_role("button", name="登录").click()
        classic = shop.skin == "classic"
        base = shop.portal.url if classic else shop.portal.inner_url
        await page.goto(f"{base}/trade/{'order' if classic else 'detail'}?orderId={order_id}")
        await page.get_by_role("button", name="关闭订单").click()
        dialog = page.get_by_role("dialog", name="关闭订单")
        if classic:
            await dialog.get_by_role("combobox").select_option("buyerCancel")
        else:
            await dialog.get_by_role("combobox").click()
            await page.get_by_role("option", name="买家取消订单").click()
        async with page.expect_response(lambda answer: answer.request.method == "POST" and "close" in answer.url):
            await dialog.get_by_role("button", name="确定").click()
        await browser.close()
