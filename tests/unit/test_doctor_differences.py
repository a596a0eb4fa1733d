"""What has changed is found, weighs as much as what leans on it, and names the paths that it concerns."""

import ast
from pathlib import Path as File
from typing import Literal

import pytest

from agent.doctor.bearing import PATHS, Bearing, Weight
from agent.doctor.changes_page import changes_page
from agent.doctor.differences import Difference, chance_explains, differences, missed
from agent.doctor.findings import Entry, State, UnknownWord
from agent.doctor.saying import SAID
from agent.doctor.shots import Mark, Shot
from agent.doctor.visit import ButtonSeen, FieldSeen, FormSeen, Offers, Place, Seen, Visit
from agent.domain.acts import ActKind
from agent.domain.cases import Path, Role
from page_objects.loader import load_profile

BEARING = Bearing(load_profile("mock_classic").profile, Role.SELLER)
CONFIRM = Seen(count=1, name="确定", tag="button", kind="submit", look="white on orange", usable=True)
DISMISS = Seen(count=1, name="取消", tag="a", kind="link", look="black on white", usable=True)
REASON = FieldSeen(label="关闭原因", kind="select", name="closeReason", options=(("缺货", "lack"), ("其它", "other")))
REMARK = FieldSeen(label="备注", kind="textarea", name="remark", max_length=200)
FORM = FormSeen(
    sends_to="/close", method="post", hidden=("orderId",), fields=(REASON, REMARK),
    buttons=(ButtonSeen(label="确定", tag="button", kind="submit"), ButtonSeen(label="取消", tag="a", kind="link")),
)  # fmt: skip
DIALOG = Place(
    where="close of order 1", act="close", tree=("- dialog", "- button"), form=FORM,
    targets={"forms.close.confirm": CONFIRM, "forms.close.dismiss": DISMISS},
    choices={"reason": ("缺货", "其它")}, requests={"GET /close": ("orderId",)},
)  # fmt: skip
LIST = Place(where="list", tree=("- table",), targets={"pages.list.row_open": Seen(count=1, tag="a", usable=True)})
THEN = Visit(
    places={"form close unpaid": DIALOG, "list": LIST},
    offers={"unpaid unpaid": Offers(state="unpaid", orders=4, acts={"close": 4})},
)
CLOSING = (Path.UNPAID, Path.PAID_UNSHIPPED)


def found(
    now: Visit, then: Visit | None = THEN, entries: tuple[Entry, ...] = (), unknown: tuple[UnknownWord, ...] = ()
) -> tuple[Difference, ...]:
    return differences(then, now, BEARING, entries=entries, unknown=unknown)


def dialog(**changed: object) -> Visit:
    return THEN.model_copy(update={"places": {**THEN.places, "form close unpaid": DIALOG.model_copy(update=changed)}})


def form(**changed: object) -> Visit:
    return dialog(form=FORM.model_copy(update=changed))


def targets(**changed: Seen) -> Visit:
    named = {f"forms.close.{name}": seen for name, seen in changed.items()}
    return dialog(targets={**DIALOG.targets, **named})


def test_an_unchanged_visit_has_no_differences() -> None:
    assert found(THEN) == ()


def test_options_whose_words_are_kept_as_one_differ_by_their_codes_alone() -> None:
    """A select of payment events: its labels are words of the profile, and are not kept one by one."""
    events = FieldSeen(label="event", kind="select", options=(("<event>", "paid"), ("<event>", "refunded")))
    then = form(fields=(events,))
    moved = events.model_copy(update={"options": events.options[::-1]})
    assert found(then, then) == ()
    assert found(form(fields=(moved,)), then) == ()
    renamed = events.model_copy(update={"options": (("<event>", "paid"), ("<event>", "given_back"))})
    [difference] = found(form(fields=(renamed,)), then)
    assert (difference.said, difference.weight) == ("code_changed", Weight.ACTING)


def test_a_form_numbered_by_the_orders_lines_is_the_same_for_every_order() -> None:
    """Oscar's form: a quantity named after each line's key, and a control in its select more or less."""
    quantity = FieldSeen(label="", kind="number", name="selected_line_qty_13")
    control = FieldSeen(label="status", kind="select", options=(("<controls>", "<controls>"),) * 2)
    then = form(fields=(quantity, control))
    other = quantity.model_copy(update={"name": "selected_line_qty_1"})
    longer = control.model_copy(update={"options": control.options * 2})
    assert found(form(fields=(other, longer)), then) == ()
    renamed = quantity.model_copy(update={"name": "chosen_line_qty_13"})
    [difference] = found(form(fields=(renamed, control)), then)
    assert (difference.said, difference.weight) == ("field_changed", Weight.ACTING)


