"""A person's answer to what an ended case is still open for."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from agent.app import App
from agent.desk.endings import must_be_settled, open_intent, settle
from agent.desk.records import fresh, who, with_manifest, write_down
from agent.desk.words import AFTERCARE_ANSWERS, Word
from agent.domain.acts import ActKind, IntentResult
from agent.domain.aftercare import AftercareKind
from agent.domain.cases import Case, CaseState
from agent.domain.reviews import ASKED, SAID, ReviewWord, Said
from agent.engine.act import SECOND_FACTOR, UNPROVED
from agent.errors import StoreError
from agent.store import aftercare, cases, intents
from agent.ticket_reply import text_of


def is_open_for_more(tx: Connection, case_id: str) -> bool:
    """Tell whether a case has ended and is still open for aftercare, or for the result of an act of it."""
    case = fresh(tx, case_id)
    return case.state is CaseState.ENDED and (_own_intent(tx, case) is not None or aftercare.has_open(tx, case_id))


def answer_aftercare(app: App, case_id: str, word: Word, note: str, text: Path | None) -> Case:
    """Take a person's answer to what an ended case is still open for."""
    if word not in AFTERCARE_ANSWERS:
        fitting = ", ".join(f"'{other}'" for other in AFTERCARE_ANSWERS)
        raise StoreError(
            f"case {case_id} has ended and is open for aftercare, which '{word}' does not answer; use {fitting}"
        )
    now = app.clock()
    own = None if text is None else text_of(text)

    def work(tx: Connection) -> Case:
        case = fresh(tx, case_id)
        if word in {Word.SEND, Word.LEAVE}:
            said = _said_of_review(tx, app, case, ReviewWord(word.value), own)
            case = replace(case, facts={**case.facts, SAID: said.as_json()})
            cases.learn(tx, case)
            aftercare.make_due(tx, case_id, now=now)
            body = {"text": word.value, "answer": said.text, "review": said.mark, "note": note}
            return write_down(tx, app, case, kind="looked_after", body=body, now=now)
        if word is Word.GIVE_UP:
            must_be_settled(tx, case)
            why = "given up by the operator"
            aftercare.drop(tx, case_id, f"{why}: {note}" if note else why, now=now)
        else:
            case = _looked_at_again(tx, case, word, note, now)
        return write_down(tx, app, case, kind="looked_after", body={"text": word.value, "note": note}, now=now)

    return with_manifest(app, app.db.write(work))


def _said_of_review(tx: Connection, app: App, case: Case, word: ReviewWord, own: str | None) -> Said:
    """Return a person's word about the review that they were shown, bound to it and to the answer's exact text."""
    open_kinds = {item.kind for item in aftercare.of_case(tx, case.case_id) if item.is_open}
    asked = case.facts.get(ASKED)
    if AftercareKind.REVIEW not in open_kinds or not isinstance(asked, dict):
        raise StoreError(f"case {case.case_id} asks nothing about a review")
    text = (asked["draft"] if own is None else own) if word is ReviewWord.SEND else ""
    if word is ReviewWord.SEND and len(asked["reviews"]) != 1:
        raise StoreError(f"case {case.case_id} has several reviews: answer them on the portal, or say 'leave'")
    most = _longest_answer(app, case)
    if len(text) > most:
        raise StoreError(f"an answer to a review has at most {most} characters, this one has {len(text)}")
    return Said(word, str(asked["mark"]), text, who(app))


def _longest_answer(app: App, case: Case) -> int:
    profile = app.profile(app.settings.shop(case.shop)).profile
    texts = [profile.forms[way.form].fields.get("text") for way in profile.acts.get(ActKind.ANSWER_REVIEW, ())]
    most = [field.max_length for field in texts if field is not None and field.max_length is not None]
    return min(most, default=profile.message_limit)


def _looked_at_again(tx: Connection, case: Case, word: Word, note: str, now: datetime) -> Case:
    if word in {Word.DONE, Word.NOT_DONE}:
        settle(tx, case, IntentResult.DONE if word is Word.DONE else IntentResult.NOT_DONE, note, now)
    known = {key: fact for key, fact in case.facts.items() if key not in {UNPROVED, SECOND_FACTOR}}
    case = replace(case, facts=known)
    cases.learn(tx, case)
    aftercare.make_due(tx, case.case_id, now=now)
    return case


def _own_intent(tx: Connection, case: Case) -> intents.Intent | None:
    intent = open_intent(tx, case)
    return intent if intent is not None and intent.case_id == case.case_id else None
