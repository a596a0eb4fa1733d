"""Working one shard: life after life of the agent, then going on until all is settled or parked, then the judge."""

import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

from .agents import FREE, POLL_S, Agent, Ended, Fated, Household, Pulse
from .doomed import KILL, Moment
from .judge import STILL_MOVING, Findings, Left, changes, judge
from .plan import Life, Shard
from .portal import REQUESTS, SHOP, Portal, cases_taken_in, journal_lines, progress

_PATIENCE_S = 300.0  # an agent whose journal stands still for so long hangs
_IDLE_S = 60.0
_PASSES_IN_A_CROWD = 6
_MOST_ROUNDS = 12
_A_WHILE_S = 700.0  # longer than any wait of the product that nobody's settings shorten
_LOOKED_AT_AGAIN = frozenset({"consent", "return_parcel", "platform", "counterparty", "refund"})
_BUSY, _LOGIN, _USAGE = 3, 4, 2
_CAN_FREEZE = hasattr(signal, "SIGSTOP")


@dataclass(slots=True)
class Numbers:
    """What happened in a shard, as far as it is no finding."""

    orders: int = 0
    orders_met: int = 0  # by at least one fault
    faults: dict[str, int] = field(default_factory=dict)
    kills: dict[str, int] = field(default_factory=dict)  # by boundary
    frozen: int = 0
    kept_away: int = 0  # second agents that left again with exit code 3
    leaked: int = 0
    changes: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    ends: dict[str, str] = field(default_factory=dict)  # by order: where its case stands, and what was really done
    recoveries_s: list[float] = field(default_factory=list)
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Worked:
    """A shard that was worked, judged."""

    shard: Shard
    findings: Findings
    numbers: Numbers


def work_shard(shard: Shard, *, without: Sequence[str] = (), keep: Path | None = None) -> Worked:
    """Work one shard from an empty store to the judge's findings."""
    if keep is not None:
        folder = keep / f"shard-{shard.number}"
        folder.mkdir(parents=True)
        return _Work(shard, folder, without).done()
    # Not below a test's own folder: a browser's socket may have a path of about a hundred characters only.
    with TemporaryDirectory(prefix="chaos-", ignore_cleanup_errors=True) as name:
        return _Work(shard, Path(name), without).done()


