"""Mutated pages at random: which trick, on which part, at which moment; made by hypothesis, judged by the ledger."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import hypothesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from fixtures.mock_portal.hostile_tricks import MOMENTS, ON_A_PART, ON_THE_PAGE, ON_THE_REQUEST, PARTS

from .arena import Fought, Mutated, Mutation

_MOMENTS = st.sampled_from(MOMENTS)
_DELAYS = st.sampled_from((0, 0, 0, 1, 5, 20, 50, 100, 200, 400, 800))
_ON_A_PART = st.builds(Mutation, st.sampled_from(ON_A_PART), st.sampled_from(PARTS), _MOMENTS, _DELAYS)
_ON_THE_REST = st.builds(
    Mutation, st.sampled_from((*ON_THE_PAGE, *ON_THE_REQUEST)), st.just("confirm"), _MOMENTS, _DELAYS
)
ONE = st.one_of(_ON_A_PART, _ON_THE_REST)
# A page plays one trick, or two or three that help each other.
MUTATED: st.SearchStrategy[Mutated] = st.one_of(
    st.tuples(ONE), st.tuples(ONE), st.tuples(ONE, ONE), st.tuples(ONE, ONE, ONE)
)
Fight = Callable[[Sequence[Mutated]], list[Fought]]


@dataclass
class Tally:
    """What came of all mutated pages."""

    mutated: int = 0
    not_struck: int = 0
    closed: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    different: set[Mutated] = field(default_factory=set)
    wrong: list[Fought] = field(default_factory=list)

    def add(self, fought: Fought) -> None:
        """Count one."""
        self.mutated += 1
        self.different.add(fought.mutated)
        self.not_struck += not fought.struck
        if fought.wrong:
            self.wrong.append(fought)
        elif fought.rightly_closed:
            self.closed += 1
        else:
            self.refused[fought.word] += 1


def attack(fight: Fight, *, batches: int, of: int, seed: int) -> Tally:
    """Have ``batches`` times ``of`` mutated pages fought, whatever comes of them."""
    tally = Tally()

    @hypothesis.seed(seed)
    @settings(
        max_examples=batches,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(MUTATED, min_size=of, max_size=of))
    def fought(attacks: list[Mutated]) -> None:
        for one in fight(attacks):
            tally.add(one)

    fought()
    return tally


def shrunk(fight: Fight, wrong: Fought) -> Fought:
    """Return the simplest mutated page that still ends wrongly; each try takes an order of its own."""
    for simpler in _simpler(wrong.mutated):
        [again] = fight([simpler])
        if again.wrong:
            return shrunk(fight, again)
    return wrong


def _simpler(mutated: Mutated) -> Iterator[Mutated]:
    for place, one in enumerate(mutated):
        others = (*mutated[:place], *mutated[place + 1 :])
        if others:
            yield others
        for plain in (replace(one, delay_ms=0), replace(one, moment=MOMENTS[0])):
            if plain != one:
                yield (*mutated[:place], plain, *mutated[place + 1 :])
