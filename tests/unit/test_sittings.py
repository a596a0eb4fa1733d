"""A run of several sittings does no part twice, loses none, and takes nobody else's journal for its own."""

from pathlib import Path

import pytest
from pydantic import TypeAdapter

from tests.security.arena import WRONG, Fought, Mutation, Wrong
from tests.security.jobs import Result
from tests.sittings import Sittings

RESULT = TypeAdapter(Result)
PAGE = (Mutation("gone", "opener"), Mutation("sent_twice", delay_ms=5))
DONE = Result([Fought("1", PAGE, "closed", "why", struck=True, wrong=(Wrong(WRONG, "x"),), skin="lit")], ["GET /"])


def test_a_run_goes_on_where_an_earlier_sitting_has_stopped(tmp_path: Path) -> None:
    Sittings("9 seed 1", tmp_path / "journal", RESULT).add("3", DONE, 2.5)
    later = Sittings("9 seed 1", tmp_path / "journal", RESULT)
    later.add("4", DONE, 1.0)
    last = Sittings("9 seed 1", tmp_path / "journal", RESULT)
    assert (later.done, later.seconds) == ({"3": DONE}, 2.5)
    assert (last.done, last.seconds) == ({"3": DONE, "4": DONE}, 3.5)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{}", "line 1: no part of such a run"),
        ('{"run": "9 seed 2", "part": "3", "seconds": 1, "result": [[], [], ""]}', "line 1: is of another run"),
        ('{"run": "9 seed 1", "part": "3", "seconds": 1, "result": [4]}', "line 1: no part of such a run"),
    ],
)
def test_a_file_that_is_no_journal_of_this_run_is_named(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "journal").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=told):
        Sittings("9 seed 1", tmp_path / "journal", RESULT)
