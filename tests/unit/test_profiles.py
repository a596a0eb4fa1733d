"""Profiles: what is wrong in a file is told at once, and nothing unseen counts as verified."""

import inspect
import re
from enum import StrEnum
from importlib import import_module, resources
from pathlib import Path
from pkgutil import iter_modules

import pytest
from pydantic import BaseModel

from agent.browser.gate import Answer, Forbidden, Mutating, Read, SeenRequest
from agent.doctor.entries import entries_of
from agent.domain.acts import ActKind
from agent.domain.cases import Role
from agent.domain.judge import AnswerKind
from agent.domain.orders import OrderState, PayState, RefundKind, RefundState
from agent.domain.reasons import Reason
from agent.engine.permission import acting_entries
from agent.errors import ConfigError, PageUnreadable
from page_objects import profile as profile_format
from page_objects.gaps import gaps_of
from page_objects.loader import load_profile, parse_profile, profile_names
from page_objects.profile import AXES, DETAIL_FIELDS, ActVariant
from page_objects.requests import PortalRequests, understand
from page_objects.site import Account
from page_objects.words import WordReader

MOCKS = ("mock_classic", "mock_lit", "mock_workbench")
REAL = "alibaba1688"
FOLDER = resources.files("page_objects") / "portals"
CLASSIC = (FOLDER / "mock_classic" / "profile.toml").read_text("utf-8")
_PLACE = re.compile(r"my/profile\.toml(, line [0-9]+)?: ")
Edit = tuple[str, str]


def faults_of(*edits: Edit, end: str = "", raw: bytes | None = None) -> list[str]:
    """Return the faults of the classic profile with some places changed, or of other bytes."""
    text = CLASSIC
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new, 1)
    with pytest.raises(ConfigError) as caught:
        parse_profile((text + end).encode() if raw is None else raw, origin="my/profile.toml")
    assert all(_PLACE.match(fault) for fault in caught.value.faults)
    return [_PLACE.sub("", fault) for fault in caught.value.faults]


# --- What the loader says


def test_all_faulty_keys_are_told_at_once_by_their_path_in_the_file() -> None:
    faults = faults_of(
        ("format = 1", "format = 2"),
        ('version = "1"', 'version = "1"\ncolour = "red"'),
        ("settle_s = 3", 'settle_s = "soon"'),
        ('submit = { role = "button", name = "登录" }', 'submit = { role = "button", text = "登录" }'),
        ('row_id = { css = ".order-id", why = "a plain span" }', 'row_id = { css = ".order-id" }'),
        ('kind = "select", target', 'kind = "listbox", target'),
        ('states = ["unpaid", "paid"]', 'states = ["unpaid", "payed"]'),
        ("[requests.close.answer]", "[requests.close.reply]"),
    )
    places = [fault.partition(": ")[0] for fault in faults]
    assert sorted(places) == sorted(
        [
            "format",
            "colour",
            "settle_s",
            "pages.login.submit",
            "pages.list.row_id",
            "forms.close.fields.reason",
            "acts.close.0.states.1",
            "requests.close.reply",
        ]
    )
    said = dict(fault.split(": ", 1) for fault in faults)
    assert said["colour"] == "unknown key"
    assert "exactly one of role, label" in said["pages.login.submit"]
    assert "found: role, text" in said["pages.login.submit"]
    assert "css needs why" in said["pages.list.row_id"]


def test_each_fault_names_its_line() -> None:
    text = (
        CLASSIC.replace("settle_s = 3", 'settle_s = "soon"').replace('form = "message"', 'form = "massage"')
        + '\n[languages.en]\nlanguage = "en"\nwords.flag = { no = "fine", maybe = "perhaps" }\n'
    )
    with pytest.raises(ConfigError) as caught:
        parse_profile(text.encode(), origin="p.toml")
    wrong = {"settle_s": 'settle_s = "soon"', "words.flag": "words.flag = {"}
    for fault in caught.value.faults:
        place, _, key = fault.partition(": ")
        line = text.splitlines()[int(place.removeprefix("p.toml, line ")) - 1]
        assert line.startswith(next(start for name, start in wrong.items() if key.startswith(name)))
    assert len(caught.value.faults) == len(wrong)
    with pytest.raises(ConfigError) as caught:
        parse_profile(CLASSIC.replace('form = "message"', 'form = "massage"').encode(), origin="p.toml")
    [fault] = caught.value.faults
    at = int(fault.removeprefix("p.toml, line ").partition(":")[0])
    assert CLASSIC.splitlines()[at - 1] == 'form = "message"'


