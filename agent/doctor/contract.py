"""What a page asks its portal for: the shape of a request, without any value."""

import json
import re
from collections.abc import Iterator
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from agent.browser.gate import Read, RequestRules, SeenRequest

_IDS = re.compile(r"\d+")
_SHAPELESS = "GET HEAD get head"  # names of reads that no rule of the profile lists


def plain_address(url: str) -> str:
    """Return the path of an address without ids: a query may name people."""
    return _IDS.sub("#", urlsplit(url).path)


def shape_of(rules: RequestRules, request: SeenRequest) -> tuple[str, tuple[str, ...]]:
    """Return what a request is called, and the names of the fields that it carries."""
    verdict = rules.classify(request)
    rule = verdict.name if isinstance(verdict, Read) and verdict.name not in _SHAPELESS.split() else ""
    name = f"{request.method} {plain_address(request.url)}" + (f" ({rule})" if rule else "")
    query = [key for key, _ in parse_qsl(urlsplit(request.url).query, keep_blank_values=True)]
    return name, tuple(sorted({*query, *_body_fields(request)}))


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