class _Work:
    def __init__(self, shard: Shard, folder: Path, without: Sequence[str]) -> None:
        self._shard = shard
        self._folder = folder
        self._portal = Portal(shard, folder)
        self._agents = Household(folder, without=without)
        self._numbers = Numbers(orders=len(shard.wishes))
        self._died: tuple[float, int] | None = None  # when, and how many lines the journal had
        self._received: set[str] = set()
        self._hung: list[str] = []
        self._disturbed: list[str] = []
        self._broken: list[str] = []

    def done(self) -> Worked:
        began = monotonic()
        before = self._portal.orders()
        try:
            for life in self._shard.lives:
                self._live(life)
            self._go_on()
            left = self._left(before)
        finally:
            self._numbers.leaked = self._agents.leaked()
            self._portal.close()
        self._numbers.seconds = monotonic() - began
        return Worked(self._shard, judge(self._shard, left), self._numbers)

    # --- One life

    def _live(self, life: Life) -> None:
        match life.how:
            case "boundary":
                wrong = self._shard.victim if life.at == "wrong.held" else None
                agent = self._start(Fated(kill=Moment(life.at, life.nth, life.delay_ms), wrong=wrong))
                self._attend(agent)
            case "clock":
                agent = self._start(FREE)
                self._attend(agent, clock=life)
            case "frozen":
                agent = self._start(Fated(freeze=Moment(life.at, life.nth))) if _CAN_FREEZE else self._start(FREE)
                self._attend(agent, rival=True)
            case "crowd":
                self._crowd(life)
                return
        self._account(agent, life)

    def _start(self, fated: Fated) -> Agent:
        word = "resume" if cases_taken_in(self._folder) else "run"
        return self._agents.work(word, self._folder / REQUESTS, fated)

    def _attend(self, agent: Agent, *, clock: Life | None = None, rival: bool = False) -> None:
        """Wait until an agent has ended; watch that it moves, kill it when its time has come, bring it a rival."""
        pulse, moving, began = Pulse(_PATIENCE_S), Pulse(_IDLE_S), monotonic()
        at_start = journal_lines(self._folder)
        while not agent.wait(POLL_S):
            lines = journal_lines(self._folder)
            self._note_recovery(lines)
            if clock is not None and clock.at == "work" and lines == at_start:
                began = monotonic()  # its time runs from the first sign of work
            if clock is not None and (monotonic() - began) * 1000 >= clock.delay_ms:
                agent.kill()
            elif rival and agent.frozen:
                self._bring_rival()
                os.kill(agent.process.pid, signal.SIGCONT)
                rival = False
                self._numbers.frozen += 1
            elif not pulse.beats(lines):
                self._hung.append(f"an agent stood still for {_PATIENCE_S:g} s")
                agent.kill()
            elif not moving.beats(progress(self._folder)):
                agent.interrupt()  # so slow a machine that what waits is due again before all of it was looked at
                moving = Pulse(_PATIENCE_S)

    def _bring_rival(self) -> None:
        """Let a second agent come while the first one is frozen: it must leave again, and change nothing."""
        rival = self._agents.work("resume", self._folder / REQUESTS)
        if not rival.wait(_PATIENCE_S):
            rival.kill()
            self._hung.append("a second agent neither worked nor left")
            return
        ended = rival.ended()
        if ended.code == _BUSY:
            self._numbers.kept_away += 1
        else:
            self._disturbed.append(
                f"a second agent ended with {ended.code} while the first was frozen: {ended.err[-300:]}"
            )

    def _crowd(self, life: Life) -> None:
        """Start several agents at once; whoever gets the shop dies after some passes."""
        fated = Fated(kill=Moment("record.after", _PASSES_IN_A_CROWD))
        agents = [self._start(fated) for _ in range(life.nth + 1)]
        for agent in agents:
            self._attend(agent)
        for agent in agents:
            if agent.ended().code == _BUSY:
                self._numbers.kept_away += 1
            else:
                self._account(agent, life)

    def _account(self, agent: Agent, life: Life) -> None:
        ended = agent.ended()
        if not was_killed(ended):
            self._orderly(ended)
            return
        name = life.at if life.how == "boundary" else life.how
        self._numbers.kills[name] = self._numbers.kills.get(name, 0) + 1
        if self._died is None:
            self._died = (monotonic(), journal_lines(self._folder))
        if life.whole:
            self._agents.kill_orphans()

    def _note_recovery(self, lines: int) -> None:
        if self._died is not None and lines > self._died[1]:
            self._numbers.recoveries_s.append(monotonic() - self._died[0])
            self._died = None

    def _orderly(self, ended: Ended) -> None:
        """Do what a person does about how a run has ended."""
        if self._died is not None:  # nothing was left to do
            self._numbers.recoveries_s.append(monotonic() - self._died[0])
            self._died = None
        if ended.code == _LOGIN:
            self._portal.draw_slider()
        elif ended.code == _BUSY:
            self._agents.call("start", "--shop", SHOP)
        elif ended.code == _USAGE or not ended.out.strip():
            self._broken.append(f"a run ended with {ended.code} and said {ended.err[-300:]!r}")

    # --- Going on

    def _go_on(self) -> None:
        """Resume until nothing moves any more, while time passes and people answer; within bounds."""
        stood: dict[str, str] = {}
        for _ in range(_MOST_ROUNDS):
            agent = self._start(FREE)
            self._attend(agent)
            ended = agent.ended()
            self._orderly(ended)
            cases = ended.json["cases"] if ended.out.strip() else []
            stands = {case["case_id"]: _stand(case) for case in cases}
            answered = self._answer_parcels(cases) | self._answer_codes(cases)
            moving = ended.code in {_BUSY, _LOGIN} or STILL_MOVING & set(stands.values()) or "due" in stands.values()
            may_change = stands != stood and _LOOKED_AT_AGAIN & set(stands.values())
            if not (answered or moving or may_change):
                return
            stood = stands
            self._agents.ahead_s += _A_WHILE_S
            self._portal.advance(_A_WHILE_S)

    def _answer_parcels(self, cases: Sequence[dict[str, Any]]) -> bool:
        """Say that returned goods are here, where they are on their way or nobody but us sends them."""
        truth = self._portal.orders()
        answered = False
        for case in cases:
            order_id = case["order_id"]
            if case["waiting_for"] != "return_parcel" or order_id in self._received:
                continue
            if self._shard.role == "purchaser" or truth[order_id]["return_parcel"]:
                self._received.add(order_id)
                ended = self._agents.call("answer", case["case_id"], "received")
                answered = True
                if ended.code != 0:
                    self._broken.append(f"{order_id}: the answer 'received' was not taken: {ended.err[-300:]}")
        return answered

    def _answer_codes(self, cases: Sequence[dict[str, Any]]) -> bool:
        """Enter the codes that the portal wants by SMS, and say so."""
        asked = {order_id for name, _, order_id in self._portal.fired() if name == "sms_code"}
        waiting = [case for case in cases if case["waiting_for"] == "human_check" and case["order_id"] in asked]
        for case in waiting:
            self._portal.enter_code(case["order_id"])
            ended = self._agents.call("answer", case["case_id"], "continue")
            if ended.code != 0:
                self._broken.append(f"{case['order_id']}: the answer 'continue' was not taken: {ended.err[-300:]}")
        return bool(waiting)

    # --- What is left

    def _left(self, before: dict[str, dict[str, Any]]) -> Left:
        listed = self._agents.call("cases", "--json")
        verified = self._agents.call("evidence", "verify")
        if verified.code != 0:
            self._broken.append(f"evidence verify ended with {verified.code}: {(verified.out + verified.err)[-300:]}")
        cases = listed.json["cases"] if listed.out.strip() else []
        ledger, fired = self._portal.ledger(), self._portal.fired()
        asked = {wish.order_id for wish in self._shard.wishes}
        met = [(name, order_id) for name, _, order_id in fired if order_id in asked]
        self._numbers.orders_met = len({order_id for _, order_id in met})
        self._numbers.faults = {name: sum(name == one for one, _ in met) for name in sorted({name for name, _ in met})}
        self._numbers.changes = sum(line["request_id"].startswith("req-") for line in ledger)
        stands = [case["outcome"] or f"waiting:{case['waiting_for']}" for case in cases]
        self._numbers.outcomes = {word: stands.count(word) for word in sorted(set(stands))}
        self._numbers.ends = _ends(cases, ledger)
        return Left(
            before=before,
            after=self._portal.orders(),
            ledger=ledger,
            fired=fired,
            cases=cases,
            received=frozenset(self._received),
            hung=self._hung,
            disturbed=self._disturbed,
            broken=self._broken,
        )


def _stand(case: dict[str, Any]) -> str:
    """Return the one word that says where a case stands."""
    return str(case["outcome"] or case["waiting_for"] or case["state"])


def _ends(cases: Sequence[dict[str, Any]], ledger: Sequence[dict[str, Any]]) -> dict[str, str]:
    stands = {case["order_id"]: _stand(case) for case in cases}
    done: dict[str, list[str]] = {order_id: [] for order_id in stands}
    for change in changes(ledger):
        done.setdefault(change.order_id, []).append(change.act)
    return {order_id: " ".join([stands.get(order_id, "no case"), *acts]) for order_id, acts in done.items()}


def was_killed(ended: Ended) -> bool:
    """Return whether an agent did not end by itself."""
    return ended.code == (-KILL if os.name != "nt" else KILL)
