"""What a buyer has publicly said about an order, and the control that answers it."""

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Locator

from agent.domain.ids import OrderId
from agent.domain.reviews import Review, ReviewLevel
from agent.errors import PageUnreadable, Transient, WrongOrder
from page_objects.locate import locate, normalised, order_ids_in, whole
from page_objects.profile import ReviewsPage, Target
from page_objects.reading import shown_texts
from page_objects.site import Site


async def open_reviews(site: Site, order_id: OrderId) -> tuple[str, ...]:
    """Search the reviews for an order, and return the private texts on the page: a search may show other buyers, too.

    Raises:
        PageUnreadable: the portal has no such page in its profile.
    """
    frame = await site.open(_page(site), order_id)
    try:
        shown = [await shown_texts(locate(frame, target)) for target in site.profile.private.targets]
    except PlaywrightError as fault:
        raise Transient(fault.message.splitlines()[0]) from fault
    return tuple(text for texts in shown for text in texts)


async def read_reviews(site: Site, order_id: OrderId) -> tuple[Review, ...]:
    """Return the reviews of an order that the page shows which ``open_reviews`` has opened, oldest first.

    That there is none is believed only where the page says so; words of other orders' reviews are not read.

    Raises:
        PageUnreadable: the page says something that the profile does not tell.
        WrongOrder: an entry names our order and another one.
    """
    page, frame = _page(site), site.frame
    try:
        found = await _entries(site, page, order_id).all()
        if not found and (await locate(frame, page.entry).count() or not await locate(frame, page.empty).count()):
            raise PageUnreadable("the search for the order's reviews shows neither one of it nor that there is none")
        read = [await _read(site, page, entry, order_id) for entry in found]
    except PlaywrightError as fault:
        raise Transient(fault.message.splitlines()[0]) from fault
    return tuple(sorted(read, key=lambda review: review.at))


def _page(site: Site) -> ReviewsPage:
    if site.profile.pages.reviews is None:
        raise PageUnreadable("the profile has no [pages.reviews]")
    return site.profile.pages.reviews


def answer_control(site: Site, page: ReviewsPage, order_id: OrderId) -> Locator:
    """Return the control that opens the form of an answer, in the entry of exactly this order."""
    return locate(_entries(site, page, order_id), page.answer)


def _entries(site: Site, page: ReviewsPage, order_id: OrderId) -> Locator:
    named = locate(site.frame, page.order_id).filter(has_text=whole([order_id]))
    return locate(site.frame, page.entry).filter(has=named)


async def _read(site: Site, page: ReviewsPage, entry: Locator, order_id: OrderId) -> Review:
    ids = await shown_texts(locate(entry, page.order_id))
    if order_ids_in(" ".join(ids)) != {order_id}:
        raise WrongOrder(f"asked for the review of order {order_id}, the entry names {ids[:3]!r}")
    reply = await _shown(entry, page.reply, "reply", needed=False)
    return Review(
        level=ReviewLevel(site.words.meaning("review_level", await _shown(entry, page.level, "level"))),
        text=await _shown(entry, page.text, "text"),
        at=site.words.time(normalised(await _shown(entry, page.at, "at"))),
        reply=reply,
    )


async def _shown(entry: Locator, target: Target, name: str, *, needed: bool = True) -> str:
    texts = await shown_texts(locate(entry, target))
    if len(texts) > 1 or (needed and not texts):
        raise PageUnreadable(f"pages.reviews.{name}: is shown {len(texts)} times in one entry, expected once")
    return texts[0].strip() if texts else ""
