"""The catalogue has the Chinese of every text that we say, and changes nothing that was filled in."""

import re
from functools import cache
from string import Formatter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from said_texts import GAP, said_in, said_in_source

from agent.domain.acts import ActKind
from agent.domain.effects import Seen
from agent.domain.judge import AnswerKind
from agent.domain.orders import OrderState, PayState, RefundState
from agent.evidence.phrases import Template, gap, in_chinese, templates

CHINESE = re.compile(r"[\u4e00-\u9fff]")
# What a person types as it stands: commands, options, and what is quoted to be copied.
TO_TYPE = re.compile(
    r"'(?:closewright|answer) [^']+'|`[^`]+`|--[a-z-]+|\bchmod [0-9]+|closewright\[\w+\]|apt-get [a-z -]+"
)
# Texts whose words are not seen where they are said: the portal's own, and pydantic's (the usual ones are frames).
PUT_TOGETHER = [
    "' '.join((part for part in (understood.code, run.recorder.cut(understood.message)) if part)) or '-'",
    "_WORDS.get(kind) or details['msg'].replace('Input should be', 'must be')",
]
# What stands in gaps of our words, by the gap's name.
OUR_WORDS = {
    "act": "close", "acts": "close and apply_refund", "by": "buyer", "path": "unpaid", "role": "seller",
    "reason": "out_of_stock", "outcome": "closed", "result": "refused", "step": "written", "waiting": "consent",
    "reply": "received", "span": "day", "thing": "file", "state": "paid", "payment": "paying", "refund": "success",
    "terms": "state, amount", "answer": "accepted", "seen": "unsure", "fault": "ElementMissing",
    "known": "the portal asks to slow down", "next": "apply_refund", "wanted_state": "unpaid", "level": "bad",
    "age": "71 h 12 min", "grown": "40 s",
}  # fmt: skip
# What stands in gaps that take some characters only: an id, a number, an address, a file's name.
OF_SOME = {
    "[0-9]": ["106886380946666222"],
    "[0-9.,]": ["3", "1,234.50"],
    "[A-Z]": ["POST"],
    "[^:;.]": ["实付款", "订单编号"],
    "[^a-z]": ["缺货", "尺码: XL"],
    "['\"]": ["'缺货'", '"it\'s"', "'a: b'"],
    "['\"[N]": ["'缺货'", "['a', 'b: c']", "None"],
    "(?!: ).": ["orders.csv", "C:\\orders (1).csv", "'reason' (关闭原因)"],
    "[\\w-]": ["c0_-9", "demo"],
    "[\\w.-]": ["close.v2"],
    "\\S": ["http://127.0.0.1:9/a?b=c", "T-1"],
    "\\w": ["OSError"],
}


def plain(name: str) -> str:
    """Return what a gap usually holds."""
    some = OF_SOME.get(gap(name).first or gap(name).of)
    return OUR_WORDS.get(name) or (some[0] if some else f"«{name}»")


def is_said(text: str) -> bool:
    """Whether the catalogue has a text of the source; nothing of ours may stand in a gap but a phrase."""
    ours = any(char.isalpha() for char in text.replace(GAP, ""))
    return not ours or any(_fits(template, text) for template in templates())


def _fits(template: Template, text: str) -> bool:
    found = _pattern(tuple(template.literals), tuple(template.gaps)).fullmatch(text)
    return found is not None and all(is_said(inner) for inner in found.groups())


@cache  # there are more of them than the standard library keeps
def _pattern(literals: tuple[str, ...], gaps: tuple[str, ...]) -> re.Pattern[str]:
    pattern = re.escape(literals[0])
    for name, literal in zip(gaps, literals[1:], strict=True):
        pattern += ("(.+)" if gap(name).phrase else "[^A-Za-z]+") + re.escape(literal)
    return re.compile(pattern, re.DOTALL)


def filled(template: Template, values: dict[str, str]) -> str:
    parts = [template.literals[0]]
    for name, literal in zip(template.gaps, template.literals[1:], strict=True):
        parts += [values[name], literal]
    return "".join(parts)


def test_every_text_of_the_source_has_its_chinese() -> None:
    said = said_in_source()
    assert len(said) > 300
    missing = [f"{one.where}: {one.text.replace(GAP, '{…}')}" for one in said if not is_said(one.text)]
    assert missing == []


