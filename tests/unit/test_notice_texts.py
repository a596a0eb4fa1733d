"""What a buyer is told: filled in once, in his language, and never what the shop thinks of him."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.ids import OrderId
from agent.domain.money import Fen
from agent.domain.notices import (
    FIELDS,
    TONGUES,
    Text,
    Told,
    Tongue,
    Wording,
    notice_of,
    notice_text,
    reason_for_buyer,
    unknown_fields,
)
from agent.domain.reasons import Reason
from agent.settings import MESSAGE_CHARACTERS

ORDER = OrderId("157094266502147026")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize("language", TONGUES)
@pytest.mark.parametrize("reason", list(Reason))
@pytest.mark.parametrize("refund", [None, Fen(123_456)])
def test_every_reason_has_a_whole_notice_in_both_languages(
    language: Tongue, reason: Reason, refund: Fen | None
) -> None:
    notice = notice_of(Told(ORDER, reason, refund=refund), language)
    assert ORDER in notice.subject
    assert ORDER in notice.body
    assert ("1234.56" in notice.body) == (refund is not None)
    assert not re.search(r"[{}]", notice.subject + notice.body)
    assert bool(CHINESE.search(notice.body)) == (language == "zh")
    assert len(notice.body) <= MESSAGE_CHARACTERS


@pytest.mark.parametrize("language", TONGUES)
def test_a_buyer_does_not_read_what_the_shop_thinks_of_him(language: Tongue) -> None:
    said = notice_text(Told(ORDER, Reason.ABUSE), language)
    assert not re.search(r"恶意|捣乱|abuse", said, re.IGNORECASE)


def test_how_long_a_refund_takes_is_told_to_who_gets_one() -> None:
    wording = Wording(refund_days=3)
    assert "3 个工作日" in notice_text(Told(ORDER, Reason.OUT_OF_STOCK, refund=Fen(1)), "zh", wording)
    assert "工作日" not in notice_text(Told(ORDER, Reason.OUT_OF_STOCK), "zh", wording)


def test_a_shops_own_words_go_before_ours_in_their_language_only() -> None:
    wording = Wording({"zh": {Text.PAID: "{order_id}：{amount}（{{{reason}}}）"}})
    told = Told(ORDER, Reason.OUT_OF_STOCK, refund=Fen(100))
    assert notice_text(told, "zh", wording) == f"{ORDER}：1.00（{{商品缺货}}）"
    assert notice_text(told, "en", wording) == notice_text(told, "en")


@given(st.text(max_size=60))
def test_what_a_note_holds_is_never_taken_for_a_field(note: str) -> None:
    wording = Wording({"zh": {Text.UNPAID: "<{reason}>"}})
    said = notice_text(Told(ORDER, Reason.OTHER, note=note), "zh", wording)
    assert said == f"<{note or reason_for_buyer(Reason.OTHER, '', 'zh')}>"


@pytest.mark.parametrize("field", FIELDS)
def test_a_note_that_names_a_field_stays_as_it_is(field: str) -> None:
    wording = Wording({"zh": {Text.UNPAID: "{reason}"}})
    assert notice_text(Told(ORDER, Reason.OTHER, note=f"{{{field}}}"), "zh", wording) == f"{{{field}}}"


@pytest.mark.parametrize(
    ("template", "unknown"),
    [
        ("{order_id} {reason} {amount} {refund_days}", []),
        ("{{text}} {order_id}", []),
        ("{buyer}", ["{buyer}"]),
        ("{order_id.__class__}", ["{order_id.__class__}"]),
        ("{amount:>10}", ["{amount:>10}"]),
        ("{order_id", ["{order_id"]),
        ("order_id}", ["}"]),
        ("{}", ["{}"]),
    ],
)
def test_a_field_that_no_notice_has_is_found(template: str, unknown: list[str]) -> None:
    assert unknown_fields(template) == unknown
