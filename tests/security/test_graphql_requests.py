"""A GraphQL request is what its document says and nothing else; one that could be read in two ways is not let out."""

import json
from pathlib import Path
from typing import Any

import pytest

import page_objects
from agent.browser.gate import Forbidden, Mutating, Read, SeenRequest
from agent.domain.cases import Role
from agent.errors import ConfigError
from page_objects.loader import parse_profile
from page_objects.requests import PortalRequests
from page_objects.site import Account

BASE = "http://127.0.0.1:8765"
OURS, OTHER = "157094266502147025", "157094266502147026"
WORKBENCH = (Path(page_objects.__file__).parent / "portals/mock_workbench/profile.toml").read_text("utf-8")
CLOSE = 'path = "/api/order/close"\nbody = "json"\nfields = { order_id = "orderId", reason = "closeReason"'
CHANGE = (
    'path = "/api"\nbody = "graphql"\nroot = "cancelOrder"\n'
    'fields = { order_id = "input.orderId", reason = "input.reason"'
)
READS = """
[requests.queries]
kind = "read"
path = "/api"
body = "graphql"

[requests.harmless]
kind = "read"
path = "/api"
body = "graphql"
root = ["setSettingsStoreValue", "login"]
"""
CANCEL = "mutation CancelOrder($input: CancelOrderInput!) { cancelOrder(input: $input) { __typename id state } }"
MEANT = {"input": {"orderId": OURS, "reason": "buyerCancel"}}
HELD = Mutating("close", {"order_id": OURS, "reason": "buyerCancel"})


def profile_text(change: str = CHANGE) -> str:
    """A portal like the workbench whose close is a GraphQL mutation."""
    assert WORKBENCH.count(CLOSE) == 1
    return WORKBENCH.replace(CLOSE, change) + READS


def rules(change: str = CHANGE) -> PortalRequests:
    profile = parse_profile(profile_text(change).encode(), origin="test").profile
    return PortalRequests(profile, Account(shop="demo", base_url=BASE, role=Role.SELLER, username="seller"))


RULES = rules()


def judged(
    body: object, *, address: str = "/api", kind: str = "application/json", method: str = "POST"
) -> Read | Mutating | Forbidden:
    raw = body if isinstance(body, str | None) else json.dumps(body)
    headers = {"content-type": kind} if kind else {}
    data = None if raw is None else raw.encode()
    return RULES.classify(SeenRequest(method, BASE + address, headers, data, "xhr", navigation=False))


def sent(document: str, variables: object = MEANT, **more: object) -> Read | Mutating | Forbidden:
    return judged({"query": document, "variables": variables, **more})


def why_not(verdict: Read | Mutating | Forbidden) -> str:
    assert isinstance(verdict, Forbidden), verdict
    return verdict.why


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        (CANCEL, MEANT),
        (f"# query only\n{CANCEL} # query {{ orders }}", MEANT),
        (
            "mutation($id:ID!,$r:String){cancelOrder(input:{orderId:$id,reason:$r}){id}}",
            {"id": OURS, "r": "buyerCancel"},
        ),
        (f'mutation{{cancelOrder(input:{{orderId:"{OURS}",reason:"buyerCancel"}}){{id}}}}', {}),
        (f'mutation{{cancelOrder(input:{{orderId:"""{OURS}""",reason:buyerCancel}}){{id}}}}', None),
        (f"{CANCEL} fragment State on Order {{ state }}", MEANT),
    ],
    ids=[
        "a variable",
        "comments",
        "variables in a literal",
        "literals",
        "a block string, an enum",
        "a fragment beside",
    ],
)
def test_a_mutation_is_told_by_its_root_field_and_carries_its_arguments(document: str, variables: object) -> None:
    assert sent(document, variables) == HELD


def test_the_arguments_are_those_that_the_server_goes_by() -> None:
    """What stands among the variables, and is not what the document uses, is nothing."""
    document = "mutation($a: CancelOrderInput!, $input: CancelOrderInput) { cancelOrder(input: $a) { id } }"
    other = {"orderId": OTHER, "reason": "buyerCancel"}
    assert sent(document, {"a": other, **MEANT}) == Mutating("close", {"order_id": OTHER, "reason": "buyerCancel"})
    assert sent(document, MEANT) == Mutating("close", {})