def test_no_phrase_is_left_over_from_a_text_that_nobody_says_any_more() -> None:
    texts = {one.text for one in said_in_source()}
    assert [line.en for line in templates() if not line.frame and not any(_fits(line, text) for text in texts)] == []


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ("Wait(W.HUMAN, 'it waits')", ["it waits"]),
        ("def f():\n    raise PageChanged(f'{x!r} has {n:,} bytes')", [f"{GAP} has {GAP} bytes"]),
        ("def f():\n    why = f'a {x}' + (' b' if y else '')\n    return End(O, why)", [f"a {GAP} b", f"a {GAP}"]),
        ("def f():\n    return End(O, g())\ndef g():\n    return 'by a helper'", [GAP]),
        ("def f():\n    for holds, why in [(1, 'one'), (2, 'two')]:\n        End(O, why)", ["one", "two"]),
        ("def f():\n    rows = [(1, 'a b'), (2, 'c')]\n    for holds, why in rows:\n        End(O, why)", ["a b", "c"]),
        ("raise ConfigError(['first', f'second {x}'])", ["first", f"second {GAP}"]),
        ("replace(case, why='by keyword')", ["by keyword"]),
        ("raise KeyError('not ours')", []),
    ],
)  # fmt: skip
def test_what_is_said_is_read_from_the_source(source: str, texts: list[str]) -> None:
    """A text that the collection does not see could go without Chinese unnoticed."""
    assert [one.text for one in said_in(source)] == texts


def test_no_text_is_made_in_a_way_that_hides_its_words() -> None:
    """A text that is put together out of our sight has to be told here, with its phrases among the [frames]."""
    hidden = {one.written: one.where for one in said_in_source() if one.hidden}
    for known in PUT_TOGETHER:
        assert hidden.pop(known, None), f"nobody says {known} any more"
    assert hidden == {}


def test_a_text_without_chinese_is_found() -> None:
    [new] = said_in("raise NotSent(f'{x} fell into the sea')")
    assert not is_said(new.text)
    assert new.where == "a.py:1"
    # Words of ours do not pass for what is filled in.
    assert not is_said(f"order {GAP} of the sea has cases in several shops: name one of {GAP}")


def test_a_phrase_says_the_same_in_both_languages() -> None:
    """Each gap stands once in both, and what a person types stays as it is."""
    for line in templates():
        words = re.sub(r"--[a-z-]+|[A-Z_]+", "", "".join(line.literals))  # an option's name is the same in both
        assert bool(CHINESE.search(line.zh)) == any(char.isalpha() for char in words), line
        gaps = [name for _, name, _, _ in Formatter().parse(line.zh) if name is not None]
        assert sorted(gaps) == sorted(set(line.gaps)), line
        assert len(line.gaps) == len(set(line.gaps)), line
        assert "".join(line.literals).strip(), "what is all gap would be anything"
        assert [typed for typed in TO_TYPE.findall(line.en) if typed not in line.zh] == [], line


def test_a_phrase_that_is_filled_in_is_found_again() -> None:
    for line in templates():
        values = {name: plain(name) for name in line.gaps}
        assert in_chinese(filled(line, values)) == line.zh.format_map(
            {name: shown(name, values[name]) for name in values}
        )


def test_what_was_touched_is_named_within_every_fault_about_it() -> None:
    faults = [line for line in templates() if line.gaps[:1] == ("what",)]
    assert len(faults) > 10
    for line in faults:
        values = {name: plain(name) for name in line.gaps}
        for thing in THINGS:
            text = filled(line, {**values, "what": thing})
            assert in_chinese(text) == line.zh.format_map({**values, "what": in_chinese(thing)})


def shown(name: str, value: str) -> str:
    """Return what stands in the Chinese where a gap holds a value."""
    if gap(name).phrase:
        return in_chinese(value)
    return value if gap(name).verbatim else gap(name).in_words(value)


WORDS_OF_OURS = sorted({piece for line in templates() for piece in line.literals if piece} | set(ActKind))
OTHERS_TEXT = st.one_of(
    st.text("ab :;,.'(){}[]\\\n关闭订单\u202e", min_size=1, max_size=20),
    st.sampled_from(["106886380946666222", "1,234.50", "关闭订单", "['a', 'b']", "\u202e{n}", "a\nb"]),
)
# What was touched, or is said of it.
THINGS = [
    *("field reason of close", "field reason of close: 缺货", "control close", "button 关闭订单", "pop-up 公告"),
    *("row of the order: link 详情", "search box", "user name", "textbox 关闭原因"),
]


