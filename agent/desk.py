"""What people answer: consent, approval, a word about a parcel or an act, and the kill switch."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from agent.app import App
from agent.domain.acts import ActKind, IntentResult, IntentState
from agent.domain.aftercare import AftercareKind
from agent.domain.cases import Case, CaseState, CloseRequest, Consent, Outcome, Role, WaitingFor
from agent.domain.ids import OrderId, parse_order_id
from agent.domain.returns import DISPUTE_WORD, MOST_PICTURES, PICTURE_SUFFIXES, PICTURES, REFUSAL, SENT_BACK, SentBack
from agent.domain.reviews import ASKED, SAID, ReviewWord, Said
from agent.domain.tickets import SAID as TICKET_SAID
from agent.engine.act import SECOND_FACTOR, UNPROVED
from agent.engine.attaching import limits_of, most_pictures
from agent.engine.files import case_manifest, header
from agent.engine.run import PARCEL_WORD
from agent.errors import ConfigError, StoreError
from agent.evidence import manifest
from agent.evidence.manifest import EVIDENCE
from agent.evidence.pack import FileLimits
from agent.evidence.words import visible
from agent.request_file import PROOF_BYTES, PROOF_SUFFIXES
from agent.store import admission, aftercare, approvals, breakers, cases, intents, journal, limits, stops
from agent.store.audit import audit
from agent.ticket_reply import reply_of, text_of


class Word(StrEnum):
    """What a person can answer a case that waits."""

    CONSENT = "consent"  # the counterparty agrees: a file shows it, or the operator says so
    REFUSE = "refuse"  # the counterparty does not agree
    RECEIVED = "received"  # the returned goods are here
    PICTURE = "picture"  # for the refund application: a file that shows what the portal wants shown
    DISPUTE = "dispute"  # as purchaser: take the supplier's refusal to the platform
    SENT = "sent"  # as purchaser: the goods are on their way back, with this carrier and number
    DONE = "done"  # the act whose effect could not be proved has happened
    NOT_DONE = "not-done"  # it has not
    CONTINUE = "continue"  # look again now
    SEND = "send"  # the answer to the review may be sent
    LEAVE = "leave"  # the review stays without an answer of ours
    REPLY = "reply"  # this is what the platform is told in our ticket
    GIVE_UP = "give-up"  # end the case: people go on without us


# What a case must wait for so that a word answers it; CONTINUE and GIVE_UP fit every open case.
ANSWERS: dict[Word, frozenset[WaitingFor]] = {
    Word.CONSENT: frozenset({WaitingFor.CONSENT, WaitingFor.HUMAN}),
    Word.REFUSE: frozenset({WaitingFor.CONSENT, WaitingFor.HUMAN}),
    Word.RECEIVED: frozenset({WaitingFor.RETURN_PARCEL}),
    Word.PICTURE: frozenset({WaitingFor.HUMAN, WaitingFor.RETURN_PARCEL, WaitingFor.CONSENT}),
    Word.DISPUTE: frozenset({WaitingFor.HUMAN}),
    Word.SENT: frozenset({WaitingFor.RETURN_PARCEL, WaitingFor.HUMAN}),
    Word.DONE: frozenset({WaitingFor.HUMAN, WaitingFor.SETTLE}),
    Word.NOT_DONE: frozenset({WaitingFor.HUMAN, WaitingFor.SETTLE}),
    Word.SEND: frozenset(),
    Word.LEAVE: frozenset(),
    Word.REPLY: frozenset({WaitingFor.HUMAN}),
    Word.CONTINUE: frozenset(WaitingFor),
    Word.GIVE_UP: frozenset(WaitingFor),
}


# What answers a case that has ended and is still open for aftercare.
AFTERCARE_ANSWERS = (Word.DONE, Word.NOT_DONE, Word.CONTINUE, Word.SEND, Word.LEAVE, Word.GIVE_UP)


_CARRIER = re.compile(r"\S(?:.{0,38}\S)?")
_TRACKING = re.compile(r"[0-9A-Za-z-]{4,40}")


@dataclass(frozen=True, slots=True)
class Started:
    """What a start has lifted."""

    stops: int
    breakers: int


def find_case(app: App, word: str) -> Case:
    """Return the case that a case id or an order id names; of an order, its newest case.

    Raises:
        StoreError: there is none, or the order has cases in several shops.
    """
    found = app.db.read(lambda tx: cases.get(tx, word))
    if found is not None:
        return found
    newest = {case.case_id: case for case in _newest_of_order(app, word)}
    if not newest:
        raise StoreError(f"there is no case {word!r}: 'closewright cases' lists them")
    if len(newest) > 1:
        named = ", ".join(f"{case.case_id} ({case.shop})" for case in newest.values())
        raise StoreError(f"order {word} has cases in several shops: name one of {named}")
    return next(iter(newest.values()))


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
    _check_given(word, files, text)
    _check_parcel(case, word, parcel)
    picture = _picture(app, case, files[0]) if word is Word.PICTURE else None
    with app.hold(case.shop):
        if app.db.read(lambda tx: _is_open_for_more(tx, case.case_id)):
            return _answer_aftercare(app, case.case_id, word, note, text)
        case = _must_wait(app, case.case_id, word)
        if word in {Word.CONSENT, Word.REFUSE}:
            _admit_word(app, case, word, note, files[0] if files else None)
        said = reply_of(app, case, text, files) if word is Word.REPLY and text is not None else None
        now = app.clock()

        def work(tx: Connection) -> Case:
            answered = _answered(tx, _fresh(tx, case.case_id), word, note, now)
            body: dict[str, Any] = {"text": word.value, "note": note}
            if said is not None:
                answered = replace(answered, facts={**answered.facts, TICKET_SAID: said.as_json()})
                body |= {"answer": said.text, "files": list(said.files), "ticket": said.ticket, "heard": said.heard}
            if picture is not None:
                kept = _kept_picture(tx, app, answered, picture)
                answered = replace(answered, facts={**answered.facts, PICTURES: kept})
                body["picture"] = kept[-1]["sha256"]
            if parcel is not None:
                answered = replace(answered, facts={**answered.facts, SENT_BACK: parcel.as_json()})
                body["parcel"] = parcel.words
            return _write(tx, app, answered, kind="answered", body=body, now=now)

        return _with_manifest(app, app.db.write(work))


def _check_given(word: Word, files: Sequence[Path], text: Path | None) -> None:
    faults = []
    if files and word not in {Word.CONSENT, Word.PICTURE, Word.REPLY}:
        takers = f"'{Word.CONSENT}', '{Word.PICTURE}' and '{Word.REPLY}'"
        faults.append(f"--file: only the answers {takers} take a file, not '{word}'")
    if len(files) > 1 and word is not Word.REPLY:
        faults.append(f"--file: the answer '{word}' takes one file")
    if not files and word is Word.PICTURE:
        faults.append(f"--file: the answer '{Word.PICTURE}' needs one, with the picture")
    if text is not None and word not in {Word.SEND, Word.REPLY}:
        faults.append(f"--text: only the answers '{Word.SEND}' and '{Word.REPLY}' take a text, not '{word}'")
    if text is None and word is Word.REPLY:
        faults.append(f"--text: the answer '{Word.REPLY}' needs a file with what is to be said")
    if faults:
        raise ConfigError(faults)


def cancel(app: App, case: Case, *, note: str = "") -> Case:
    """End an open case because the operator no longer wants it.

    Raises:
        StoreError: it has ended, or an act of it is not settled.
        ShopBusy: a live run holds the shop.
    """
    with app.hold(case.shop):
        now = app.clock()

        def work(tx: Connection) -> Case:
            ended = _given_up(tx, _must_be_open(_fresh(tx, case.case_id)), f"cancelled by {_who(app)}", note)
            return _write(tx, app, ended, kind="cancelled", body={"by": _who(app), "note": note}, now=now)

        return _with_manifest(app, app.db.write(work))


def reopen(app: App, case: Case) -> Case:
    """Make an ended case due again.

    Raises:
        StoreError: it has not ended, or its order has another open case.
    """
    now = app.clock()

    def work(tx: Connection) -> Case:
        return _write(tx, app, cases.reopen(tx, case.case_id, now), kind="reopened", body={"by": _who(app)}, now=now)

    return _with_manifest(app, app.db.write(work))


def approve(app: App, case: Case, *, name: str) -> Case:
    """Say yes, as ``name``, to the exact terms that a case asks for; it is due now.

    Raises:
        StoreError: nothing is asked, the question has expired, or ``name`` has asked for the case.
    """
    now = app.clock()

    def work(tx: Connection) -> Case:
        decided = approvals.approve(tx, case.case_id, name=name, actor=app.actor, now=now)
        return _decided(tx, app, decided, "approved", now)

    return _with_manifest(app, app.db.write(work))


def reject(app: App, case: Case, *, name: str) -> Case:
    """Say no, as ``name``: the case ends as rejected.

    Raises:
        StoreError: nothing is asked, or the question has expired.
        ShopBusy: a live run holds the shop.
    """
    with app.hold(case.shop):
        now = app.clock()

        def work(tx: Connection) -> Case:
            _must_be_settled(tx, _fresh(tx, case.case_id))
            decided = approvals.reject(tx, case.case_id, name=name, actor=app.actor, now=now)
            ended = _ended(_fresh(tx, case.case_id), Outcome.REJECTED, f"not approved by {name}", by="approver")
            cases.save(tx, ended)
            return _decided(tx, app, decided, "rejected", now)

        return _with_manifest(app, app.db.write(work))


def stop(app: App, shop: str | None, *, why: str) -> None:
    """Stop one shop, or all: from now on no request leaves.

    Raises:
        ConfigError: there is no such shop, or no reason is given.
    """
    _must_know(app, shop)
    if not why.strip():
        raise ConfigError(["--why: say why, for those who find it stopped"])
    now = app.clock()
    app.db.write(lambda tx: stops.stop(tx, shop=shop, why=why, actor=app.actor, now=now))


def start(app: App, shop: str | None) -> Started:
    """Lift the stops of one shop, or the general ones, and close the breakers that opened.

    Raises:
        ConfigError: there is no such shop.
    """
    _must_know(app, shop)
    now = app.clock()

    def work(tx: Connection) -> Started:
        return Started(stops.start(tx, shop=shop, actor=app.actor, now=now), breakers.reset(tx, shop))

    return app.db.write(work)


def proof_file(path: Path) -> str:
    """Return the absolute path of a file that is to prove consent.

    Raises:
        ConfigError: it is not there, empty, too large, or of a kind that proves nothing.
    """
    try:
        found = path.resolve(strict=True)
        size = found.stat().st_size if found.is_file() else 0
    except OSError as fault:
        raise ConfigError(
            [f"{path}: cannot be read ({fault.strerror}): name the file that shows the consent"]
        ) from None
    if found.suffix.lower().removeprefix(".") not in PROOF_SUFFIXES:
        raise ConfigError([f"{path}: is of a kind that proves nothing: use one of {', '.join(PROOF_SUFFIXES)}"])
    if not 0 < size <= PROOF_BYTES:
        raise ConfigError([f"{path}: has {size:,} bytes: a proof has 1 to {PROOF_BYTES:,}"])
    return str(found)


# --- Answers


def _must_wait(app: App, case_id: str, word: Word) -> Case:
    case = _must_be_open(app.db.read(lambda tx: _fresh(tx, case_id)))
    if word is Word.GIVE_UP:
        return case
    if case.state is not CaseState.WAITING or case.waiting_for is None:
        raise StoreError(f"case {case_id} waits for nothing: it is due, and 'closewright resume' takes it up")
    if case.waiting_for not in ANSWERS[word]:
        fitting = ", ".join(f"'{other}'" for other in Word if case.waiting_for in ANSWERS[other])
        raise StoreError(f"case {case_id} waits for {case.waiting_for}, which '{word}' does not answer; use {fitting}")
    return case


def _is_open_for_more(tx: Connection, case_id: str) -> bool:
    """Tell whether a case has ended and is still open for aftercare, or for the result of an act of it."""
    case = _fresh(tx, case_id)
    return case.state is CaseState.ENDED and (_own_intent(tx, case) is not None or aftercare.has_open(tx, case_id))


def _answer_aftercare(app: App, case_id: str, word: Word, note: str, text: Path | None) -> Case:
    """Take a person's answer to what an ended case is still open for."""
    if word not in AFTERCARE_ANSWERS:
        fitting = ", ".join(f"'{other}'" for other in AFTERCARE_ANSWERS)
        raise StoreError(
            f"case {case_id} has ended and is open for aftercare, which '{word}' does not answer; use {fitting}"
        )
    now = app.clock()
    own = None if text is None else text_of(text)

    def work(tx: Connection) -> Case:
        case = _fresh(tx, case_id)
        if word in {Word.SEND, Word.LEAVE}:
            said = _said_of_review(tx, app, case, ReviewWord(word.value), own)
            case = replace(case, facts={**case.facts, SAID: said.as_json()})
            cases.learn(tx, case)
            aftercare.make_due(tx, case_id, now=now)
            body = {"text": word.value, "answer": said.text, "review": said.mark, "note": note}
            return _write(tx, app, case, kind="looked_after", body=body, now=now)
        if word is Word.GIVE_UP:
            _must_be_settled(tx, case)
            why = "given up by the operator"
            aftercare.drop(tx, case_id, f"{why}: {note}" if note else why, now=now)
        else:
            case = _looked_at_again(tx, case, word, note, now)
        return _write(tx, app, case, kind="looked_after", body={"text": word.value, "note": note}, now=now)

    return _with_manifest(app, app.db.write(work))


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
    return Said(word, str(asked["mark"]), text, _who(app))


