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


async def read_reviews(site: Site, order_id: OrderId) -> tuple[Review, ...]:
    """Search the reviews for an order, and return those of it, oldest first.

    That there is none is believed only where the page says so; words of other orders' reviews are not read.

    Raises:
        PageUnreadable: the portal has no such page in its profile, or it says something that the profile does not tell.
        WrongOrder: an entry names our order and another one.
    """
    page = site.profile.pages.reviews
    if page is None:
        raise PageUnreadable("the profile has no [pages.reviews]")
    frame = await site.open(page, order_id)
    try:
        found = await _entries(site, page, order_id).all()
        if not found and (await locate(frame, page.entry).count() or not await locate(frame, page.empty).count()):
            raise PageUnreadable("the search for the order's reviews shows neither one of it nor that there is none")
        read = [await _read(site, page, entry, order_id) for entry in found]
    except PlaywrightError as fault:
        raise Transient(fault.message.splitlines()[0]) from fault
    return tuple(sorted(read, key=lambda review: review.at))


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
