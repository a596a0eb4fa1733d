"""django-oscar's profile from nothing: taught by pointing at the unmodified product, judged by its own database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.domain.acts import ActKind
from agent.teaching.notebook import written
from agent.teaching.session import teach_portal
from fixtures.real.oscar import Shop, start
from page_objects.gaps import gaps_of
from page_objects.loader import load_profile
from tests.e2e.e2e_shop import finish, worker
from tests.real.closing import Desk, changed
from tests.teaching.oscar_lesson import EMAIL, answers
from tests.teaching.pupil import Scripted, wanted

pytestmark = [pytest.mark.real("oscar"), pytest.mark.timeout(1200)]
OF_EACH = 2


@pytest.fixture(scope="module", autouse=True)
def _browser_is_closed() -> Iterator[None]:
    yield
    worker().close()
    worker.cache_clear()


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with start(tmp_path / "shop") as running:
        yield running


def desk(folder: Path, shop: Shop, profile: str, profiles: Path | None) -> Desk:
    folder.mkdir()
    more = f"profile_dir = {written(profiles.as_posix())}" if profiles else ""
    return Desk(folder, profile, shop.url, EMAIL, shop.password, more=more)


def test_what_was_taught_plans_and_closes_as_the_shipped_profile(shop: Shop, tmp_path: Path) -> None:
    """Nothing changes while it is taught, though the last button is pressed; then one order is closed, supervised."""
    before = shop.truth()
    paid = next(order["number"] for order in before if order["payment_events"])
    unpaid = next(order["number"] for order in before if not order["payment_events"])
    person = Scripted(answers(paid, unpaid))
    profiles = tmp_path / "profiles"
    url = f"{shop.url}/dashboard/orders/"
    finish(teach_portal(wanted(url, profiles, language="en", username=EMAIL, orders=10), person, person.browsers))
    assert changed(before, shop.truth(), "number") == set()

    loaded, shipped = load_profile("mine", profiles), load_profile("oscar").profile
    assert [gap.key for gap in gaps_of(loaded)[0] if gap.stops] == []
    assert [one.act for one in gaps_of(loaded)[1] if one.described] == [ActKind.CLOSE]
    rule, known = loaded.profile.requests["close"], shipped.requests["close"]
    assert (rule.path, rule.body, rule.operation) == (known.path, known.body, known.operation)
    assert loaded.profile.words.order_state.items() == shipped.words.order_state.items()

    mine, theirs = desk(tmp_path / "mine", shop, "mine", profiles), desk(tmp_path / "theirs", shop, "oscar", None)
    states = {order["status"]: None for order in before}
    some = [
        order["number"] for state in states for order in [one for one in before if one["status"] == state][:OF_EACH]
    ]
    planned = [
        one.command("plan", str(one.requests(dict.fromkeys(some, "yes"))), "--shop", "real") for one in (mine, theirs)
    ]
    told = [{order: (case["path"], ended.word(order)) for order, case in ended.cases.items()} for ended in planned]
    assert told[0] == told[1]

    pending = next(order["number"] for order in before if order["status"] == "Pending" and not order["payment_events"])
    assert mine.close_beside(pending, lambda: None) == ("closed", ["done"])
    assert changed(before, shop.truth(), "number") == {pending}
