"""What a case keeps about goods that go back, and about the platform's ruling."""

from dataclasses import asdict, dataclass
from typing import Any

RETURN = "return"  # fact of a case: where the goods go, and by which parcel, as the order's page shows it
SHOWN = ("address", "tracking")  # of it, what people read
SENT_BACK = "sent_back"  # fact of a case: the parcel that a person of ours has said to have sent
PICTURES = "pictures"  # fact of a case: what people have given for the refund application, by hash
PICTURE_SUFFIXES = ("png", "jpg", "jpeg")
MOST_PICTURES = 5
REFUSAL = "refusal"  # fact of a case: what the supplier has said against our refund, as the page shows it
DISPUTE_WORD = "dispute_word"  # fact of a case: the refusal that a person has said to take to the platform
RULING = "ruling"  # fact of a case: what the platform has decided about a dispute


@dataclass(frozen=True, slots=True)
class SentBack:
    """The parcel with the goods that go back, as an operator tells it."""

    carrier: str
    number: str

    def as_json(self) -> dict[str, Any]:
        """Return the parcel as plain JSON."""
        return asdict(self)

    @property
    def words(self) -> str:
        """The parcel as people read it."""
        return f"{self.carrier} {self.number}"