def _longest_answer(app: App, case: Case) -> int:
    profile = app.profile(app.settings.shop(case.shop)).profile
    texts = [profile.forms[way.form].fields.get("text") for way in profile.acts.get(ActKind.ANSWER_REVIEW, ())]
    most = [field.max_length for field in texts if field is not None and field.max_length is not None]
    return min(most, default=profile.message_limit)


@dataclass(frozen=True, slots=True)
class _Picture:
    """A picture for the refund application, and how many of them the portal takes."""

    suffix: str
    data: bytes
    most: int


def _picture(app: App, case: Case, path: Path) -> _Picture:
    """Return a picture for the refund application.

    Raises:
        ConfigError: it cannot be read, it is no picture, or the portal does not take it.
    """
    suffix = path.suffix.lower().removeprefix(".")
    try:
        data = path.read_bytes()
    except OSError as fault:
        raise ConfigError([f"{path}: cannot be read ({fault.strerror}): name the file with the picture"]) from None
    if suffix not in PICTURE_SUFFIXES or not data.startswith((b"\x89PNG\r\n", b"\xff\xd8\xff")):
        raise ConfigError([f"{path}: is no picture that portals take: use one of {', '.join(PICTURE_SUFFIXES)}"])
    if len(data) > PROOF_BYTES:
        raise ConfigError([f"{path}: has {len(data):,} bytes: a picture has at most {PROOF_BYTES:,}"])
    limits = _picture_limits(app, case)
    if not all(one.takes_kind(path.name) for one in limits):
        raise ConfigError([f"{path}: cannot go along: the portal takes {', '.join(limits[0].suffixes)}"])
    sizes = [one.max_bytes for one in limits if one.max_bytes is not None]
    if sizes and len(data) > min(sizes):
        raise ConfigError([f"{path}: cannot go along: it has {len(data):,} bytes, and the portal takes {min(sizes)}"])
    return _Picture(suffix, data, min(map(most_pictures, limits), default=MOST_PICTURES))


