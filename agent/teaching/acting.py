"""An act: its form, and the request that its last button would send, which is held back and taken down."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from playwright.async_api import ElementHandle

from agent.browser.faults import reading
from agent.domain.acts import ActKind
from agent.teaching.gate import Learnt, learnt
from agent.teaching.lesson import Lesson, Pointed
from agent.teaching.listing import Row
from agent.teaching.meanings import learn_reasons
from agent.teaching.order_page import open_order
from agent.teaching.proposals import Entry, located, look, matching
from agent.teaching.survey import Survey
from page_objects.locate import order_ids_in
from page_objects.profile import ORDER_IN_PATH, BodyKind

_FIELDS = "input:not([type=hidden]):not([type=submit]):not([type=button]), textarea, select"
_MEANINGS = ("reason", "remark", "text", "title", "amount")
_USUAL = {
    "reason": ("reason", "原因", "关闭原因", "退款原因"), "remark": ("remark", "note", "备注", "comment"),
    "amount": ("amount", "金额", "退款金额", "with amount"), "text": ("退款说明", "纠纷说明"), "title": ("标题",),
}  # fmt: skip
_KINDS = {"select": "select", "textarea": "text", "radio": "radio", "checkbox": "check", "file": "files"}
_SECRET = re.compile(r"csrf|token|password|nonce|signature", re.IGNORECASE)
_FIGURES = re.compile(r"\d+(?:\.\d{1,2})?")
_SECTIONS = ("forms", "acts", "requests")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A form as it was taught; ``values`` is what stands in its fields, by their names on the wire."""

    order: str
    meanings: Mapping[str, str]


async def learn_act(lesson: Lesson, act: ActKind, row: Row, met: Survey) -> None:
    """Learn one act on an order where it is offered, without doing it."""
    await open_order(lesson, row)
    await lesson.let_do("act.open", act=act, order=row.order_id)
    confirm = await lesson.teach("form.confirm", "control", act=act)
    if confirm is None:
        return
    form = f"forms.{act}"
    lesson.notes.comment(form, "", lesson.say("note_form"))
    await _learn_root(lesson, form, confirm, row)
    prepared = await _learn_fields(lesson, form, confirm, row)
    lesson.rules.kept = []
    await lesson.let_do("act.send", act=act)
    held = _of_the_act([learnt(request) for request in lesson.rules.kept], row.order_id)
    if held is None:
        lesson.tell("nothing_held")
    else:
        lesson.tell("was_held", method=held.method, path=held.path, fields=", ".join(held.fields))
        await _write_request(lesson, act, held, prepared)
    opens = await lesson.agrees("act.opens", "act_opens", default=lesson.notes.get(form, "dismiss") is not None)
    _write_act(lesson, act, met, opens=opens)


def _of_the_act(held: Sequence[Learnt], order_id: str) -> Learnt | None:
    """Return the request that names the order, else the last that was held back."""
    naming = [one for one in held if order_id in one.path or order_id in one.fields.values()]
    return (naming or [*held])[-1] if held else None


async def _learn_root(lesson: Lesson, form: str, confirm: Pointed, row: Row) -> None:
    notes = lesson.notes
    if confirm.seen is not None:
        holder = await look(confirm.seen.element, "holder", order=row.order_id, why=lesson.say("why_css"))
        options = await matching(confirm.frame, holder.targets, holder.element) if holder is not None else []
        if options:
            notes.put(form, "root", await lesson.choose("form.root", options, confirm.frame))
    order_id = await lesson.teach("form.order_id", "value", order=row.order_id)
    if order_id is not None:
        if order_ids_in(await _shown(order_id)) != {row.order_id}:
            lesson.tell("not_the_id", order=row.order_id)
        notes.put(form, "order_id", order_id.entry)
    notes.put(form, "confirm", confirm.entry)
    dismiss = await lesson.teach("form.dismiss", "control")
    if dismiss is not None:
        notes.put(form, "dismiss", dismiss.entry)


async def _shown(found: Pointed) -> str:
    with reading("a form"):
        return str(await located(found.frame, found.entry).first.evaluate("node => node.value ?? node.innerText"))


async def _learn_fields(lesson: Lesson, form: str, confirm: Pointed, row: Row) -> Prepared:
    meanings: dict[str, str] = {}
    for element in await _elements(lesson, form, confirm):
        seen = await look(element, "control", why=lesson.say("why_css"))
        if seen is None:
            continue
        targets = await matching(confirm.frame, seen.targets, seen.element)
        about = seen.about
        if not targets or not (about["name"] or about["key"]):
            continue
        name = about["name"] or about["key"]
        meaning = await lesson.ask(
            f"field.{name}", "which_field_meaning", _usual(about), name=name, known=", ".join(_MEANINGS)
        )
        if meaning:
            await _write_field(lesson, form, meaning, targets[0], about)
            meanings[about["key"]] = meaning.partition("=")[0].strip()
    return Prepared(row.order_id, meanings)


async def _elements(lesson: Lesson, form: str, confirm: Pointed) -> list[ElementHandle]:
    """Return the fields of the form that the last button sends, else those of the whole part that holds it."""
    with reading("a form"):
        if confirm.seen is not None:
            sent = (await confirm.seen.element.evaluate_handle("node => node.closest('form')")).as_element()
            if sent is not None:
                return [one for one in await sent.query_selector_all(_FIELDS) if await _visible(one)]
        root = lesson.notes.get(form, "root")
        return await located(confirm.frame, root).locator(_FIELDS).element_handles() if root else []


