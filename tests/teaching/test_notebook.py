"""What is learnt is written as TOML that says exactly that, whatever a page has shown."""

import tomllib
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from agent.teaching.notebook import Notebook, written

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]))
KEYS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=9)
VALUES = st.recursive(
    st.one_of(ANY_TEXT, st.booleans(), st.integers(-(2**53), 2**53)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=8,
)


@given(VALUES)
def test_a_value_is_read_back_as_it_was(value: object) -> None:
    assert tomllib.loads(f"value = {written(value)}")["value"] == value


@given(ANY_TEXT, ANY_TEXT)
def test_what_a_page_says_stays_a_comment_or_a_text(comment: str, text: str) -> None:
    """No line of a page's becomes an entry."""
    notes = Notebook(Path(), "mine")
    notes.put("words.order_state", "closed", text, comment)
    assert tomllib.loads(notes.text())["words"] == {
        "order_state": {"closed": text},
        "item_shipping": {},
        "controls": {},
    }


def test_half_a_character_does_not_keep_the_rest_from_being_written() -> None:
    assert tomllib.loads(f"value = {written('a' + chr(0xD83D))}")["value"].startswith("a")


def test_the_file_that_was_there_is_kept(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "profile.toml").write_text("# by hand", "utf-8")
    notes = Notebook(tmp_path, "mine")
    notes.save()
    notes.save()
    assert (tmp_path / "mine" / "profile.old.toml").read_text("utf-8") == "# by hand"
    assert notes.path.read_text("utf-8") == notes.text()
