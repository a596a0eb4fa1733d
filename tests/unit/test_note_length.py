"""A note that no form of the portal would take is named at start with all other faults; the gate judges the rest."""

from importlib import resources
from pathlib import Path

import pytest
from cli_shop import CliShop

REMARK = 'name = "备注" }, optional = true, max_length = 200'
HEAD = "订单号,关闭原因,备注\n"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CliShop:
    """A shop of a purchaser whose portal takes a remark of 100 characters and a description of 150."""
    made = CliShop(tmp_path, monkeypatch, capsys)
    text = (resources.files("page_objects") / "portals" / "mock_classic" / "profile.toml").read_text("utf-8")
    assert text.count(REMARK) == 1
    folder = tmp_path / "profiles" / "mock_classic"
    folder.mkdir(parents=True)
    (folder / "profile.toml").write_text(text.replace(REMARK, REMARK.replace("200", "100")), encoding="utf-8")
    settings = tmp_path / "closewright.toml"
    with settings.open("a", encoding="utf-8") as file:
        file.write('profile_dir = "profiles"\n')  # of the last shop, the purchaser's
    return made


def test_a_note_that_no_form_takes_is_named_with_every_other_fault(shop: CliShop) -> None:
    rows = f"106886380946666222,缺货,{'长' * 151}\n106886380946666223,未知,\n106886380946666224,缺货,{'长' * 150}\n"
    file = shop.write("orders.csv", HEAD + rows)
    for command in (["run", str(file), "--shop", "other", "--yes"], ["plan", str(file), "--shop", "other"]):
        said = shop.run(*command)
        assert (said.code, said.out) == (2, "")
        assert "orders.csv: row 2, column 'note' (备注): has 151 characters: shorten it to 150" in said.err
        assert "row 3, column 'reason'" in said.err
        assert "row 4" not in said.err, "a description takes it: which form it will be is not known yet"


def test_a_shop_whose_forms_take_more_takes_the_same_note(shop: CliShop) -> None:
    file = shop.write("orders.csv", f"{HEAD}106886380946666222,缺货,{'长' * 151}\n106886380946666223,未知,\n")
    said = shop.run("plan", str(file), "--shop", "demo")
    assert "row 3, column 'reason'" in said.err
    assert "row 2" not in said.err


def test_the_option_keeps_to_the_same_length(shop: CliShop) -> None:
    asked = ("close", "106886380946666222", "--reason", "缺货", "--note", "长" * 151, "--shop")
    assert "--note: must be one line of at most 150 characters" in shop.run(*asked, "other").err


def test_what_is_wrong_with_the_file_is_told_before_what_is_wrong_with_the_shop(shop: CliShop) -> None:
    file = shop.write("orders.csv", f"{HEAD}106886380946666222,缺货,{'长' * 201}\n")
    said = shop.run("plan", str(file), "--shop", "nobody")
    assert "has 201 characters: shorten it to 200" in said.err
