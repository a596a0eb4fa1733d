"""The way in: the login form, whose request is let out by name, and who the pages say that we are."""

import asyncio
from dataclasses import dataclass
from urllib.parse import urlsplit

from agent.domain.ids import OrderId
from agent.teaching.gate import Learnt, learnt, telling
from agent.teaching.lesson import Lesson, Pointed
from agent.teaching.proposals import located, look
from page_objects import hand
from page_objects.locate import normalised
from page_objects.profile import BodyKind, RequestRule

# Nobody's order: what the portal shows for it is how it says that there is none.
NOBODYS = OrderId("100000000000000003")
_NAMES = ("login", "search", "queries")


@dataclass(frozen=True, slots=True)
class Credentials:
    """What is typed into the login form where the person does not do it; ``password`` is the secret itself."""

    username: str
    password: str


async def learn_login(lesson: Lesson, credentials: Credentials | None) -> bool:
    """Learn the login form, let its request out by name, and have the portal signed in; say whether there is one."""
    notes = lesson.notes
    username = await lesson.teach("login.username", "control")
    if username is None:
        return False
    path = urlsplit(lesson.page.url).path
    notes.put("pages.login", "url", path)
    notes.put("signals.login", "url", path)
    password = await lesson.teach("login.password", "control")
    submit = await lesson.teach("login.submit", "control")
    for key, found in (("ready", submit), ("username", username), ("password", password), ("submit", submit)):
        if found is not None:
            notes.put("pages.login", key, found.entry)
    await _let_form_out(lesson, password)
    await _learn_failure(lesson)
    if credentials is not None and password is not None and submit is not None:
        await _sign_in(lesson, credentials, username, password, submit)
    else:
        await lesson.let_do("login.by_hand")
    await name_reads(lesson, "login.by_hand")
    return True


async def _let_form_out(lesson: Lesson, password: Pointed | None) -> None:
    """Offer the request that the form itself names; one that a script sends is offered once it was held back."""
    if password is None or password.seen is None:
        return
    seen = await look(password.seen.element, "form")
    form = seen.more.get("form") if seen is not None else None
    if form and form["method"] == "POST" and await lesson.agrees("login.let_out", "login_let_out", path=form["action"]):
        told = {"kind": "read", "path": form["action"]}
        if fixed := telling(form["fixed"]):
            told |= {"body": "form", "operation": fixed}
        lesson.rules.let_out("login", RequestRule.model_validate(told), form["names"])
        for key, value in told.items():
            lesson.notes.put("requests.login", key, value)


async def _learn_failure(lesson: Lesson) -> None:
    await lesson.let_do("login.try_wrong")
    failed = await lesson.teach("login.failed", "sign")
    if failed is not None:
        lesson.notes.put("pages.login", "failed", failed.entry)


async def _sign_in(
    lesson: Lesson, credentials: Credentials, username: Pointed, password: Pointed, submit: Pointed
) -> None:
    frame = lesson.page.main_frame
    await hand.write(located(frame, username.entry), credentials.username, "user name")
    await hand.write(located(frame, password.entry), credentials.password, "password")
    here = lesson.page.url
    gone = asyncio.ensure_future(lesson.page.wait_for_url(lambda url: url != here, timeout=10_000))
    await hand.press(located(frame, submit.entry), "sign-in button")
    await asyncio.gather(gone, return_exceptions=True)  # whether it led anywhere, the person sees
    await lesson.settle()


async def name_reads(lesson: Lesson, again: str) -> None:
    """Ask of each request that was held back whether it is the login, a search or queries; then have it tried."""
    while lesson.rules.kept:
        held, lesson.rules.kept = lesson.rules.kept, []
        named = [await _named(lesson, one) for one in _each_once([learnt(request) for request in held])]
        if not any(named):
            return
        await lesson.page.reload(wait_until="domcontentloaded")
        await lesson.let_do(again)


def _plain(value: object) -> object:
    """Return a value as a person would write it: a list of one text as that text."""
    match value:
        case dict():
            return {key: _plain(inner) for key, inner in value.items()}
        case [str() as one]:
            return one
        case _:
            return value


def _each_once(several: list[Learnt]) -> list[Learnt]:
    return list({repr(_kind_of(one)): one for one in several}.values())


def _kind_of(one: Learnt) -> tuple[object, ...]:
    """Return what tells a request from others, as far as a rule goes."""
    return (one.method, one.path, () if one.query else one.root, telling(one.fields))


async def _named(lesson: Lesson, one: Learnt) -> bool:
    default = "queries" if one.query else "no"
    root = " ".join(one.root)
    said = f"{one.method} {one.path} {root}".strip()
    answer = await lesson.ask("held", "held", default, request=said, known=", ".join(_NAMES))
    if answer not in _NAMES:
        return False
    try:
        rule = one.read_rule()
    except ValueError as fault:
        lesson.tell("not_a_target", why=fault)
        return False
    name = answer if answer not in lesson.rules.reads else f"{answer}_{len(lesson.rules.reads)}"
    lesson.rules.let_out(name, rule, None if one.body is BodyKind.GRAPHQL else one.fields)
    for key, value in rule.model_dump(mode="json", exclude_defaults=True).items():
        lesson.notes.put(f"requests.{name}", key, _plain(value))
    return True


async def learn_identity(lesson: Lesson, username: str) -> None:
    """Learn where every page names the account."""
    found = await lesson.teach("identity", "value")
    if found is None:
        return
    shown = normalised(await lesson.text_of(found))
    name = (
        username
        if username and username in shown
        else await lesson.ask("identity.name", "identity_name", shown, text=shown)
    )
    lesson.notes.put("identity", "target", found.entry)
    lesson.notes.put("identity", "text", shown.replace(name, "{username}"))
