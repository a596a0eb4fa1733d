"""Delta debugging: the shortest list of items that still fails, found by leaving parts out."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TypeVar

from .plan import Plan

T = TypeVar("T")


class SpentError(Exception):
    """As many tries as were allowed have been made."""


def shortest(items: Sequence[T], fails: Callable[[Sequence[T]], bool]) -> list[T]:
    """Return items that fail together, none of which can be left out alone; ``fails`` holds for all of them.

    Its own tries are ordered from the boldest to the most timid, so that what is found early is worth most.
    """
    left = list(items)
    parts = 2
    while len(left) > 1:
        cut = _without_a_part(left, parts, fails)
        if cut is not None:
            left, parts = cut, max(parts - 1, 2)
        elif parts >= len(left):
            break
        else:
            parts = min(parts * 2, len(left))
    return left


def _without_a_part(left: list[T], parts: int, fails: Callable[[Sequence[T]], bool]) -> list[T] | None:
    bounds = [len(left) * at // parts for at in range(parts + 1)]
    for begin, end in pairwise(bounds):
        rest = left[:begin] + left[end:]
        if rest and fails(rest):
            return rest
    return None


def shrink(plan: Plan, fails: Callable[[Plan], bool], *, most: int) -> Plan:
    """Return the shortest plan that still fails, or what there is of it after ``most`` tries."""
    best = plan
    tries = 0

    def still_fails(places: Sequence[tuple[int, int]]) -> bool:
        nonlocal best, tries
        smaller = plan.only(places)
        if not smaller.shards:
            return False
        if tries >= most:
            raise SpentError
        tries += 1
        if fails(smaller):
            best = smaller
            return True
        return False

    try:
        shortest(plan.places, still_fails)
    except SpentError:
        return best
    return best
