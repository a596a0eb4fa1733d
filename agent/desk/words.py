"""The words that people answer with, and what each of them answers."""

from enum import StrEnum

from agent.domain.cases import WaitingFor


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
