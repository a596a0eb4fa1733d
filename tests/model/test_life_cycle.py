"""The life of cases as a state machine, walked together with a model of the portal: what must hold after each step."""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from model_portal import Deal, Fate, Line
from model_run import AMOUNT_PER_DAY, APPROVE_ABOVE, ORDERS_PER_DAY, Agent
from sqlalchemy import Connection, select

from agent import desk
from agent.domain.acts import ActKind, IntentResult, IntentState
from agent.domain.cases import Case, CaseState, CloseRequest, Consent, Outcome, WaitingFor
from agent.domain.ids import OrderId
from agent.domain.money import Fen
from agent.domain.orders import ClosedBy, Message
from agent.domain.reasons import Reason
from agent.errors import StoreError
from agent.store import cases, intents
from agent.store.tables import approvals

_ZONE = ZoneInfo("Asia/Shanghai")
_MOST_ORDERS = 6
_AMOUNTS = st.sampled_from([5_000, 30_000, 30_001, 45_000, 80_000])
_DEATHS = st.one_of(st.none(), st.none(), st.integers(1, 22))
_FATES = st.one_of(st.just(Fate.DONE), st.just(Fate.DONE), st.sampled_from(Fate))


# ruff: noqa: D102 - a rule's or an invariant's name says what it does


