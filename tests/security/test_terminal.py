"""What commands print for scripts does not steer the terminal that shows it."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.evidence.words import plain_json
from fixtures.mock_portal.hostile_texts import TEXTS


@pytest.mark.parametrize("kind", TEXTS)
def test_json_for_scripts_steers_no_terminal(kind: str) -> None:
    data = {"why": list(TEXTS[kind])}
    text = plain_json(data)
    assert {char for char in text if unicodedata.category(char) in {"Cc", "Cf", "Cs"}} == set()
    assert json.loads(text) == data


@given(st.text())
def test_json_for_scripts_says_the_same_as_before(text: str) -> None:
    assert json.loads(plain_json({text: [text]})) == {text: [text]}
