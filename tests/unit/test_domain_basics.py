"""Order ids, money, reasons and the chain, for all inputs and not only for those we thought of."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from agent.domain.chain import GENESIS, canonical, link
from agent.domain.ids import parse_order_id
from agent.domain.money import Fen, format_yuan, parse_yuan
from agent.domain.reasons import LABELS, Reason, parse_reason

digits = st.text("0123456789", min_size=15, max_size=20)
order_ids = digits.filter(lambda text: len(text) < 17 or text[15:].strip("0") != "")
outer = st.text(" \t\n\u3000\u00a0", max_size=3)
amounts = st.integers(-(10**15), 10**15).map(Fen)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
bodies = st.dictionaries(st.text(), json_values, max_size=4)


@given(order_ids, outer, outer, st.sampled_from(["", "'", "\ufeff", "\ufeff'"]))
def test_an_id_is_kept_digit_for_digit_whatever_a_spreadsheet_puts_around_it(
    order_id: str, before: str, after: str, mark: str
) -> None:
    assert parse_order_id(f"{before}{mark}{order_id}{after}") == order_id


@given(st.text())
def test_nothing_is_an_id_but_15_to_20_ascii_digits(text: str) -> None:
    try:
        order_id = parse_order_id(text)
    except ValueError:
        return
    assert re.fullmatch(r"[0-9]{15,20}", order_id)
    assert order_id in text


@given(order_ids, st.integers(0, 14))
def test_one_full_width_digit_spoils_an_id(order_id: str, at: int) -> None:
    wide = chr(ord("０") + int(order_id[at]))
    with pytest.raises(ValueError, match="must be 15 to 20 digits"):
        parse_order_id(order_id[:at] + wide + order_id[at + 1 :])


@given(st.text("0123456789", min_size=15, max_size=15), st.integers(2, 5))
def test_an_id_rounded_to_15_digits_is_refused(head: str, zeros: int) -> None:
    with pytest.raises(ValueError, match="a spreadsheet has rounded it"):
        parse_order_id(head + "0" * zeros)


@given(st.floats(1e15, 1e20))
def test_an_id_in_scientific_notation_is_refused_by_that_name(number: float) -> None:
    with pytest.raises(ValueError, match="scientific notation"):
        parse_order_id(f"{number:.5E}")


@given(amounts)
def test_an_amount_survives_being_written_and_read(amount: Fen) -> None:
    assert parse_yuan(format_yuan(amount)) == amount


@given(st.integers(0, 10**15).map(Fen), st.sampled_from(["{}", "¥{}", "￥ {}", "{}元", "CNY {}", " {} "]))
def test_thousands_separators_and_signs_of_yuan_do_not_change_an_amount(amount: Fen, pattern: str) -> None:
    whole, _, cents = format_yuan(amount).partition(".")
    assert parse_yuan(pattern.format(f"{int(whole):,}.{cents}")) == amount


@pytest.mark.parametrize(
    "text", ["", "abc", "1.234", "1,23", "12,34.00", "1.2.3", "1,2345", "--1", "1e3", "５", "$5", "1 - 2", "0x5", "٣"]
)
def test_what_is_not_one_amount_in_yuan_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not an amount in yuan"):
        parse_yuan(text)


@pytest.mark.parametrize(("label", "reason"), [(label, reason) for reason in LABELS for label in LABELS[reason]])
def test_each_chinese_label_means_its_reason(label: str, reason: Reason) -> None:
    assert parse_reason(f" {label}\t") is reason


@given(st.sampled_from(Reason), st.data())
def test_a_canonical_reason_may_be_written_in_any_case(reason: Reason, data: st.DataObject) -> None:
    capitals = data.draw(st.lists(st.booleans(), min_size=len(reason), max_size=len(reason)))
    word = "".join(c.upper() if up else c for c, up in zip(reason, capitals, strict=True))
    assert parse_reason(word) is reason


def test_each_reason_has_labels_and_no_label_has_two_reasons() -> None:
    labels = [label for reason in Reason for label in LABELS[reason]]
    assert all(LABELS[reason] for reason in Reason)
    assert len(labels) == len(set(labels))


@given(st.text())
def test_an_unknown_reason_is_never_taken_for_another(text: str) -> None:
    known = {label for labels in LABELS.values() for label in labels} | set(Reason)
    assume(text.strip() not in known and text.strip().lower() not in known)
    with pytest.raises(ValueError, match="is unknown; use one of buyer_cancelled"):
        parse_reason(text)


@dataclass(frozen=True)
class Entry:
    """What one link of a chain commits to."""

    prev: str
    case_id: str
    n: int
    at: str
    kind: str
    body: dict[str, Any]

    def hash(self) -> str:
        """Return the hash of the entry."""
        return link(prev=self.prev, case_id=self.case_id, n=self.n, at=self.at, kind=self.kind, body=self.body)


entries = st.builds(
    Entry,
    prev=st.binary(min_size=32, max_size=32).map(bytes.hex),
    case_id=st.text(max_size=8),
    n=st.integers(0, 10**6),
    at=st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat),
    kind=st.text(max_size=8),
    body=bodies,
)


@given(entries, entries, st.sampled_from(["prev", "case_id", "n", "at", "kind", "body"]))
def test_a_change_of_any_part_of_an_entry_changes_its_hash(entry: Entry, other: Entry, name: str) -> None:
    changed = replace(entry, **{name: getattr(other, name)})
    # Compared as JSON, where true is not 1 as it is in Python.
    same = canonical(getattr(entry, name)) == canonical(getattr(other, name))
    assert (changed.hash() == entry.hash()) is same


@given(entries)
def test_a_hash_does_not_depend_on_the_order_of_keys(entry: Entry) -> None:
    turned = dict(reversed(entry.body.items()))
    assert replace(entry, body=turned).hash() == entry.hash()


def test_the_first_link_of_an_empty_entry_never_changes() -> None:
    """Chains that are signed already must verify with every later version."""
    first = link(prev=GENESIS, case_id="c1", n=1, at="2026-01-01T00:00:00+00:00", kind="opened", body={"注": "一"})
    assert first == "a0f611b1b0c6af42cf31ded7d14018cf5ef54248a1df0225654629cfb60978ca"


def test_a_number_that_json_cannot_hold_is_not_hashed() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        canonical({"x": float("nan")})
