"""The notice to a buyer by e-mail or SMS: what it says, and the messages that carry it."""

from dataclasses import dataclass

from agent.domain.cases import Case
from agent.domain.notices import Notice, Told, Tongue, notice_of
from agent.domain.orders import OrderState
from agent.domain.outbox import Audience, Mail
from agent.notify.addresses import Address, AddressBook, read_addresses
from agent.settings import Shop

EMAIL, SMS = "notice:email", "notice:sms"


@dataclass(frozen=True, slots=True)
class Way:
    """One way to a buyer beside the portal: its purpose in the outbox, its channel, and whose address it takes."""

    purpose: str
    channel: str


def told_of(case: Case) -> Told:
    """Return what the notice of a case is about; what was paid goes back whole when its order is closed."""
    paid = case.terms if case.terms is not None and case.terms.state != OrderState.UNPAID else None
    return Told(case.order_id, case.reason, case.note, None if paid is None else paid.amount)


def notice_for(case: Case, shop: Shop, language: Tongue | None = None) -> Notice:
    """Return the notice of a case, in the shop's language unless another is asked for."""
    return notice_of(told_of(case), language or shop.notice.language, shop.notice.wording())


def ways_of(shop: Shop) -> list[Way]:
    """Return the ways that a shop has set up."""
    channels = ((EMAIL, shop.notice.email), (SMS, shop.notice.sms))
    return [Way(purpose, channel) for purpose, channel in channels if channel is not None]


def address_for(purpose: str, address: Address | None) -> str:
    """Return a buyer's address of the kind that a message needs; empty where there is none."""
    if address is None:
        return ""
    return address.email if purpose == EMAIL else address.phone


def book_of(shop: Shop) -> AddressBook:
    """Return a shop's address book, as its file is now; an empty one where it has none.

    Raises:
        ConfigError: naming every row that is wrong.
    """
    return AddressBook({}, {}) if shop.notice.addresses is None else read_addresses(shop.notice.addresses)


def notice_mails(case: Case, told: Told, shop: Shop, buyer: str) -> list[Mail]:
    """Return what the outbox is to have for the buyer of a case, whose name the order's page has told.

    It is put in by ``outbox.put``, in the transaction that says that the buyer is to be told.

    Raises:
        ConfigError: the address book is wrong.
    """
    book, notice = book_of(shop), notice_of(told, shop.notice.language, shop.notice.wording())
    recipient = book.recipient(case.order_id, buyer)
    return [
        Mail(
            shop=case.shop,
            channel=way.channel,
            audience=Audience.BUYER,
            purpose=way.purpose,
            subject=notice.subject,
            body=notice.body,
            case_id=case.case_id,
            recipient=recipient,
        )
        for way in ways_of(shop)
        if recipient and address_for(way.purpose, book.address(case.order_id, recipient))
    ]