def test_one_element_under_two_names_of_a_form_is_a_fault() -> None:
    """A form whose last button also leaves it would close the order that it was to leave alone."""
    assert faults_of(
        (
            'confirm = { role = "button", name = "确定" }\ndismiss = { role = "button", name = "取消" }',
            'confirm = { role = "button", name = "确定" }\ndismiss = { role = "button", name = "确定" }',
        ),
        ('target = { role = "textbox", name = "退款说明" }', 'target = { role = "textbox", name = "退款金额" }'),
    ) == [
        "forms.close.dismiss: is the same target as confirm",
        "forms.apply_refund.fields.text: is the same target as fields.amount",
    ]


def test_forms_that_follow_one_another_must_end_and_must_not_share_a_field() -> None:
    assert faults_of(
        ("[forms.close]\n", '[forms.close]\nthen = "apply_refund"\n'),
        ("[forms.apply_refund]\n", '[forms.apply_refund]\nthen = "close"\n'),
        ("[forms.message]\n", '[forms.message]\nthen = "massage"\n'),
    ) == [
        "forms.message.then: no [forms.massage]",
        "forms.apply_refund.then: close comes before it, and no form would be the last",
        "forms.apply_refund.fields.reason: has the same name as in forms.close, which comes before it",
        "forms.apply_refund.fields.amount: has the same name as in forms.close, which comes before it",
        "forms.close.then: apply_refund comes before it, and no form would be the last",
        "forms.close.fields.amount: has the same name as in forms.apply_refund, which comes before it",
        "forms.close.fields.reason: has the same name as in forms.apply_refund, which comes before it",
    ]


def test_a_reply_that_is_not_bound_to_its_ticket_is_a_fault() -> None:
    assert faults_of(
        ('ticket = { beside = "工单号" }\n', ""),
        (
            'fields = { order_id = "orderId", ticket = "ticketId", text = "content" }',
            'fields = { order_id = "orderId" }',
        ),
        ('reply = { role = "button", name = "补充说明" }\n', ""),
    ) == [
        "acts.reply_ticket[0].form: a form of it has no ticket",
        "acts.reply_ticket[0].request: needs fields.ticket and fields.text",
        "acts.reply_ticket[0].page: needs [pages.tickets.talk] with reply",
    ]
    assert faults_of(('page = "tickets"', 'page = "thread"')) == [
        "acts.reply_ticket[0].page: tickets is where reply_ticket begins, and nothing else"
    ]


def test_limits_of_files_stand_at_files_and_are_written_plainly() -> None:
    faults = faults_of(
        ('name = "消息内容" }, max_length = 500', 'name = "消息内容" }, max_bytes = 500'),
        ('suffixes = ["png", ', 'suffixes = [".PNG", '),
    )
    said = [fault.partition(": ")[2] for fault in faults]
    assert sorted(said) == [
        "suffixes are written small and without a dot",
        "suffixes, max_bytes and max_files go with kind = 'files', and only with it",
    ]


def test_what_is_missing_is_named() -> None:
    faults = faults_of(raw=b'name = "x"\n')
    assert {"format: is missing", "pages: is missing", "requests: is missing"} <= set(faults)
    assert "name: is missing" not in faults


def test_words_that_mean_nothing_or_two_things_are_all_named() -> None:
    faults = faults_of(
        ('unpaid = "等待买家付款"', 'unpaid = "等待买家付款"\npayed = "买家已付"'),
        ('shipped = "等待买家收货"', 'shipped = ["等待买家收货", "交易成功"]'),
        ('refunded = "已全额退款"', 'refunded = ["已全额退款", "已付款"]'),
    )
    assert faults[0].startswith("words.order_state.payed: not a meaning; use one of unpaid, paying")
    assert faults[1:] == [
        "words.order_state: '交易成功' means both shipped and success",
        "words.pay_state: '已付款' means both paid and refunded",
    ]


