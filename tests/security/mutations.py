"""Mutated pages at random: which trick, on which part, at which moment; made by hypothesis, judged by the ledger."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import hypothesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from fixtures.mock_portal.hostile_tricks import MOMENTS, ON_A_PART, ON_THE_PAGE, ON_THE_REQUEST, PARTS

from .arena import Fought, Mutated, Mutation

_DELAYS = st.sampled_from((0, 1, 5, 20, 50, 100, 200, 400, 800))
_ON_A_PART = st.builds(Mutation, st.sampled_from(ON_A_PART), st.sampled_from(PARTS), st.sampled_from(MOMENTS), _DELAYS)
_ON_THE_REST = st.builds(
    Mutation, st.sampled_from((*ON_THE_PAGE, *ON_THE_REQUEST)), st.just("confirm"), st.sampled_from(MOMENTS), _DELAYS
)
ONE = st.one_of(_ON_A_PART, _ON_THE_REST)
# A page plays one trick, or two or three that help each other.
MUTATED: st.SearchStrategy[Mutated] = st.one_of(st.tuples(ONE), st.tuples(ONE, ONE), st.tuples(ONE, ONE, ONE))
Fight = Callable[[Sequence[Mutated]], list[Fought]]
# What makes two reasons of the same kind differ: ids, amounts, addresses, times, and what stood on the page.
_PARTICULAR = re.compile(r"https?://\S+|'[^']*'|\"[^\"]*\"|“[^”]*”|[0-9][0-9.,:]*")
_MOST_OF_A_REASON = 76


def made(count: int, seed: int) -> list[Mutated]:
    """Return so many mutated pages, all different from each other and the same ones for the same seed."""
    pages: dict[Mutated, None] = {}
    turn = 0
    while len(pages) < count:
        pages |= dict.fromkeys(_generated(count - len(pages) + 10, f"{seed}.{turn}"))
        turn += 1
    return list(pages)[:count]


def _generated(count: int, seed: str) -> list[Mutated]:
    pages: list[Mutated] = []

    @hypothesis.seed(seed)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(MUTATED)
    def generate(page: Mutated) -> None:
        pages.append(page)

    generate()
    return pages


@dataclass
class Tally:
    """What came of all mutated pages."""

    mutated: int = 0
    not_struck: int = 0
    closed: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    wrong: list[Fought] = field(default_factory=list)

    def add(self, fights: Iterable[Fought]) -> None:
        """Count them."""
        for fought in fights:
            self.mutated += 1
            self.not_struck += not fought.struck
            if fought.wrong:
                self.wrong.append(fought)
            elif fought.rightly_closed:
                self.closed += 1
            else:
                self.refused[f"{fought.word}: {kind_of(fought.why)}"] += 1

    def count(self, kind: str) -> int:
        """Return how many pages ended wrongly in this way."""
        return sum(any(wrong.kind == kind for wrong in fought.wrong) for fought in self.wrong)


def kind_of(why: str) -> str:
    """Return a reason without what is particular to one order."""
    line = _PARTICULAR.sub("…", why.partition("\n")[0])
    return line if len(line) <= _MOST_OF_A_REASON else line[: _MOST_OF_A_REASON - 1] + "…"


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
