"""What the last-hop gate asks of a profile: what a request is, which fields it carries, what its answer says."""

import json
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.parser import BytesParser
from email.policy import HTTP
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from agent.browser.gate import Answer, Forbidden, Mutating, Read, SeenRequest
from agent.domain.judge import AnswerKind
from page_objects.graphql import Operation, operation_of
from page_objects.profile import ORDER_IN_PATH, BodyKind, Profile, RequestRule, Rows, Sign
from page_objects.site import Account

_SAFE = ("GET", "HEAD")
_URLENCODED = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"
_PATH_PARAMETERS = re.compile(r";[^/]*")
_LARGEST_EXACT = 2**53 - 1
_UNLISTED = " is not listed in the profile"
_MOST_DECODINGS = 3  # a proxy may decode an address before the server does


class PortalRequests:
    """Tells reads from changes by the profile's list; what it does not know is forbidden."""

    def __init__(self, profile: Profile, account: Account) -> None:
        self._profile = profile
        self._hosts = tuple(hosts_of(profile, account))
        self.ws_allowed = profile.websockets

    def classify(self, request: SeenRequest) -> Read | Mutating | Forbidden:
        """Return what a request is.

        A body that does not parse, or a field given twice, makes a listed change forbidden.
        """
        url = urlsplit(request.url)
        if url.scheme in ("data", "blob", "about"):
            return Read(url.scheme)
        if url.scheme not in ("http", "https") or not any(
            fnmatchcase(url.hostname or "", host) for host in self._hosts
        ):
            return Forbidden(f"host {url.hostname or url.scheme} is not one of the profile's")
        path = plain_path(url.path)
        if any(f"{path}/".startswith(denied) for denied in self._profile.deny_paths):
            return Forbidden(f"path {url.path} is denied by the profile")
        unread: Forbidden | None = None
        for name, rule in self._profile.requests.items():
            in_path = named_in_path(rule.path, path) if rule.method == request.method else None
            if in_path is not None:
                found = self._listed(name, rule, request, in_path)
                if isinstance(found, Read | Mutating):
                    return found
                if unread is None or unread.why.endswith(_UNLISTED):
                    unread = found or unread  # another request of this path may be what it is
        if unread is not None:
            return unread
        if request.method in _SAFE and not self._speaks_graphql(path):
            return Read(request.method.lower())
        return Forbidden(f"{request.method} {url.path}{_UNLISTED}")

    def _listed(
        self, name: str, rule: RequestRule, request: SeenRequest, in_path: Mapping[str, str]
    ) -> Read | Mutating | Forbidden | None:
        try:
            if rule.body is BodyKind.GRAPHQL and not fits(rule, operation := graphql_operation(request)):
                return Forbidden(f"GraphQL {operation}{_UNLISTED}")
            body = parsed_body(rule.body, request, lists=rule.lists)
        except (ValueError, RecursionError) as fault:
            return Forbidden(f"request {name}: {fault}")
        if any(_text(picked(body, path)) not in values for path, values in rule.operation.items()):
            return None
        if any(picked(body, path) is not None for path in rule.without):
            return None
        if rule.kind == "read":
            return Read(name)
        twice = _in_address(rule, request)
        if twice:
            return Forbidden(f"request {name}: {', '.join(twice)} stands in the address and in the body")
        if rule.body is BodyKind.GRAPHQL and (unnamed := _unnamed(rule, body)):
            return Forbidden(f"request {name}: nothing in the profile says what {', '.join(unnamed)} may be")
        try:
            fields: dict[str, str | None] = {told: _told_rows(rows, body) for told, rows in rule.rows.items()}
        except ValueError as fault:
            return Forbidden(f"request {name}: {fault}")
        fields |= {field: _text(picked(body, path)) for field, path in rule.fields.items()}
        return Mutating(name, {field: value for field, value in fields.items() if value is not None} | dict(in_path))

    def _speaks_graphql(self, path: str) -> bool:
        """Return whether a path takes GraphQL: many servers take it from the address of a GET, too."""
        rules = self._profile.requests.values()
        return any(rule.body is BodyKind.GRAPHQL and named_in_path(rule.path, path) is not None for rule in rules)


def fits(rule: RequestRule, operation: Operation) -> bool:
    """Return whether a GraphQL operation is one that a rule stands for.

    A change is listed by its root field; a read is, or is any query.
    """
    if operation.kind == "query":
        named = not rule.root or (operation.roots is not None and set(operation.roots) <= set(rule.root))
        return rule.kind == "read" and named
    return operation.kind == "mutation" and operation.roots is not None and set(operation.roots) <= set(rule.root)