def test_references_to_what_is_not_there_are_all_named() -> None:
    faults = "\n".join(
        faults_of(
            ('form = "close"', 'form = "closing"'),
            ('request = "apply_refund"', 'request = "login"'),
            ('ready = { role = "table", name = "订单列表" }', 'ready = { text = "订单列表" }\nframe = "trade"'),
            ('order_state = "订单状态"', 'state = "订单状态"'),
            ('confirm_return = "确认收货并退款"\n', ""),
            ('fields = ["buyer", "receiver"', 'fields = ["buyer", "consignee"'),
        )
    )
    for told in (
        "acts.close[0].form: no [forms.closing]",
        "acts.apply_refund[0].request: no mutating [requests.login]",
        "pages.list.frame: no [frames] entry 'trade'",
        "pages.detail.fields.state: not a field; use one of order_id, order_state",
        "pages.detail.fields: order_state is missing",
        "acts.confirm_return[0]: [words.controls] has no confirm_return",
        "private.fields: consignee is not in pages.detail.fields",
    ):
        assert told in faults


def test_payments_in_blocks_need_the_portals_own_count_of_them() -> None:
    text = (Path(__file__).parents[1] / "browser" / "keyed.toml").read_text("utf-8")
    block = 'block = { css = "i", why = "x" }\nstate = { role = "cell" }\namount = { role = "cell" }\n'
    refunds = f'[pages.detail.payments.refunds]\n{block}key = "payment_key"\n'
    more = f'[pages.detail.payments]\n{block}key = "pay_key"\n{refunds}'
    with pytest.raises(ConfigError, match=r"payments\.key: no \[pages\.detail\.key\.parts\] entry 'pay_key'") as fault:
        parse_profile((text + more).encode(), origin="keyed.toml")
    assert "refunds" not in str(fault.value)


def test_what_belongs_to_a_list_of_choices_goes_with_no_other_field() -> None:
    target = '{ css = "i", why = "x" }'
    for more in (f"chosen = {target}", f'own = {{ entry = {target}, option = "Add {{label}}" }}'):
        field = f'odd = {{ kind = "text", target = {target}, {more} }}'
        (fault,) = faults_of(("[forms.close.fields]\n", f"[forms.close.fields]\n{field}\n"))
        assert fault.startswith("forms.close.fields.odd: chosen and own go with kind = 'listbox'")


def test_only_where_every_order_is_looked_up_in_the_list_no_page_says_that_one_is_absent() -> None:
    absent = CLASSIC[CLASSIC.index("[signals.absent]") :]
    absent = absent[: absent.index("\n[", 1) + 1]
    (fault,) = faults_of((absent, ""))
    assert fault.startswith("signals.absent: is missing")
    keyed = (Path(__file__).parents[1] / "browser" / "keyed.toml").read_text("utf-8")
    begins = keyed.index("[signals.absent]")
    without = keyed[:begins] + keyed[keyed.index("\n[", begins) + 1 :]
    assert parse_profile(without.encode(), origin="keyed.toml").profile.signals.absent is None


def test_a_way_to_act_may_be_for_some_states_of_the_payment_only() -> None:
    held = ActVariant(
        roles=(Role.SELLER,), states=(OrderState.PAID,), pay_states=(PayState.AUTHORISED,),
        page="detail", form="x", request="x",
    )  # fmt: skip
    assert held.fits(Role.SELLER, OrderState.PAID, PayState.AUTHORISED)
    assert not held.fits(Role.SELLER, OrderState.PAID, PayState.PAID)
    assert not held.fits(Role.SELLER, OrderState.UNPAID, PayState.AUTHORISED)
    assert not held.fits(Role.PURCHASER, OrderState.PAID, PayState.AUTHORISED)


def test_patterns_that_are_no_regular_expressions_and_zones_that_are_none_are_told() -> None:
    """What is private must not be found out to be uncuttable in the middle of a case."""
    assert faults_of(
        (
            "patterns = ['(?<!",
            "patterns = ['(?<!((",
        )
    )[0].startswith("private.patterns[0]: '(?<!((")
    assert faults_of(('version = "1"', 'version = "1"\nzone = "Mars/Base"')) == [
        "zone: 'Mars/Base' is not a time zone; write one such as Asia/Shanghai"
    ]


