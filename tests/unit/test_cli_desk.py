"""People answer what a case waits for: only what fits, on the record, and the case goes on."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cli_shop import CliShop, ended, order, release, waiting

from agent.app import App
from agent.cli.tables import here
from agent.domain.acts import IntentResult
from agent.domain.cases import Case, CaseState, Consent, Outcome, Terms, WaitingFor
from agent.domain.money import Fen
from agent.engine.act import SECOND_FACTOR, UNPROVED
from agent.engine.run import CONSENT_FROM_THREAD, PARCEL_WORD
from agent.store import approvals, intents, journal
from agent.store.audit import trail

SAID_AT = "2026-03-02T09:00:00+00:00"
FROM_THREAD = dict.fromkeys((CONSENT_FROM_THREAD, "consented_at"), SAID_AT)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CliShop:
    return CliShop(tmp_path, monkeypatch, capsys)


@pytest.fixture
def app(shop: CliShop) -> Iterator[App]:
    opened = shop.open()
    yield opened
    opened.close()


def is_sound(shop: CliShop, case: Case) -> bool:
    return shop.run("evidence", "verify", case.case_id).code == 0


def test_a_declared_consent_makes_the_case_due_with_new_terms(shop: CliShop, app: App) -> None:
    old = Terms("paid", Fen(1), ("old",))
    case = shop.case(1, **waiting(WaitingFor.CONSENT), terms=old)
    assert shop.run("answer", case.case_id, "consent", "--note", "by phone").code == 0
    after = shop.reread(case)
    assert (after.state, after.waiting_for, after.consent, after.terms) == (
        CaseState.DUE,
        None,
        Consent.DECLARED,
        None,
    )
    entries = app.db.read(lambda tx: journal.entries(tx, case.case_id))
    [answered] = [entry for entry in entries if entry.kind == "answered"]
    assert (answered.body["text"], answered.body["note"]) == ("consent", "by phone")
    assert answered.body["actor"] == app.actor
    assert [trace.what for trace in app.db.read(trail)] == ["answered"]
    assert is_sound(shop, case)


def test_a_file_proves_consent(shop: CliShop) -> None:
    case = shop.case(1, **waiting(WaitingFor.CONSENT))
    proof = shop.write("chat.txt", "同意")
    assert shop.run("answer", case.case_id, "consent", "--file", "chat.txt").code == 0
    after = shop.reread(case)
    assert after.consent is Consent.PROVED
    assert after.facts["consent_file"] == str(proof.resolve())
    assert "yes · the file chat.txt · 20" in " ".join(shop.run("show", case.case_id).out.split())


@pytest.mark.parametrize(
    ("word", "facts", "shown"),
    [
        (Consent.DECLARED, {}, "yes · an operator's word"),
        (Consent.DENIED, {}, "no · an operator's word"),
        (Consent.PROVED, FROM_THREAD, f"yes · the other side's own message · {here(SAID_AT)}"),
        (Consent.PROVED, FROM_THREAD | {"consented_at": None, "consent_file": "/a/new.png"}, "yes · the file new.png"),
        (Consent.NONE, {}, None),
    ],
)
def test_a_case_shows_whose_word_there_is(
    shop: CliShop, word: Consent, facts: dict[str, Any], shown: str | None
) -> None:
    case = shop.case(1, **waiting(WaitingFor.HUMAN), consent=word, facts=facts)
    said = " ".join(shop.run("show", case.case_id).out.split())
    assert (f"Consent {shown} Path" in said) if shown else ("Consent" not in said)


@pytest.mark.parametrize(("name", "text"), [("empty.txt", ""), ("tool.exe", "x"), ("absent.png", None)])
def test_a_file_that_proves_nothing_is_refused(shop: CliShop, name: str, text: str | None) -> None:
    case = shop.case(1, **waiting(WaitingFor.CONSENT))
    if text is not None:
        shop.write(name, text)
    said = shop.run("answer", case.case_id, "consent", "--file", name)
    assert said.code == 2
    assert name in said.err
    assert shop.reread(case) == case


def test_a_shop_that_wants_proof_takes_no_bare_word(shop: CliShop, monkeypatch: pytest.MonkeyPatch) -> None:
    case = shop.case(1, **waiting(WaitingFor.CONSENT))
    monkeypatch.setenv("CLOSEWRIGHT_SHOPS__DEMO__CONSENT", "proof")
    said = shop.run("answer", case.case_id, "consent")
    assert said.code == 2
    assert "--file" in said.err


def test_a_refusal_denies_consent(shop: CliShop) -> None:
    case = shop.case(1, **waiting(WaitingFor.HUMAN))
    assert shop.run("answer", case.case_id, "refuse").code == 0
    after = shop.reread(case)
    assert (after.state, after.consent) == (CaseState.DUE, Consent.DENIED)


def test_a_parcel_that_came_is_remembered(shop: CliShop) -> None:
    case = shop.case(1, **waiting(WaitingFor.RETURN_PARCEL))
    assert shop.run("answer", order(1), "received").code == 0
    after = shop.reread(case)
    assert (after.state, after.facts[PARCEL_WORD]) == (CaseState.DUE, True)


@pytest.mark.parametrize(("word", "result"), [("done", IntentResult.DONE), ("not-done", IntentResult.NOT_DONE)])
def test_a_person_settles_what_could_not_be_proved(shop: CliShop, app: App, word: str, result: IntentResult) -> None:
    case = shop.case(1, **waiting(WaitingFor.HUMAN), facts={UNPROVED: {"intent": "i", "answer": "unknown"}, "kept": 1})
    intent_id = release(app, case)
    assert shop.run("answer", case.case_id, word).code == 0
    after = shop.reread(case)
    assert (after.state, after.facts) == (CaseState.DUE, {"kept": 1})
    intent = app.db.read(lambda tx: intents.get(tx, intent_id))
    assert intent is not None
    assert intent.result is result
    assert is_sound(shop, case)


@pytest.mark.parametrize(
    ("waits", "word"),
    [
        (WaitingFor.CONSENT, "received"),
        (WaitingFor.RETURN_PARCEL, "consent"),
        (WaitingFor.REFUND, "done"),
        (WaitingFor.HUMAN, "done"),  # nothing of it is open
        (WaitingFor.CONSENT, "whatever"),
    ],
)
def test_an_answer_that_fits_nothing_changes_nothing(shop: CliShop, waits: WaitingFor, word: str) -> None:
    case = shop.case(1, **waiting(waits))
    said = shop.run("answer", case.case_id, word)
    assert (said.code, said.out) == (2, "")
    assert word in said.err or case.case_id in said.err
    assert shop.reread(case) == case


@pytest.mark.parametrize("changes", [{}, ended(Outcome.CLOSED)], ids=["due", "ended"])
def test_a_case_that_does_not_wait_takes_no_answer(shop: CliShop, changes: dict[str, Any]) -> None:
    case = shop.case(1, **changes)
    assert shop.run("answer", case.case_id, "continue").code == 2
    assert shop.reread(case) == case


def test_continue_makes_a_case_due_now(shop: CliShop, app: App) -> None:
    case = shop.case(1, **waiting(WaitingFor.REFUND), attempts=3)
    assert shop.run("answer", case.case_id, "continue").code == 0
    after = shop.reread(case)
    assert (after.state, after.attempts) == (CaseState.DUE, 0)
    assert after.due_at is not None
    assert after.due_at <= app.clock()


def test_continue_after_a_code_was_entered_lets_the_button_be_pressed_again(shop: CliShop) -> None:
    facts = {SECOND_FACTOR: "close", "listed_state": "unpaid"}
    case = shop.case(1, **waiting(WaitingFor.HUMAN_CHECK), facts=facts)
    assert shop.run("answer", case.case_id, "continue").code == 0
    assert shop.reread(case).facts == {"listed_state": "unpaid"}


@pytest.mark.parametrize("args", [("answer", "give-up"), ("cancel",)])
def test_an_operator_can_end_a_case_and_open_it_again(shop: CliShop, args: tuple[str, ...]) -> None:
    case = shop.case(1, **waiting(WaitingFor.HUMAN))
    command, *word = args
    assert shop.run(command, case.case_id, *word, "--note", "by hand").code == 0
    after = shop.reread(case)
    assert (after.state, after.outcome, after.by) == (CaseState.ENDED, Outcome.HANDED_OVER, "operator")
    assert "by hand" in after.why
    assert is_sound(shop, case)
    assert shop.run(command, case.case_id, *word).code == 2
    assert shop.run("reopen", case.case_id).code == 0
    assert shop.reread(case).state is CaseState.DUE
    assert is_sound(shop, case)


@pytest.mark.parametrize("args", [("answer", "give-up"), ("cancel",)])
def test_a_case_is_not_ended_while_an_act_of_it_is_open(shop: CliShop, app: App, args: tuple[str, ...]) -> None:
    case = shop.case(1, **waiting(WaitingFor.HUMAN))
    release(app, case)
    command, *word = args
    said = shop.run(command, case.case_id, *word)
    assert said.code == 2
    assert "not settled" in said.err
    assert shop.reread(case) == case


def test_an_answer_waits_for_a_live_run_to_end(shop: CliShop, app: App) -> None:
    """A pass that is under way would write its case over the answer."""
    case = shop.case(1, **waiting(WaitingFor.RETURN_PARCEL))
    with app.hold("demo"):
        assert shop.run("answer", case.case_id, "received").code == 3
    assert shop.reread(case) == case


# --- Approvals


def asked(shop: CliShop, app: App) -> Case:
    """Make a case that asks for approval."""
    case = shop.case(1, **waiting(WaitingFor.APPROVAL))
    now = app.clock()

    def work(tx: Any) -> None:
        approvals.request(
            tx,
            case_id=case.case_id,
            terms={"amount_fen": 12_350},
            terms_hash="h",
            asked_by=app.actor["os_user"],
            now=now,
            expires_at=now + timedelta(hours=1),
        )

    app.db.write(work)
    return case


def test_a_second_person_approves_and_the_case_is_due(shop: CliShop, app: App) -> None:
    case = asked(shop, app)
    said = shop.run("approve", case.case_id, "--as", "manager")
    assert said.code == 0
    assert "manager" in said.out
    assert shop.reread(case).state is CaseState.DUE
    approval = app.db.read(lambda tx: approvals.usable(tx, case.case_id, "h", app.clock()))
    assert approval is not None
    assert (approval.name, approval.actor) == ("manager", app.actor)
    assert is_sound(shop, case)


def test_who_has_asked_cannot_approve(shop: CliShop, app: App) -> None:
    case = asked(shop, app)
    said = shop.run("approve", case.case_id, "--as", app.actor["os_user"].upper())
    assert said.code == 2
    assert shop.reread(case).waiting_for is WaitingFor.APPROVAL


def test_a_rejection_ends_the_case(shop: CliShop, app: App) -> None:
    case = asked(shop, app)
    assert shop.run("reject", case.case_id, "--as", "manager").code == 0
    after = shop.reread(case)
    assert (after.state, after.outcome, after.by) == (CaseState.ENDED, Outcome.REJECTED, "approver")
    assert "manager" in after.why
    assert is_sound(shop, case)


@pytest.mark.parametrize("command", ["approve", "reject"])
def test_where_nothing_is_asked_nothing_is_decided(shop: CliShop, command: str) -> None:
    case = shop.case(1, **waiting(WaitingFor.CONSENT))
    assert shop.run(command, case.case_id, "--as", "manager").code == 2
    assert shop.reread(case) == case


# --- The kill switch


def test_a_stop_is_lifted_where_it_was_set(shop: CliShop) -> None:
    assert shop.run("stop", "--shop", "demo", "--why", "one").code == 0
    assert shop.run("stop", "--why", "all").code == 0
    said = shop.run("start")
    assert "lifted 1 stops" in said.out
    assert "demo" in said.err
    assert "lifted 1 stops" in shop.run("start", "--shop", "demo").out
    assert shop.run("cases").err == ""
