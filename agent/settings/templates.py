"""A shop's own words: its messages on the portal, and its notices beside it."""

import string
from typing import Annotated

from pydantic import AfterValidator, StrictStr

from agent.domain.notices import FIELDS, unknown_fields
from agent.domain.notices import Text as NoticeText
from agent.settings.table import Table

MESSAGE_CHARACTERS = 450  # a message on the portal may have 500; amounts and our reference need room
PLACEHOLDERS = ("order_id", "reason", "amount")


def _template(text: str) -> str:
    known = " ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError as error:
        raise ValueError(f"has a stray brace; use only {known}, and double a brace that is text") from error
    for _, name, spec, conversion in parts:
        if name is not None and (name not in PLACEHOLDERS or spec or conversion):
            raise ValueError(f"has the unknown placeholder {{{name}}}; use only {known}")
    if not text.strip() or len(text) > MESSAGE_CHARACTERS:
        raise ValueError(f"must have 1 to {MESSAGE_CHARACTERS} characters")
    return text


def _notice_template(text: str) -> str:
    unknown = unknown_fields(text)
    known = " ".join(f"{{{name}}}" for name in FIELDS)
    if unknown:
        raise ValueError(f"has the unknown field {unknown[0]!r}; use only {known}, and double a brace that is text")
    if not text.strip() or len(text) > MESSAGE_CHARACTERS:
        raise ValueError(f"must have 1 to {MESSAGE_CHARACTERS} characters")
    return text


Template = Annotated[StrictStr, AfterValidator(_template)]
NoticeTemplate = Annotated[StrictStr, AfterValidator(_notice_template)]


class Messages(Table):
    """A shop's own words to the counterparty and the platform; None: the scenario's words.

    Each may name ``{order_id}``, ``{reason}`` and ``{amount}``, and nothing else, so ``str.format`` is safe on it.
    """

    ask_consent: Template | None = None
    refund: Template | None = None
    ask_return: Template | None = None
    remind_payment: Template | None = None
    answer_review: Template | None = None
    dispute: Template | None = None
    ticket: Template | None = None
    ticket_more: Template | None = None
    ticket_reminder: Template | None = None


class NoticeWords(Table):
    """A shop's own words of a notice in one language; None: ours."""

    subject: NoticeTemplate | None = None
    unpaid: NoticeTemplate | None = None
    paid: NoticeTemplate | None = None

    def given(self) -> dict[NoticeText, str]:
        """Return the words that there are."""
        every = {text: getattr(self, text.value) for text in NoticeText}
        return {text: words for text, words in every.items() if words is not None}
