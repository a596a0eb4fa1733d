"""What newly waits for a person, put into the outbox of the shop's own channels; never what a buyer is or wrote."""

import hashlib
import re
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from agent.domain.aftercare import Aftercare, AftercareKind, AftercareState
from agent.domain.cases import ANSWERS, Case, CaseState, Outcome, WaitingFor
from agent.domain.consent import is_wanting
from agent.domain.notices import Tongue
from agent.domain.outbox import Audience, Mail
from agent.domain.reviews import asked_about
from agent.evidence.ours import ours_alone
from agent.evidence.todo import AFTERCARE, HANDED_OVER, Todo, todo
from agent.evidence.words import Phrase
from agent.settings import Notify
from agent.store import aftercare, approvals, cases, journal, outbox

TOLD_OF = frozenset({WaitingFor.HUMAN, WaitingFor.APPROVAL, WaitingFor.LOGIN, WaitingFor.HUMAN_CHECK})
# After one of these, even the same question is a new one: a person has answered, or approval is asked for anew.
_TURNS = ("answered", "looked_after", "approved", "rejected", "reopened", "approval_asked")
_MOST_LINES = 20
_DIGITS = re.compile(r"[0-9]")

_LABELS = (
    Phrase("事项", "asked"),
    Phrase("期限", "until"),
    Phrase("无人答复时", "if nobody answers"),
    Phrase("答复命令", "to answer"),
)
_SUBJECT = Phrase("closewright：店铺 {shop} 有 {n} 项待办", "closewright: shop {shop} has {n} things for a person")
_MORE = Phrase(
    "……另有 {n} 项：closewright cases --open --shop {shop}", "… and {n} more: closewright cases --open --shop {shop}"
)


def tell_people(tx: Connection, case: Case, notify: Notify, *, zone: ZoneInfo, now: datetime) -> None:
    """Tell each channel what a case asks of people, once per question, in the transaction that keeps the case."""
    word = word_of(case)
    if word is not None and notify.people:
        asked = _todo_of(tx, case, word, zone)
        _tell(tx, case, notify, asked, case.why, now=now)


def tell_of_aftercare(
    tx: Connection, case: Case, item: Aftercare, notify: Notify, *, zone: ZoneInfo, now: datetime
) -> None:
    """Tell each channel what a closed order still wants of people, once per question, as ``tell_people`` does."""
    if item.state is AftercareState.HUMAN and notify.people:
        asked = todo(
            AFTERCARE,
            case_id=case.case_id,
            shop=case.shop,
            asked=ours_alone(item.why),
            looked_at=_there(item.due_at, zone),
            unproved="unproved" in case.facts,
            reviews=asked_about(case.facts) if item.kind is AftercareKind.REVIEW else 0,
        )
        _tell(tx, case, notify, asked, f"{item.kind}: {item.why}", now=now)


def _tell(tx: Connection, case: Case, notify: Notify, asked: Todo | None, why: str, *, now: datetime) -> None:
    if asked is None:
        return
    said_before = journal.count_of(tx, case.case_id, _TURNS)
    # Numbers do not make another question: a reason may say how much time is left, at each look less.
    question = hashlib.sha256(_DIGITS.sub("", why).encode()).hexdigest()[:12]
    for channel in notify.people:
        mail = Mail(
            shop=case.shop,
            channel=channel,
            audience=Audience.PEOPLE,
            purpose=f"todo:{asked.word}:{said_before}:{question}",
            subject=case.order_id,
            body=_lines(case, asked, notify.language),
            case_id=case.case_id,
        )
        outbox.put(tx, mail, now=now)


def word_of(case: Case) -> str | None:
    """Return the word for what a case asks of people, None where it asks nothing."""
    if case.state is CaseState.WAITING and case.waiting_for in TOLD_OF:
        return case.waiting_for.value
    return HANDED_OVER if case.outcome is Outcome.HANDED_OVER and case.by != "operator" else None


def still_asked(tx: Connection, mail: Mail) -> bool:
    """Say whether what a message tells of still waits for a person."""
    case_id, word = mail.case_id or "", mail.purpose.split(":")[1]
    if word == AFTERCARE:
        return any(item.state is AftercareState.HUMAN for item in aftercare.of_case(tx, case_id))
    case = cases.get(tx, case_id)
    return case is not None and word_of(case) == word


def message_of(shop: str, bodies: list[str], language: Tongue) -> tuple[str, str]:
    """Return subject and text of one message that tells of several things."""
    subject = _in(_SUBJECT, language).format(shop=shop, n=len(bodies))
    shown = bodies[:_MOST_LINES]
    if len(bodies) > len(shown):
        shown.append(_in(_MORE, language).format(shop=shop, n=len(bodies) - len(shown)))
    return subject, "\n\n".join(shown)


def _todo_of(tx: Connection, case: Case, word: str, zone: ZoneInfo) -> Todo | None:
    asked = approvals.pending(tx, case.case_id) if word == WaitingFor.APPROVAL else None
    return todo(
        word,
        case_id=case.case_id,
        shop=case.shop,
        asked=ours_alone(case.why),
        looked_at=_there(case.due_at, zone),
        expires=None if asked is None else _there(asked.expires_at, zone),
        deadline=_there(case.deadline, zone),
        unproved="unproved" in case.facts,
        agreed=not is_wanting(case),
        answers=case.facts.get(ANSWERS, ()),
    )


def _there(at: datetime | None, zone: ZoneInfo) -> datetime | None:
    return None if at is None else at.astimezone(zone)


def _lines(case: Case, asked: Todo, language: Tongue) -> str:
    said = (_in(asked.asked, language), _in(asked.until, language), _in(asked.otherwise, language), asked.command)
    colon = "：" if language == "zh" else ": "
    lines = [f"{_in(label, language)}{colon}{text}" for label, text in zip(_LABELS, said, strict=True)]
    return "\n".join([f"{case.order_id} · {case.shop}", *lines])


def _in(phrase: Phrase, language: Tongue) -> str:
    return phrase.zh if language == "zh" else phrase.en
