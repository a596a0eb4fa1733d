"""Reviews: what a buyer publicly says about an order, and the one answer to it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

ASKED = "review_asked"  # fact of a case: the review that a person was asked about, and our draft of an answer
SAID = "review_said"  # fact of a case: what a person has said to that


class ReviewLevel(StrEnum):
    """How content the buyer is."""

    GOOD = "good"
    NEUTRAL = "neutral"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Review:
    """One review of an order as the portal shows it; ``reply`` is the seller's answer, empty while there is none."""

    level: ReviewLevel
    text: str
    at: datetime
    reply: str = ""

    @property
    def mark(self) -> str:
        """What the buyer has said, as one short word: an answer is approved for this and for nothing else."""
        said = f"{self.level.value}\0{self.text}\0{self.at.isoformat()}"
        return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


class ReviewWord(StrEnum):
    """What a person says about an answer to a review."""

    SEND = "send"
    LEAVE = "leave"


def asked_about(facts: Mapping[str, Any]) -> int:
    """Return about how many reviews a person was asked, by the facts of their case."""
    asked = facts.get(ASKED)
    return len(asked["reviews"]) if isinstance(asked, Mapping) else 0


@dataclass(frozen=True, slots=True)
class Said:
    """A person's word about one review as it was then: ``mark`` names it, ``text`` is the answer that may be sent."""

    word: ReviewWord
    mark: str
    text: str
    by: str

    def as_json(self) -> dict[str, Any]:
        """Return the word as plain JSON."""
        return {"word": self.word.value, "mark": self.mark, "text": self.text, "by": self.by}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Said":
        """Return the word that ``as_json`` wrote."""
        return cls(ReviewWord(data["word"]), data["mark"], data["text"], data["by"])
