"""The guards of the safe act, each with its switch and the test that fails without it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace

from agent.browser import launch
from agent.browser.armed import Armed
from agent.browser.gate import Read, RequestGate
from agent.browser.wall import Wall
from agent.browser.wire import Flight, Wire
from agent.domain import effects, judge
from agent.domain.rules import Rule
from agent.engine import act, look, passes, permission, settle
from agent.engine.shop_run import Mode
from agent.evidence import verify
from agent.store import approvals, breakers, database, intents, journal, limits, runs, stops
from page_objects import form, graphql, hand, order_detail, payments, requests, reviews, stock
from page_objects.form import ActForm
from page_objects.locate import ANY_AMOUNT
from page_objects.order_detail import OrderDetail
from page_objects.order_key import KeyedPage
from page_objects.profile import RequestRule
from page_objects.site import Site
from scenarios import common

from .switches import (
    AnyIds,
    Switch,
    always,
    any_part,
    anywhere,
    args_without,
    both,
    by_force,
    first_match,
    from_any_frame,
    named_fields,
    noted,
    nothing_async,
    of_any_order,
    off,
    open_socket,
    order_only,
    part_of_the_name,
    released_again,
    take_by_any_name,
    take_unchecked,
    tied_as_asked,
    unheld,
    without_worker_header,
)

yes, no = always(result=True), always(result=False)
MODEL = "tests/model/test_guards.py::test_a_guard_keeps_harm_away[{}]"
CONTRACT = "tests/contract/test_store_{}.py::test_{}"
BLOCKS = "tests/browser/test_blocks_and_lines.py::test_{}"
TARGET = "tests/browser/test_target_contract.py::test_{}"
STOCK = "tests/browser/test_stock_target.py::test_{}"
HELD = "tests/browser/test_gate_acts.py::test_what_is_not_expected_is_never_what_is_held[chromium-{}]"
GATE = "tests/browser/test_gate_{}.py::test_{}"
GRAPHQL = "tests/security/test_graphql_requests.py::test_{}"
READING = "tests/security/test_request_readings.py::test_{}"
JUDGING = "tests/unit/test_judging.py::test_{}"
RULED = "tests/unit/test_rules.py::test_{}"
RETURNS = "tests/unit/test_return_requests.py::test_{}"
VERIFY = "tests/unit/test_evidence_verify.py::test_{}"

TICKET = "tests/browser/test_ticket_target.py::test_{}"
TICKETS = "tests/e2e/test_tickets.py::test_{}"
REVIEWS = "tests/e2e/test_reviews.py::test_{}"

LINES = (
    "tests/browser/test_order_key.py"
    "::test_a_change_leaves_only_with_all_lines_of_the_order_and_nothing_else[{}-profile0]"
)

RULES: Mapping[int, str] = {
    1: "fresh read",
    2: "permission",
    3: "intent",
    4: "target",
    5: "request gate",
    6: "proof",
    7: "record",
}


@dataclass(frozen=True, slots=True)
class Guard:
    """One guard: its rule, its switch, the test that fails without it.

    ``alone``: it is built into the browser at its start, so that its test needs a process of its own.
    """

    rule: int
    off: Switch
    test: str
    alone: bool = False


GUARDS: Mapping[str, Guard] = {
    "the page that was read names our order, whole": Guard(
        1,
        off(order_detail, "order_ids_in", always(AnyIds())),
        TARGET.format("another_orders_page_is_not_read_as_ours"),
    ),
    "an answer only to the review that it was approved for": Guard(
        1,
        off(act, "_is_what_was_answered", nothing_async),
        REVIEWS.format("a_review_that_changes_after_the_decision_gets_no_answer"),
    ),
    "a reply only to the ticket as it was when it was decided": Guard(
        1,
        off(act, "_is_what_was_answered", nothing_async),
        TICKETS.format("a_ticket_that_goes_on_after_the_decision_gets_no_reply_meant_for_before"),
    ),
    "a label that nobody knows is not a missing button": Guard(
        1,
        off(OrderDetail, "_controls", always((frozenset(), ()))),
        TARGET.format("an_unknown_label_in_the_bar_is_no_missing_button"),
    ),
    "as many payments as the portal's answer names": Guard(
        1,
        off(payments, "_check_count"),
        BLOCKS.format("a_payment_or_refund_that_the_page_does_not_show_makes_it_unreadable[payment]"),
    ),
    "the page is our account's": Guard(
        1, off(Site, "_check_identity"), TARGET.format("a_page_of_another_account_is_no_page_of_ours")
    ),
    "consent": Guard(2, off(permission, "needs_consent", no), MODEL.format("consent")),
    "allowed reasons": Guard(2, off(permission, "check_before"), MODEL.format("allowed reasons")),
    "limit of a day": Guard(2, off(limits, "reserve"), MODEL.format("limit of a day")),
    "limit of one order": Guard(
        2,
        both(off(permission, "check_before"), off(permission, "check_and_reserve")),
        MODEL.format("limit of one order"),
    ),
    "approval": Guard(2, off(permission, "check_and_reserve"), MODEL.format("approval")),
    "approval of exactly these terms": Guard(
        2,
        off(permission.Bound, "sha256", property(always("any terms"))),
        MODEL.format("approval bound to terms"),
    ),
    "approval by a second person": Guard(
        2,
        off(approvals, "_check_second_person"),
        CONTRACT.format("approvals", "who_asked_cannot_approve_however_the_name_is_written[sqlite_file-clerk]"),
    ),
    "approval used once": Guard(
        2,
        off(approvals, "consume"),
        CONTRACT.format("approvals", "an_approval_serves_one_intent_and_an_intent_one_approval[sqlite_file]"),
    ),
    "kill switch": Guard(
        2, both(off(stops, "active"), off(passes, "refuse_where_stopped")), MODEL.format("kill switch")
    ),
    "circuit breaker": Guard(2, off(breakers, "open_breaker"), MODEL.format("breaker")),
    "quiet hours": Guard(2, off(permission, "quiet_for"), MODEL.format("quiet hours")),
    "white list of orders and buyers": Guard(
        2,
        off(common, "_on_white_list"),
        RULED.format("what_is_on_the_white_list_is_never_touched_whoever_asks[None-never0]"),
    ),
    "a rule's conditions on the fresh page": Guard(
        2,
        off(Rule, "findings", always(())),
        RULED.format("an_order_that_does_not_fit_any_more_leaves_its_rule[changes0]"),
    ),
    "a text keeps to what its form takes": Guard(
        2,
        off(permission, "_check_form_length"),
        RETURNS.format("a_text_that_its_form_would_not_take_is_refused_before_anything_is_done[151]"),
    ),
    "one open intent for an order": Guard(
        3,
        off(intents, "_check_free"),
        CONTRACT.format("intents", "an_order_has_one_open_intent_whatever_the_act[sqlite_file]"),
    ),
    "kill switch once more at the release": Guard(
        3,
        off(intents, "_check_not_stopped"),
        CONTRACT.format("intents", "the_kill_switch_holds_the_request_back[sqlite_file-shop]"),
    ),
    "an ended case gets no intent": Guard(
        3,
        off(intents, "_check_case_open"),
        CONTRACT.format("intents", "a_case_that_ended_meanwhile_gets_no_intent[sqlite_file]"),
    ),
    "an open intent is settled by looking": Guard(
        3,
        off(settle, "judge", always(judge.Judgement.NOT_DONE)),
        MODEL.format("an open act is settled by looking"),
    ),
    "what could be doubled is a person's while its sender may live": Guard(
        3,
        off(judge, "DOUBLED", frozenset()),
        JUDGING.format("an_act_that_could_be_doubled_is_never_judged_undone_while_its_sender_may_live[file_ticket]"),
    ),
    "what one click sent second is an open intent of its own": Guard(
        3,
        off(intents, "_open_what_followed"),
        CONTRACT.format("intents", "what_follows_is_an_open_intent_as_soon_as_the_first_is_settled[sqlite_file]"),
    ),
    "one live run for a shop": Guard(
        3,
        off(database, "held", unheld),
        CONTRACT.format("lock", "an_account_is_held_by_one_and_free_again_after[sqlite_file]"),
    ),
    "a run that has lost its shop writes nothing": Guard(
        3,
        off(runs, "check_not_replaced"),
        CONTRACT.format(
            "switches", "a_run_is_replaced_by_a_later_live_run_of_its_shop_and_by_nothing_else[sqlite_file]"
        ),
    ),
    "the form names our order, whole": Guard(
        4, off(form, "order_ids_in", always(AnyIds())), TARGET.format("a_form_that_names_another_order_is_not_used")
    ),
    "one control of the name, or none is pressed": Guard(
        4, off(hand, "press", first_match), TARGET.format("of_two_controls_of_one_name_neither_is_pressed")
    ),
    "the control stands in our order's own container": Guard(
        4, off(ActForm, "_opener", anywhere), TARGET.format("a_control_outside_the_orders_own_bar_is_not_the_control")
    ),
    "the review is our order's own": Guard(
        4,
        off(reviews, "_entries", of_any_order),
        REVIEWS.format("the_answer_goes_to_this_orders_entry_where_the_search_shows_others"),
    ),
    "the whole name": Guard(
        4,
        off(ActForm, "_opener", part_of_the_name),
        TARGET.format("a_control_whose_name_only_contains_the_name_is_not_the_control"),
    ),
    "seen, still, hit by the pointer": Guard(
        4,
        off(hand, "press", by_force),
        TARGET.format("a_control_that_the_pointer_would_not_hit_is_not_pressed[covered]"),
    ),
    "whose key it is": Guard(
        4,
        off(KeyedPage, "tie", tied_as_asked),
        "tests/browser/test_order_key.py::test_a_page_whose_answer_names_another_order_or_key_is_not_ours[its id]",
    ),
    "the amount in the last button's name": Guard(
        4,
        off(ActForm, "_amount_in_name", always(ANY_AMOUNT)),
        BLOCKS.format("a_button_that_names_another_amount_is_not_pressed[100501]"),
    ),
    "every line of the order whole": Guard(
        4,
        off(ActForm, "_set_to_most", noted),
        BLOCKS.format("lines_that_cannot_be_taken_whole_stop_the_act[less than was ordered]"),
    ),
    "the form names our SKU, whole": Guard(
        4, off(ActForm, "_check_sku"), STOCK.format("a_form_that_names_another_sku_is_not_used")
    ),
    "the form names our ticket, whole": Guard(
        4, off(ActForm, "_check_ticket"), TICKET.format("a_form_that_names_another_ticket_is_not_used")
    ),
    "the row is our SKU's, whole": Guard(
        4, off(stock, "whole", any_part), STOCK.format("the_row_of_a_longer_sku_is_not_read_as_ours")
    ),
    "closed by default": Guard(
        5, off(Wall, "_why_not"), GATE.format("acts", "a_change_that_nobody_expects_is_blocked_and_reported[chromium]")
    ),
    "no gate, no request": Guard(
        5, off(Wall, "verdict", always(Read("all"))), GATE.format("holes", "no_gate_means_nothing_leaves")
    ),
    "only the armed frame": Guard(
        5,
        off(Wall, "_why_not", from_any_frame),
        HELD.format("another frame's"),
    ),
    "only the expected change": Guard(
        5,
        off(Armed, "take", take_by_any_name),
        HELD.format("another act's"),
    ),
    "the held request is compared with what was meant": Guard(
        5, off(act, "mismatch"), MODEL.format("comparison of the held request")
    ),
    "a stock request names our SKU and our number": Guard(
        5,
        off(permission, "expected_fields", order_only),
        STOCK.format("a_request_for_another_sku_or_number_is_not_what_was_meant[stock]"),
    ),
    "a reply's request names our ticket": Guard(
        5,
        off(permission, "expected_fields", order_only),
        TICKET.format("a_request_for_another_ticket_or_text_is_not_what_was_meant[ticket]"),
    ),
    "a parcel's request names our carrier and our number": Guard(
        5,
        off(permission, "expected_fields", order_only),
        RETURNS.format("a_request_that_tells_another_parcel_is_not_what_was_meant[number]"),
    ),
    "nothing unchecked is held": Guard(
        5,
        off(Armed, "take", take_unchecked),
        HELD.format("an unchecked one"),
    ),
    "a second request only after the first was done": Guard(
        5,
        off(Armed, "_says_go_on", yes),
        GATE.format("follow", "nothing_follows_a_first_request_that_was_not_answered_as_done[chromium-reply0]"),
    ),
    "all lines of the order, with all of their pieces": Guard(
        5, off(RequestRule, "compared", property(named_fields)), LINES.format("one is missing")
    ),
    "every argument of a mutation is named": Guard(
        5, off(requests, "_unnamed", always([])), LINES.format("an argument that nobody named")
    ),
    "released once": Guard(
        5, off(Armed, "release", released_again), GATE.format("acts", "a_second_release_is_refused[chromium]")
    ),
    "no answer that sends it again": Guard(
        5,
        off(Armed, "_why_not_good"),
        GATE.format("answers", "an_answer_that_asks_to_send_it_again_is_not_followed[chromium-the same path-307]"),
    ),
    "no second sending by the browser": Guard(
        5,
        both(off(Flight, "may_be_on", no), off(Wire, "died")),
        GATE.format("answers", "an_act_whose_connection_is_lost_is_not_sent_again[plain-closed]"),
    ),
    "only the profile's hosts": Guard(
        5,
        off(Wire, "allows", yes),
        "tests/browser/test_wire.py::test_the_wire_itself_refuses_what_is_not_named[name]",
    ),
    "no service workers": Guard(
        5,
        off(Wall, "_why_not", without_worker_header),
        GATE.format("holes", "service_workers_do_not_start_even_where_playwright_would_let_them"),
    ),
    "no web sockets": Guard(
        5,
        off(RequestGate, "_web_socket", open_socket),
        GATE.format("holes", "web_sockets_that_are_not_listed_are_closed_and_reported[chromium]"),
    ),
    "nothing fetched ahead": Guard(
        5, off(launch, "_NO_SPECULATION", ""), GATE.format("holes", "no_page_is_fetched_ahead[chromium-prefetch]")
    ),
    "no fetchLater": Guard(
        5,
        off(launch, "launch_args", args_without("FetchLater")),
        GATE.format("holes", "fetch_later_is_not_there[chromium]"),
        alone=True,
    ),
    "a change is known however its path is written": Guard(
        5,
        off(requests, "plain_path", lambda path: path),
        READING.format("a_get_that_changes_something_is_known_however_it_is_written[/do/%63lose]"),
    ),
    "no field twice": Guard(
        5,
        off(requests, "_once", lambda pairs, _lists=(): dict(pairs)),
        READING.format("a_multipart_body_that_can_be_read_in_two_ways_is_not_let_out[an order twice]"),
    ),
    "a body is what it calls itself": Guard(
        5,
        off(requests, "_check_type"),
        READING.format("a_form_that_calls_itself_something_else_is_not_let_out[text/plain]"),
    ),
    "no field in the address beside the body's": Guard(
        5,
        off(requests, "_in_address", always([])),
        READING.format("a_field_that_the_address_names_beside_the_body_is_not_let_out[?orderId=157094266502147026]"),
    ),
    "a GraphQL change stands plainly, and alone": Guard(
        5,
        off(graphql, "_the_only_root", lambda operation: operation.selection_set.selections[0]),
        GRAPHQL.format("a_document_that_does_more_than_one_thing_or_another_is_not_let_out[another name]"),
    ),
    "no GraphQL in the address": Guard(
        5,
        off(graphql, "_check_envelope"),
        GRAPHQL.format("an_operation_in_the_address_beside_the_body_is_not_let_out[QUERY=]"),
    ),
    "no GraphQL by GET": Guard(
        5,
        off(requests.PortalRequests, "_speaks_graphql", no),
        GRAPHQL.format("a_graphql_endpoint_is_asked_by_post_only[-/api]"),
    ),
    "a rehearsal ends at the held request": Guard(
        5,
        off(act, "Mode", SimpleNamespace(LIVE=Mode.REHEARSE, REHEARSE=Mode.REHEARSE, PLAN=Mode.PLAN)),
        "tests/e2e/test_safety.py::test_a_rehearsal_changes_nothing_and_records_the_request_of_each_order[workbench]",
        alone=True,
    ),
    "both sides": Guard(6, off(look, "judge", always(judge.Judgement.DONE)), MODEL.format("proof from two sides")),
    "a server that says no is not overruled by its page": Guard(
        6,
        off(judge, "_effect_is_there", always(judge.Judgement.DONE)),
        JUDGING.format("done_needs_the_effect_and_an_answer_that_does_not_deny_it[close-refused-ours-True-True]"),
    ),
    "the portal's own record in place of a lost answer": Guard(
        6,
        off(effects, "_fitting", always(effects.Seen.OURS)),
        JUDGING.format("a_record_with_gaps_proves_only_what_the_server_has_confirmed"),
    ),
    "each entry commits to all before it": Guard(
        7,
        off(journal, "link", always("0" * 64)),
        CONTRACT.format(
            "journal", "a_change_behind_the_back_of_the_database_breaks_the_chain_where_it_was_made[sqlite_file]"
        ),
    ),
    "a head that was not signed is no head": Guard(
        7, off(verify, "_check_head"), VERIFY.format("a_rebuilt_chain_does_not_pass_for_the_signed_one")
    ),
    "a file is what was kept": Guard(
        7, off(verify, "_check_blob"), VERIFY.format("missing_and_changed_files_are_told_apart_and_named")
    ),
}