def test_what_was_never_met_differs_in_nothing() -> None:
    assert found(THEN, Visit()) == ()
    assert found(THEN, None) == ()
    assert found(Visit()) == ()


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (targets(confirm=Seen(count=0)), "gone"),
        (targets(confirm=Seen(count=2)), "several"),
        (targets(confirm=CONFIRM.model_copy(update={"usable": False})), "not_usable"),
        (targets(confirm=CONFIRM.model_copy(update={"tag": "a", "kind": "link"})), "other_element"),
        (
            targets(
                confirm=CONFIRM.model_copy(update={"look": DISMISS.look}),
                dismiss=DISMISS.model_copy(update={"look": CONFIRM.look}),
            ),
            "changed_places",
        ),
        (form(sends_to="/shut"), "sent_otherwise"),
        (form(method="get"), "sent_otherwise"),
        (form(hidden=("orderId", "block")), "hidden_fields"),
        (form(fields=(REASON,)), "field_gone"),
        (form(fields=(REASON, REMARK, FieldSeen(label="拉黑", kind="input checkbox", checked=True))), "field_new"),
        (form(fields=(REASON, REMARK, REMARK)), "field_new"),
        (form(fields=(REASON, REMARK.model_copy(update={"name": "memo"}))), "field_changed"),
        (form(fields=(REASON, REMARK.model_copy(update={"required": True}))), "field_changed"),
        (
            form(fields=(REASON.model_copy(update={"options": (("缺货", "x"), ("其它", "other"))}), REMARK)),
            "code_changed",
        ),
        (form(buttons=(*FORM.buttons, ButtonSeen(label="确定并拉黑", tag="button"))), "button_new"),
        (dialog(requests={"GET /close": ("order_id",)}), "asks_otherwise"),
        (dialog(held=("POST /close",)), "held"),
    ],
)
def test_what_an_act_leans_on_is_acting_and_concerns_its_paths(now: Visit, said: str) -> None:
    first = found(now)[0]
    assert (first.said, first.weight, first.paths) == (said, Weight.ACTING, CLOSING)
    assert first.acts == (ActKind.CLOSE,)


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (targets(confirm=CONFIRM.model_copy(update={"look": "white on blue"})), "restyled"),
        (targets(confirm=CONFIRM.model_copy(update={"name": "确认"})), "other_name"),
        (dialog(tree=("- dialog", "- paragraph", "- button")), "tree"),
        (dialog(choices={"reason": ("其它", "缺货")}), "options_moved"),
        (dialog(choices={"reason": ("缺货", "其它", "天气")}), "options_changed"),
        (dialog(requests={"GET /close": ("orderId",), "GET /help": ()}), "asks_anew"),
        (form(buttons=(*FORM.buttons, ButtonSeen(label="帮助", tag="a", kind="link"))), "link_new"),
    ],
)
def test_what_nothing_leans_on_is_cosmetic(now: Visit, said: str) -> None:
    (only,) = found(now)
    assert (only.said, only.weight, only.paths) == (said, Weight.COSMETIC, ())


def test_what_reading_leans_on_is_reading() -> None:
    now = THEN.model_copy(
        update={"places": {"list": LIST.model_copy(update={"targets": {"pages.list.row_open": Seen(count=0)}})}}
    )
    (only,) = found(now)
    assert (only.weight, only.paths) == (Weight.READING, ())


def test_what_does_not_fit_the_profile_is_told_once_and_not_after_somebody_accepted_it() -> None:
    missing = Entry("forms.close.confirm", State.MISSING, "close of order 1", "nothing matches")
    (only,) = found(targets(confirm=Seen(count=0)), entries=(missing,))
    assert (only.said, only.weight, only.paths) == ("unlike_profile", Weight.ACTING, CLOSING)
    accepted = targets(confirm=Seen(count=0)).model_copy(update={"wrong": {"forms.close.confirm": "missing"}})
    assert found(accepted, then=accepted, entries=(missing,)) == ()


def test_a_reason_concerns_only_the_act_in_whose_form_it_was_looked_for() -> None:
    missing = Entry("reasons.out_of_stock", State.MISSING, "close of order 1", "")
    assert found(Visit(), entries=(missing,))[0].acts == (ActKind.CLOSE,)


