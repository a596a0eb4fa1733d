"""The gate while a portal is being taught: reads, and the requests that the person has named as reads; nothing else."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from agent.browser.gate import Forbidden, Read, SeenRequest
from agent.browser.traffic import Verdict
from agent.domain.cases import Role
from page_objects.profile import BodyKind, Profile, RequestRule
from page_objects.requests import PortalRequests, graphql_operation, parsed_body, plain_path
from page_objects.site import Account

_MOST_KEPT = 200
_WORD = re.compile(r"[A-Za-z_][A-Za-z_.:/-]*")
# What a person types, or the session brings: it differs from one time to the next.
_FILLED_IN = re.compile(
    r"user|mail|phone|account|pass|csrf|token|captcha|next|redirect|return|query|keyword", re.IGNORECASE
)


class LearningRequests:
    """The profile's own gate over a profile that knows no change at all; what stays here is remembered.

    Attributes:
        reads: what the person has named so far, such as the login; each lets out one path.
        kept: the requests to the portal that were not let out, oldest first.
    """

    ws_allowed: Sequence[str] = ()

    def __init__(self, url: str) -> None:
        self.reads: dict[str, RequestRule] = {}
        self.kept: list[SeenRequest] = []
        self._names: dict[str, frozenset[str]] = {}  # the fields of what was named
        self._host = urlsplit(url).hostname or ""
        bare: dict[str, Any] = {"hosts": ("{base_host}",), "deny_paths": (), "websockets": (), "requests": self.reads}
        self._known = PortalRequests(
            Profile.model_construct(**bare), Account(shop="", base_url=url, role=Role.SELLER, username="")
        )

    def classify(self, request: SeenRequest) -> Verdict:
        """Return what a request is; nothing is ever a change that could be released."""
        verdict = self._known.classify(request)
        names = self._names.get(verdict.name) if isinstance(verdict, Read) else None
        if names is not None and not set(learnt(request).fields) <= names:
            verdict = Forbidden("it carries more than the request that was named")
        if isinstance(verdict, Forbidden) and urlsplit(request.url).hostname == self._host:
            self.kept = [*self.kept, request][-_MOST_KEPT:]
        return verdict

    def let_out(self, name: str, rule: RequestRule, names: Iterable[str] | None) -> None:
        """Let out what the person has named, as a read, with no other fields than these (None: any)."""
        if names is not None:
            self._names[name] = frozenset(names)
        self.reads[name] = rule.model_copy(update={"kind": "read"})


@dataclass(frozen=True, slots=True)
class Learnt:
    """A request that was held back, as a profile would tell of it."""

    method: str
    path: str
    body: BodyKind
    fields: Mapping[str, str]
    lists: tuple[str, ...] = ()
    root: tuple[str, ...] = ()
    query: bool = False  # GraphQL that only asks
    navigation: bool = False
    readable: bool = True

    def read_rule(self) -> RequestRule:
        """Return the narrowest rule that lets it out as a read.

        One address may take reads and changes alike, told apart by a word in the body: so every word has to be the
        same, but for those of fields that a person fills in.

        Raises:
            ValueError: its body cannot be read, so nothing tells it from a change.
        """
        if not self.readable:
            raise ValueError("its body cannot be read: it is not let out")
        rule: dict[str, Any] = {"kind": "read", "method": self.method, "path": self.path, "body": self.body}
        if self.body is BodyKind.GRAPHQL:
            rule["root"] = () if self.query else self.root
        else:
            rule |= {"lists": self.lists, "operation": telling(self.fields)}
        return RequestRule.model_validate(rule)


def telling(fields: Mapping[str, str]) -> dict[str, str]:
    """Return the fields whose words may say what a request does."""
    return {name: value for name, value in fields.items() if _WORD.fullmatch(value) and not _FILLED_IN.search(name)}


def learnt(request: SeenRequest) -> Learnt:
    """Return what a request carries: the names and values of its fields, nested ones by dotted paths.

    One whose body cannot be read carries none that could be told.
    """
    try:
        return _read(request)
    except (ValueError, RecursionError):
        return Learnt(request.method, _path(request), BodyKind.NONE, {}, navigation=request.navigation, readable=False)


def _read(request: SeenRequest) -> Learnt:
    path = _path(request)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    given = {"method": request.method, "path": path, "navigation": request.navigation}
    if request.body is None:
        return Learnt(body=BodyKind.NONE, fields={}, **given)  # type: ignore[arg-type]  # three of its own fields
    if kind.endswith("json") and _is_graphql(request.body):
        operation = graphql_operation(request)
        return Learnt(
            body=BodyKind.GRAPHQL,
            fields=_flat(operation.arguments),
            root=tuple(operation.roots or ()),
            query=operation.kind == "query",
            **given,  # type: ignore[arg-type]
        )
    body = {"multipart/form-data": BodyKind.MULTIPART}.get(
        kind, BodyKind.JSON if kind.endswith("json") else BodyKind.FORM
    )
    lists = _given_twice(request.body) if body is BodyKind.FORM else ()
    return Learnt(body=body, fields=_flat(parsed_body(body, request, lists=lists)), lists=lists, **given)  # type: ignore[arg-type]


def _path(request: SeenRequest) -> str:
    """Return the path as it was written, unless it could be understood in more than one way."""
    raw = urlsplit(request.url).path
    return raw if raw.rstrip("/") == plain_path(raw).rstrip("/") else plain_path(raw)


def _is_graphql(body: bytes) -> bool:
    try:
        data = json.loads(body)
    except ValueError:
        return False
    return isinstance(data, dict) and isinstance(data.get("query"), str)


def _given_twice(body: bytes) -> tuple[str, ...]:
    names = [name for name, _ in parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)]
    return tuple(dict.fromkeys(name for name in names if names.count(name) > 1))


def _flat(data: Mapping[str, Any], before: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in data.items():
        path = f"{before}.{key}" if before else key
        if isinstance(value, Mapping):
            found |= _flat(value, path)
        elif not isinstance(value, list):
            found[path] = "" if value is None else str(value)
    return found