@st.composite
def said(draw: st.DrawFn, depth: int = 2) -> tuple[str, list[str]]:
    """Return a text of ours and what was filled in.

    What begins with words of ours may go on with anything, words of ours among it: a buyer may write them. What begins
    with a gap goes on with texts of files, systems and portals.
    """
    line = draw(st.sampled_from(templates()))
    anything = st.one_of(OTHERS_TEXT, st.sampled_from(WORDS_OF_OURS)) if line.literals[0] else OTHERS_TEXT
    values: dict[str, str] = {}
    kept: list[str] = []
    for name in line.gaps:
        kind = gap(name)
        if name == "what":
            values[name] = draw(st.sampled_from(THINGS))
        elif kind.phrase and depth:
            values[name], inner = draw(said(depth - 1))
            kept += inner
        elif kind.verbatim:
            some = OF_SOME.get(kind.first or kind.of)
            values[name] = draw(anything if some is None else st.sampled_from(some))
            kept.append(values[name])
        else:
            values[name] = plain(name)
    return filled(line, values), kept


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.too_slow])  # on a busy machine
@given(said())
def test_what_was_filled_in_is_never_changed(one: tuple[str, list[str]]) -> None:
    """Order ids, amounts, labels and other people's words stand in the Chinese whole and as they were."""
    text, kept = one
    told = in_chinese(text)
    assert [value for value in kept if value not in told] == []


def test_a_phrase_within_a_phrase_is_said_in_chinese_too() -> None:
    text = (
        "close: the two sides do not agree (the server's answer is unknown, the page shows nothing); a person has to"
        " look; close was sent and its effect is not proved; look at the portal and say 'closewright answer c1 done'"
        " or 'closewright answer c1 not-done'"
    )
    assert in_chinese(text) == (
        "“关闭订单”的两方结果不一致（服务器应答：不明；页面显示：没有变化），请人工核实；“关闭订单”已发出，结果无法核实；"
        "请到后台查看，已生效执行 'closewright answer c1 done'，未生效执行 'closewright answer c1 not-done'"
    )
    row = "orders.csv: row 3, column 'order_id' (订单号)"
    assert in_chinese(f"{row}: is empty: write the order id, or remove the row") == (
        "orders.csv：第 3 行，'order_id' (订单号) 列：为空：请填写订单号，或删除该行"
    )
    assert in_chinese("tried 5 times: field reason of close: not on the page") == (
        "已尝试 5 次：表单 close 的字段 reason：页面上没有"
    )


@pytest.mark.parametrize(
    "text",
    [
        "nobody has ever said this",
        "",
        "the portal said: asked; no answer yet.",
        "field reason of close: offers ['a'], none of ['b'], none of ['c']",
    ],
)
def test_what_is_not_in_the_catalogue_stays_english(text: str) -> None:
    """Neither is a text that may be cut into phrase and filling in two ways translated by a guess."""
    assert in_chinese(text) == text


def test_what_other_people_said_is_not_taken_for_our_words() -> None:
    said_by_a_buyer = "asked; no answer yet"
    told = in_chinese(f"the answer is neither a clear yes nor a clear no: {said_by_a_buyer}")
    assert told.endswith(f"：{said_by_a_buyer}")


@pytest.mark.parametrize(
    "part", ["stopped: ", "a: ", "tried 5 times: ", "{n}{", "x, expected ", "; but close of ours "]
)
@pytest.mark.parametrize("length", [900, 100_000])
def test_a_text_that_is_made_to_keep_us_busy_does_not(part: str, length: int) -> None:
    """It comes back, whole or with its beginning in Chinese; a page may have written it."""
    text = part * (length // len(part))
    assert in_chinese(text).endswith(part.strip()[-1] + part[len(part.rstrip()) :])


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("act", ActKind), ("state", OrderState), ("payment", PayState), ("refund", RefundState), ("answer", AnswerKind),
        ("seen", Seen),
    ],
)  # fmt: skip
def test_every_word_of_ours_that_a_gap_may_hold_has_its_chinese(name: str, words: type) -> None:
    assert [word for word in words if not CHINESE.search(gap(name).in_words(word))] == []  # type: ignore[attr-defined]
