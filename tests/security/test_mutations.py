"""Pages mutated at random: nothing happens that was not asked for, and every refusal says why."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given

from agent.domain.cases import Case, CaseState, Consent, Outcome, Role, WaitingFor
from agent.domain.ids import OrderId
from agent.domain.reasons import Reason
from fixtures.mock_portal.hostile_tricks import ON_A_PART, PARTS

from .__main__ import main
from .arena import CODE, DOUBLE, FALSE, UNEXPLAINED, WRONG, Arena, Fought, Mutated, Mutation, Wrong, wrongs
from .mutations import ONE, Tally, kind_of, made, shrunk

OpenArena = Callable[..., Arena]
SAMPLE = 12  # a mutation may wait out a time-out of ten seconds: each has a lane of its own


def test_a_sample_of_mutated_pages_changes_nothing_that_was_not_asked_for(open_arena: OpenArena, skin: str) -> None:
    arena = open_arena(skin, orders=200, lanes=SAMPLE)
    arena.shop.remember()
    tally = Tally()
    tally.add(arena.fight(made(SAMPLE, seed=20)))
    assert tally.wrong == []
    assert tally.mutated == SAMPLE
    assert tally.not_struck < SAMPLE / 2, "most tricks were not played"
    assert arena.came_abroad == []
    assert arena.shop.touched() <= arena.asked


@pytest.mark.slow
def test_the_command_attacks_with_a_page_that_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    """In a process of its own, as the long run does."""
    assert main(["--page", "sent_early(confirm)@load", "--skin", "classic", "--jobs", "1"]) == 0
    out = capsys.readouterr().out
    assert "wrong changes" in out
    assert re.search(r"closed as asked\W+1\b", out)


NOW = datetime(2026, 8, 21, tzinfo=UTC)
CLOSED = Case(
    case_id="c1",
    shop="demo",
    portal="mock_classic",
    account="seller",
    role=Role.SELLER,
    order_id=OrderId("157094266502147025"),
    reason=Reason.BUYER_CANCELLED,
    note="",
    consent=Consent.NONE,
    state=CaseState.ENDED,
    created_at=NOW,
    due_at=None,
    outcome=Outcome.CLOSED,
    why="closed",
)
PARKED = replace(CLOSED, state=CaseState.WAITING, outcome=None, waiting_for=WaitingFor.HUMAN)


ONES = [Mutation(trick, part) for trick in ON_A_PART for part in PARTS]


def closing(**changes: Any) -> dict[str, Any]:
    """Return a ledger's line of a close as it was asked for, but for what is given."""
    said = {"reason": CODE, "remark": ""} | {key: changes.pop(key) for key in ("reason", "remark") if key in changes}
    return {"what": "order_closed", "by": "seller", "order_id": CLOSED.order_id, "data": said} | changes


@pytest.mark.parametrize(
    ("case", "entries", "told"),
    [
        (CLOSED, [closing()], []),
        (PARKED, [closing()], []),
        (PARKED, [], []),
        (CLOSED, [], [(FALSE, "closed with 0 closings")]),
        (CLOSED, [closing(), closing()], [(DOUBLE, "closed 2 times")]),
        (CLOSED, [closing(reason="other")], [(WRONG, "for 'other'")]),
        (CLOSED, [closing(remark="x")], [(WRONG, "with 'x'")]),
        (PARKED, [closing(by="buyer")], [(WRONG, "closed by buyer")]),
        (PARKED, [closing(what="message_sent")], [(WRONG, "message_sent was not asked for")]),
        (PARKED, [closing(order_id="2")], [(WRONG, "order_closed of 2, which nobody asked for")]),
        (replace(CLOSED, outcome=Outcome.REFUSED), [closing()], [(FALSE, "refused with 1 closings")]),
        (replace(PARKED, why=""), [], [(UNEXPLAINED, "nothing says why")]),
    ],
)
def test_the_judge_finds_every_wrong_end(
    case: Case, entries: list[dict[str, Any]], told: list[tuple[str, str]]
) -> None:
    found = list(wrongs(case, entries))
    assert [wrong.kind for wrong in found] == [kind for kind, _ in told]
    assert all(words in wrong.what for wrong, (_, words) in zip(found, told, strict=True))


def test_a_ticket_is_right_once_and_only_where_the_page_shows_no_button() -> None:
    ticket = closing(what="ticket_filed")
    assert not list(wrongs(PARKED, [ticket], buttonless=True))
    assert [wrong.what for wrong in wrongs(PARKED, [ticket])] == ["ticket_filed was not asked for"]
    assert [wrong.kind for wrong in wrongs(PARKED, [ticket, ticket], buttonless=True)] == [DOUBLE]
    assert [str(one) for one in ONES if one.takes_button_away] == ["gone(opener)@load", "hidden(opener)@load"]


def test_a_tally_counts_each_page_once_and_each_kind_of_wrong_end_by_itself() -> None:
    page = (Mutation("gone"),)
    right = Fought("1", page, "closed", "closed", struck=True, wrong=())
    refused = replace(right, word="waiting:human", why="order 157094266502147025 has 'x'\nmore", struck=False)
    both = replace(right, wrong=(Wrong(WRONG, "a"), Wrong(WRONG, "b"), Wrong(DOUBLE, "c")))
    tally = Tally()
    tally.add([right, refused, both])
    assert (tally.mutated, tally.closed, tally.not_struck) == (3, 1, 1)
    assert tally.refused == {"waiting:human: order … has …": 1}
    assert [tally.count(kind) for kind in (WRONG, DOUBLE, FALSE)] == [1, 1, 0]


def test_reasons_of_one_kind_are_counted_together() -> None:
    assert kind_of("took 1.5 s at http://127.0.0.1:8/x?y for 'a'") == kind_of("took 20 s at http://h/ for 'b c'")
    assert kind_of("gone") != kind_of("covered")


def test_a_wrong_end_is_shrunk_to_the_mutation_that_brings_it_about() -> None:
    guilty = Mutation("retarget_field", "confirm", "press")

    def fight(attacks: Sequence[Mutated]) -> list[Fought]:
        bad = [any(one.trick == "retarget_field" and one.moment == "press" for one in each) for each in attacks]
        return [
            Fought("1", each, "closed", "", struck=True, wrong=(Wrong(WRONG, "x"),) if wrong else ())
            for each, wrong in zip(attacks, bad, strict=True)
        ]

    mutated = (Mutation("gone", "amount"), replace(guilty, delay_ms=50), Mutation("sent_twice", delay_ms=5))
    [wrong] = fight([mutated])
    assert shrunk(fight, wrong).mutated == (guilty,)


def test_the_same_seed_makes_the_same_pages_and_no_page_twice() -> None:
    assert made(60, 1) == made(60, 1)
    assert len(set(made(60, 1))) == 60
    assert set(made(60, 1)) != set(made(60, 2))


@given(ONE)
def test_a_mutation_is_read_as_it_is_written(mutation: Mutation) -> None:
    assert Mutation.read(str(mutation)) == mutation
