"""Request files: what was asked for comes out whole, or every fault is told and nothing comes out."""

import csv
import hashlib
import io
import json
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.domain.cases import CloseRequest, Consent
from agent.domain.ids import OrderId, parse_order_id
from agent.domain.reasons import LABELS, Reason
from agent.errors import ConfigError
from agent.request_file import FAULTS_SHOWN, read_requests

ID1 = "3299805374626531283"
ID2 = "202711458975969812"
HEAD = "order_id,reason,consent,note\n"
REASONS = ", ".join(Reason)
NO_FILE = (
    " is no file beside the request file: put the proof there, or write yes (是, 同意, 已同意), no (否, 不同意),"
    " nothing, or the name of a file"
)
EXPORT_AGAIN = "format the column as text and export the ids again"
STRAY = 'a quotation mark stands in a cell that is not quoted: put the whole cell in "…" and double each mark inside it'
AFTER = 'something stands after the closing " of a cell: double each quotation mark inside a quoted cell'
WIDE = "has 5 cells, and there are 4 headings: a cell with the delimiter inside it must stand in quotation marks"
SPOILT = f"order id '1.23457E+18' was spoilt by a spreadsheet (scientific notation): {EXPORT_AGAIN}"
ROUNDED = (
    f"order id 3299805374626530000 ends in zeros after its 15th digit: a spreadsheet has rounded it; {EXPORT_AGAIN}"
)
NUMBER = " came as a number, of which a spreadsheet keeps only 15 digits, so it may be another order's: "
KINDS = "png, jpg, jpeg, webp, gif, pdf, txt, html, htm, csv, json, md, eml"
SAVE = 'save it again as UTF-8 (in Excel: "CSV UTF-8")'
ENGLISH = ["order_id", "reason", "consent", "note"]
CHINESE = ["订单号", "关闭原因", "买家同意", "备注"]

