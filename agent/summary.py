"""Cases as reports and ``--json`` show them, read from the store in a few statements."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from agent.domain.aftercare import Aftercare, AftercareKind, AftercareState
from agent.domain.cases import ANSWERS, Case, CaseState, Consent, Outcome, WaitingFor
from agent.domain.consent import CONSENTED_AT, is_wanting
from agent.domain.money import format_yuan
from agent.domain.orders import OrderState
from agent.domain.returns import RETURN, RULING, SENT_BACK, SentBack
from agent.domain.reviews import ASKED, SAID
from agent.domain.tickets import ASKED as TICKET_ASKED
from agent.domain.tickets import SAID as TICKET_SAID
from agent.engine.run import CONSENT_FROM_THREAD, GOODS, ORDERED_AT
from agent.evidence.blobs import BlobStore
from agent.evidence.export import PICTURES
from agent.evidence.manifest import EVIDENCE
from agent.evidence.phrases import in_chinese
from agent.evidence.words import tell
from agent.report.model import Given, Goods, Picture, ReportAct, ReportCase, Step
from agent.store import aftercare, journal, overview
from agent.store.consents import CONSENT_FILE
from agent.store.database import Database
from agent.store.intents import Intent
from agent.store.journal import Entry, Head

_A_PERSON = frozenset({WaitingFor.HUMAN, WaitingFor.APPROVAL, WaitingFor.LOGIN, WaitingFor.HUMAN_CHECK})
# Lines of a journal that repeat what the lines around them say; the full journal is in the case's evidence.
_NOT_TOLD = frozenset({EVIDENCE, "observed", "answer", "notice", "due"})


@dataclass(frozen=True, slots=True)
class _Kept:
    """What the store has of some cases, by case id."""

    intents: dict[str, list[Intent]]
    stories: dict[str, list[Entry]]
    signed: dict[str, Head]
    heads: dict[str, tuple[int, str]]
    aftercare: dict[str, list[Aftercare]]


def report_cases(db: Database, blobs: BlobStore, cases: Sequence[Case], *, story: bool = True) -> list[ReportCase]:
    """Return cases as reports show them, in the same order; without ``story``, pictures and timeline are left out."""
    ids = [case.case_id for case in cases]
    kept = db.read(lambda tx: _kept(tx, ids, story=story))
    return [_report_case(case, kept, blobs) for case in cases]


def act_json(intent: Intent) -> ReportAct:
    """Return one intent as an act of a report; one that is not settled has the result ``open``."""
    return ReportAct(
        act=intent.act.value,
        purpose=intent.purpose,
        at=intent.written_at.isoformat(),
        intent=intent.intent_id,
        result="open" if intent.result is None else intent.result.value,
        request_id=intent.request_id,
    )


def item_json(item: Aftercare, case: Case) -> dict[str, Any]:
    """Return one item of aftercare as reports and ``--json`` show it, with what a person was asked and has said."""
    due = None if item.due_at is None else item.due_at.isoformat()
    shown: dict[str, Any] = {"kind": item.kind.value, "state": item.state.value, "due": due, "why": item.why}
    if item.kind is AftercareKind.REVIEW and ASKED in case.facts:
        shown |= {"asked": case.facts[ASKED], "said": case.facts.get(SAID)}
    return shown


def passing_case(
    case: Case, *, state: str, acts: Iterable[ReportAct] = (), evidence: Path | None = None, why: str | None = None
) -> ReportCase:
    """Return a case of a plan or a rehearsal, which is nowhere stored; ``state`` is planned or rehearsed."""
    return ReportCase(
        **_stated(case) | {"case_id": None, "state": state, "why": case.why if why is None else why},
        requested_at=None,
        updated_at=None,
        acts=tuple(acts),
        pictures=(),
        timeline=(),
        head_hash="",
        signed_by="",
        evidence=None if evidence is None else str(evidence),
    )


def manifest_path(blobs: BlobStore, case_id: str) -> Path:
    """Return where a case's evidence manifest is kept once its first pass is over."""
    return (blobs.root / "cases" / f"{case_id}.json").absolute()


def _kept(tx: Connection, ids: Sequence[str], *, story: bool) -> _Kept:
    heads = chain.from_iterable(
        journal.heads_of(tx, ids[start : start + 500]).items() for start in range(0, len(ids), 500)
    )
    return _Kept(
        intents=overview.intents_of(tx, ids),
        stories=overview.journals_of(tx, ids) if story else {},
        signed=overview.last_heads_of(tx, ids),
        heads=dict(heads),
        aftercare=aftercare.of_cases(tx, ids),
    )