def graphql_operation(request: SeenRequest) -> Operation:
    """Return the GraphQL operation of a request.

    Raises:
        ValueError: its body is none, or can be read in more than one way.
    """
    data = json.loads((request.body or b"").decode("utf-8"), object_pairs_hook=_once, parse_int=_exact)
    if not isinstance(data, dict):
        raise ValueError("the body is not one GraphQL request")
    return operation_of(data, request.url, _content_type(request))


def _exact(figures: str) -> int:
    """Return a whole number that no server rounds: many read every number as a floating one."""
    number = int(figures)
    if abs(number) > _LARGEST_EXACT:
        raise ValueError(f"{figures} is a number that a server may round; an id has to be a text")
    return number


def named_in_path(pattern: str, path: str) -> Mapping[str, str] | None:
    """Return the order id that a path names where its pattern has one; None where the path is another."""
    before, named, after = (pattern.rstrip("/") or "/").partition(ORDER_IN_PATH)
    if not named:
        return {} if fnmatchcase(path, before) else None
    found = re.fullmatch(f"{re.escape(before)}([^/]+){re.escape(after)}", path)
    return {"order_id": found[1]} if found is not None else None


def plain_path(path: str) -> str:
    """Return the path that a server may understand: decoded, without parameters, dots, double and last slashes."""
    for _ in range(_MOST_DECODINGS):
        path = unquote(path)
    return posixpath.normpath("/" + _PATH_PARAMETERS.sub("", path.replace("\\", "/")).lstrip("/"))


def hosts_of(profile: Profile, account: Account) -> list[str]:
    """Return the hosts that the browser may reach; ``{base_host}`` is the host of the shop's address."""
    base = urlsplit(account.base_url).hostname or ""
    return [host.replace("{base_host}", base) for host in profile.hosts]


def parsed_body(kind: BodyKind, request: SeenRequest, *, lists: Sequence[str] = ()) -> dict[str, Any]:
    """Return the fields of a request by name; those of ``lists`` may be given several times and come as lists.

    Raises:
        ValueError: the body is not what the profile says, or gives a field twice.
    """
    raw = request.body or b""
    _check_type(kind, request)
    match kind:
        case BodyKind.NONE:
            return {}
        case BodyKind.QUERY:
            return _once(parse_qsl(urlsplit(request.url).query, keep_blank_values=True), lists)
        case BodyKind.FORM:
            return _once(parse_qsl(raw.decode("utf-8"), keep_blank_values=True, strict_parsing=bool(raw)), lists)
        case BodyKind.JSON:
            data = json.loads(raw, object_pairs_hook=_once, parse_int=_exact)
            if not isinstance(data, dict):
                raise ValueError("the JSON body is not an object")
            return data
        case BodyKind.GRAPHQL:
            return dict(graphql_operation(request).arguments)
        case BodyKind.MULTIPART:
            return _multipart(request, raw, lists)


def _check_type(kind: BodyKind, request: SeenRequest) -> None:
    """Refuse a body that calls itself something else: the server would read it otherwise than we do."""
    called = _content_type(request).partition(";")[0].strip().lower()
    match kind:
        case BodyKind.FORM if called not in {_URLENCODED, ""}:
            raise ValueError(f"the body calls itself {called}, not {_URLENCODED}")
        case BodyKind.JSON if called in {_URLENCODED, _MULTIPART}:
            raise ValueError(f"the body calls itself {called}, not JSON")
        case BodyKind.MULTIPART if called != _MULTIPART:
            raise ValueError(f"the body is not {_MULTIPART}")


def _content_type(request: SeenRequest) -> str:
    return next((value for name, value in request.headers.items() if name.lower() == "content-type"), "")


def _in_address(rule: RequestRule, request: SeenRequest) -> list[str]:
    """Return the fields of a change's body that its address names too: a server may go by either."""
    if rule.body in {BodyKind.NONE, BodyKind.QUERY}:
        return []
    named = {_last(name) for name, _ in parse_qsl(urlsplit(request.url).query, keep_blank_values=True)}
    return sorted(named & {_last(path) for path in rule.fields.values()})


def _last(name: str) -> str:
    """Return the last part of a name: an address may write a field of a field as ``a.b`` or as ``a[b]``."""
    return name.rstrip("]").replace("[", ".").rpartition(".")[2]


def _multipart(request: SeenRequest, raw: bytes, lists: Sequence[str]) -> dict[str, Any]:
    kind = _content_type(request)
    message = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + kind.encode() + b"\r\n\r\n" + raw)
    parts = list(message.iter_parts())
    if not parts or message.defects:
        raise ValueError("the multipart body does not parse")
    pairs: list[tuple[str, Any]] = []
    for part in parts:
        name = part.get_param("name", header="content-disposition")
        if not isinstance(name, str):
            raise ValueError("a part of the multipart body has no name")
        if part.get_filename() is None:
            content = part.get_payload(decode=True)
            pairs.append((name, content.decode("utf-8") if isinstance(content, bytes) else ""))
    return _once(pairs, lists)


