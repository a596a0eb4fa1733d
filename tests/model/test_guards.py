"""Each guard before and after an act, alone: a rogue decision gets past none of them, and past each that is off.

A rogue decides to close whatever it is given, so that nothing but the guard stands between it and the ledger. The
second test is the first one's own proof: with its guard switched off the harm is done, so the first would fail.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from unittest.mock import patch

import pytest
from model_portal import Deal, Fate, ModelArmed
from model_run import Agent
from sqlalchemy import Connection

from agent import desk
from agent.domain.acts import Act, ActKind, Verdict, Wait
from agent.domain.cases import Case, CloseRequest, Consent, Outcome, WaitingFor
from agent.domain.cases import Path as CasePath
from agent.domain.ids import OrderId
from agent.domain.judge import Judgement
from agent.domain.money import Fen
from agent.domain.reasons import Reason
from agent.engine import act as act_module
from agent.engine import look, passes, permission, settle
from agent.engine.run import Run
from agent.store import breakers, intents, limits, stops

ORDER = OrderId("300000000000000001")
OTHER = OrderId("300000000000000002")
DEAD_AFTER_RELEASE = 15  # boundaries from the first look to the request that has left
Setting = Callable[[Agent], None]


async def rogue(run: Run) -> Verdict:
    """Close the order, whatever it is."""
    order = await run.order()
    run.case = replace(run.case, path=CasePath.UNPAID, amount=order.amount)
    if run.acted:
        return Wait(WaitingFor.HUMAN, "the rogue has done its work")
    return Act(ActKind.CLOSE, "close", "a rogue", amount=order.amount)


@dataclass(frozen=True)
class Guard:
    """One guard: what puts it to the test, how it is switched off, and the harm that it keeps away."""

    tempt: Setting
    off: Callable[[], AbstractContextManager[object]]
    harm: Callable[[Agent], bool]
    settings: str = ""


def deal(agent: Agent, amount: int = 5_000, *, paid: bool = False, consent: Consent = Consent.NONE) -> None:
    """Have an order closed that nothing speaks against."""
    for order_id in (ORDER, OTHER):
        agent.portal.deals[order_id] = Deal(order_id, Fen(amount), paid, agent.portal.now.replace(year=2025))
    ask(agent, consent)


def ask(agent: Agent, consent: Consent = Consent.NONE, reason: Reason = Reason.BUYER_CANCELLED) -> Case:
    """Ask for the order to be closed."""
    agent.app.admit("demo", [CloseRequest(ORDER, reason, consent, source={"command": "test"})])
    return agent.case(ORDER)


def work(agent: Agent) -> None:
    """Take a pass over everything that is due."""
    agent.passes(agent.due())


def closed(agent: Agent) -> bool:
    """Whether anything was closed."""
    return any(line.kind is ActKind.CLOSE for line in agent.portal.ledger)


def without_consent(agent: Agent) -> None:
    deal(agent, paid=True)
    work(agent)


def for_a_reason_not_allowed(agent: Agent) -> None:
    deal(agent)
    work(agent)


def above_the_limit_of_an_order(agent: Agent) -> None:
    deal(agent, 95_000)
    work(agent)


def above_the_limit_of_a_day(agent: Agent) -> None:
    for number in range(5):
        order_id = OrderId(f"{400000000000000000 + number}")
        agent.portal.deals[order_id] = Deal(order_id, Fen(100), paid=False, created_at=agent.portal.now)
        agent.app.admit("demo", [CloseRequest(order_id, Reason.BUYER_CANCELLED, source={"command": "test"})])
    work(agent)


def more_than_four(agent: Agent) -> bool:
    return len(agent.portal.ledger) > 4


def without_approval(agent: Agent) -> None:
    deal(agent, 45_000)
    work(agent)


def approved_at_another_price(agent: Agent) -> None:
    deal(agent, 45_000)
    work(agent)
    desk.approve(agent.app, agent.case(ORDER), name="boss")
    agent.portal.deals[ORDER].amount = Fen(46_000)
    work(agent)


def stopped(agent: Agent) -> None:
    deal(agent)
    desk.stop(agent.app, "demo", why="a test")
    work(agent)


def with_an_open_breaker(agent: Agent) -> None:
    deal(agent)

    def fail_often(tx: Connection) -> None:
        for number in range(50):
            order_id = OrderId(f"{5 * 10**17 + number}")
            breakers.record_fault(
                tx, shop="demo", path="unpaid", fault="x", order_id=order_id, now=agent.portal.now, threshold=50
            )

    agent.app.db.write(fail_often)
    work(agent)


def in_quiet_hours(agent: Agent) -> None:
    deal(agent)
    work(agent)


def with_an_open_act(agent: Agent) -> None:
    """The first request is lost from sight, and its act is open; the rogue would act at once again."""
    deal(agent)
    agent.portal.fates[ORDER] = Fate.NOTHING_CAME
    agent.passes(agent.due(), lines_to_live=DEAD_AFTER_RELEASE)
    assert [line.state for line in acts(agent)] == ["releasing"]
    work(agent)


def acts(agent: Agent) -> list[intents.Intent]:
    """Return what was meant to be done to the order."""
    case_id = agent.case(ORDER).case_id
    return agent.app.db.read(lambda tx: intents.of_case(tx, case_id))


def acted_again_before_looking(agent: Agent) -> bool:
    return len(acts(agent)) > 1


def page_sends_another_order(agent: Agent) -> None:
    deal(agent)
    with patch.object(ModelArmed, "aimed_at", lambda _self, _order_id: OTHER):
        work(agent)


def the_server_lies(agent: Agent) -> None:
    deal(agent)
    agent.portal.fates[ORDER] = Fate.LIE_YES
    work(agent)


def said_done(agent: Agent) -> bool:
    return agent.case(ORDER).outcome is Outcome.CLOSED or any(act.result == "done" for act in acts(agent))


@contextmanager
def both(*patches: AbstractContextManager[object]) -> Iterator[None]:
    with patches[0], patches[1]:
        yield


GUARDS = {
    "consent": Guard(without_consent, lambda: patch.object(permission, "needs_consent", lambda *_: False), closed),
    "allowed reasons": Guard(
        for_a_reason_not_allowed,
        lambda: patch.object(permission, "check_before", lambda *_: None),
        closed,
        'allowed_reasons = ["out_of_stock"]\n',
    ),
    "limit of one order": Guard(
        above_the_limit_of_an_order,
        lambda: both(
            patch.object(permission, "check_before", lambda *_: None),
            patch.object(permission, "check_and_reserve", lambda *_, **__: None),
        ),
        closed,
    ),
    "limit of a day": Guard(
        above_the_limit_of_a_day,
        lambda: patch.object(limits, "reserve", lambda *_, **__: None),
        more_than_four,
    ),
    "approval": Guard(
        without_approval, lambda: patch.object(permission, "check_and_reserve", lambda *_, **__: None), closed
    ),
    "approval bound to terms": Guard(
        approved_at_another_price,
        lambda: patch.object(permission.Bound, "sha256", property(lambda _self: "any terms")),
        closed,
    ),
    "kill switch": Guard(
        stopped,
        lambda: both(
            patch.object(stops, "active", lambda *_: None),
            patch.object(passes, "refuse_where_stopped", lambda *_: None),
        ),
        closed,
    ),
    "breaker": Guard(with_an_open_breaker, lambda: patch.object(breakers, "open_breaker", lambda *_: None), closed),
    "quiet hours": Guard(
        in_quiet_hours,
        lambda: patch.object(permission, "quiet_for", lambda *_: None),
        closed,
        'quiet_hours = { from = "00:00", to = "23:59" }\n',
    ),
    "an open act is settled by looking": Guard(
        with_an_open_act,
        lambda: patch.object(settle, "judge", lambda *_, **__: Judgement.NOT_DONE),
        acted_again_before_looking,
    ),
    "comparison of the held request": Guard(
        page_sends_another_order, lambda: patch.object(act_module, "mismatch", lambda *_: None), closed
    ),
    "proof from two sides": Guard(
        the_server_lies, lambda: patch.object(look, "judge", lambda *_, **__: Judgement.DONE), said_done
    ),
}


@pytest.fixture
def tempted(tmp_path: Path) -> Iterator[Callable[[str], bool]]:
    """Put a guard to the test, and say whether the harm was done."""
    opened: list[Agent] = []

    def tempt(name: str) -> bool:
        guard = GUARDS[name]
        agent = Agent(tmp_path, more=guard.settings, scenario=rogue)
        opened.append(agent)
        guard.tempt(agent)
        return guard.harm(agent)

    yield tempt
    for agent in opened:
        agent.close()


@pytest.mark.parametrize("name", GUARDS)
def test_a_guard_keeps_harm_away(tempted: Callable[[str], bool], name: str) -> None:
    assert not tempted(name)


@pytest.mark.parametrize("name", GUARDS)
def test_without_the_guard_the_harm_is_done(tempted: Callable[[str], bool], name: str) -> None:
    with GUARDS[name].off():
        assert tempted(name)
