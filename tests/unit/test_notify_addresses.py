"""The book of buyers' addresses: every bad row is named, no address is shown, and the outbox keeps no names."""

import json
from pathlib import Path

import pytest

from agent.domain.ids import OrderId
from agent.errors import ConfigError
from agent.notify.addresses import Address, name_hash, read_addresses

ORDER = OrderId("157094266502147026")
OTHER = OrderId("157094266502147027")


def book(folder: Path, text: str, name: str = "buyers.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_text(text, encoding=encoding)
    return path


def faults_of(path: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        read_addresses(path)
    return list(caught.value.faults)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_is_read_with_either_headings_and_in_any_usual_encoding(tmp_path: Path, encoding: str) -> None:
    text = f"订单号,buyer,邮箱,phone\n{ORDER},,a@b.example,\n\n,王 小明,,+86 138-0000-0000\n"
    found = read_addresses(book(tmp_path, text, encoding=encoding))
    assert found.address(ORDER, "order") == Address("a@b.example", "")
    by_name = found.recipient(OTHER, " 王  小明 ")
    assert found.address(OTHER, by_name) == Address("", "+8613800000000")
    assert found.recipient(OTHER, "somebody else") == ""
    assert found.recipient(OTHER, "") == ""


def test_a_json_says_the_same(tmp_path: Path) -> None:
    text = json.dumps([{"order_id": ORDER, "email": "a@b.example"}, {"buyer": "王小明", "phone": "13800000000"}])
    found = read_addresses(book(tmp_path, text, "buyers.json"))
    assert found.address(ORDER, found.recipient(ORDER, "王小明")) == Address("a@b.example", "")
    assert found.address(OTHER, found.recipient(OTHER, "王小明")) == Address("", "13800000000")


def test_an_order_goes_before_its_buyers_name(tmp_path: Path) -> None:
    path = book(tmp_path, f"order_id,buyer,email\n{ORDER},,one@b.example\n,name,two@b.example\n")
    found = read_addresses(path)
    assert found.address(ORDER, found.recipient(ORDER, "name")) == Address("one@b.example")


def test_every_bad_row_is_named_and_no_address_is_shown(tmp_path: Path) -> None:
    rows = [
        "123,,a@b.example,",  # no order id
        f"{ORDER},name,a@b.example,",  # both
        ",,a@b.example,",  # neither
        f"{ORDER},,,",  # no address
        ",n1,secret@b.example;other@b.example,",
        ",n2,secret@b.example\u3000,",
        ",n3,secret,",
        ",n4,,12345",
        ",n5,,138000000001380000000",
        ",n6,a@b.example,",
        ",n6,c@d.example,",
    ]
    faults = faults_of(book(tmp_path, "\n".join(["order_id,buyer,email,phone", *rows])))
    named = [int(fault.split("row ")[1].split(":")[0]) for fault in faults]
    assert named == [2, 3, 4, 5, 6, 8, 9, 10, 12]
    assert all(fault.startswith("buyers.csv: row ") for fault in faults)
    assert not any(text in fault for fault in faults for text in ("secret", "12345", "n6", "a@b"))


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("b.csv", "", "is empty"),
        ("b.csv", "order_id,mail\n", "heading 'mail' is unknown"),
        ("b.csv", 'order_id,email\n"x', "is no CSV"),
        ("b.json", "{}", "must be a list"),
        ("b.json", "[1]", "row 1: must be an object"),
        ("b.json", "nonsense", "is no JSON"),
        ("b.txt", "x", "must be .csv or .json"),
    ],
)
def test_a_file_of_another_kind_is_refused(tmp_path: Path, name: str, text: str, said: str) -> None:
    [fault] = faults_of(book(tmp_path, text, name))
    assert said in fault


def test_a_book_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    [fault] = faults_of(tmp_path / "none.csv")
    assert "cannot be read" in fault


def test_names_are_compared_as_the_portal_may_write_them_and_do_not_show(tmp_path: Path) -> None:
    assert name_hash("Wang  Xiaoming") == name_hash(" wang xiaoming")
    assert "wang" not in name_hash("wang")
    text = repr(read_addresses(book(tmp_path, "buyer,email\nwang,secret@b.example\n")))
    assert "secret" not in text