Write = Callable[[str, str | bytes], Path]
Asked = tuple[str, str, str, str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def to(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return to


def faults_of(path: Path) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        read_requests(path)
    return caught.value.faults


def write_xlsx(path: Path, rows: Sequence[Sequence[object]], *, hidden_first: bool = False) -> Path:
    with xlsxwriter.Workbook(str(path)) as book:
        if hidden_first:
            hidden = book.add_worksheet("alt")
            hidden.write_row(0, 0, ["order_id", "reason"])
            hidden.hide()
        sheet = book.add_worksheet("Tabelle")
        sheet.activate()
        sheet.set_first_sheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return path


# --- What was asked for comes out

_words = {reason: [reason.value, reason.value.upper(), *LABELS[reason]] for reason in Reason}
_consents = {
    Consent.NONE: ["", " "],
    Consent.DECLARED: ["yes", "YES", "是", "同意", "已同意"],
    Consent.DENIED: ["no", "No", "否", "不同意"],
}
_visible = st.characters(codec="gb18030", exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn"])
_notes = st.text(_visible, min_size=1, max_size=200).map(str.strip).filter(bool)
_ids = st.text("0123456789", min_size=15, max_size=20).filter(lambda text: len(text) < 17 or text[15:].strip("0") != "")
_wishes = st.lists(
    st.builds(
        CloseRequest,
        order_id=_ids.map(parse_order_id),
        reason=st.sampled_from(Reason),
        consent=st.sampled_from(list(_consents)),
        note=_notes,
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda wish: wish.order_id,
)


def in_words(wish: CloseRequest, data: st.DataObject) -> list[str]:
    """Write a wish as an operator may: any of the words that mean the same."""
    reason = data.draw(st.sampled_from(_words[wish.reason]))
    consent = data.draw(st.sampled_from(_consents[wish.consent]))
    return [wish.order_id, reason, consent, wish.note]


def as_csv(rows: Sequence[Sequence[str]], delimiter: str) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue()


def asked(requests: Sequence[CloseRequest]) -> list[tuple[OrderId, Reason, Consent, str]]:
    return [(request.order_id, request.reason, request.consent, request.note) for request in requests]


@settings(deadline=None, max_examples=40)
@given(
    wishes=_wishes,
    data=st.data(),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]),
    delimiter=st.sampled_from([",", ";", "\t"]),
    headings=st.sampled_from([ENGLISH, CHINESE]),
    order=st.permutations(range(5)),
)
def test_csv_says_the_same_in_every_encoding_delimiter_language_and_order_of_columns(
    *,
    wishes: list[CloseRequest],
    data: st.DataObject,
    encoding: str,
    delimiter: str,
    headings: list[str],
    order: list[int],
) -> None:
    table = [[*headings, "店铺"], *([*in_words(wish, data), "多余"] for wish in wishes)]
    rows = [[row[at] for at in order] for row in table]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "r.csv"
        path.write_bytes(as_csv(rows, delimiter).encode(encoding))
        found = read_requests(path)
    assert asked(found.requests) == asked(wishes)
    assert found.rows == len(wishes)


@settings(deadline=None, max_examples=30)
@given(wishes=_wishes, data=st.data(), headings=st.sampled_from([ENGLISH, CHINESE]))
def test_json_lines_say_the_same_as_csv(wishes: list[CloseRequest], data: st.DataObject, headings: list[str]) -> None:
    lines = [
        json.dumps(dict(zip(headings, in_words(wish, data), strict=True)), ensure_ascii=data.draw(st.booleans()))
        for wish in wishes
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "r.jsonl"
        path.write_text("\n".join(lines), encoding="utf-8")
        assert asked(read_requests(path).requests) == asked(wishes)


@settings(deadline=None, max_examples=20)
@given(wishes=_wishes, data=st.data(), headings=st.sampled_from([ENGLISH, CHINESE]))
def test_xlsx_says_the_same_as_csv(wishes: list[CloseRequest], data: st.DataObject, headings: list[str]) -> None:
    rows = [headings, *(in_words(wish, data) for wish in wishes)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "r.xlsx"
        with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
            sheet = book.add_worksheet()
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    sheet.write_string(number, column, cell)
        assert asked(read_requests(path).requests) == asked(wishes)


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(["r.csv", "r.jsonl", "r.xlsx"]), st.binary(max_size=200))
def test_any_bytes_at_all_give_a_config_error_and_no_other(name: str, raw: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(raw)
        with pytest.raises(ConfigError):
            read_requests(path)


@settings(deadline=None, max_examples=150)
@given(st.text('ab1,;"\r\n\t是', max_size=60))
def test_any_text_below_good_headings_gives_faults_that_name_the_file(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "r.csv"
        path.write_bytes((HEAD + text).encode())
        assert all(fault.startswith("r.csv: ") for fault in faults_of(path))


def test_each_request_says_where_it_came_from(write: Write) -> None:
    content = f'{HEAD}\n{ID1},缺货,,"a"\n"  "\n{ID2},缺货,yes,b\n'
    found = read_requests(write("batch.csv", content))
    sha256 = hashlib.sha256(content.encode()).hexdigest()
    assert found.sha256 == sha256
    assert [request.source for request in found.requests] == [
        {"file": "batch.csv", "row": 3, "sha256": sha256},
        {"file": "batch.csv", "row": 5, "sha256": sha256},
    ]


def test_a_record_over_several_lines_has_the_number_of_its_first(write: Write) -> None:
    path = write("r.csv", f'order_id,reason,remarks\n{ID1},缺货,"one\ntwo\nthree"\n{ID2},缺货,\n')
    assert [request.source["row"] for request in read_requests(path).requests] == [2, 5]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system_are_read(write: Write, end: str) -> None:
    path = write("r.csv", end.join([HEAD.strip(), f"{ID1},abuse,,x", f"{ID2},abuse,,y"]))
    assert [request.source["row"] for request in read_requests(path).requests] == [2, 3]


def test_xlsx_rows_are_numbered_as_the_spreadsheet_shows_them(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "r.xlsx", [[], [], ENGLISH, [ID1, "缺货"], [], [ID2, "缺货"]])
    assert [request.source["row"] for request in read_requests(path).requests] == [4, 6]


def test_a_number_of_15_digits_in_xlsx_is_exact_and_taken(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "r.xlsx", [ENGLISH, [123456789012345, "缺货", "", 5.0]])
    (request,) = read_requests(path).requests
    assert (request.order_id, request.note) == ("123456789012345", "5")


def test_a_hidden_sheet_is_not_what_the_operator_sees_and_is_not_read(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "r.xlsx", [ENGLISH, [ID1, "缺货"]], hidden_first=True)
    assert len(read_requests(path).requests) == 1


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_mark_before_quoted_headings_does_not_hide_the_first(write: Write, encoding: str) -> None:
    path = write("r.csv", f'\ufeff"order_id","reason"\n"{ID1}","缺货"\n'.encode(encoding))
    assert len(read_requests(path).requests) == 1


def test_chinese_that_is_valid_in_both_encodings_by_chance_does_not_make_a_file_mixed(write: Write) -> None:
    """隆 in GB18030 is also one letter of UTF-8."""
    path = write("r.csv", f"{HEAD}{ID1},abuse,,隆\n{ID2},缺货,,x\n".encode("gb18030"))
    assert [request.note for request in read_requests(path).requests] == ["隆", "x"]


@pytest.mark.parametrize("name", ["chat.png", "proofs/chat.PDF", "proofs\\chat.PDF", "./chat.png"])
def test_a_file_beside_the_request_file_proves_consent(write: Write, tmp_path: Path, name: str) -> None:
    (tmp_path / "proofs").mkdir()
    write("chat.png", b"x")
    write("proofs/chat.PDF", b"x")
    (request,) = read_requests(write("r.csv", f"{HEAD}{ID1},缺货,{name},\n")).requests
    assert request.consent is Consent.PROVED
    assert request.consent_file == str((tmp_path / name.replace("\\", "/")).resolve())


def test_100_000_rows_are_read_whole(write: Write) -> None:
    first = 3299805374626000001
    lines = (f"{first + 3 * n},缺货,是,note {n}\n" for n in range(100_000) if (first + 3 * n) % 10_000)
    content = HEAD + "".join(lines)
    found = read_requests(write("r.csv", content))
    assert found.rows == len(found.requests) == content.count("\n") - 1


# --- What is wrong is told, in these words


def place(row: int, column: str = "") -> str:
    chinese = dict(zip(ENGLISH, CHINESE, strict=True)).get(column)
    return f": row {row}" + (f", column '{column}'" if column else "") + (f" ({chinese})" if chinese else "") + ": "


BAD_CSV: dict[str, tuple[str | bytes, list[str]]] = {
    "empty": ("", [": is empty: write the headings order_id and reason, and one row per order"]),
    "blank": (" \n\n", [": is empty: write the headings order_id and reason, and one row per order"]),
    "only headings": (HEAD, [": has no request: write one row per order below the headings"]),
    "only headings and blank rows": (
        HEAD + ",,,\n\n",
        [": has no request: write one row per order below the headings"],
    ),
    "no headings": (
        f"{ID1},缺货\n",
        [
            f"{place(1, 'order_id')}is missing: add it as order_id or 订单号",
            f"{place(1, 'reason')}is missing: add it as reason or 关闭原因",
        ],
    ),
    "misspelt headings": (
        f"订单编号;reasons;consents\n{ID1};缺货;no\n",
        [
            f"{place(1, '订单编号')}looks like order_id: name it order_id or 订单号, or quite differently",
            f"{place(1, 'reasons')}looks like reason: name it reason or 关闭原因, or quite differently",
            f"{place(1, 'consents')}looks like consent: name it consent or 买家同意, or quite differently",
        ],
    ),
    "a heading twice": (
        f"order_id,reason,Order ID,订单号\n{ID1},缺货,1,2\n",
        [
            f"{place(1, 'order_id')}stands twice, as 'order_id' and 'Order ID': keep one",
            f"{place(1, 'order_id')}stands twice, as 'order_id' and '订单号': keep one",
        ],
    ),
    "a missing column does not hide faults in the others": (
        "reason,note\n没有,x\n",
        [
            f"{place(1, 'order_id')}is missing: add it as order_id or 订单号",
            f"{place(2, 'reason')}reason '没有' is unknown; use one of {REASONS}, or a Chinese label of one",
        ],
    ),
    "everything wrong in one row": (
        f"{HEAD}12,foo,../x.png,a\x07\n",
        [
            f"{place(2, 'order_id')}order id '12' must be 15 to 20 digits (0-9)",
            f"{place(2, 'reason')}reason 'foo' is unknown; use one of {REASONS}, or a Chinese label of one",
            f"{place(2, 'consent')}'../x.png' leaves the folder of the request file: put the proof beside that file",
            f"{place(2, 'note')}has a line break or an invisible control character (U+0007 as character 2): remove it",
        ],
    ),
    "empty cells": (
        f"{HEAD},,,x\n",
        [
            f"{place(2, 'order_id')}is empty: write the order id, or remove the row",
            f"{place(2, 'reason')}is empty: use one of {REASONS}, or a Chinese label of one",
        ],
    ),
    "a spoilt id": (
        f"{HEAD}1.23457E+18,缺货,,\n",
        [f"{place(2, 'order_id')}{SPOILT}"],
    ),
    "a rounded id": (
        f"{HEAD}3299805374626530000,缺货,,\n",
        [f"{place(2, 'order_id')}{ROUNDED}"],
    ),
    "duplicates": (
        f"{HEAD}{ID1},缺货,,\n{ID2},缺货,,\n{ID1},缺货,,\n '{ID1},abuse,,\n",
        [
            f"{place(4, 'order_id')}{ID1} stands in row 2 already: keep one of rows 2 and 4",
            f"{place(5, 'order_id')}{ID1} stands in row 2 already: keep one of rows 2 and 5",
        ],
    ),
    "a duplicate in a row that has another fault": (
        f"{HEAD}{ID1},没有,,\n{ID1},缺货,,\n",
        [
            f"{place(2, 'reason')}reason '没有' is unknown; use one of {REASONS}, or a Chinese label of one",
            f"{place(3, 'order_id')}{ID1} stands in row 2 already: keep one of rows 2 and 3",
        ],
    ),
    "other without a note": (
        f"{HEAD}{ID1},其他, yes , \n",
        [f"{place(2, 'note')}is empty: the reason 'other' needs a note that says why"],
    ),
    "a long note": (f"{HEAD}{ID1},缺货,,{'注' * 201}\n", [f"{place(2, 'note')}has 201 characters: shorten it to 200"]),
    "a note of two lines": (
        f'{HEAD}{ID1},缺货,,"a\nb"\n',
        [f"{place(2, 'note')}has a line break or an invisible control character (U+000A as character 2): remove it"],
    ),
    "a note that turns text around": (
        f"{HEAD}{ID1},缺货,,a\u202eb\n",
        [f"{place(2, 'note')}has a line break or an invisible control character (U+202E as character 2): remove it"],
    ),
    "no such proof": (
        f"{HEAD}{ID1},缺货,chat.png,\n",
        [f"{place(2, 'consent')}'chat.png'{NO_FILE}"],
    ),
    "a stray quote": (
        f'{HEAD}{ID1},缺货,,a"b\n{ID2},没有,,\n',
        [
            f"{place(2)}{STRAY}",
            f"{place(3, 'reason')}reason '没有' is unknown; use one of {REASONS}, or a Chinese label of one",
        ],
    ),
    "text after a quoted cell": (
        f'{HEAD}{ID1},缺货,,"a"b\n{ID2},没有,,\n',
        [
            f"{place(2)}{AFTER}",
            f"{place(3, 'reason')}reason '没有' is unknown; use one of {REASONS}, or a Chinese label of one",
        ],
    ),
    "an unclosed quote": (
        f'{HEAD}{ID1},缺货,,x\n{ID2},缺货,,"y\n{ID2},缺货,,z\n',
        [f'{place(3)}a quoted cell that begins here is never closed: add the missing "'],
    ),
    "an unclosed quote in a long file": (
        f'{HEAD}{ID1},缺货,,"y\n' + f"{ID2},缺货,,z\n" * 6000,
        [f'{place(2)}a cell here is longer than 131,072 characters: a closing " may be missing'],
    ),
    "too many cells": (
        f"{HEAD}{ID1},缺货,,one, two\n",
        [f"{place(2)}{WIDE}"],
    ),
    "UTF-16": (f"{HEAD}{ID1},缺货,,\n".encode("utf-16"), [f": is in UTF-16: {SAVE}"]),
    "zero bytes": (
        HEAD.encode("utf-16-le"),
        [f": is not text (it has zero bytes): {SAVE}, or give the .xlsx file itself"],
    ),
    "UTF-8, then GB18030": (
        HEAD.encode() + f"{ID1},缺货,,\n".encode() + f"{ID2},缺货,,\n".encode("gb18030"),
        [f"{place(3)}is in GB18030, and the file begins in UTF-8: {SAVE}"],
    ),
    "GB18030, then UTF-8": (
        "订单号,关闭原因\n".encode("gb18030") + f"{ID1},x\n{ID2},缺货\n".encode(),
        [f"{place(3)}is in UTF-8, and the file begins in GB18030: {SAVE}"],
    ),
    "a UTF-8 mark, then GB18030": (
        HEAD.encode("utf-8-sig") + f"{ID1},缺货,,\n".encode("gb18030"),
        [f"{place(2)}is in GB18030, and the file begins in UTF-8: {SAVE}"],
    ),
    "no known encoding": (
        HEAD.encode() + f"{ID1},abuse,,café,\n".encode("latin-1"),
        [f"{place(2)}is neither UTF-8 nor GB18030: {SAVE}"],
    ),
}


@pytest.mark.parametrize("name", BAD_CSV)
def test_each_fault_of_a_csv_file_is_told_with_its_place_and_what_to_do(write: Write, name: str) -> None:
    content, expected = BAD_CSV[name]
    assert list(faults_of(write("r.csv", content))) == [f"r.csv{fault}" for fault in expected]


BAD_LINES: dict[str, tuple[str | bytes, list[str]]] = {
    "an id as a number": (
        f'{{"order_id": {ID1}, "reason": "缺货"}}',
        [f'{place(1, "order_id")}came as a number: numbers lose digits; write it as a string in "…"'],
    ),
    "consent as true": (
        f'{{"order_id": "{ID1}", "reason": "缺货", "consent": true}}',
        [f'{place(1, "consent")}came as a value that is not a string; write it as a string in "…"'],
    ),
    "no JSON": ("nonsense", [f"{place(1)}is not JSON (Expecting value at character 1): write one object per line"]),
    "not an object": ('["x"]', [f'{place(1)}is not a JSON object: write {{"order_id": "…", "reason": "…"}}']),
    "levels without end": (
        "[" * 100_000,
        [f"{place(1)}is JSON with a number too long or too many levels: write one flat object per line"],
    ),
    "a number without end": (
        '{"x": ' + "1" * 5000 + "}",
        [f"{place(1)}is JSON with a number too long or too many levels: write one flat object per line"],
    ),
    "a key twice": (
        f'{{"order_id": "{ID1}", "reason": "缺货", "order_id": "{ID2}"}}',
        [f"{place(1, 'order_id')}stands twice, as 'order_id' and 'order_id': keep one"],
    ),
    "two names of one key": (
        f'{{"订单号": "{ID1}", "reason": "缺货", "order_id": "{ID2}"}}',
        [f"{place(1, 'order_id')}stands twice, as '订单号' and 'order_id': keep one"],
    ),
    "keys missing or misspelt, on a later line": (
        f'\n{{"order_id": "{ID1}", "reason": "缺货"}}\n{{"reasons": "缺货"}}',
        [
            f"{place(3, 'order_id')}is missing: add it as order_id or 订单号",
            f"{place(3, 'reasons')}looks like reason: name it reason or 关闭原因, or quite differently",
        ],
    ),
    "empty values": (
        '{"order_id": null, "reason": ""}',
        [
            f"{place(1, 'order_id')}is empty: write the order id, or remove the row",
            f"{place(1, 'reason')}is empty: use one of {REASONS}, or a Chinese label of one",
        ],
    ),
    "half a character": (
        f'{{"order_id": "{ID1}", "reason": "缺货", "note": "\\ud800"}}',
        [f"{place(1, 'note')}has a line break or an invisible control character (U+D800 as character 1): remove it"],
    ),
    "GB18030": (
        f'{{"order_id": "{ID1}", "reason": "缺货"}}'.encode("gb18030"),
        [f"{place(1)}is not UTF-8: save the file again as UTF-8"],
    ),
    "UTF-16": ("{}".encode("utf-16"), [": is in UTF-16: save it again as UTF-8"]),
}


@pytest.mark.parametrize("name", BAD_LINES)
def test_each_fault_of_a_json_lines_file_is_told_with_its_place_and_what_to_do(write: Write, name: str) -> None:
    content, expected = BAD_LINES[name]
    assert list(faults_of(write("r.jsonl", content))) == [f"r.jsonl{fault}" for fault in expected]


@pytest.mark.parametrize(
    ("cell", "shown"), [(3299805374626531283, "3299805374626531328"), (1234567890123456, "1234567890123456")]
)
def test_an_id_that_xlsx_holds_as_a_long_number_is_refused(tmp_path: Path, cell: Any, shown: str) -> None:
    path = write_xlsx(tmp_path / "r.xlsx", [ENGLISH, [cell, "缺货"]])
    (fault,) = faults_of(path)
    assert fault.startswith(f"r.xlsx{place(2, 'order_id')}order id {shown[:15]}")
    assert fault.endswith(f"{NUMBER}{EXPORT_AGAIN}")


def test_a_workbook_that_is_none_is_named(write: Write) -> None:
    (fault,) = faults_of(write("r.xlsx", b"order_id,reason\n"))
    assert fault.startswith("r.xlsx: is no readable XLSX workbook (")
    assert fault.endswith("): save it again as .xlsx, without password")


def test_an_empty_sheet_has_no_request(tmp_path: Path) -> None:
    assert faults_of(write_xlsx(tmp_path / "r.xlsx", [])) == (
        "r.xlsx: has no request: write one row per order below the headings",
    )


def test_a_file_of_another_kind_is_refused_by_its_name(write: Write) -> None:
    assert faults_of(write("r.xls", b"x")) == ("r.xls: must be .csv, .xlsx or .jsonl: save it as one of these",)


def test_a_file_that_is_not_there_is_named_with_the_place_looked_at(tmp_path: Path) -> None:
    assert faults_of(tmp_path / "r.csv") == (f"r.csv: no such file; looked for {tmp_path / 'r.csv'}",)


def test_a_folder_is_no_request_file(tmp_path: Path) -> None:
    (fault,) = faults_of(tmp_path)
    assert "cannot be read" in fault


def test_of_very_many_faults_the_first_are_told_and_the_others_counted(write: Write) -> None:
    faults = faults_of(write("r.csv", HEAD + "1,缺货,,\n" * (FAULTS_SHOWN + 1234)))
    assert len(faults) == FAULTS_SHOWN + 1
    assert faults[-2].startswith(f"r.csv: row {FAULTS_SHOWN + 1},")
    assert faults[-1] == "… and 1,234 more"


# --- Proofs


@pytest.mark.parametrize(
    "name",
    [
        "../chat.png",
        "a/../../chat.png",
        "/etc/chat.png",
        "C:\\chat.png",
        "C:chat.png",
        "\\\\host\\chat.png",
        "..\\c.png",
    ],
)
def test_a_proof_may_not_be_looked_for_outside_the_folder(write: Write, name: str) -> None:
    (fault,) = faults_of(write("r.csv", f"{HEAD}{ID1},缺货,{name},\n"))
    assert fault.endswith("leaves the folder of the request file: put the proof beside that file")


@pytest.mark.skipif(os.name == "nt", reason="making links needs a privilege on Windows")
def test_a_link_out_of_the_folder_is_no_proof_and_one_inside_is(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (tmp_path / "secret.txt").write_text("x")
    (folder / "here.txt").write_text("x")
    (folder / "out.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "in.txt").symlink_to(folder / "here.txt")
    (folder / "round.txt").symlink_to(folder / "round.txt")
    path = folder / "r.csv"
    path.write_text(
        f"{HEAD}{ID1},缺货,out.txt,\n{ID2},缺货,in.txt,\n123456789012345,缺货,round.txt,\n", encoding="utf-8"
    )
    assert faults_of(path) == (
        f"r.csv{place(2, 'consent')}'out.txt' is a link out of the folder of the request file: copy the proof there",
        f"r.csv{place(4, 'consent')}'round.txt'{NO_FILE}",
    )


def test_a_proof_must_be_a_file_of_a_known_kind_and_a_bearable_size(write: Write, tmp_path: Path) -> None:
    (tmp_path / "folder.png").mkdir()
    write("run.exe", b"x")
    write("none.png", b"")
    write("fits.png", b"x" * 10 * 1024 * 1024)
    write("big.png", b"x" * (10 * 1024 * 1024 + 1))
    names = ["folder.png", "run.exe", "none.png", "fits.png", "big.png", "r.csv", "x" * 300 + ".png"]
    rows = "".join(f"{int(ID2) + n},缺货,{name},\n" for n, name in enumerate(names))
    assert [fault.partition(") (")[0].partition(": ")[2] for fault in faults_of(write("r.csv", HEAD + rows))] == [
        f"{place(2, 'consent')[2:]}'folder.png'{NO_FILE}",
        f"{place(3, 'consent')[2:]}'run.exe' is of a kind that proves nothing: use one of {KINDS}",
        f"{place(4, 'consent')[2:]}'none.png' is an empty file: save the proof again",
        f"{place(6, 'consent')[2:]}'big.png' has 10,485,761 bytes: keep a proof to 10,485,760",
        f"{place(7, 'consent')[2:]}'r.csv' is the request file itself: name the file that shows the buyer's consent",
        f"{place(8, 'consent')[2:]}'{'x' * 80}'{NO_FILE}",
    ]


# --- What is left of what has run out


STOCKED = "order_id,reason,stock,sku\n"


def said_left(write: Write, row: str, head: str = STOCKED) -> object:
    (request,) = read_requests(write("a.csv", head + row)).requests
    return request.source.get("stock")


@pytest.mark.parametrize(
    ("row", "left"),
    [
        (f"{ID1},out_of_stock,3,YS111\n", {"number": 3, "sku": "YS111"}),
        (f"{ID1},缺货,3,\n", {"number": 3, "sku": ""}),
        (f"{ID1},缺货,,YS111\n", {"number": 0, "sku": "YS111"}),
        (f"{ID1},缺货,,\n", None),
        (f"{ID1},buyer_cancelled,3,YS111\n", None),
        (f"{ID1},buyer_cancelled,plenty,YS111\n", None),
    ],
)
def test_a_row_for_what_has_run_out_says_how_much_is_left_and_of_what(write: Write, row: str, left: object) -> None:
    assert said_left(write, row) == left


def test_the_chinese_headings_say_it_too(write: Write) -> None:
    assert said_left(write, f"{ID1},缺货,7,YS12\n", "订单号,关闭原因,库存,货号\n") == {"number": 7, "sku": "YS12"}


def test_a_number_of_a_spreadsheet_is_a_number_of_pieces(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        for at, cells in enumerate([["order_id", "reason", "stock"], [ID1, "out_of_stock", 12]]):
            sheet.write_row(at, 0, cells)
    (request,) = read_requests(path).requests
    assert request.source["stock"] == {"number": 12, "sku": ""}


@pytest.mark.parametrize(
    ("stock", "said"),
    [
        ("-1", "-1 is below zero: write how many pieces are left, 0 or more"),
        ("1.5", "'1.5' is not a number of pieces: write a whole number such as 0 or 12"),
        ("一些", "'一些' is not a number of pieces: write a whole number such as 0 or 12"),
    ],
)
def test_a_stock_below_zero_or_no_number_is_named_by_file_row_and_column(write: Write, stock: str, said: str) -> None:
    path = write("a.csv", f"{STOCKED}{ID2},缺货,1,\n{ID1},缺货,{stock},\n")
    assert faults_of(path) == (f"a.csv: row 3, column 'stock' (库存): {said}",)


def test_a_sku_of_several_lines_is_named(write: Write) -> None:
    path = write("a.csv", f'{STOCKED}{ID1},缺货,1,"A\nB"\n')
    assert faults_of(path) == ("a.csv: row 2, column 'sku' (货号): must be one line of at most 100 characters",)