@pytest.mark.parametrize(
    "document",
    [
        "{ orders { id } }",
        "query Orders { orders { ...F } } fragment F on Order { id }",
        "query { ...All } fragment All on Query { a: orders { id } }",
        "query CancelOrder { order(id: 1) { id } } # mutation { cancelOrder }",
        'query { search(text: "mutation { cancelOrder }") { id } }',
        "query cancelOrder @live { cancelOrder: order { id } }",
    ],
)
def test_every_query_is_a_read_whatever_it_is_called(document: str) -> None:
    assert sent(document, None) == Read("queries")


def test_a_mutation_listed_as_harmless_is_a_read() -> None:
    document = "mutation S($input: I!) { setSettingsStoreValue(input: $input) { key } }"
    assert sent(document, {"input": {"key": "a"}}) == Read("harmless")


@pytest.mark.parametrize("name", ["Orders", "", "cancelOrder", 1, ["CancelOrder"], {"a": 1}])
def test_an_operation_name_that_lies_is_not_let_out(name: object) -> None:
    assert "operationName" in why_not(sent(CANCEL, MEANT, operationName=name))


@pytest.mark.parametrize("name", ["CancelOrder", None])
def test_an_operation_name_that_is_the_documents_own_says_nothing_new(name: str | None) -> None:
    assert sent(CANCEL, MEANT, operationName=name) == HELD


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (f"query Orders {{ orders {{ id }} }} {CANCEL}", "2 operations"),
        (f"{CANCEL} {CANCEL.replace('CancelOrder(', 'Other(')}", "2 operations"),
        (
            "mutation($input: I!) { cancelOrder(input: $input) { id } refundOrder(input: $input) { id } }",
            "one root field",
        ),
        ("mutation($input: I!) { cancelOrder(input: $input) { id } cancelOrder(input: $input) { id } }", "one root"),
        pytest.param(
            "mutation($input: I!) { login: cancelOrder(input: $input) { id } }", "another name", id="another name"
        ),
        ("mutation($input: I!) { cancelOrder: refundOrder(input: $input) { id } }", "another name"),
        ("mutation($input: I!) { cancelOrder(input: $input) @skip(if: false) { id } }", "directive"),
        ("mutation($input: I!, $go: Boolean) { cancelOrder(input: $input) @include(if: $go) { id } }", "directive"),
        ("mutation($input: I!) @twice { cancelOrder(input: $input) { id } }", "directive"),
        ("mutation($input: I!) { ... { cancelOrder(input: $input) { id } } }", "one root field"),
        ("mutation($input: I!) { ... on Mutation { cancelOrder(input: $input) { id } } }", "one root field"),
        ("mutation($input: I!) { ...F } fragment F on Mutation { cancelOrder(input: $input) { id } }", "fragment of"),
        ("query($input: I!) { ...F } fragment F on Mutation { cancelOrder(input: $input) { id } }", "fragment of"),
        ("mutation($input: I! = {orderId: 1}) { cancelOrder(input: $input) { id } }", "default"),
        ('mutation($id: ID = "1") { cancelOrder(input: {orderId: $id}) { id } }', "default"),
        ("mutation($input: I!, $input: J!) { cancelOrder(input: $input) { id } }", "given twice"),
        ("mutation($input: I!) { cancelOrder(input: $input, input: {orderId: 1}) { id } }", "given twice"),
        (f'mutation {{ cancelOrder(input: {{orderId: "{OURS}", orderId: "1"}}) {{ id }} }}', "given twice"),
        ("mutation { cancelOrder(input: $input) { id } }", "not declared"),
        ("subscription { cancelOrder { id } }", "subscription cancelOrder is not listed"),
        ("mutation($input: I!) { refundOrder(input: $input) { id } }", "mutation refundOrder is not listed"),
        ("mutation($input: I!) { CancelOrder(input: $input) { id } }", "mutation CancelOrder is not listed"),
        ("mutation($input: I!) { login { id } setSettingsStoreValue(input: $input) { id } }", "one root field"),
        ("fragment F on Order { id }", "0 operations"),
        ("{ orders { id } } type Mutation { a: Int }", "more than an operation"),
        ("schema { query: Mutation } { cancelOrder { id } }", "more than an operation"),
        ("mutation CancelOrder { }", "does not parse"),
        ("mutation {", "does not parse"),
        ("", "does not parse"),
    ],
)
def test_a_document_that_does_more_than_one_thing_or_another_is_not_let_out(document: str, why: str) -> None:
    assert why in why_not(sent(document))