def _picture_limits(app: App, case: Case) -> list[FileLimits]:
    """Return what the forms take in which the portal wants pictures for a refund for this case's reason."""
    profile = app.profile(app.settings.shop(case.shop)).profile
    ways = [way for way in profile.acts.get(ActKind.APPLY_REFUND, ()) if case.role in way.roles]
    return [limits_of(profile, way) for way in ways if profile.wants_files(way, case.reason)]


def _kept_picture(tx: Connection, app: App, case: Case, picture: _Picture) -> list[dict[str, Any]]:
    """Keep a picture as it is now, as evidence of its case, and return all that the case has."""
    had = [*case.facts.get(PICTURES, ())]
    if len(had) >= picture.most:
        raise StoreError(f"case {case.case_id} has {len(had)} pictures already, which is all that portals take")
    stored = app.blobs.put(picture.data, ext=picture.suffix)
    kept = {"sha256": stored.sha256, "ext": stored.ext, "size": stored.size}
    name, media = f"picture-{len(had) + 1}", "image/png" if stored.ext == "png" else "image/jpeg"
    line = {"name": name, **kept, "media": media, "caption": "given by a person for the refund application"}
    journal.append(tx, case.case_id, EVIDENCE, line, at=app.clock())
    return [*had, kept]


def _check_parcel(case: Case, word: Word, parcel: SentBack | None) -> None:
    """Refuse a parcel that is not one of ours on its way back, or that no carrier would know.

    Raises:
        StoreError: the buyer sends the goods back, not we.
        ConfigError: carrier and number do not go with this answer, are missing, or cannot be ones.
    """
    if (word is Word.SENT) is not (parcel is not None):
        raise ConfigError([f"--carrier, --number: both go with the answer '{Word.SENT}', and only with it"])
    if parcel is None:
        return
    if case.role is not Role.PURCHASER:
        raise StoreError(f"case {case.case_id} is a seller's: the buyer sends the goods back, and the portal shows it")
    if not _CARRIER.fullmatch(parcel.carrier) or visible(parcel.carrier) != parcel.carrier:
        raise ConfigError(["--carrier: give the carrier's name as the portal offers it, at most 40 characters"])
    if not _TRACKING.fullmatch(parcel.number):
        raise ConfigError(["--number: give the parcel's number, 4 to 40 letters, digits and hyphens"])


