"""Attacks on the product; which is tried where. ``test_index.py`` keeps this list true.

Hostile text: nickname, receiver, address, title, spec, memo, message, file names
    look-alike buttons, homoglyphs, zero-width, bidi:
        security/test_hostile_text.py::test_the_right_order_is_closed_whatever_stands_on_it
    HTML and scripts:
        security/test_hostile_text.py::test_an_answer_in_hostile_words_agrees_to_nothing_and_spoils_no_report
    HTML and scripts in an exported case:
        security/test_hostile_text.py::test_an_exported_case_with_hostile_text_runs_nothing
    every field of a report at once:
        unit/test_report.py::test_hostile_text_in_every_place_adds_no_element_to_the_page
    spreadsheet formulas:
        unit/test_report.py::test_a_workbook_keeps_order_ids_whole_amounts_as_numbers_and_formulas_as_text
    path traversal, terminal escapes, braces, 100 kB:
        security/test_hostile_text.py::test_an_answer_in_hostile_words_agrees_to_nothing_and_spoils_no_report
    terminal escapes in JSON:
        security/test_terminal.py::test_json_for_scripts_steers_no_terminal
    fake dialogs and toasts as text:
        security/test_hostile_text.py::test_the_right_order_is_closed_whatever_stands_on_it
    a title with another order's id:
        security/test_hostile_text.py::test_an_order_whose_id_stands_in_another_orders_title_is_the_one_that_is_closed

Hostile pages: each has its name in ``TRICKS`` of test_hostile_pages.py
    twins, dialogs aimed elsewhere, foreign hosts, double sending, fakes:
        security/test_hostile_pages.py::test_no_trick_of_a_page_changes_anything_but_what_was_asked
    the same tricks do their harm to a person:
        security/test_hostile_pages.py::test_without_the_product_the_tricks_do_their_harm
    pages mutated at random:
        security/test_mutations.py::test_a_sample_of_mutated_pages_changes_nothing_that_was_not_asked_for

The request gate: every way round it
    307/308 after a released POST, same path:
        browser/test_gate_answers.py::test_an_answer_that_asks_to_send_it_again_is_not_followed["the same path"]
    307/308, other path:
        browser/test_gate_answers.py::test_an_answer_that_asks_to_send_it_again_is_not_followed["another path"]
    307/308, foreign host:
        browser/test_gate_answers.py::test_an_answer_that_asks_to_send_it_again_is_not_followed["a foreign host"]
    service worker:
        browser/test_gate_holes.py::test_service_workers_do_not_start
    service worker where the driver lets it:
        browser/test_gate_holes.py::test_service_workers_do_not_start_even_where_playwright_would_let_them
    shared worker:
        browser/test_gate_holes.py::test_it_is_stopped_and_reported["shared worker"]
    WebSocket:
        browser/test_gate_holes.py::test_web_sockets_that_are_not_listed_are_closed_and_reported
    WebSocket of a worker:
        browser/test_gate_holes.py::test_web_sockets_of_workers_reach_nobody
    sendBeacon:
        browser/test_gate_holes.py::test_it_is_stopped_and_reported["beacon"]
    keepalive fetch:
        browser/test_gate_holes.py::test_it_is_stopped_and_reported["keepalive"]
    fetchLater:
        browser/test_gate_holes.py::test_fetch_later_is_not_there
    form post to a new window:
        browser/test_gate_holes.py::test_it_is_stopped_and_reported["form to a new window"]
    ping of a link:
        browser/test_gate_holes.py::test_it_is_stopped_and_reported["ping of a link"]
    a GET that changes something:
        browser/test_gate_holes.py::test_it_is_stopped_and_reported["image"]
    the same GET in another spelling:
        security/test_request_readings.py::test_a_get_that_changes_something_is_known_however_it_is_written
    a read that is redirected into a change:
        browser/test_gate_answers.py::test_a_read_cannot_be_redirected_into_a_change
    a GraphQL batch:
        security/test_request_readings.py::test_a_graphql_batch_is_not_let_out_whatever_is_in_it
    a multipart body:
        browser/test_gate_holes.py::test_it_is_stopped_and_reported["multipart form"]
    a multipart body with two readings:
        security/test_request_readings.py::test_a_multipart_body_that_can_be_read_in_two_ways_is_not_let_out
    a form with two readings:
        security/test_request_readings.py::test_a_form_that_calls_itself_something_else_is_not_let_out
    a field in the address and in the body:
        security/test_request_readings.py::test_a_field_that_the_address_names_beside_the_body_is_not_let_out
    a body that cannot be seen:
        browser/test_gate_holes.py::test_a_body_that_cannot_be_seen_is_stopped
    held when the page dies:
        browser/test_gate_acts.py::test_a_page_closed_while_its_request_is_held_or_answered
    held when the context dies:
        browser/test_gate_acts.py::test_a_context_closed_while_a_request_is_held_lets_nothing_out
    held when the browser or the agent dies:
        browser/test_gate_kill.py::test_nothing_leaves_when_it_is_killed["browser", "agent"]
"""