@pytest.mark.parametrize(
    "document",
    [
        "{" + "a{" * 5_000 + "b" + "}" * 5_001,
        "{" + "a " * 30_000 + "}",
        "{ a } #" + "x" * 200_000,
        "{ a(b: " + "[" * 5_000 + "]" * 5_000 + ") }",
    ],
    ids=["deep", "many fields", "long", "deep lists"],
)
def test_a_document_too_large_to_judge_is_not_let_out(document: str) -> None:
    assert "GraphQL document" in why_not(sent(document, None))


def written(*pairs: tuple[str, object]) -> str:
    """A JSON object as it is written, names that are given twice included."""
    return "{" + ", ".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in pairs) + "}"


ONE: dict[str, Any] = {"query": CANCEL, "variables": MEANT}


@pytest.mark.parametrize(
    "body",
    [
        [],
        [ONE],
        [ONE, ONE],
        [{"query": "{ orders { id } }"}, ONE],
        "",
        "null",
        '"mutation { cancelOrder }"',
        CANCEL,
        "{}",
        {"variables": MEANT},
        {"query": None},
        {"query": ["{ orders { id } }", CANCEL]},
        {"query": CANCEL, "variables": json.dumps(MEANT)},
        {"query": CANCEL, "variables": [MEANT]},
        {**ONE, "mutation": CANCEL},
        {**ONE, "extensions": {"persistedQuery": {"version": 1, "sha256Hash": "0"}}},
        {**ONE, "id": "stored"},
        written(("query", "{ orders { id } }"), ("query", CANCEL), ("variables", MEANT)),
        written(("query", CANCEL), ("variables", {}), ("variables", MEANT)),
        json.dumps(ONE).replace('{"orderId"', f'{{"orderId": "{OTHER}", "orderId"'),
        {"query": CANCEL, "variables": {"input": {"orderId": int(OURS)}}},
        "[" * 100_000,
    ],
)
def test_a_body_that_is_not_one_plain_graphql_request_is_not_let_out(body: object) -> None:
    why_not(judged(body))


@pytest.mark.parametrize(
    "kind",
    ["", "text/plain", "application/graphql", "application/x-www-form-urlencoded", "application/json; charset=utf-16"],
)
def test_a_body_that_calls_itself_something_else_is_not_let_out(kind: str) -> None:
    assert "calls itself" in why_not(judged(ONE, kind=kind))


@pytest.mark.parametrize(
    "kind", ["application/json", "application/json; charset=utf-8", "Application/JSON;charset=UTF-8"]
)
def test_a_body_that_calls_itself_json_is_read(kind: str) -> None:
    assert judged(ONE, kind=kind) == HELD


@pytest.mark.parametrize(
    "query",
    ["query={a}", "QUERY=", "variables[input][orderId]=1", "operationName=X", "extensions={}", "variables.input=1"],
)
def test_an_operation_in_the_address_beside_the_body_is_not_let_out(query: str) -> None:
    assert "address" in why_not(judged(ONE, address=f"/api?languageCode=en&{query}"))


def test_an_address_with_other_parameters_is_the_same_address() -> None:
    assert judged(ONE, address="/api?languageCode=en") == HELD


@pytest.mark.parametrize("address", ["/api", "/api/", "/%61pi", "//api", "/api;a", "/x/../api"])
@pytest.mark.parametrize("query", ["?query=mutation{cancelOrder{id}}", "?query={orders{id}}", ""])
def test_a_graphql_endpoint_is_asked_by_post_only(address: str, query: str) -> None:
    for method in ("GET", "HEAD"):
        why_not(judged(None, address=address + query, method=method, kind=""))


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (CHANGE.replace('root = "cancelOrder"\n', ""), "needs root"),
        (CHANGE.replace('"cancelOrder"', '["cancelOrder", "refundOrder"]'), "needs root"),
        (CHANGE.replace('body = "graphql"', 'body = "json"'), "root goes with body = 'graphql'"),
        (f'method = "GET"\n{CHANGE}', "goes with POST"),
    ],
)
def test_a_profile_that_does_not_say_what_a_graphql_change_is_is_refused(change: str, fault: str) -> None:
    with pytest.raises(ConfigError, match=fault):
        parse_profile(profile_text(change).encode(), origin="test")