def _looked_at_again(tx: Connection, case: Case, word: Word, note: str, now: datetime) -> Case:
    if word in {Word.DONE, Word.NOT_DONE}:
        _settle(tx, case, IntentResult.DONE if word is Word.DONE else IntentResult.NOT_DONE, note, now)
    known = {key: fact for key, fact in case.facts.items() if key not in {UNPROVED, SECOND_FACTOR}}
    case = replace(case, facts=known)
    cases.learn(tx, case)
    aftercare.make_due(tx, case.case_id, now=now)
    return case


def _own_intent(tx: Connection, case: Case) -> intents.Intent | None:
    intent = _open_intent(tx, case)
    return intent if intent is not None and intent.case_id == case.case_id else None


def _must_be_open(case: Case) -> Case:
    if case.state is CaseState.ENDED:
        raise StoreError(f"case {case.case_id} has ended ({case.outcome}): 'closewright reopen {case.case_id}' first")
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
            _settle(tx, case, IntentResult.DONE if word is Word.DONE else IntentResult.NOT_DONE, note, now)
            return replace(due, facts={key: fact for key, fact in case.facts.items() if key != UNPROVED})
        case Word.GIVE_UP:
            return _given_up(tx, case, "given up by the operator", note)
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


def _settle(tx: Connection, case: Case, result: IntentResult, note: str, now: datetime) -> None:
    """Settle by a person's word what could not be proved by looking."""
    intent = _open_intent(tx, case)
    if intent is None or intent.case_id != case.case_id or intent.state is not IntentState.RELEASING:
        raise StoreError(f"case {case.case_id} has no act whose effect is open: answer 'continue' to look again")
    intents.settle(tx, intent.intent_id, result, now=now, answer={"judgement": "person", "note": note})
    if result is not IntentResult.DONE:
        limits.give_back(tx, intent.intent_id)