def test_a_pattern_of_unverified_entries_that_matches_nothing_is_a_fault() -> None:
    faults = faults_of(end='\n[unverified]\nread = ["pages.detail.action_bra"]\nact = ["forms.*", "act.*"]\n')
    assert faults == [
        "unverified.read: 'pages.detail.action_bra' matches no entry of the profile",
        "unverified.act: 'act.*' matches no entry of the profile",
    ]


def test_a_mutating_request_must_say_how_it_is_matched_and_answered() -> None:
    faults = faults_of(
        ('fields = { order_id = "orderId", reason', "fields = { reason"), ('path = "/login"', 'path = "x"')
    )
    assert "requests.close: a mutating request needs answer, and fields.order_id or {order_id} in its path" in faults
    assert "requests.login: path starts with /" in faults


def test_a_file_that_is_no_toml_or_no_utf8_is_told_so() -> None:
    assert faults_of(raw="name = '订单'".encode("gb18030"))[0].startswith("not UTF-8")
    assert faults_of(raw=b"name = ")[0].startswith("not TOML")


def test_a_byte_order_mark_is_no_fault() -> None:
    assert parse_profile(b"\xef\xbb\xbf" + CLASSIC.encode(), origin="my/profile.toml").profile.name == "mock_classic"


def test_a_profile_is_known_by_the_name_of_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "profile.toml").write_text(CLASSIC, encoding="utf-8")
    with pytest.raises(ConfigError, match="name: is 'mock_classic', but its folder is 'mine'"):
        load_profile("mine", tmp_path)
    (folder / "profile.toml").write_text(CLASSIC.replace("mock_classic", "mine", 1), encoding="utf-8")
    assert load_profile("mine", tmp_path).profile.name == "mine"
    with pytest.raises(ConfigError, match="known are alibaba1688, mine, mock_classic"):
        load_profile("min", tmp_path)


# --- The bundled profiles


@pytest.mark.parametrize("name", profile_names())
def test_every_bundled_profile_loads_under_its_own_name(name: str) -> None:
    loaded = load_profile(name)
    assert loaded.profile.name == name
    assert loaded.unverified_read.isdisjoint(loaded.unverified_act)


def seen(method: str, url: str, body: bytes | None = None) -> SeenRequest:
    return SeenRequest(method, url, {}, body, "xhr", navigation=False)


def rules_of(name: str, base_url: str) -> PortalRequests:
    account = Account(shop="demo", base_url=base_url, role=Role.SELLER, username="seller")
    return PortalRequests(load_profile(name).profile, account)


@pytest.mark.parametrize("name", MOCKS)
def test_the_mock_portals_truth_is_out_of_reach(name: str) -> None:
    rules = rules_of(name, "http://127.0.0.1:8765")
    for method in ("GET", "POST"):
        for port in (8765, 9999):
            verdict = rules.classify(seen(method, f"http://127.0.0.1:{port}/_mock/ledger"))
            assert isinstance(verdict, Forbidden)
    assert isinstance(rules.classify(seen("GET", "http://127.0.0.1:8765/trade/sold")), Read)


@pytest.mark.parametrize("name", profile_names())
def test_every_bundled_profile_can_close_for_every_reason(name: str) -> None:
    loaded = load_profile(name)
    assert set(loaded.profile.reasons) in (set(Reason), set())  # none at all: a portal that keeps no reasons
    assert ActKind.CLOSE in loaded.profile.acts


