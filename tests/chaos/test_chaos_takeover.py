"""An agent frozen between release and send, whose shop another takes over: on PostgreSQL, where the lock can be lost.

On SQLite the system keeps the lock of a frozen process, so that nobody can take over: see ``test_chaos_run``.
"""

import os
import signal
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from contract import store_postgres
from sqlalchemy import create_engine, make_url, text

from .agents import POLL_S, Agent, Ended, Fated, Household
from .doomed import Moment
from .plan import Plan, Shard, Wish
from .planning import make_plan
from .portal import REQUESTS, Portal

pytestmark = pytest.mark.skipif(os.name == "nt", reason="processes cannot be frozen on Windows")
_PATIENCE_S = 250
_LOCKS = """
SELECT pg_terminate_backend(pid) FROM pg_locks
WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


class Takeover:
    """One order on a portal, a first agent that freezes at it, and a second one that takes over."""

    def __init__(self, kind: str, at: str, url: str, folder: Path) -> None:
        self._url = url
        self.portal = Portal(_shop_with(kind), folder, store=url)
        self.household = Household(folder)
        self._file = folder / REQUESTS
        self.first = self.household.work("run", self._file, Fated(freeze=Moment(at, 1)))
        while not self.first.frozen:
            assert not self.first.wait(POLL_S), self.first.ended()

    def cut_off(self) -> None:
        """Have the server end the connection that holds the shop, as it does with one that does not answer."""
        engine = create_engine(make_url(self._url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            assert connection.execute(text(_LOCKS)).all() == [(True,)]
        engine.dispose()

    def resumed(self) -> Ended:
        """Let a second agent come, and return how it ended."""
        return self._ended(self.household.work("resume", self._file))

    def second(self) -> dict[str, Any]:
        """Let a second agent work the shop to its end, and return where the order stands."""
        ended = self.resumed()
        assert ended.code in {0, 1}, ended.err
        return self._case(ended)

    def wake(self) -> Ended:
        """Wake the first agent and return how it ended."""
        os.kill(self.first.process.pid, signal.SIGCONT)
        return self._ended(self.first)

    def _ended(self, agent: Agent) -> Ended:
        assert agent.wait(_PATIENCE_S)
        return agent.ended()

    def _case(self, ended: Ended) -> dict[str, Any]:
        (case,) = ended.json["cases"]
        found: dict[str, Any] = case
        return found

    def now(self) -> dict[str, Any]:
        """Return where the order stands now."""
        return self._case(self.household.call("cases", "--json"))

    def done(self) -> list[str]:
        """Return what really happened."""
        return [line["what"] for line in self.portal.ledger()]


def _shop_with(kind: str) -> Shard:
    """Return a classic shop in which one order of this kind is asked for, without consent."""
    plan: Plan = make_plan(1, 40)
    (shard,) = plan.shards
    wish = next(wish for wish in shard.wishes if wish.kind == kind)
    asked = Wish(order_id=wish.order_id, kind=kind, reason="buyer_cancelled", consent="none")
    simple: dict[str, Any] = {"skin": "classic", "role": "seller", "lanes": 1, "wishes": (asked,)}
    return shard.model_copy(update=simple | {"troubles": (), "habits": (), "lives": ()})


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    """The URL of a PostgreSQL server."""
    with store_postgres.server() as url:
        yield url


@pytest.fixture
def url(database: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a database of the test's own."""
    name = f"takeover_{sha256(request.node.name.encode()).hexdigest()[:12]}"
    engine = create_engine(make_url(database).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
        yield make_url(database).set(database=name).render_as_string(hide_password=False)
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


@pytest.fixture
def taken_over(url: str) -> Iterator[Any]:
    """Make takeovers that leave nothing running."""
    made: list[Takeover] = []
    with TemporaryDirectory(prefix="chaos-") as folder:

        def take_over(kind: str, at: str) -> Takeover:
            made.append(Takeover(kind, at, url, Path(folder)))
            return made[-1]

        yield take_over
        for one in made:
            one.household.kill_orphans()
            one.portal.close()


@pytest.mark.slow
def test_a_message_in_the_one_window_is_a_persons_and_is_sent_once(taken_over: Any) -> None:
    """While the lock holds, a second agent leaves again. Later it cannot know whether the first one is dead."""
    takeover = taken_over("paid_close", "send.before")
    assert takeover.resumed().code == 3
    takeover.cut_off()
    case = takeover.second()
    assert (case["waiting_for"], takeover.done()) == ("human", [])
    assert "not proved" in case["why"]
    takeover.wake()
    assert takeover.done() == ["message_sent"]


@pytest.mark.long
def test_a_closing_in_the_one_window_is_done_by_the_second_and_refused_to_the_first(taken_over: Any) -> None:
    """The portal lets an order be closed only once, so looking is enough."""
    takeover = taken_over("unpaid", "send.before")
    takeover.cut_off()
    assert takeover.second()["outcome"] == "closed"
    assert takeover.done() == ["order_closed"]
    woken = takeover.wake()
    assert takeover.done() == ["order_closed"]
    assert takeover.now()["outcome"] == "closed", woken.err


@pytest.mark.long
@pytest.mark.parametrize("at", ["intent.before", "hold.after"])
def test_an_agent_woken_before_the_window_sends_nothing_any_more(taken_over: Any, at: str) -> None:
    takeover = taken_over("paid_close", at)
    takeover.cut_off()
    assert takeover.second()["waiting_for"] == "consent"
    assert takeover.done() == ["message_sent"]
    woken = takeover.wake()
    assert takeover.done() == ["message_sent"]
    assert woken.code == 3, woken.err
    assert takeover.now()["waiting_for"] == "consent"