def _report_case(case: Case, kept: _Kept, blobs: BlobStore) -> ReportCase:
    entries = kept.stories.get(case.case_id, [])
    signed = kept.signed.get(case.case_id)
    path = manifest_path(blobs, case.case_id)
    return ReportCase(
        **_stated(case),
        requested_at=case.created_at.isoformat(),
        updated_at=entries[-1].at if entries else None,
        acts=tuple(act_json(intent) for intent in kept.intents.get(case.case_id, ())),
        pictures=tuple(_pictures(entries)),
        timeline=_timeline(entries),
        head_hash=kept.heads.get(case.case_id, (0, ""))[1],
        signed_by=signed.key_id if signed is not None else "",
        evidence=str(path) if path.is_file() else None,
        goods=tuple(Goods(*line) for line in case.facts.get(GOODS, ())),
        ordered_at=case.facts.get(ORDERED_AT),
        ended_at=_ended_at(case, entries),
        was_paid=case.terms is not None and case.terms.state != OrderState.UNPAID,
        aftercare=tuple(item_json(item, case) for item in kept.aftercare.get(case.case_id, ())),
        agreed=not is_wanting(case),
        consent=_given(case),
        ticket=_ticket(case),
        answers=tuple(case.facts.get(ANSWERS, ())),
        going_back=_going_back(case),
        ruling=case.facts.get(RULING),
        needed_person=case.outcome is Outcome.HANDED_OVER or any(map(_asks_a_person, entries)),
    )


def _given(case: Case) -> Given | None:
    if case.consent is Consent.NONE:
        return None
    at = case.facts.get(CONSENTED_AT)
    thread = case.facts.get(CONSENT_FROM_THREAD, False) in {True, at}  # else a request has brought another one since
    return Given(
        yes=case.consent is not Consent.DENIED,
        at=at,
        file="" if thread else Path(case.facts.get(CONSENT_FILE) or "").name,
        thread=thread,
    )


def _ticket(case: Case) -> dict[str, Any] | None:
    """Return the ticket that a person is asked about now, with what they have said to it as it is."""
    asked, said = case.facts.get(TICKET_ASKED), case.facts.get(TICKET_SAID)
    if asked is None or case.waiting_for not in {WaitingFor.HUMAN, None} or case.state is CaseState.ENDED:
        return None
    fits = said is not None and (said["ticket"], said["heard"]) == (asked["ticket"], asked["heard"])
    return {**asked, "said": said if fits else None}


def _going_back(case: Case) -> dict[str, Any] | None:
    """Return where goods go back to and by which parcel: the page's word goes before the operator's."""
    said = case.facts.get(SENT_BACK)
    told = {} if said is None else {"tracking": SentBack(**said).words}
    return {**told, **case.facts.get(RETURN, {})} or None


def _ended_at(case: Case, entries: Sequence[Entry]) -> str | None:
    ends = [entry.at for entry in entries if entry.kind == CaseState.ENDED]
    return ends[-1] if ends and case.state is CaseState.ENDED else None


def _asks_a_person(entry: Entry) -> bool:
    """Whether a case has waited for a person of ours after this line of its journal."""
    if entry.kind == "aftercare":
        return entry.body.get("stands") == AftercareState.HUMAN
    return entry.kind == CaseState.WAITING and entry.body.get("case", {}).get("waiting_for") in _A_PERSON


def _stated(case: Case) -> dict[str, Any]:
    return {
        "case_id": case.case_id,
        "shop": case.shop,
        "order_id": case.order_id,
        "path": case.path and case.path.value,
        "state": case.state.value,
        "outcome": case.outcome and case.outcome.value,
        "waiting_for": case.waiting_for and case.waiting_for.value,
        "why": case.why,
        "by": case.by,
        "amount": None if case.amount is None else format_yuan(case.amount),
        "reason": case.reason.value,
        "note": case.note,
    }


def _pictures(entries: Iterable[Entry]) -> Iterable[Picture]:
    for entry in entries:
        if entry.kind == EVIDENCE and entry.body.get("ext") in PICTURES:
            yield Picture(entry.body["caption"], entry.body["sha256"], entry.body["ext"])


def _timeline(entries: Iterable[Entry]) -> tuple[Step, ...]:
    lines = [asdict(entry) for entry in entries if entry.kind not in _NOT_TOLD]
    pairs = zip(tell(lines), tell([_in_chinese(line) for line in lines]), strict=True)
    return tuple(Step(line.at, line.in_words().en, zh=chinese.in_words().zh) for line, chinese in pairs)


def _in_chinese(line: Mapping[str, Any]) -> dict[str, Any]:
    """Return a line of a journal with our own sentences in Chinese; what people and pages have said is no such."""
    body = line["body"]
    ours = ("why", "caption", "text") if line["kind"] in {"fault", "pictures"} else ("why", "caption")
    chinese = {key: in_chinese(body[key]) for key in ours if isinstance(body.get(key), str)}
    return {**line, "body": {**body, **chinese}}