def test_an_unknown_control_is_acting_where_nothing_else_is_offered() -> None:
    word = UnknownWord("controls", "关闭交易", "order 1")
    (alone,) = found(Visit(bare={"关闭交易": frozenset({"unpaid"})}), unknown=(word,))
    assert (alone.weight, alone.paths) == (Weight.ACTING, (Path.UNPAID,))
    (over,) = found(Visit(bare={"关闭交易": frozenset({"closed", "success"})}), unknown=(word,))
    assert (over.weight, over.paths) == (Weight.READING, ())
    (beside,) = found(Visit(), unknown=(word,))
    assert (beside.weight, beside.paths) == (Weight.READING, ())


def test_an_act_is_missed_only_where_chance_does_not_explain_it() -> None:
    always = Offers(state="unpaid", orders=4, acts={"close": 4})
    seldom = Offers(state="paid", orders=6, acts={"close": 2})
    assert missed(always, Offers(orders=1)) == ["close"]
    assert chance_explains(always, "close", 1)
    assert not chance_explains(always, "close", 3)
    assert chance_explains(seldom, "close", 8)
    now = Visit(offers={"unpaid unpaid": Offers(state="unpaid", orders=3)})
    (only,) = found(now)
    assert (only.said, only.weight, only.paths) == ("not_offered", Weight.ACTING, (Path.UNPAID,))


def test_a_later_visit_keeps_what_it_did_not_meet_and_counts_on() -> None:
    later = Visit(offers={"unpaid unpaid": Offers(state="unpaid", orders=1, acts={"close": 1})}).after(THEN)
    assert later.places == THEN.places
    assert later.offers["unpaid unpaid"].orders == 5
    assert later.offers["unpaid unpaid"].acts == {"close": 5}


def test_a_visit_that_was_kept_is_the_same_and_names_no_order() -> None:
    kept = THEN.as_json()
    assert "of order" not in str(kept)
    assert found(Visit.model_validate(kept)) == ()
    assert found(THEN, Visit.model_validate(kept)) == ()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_difference_is_said_in_both_languages(language: str) -> None:
    said = [one.why(language) for now in (form(sends_to="/shut"), targets(confirm=Seen(count=2))) for one in found(now)]
    assert all(said)
    assert all(phrase.zh and phrase.en for phrase in SAID.values())


def test_the_paths_of_each_act_are_those_whose_scenarios_do_it() -> None:
    """Where a scenario learns a new act, the paths that doctor stops for it are told here."""
    folder = File(__file__).parents[2] / "scenarios"
    files = {path: f"{path}.py" for path in Path}
    done: dict[ActKind, set[Path]] = {kind: set() for kind in ActKind}
    for path, name in files.items():
        for call in ast.walk(ast.parse((folder / name).read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "Act":
                done[ActKind[ast.unparse(call.args[0]).removeprefix("ActKind.")]].add(path)
    assert "ActKind.REFUND," in (folder / "common.py").read_text("utf-8"), "what gives back a paid order's money"
    done[ActKind.REFUND].add(Path.PAID_UNSHIPPED)
    asking = {path for path in files if "ask_first" in (folder / files[path]).read_text("utf-8")}
    done[ActKind.SEND_MESSAGE] |= asking
    done[ActKind.OPEN_DISPUTE] |= {
        path for path in files if "call_platform_in" in (folder / files[path]).read_text("utf-8")
    }
    assert {kind: set(paths) for kind, paths in PATHS.items()} == done


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_of_changes_takes_what_a_portal_says_as_text(language: Literal["zh", "en"]) -> None:
    evil = '"><script>alert(1)</script>'
    now = Visit(places={"list": Place(where=evil, tree=(f"- button {evil}",))})
    then = Visit(places={"list": Place(tree=("- button",))})
    one = Difference(Weight.READING, "list", evil, "words.controls", "unknown_label", {"text": evil})
    shot = Shot(b"jpeg", (Mark("words.controls", (10, 20, 640, 72), former=True),), (1280, 720))
    page = changes_page([one], {evil: shot}, then, now, shop="demo", good_since=None, language=language)
    assert "<script" not in page
    assert "alert(1)" in page
    assert "left:0.78%;top:2.78%;width:50.0%;height:10.0%" in page
    assert 'class="gone">- button<' in page