def _given_up(tx: Connection, case: Case, why: str, note: str) -> Case:
    _must_be_settled(tx, case)
    return _ended(case, Outcome.HANDED_OVER, f"{why}: {note}" if note else why, by="operator")


def _must_be_settled(tx: Connection, case: Case) -> None:
    intent = _open_intent(tx, case)
    if intent is not None:
        raise StoreError(
            f"{intent.act} on order {case.order_id} is not settled: run 'closewright resume', or look at the portal and"
            f" answer case {intent.case_id} with 'done' or 'not-done', before the case is ended"
        )


def _open_intent(tx: Connection, case: Case) -> intents.Intent | None:
    return intents.open_for(tx, portal=case.portal, account=case.account, order_id=case.order_id)


def _ended(case: Case, outcome: Outcome, why: str, *, by: str) -> Case:
    return replace(case, state=CaseState.ENDED, waiting_for=None, due_at=None, outcome=outcome, why=why, by=by)


# --- Writing down

_SAVED_ALREADY = {"reopened", "looked_after"}


def _write(tx: Connection, app: App, case: Case, *, kind: str, body: dict[str, Any], now: datetime) -> Case:
    """Keep the case, and say in journal and audit trail who has changed it, under a signed head."""
    if kind not in _SAVED_ALREADY:
        cases.save(tx, case)
    journal.append(tx, case.case_id, kind, {**body, "actor": app.actor, "case": header(case)}, at=now)
    audit(tx, kind, {"case": case.case_id, **body}, app.actor, now)
    journal.sign_head(tx, case.case_id, app.key.sign, at=now)
    return case