class LifeCycle(RuleBasedStateMachine):
    """One shop, its operator, its buyers, its portal, and a process that dies now and then."""

    @initialize()
    def begin(self) -> None:
        """Open a shop with something to begin with: an order that needs no approval, and one that does."""
        self._folder = TemporaryDirectory()
        self.agent = Agent(Path(self._folder.name))
        self.portal = self.agent.portal
        for amount in (5_000, 40_000):
            self.an_order_is_to_be_closed(amount, amount == 40_000, Consent.DECLARED)

    def teardown(self) -> None:
        if not hasattr(self, "agent"):
            return
        try:
            self._everything_comes_to_an_end()
        finally:
            self.agent.close()
            self._folder.cleanup()

    # What people and the portal do

    @precondition(lambda self: len(self.portal.deals) < _MOST_ORDERS)
    @rule(amount=_AMOUNTS, paid=st.booleans(), consent=st.sampled_from([Consent.NONE, Consent.DECLARED]))
    def an_order_is_to_be_closed(self, amount: int, paid: bool, consent: Consent) -> None:
        order_id = OrderId(f"{300000000000000000 + len(self.portal.deals)}")
        self.portal.deals[order_id] = Deal(order_id, Fen(amount), paid, self.portal.now.replace(year=2025))
        self._ask(order_id, consent)

    @precondition(lambda self: self._ended())
    @rule(data=st.data())
    def an_ended_order_is_asked_for_again(self, data: st.DataObject) -> None:
        case = data.draw(st.sampled_from(self._ended()))
        self._ask(case.order_id, Consent.DECLARED)

    def _ask(self, order_id: OrderId, consent: Consent) -> None:
        wish = CloseRequest(order_id, Reason.BUYER_CANCELLED, consent, source={"command": "test"})
        self.agent.app.admit("demo", [wish])

    @precondition(lambda self: self._open_deals())
    @rule(data=st.data(), what=st.sampled_from(["pays", "buyer closes", "system closes", "price", "yes", "no", "hm"]))
    def somebody_else_moves(self, data: st.DataObject, what: str) -> None:
        deal = data.draw(st.sampled_from(self._open_deals()))
        match what:
            case "pays":
                deal.paid = True
            case "buyer closes":
                self.portal.close_by(deal.order_id, ClosedBy.BUYER)
            case "system closes":
                self.portal.close_by(deal.order_id, ClosedBy.SYSTEM)
            case "price":
                deal.amount = Fen(deal.amount + 100)
            case word:
                said = {"yes": "同意", "no": "不同意", "hm": "再说吧"}[word]
                deal.thread.append(Message("them", said, self.portal.now))

    @rule(hours=st.sampled_from([0.1, 0.1, 5, 26]))
    def time_passes(self, hours: float) -> None:
        self.agent.later(hours)

    @precondition(lambda self: self._waiting(WaitingFor.APPROVAL))
    @rule(data=st.data(), yes=st.sampled_from([True, True, False]))
    def the_boss_decides(self, data: st.DataObject, yes: bool) -> None:
        case = data.draw(st.sampled_from(self._waiting(WaitingFor.APPROVAL)))
        decide = desk.approve if yes else desk.reject
        try:
            decide(self.agent.app, case, name="boss")
        except StoreError as fault:
            assert "expired" in str(fault) or "asks for no approval" in str(fault)  # noqa: PT017 - the only refusals

    @precondition(lambda self: self._unproved())
    @rule(data=st.data())
    def a_person_looks_and_answers(self, data: st.DataObject) -> None:
        case = data.draw(st.sampled_from(self._unproved()))
        intent = self._open_intent(case)
        assert intent is not None
        happened = any(line.at >= intent.written_at for line in self._lines(case.order_id, intent.act))
        desk.answer(self.agent.app, case, desk.Word.DONE if happened else desk.Word.NOT_DONE)

    @rule(pulled=st.sampled_from([True, False, False, False]))
    def the_kill_switch_is_pulled_or_work_allowed(self, pulled: bool) -> None:
        if pulled:
            desk.stop(self.agent.app, "demo", why="a test")
        else:
            desk.start(self.agent.app, "demo")

    # What the product does

    @precondition(lambda self: self.agent.due())
    @rule(data=st.data(), fate=_FATES, death=_DEATHS)
    def a_pass_is_taken(self, data: st.DataObject, fate: Fate, death: int | None) -> None:
        case = data.draw(st.sampled_from(self.agent.due()))
        self.portal.fates[case.order_id] = fate
        self.agent.passes([case], lines_to_live=death)

    @precondition(lambda self: self.agent.due())
    @rule()
    def a_quiet_round_over_all_that_is_due(self) -> None:
        for case in self.agent.due():
            self.portal.fates.pop(case.order_id, None)
            self.agent.passes([case])

    @precondition(lambda self: len(self.agent.due()) > 1)
    @rule(fates=st.lists(_FATES, min_size=4, max_size=4), death=_DEATHS)
    def lanes_take_passes_at_once(self, fates: list[Fate], death: int | None) -> None:
        chosen = self.agent.due()[:4]
        for case, fate in zip(chosen, fates, strict=False):
            self.portal.fates[case.order_id] = fate
        self.agent.passes(chosen, lines_to_live=death)

    # What must hold after every step

    @invariant()
    def the_promise_holds(self) -> None:
        if not hasattr(self, "agent"):
            return
        self._read_once()
        self.nothing_happens_twice_or_without_an_intent_that_was_let_go()
        self.an_order_has_one_open_intent_at_most()
        self.closed_by_us_is_said_only_of_what_we_have_closed()
        self.the_limits_of_a_day_hold_for_what_really_happened()
        self.what_needs_approval_has_one_of_its_own_for_exactly_its_terms()
        self.a_paid_order_is_closed_only_with_consent()

    def _read_once(self) -> None:
        """Read the whole store once: a question for each case would take most of the time."""

        def read(tx: Connection) -> None:
            self._cases = cases.listing(tx, shop="demo")
            self._made = {case.case_id: intents.of_case(tx, case.case_id) for case in self._cases}
            self._approvals = [dict(row) for row in tx.execute(select(approvals)).mappings()]

        self.agent.app.db.read(read)

    def nothing_happens_twice_or_without_an_intent_that_was_let_go(self) -> None:
        closings = Counter(line.order_id for line in self.portal.ledger if line.kind is ActKind.CLOSE)
        assert all(times == 1 for times in closings.values()), closings
        asked = Counter(line.order_id for line in self.portal.ledger if line.kind is ActKind.SEND_MESSAGE)
        assert all(times <= len(self._cases_of(order_id)) for order_id, times in asked.items()), asked
        for case in self._cases:
            for kind in (ActKind.CLOSE, ActKind.SEND_MESSAGE):
                let_go = [
                    intent for other in self._cases_of(case.order_id) for intent in self._made_for(other)
                    if intent.act is kind and intent.releasing_at is not None
                ]  # fmt: skip
                assert len(self._lines(case.order_id, kind)) <= len(let_go)

    def an_order_has_one_open_intent_at_most(self) -> None:
        open_ones = Counter(
            case.order_id
            for case in self._cases
            for intent in self._made_for(case)
            if intent.state is not IntentState.SETTLED
        )
        assert all(times == 1 for times in open_ones.values()), open_ones

    def closed_by_us_is_said_only_of_what_we_have_closed(self) -> None:
        for case in self._cases:
            if case.outcome is Outcome.CLOSED:
                closing = self.portal.deals[case.order_id].closing
                assert closing is not None
                assert closing.by is ClosedBy.SELLER
                assert any(
                    intent.act is ActKind.CLOSE and intent.result is IntentResult.DONE
                    for intent in self._made_for(case)
                )
            if case.outcome is Outcome.ALREADY_CLOSED:
                assert self.portal.deals[case.order_id].closing is not None

    def the_limits_of_a_day_hold_for_what_really_happened(self) -> None:
        days: dict[date, list[Line]] = {}
        for line in self.portal.ledger:
            if line.kind is ActKind.CLOSE:
                days.setdefault(line.at.astimezone(_ZONE).date(), []).append(line)
        for day, lines in days.items():
            assert len(lines) <= ORDERS_PER_DAY, day
            assert sum(line.amount for line in lines) <= AMOUNT_PER_DAY, day

    def what_needs_approval_has_one_of_its_own_for_exactly_its_terms(self) -> None:
        rows = self._approvals
        used = Counter(row["intent_id"] for row in rows if row["intent_id"] is not None)
        assert all(times == 1 for times in used.values())
        for line in self.portal.ledger:
            if line.kind is ActKind.CLOSE and line.amount > APPROVE_ABOVE:
                assert any(_approves(row, line) for row in rows), line

    def a_paid_order_is_closed_only_with_consent(self) -> None:
        for line in self.portal.ledger:
            deal = self.portal.deals[line.order_id]
            if line.kind is ActKind.CLOSE and deal.paid:
                agreed = {case.consent for case in self._cases_of(line.order_id)}
                was_unpaid = any(
                    intent.terms.get("state") == "unpaid"
                    for case in self._cases_of(line.order_id)
                    for intent in self._made_for(case)
                )
                assert agreed & {Consent.DECLARED, Consent.PROVED} or was_unpaid

    # Reading the store

    def _everything_comes_to_an_end(self) -> None:
        """Whatever happened: once all goes well again, each case ends, or waits for somebody, and says why."""
        desk.start(self.agent.app, "demo")
        self.portal.fates = {}
        for _ in range(12):
            self.agent.later(26)
            for case in self.agent.due():
                self.agent.passes([case])
        for case in self.agent.cases():
            waits = {WaitingFor.HUMAN, WaitingFor.APPROVAL, WaitingFor.CONSENT}
            assert case.state is CaseState.ENDED or case.waiting_for in waits, case
            assert case.why, case
            if case.waiting_for is not WaitingFor.HUMAN:
                assert self._open_intent(case) is None, case
        self.the_promise_holds()

    def _ended(self) -> list[Case]:
        return [case for case in self.agent.cases() if case.state is CaseState.ENDED]

    def _waiting(self, what: WaitingFor) -> list[Case]:
        return [case for case in self.agent.cases() if case.waiting_for is what]

    def _unproved(self) -> list[Case]:
        return [case for case in self._waiting(WaitingFor.HUMAN) if self._open_intent(case) is not None]

    def _open_deals(self) -> list[Deal]:
        return [deal for deal in self.portal.deals.values() if deal.closing is None]

    def _cases_of(self, order_id: OrderId) -> list[Case]:
        return [case for case in self._cases if case.order_id == order_id]

    def _made_for(self, case: Case) -> list[intents.Intent]:
        return self._made[case.case_id]

    def _lines(self, order_id: OrderId, kind: ActKind) -> list[Line]:
        return [line for line in self.portal.ledger if (line.order_id, line.kind) == (order_id, kind)]

    def _intents(self, case: Case) -> list[intents.Intent]:
        return self.agent.app.db.read(lambda tx: intents.of_case(tx, case.case_id))

    def _open_intent(self, case: Case) -> intents.Intent | None:
        return next((each for each in self._intents(case) if each.state is not IntentState.SETTLED), None)


def _approves(row: Mapping[str, object], line: Line) -> bool:
    terms = row["terms"]
    assert isinstance(terms, dict)
    right = terms["order_id"] == line.order_id and terms["amount_fen"] == line.amount
    return right and row["intent_id"] is not None and row["name"] == "boss"


def test_whatever_happens_in_whatever_order_the_promise_holds(examples: int) -> None:
    run_state_machine_as_test(
        LifeCycle,
        settings=settings(
            max_examples=examples, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
