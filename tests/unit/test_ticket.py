"""What one look at a support ticket decides, and what is taken for our reply standing in it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from agent.domain.acts import Act, ActKind, Verdict, Wait
from agent.domain.cases import Case, CaseState, Consent, Role, WaitingFor
from agent.domain.effects import Seen, seen_in_talk
from agent.domain.ids import OrderId
from agent.domain.money import Fen
from agent.domain.orders import Order, OrderState, PayState, Ticket, TicketLine, TicketState
from agent.domain.reasons import Reason
from agent.domain.tickets import SAID, Reply, TicketWishes
from agent.evidence.pack import FileLimits, PackFile
from scenarios.facts import Facts
from scenarios.ticket import ticket

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
WISHES = TicketWishes(remind_after=timedelta(days=3), reminders=2, look_every=timedelta(hours=2))
DAY = timedelta(days=1)
MORE, REMIND_1, REMIND_2 = ((ActKind.REPLY_TICKET, f"ticket_{name}") for name in ("more", "reminder_1", "reminder_2"))


def talk(*lines: str, ago: timedelta = timedelta(0)) -> tuple[TicketLine, ...]:
    """Return a thread whose last line was said so long ago: ``us: …`` or ``platform: …``."""
    said = [line.split(": ", 1) for line in lines]
    return tuple(
        TicketLine(who == "us", text, NOW - ago - timedelta(minutes=len(said) - at - 1))
        for at, (who, text) in enumerate(said)
    )


def one(state: TicketState, *lines: str, ago: timedelta = timedelta(0)) -> Ticket:
    return Ticket("GD1", state, "title", talk=talk(*(lines or ("us: 请协助",)), ago=ago))


CASE = Case(
    "c1", "demo", "p", "seller", Role.SELLER, OrderId("106886380946666222"), Reason.OUT_OF_STOCK, "", Consent.PROVED,
    CaseState.DUE, NOW, NOW,
)  # fmt: skip
ORDER = Order(CASE.order_id, OrderState.PAID, PayState.PAID, Fen(12_300), NOW, frozenset())


def look(found: Ticket, *done: tuple[ActKind, str], wishes: TicketWishes = WISHES, **facts: Any) -> Verdict:
    """Return what one look at our ticket decides, after these acts were done."""
    given: dict[str, Any] = {
        "case": CASE, "order": ORDER, "role": Role.SELLER, "consent": Consent.PROVED, "now": NOW,
        "min_age": timedelta(0), "done": frozenset({(ActKind.FILE_TICKET, "ticket"), *done}), "tickets": wishes,
    } | facts  # fmt: skip
    return ticket(Facts(**given), (found,))


def act(verdict: Verdict) -> Act:
    assert isinstance(verdict, Act), verdict
    assert verdict.kind is ActKind.REPLY_TICKET
    return verdict


def wait(verdict: Verdict) -> Wait:
    assert isinstance(verdict, Wait), verdict
    return verdict


def test_the_first_request_for_more_is_answered_with_the_evidence_and_bound_to_what_was_asked() -> None:
    asked = one(TicketState.MORE_ASKED, "us: 请协助", "platform: 请补充")
    found = act(look(asked))
    assert found.purpose == "ticket_more"
    assert found.fields["evidence_pack"]
    assert (found.fields["ticket"], found.fields["heard"]) == ("GD1", asked.heard)
    assert "123.00" in found.fields["text"]
    assert "请补充" not in found.fields["text"], "nothing of what the platform writes is written back"


def test_a_request_by_the_state_alone_is_answered_once_too() -> None:
    asked = one(TicketState.MORE_ASKED)
    assert act(look(asked)).purpose == "ticket_more"
    assert wait(look(one(TicketState.MORE_ASKED, "us: 请协助", "us: 补充"), MORE)).waiting_for is WaitingFor.PLATFORM


def test_a_second_request_is_a_persons_and_what_a_colleague_has_answered_is_the_platforms() -> None:
    again = one(TicketState.MORE_ASKED, "us: 请协助", "platform: 请补充", "us: 补充", "platform: 还要")
    asked = wait(look(again, MORE))
    assert asked.waiting_for is WaitingFor.HUMAN
    assert "closewright answer c1 reply --text" in asked.why
    answered = one(TicketState.MORE_ASKED, "us: 请协助", "platform: 请补充", "us: 同事已答复")
    assert wait(look(answered)).waiting_for is WaitingFor.PLATFORM


@pytest.mark.parametrize(
    ("state", "word"), [(TicketState.MORE_ASKED, WaitingFor.HUMAN), (TicketState.OPEN, WaitingFor.PLATFORM)]
)
@pytest.mark.parametrize("without", ["act", "talk"])
def test_a_portal_without_replies_or_threads_is_followed_as_before(
    state: TicketState, word: WaitingFor, without: str
) -> None:
    found = one(state, ago=100 * DAY)
    if without == "talk":
        assert wait(look(replace(found, talk=None))).waiting_for is word
    else:
        assert wait(look(found, possible=frozenset(ActKind) - {ActKind.REPLY_TICKET})).waiting_for is word


@pytest.mark.parametrize(
    ("ago", "done", "decided"),
    [
        (timedelta(0), (), "2:00:00"),
        (3 * DAY - timedelta(minutes=5), (), "0:05:00"),
        (3 * DAY, (), "ticket_reminder_1"),
        (3 * DAY, (REMIND_1,), "ticket_reminder_2"),
        (timedelta(hours=1), (REMIND_1,), "2:00:00"),
        (3 * DAY, (REMIND_1, REMIND_2), "human"),
    ],
)
def test_silence_is_counted_from_the_last_word_whoever_said_it(
    ago: timedelta, done: tuple[tuple[ActKind, str], ...], decided: str
) -> None:
    for lines in (("us: 请协助",), ("us: 请协助", "platform: 正在核实")):
        verdict = look(one(TicketState.OPEN, *lines, ago=ago), *done)
        found = verdict.purpose if isinstance(verdict, Act) else str(wait(verdict).after or wait(verdict).waiting_for)
        assert found == decided


def test_reminders_differ_and_may_be_switched_off() -> None:
    silent = one(TicketState.OPEN, ago=4 * DAY)
    first, second = act(look(silent)), act(look(silent, REMIND_1))
    assert first.fields["reference"] != second.fields["reference"]
    off = look(silent, wishes=TicketWishes(remind_after=None))
    assert wait(off).waiting_for is WaitingFor.PLATFORM
    none = look(silent, wishes=TicketWishes(remind_after=3 * DAY, reminders=0))
    assert wait(none).waiting_for is WaitingFor.HUMAN


def test_a_persons_reply_holds_for_the_ticket_as_it_was_and_is_sent_once() -> None:
    asked = one(TicketState.MORE_ASKED, "us: 请协助", "platform: 请补充", "us: 补充", "platform: 还要")
    file = {"name": "a.txt", "sha256": "0" * 64, "ext": "txt"}
    said = Reply("GD1", asked.heard, "您好{0}", (file,), "li")
    told = replace(CASE, facts={SAID: said.as_json()})
    found = act(look(asked, MORE, case=told))
    assert (found.fields["text"], found.fields["files"]) == ("您好{0}", [file])
    assert wait(look(asked, MORE, (ActKind.REPLY_TICKET, found.purpose), case=told)).waiting_for is WaitingFor.HUMAN
    later = one(
        TicketState.MORE_ASKED, *("us: 请协助", "platform: 请补充", "us: 补充", "platform: 还要", "platform: 快")
    )
    assert wait(look(later, MORE, case=told)).waiting_for is WaitingFor.HUMAN
    other = replace(CASE, facts={SAID: replace(said, ticket="GD2").as_json()})
    assert wait(look(asked, MORE, case=other)).waiting_for is WaitingFor.HUMAN
    assert Reply.from_json(said.as_json()) == said
    assert replace(said, files=()).mark != said.mark


def test_a_finished_ticket_of_an_open_order_is_a_persons_whatever_was_said() -> None:
    done = one(TicketState.DONE, "us: 请协助", "platform: 不符合条件")
    told = replace(CASE, facts={SAID: Reply("GD1", done.heard, "您好", (), "li").as_json()})
    assert wait(look(done, case=told)).waiting_for is WaitingFor.HUMAN


# --- What is taken for our reply

ASKED = one(TicketState.MORE_ASKED, "us: 请协助", "platform: 请补充")


@pytest.mark.parametrize(
    ("lines", "seen"),
    [
        ((), Seen.NOTHING),
        (("us: 补充  材料（编号：c1-补充）",), Seen.OURS),
        (("us: 补充（编号：c1-补充）",), Seen.UNSURE),
        (("platform: 补充 材料（编号：c1-补充）",), Seen.NOTHING),
        (("us: 补充 材料（编号：c1-补充）", "platform: 收到"), Seen.OURS),
        (("us: 补充 材料",), Seen.NOTHING),
    ],
)
def test_a_reply_with_a_reference_is_compared_whole(lines: tuple[str, ...], seen: Seen) -> None:
    fields = {
        "text": "补充 材料（编号：c1-补充）",
        "reference": "（编号：c1-补充）",
        "ticket": "GD1",
        "heard": ASKED.heard,
    }
    now = one(TicketState.OPEN, "us: 请协助", "platform: 请补充", *lines)
    now = replace(now, talk=(*(ASKED.talk or ()), *(now.talk or ())[2:]))
    assert seen_in_talk(fields, (now,)) is seen
    assert seen_in_talk(fields, (replace(now, ticket_id="GD2"),)) is Seen.NOTHING


def test_a_persons_words_count_only_after_what_they_answer() -> None:
    fields = {"text": "您好", "ticket": "GD1", "heard": ""}
    before = one(TicketState.OPEN, "us: 您好", "platform: 请补充")
    assert seen_in_talk(fields | {"heard": before.heard}, (before,)) is Seen.NOTHING
    after = one(TicketState.OPEN, "us: 您好", "platform: 请补充", "us: 您好")
    assert seen_in_talk(fields | {"heard": after.heard}, (after,)) is Seen.OURS


# --- What goes along


def test_files_go_along_in_their_order_as_far_as_the_portal_takes_them() -> None:
    files = [PackFile(name, b"x" * size) for name, size in (("a.html", 9), ("b.PNG", 5), ("c.exe", 1), ("d.png", 2))]
    limits = FileLimits(("png", "html"), max_bytes=5, max_files=1)
    assert [one.name for one in limits.first(files)] == ["b.PNG"]
    assert [one.name for one in replace(limits, max_files=None).first(files)] == ["b.PNG", "d.png"]
    assert FileLimits().first(files) == tuple(files)
    assert FileLimits(max_files=0).first(files) == ()
