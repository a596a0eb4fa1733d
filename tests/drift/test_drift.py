"""A short walk through what `scripts/drift` measures: one change of each weight."""

from collections.abc import Iterator

import pytest

from agent.doctor.bearing import Weight
from tests.e2e.e2e_shop import worker

from .drifts import Drift, all_drifts
from .measure import measure
from .mock_places import mock

TRIED = ("swapped confirm and dismiss", "label 付款状态", "banner")


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("CLOSEWRIGHT_TEST_PASSWORD", "demo")
    yield
    if worker.cache_info().currsize:
        worker().close()
        worker.cache_clear()


def named(name: str) -> Drift:
    return next(drift for drift in all_drifts() if drift.name == name)


def test_the_names_of_changes_are_their_own() -> None:
    names = [drift.name for drift in all_drifts()]
    assert len(set(names)) == len(names)
    assert {drift.weight for drift in all_drifts()} == set(Weight)


@pytest.mark.slow
@pytest.mark.timeout(900)  # four visits, on a machine that may have more to do
def test_one_change_of_each_weight_is_found_for_what_it_is() -> None:
    changed = measure(mock("classic"), [named(name) for name in TRIED], [])
    assert all(one.struck for one in changed), "a change that met nothing proves nothing"
    assert [one.found for one in changed] == [Weight.ACTING, Weight.READING, Weight.COSMETIC]
    assert not any(one.changed_truth for one in changed)
