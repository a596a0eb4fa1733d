"""While a portal is taught, only reads leave, and what the person has named; what stays is told as a request."""

import json

import pytest

from agent.browser.gate import Forbidden, Read, SeenRequest
from agent.teaching.gate import LearningRequests, learnt
from page_objects.profile import RequestRule

URL = "https://shop.example/orders"
FORM = "application/x-www-form-urlencoded"


def request(
    path: str, body: str = "", *, method: str = "POST", kind: str = FORM, host: str = "shop.example"
) -> SeenRequest:
    headers = {"content-type": kind} if body else {}
    return SeenRequest(
        method, f"https://{host}{path}", headers, body.encode() if body else None, "xhr", navigation=False
    )


def name_it(rules: LearningRequests, name: str, held: SeenRequest) -> None:
    """Say of a request that was held back what it is."""
    one = learnt(held)
    rules.let_out(name, one.read_rule(), None if one.body == "graphql" else one.fields)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nothing_but_a_read_leaves(method: str) -> None:
    rules = LearningRequests(URL)
    assert isinstance(rules.classify(request("/orders", method="GET")), Read)
    assert isinstance(rules.classify(request("/orders/1", "a=b", method=method)), Forbidden)
    assert [one.method for one in rules.kept] == [method]


def test_what_the_person_has_named_leaves_and_nothing_beside_it() -> None:
    rules = LearningRequests(URL)
    rules.let_out("login", RequestRule(kind="read", path="/login"), ["user"])
    assert isinstance(rules.classify(request("/login", "user=a")), Read)
    assert isinstance(rules.classify(request("/login", "user=a&then=close")), Forbidden)
    assert isinstance(rules.classify(request("/login/x", "user=a")), Forbidden)
    assert isinstance(rules.classify(request("/orders/1/close", "user=a")), Forbidden)


def test_another_host_is_never_reached_and_never_learnt() -> None:
    rules = LearningRequests(URL)
    assert isinstance(rules.classify(request("/orders", method="GET", host="elsewhere.example")), Forbidden)
    assert rules.kept == []


def test_even_a_change_that_was_named_as_a_read_is_let_out_by_its_own_path_only() -> None:
    """A rule that the person names is never more than a read of one path: there is nothing to release it with."""
    rules = LearningRequests(URL)
    held = request("/orders/7/close", "id=7")
    assert isinstance(rules.classify(held), Forbidden)
    name_it(rules, "search", held)
    assert rules.reads["search"].kind == "read"
    assert isinstance(rules.classify(request("/orders/8/close", "id=8")), Forbidden)


def rpc(method: str, **params: object) -> SeenRequest:
    return request("/rpc", json.dumps({"method": method, "params": params}), kind="application/json")


def test_one_address_for_reads_and_changes_lets_out_what_was_named_only() -> None:
    """The word in the body that says what it does has to be the same; what a person typed may differ."""
    rules = LearningRequests(URL)
    search = rpc("order.search", keyword="shoes", page=1)
    assert isinstance(rules.classify(search), Forbidden)
    name_it(rules, "search", search)
    assert isinstance(rules.classify(rpc("order.search", keyword="hats", page=2)), Read)
    assert isinstance(rules.classify(rpc("order.close", keyword="shoes", page=1)), Forbidden)
    name_it(rules, "login", request("/do", "action=login&username=ann&password=p"))
    assert isinstance(rules.classify(request("/do", "action=login&username=bob&password=q")), Read)
    assert isinstance(rules.classify(request("/do", "action=close&username=ann&password=p")), Forbidden)


@pytest.mark.parametrize(
    ("body", "kind"), [("{", "application/json"), ("[1]", "application/json"), ("x", "multipart/form-data")]
)
def test_what_cannot_be_read_is_never_let_out(body: str, kind: str) -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        learnt(request("/rpc", body, kind=kind)).read_rule()


def graphql(document: str, **variables: object) -> SeenRequest:
    return request("/api", json.dumps({"query": document, "variables": variables}), kind="application/json")


def test_queries_can_be_let_out_without_any_mutation() -> None:
    rules = LearningRequests(URL)
    query, mutation = graphql("{ orders { id } }"), graphql("mutation { cancelOrder(id: 7) { id } }")
    assert isinstance(rules.classify(query), Forbidden)
    name_it(rules, "queries", query)
    assert isinstance(rules.classify(query), Read)
    assert isinstance(rules.classify(mutation), Forbidden)


def test_a_held_request_is_told_with_its_fields() -> None:
    form = learnt(request("/orders/7/", "csrf=x&line=1&line=2&state=Cancelled"))
    assert (form.path, form.body, form.lists) == ("/orders/7/", "form", ("line",))
    assert form.fields == {"csrf": "x", "state": "Cancelled"}
    nested = learnt(request("/api", '{"order": {"id": "7"}, "why": null}', kind="application/json"))
    assert (nested.body, nested.fields) == ("json", {"order.id": "7", "why": ""})
    change = learnt(graphql("mutation($i: In!) { cancelOrder(input: $i) { id } }", i={"code": "7"}))
    assert (change.body, change.root, change.fields, change.query) == (
        "graphql",
        ("cancelOrder",),
        {"input.code": "7"},
        False,
    )


def test_a_body_that_does_not_parse_is_told_without_fields() -> None:
    assert learnt(request("/api", "{", kind="application/json")).fields == {}
