"""What a profile leaves open is told act by act, without a portal."""

import json
from pathlib import Path

import pytest
from cli_shop import CliShop

from agent.domain.acts import ActKind
from agent.domain.reasons import Reason
from agent.engine.permission import acting_entries
from page_objects.loader import load_profile, profile_names

PORTALS = Path(__file__).resolve().parents[2] / "page_objects" / "portals"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CliShop:
    return CliShop(tmp_path, monkeypatch, capsys)


def mine(tmp_path: Path, name: str, *edits: tuple[str, str]) -> Path:
    """Write a copy of a bundled profile with some places changed, and return the folder of profiles."""
    text = (PORTALS / name / "profile.toml").read_text("utf-8")
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    folder = tmp_path / "profiles" / name
    folder.mkdir(parents=True)
    (folder / "profile.toml").write_text(text, "utf-8")
    return folder.parent


def checked(shop: CliShop, *args: str) -> tuple[int, dict[str, list[str]]]:
    """Return the exit code, and the gaps of each act (and of the whole)."""
    said = shop.run("portal", "check", *args, "--json")
    data = json.loads(said.out)
    gaps = {f"{one['act']} {one['role']}": [gap["gap"] for gap in one["gaps"]] for one in data["acts"]}
    return said.code, gaps | {"whole": [gap["gap"] for gap in data["gaps"]]}


@pytest.mark.parametrize("name", [name for name in profile_names() if name != "alibaba1688"])
def test_what_orders_are_closed_with_every_day_has_no_gap_that_stops_an_act(shop: CliShop, name: str) -> None:
    code, gaps = checked(shop, name)
    assert code == 0
    assert "identity" not in gaps["whole"]


def test_the_1688_profile_says_what_it_waits_for(shop: CliShop) -> None:
    code, gaps = checked(shop, "alibaba1688")
    assert code == 1
    assert {"identity", "unread"} <= set(gaps["whole"])
    assert "unproved" in gaps["close seller"]


def test_of_an_act_with_several_ways_each_unconfirmed_entry_is_counted_once(shop: CliShop) -> None:
    loaded = load_profile("alibaba1688")
    ways = loaded.profile.acts[ActKind.CLOSE]
    leans = frozenset[str]().union(*(acting_entries(loaded, ActKind.CLOSE, way, Reason.OTHER) for way in ways))
    of_forms = {entry for entry in leans if not entry.startswith("reasons.")}
    acts = json.loads(shop.run("portal", "check", "alibaba1688", "--json").out)["acts"]
    (close,) = [one for one in acts if (one["act"], one["role"]) == ("close", "seller")]
    assert [gap["count"] for gap in close["gaps"] if gap["gap"] == "unproved"] == [str(len(of_forms))]


def test_a_portal_without_a_record_of_closings_is_told_so(shop: CliShop) -> None:
    _, gaps = checked(shop, "oscar")
    assert "record" in gaps["close seller"]
    assert "record" not in checked(shop, "mock_classic")[1]["close seller"]


def test_each_gap_is_found_where_it_is_made(shop: CliShop, tmp_path: Path) -> None:
    folder = mine(
        tmp_path,
        "mock_classic",
        ('fields = { order_id = "orderId", reason = "closeReason", remark', 'fields = { order_id = "orderId", remark'),
        ('refused = { status = 200, text = "错误代码" }\n', ""),
        ('fields.amount = { kind = "shown", target = { beside = "退款金额" } }\n', ""),
        ('fields = { order_id = "orderId", refund_id = "refundId", amount_yuan', 'fields = { order_id = "orderId", x'),
    )
    code, gaps = checked(shop, "mock_classic", "--dir", str(folder))
    assert code == 0
    assert {"reason_unchecked", "refused"} <= set(gaps["close seller"])
    assert "amount" in gaps["agree_refund seller"]


def test_faults_of_the_file_are_told_instead(shop: CliShop, tmp_path: Path) -> None:
    folder = mine(tmp_path, "mock_classic", ("settle_s = 3", 'settle_s = "soon"'))
    said = shop.run("portal", "check", "mock_classic", "--dir", str(folder))
    assert (said.code, said.out) == (2, "")
    assert "line 9: settle_s" in said.err
