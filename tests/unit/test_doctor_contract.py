"""What a page asks for is known again, whatever else it asks at the same address."""

import json

from agent.browser.gate import SeenRequest
from agent.doctor.contract import shape_of
from agent.domain.cases import Role
from page_objects.loader import load_profile
from page_objects.requests import PortalRequests
from page_objects.site import Account

BASE = "http://127.0.0.1:8765"
RULES = PortalRequests(
    load_profile("vendure_react").profile, Account(shop="demo", base_url=BASE, role=Role.SELLER, username="seller")
)


def asked(document: str, **variables: object) -> tuple[str, tuple[str, ...]]:
    body = json.dumps({"query": document, "variables": variables} if variables else {"query": document}).encode()
    headers = {"content-type": "application/json"}
    return shape_of(RULES, SeenRequest("POST", f"{BASE}/admin-api", headers, body, "fetch", navigation=False))


def test_queries_to_one_address_are_told_apart_by_what_they_ask_for() -> None:
    settings = asked("query($key: String!) { getSettingsStoreValue(key: $key) }", key="a")
    channel = asked("{ activeChannel { id } }")
    assert settings == ("POST /admin-api (queries: query getSettingsStoreValue)", ())
    assert channel == ("POST /admin-api (queries: query activeChannel)", ())


def test_what_is_asked_for_in_two_documents_is_the_same() -> None:
    listed = asked("query($options: O) { orders(options: $options) { items { id } } }", options={"take": 10})
    assert listed == asked("query($start: D) { orders(options: {filter: {start: $start}}) { total } }", start="1")


def test_what_is_no_graphql_keeps_its_name() -> None:
    body = b'{"query": "tea and cups"}'
    headers = {"content-type": "application/json"}
    seen = SeenRequest("POST", f"{BASE}/search", headers, body, "fetch", navigation=False)
    assert shape_of(RULES, seen) == ("POST /search", ("query",))
