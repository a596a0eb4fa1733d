"""The purchaser's refund application: its words, and the pictures that some reasons want."""

from typing import Any

from agent.domain.acts import Wait
from agent.domain.cases import WaitingFor
from scenarios.facts import Facts
from scenarios.texts import text


def pictures_missing(facts: Facts) -> Wait | None:
    """Return a wait for the pictures without which the portal takes no application; None where it may be made."""
    if facts.pictures or not facts.pictures_wanted:
        return None
    if facts.pictures_unfit:
        return Wait(
            WaitingFor.HUMAN,
            f"the portal takes none of the pictures that there are ({facts.pictures_unfit}): give another with 'answer"
            " CASE picture --file FILE'",
            answers=("picture --file FILE",),
        )
    return Wait(
        WaitingFor.HUMAN,
        "the portal wants pictures for a refund for this reason: give one to five with 'answer CASE picture --file"
        " FILE'",
        answers=("picture --file FILE",),
    )


def application(facts: Facts) -> dict[str, Any]:
    """Return the fields of a refund application."""
    return {"text": text("refund", facts), **({"pictures": True} if facts.pictures_wanted else {})}
