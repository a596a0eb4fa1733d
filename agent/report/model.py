"""What a report says of each case; its JSON is a contract with scripts."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from agent.domain.returns import RETURN, RULING, SHOWN


@dataclass(frozen=True, slots=True)
class ReportAct:
    """One change that was made or tried; ``at`` is ISO, ``intent`` and ``result`` are an intent's state and end."""

    act: str
    purpose: str
    at: str
    intent: str
    result: str | None
    request_id: str | None


@dataclass(frozen=True, slots=True)
class Picture:
    """One kept picture, named by its content."""

    caption: str
    sha256: str
    ext: str


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the story; ``at`` is ISO, ``zh`` the line for those who read Chinese."""

    at: str
    text: str
    zh: str = ""


@dataclass(frozen=True, slots=True)
class Goods:
    """One line of an order, as its page showed it when the case began."""

    title: str
    spec: str
    quantity: str


@dataclass(frozen=True, slots=True)
class Given:
    """The other side's consent, or its no: when it was given to us, and the ``file`` or ``thread`` that shows it."""

    yes: bool
    at: str | None
    file: str = ""
    thread: bool = False


@dataclass(frozen=True, slots=True)
class ReportCase:
    """One case as reports show it; ``case_id`` is None for a plan, ``amount`` is in yuan.

    ``going_back`` is where returned goods go and by which parcel, and ``ruling`` what the platform has decided about
    a dispute: as far as the order's page has shown them, else None.

    ``ended_at`` is ISO, and None while the case is open; ``ordered_at`` is when the order was made,
    if its page said so. ``agreed`` is False where the other side's agreement is wanted and nobody has said a word.
    ``ticket`` is what was said in the ticket that a person is asked about, and their reply.
    """

    case_id: str | None
    shop: str
    order_id: str
    path: str | None
    state: str
    outcome: str | None
    waiting_for: str | None
    why: str
    by: str | None
    amount: str | None
    reason: str
    note: str
    requested_at: str | None
    updated_at: str | None
    acts: tuple[ReportAct, ...]
    pictures: tuple[Picture, ...]
    timeline: tuple[Step, ...]
    head_hash: str
    signed_by: str
    evidence: str | None
    aftercare: tuple[dict[str, Any], ...] = ()
    goods: tuple[Goods, ...] = ()
    ordered_at: str | None = None
    ended_at: str | None = None
    was_paid: bool = False
    needed_person: bool = False
    agreed: bool = True
    consent: Given | None = None
    ticket: dict[str, Any] | None = None
    answers: tuple[str, ...] = ()  # that fit what is asked, beside the usual ones
    going_back: Mapping[str, Any] | None = None
    ruling: Mapping[str, Any] | None = None

    @property
    def status(self) -> str:
        """How the case stands in one word: its outcome, ``waiting:<word>``, or its state."""
        if self.outcome is not None:
            return self.outcome
        return f"waiting:{self.waiting_for}" if self.waiting_for is not None else self.state

    @property
    def stands(self) -> str:
        """How the case stands for those who read it: a closed one is not over while its money or a person is open."""
        left = {(item["kind"], item["state"]) for item in self.aftercare}
        if any(state == "human" for _, state in left):
            return f"{self.status}:human"
        if ("refund", "waiting") in left:
            return f"{self.status}:refund_unknown"
        return self.status

    @property
    def parcel_back(self) -> str:
        """Where returned goods go, and by which parcel."""
        shown = self.going_back or {}
        return " · ".join(shown[name] for name in SHOWN if shown.get(name))

    @property
    def money_is_back(self) -> bool:
        """Whether the refund of a closed order has been seen, where it was watched at all."""
        return all(item["state"] == "done" for item in self.aftercare if item["kind"] == "refund")

    @property
    def asks(self) -> str:
        """Why the case stands as it does; what a person is asked about its aftercare goes before the rest."""
        return next((item["why"] for item in self.aftercare if item["state"] == "human"), self.why)

    def as_json(self) -> dict[str, Any]:
        """Return the object that ``--json`` prints for a case."""
        return {
            "case_id": self.case_id,
            "shop": self.shop,
            "order_id": self.order_id,
            "path": self.path,
            "state": self.state,
            "outcome": self.outcome,
            "waiting_for": self.waiting_for,
            "why": self.why,
            "by": self.by,
            "amount": self.amount,
            "evidence": self.evidence,
            "acts": [asdict(act) for act in self.acts],
            "aftercare": [dict(item) for item in self.aftercare],
            **{name: dict(kept) for name, kept in ((RETURN, self.going_back), (RULING, self.ruling)) if kept},
        }


def summary(cases: Iterable[ReportCase]) -> dict[str, Any]:
    """Return the one object that ``--json`` prints; ``counts`` has a key for each status that occurs."""
    listed = list(cases)
    counts = Counter(case.status for case in listed)
    return {"cases": [case.as_json() for case in listed], "counts": dict(sorted(counts.items()))}
