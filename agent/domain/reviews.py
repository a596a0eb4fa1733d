"""Reviews: what a buyer publicly says about an order, and the one answer to it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


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