@pytest.mark.parametrize(
    ("name", "answer", "kind", "said"),
    [
        ("mock_classic", (200, "错误代码：<code>REFUND_CHANGED</code>", None), AnswerKind.REFUSED, {"stale"}),
        ("mock_classic", (303, "", "/_____tmd_____/sms?orderId=1"), AnswerKind.NOTHING_DONE, {"second_factor"}),
        ("mock_classic", (303, "", "/busy"), AnswerKind.NOTHING_DONE, set()),
        ("mock_classic", (303, "", "/trade/order?orderId=1"), AnswerKind.ACCEPTED, set()),
        ("mock_workbench", (200, '{"success": false, "code": "REFUND_CHANGED"}', None), AnswerKind.REFUSED, {"stale"}),
        (
            "mock_workbench",
            (200, '{"success": false, "code": "FAIL_BIZ_SMS_VERIFY"}', None),
            AnswerKind.NOTHING_DONE,
            {"second_factor"},
        ),
        (
            "mock_workbench",
            (503, '{"success": false, "code": "FAIL_SYS_MAINTENANCE"}', None),
            AnswerKind.NOTHING_DONE,
            set(),
        ),
    ],
)
def test_an_answer_says_whether_the_page_was_out_of_date_or_a_code_is_wanted(
    name: str, answer: tuple[int, str, str | None], kind: AnswerKind, said: set[str]
) -> None:
    status, body, location = answer
    rule = load_profile(name).profile.requests["agree_refund"]
    understood = understand(rule, Answer(status, {}, body.encode(), "http://127.0.0.1/", location))
    assert understood.kind is kind
    assert {word for word in ("stale", "second_factor", "too_new") if getattr(understood, word)} == said


# --- 1688, which nobody here has seen live

# Signals whose texts and ids are used by public code against the live portal.
SEEN_BY_OTHERS = {"signals.human_check", "signals.rate_limited", "signals.login"}


def test_every_element_act_and_request_of_1688_is_unverified() -> None:
    """Nothing of it may count as verified by accident, such as an entry that is added later."""
    loaded = load_profile(REAL)
    unverified = loaded.unverified_read | loaded.unverified_act
    words = {f"words.{axis}" for axis in AXES}  # a text that is not listed is never acted on
    assert {entry for entry in entries_of(loaded.profile) if entry not in unverified} - words == SEEN_BY_OTHERS


def test_what_changes_something_on_1688_is_confirmed_by_an_act_only() -> None:
    loaded = load_profile(REAL)
    acting = [entry for entry in entries_of(loaded.profile) if entry.split(".")[0] in {"acts", "forms", "requests"}]
    assert acting
    assert set(acting) <= loaded.unverified_act


@pytest.mark.parametrize(
    ("axis", "text", "meaning"),
    [
        ("order_state", "等待买家付款", "unpaid"),
        ("order_state", "待付款", "unpaid"),
        ("order_state", "等待卖家发货", "paid"),
        ("order_state", "等待物流公司揽件", "shipped"),
        ("order_state", "已发货", "shipped"),
        ("order_state", "已收货未到账", "received"),
        ("order_state", "交易取消", "closed"),
        ("order_state", "交易终止", "terminated"),
        ("order_state", "等待卖家确认订单", "unsupported"),
        ("refund_state", "商家拒绝待修改", "wait_buyer_modify"),
        ("refund_state", "退款失败", "closed"),
    ],
)
def test_1688s_labels_have_their_meanings(axis: str, text: str, meaning: str) -> None:
    assert WordReader(load_profile(REAL).profile).meaning(axis, text) == meaning


def test_an_unlisted_state_of_1688_is_never_guessed() -> None:
    """The portal's list of states is open-ended."""
    words = WordReader(load_profile(REAL).profile)
    for text in ("等待拼团", "等待买家付款1", "付款", ""):
        with pytest.raises(PageUnreadable):
            words.meaning("order_state", text)


def test_nothing_but_listed_reads_may_leave_towards_1688() -> None:
    rules = rules_of(REAL, "https://work.1688.com")
    assert isinstance(rules.classify(seen("GET", "https://air.1688.com/app/x.html")), Read)
    for url in (
        "https://h5api.m.1688.com/h5/mtop.1688.trading.dataline.service/1.0/",
        "https://trade.1688.com/order/anything.htm",
        "https://work.1688.com/",
    ):
        assert isinstance(rules.classify(seen("POST", url, b"a=1")), Forbidden)
    for host in ("1688.com.evil.example", "evil.example", "air.1688.com.evil.example"):
        assert isinstance(rules.classify(seen("GET", f"https://{host}/")), Forbidden)
    close = rules.classify(seen("POST", "https://trade.1688.com/order/close.json", b"orderId=1&closeReason=other"))
    assert close == Mutating("close", {"order_id": "1", "reason": "other"})


