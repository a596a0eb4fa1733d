"""What a page asks its portal for: the shape of a request, without any value."""

import json
import re
from collections.abc import Iterator
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from agent.browser.gate import Read, RequestRules, SeenRequest
from page_objects.requests import graphql_operation

_IDS = re.compile(r"\d+")
_SHAPELESS = "GET HEAD get head"  # names of reads that no rule of the profile lists


def plain_address(url: str) -> str:
    """Return the path of an address without ids: a query may name people."""
    return _IDS.sub("#", urlsplit(url).path)


def shape_of(rules: RequestRules, request: SeenRequest) -> tuple[str, tuple[str, ...]]:
    """Return what a request is called, and the names of the fields that it carries."""
    verdict = rules.classify(request)
    rule = verdict.name if isinstance(verdict, Read) and verdict.name not in _SHAPELESS.split() else ""
    operation = _operation(request)
    called = ": ".join(word for word in (rule, operation) if word)
    name = f"{request.method} {plain_address(request.url)}" + (f" ({called})" if called else "")
    if operation:
        return name, ()  # several documents may ask for the same, each with variables of its own
    query = [key for key, _ in parse_qsl(urlsplit(request.url).query, keep_blank_values=True)]
    return name, tuple(sorted({*query, *_body_fields(request)}))


def _operation(request: SeenRequest) -> str:
    """Return what a GraphQL request asks for: one address answers to many, each with fields of its own."""
    try:
        return str(graphql_operation(request))
    except (ValueError, RecursionError):
        return ""  # it is none


def _body_fields(request: SeenRequest) -> list[str]:
    kind = Message()
    kind["content-type"] = request.headers.get("content-type", "")
    text = (request.body or b"").decode("utf-8", "replace")
    match kind.get_content_type():
        case "application/json":
            try:
                return list(_keys(json.loads(text)))
            except ValueError:
                return []
        case "application/x-www-form-urlencoded":
            return [key for key, _ in parse_qsl(text, keep_blank_values=True)]
        case _:
            return []


def _keys(data: Any, before: str = "") -> Iterator[str]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield f"{before}{key}"
            yield from _keys(value, f"{before}{key}.")
