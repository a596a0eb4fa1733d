"""Pages mutated at random: nothing happens that was not asked for, and every refusal says why."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from agent.domain.cases import Case, CaseState, Consent, Outcome, Role, WaitingFor
from agent.domain.ids import OrderId
from agent.domain.reasons import Reason

from .arena import CODE, Arena, Fought, Mutated, Mutation, wrongs
from .mutations import attack, shrunk

OpenArena = Callable[..., Arena]
SAMPLE = 12  # a mutation may wait out a time-out of ten seconds: each has a lane of its own


def test_a_sample_of_mutated_pages_changes_nothing_that_was_not_asked_for(open_arena: OpenArena, skin: str) -> None:
    arena = open_arena(skin, orders=120, lanes=SAMPLE)
    arena.shop.remember()
    tally = attack(arena.fight, batches=1, of=SAMPLE, seed=20)
    assert tally.wrong == []
    assert tally.mutated == SAMPLE
    assert tally.not_struck < SAMPLE / 2, "most tricks were not played"
    assert arena.came_abroad == []
    assert arena.shop.touched() <= arena.asked


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


def closing(**changes: Any) -> dict[str, Any]:
    """Return a ledger's line of a close as it was asked for, but for what is given."""
    said = {"reason": CODE, "remark": ""} | {key: changes.pop(key) for key in ("reason", "remark") if key in changes}
    return {"what": "order_closed", "by": "seller", "data": said} | changes


@pytest.mark.parametrize(
    ("case", "entries", "told"),
    [
        (CLOSED, [closing()], ""),
        (PARKED, [closing()], ""),
        (PARKED, [], ""),
        (CLOSED, [], "closed with 0 closings"),
        (CLOSED, [closing(), closing()], "closed 2 times"),
        (CLOSED, [closing(reason="other")], "for 'other'"),
        (CLOSED, [closing(remark="x")], "with 'x'"),
        (PARKED, [closing(by="buyer")], "closed by buyer"),
        (PARKED, [{"what": "message_sent"}], "message_sent was not asked for"),
        (replace(CLOSED, outcome=Outcome.REFUSED), [closing()], "refused with 1 closings"),
        (replace(PARKED, why=""), [], "nothing says why"),
    ],
)
def test_the_judge_finds_every_wrong_end(case: Case, entries: list[dict[str, Any]], told: str) -> None:
    found = list(wrongs(case, entries))
    assert bool(found) is bool(told)
    assert told in " ".join(found)


def test_a_wrong_end_is_shrunk_to_the_mutation_that_brings_it_about() -> None:
    guilty = Mutation("retarget_field", "confirm", "press")

    def fight(attacks: Sequence[Mutated]) -> list[Fought]:
        bad = [any(one.trick == "retarget_field" and one.moment == "press" for one in each) for each in attacks]
        return [
            Fought("1", each, "closed", "", struck=True, wrong=("closed",) if wrong else ())
            for each, wrong in zip(attacks, bad, strict=True)
        ]

    mutated = (Mutation("gone", "amount"), replace(guilty, delay_ms=50), Mutation("sent_twice", delay_ms=5))
    [wrong] = fight([mutated])
    assert shrunk(fight, wrong).mutated == (guilty,)


def test_the_same_seed_makes_the_same_mutations() -> None:
    def made(seed: int) -> list[Mutated]:
        seen: list[Mutated] = []

        def fight(attacks: Sequence[Mutated]) -> list[Fought]:
            seen.extend(attacks)
            return []

        attack(fight, batches=3, of=20, seed=seed)
        return seen

    assert made(1) == made(1)
    assert len(made(1)) == 60
    assert made(1) != made(2)