def test_a_reason_without_a_code_of_its_own_sends_other_with_a_remark() -> None:
    reasons = load_profile(REAL).profile.reasons
    own = {Reason.BUYER_CANCELLED: ("buyerCancel", "20006"), Reason.OUT_OF_STOCK: ("sellerGoodsLack",)}
    for reason, words in reasons.items():
        assert words.codes == own.get(reason, ("other",))
        assert (words.remark is None) == (reason in own or reason is Reason.OTHER)
        if words.remark is not None:
            assert "其它" in words.labels


def test_1688_has_words_for_every_state_that_a_path_begins_or_ends_at() -> None:
    """Unpaid, paid and shipped orders are the three paths; a refund and a dispute are what may lie on them."""
    words = load_profile(REAL).profile.words
    # A payment under way is told by the payment's own state.
    assert set(OrderState) - set(words.order_state) == {OrderState.PAYING}
    assert {PayState.UNPAID, PayState.PAYING, PayState.PAID, PayState.REFUNDED} <= set(words.pay_state)
    assert set(RefundState) == set(words.refund_state)
    assert set(RefundKind) == set(words.refund_kind)
    assert words.flag.keys() == {"no", "yes"}


def test_every_form_of_1688_says_which_button_does_it_and_which_one_does_nothing() -> None:
    forms = load_profile(REAL).profile.forms
    for form in forms.values():
        assert form.dismiss is not None
        assert not set(form.confirm.name) & set(form.dismiss.name)
        assert form.dismiss.name == ("取消",), "which is no act's name, wherever the dialog itself is called 取消订单"


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("reason", Reason)
def test_no_act_on_1688_works_before_an_act_of_its_own_has_confirmed_it(role: Role, reason: Reason) -> None:
    """An entry that is shared is confirmed by another act: each way has to lean on a form that no other way has."""
    loaded = load_profile(REAL)
    assert not any(one.works for one in gaps_of(loaded)[1])
    ways = [(kind, way) for kind, several in loaded.profile.acts.items() for way in several if role in way.roles]
    leans = [acting_entries(loaded, kind, way, reason) for kind, way in ways]
    for at, entries in enumerate(leans):
        others = frozenset[str]().union(*(other for index, other in enumerate(leans) if index != at))
        assert any(entry.startswith("forms.") for entry in entries - others)


def test_the_limits_of_1688_that_are_known_are_kept() -> None:
    profile = load_profile(REAL).profile
    assert (profile.message_limit, profile.min_age_s, profile.lengths_of(ActKind.APPLY_REFUND)) == (500, 10, (2, 150))
    for way in profile.acts[ActKind.APPLY_REFUND]:
        assert profile.forms[way.form].fields["files"].max_files == 5
        assert "reason" in profile.requests[way.request].compared


def test_what_1688_has_no_page_for_is_explained_in_the_profile() -> None:
    text = (FOLDER / REAL / "profile.toml").read_text("utf-8")
    missing = [name for name, page in load_profile(REAL).profile.pages if page is None]
    assert missing
    for name in missing:
        assert f"No [pages.{name}]" in text or f"and no [pages.{name}]" in text


# --- The documentation


def test_every_key_and_word_of_the_format_stands_in_its_page() -> None:
    page = (Path(__file__).parents[2] / "docs" / "portals.md").read_text("utf-8")
    named = set(re.findall(r"\w+", " ".join(re.findall(r"```.*?```|`[^`\n]+`", page, re.DOTALL))))
    modules = [import_module(found.name) for found in iter_modules(profile_format.__path__, "page_objects.profile.")]
    ours = [
        found
        for module in modules
        for _, found in inspect.getmembers(module, inspect.isclass)
        if found.__module__ == module.__name__
    ]
    keys = {key for model in ours if issubclass(model, BaseModel) for key in model.model_fields}
    kinds = {str(word) for words in ours if issubclass(words, StrEnum) for word in words}
    meanings = {meaning for axis in AXES.values() for meaning in axis}
    assert len(keys) > 60
    assert (keys | kinds | meanings | set(AXES) | set(DETAIL_FIELDS) | set(ActKind)) - named == set()


def test_repairing_a_profile_is_what_contributing_begins_with() -> None:
    page = (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text("utf-8")
    assert page.index("how to repair a profile") == page.index("\n## ") + len("\n## The portal changed: ")
    for command in ("doctor", "stop", "start", "close", "--supervised", "--rehearse"):
        assert command in page
