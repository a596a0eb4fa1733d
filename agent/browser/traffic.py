"""What crosses the last hop, in plain values: requests, what a profile calls them, answers."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class SeenRequest:
    """A request as it would leave the browser.

    Attributes:
        headers: names in lower case; cookies are not among them.
        body: the raw bytes, None without a body; the content of uploaded files is left out, their part headers stay.
        resource_type: Chromium's word in lower case: document, xhr, image, ping …
        navigation: whether it would load a page or a frame.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None
    resource_type: str
    navigation: bool


@dataclass(frozen=True, slots=True)
class Read:
    """A request that changes nothing."""

    name: str


@dataclass(frozen=True, slots=True)
class Mutating:
    """A request that changes something; ``fields`` are the profile's canonical ones (order_id, reason, amount …)."""

    name: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Forbidden:
    """A request that the profile does not know."""

    why: str


Verdict = Read | Mutating | Forbidden


class RequestRules(Protocol):
    """What a portal's profile says about requests."""

    @property
    def ws_allowed(self) -> Sequence[str]:
        """Return the addresses of web sockets that may be opened, without query; ``*`` stands for anything."""

    def classify(self, request: SeenRequest) -> Verdict:
        """Return what the request is; an exception counts as forbidden."""


@dataclass(frozen=True, slots=True)
class Blocked:
    """A request that was not let out.

    Attributes:
        at_frame: address of the page that sent it (its referrer), or Chromium's id of the frame where there is none.
    """

    method: str
    url: str
    why: str
    at_frame: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The server's own answer to a released request; names of headers in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str
    location: str | None


def seen_request(event: Mapping[str, Any]) -> SeenRequest:
    """Return the request in a ``Fetch.requestPaused`` event.

    Raises:
        ValueError: it has a body that cannot be seen, so nobody could say what it does.
    """
    request = event["request"]
    headers = {name.lower(): value for name, value in request["headers"].items()}
    kind = str(event["resourceType"]).lower()
    return SeenRequest(
        method=request["method"].upper(),
        url=request["url"],
        headers=headers,
        body=_body(request, headers),
        resource_type=kind,
        navigation=kind == "document",
    )


def _body(request: Mapping[str, Any], headers: Mapping[str, str]) -> bytes | None:
    if not request.get("hasPostData"):
        return None
    parts = request.get("postDataEntries", [])
    hidden = [part for part in parts if "bytes" not in part]
    # Chromium leaves out the content of files on disk; only in a form can the rest still say what the request is.
    if not parts or (hidden and not headers.get("content-type", "").lower().startswith("multipart/form-data")):
        raise ValueError("its body cannot be seen")
    return b"".join(base64.b64decode(part["bytes"]) for part in parts if "bytes" in part)


def header_map(pairs: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return CDP's header list as a mapping; repeated names are joined by line breaks."""
    headers: dict[str, str] = {}
    for pair in pairs:
        name = pair["name"].lower()
        headers[name] = f"{headers[name]}\n{pair['value']}" if name in headers else pair["value"]
    return headers
