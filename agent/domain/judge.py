"""Settling an act from its two sides: the server's answer, and a fresh look at the portal."""

from enum import StrEnum

from agent.domain.acts import DOUBLED, ActKind
from agent.domain.effects import Seen


class AnswerKind(StrEnum):
    """What the server's answer says of the change that was asked for."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    NOTHING_DONE = "nothing_done"  # turned away before anything could happen, such as a lost session
    UNKNOWN = "unknown"  # lost, or not understood


class Judgement(StrEnum):
    """What became of a released act."""

    DONE = "done"
    NOT_DONE = "not_done"  # it may be done again, after a fresh look
    REFUSED = "refused"
    LOOK_AGAIN = "look_again"
    PERSON = "person"


def judge(kind: ActKind, answer: AnswerKind, seen: Seen, *, settled: bool, sender_gone: bool) -> Judgement:
    """Return what the two sides together say.

    ``settled`` says that the portal's settle time is over; ``sender_gone`` that the process which released the
    request is known to be dead, so that nothing of it can still be on its way.
    """
    match seen:
        case Seen.OURS:
            return _effect_is_there(answer)
        case Seen.OTHER:
            return Judgement.PERSON if answer is AnswerKind.ACCEPTED else Judgement.NOT_DONE
        case Seen.UNSURE:
            return Judgement.PERSON
        case Seen.NOTHING:
            return _effect_is_missing(kind, answer, settled=settled, sender_gone=sender_gone)


def _effect_is_there(answer: AnswerKind) -> Judgement:
    # A server that says no while its page says yes is not to be believed on either side. One that only sent us to
    # the login has said nothing of the act: the portal's own record, which fits ours, takes the answer's place.
    return Judgement.PERSON if answer is AnswerKind.REFUSED else Judgement.DONE


def _effect_is_missing(kind: ActKind, answer: AnswerKind, *, settled: bool, sender_gone: bool) -> Judgement:
    if not settled:
        return Judgement.LOOK_AGAIN  # portals list late, also what they have refused with one hand
    match answer:
        case AnswerKind.REFUSED:
            return Judgement.REFUSED
        case AnswerKind.NOTHING_DONE:
            return Judgement.NOT_DONE
        case AnswerKind.ACCEPTED:
            return Judgement.PERSON
        case AnswerKind.UNKNOWN:
            # Only an act that the portal itself lets happen once may be tried again while its sender lives.
            return Judgement.PERSON if kind in DOUBLED and not sender_gone else Judgement.NOT_DONE
