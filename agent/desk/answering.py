"""A person's answer to what a case waits for."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from agent.app import App
from agent.desk.aftercare import answer_aftercare, is_open_for_more
from agent.desk.endings import given_up, must_be_open, settle
from agent.desk.given import check_given, check_parcel, proof_file
from agent.desk.pictures import kept_picture, picture_in
from agent.desk.records import fresh, with_manifest, write_down
from agent.desk.words import ANSWERS, Word
from agent.domain.acts import IntentResult
from agent.domain.cases import Case, CaseState, CloseRequest, Consent
from agent.domain.returns import DISPUTE_WORD, PICTURES, REFUSAL, SENT_BACK, SentBack
from agent.domain.tickets import SAID as TICKET_SAID
from agent.engine.act import SECOND_FACTOR, UNPROVED
from agent.engine.run import PARCEL_WORD
from agent.errors import ConfigError, StoreError
from agent.store import admission
from agent.ticket_reply import reply_of


def answer(
    app: App,
    case: Case,
    word: Word,
    *,
    note: str = "",
    files: Sequence[Path] = (),
    text: Path | None = None,
    parcel: SentBack | None = None,
) -> Case:
    """Take a person's answer to what a case waits for, and return the case, due now or ended.

    Raises:
        StoreError: the case does not wait for this answer.
        ConfigError: the file cannot be a proof, the portal takes none such, or this answer takes none.
        ShopBusy: a live run holds the shop; it might write over the answer.
    """
    check_given(word, files, text)
    check_parcel(case, word, parcel)
    picture = picture_in(app, case, files[0]) if word is Word.PICTURE else None
    with app.hold(case.shop):
        if app.db.read(lambda tx: is_open_for_more(tx, case.case_id)):
            return answer_aftercare(app, case.case_id, word, note, text)
        case = _must_wait(app, case.case_id, word)
        if word in {Word.CONSENT, Word.REFUSE}:
            _admit_word(app, case, word, note, files[0] if files else None)
        said = reply_of(app, case, text, files) if word is Word.REPLY and text is not None else None
        now = app.clock()

        def work(tx: Connection) -> Case:
            answered = _answered(tx, fresh(tx, case.case_id), word, note, now)
            body: dict[str, Any] = {"text": word.value, "note": note}
            if said is not None:
                answered = replace(answered, facts={**answered.facts, TICKET_SAID: said.as_json()})
                body |= {"answer": said.text, "files": list(said.files), "ticket": said.ticket, "heard": said.heard}
            if picture is not None:
                kept = kept_picture(tx, app, answered, picture)
                answered = replace(answered, facts={**answered.facts, PICTURES: kept})
                body["picture"] = kept[-1]["sha256"]
            if parcel is not None:
                answered = replace(answered, facts={**answered.facts, SENT_BACK: parcel.as_json()})
                body["parcel"] = parcel.words
            return write_down(tx, app, answered, kind="answered", body=body, now=now)

        return with_manifest(app, app.db.write(work))


def _must_wait(app: App, case_id: str, word: Word) -> Case:
    case = must_be_open(app.db.read(lambda tx: fresh(tx, case_id)))
    if word is Word.GIVE_UP:
        return case
    if case.state is not CaseState.WAITING or case.waiting_for is None:
        raise StoreError(f"case {case_id} waits for nothing: it is due, and 'closewright resume' takes it up")
    if case.waiting_for not in ANSWERS[word]:
        fitting = ", ".join(f"'{other}'" for other in Word if case.waiting_for in ANSWERS[other])
        raise StoreError(f"case {case_id} waits for {case.waiting_for}, which '{word}' does not answer; use {fitting}")
    return case


def _admit_word(app: App, case: Case, word: Word, note: str, file: Path | None) -> None:
    """Attach the word to the case as a further request, which is how consent reaches a case, with its record."""
    shop = app.settings.shop(case.shop)
    proof = None if file is None else proof_file(file)
    if word is Word.CONSENT and proof is None and shop.consent == "proof":
        raise ConfigError([f"shop {case.shop} wants proof of consent: give --file with a picture or chat export"])
    consent = Consent.DENIED if word is Word.REFUSE else Consent.PROVED if proof else Consent.DECLARED
    request = CloseRequest(
        order_id=case.order_id,
        reason=case.reason,
        consent=consent,
        consent_file=proof,
        note=note,
        source={"command": "answer"},
    )
    now = app.clock()
    app.db.write(
        lambda tx: admission.admit(
            tx,
            [request],
            shop=case.shop,
            portal=case.portal,
            account=case.account,
            role=case.role,
            now=now,
            actor=app.actor,
        )
    )


def _answered(tx: Connection, case: Case, word: Word, note: str, now: datetime) -> Case:
    """Return the case as the word leaves it."""
    due = replace(case, state=CaseState.DUE, waiting_for=None, due_at=now, attempts=0, why=f"answered: {word}")
    match word:
        case Word.CONSENT:
            return replace(due, terms=None)  # agreed to as the order is now: the next fresh read binds it
        case Word.REFUSE:
            return due
        case Word.REPLY:
            return due
        case Word.CONTINUE:
            return replace(due, facts={key: fact for key, fact in case.facts.items() if key != SECOND_FACTOR})
        case Word.SENT | Word.PICTURE | Word.RECEIVED | Word.DISPUTE:
            return replace(due, facts={**case.facts, **_learnt(case, word)})
        case Word.DONE | Word.NOT_DONE:
            settle(tx, case, IntentResult.DONE if word is Word.DONE else IntentResult.NOT_DONE, note, now)
            return replace(due, facts={key: fact for key, fact in case.facts.items() if key != UNPROVED})
        case Word.GIVE_UP:
            return given_up(tx, case, "given up by the operator", note)
        case Word.SEND | Word.LEAVE:
            raise AssertionError(f"no open case waits for '{word}'")


def _learnt(case: Case, word: Word) -> dict[str, Any]:
    """Return what a case knows by the word alone."""
    if word is Word.RECEIVED:
        return {PARCEL_WORD: True}
    if word is not Word.DISPUTE:
        return {}  # what came with the word is kept beside it
    if REFUSAL not in case.facts:
        raise StoreError(f"case {case.case_id} has no refused refund that could be taken to the platform")
    return {DISPUTE_WORD: case.facts[REFUSAL]}
