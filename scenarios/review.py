"""Watching a closed order's reviews: a bad one is answered only once a person has approved the very text."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from agent.domain.acts import Act, ActKind, Step
from agent.domain.aftercare import PURPOSE, Aftercare, AskPerson, Finished, Later, Wishes
from agent.domain.reviews import ASKED, SAID, Review, ReviewLevel, ReviewWord, Said
from agent.engine.run import Run
from scenarios.steps import facts_of
from scenarios.texts import text

ANSWER = f"{PURPOSE}review"
_NOTHING_LEFT = timedelta(0)
_LINES = 20  # of the conversation, shown to the person who decides


def review(
    reviews: Sequence[Review],
    said: Said | None,
    *,
    sent: bool,
    since: datetime,
    now: datetime,
    wishes: Wishes,
    case_id: str,
) -> Step:
    """Decide one look at the reviews of an order that was closed at ``since``; ``sent`` says that ours stands there."""
    if sent:
        return Finished("the review was answered, as a person had approved")
    if not reviews:
        return _go_on(since, now, wishes)
    wanting = [one for one in reviews if not one.reply and one.level is not ReviewLevel.GOOD]
    if not wanting:
        return Finished(_fine(reviews))
    if said is None or said.mark != mark_of(reviews):
        return AskPerson(_question(wanting[0], len(reviews), case_id))
    if said.word is ReviewWord.LEAVE:
        return Finished(f"the review stays without an answer, as {said.by} decided")
    why = f"a {wanting[0].level} review; {said.by} approved this answer"
    return Act(ActKind.ANSWER_REVIEW, ANSWER, why, fields={"text": said.text, "review": said.mark})


def _go_on(since: datetime, now: datetime, wishes: Wishes) -> Step:
    within = wishes.review_within or _NOTHING_LEFT
    left = within - (now - since)
    if left <= _NOTHING_LEFT:
        return Finished(f"no review came within {max(within.days, 1)} d")
    return Later("no review yet", min(left, wishes.review_every))


def _fine(reviews: Sequence[Review]) -> str:
    if all(one.level is ReviewLevel.GOOD for one in reviews):
        return "the buyer's review is good"
    return "the review was answered by somebody else"


def _question(wanting: Review, count: int, case_id: str) -> str:
    if count > 1:
        return (
            f"the order has {count} reviews, and one wants an answer: see to it on the portal, then say"
            f" 'closewright answer {case_id} leave'"
        )
    return (
        f"a {wanting.level} review: 'closewright show {case_id}' shows it with a draft; then say"
        f" 'closewright answer {case_id} send' or 'leave'"
    )


def mark_of(reviews: Sequence[Review]) -> str:
    """Return what all reviews of an order say, as one short word; of a single one, its own."""
    if len(reviews) == 1:
        return reviews[0].mark
    return sha256(" ".join(one.mark for one in reviews).encode()).hexdigest()


async def review_step(run: Run, item: Aftercare) -> Step:
    """Look at the order's reviews and decide the next step; a person is shown what a question is about."""
    facts = facts_of(run, await run.order())
    reviews = await run.reviews()
    said = run.case.facts.get(SAID)
    step = review(
        reviews,
        None if said is None else Said.from_json(said),
        sent=(ActKind.ANSWER_REVIEW, ANSWER) in run.done,
        since=item.opened_at,
        now=facts.now,
        wishes=facts.wishes,
        case_id=run.case.case_id,
    )
    if reviews:
        await run.recorder.picture(run.lane.site, ANSWER, f"the reviews of the order: {step.why}")
    if isinstance(step, AskPerson):
        await _show(run, reviews, text("answer_review", facts))
    return step


async def _show(run: Run, reviews: Sequence[Review], draft: str) -> None:
    """Keep the reviews that a person is asked about, with the conversation and a draft, until they are others."""
    mark = mark_of(reviews)
    if run.case.facts.get(ASKED, {}).get("mark") == mark:
        return
    told = [
        {"level": one.level.value, "text": run.recorder.cut(one.text)[:2000], "at": one.at.isoformat()}
        for one in reviews
    ]
    draft = draft if len(reviews) == 1 else ""
    said = " / ".join(f"{one['level']}: {one['text']}" for one in told)
    run.recorder.note("review", {"text": said, "reviews": told, "draft": draft, "mark": mark})
    run.know(**{ASKED: {"mark": mark, "reviews": told, "draft": draft, "thread": await _thread(run)}})


async def _thread(run: Run) -> list[dict[str, str | None]]:
    """Return the last lines of the conversation with the buyer, where the portal has one."""
    if run.shop_run.loaded.profile.pages.thread is None:
        return []
    lines = [
        {
            "sender": line.sender,
            "text": run.recorder.cut(line.text)[:500],
            "at": at.isoformat() if (at := line.at) else None,
        }
        for line in (await run.thread())[-_LINES:]
    ]
    run.recorder.note("messages", {"messages": lines})
    return lines
