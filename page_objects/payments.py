"""Payments that stand on an order's page in blocks of their own, and what went back of each."""

from collections.abc import Sequence
from dataclasses import dataclass

from playwright.async_api import Locator

from agent.domain.money import Fen
from agent.domain.orders import PaymentEvent
from agent.errors import PageUnreadable
from page_objects.locate import Scope, locate, normalised
from page_objects.profile import Blocks, PaymentBlocks
from page_objects.reading import shown_texts
from page_objects.words import WordReader

Parts = Sequence[tuple[str, str]]
Events = list[tuple[PaymentEvent, Fen]]


@dataclass(frozen=True, slots=True)
class Block:
    """What one block shows: the texts of its state and of its amount, and the blocks of its refunds."""

    state: Sequence[str]
    amount: Sequence[str]
    refunds: Sequence["Block"] = ()


async def shown_payments(scope: Scope, profile: PaymentBlocks) -> list[Block]:
    """Return the payments that a page shows now, each with its refunds."""
    return [
        await _block(found, profile, await _refunds(found, profile.refunds))
        for found in await locate(scope, profile.block).all()
    ]


async def _refunds(payment: Locator, profile: Blocks | None) -> list[Block]:
    if profile is None:
        return []
    return [await _block(found, profile, []) for found in await locate(payment, profile.block).all()]


async def _block(found: Locator, profile: Blocks, refunds: list[Block]) -> Block:
    return Block(
        state=await shown_texts(locate(found, profile.state)),
        amount=await shown_texts(locate(found, profile.amount)),
        refunds=refunds,
    )


def events_of(payments: Sequence[Block], profile: PaymentBlocks, words: WordReader, parts: Parts) -> Events:
    """Return what was done with the money, as ``balance`` adds it up.

    Raises:
        PageUnreadable: a block is not understood, or there are not as many as the portal's answer has named.
    """
    _check_count(len(payments), profile, parts)
    if profile.refunds is not None:
        _check_count(sum(len(payment.refunds) for payment in payments), profile.refunds, parts)
    events = [_event(block, "payment_event", words) for block in payments]
    # A block says where its payment stands: what was given up has left nothing behind.
    events = [(event, fen) for event, fen in events if event is not PaymentEvent.VOIDED]
    return events + [_event(refund, "refund_event", words) for payment in payments for refund in payment.refunds]


def any_refund_failed(payments: Sequence[Block], words: WordReader) -> bool:
    """Return whether one of the refunds did not go through."""
    refunds = [refund for payment in payments for refund in payment.refunds]
    return any(_event(refund, "refund_event", words)[0] is PaymentEvent.FAILED for refund in refunds)


def _check_count(blocks: int, profile: Blocks, parts: Parts) -> None:
    named = len({key for name, key in parts if name == profile.key})
    if blocks != named:
        raise PageUnreadable(f"the page shows {blocks} of what the portal's answer names {named} by {profile.key}")


def _event(block: Block, axis: str, words: WordReader) -> tuple[PaymentEvent, Fen]:
    return PaymentEvent(words.meaning(axis, _only(block.state, "state"))), words.money(_only(block.amount, "amount"))


def _only(texts: Sequence[str], what: str) -> str:
    shown = [text for text in map(normalised, texts) if text]
    if len(shown) != 1:
        raise PageUnreadable(f"the {what} of a payment or refund is shown {len(shown)} times, expected once")
    return shown[0]