def _decided(tx: Connection, app: App, decided: approvals.Approval, what: str, now: datetime) -> Case:
    """Say how a decision that ``approvals`` has journaled leaves the case, under a signed head."""
    case = _fresh(tx, decided.case_id)
    journal.append(tx, case.case_id, case.state.value, {"case": header(case)}, at=now)
    audit(tx, what, {"case": case.case_id, "name": decided.name, "terms": decided.terms_hash}, app.actor, now)
    journal.sign_head(tx, case.case_id, app.key.sign, at=now)
    return case


def _with_manifest(app: App, case: Case) -> Case:
    """Write the case's manifest again, so that the folder says what the database says."""
    manifest.write(app.blobs.root, case_manifest(app.db, case, app.key.public_b64))
    return case


def _fresh(tx: Connection, case_id: str) -> Case:
    case = cases.get(tx, case_id)
    if case is None:
        raise StoreError(f"there is no case {case_id}")
    return case


def _newest_of_order(app: App, word: str) -> list[Case]:
    try:
        order_id: OrderId = parse_order_id(word)
    except ValueError:
        return []

    def latest(portal: str, account: str) -> Callable[[Connection], Case | None]:
        return lambda tx: cases.latest_for(tx, portal=portal, account=account, order_id=order_id)

    accounts = {(shop.portal, shop.username) for shop in app.settings.shops.values()}
    found = [app.db.read(latest(portal, account)) for portal, account in sorted(accounts)]
    return [case for case in found if case is not None]


def _must_know(app: App, shop: str | None) -> None:
    if shop is not None:
        app.settings.shop(shop)


def _who(app: App) -> str:
    return app.actor["os_user"]
