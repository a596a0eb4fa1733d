"""What a person at a terminal can do while work goes on: interrupt it, and hold back a request."""

import asyncio
import os
import signal
import threading
from pathlib import Path
from typing import Any

import pytest
from cli_shop import CliShop

from agent.browser.gate import HeldRequest, Mutating, SeenRequest
from agent.cli.interrupts import Interrupts
from agent.cli.options import Language
from agent.cli.screen import Screen
from agent.cli.supervising import supervisor
from agent.cli.words import SAID, Voice
from agent.domain.acts import Act, ActKind
from agent.domain.cases import WaitingFor
from agent.evidence.todo import HINTS, todo

ON_POSIX = pytest.mark.skipif(os.name != "posix", reason="a process cannot send itself Ctrl-C on Windows")


class Stoppable:
    """What Interrupts needs of a batch: something that stops at the end of its pass."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()

    def interrupt(self) -> None:
        """Be told to stop."""
        self.asked.set()


def interrupted() -> None:
    os.kill(os.getpid(), signal.SIGINT)


@ON_POSIX
def test_the_first_interruption_is_gentle_and_handlers_are_put_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    told: list[str] = []
    with Interrupts(lambda: told.append("told")) as interrupts:

        async def work() -> str:
            batch: Any = Stoppable()
            with interrupts.watching():
                interrupts.attach(batch)
                interrupted()
                await batch.asked.wait()
            return "ended by itself"

        assert asyncio.run(work()) == "ended by itself"
    assert (told, interrupts.count) == (["told"], 1)
    assert signal.getsignal(signal.SIGINT) is before


@ON_POSIX
def test_the_second_interruption_abandons_the_work() -> None:
    with Interrupts(lambda: None) as interrupts:

        async def work() -> None:
            batch: Any = Stoppable()
            with interrupts.watching():
                interrupts.attach(batch)
                interrupted()
                await batch.asked.wait()
                interrupted()
                await asyncio.Event().wait()

        with pytest.raises(asyncio.CancelledError):
            asyncio.run(work())


@ON_POSIX
def test_before_there_is_a_batch_one_interruption_is_enough() -> None:
    with Interrupts(lambda: None) as interrupts:

        async def work() -> None:
            with interrupts.watching():
                interrupted()
                await asyncio.Event().wait()

        with pytest.raises(asyncio.CancelledError):
            asyncio.run(work())


def test_work_in_another_thread_leaves_the_handlers_alone() -> None:
    before = signal.getsignal(signal.SIGINT)
    seen: list[Any] = []

    def work() -> None:
        with Interrupts(lambda: None):
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]


@pytest.mark.parametrize(
    ("typed", "let_out"), [("{id}", True), (" {id} ", True), ("yes", False), ("{tail}", False), ("", False)]
)
def test_only_the_whole_order_id_lets_a_held_request_out(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    typed: str,
    let_out: bool,
) -> None:
    case = CliShop(tmp_path, monkeypatch, capsys).case(1)
    line = typed.format(id=case.order_id, tail=case.order_id[-6:])
    monkeypatch.setattr("builtins.input", lambda: line)
    held = HeldRequest(
        SeenRequest("POST", "https://shop.example/close", {}, b"x", "xhr", navigation=False),
        Mutating("close", {"order_id": case.order_id}),
    )
    supervise = supervisor(Screen(Voice(Language.EN)))
    assert asyncio.run(supervise(case, Act(ActKind.CLOSE, "close", "because"), held)) is let_out  # type: ignore[arg-type]
    shown = capsys.readouterr().err
    assert case.order_id in shown
    assert "https://shop.example/close" in shown


def test_nobody_at_the_terminal_lets_nothing_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    case = CliShop(tmp_path, monkeypatch, capsys).case(1)

    def nobody() -> str:
        raise EOFError

    monkeypatch.setattr("builtins.input", nobody)
    held = HeldRequest(
        SeenRequest("POST", "https://shop.example/close", {}, b"x", "xhr", navigation=False), Mutating("close", {})
    )
    supervise = supervisor(Screen(Voice(Language.EN)))
    assert asyncio.run(supervise(case, Act(ActKind.CLOSE, "close", "because"), held)) is False  # type: ignore[arg-type]


def test_everything_is_said_in_both_languages_with_the_same_facts() -> None:
    """A sentence that forgets a fact in one language would say less to half of the operators."""
    for key, phrase in SAID.items():
        named = [{part.split("!")[0] for part in _fields(text)} for text in (phrase.zh, phrase.en)]
        assert named[0] == named[1], key


def _fields(text: str) -> list[str]:
    return [part.partition("}")[0] for part in text.split("{")[1:]]


def test_hints_name_what_a_case_can_wait_for() -> None:
    assert set(HINTS) <= set(WaitingFor)


def test_a_question_of_its_own_is_answered_first_and_the_usual_answers_still_fit() -> None:
    asked = todo("human", case_id="c1", shop="demo", answers=["dispute"])
    assert asked is not None
    assert asked.command.split(" · ")[:2] == ["closewright answer c1 dispute", "closewright answer c1 continue"]