async def _visible(element: ElementHandle) -> bool:
    return await element.is_visible()


def _usual(about: Mapping[str, Any]) -> str:
    words = {str(about["name"]).rstrip("*:： ").casefold(), str(about["key"]).casefold()}
    return next((meaning for meaning, usual in _USUAL.items() if words & set(usual)), "")


async def _write_field(lesson: Lesson, form: str, meaning: str, target: Entry, about: Mapping[str, Any]) -> None:
    """Write a field down; ``name = value`` stands for one that always holds the same."""
    name, _, fixed = (part.strip() for part in meaning.partition("="))
    kind = _KINDS.get(about["tag"]) or _KINDS.get(about["type"], "text")
    field: dict[str, Any] = {"kind": kind, "target": target}
    if fixed:
        field["value"] = fixed
    if kind == "check":
        field["ticked"] = fixed.lower() not in {"", "false", "off", "no"}
        field.pop("value", None)
    if about["longest"] and kind == "text":
        field["max_length"] = about["longest"]
    if name == "remark":
        field["optional"] = True
    lesson.notes.put(f"{form}.fields", name, field)
    if name == "reason" and about["options"]:
        await learn_reasons(lesson, [tuple(option) for option in about["options"]])


async def _write_request(lesson: Lesson, act: ActKind, held: Learnt, prepared: Prepared) -> None:
    notes, table = lesson.notes, f"requests.{act}"
    notes.put(table, "kind", "mutating", lesson.say("note_request"))
    if held.method != "POST":
        notes.put(table, "method", held.method)
    notes.put(table, "path", held.path.replace(prepared.order, ORDER_IN_PATH))
    notes.put(table, "body", held.body.value)
    if held.body is BodyKind.GRAPHQL:
        notes.put(table, "root", list(held.root))
    fields = _known_fields(held, prepared)
    if fields:
        notes.put(table, "fields", fields)
    await _write_operation(lesson, table, held, set(fields.values()))
    if held.lists:
        notes.put(table, "lists", list(held.lists))
    secret = [name for name in held.fields if _SECRET.search(name)]
    known = notes.get("private", "keys") or ["password"]
    notes.put("private", "keys", list(dict.fromkeys([*known, *secret])))
    await _write_answer(lesson, table, held)


def _known_fields(held: Learnt, prepared: Prepared) -> dict[str, str]:
    """Return our names for what the request carries."""
    found: dict[str, str] = {}
    for name, value in held.fields.items():
        meaning = prepared.meanings.get(name)
        if value == prepared.order:
            found.setdefault("order_id", name)
        elif meaning == "amount" and _FIGURES.fullmatch(value):
            found.setdefault("amount_yuan", name)
        elif meaning in {"reason", "remark", "text", "title"}:
            found.setdefault(meaning, name)
    return found


async def _write_operation(lesson: Lesson, table: str, held: Learnt, used: set[str]) -> None:
    """Ask which of the other values tell this request from others of its path."""
    others = {
        name: value for name, value in held.fields.items() if name not in used and value and not _SECRET.search(name)
    }
    telling: dict[str, str] = {
        name: value
        for name, value in others.items()
        if await lesson.agrees(f"operation.{name}", "tells_apart", default=False, name=name, value=value)
    }
    if telling:
        lesson.notes.put(table, "operation", telling)


async def _write_answer(lesson: Lesson, table: str, held: Learnt) -> None:
    """Ask what an accepted answer shows: the one thing that cannot be seen without doing it."""
    login = lesson.notes.get("pages.login", "url")
    address = str(lesson.notes.get("pages.detail", "url") or "").partition(ORDER_IN_PATH)[0]
    default = f'{{ status = [302, 303], location = "{address}" }}' if held.navigation and address else ""
    answer = await lesson.ask("request.accepted", "accepted", default)
    try:
        accepted = _table(answer) if answer else None
    except ValueError as fault:
        lesson.tell("not_a_target", why=fault)
        accepted = None
    if accepted:
        lesson.notes.put(f"{table}.answer", "accepted", accepted, lesson.say("note_answer"))
    if accepted and held.navigation and login:
        lesson.notes.put(f"{table}.answer", "nothing_done", {"status": [302, 303], "location": login})


def _table(line: str) -> Mapping[str, Any]:
    try:
        value = tomllib.loads(f"value = {line}")["value"]
    except tomllib.TOMLDecodeError as fault:
        raise ValueError(f"that is not TOML: {fault}") from fault
    if not isinstance(value, dict):
        raise ValueError(f"that is not a table: {line}")
    return value


def _write_act(lesson: Lesson, act: ActKind, met: Survey, *, opens: bool) -> None:
    notes, table = lesson.notes, f"acts.{act}"
    labels = notes.get("words.controls", act.value) or []
    offered = {
        state for label in ([labels] if isinstance(labels, str) else labels) for state in met.offered.get(label, ())
    }
    words = notes.tables.get("words.order_state", {})
    states = [state for state, shown in words.items() if offered & set([shown] if isinstance(shown, str) else shown)]
    notes.put(table, "roles", notes.get("", "roles"), lesson.say("note_act"))
    if states:
        notes.put(table, "states", [state for state in states if state != "closed"])
    notes.put(table, "page", "detail")
    if not opens:
        notes.put(table, "opener", value=False)
    notes.put(table, "form", act.value)
    notes.put(table, "request", act.value)
