"""The list of attacks in ``tests/security`` names tests that exist, and everything that had to be tried is in it."""

import ast
import json
import re
from pathlib import Path

import pytest

from fixtures.mock_portal.hostile_texts import TEXTS
from fixtures.mock_portal.hostile_tricks import TRICKS
from tests import security

from . import test_hostile_pages

TESTS = Path(__file__).parents[1]
LINE = re.compile(r"^    (?P<item>\S[^:\n]+):\n +(?P<file>[\w/]+\.py)::(?P<test>\w+)(?P<case>\[.+\])?$", re.MULTILINE)
LISTED = [match.groupdict() for match in LINE.finditer(security.__doc__ or "")]
GATE = (
    "307/308 after a released POST, same path", "307/308, other path", "307/308, foreign host", "service worker",
    "shared worker", "WebSocket", "sendBeacon", "keepalive fetch", "fetchLater", "form post to a new window",
    "ping of a link", "a GET that changes something", "a GraphQL batch", "a multipart body", "held when the page dies",
    "held when the context dies", "held when the browser or the agent dies",
)  # fmt: skip


@pytest.mark.parametrize("line", LISTED, ids=[str(line["item"]) for line in LISTED])
def test_what_is_listed_is_tested(line: dict[str, str]) -> None:
    source = (TESTS / line["file"]).read_text("utf-8")
    functions = {node.name: node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
    assert line["test"] in functions
    for case in json.loads(line["case"] or "[]"):
        assert f'"{case}"' in source, f"{line['file']} has no case {case!r}"


def test_every_line_of_the_list_is_read() -> None:
    assert (security.__doc__ or "").count("::test_") == len(LISTED) > 30


def test_every_way_round_the_gate_has_its_line() -> None:
    assert set(GATE) - {line["item"] for line in LISTED} == set()


def test_every_trick_of_the_whole_page_and_the_request_has_a_name_of_its_own() -> None:
    played = {one.trick for trick in test_hostile_pages.TRICKS.values() for one in trick.mutated}
    only_at_random = {"gone", "hidden", "disabled", "covered", "restless", "look_alike", "swapped", "emptied"}
    assert set(TRICKS) - played == only_at_random | {"plain_text"}


def test_every_kind_of_hostile_text_that_had_to_be_tried_is_there() -> None:
    wanted = "lookalike homoglyph zero_width bidi html script formula path terminal braces long other_id dialog toast"
    assert list(TEXTS) == wanted.split()