def _once(pairs: list[tuple[str, Any]], lists: Sequence[str] = ()) -> dict[str, Any]:
    fields: dict[str, Any] = {name: [value for named, value in pairs if named == name] for name in lists}
    for name, value in pairs:
        if name in lists:
            continue
        if name in fields:
            raise ValueError(f"field {name!r} is given twice")
        fields[name] = value
    return fields


def picked(data: object, path: str) -> Any:
    """Return what stands at a dotted path, which may number the rows of a list, or None."""
    for part in path.split("."):
        if isinstance(data, list) and part.isdecimal() and int(part) < len(data):
            data = data[int(part)]
            continue
        if not isinstance(data, Mapping) or part not in data:
            return None
        data = data[part]
    return data


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value)


def pieces_of(key: str, quantity: str) -> str:
    """Return a line of an order and how many pieces of it, as one text."""
    return f"{key}×{quantity}"


def pieces_in(line: str) -> str:
    """Return how many pieces a line has, of its text."""
    return line.rpartition("×")[2]


def all_pieces(lines: Sequence[str]) -> str:
    """Return lines with their pieces as one text, in one order; those without a piece do not count."""
    return ", ".join(sorted(line for line in lines if not line.endswith("×0")))


def _told_rows(rows: Rows, body: Mapping[str, Any]) -> str:
    found = picked(body, rows.at)
    lines: dict[str, int] = {}
    for row in found if isinstance(found, list) else []:
        if not isinstance(row, Mapping) or set(row) != {rows.key, rows.quantity}:
            raise ValueError(f"a row of {rows.at} is not {rows.key} and {rows.quantity}")
        key, quantity = row[rows.key], row[rows.quantity]
        if not isinstance(key, str | int) or type(quantity) is not int or str(key) in lines:
            raise ValueError(f"a row of {rows.at} is none, or is there twice")
        lines[str(key)] = quantity
    return all_pieces([pieces_of(key, str(quantity)) for key, quantity in lines.items()])


def _unnamed(rule: RequestRule, body: Mapping[str, Any]) -> list[str]:
    """Return the arguments of a change that its rule does not name: nobody would compare them with anything."""
    named = {*rule.fields.values(), *rule.operation, *(rows.at for rows in rule.rows.values())}
    return sorted(path for path in _leaves(body) if path not in named)


def _leaves(data: Mapping[str, Any], above: str = "") -> Iterator[str]:
    for name, value in data.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{above}{name}.")
        elif value is not None:
            yield f"{above}{name}"


@dataclass(frozen=True, slots=True)
class Understood:
    """An answer in our own words."""

    kind: AnswerKind
    request_id: str | None = None
    code: str = ""
    message: str = ""
    too_new: bool = False
    stale: bool = False
    second_factor: bool = False


def understand(rule: RequestRule, answer: Answer) -> Understood:
    """Return what an answer to a mutating request says; what fits no sign of the profile is unknown."""
    if rule.answer is None:
        return Understood(AnswerKind.UNKNOWN)
    data = _json_of(answer)
    rules = rule.answer
    kind = AnswerKind.UNKNOWN
    for sign, meaning in (
        (rules.nothing_done, AnswerKind.NOTHING_DONE),
        (rules.accepted, AnswerKind.ACCEPTED),
        (rules.refused, AnswerKind.REFUSED),
    ):
        if sign is not None and _shows(sign, answer, data):
            kind = meaning
            break
    code = _pick(rules.code, answer, data) or ""
    body = answer.body.decode("utf-8", "replace")

    def says(words: Sequence[str]) -> bool:
        return any(word == code or word in body or word in (answer.location or "") for word in words)

    return Understood(
        kind=kind,
        request_id=_pick(rules.request_id, answer, data),
        code=code,
        message=(_pick(rules.message, answer, data) or "")[:200],
        too_new=says(rules.too_new),
        stale=says(rules.stale),
        second_factor=says(rules.second_factor),
    )


def _shows(sign: Sign, answer: Answer, data: object) -> bool:
    if sign.status and answer.status not in sign.status:
        return False
    if sign.location and not any(part in (answer.location or "") for part in sign.location):
        return False
    if sign.text and not any(part in answer.body.decode("utf-8", "replace") for part in sign.text):
        return False
    for path, wanted in sign.json_equals.items():
        value = picked(data, path)
        if isinstance(wanted, tuple):
            if value not in wanted:
                return False
        elif value != wanted or type(value) is not type(wanted):
            return False
    return True


def _json_of(answer: Answer) -> object:
    try:
        return json.loads(answer.body)
    except ValueError:
        return None


def _pick(where: str | None, answer: Answer, data: object) -> str | None:
    if where is None:
        return None
    source, _, path = where.partition(":")
    if source == "header":
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return headers.get(path.lower())
    return _text(picked(data, path))
