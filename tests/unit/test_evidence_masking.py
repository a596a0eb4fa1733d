"""No private value survives masking, however it was written, and nothing else is lost."""

import html
import json
import re
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from agent.errors import ConfigError
from agent.evidence.masking import MASK, Mask, keyed_hash

NAME = "张伟"
PHONE = "13800138000"
ADDRESS = "浙江省杭州市 滨江区网商路699号<2幢> & 'b' \"c\""
LATIN = "O'Neil (a+b)*[x]"
_mask = Mask([NAME, PHONE, ADDRESS, LATIN, "镕基"], [])


def _numeric(text: str) -> str:
    return "".join(f"&#{ord(char)};" for char in text)


def _hexed(text: str) -> str:
    return "".join(f"&#X{ord(char):x};" for char in text)


WAYS = [
    str,
    json.dumps,
    lambda text: json.dumps(text, ensure_ascii=False),
    lambda text: json.dumps(json.dumps({"a": "\n" + text})),
    lambda text: json.dumps(text).upper().replace("\\U", "\\u"),
    lambda text: quote(text, safe=""),
    lambda text: quote(text, safe="").lower(),
    quote_plus,
    lambda text: quote(quote(text)),
    lambda text: quote(json.dumps(text)),
    html.escape,
    lambda text: html.escape(html.escape(text)),
    _numeric,
    _hexed,
    " ".join,
    "\u200b".join,
    str.upper,
]


@pytest.mark.parametrize("value", [NAME, PHONE, ADDRESS, LATIN])
@pytest.mark.parametrize("way", WAYS)
def test_a_private_value_is_cut_however_it_is_escaped(value: str, way: object) -> None:
    assert callable(way)
    written = way(value)
    cut = _mask.text(f"before {written} after")
    assert cut.startswith("before")
    assert cut.endswith("after")
    assert MASK in cut
    assert len(cut) < len("before  after") + 40  # quotes of JSON and the like may stay; nothing of the value does
    assert written not in cut


@pytest.mark.parametrize(
    "written",
    [
        "138 0013 8000",
        "138-0013-8000",
        "(138) 0013.8000",
        "１３８００１３８０００",
        "+86 138 0013 8000",
        "8613800138000",
    ],
)
def test_a_phone_number_is_cut_with_gaps_dashes_and_full_width_digits(written: str) -> None:
    assert not re.search(r"[0-9０-９]{3}", _mask.text(written))


def test_a_phone_number_kept_with_the_country_code_is_cut_without_it() -> None:
    assert Mask(["+86 139-1234-5678"], []).text("tel:13912345678") == f"tel:{MASK}"


@pytest.mark.parametrize("value", [NAME, "镕基"])
def test_a_value_in_a_gbk_url_is_cut(value: str) -> None:
    for written in (quote(value.encode("gbk")), quote(value.encode("gbk")).lower().replace("%e9f", "%e9F")):
        assert _mask.text(f"?q={written}&p=1") == f"?q={MASK}&p=1"


def test_a_value_within_broken_percent_code_is_cut() -> None:
    assert _mask.text(f"%FF{quote(NAME)}%E5") == f"%FF{MASK}%E5"


def test_a_backslash_may_be_an_escaped_line_break_or_stand_before_a_value() -> None:
    mask = Mask([NAME, "nancy"], [])
    assert mask.text(json.dumps("张\n伟")) == f'"{MASK}"'
    assert mask.text(r"C:\nancy\x") == rf"C:\{MASK}\x"


def test_a_value_spread_wider_than_any_window_is_cut() -> None:
    assert _mask.text("张" + " " * 50_000 + "伟") == MASK


@settings(deadline=None)
@given(st.text(alphabet="ab \\n%&;#u5f20张+", max_size=40), st.integers(0, 9000), st.text(max_size=40))
@example("\\", 0, "")
@example("a\\n", 4095, "伟")
def test_a_value_is_cut_wherever_it_stands(before: str, padding: int, after: str) -> None:
    cut = _mask.text(before + "商 " * padding + NAME + after)
    assert NAME not in cut
    assert MASK in cut


@settings(deadline=None)
@given(st.text(max_size=200))
def test_text_without_private_parts_is_left_exactly_as_it_was(text: str) -> None:
    assert Mask(["zq张zq伟zq"], [r"never-there-\d+"]).text(text) == text


def test_overlapping_values_leave_no_rest_of_the_longer_one() -> None:
    assert Mask(["王小", "王小明", "小明天"], []).text("买家王小明天下单") == f"买家{MASK}下单"


def test_values_too_short_to_be_names_are_left() -> None:
    assert Mask(["", " ", "李"], []).text("李 桃") == "李 桃"


def test_patterns_cut_what_they_match_and_a_bad_one_is_named() -> None:
    assert Mask([], [r"1[3-9]\d{9}", r"x*"]).text("tel 13912345678 end") == f"tel {MASK} end"
    with pytest.raises(ConfigError, match=r"'\(' is not a regular expression"):
        Mask([], ["("])


def test_json_is_cut_by_key_at_any_depth_and_by_value_elsewhere() -> None:
    data = {
        "receiverName": "李四",
        "orders": [{"RECEIVERNAME": {"first": "李"}, "id": "1", "tel": int(PHONE), "n": 3, "ok": True, "x": None}],
        "receivername": None,
        f"note of {NAME}": f"call {PHONE}",
        "inner": json.dumps({"data": json.dumps({"receiverName": "李四", "k": 1})}),
    }
    cut = _mask.json(data, frozenset({"receiverName"}))
    text = json.dumps(cut, ensure_ascii=False)
    for private in ("李", NAME, PHONE):
        assert private not in text
    assert cut["orders"][0] | {"tel": 0} == {"RECEIVERNAME": MASK, "id": "1", "tel": 0, "n": 3, "ok": True, "x": None}
    assert cut["orders"][0]["tel"] == MASK
    assert cut["receivername"] is None
    assert cut["inner"] == '{"data": "{\\"receiverName\\": \\"▇▇\\", \\"k\\": 1}"}'


def test_a_key_that_stands_twice_in_inner_json_hides_nothing() -> None:
    inner = '{"receiverName": "李四", "receiverName": null}'
    assert "李" not in _mask.json({"data": inner}, frozenset({"receiverName"}))["data"]


def test_two_private_keys_do_not_swallow_one_another() -> None:
    assert list(_mask.json({NAME: 1, PHONE: 2}, frozenset()).values()) == [1, 2]


def test_json_nested_without_end_is_cut_not_followed() -> None:
    data: list[object] = [NAME]
    for _ in range(5000):
        data = [data]
    assert NAME not in str(_mask.json(data, frozenset()))


def test_a_keyed_hash_depends_on_key_and_text() -> None:
    assert len({keyed_hash(key, raw) for key in (b"a", b"b") for raw in (b"x", b"y")}) == 4
