"""A portal is taught by pointing, changes nothing, and yields a profile that plans as the shipped one does."""

from pathlib import Path
from typing import Any

import httpx
import pytest

from agent.domain.acts import ActKind
from agent.teaching.asking import Interrupted
from agent.teaching.notebook import written
from agent.teaching.session import teach_portal
from fixtures.mock_portal import server
from page_objects.gaps import gaps_of
from page_objects.loader import LoadedProfile, load_profile
from page_objects.profile import Profile
from tests.e2e.e2e_shop import finish
from tests.real.closing import Desk

from .classic_lesson import answers
from .pupil import Scripted, wanted


def teach(portal: server.Running, folder: Path, person: Scripted, **more: Any) -> LoadedProfile:
    """Have the portal taught and return its profile."""
    finish(teach_portal(wanted(f"{portal.url}/trade/sold", folder, **more), person, person.browsers))
    return load_profile("mine", folder)


def planned(portal: server.Running, folder: Path, profile: str, profiles: Path | None) -> dict[str, dict[str, Any]]:
    """Return what would be done to some orders of each state."""
    folder.mkdir()
    desk = Desk(
        folder,
        profile,
        portal.url,
        "seller",
        "demo",
        more=f"profile_dir = {written(profiles.as_posix())}" if profiles else "",
    )
    orders = {order["order_id"]: order["state"] for order in truth(portal, "orders")["orders"]}
    some = [
        order
        for state in dict.fromkeys(orders.values())
        for order in [one for one in orders if orders[one] == state][:3]
    ]
    file = desk.requests(dict.fromkeys(some, "yes"))
    return desk.command("plan", str(file), "--shop", "real").cases


def truth(portal: server.Running, path: str) -> Any:
    """Return what the portal says of itself."""
    return httpx.get(f"{portal.url}/_mock/{path}", timeout=60).raise_for_status().json()


@pytest.mark.slow
@pytest.mark.timeout(900)  # a lesson of a hundred questions and two plans, on a machine that does other work as well
def test_what_was_taught_plans_the_same_orders_as_the_shipped_profile(classic: server.Running, tmp_path: Path) -> None:
    """The whole lesson: list, order, words, dialog; the last button is pressed, and the portal's ledger stays empty."""
    person = Scripted(answers())
    loaded = teach(classic, tmp_path / "profiles", person, orders=8)
    assert truth(classic, "ledger")["ledger"] == []

    profile, shipped = loaded.profile, load_profile("mock_classic").profile
    rule, known = profile.requests["close"], shipped.requests["close"]
    assert (rule.method, rule.path, rule.body, rule.fields) == (known.method, known.path, known.body, known.fields)
    assert set(profile.reasons) == set(shipped.reasons)
    whole, acts = gaps_of(loaded)
    assert [gap.key for gap in whole if gap.stops] == []
    assert [gap.key for one in acts if one.act is ActKind.CLOSE for gap in one.gaps if gap.stops] == ["gap_unproved"]

    complete_words(tmp_path / "profiles" / "mine" / "profile.toml", loaded, shipped)
    mine = planned(classic, tmp_path / "mine", "mine", tmp_path / "profiles")
    theirs = planned(classic, tmp_path / "theirs", "mock_classic", None)
    acts = {order: [act["act"] for act in case["acts"]] for order, case in theirs.items()}
    # Other acts were not taught, and so neither is what becomes of an order that was shipped.
    known = [order for order, case in theirs.items() if set(acts[order]) <= {"close"} and case["path"] != "shipped"]
    assert ["close"] in acts.values()
    assert len(known) > len(theirs) / 2
    assert {order: told(mine[order]) for order in known} == {order: told(theirs[order]) for order in known}


def told(case: dict[str, Any]) -> tuple[object, ...]:
    """Return what a plan says of an order."""
    return (case["path"], case["outcome"], case["waiting_for"], case["amount"], [act["act"] for act in case["acts"]])


def complete_words(path: Path, loaded: LoadedProfile, shipped: Profile) -> None:
    """Add the words that were not met on the orders that were looked at, as plan and doctor name them one by one."""
    text = path.read_text("utf-8")
    for axis, table in shipped.words:
        mine = getattr(loaded.profile.words, axis)
        met = {word for words in mine.values() for word in words}
        new = {meaning: [word for word in words if word not in met] for meaning, words in table.items()}
        lines = [f"{meaning} = {written([*mine.get(meaning, ()), *new[meaning]])}" for meaning in table]
        head = f"\n[words.{axis}]\n"
        before, found, after = text.partition(head)
        rest = after[after.index("\n\n") :] if found else "\n\n"
        text = before + head + "\n".join(lines) + rest
    path.write_text(text, "utf-8")


def test_an_interrupted_session_keeps_what_it_has(classic: server.Running, tmp_path: Path) -> None:
    person = Scripted(answers() | {"list.row_state": "leave"})
    with pytest.raises(Interrupted):
        teach(classic, tmp_path, person)
    text = (tmp_path / "mine" / "profile.toml").read_text("utf-8")
    assert '[pages.login]\nurl = "/login"' in text
    assert "row_id" in text
    assert "# - pages.detail: is missing" in text
    assert truth(classic, "ledger")["ledger"] == []


def test_where_nothing_is_pointed_at_nothing_is_written(classic: server.Running, tmp_path: Path) -> None:
    person = Scripted({})
    finish(teach_portal(wanted(classic.url, tmp_path), person, person.browsers))
    assert not (tmp_path / "mine").exists()


def test_a_row_without_an_order_is_refused(classic: server.Running, tmp_path: Path) -> None:
    """Pointed at anything but an order's row, the lesson does not go on with a guess."""
    person = Scripted(answers() | {"list.row": lambda page: page.get_by_role("heading").first})
    finish(teach_portal(wanted(f"{classic.url}/trade/sold", tmp_path), person, person.browsers))
    assert "list.row_id" not in {question.key for question in person.asked}
    assert any("no row" in text for text in person.told)


def test_it_speaks_chinese(classic: server.Running, tmp_path: Path) -> None:
    person = Scripted({**answers(), "login.failed": "leave"})
    with pytest.raises(Interrupted):
        teach(classic, tmp_path, person, chinese=True)
    assert person.asked[0].text.startswith("登录页：请指向用户名输入框")
