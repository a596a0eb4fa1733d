"""A layer over the mock portal's answers: its pages as they would be after the portal's next release."""

import json
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SCRIPT = "/static/drift.js"
_STRUCK = "/static/drift-struck"
_TEXT = (b"text/html", b"text/javascript", b"application/javascript", b"application/json")


class Layer:
    """Puts a script into every page, and other addresses into every text, while a change is active.

    Attributes:
        changes: what the script does to the page.
        addresses: texts of answers that read otherwise, such as addresses; a request for a new one gets the old one.
        struck: whether the change has met anything.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.changes: tuple[Mapping[str, Any], ...] = ()
        self.addresses: Mapping[str, str] = {}
        self.struck = False

    def use(self, changes: tuple[Mapping[str, Any], ...], addresses: Mapping[str, str]) -> None:
        """Change pages in this way from now on."""
        self.changes, self.addresses, self.struck = changes, addresses, False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and scope["path"] in {_SCRIPT, _STRUCK}:
            await self._own(scope["path"], send)
            return
        if scope["type"] == "http":
            for old, new in self.addresses.items():
                if scope["path"] == new:
                    scope = {**scope, "path": old, "raw_path": old.encode()}
        answer = _Whole(send, self)
        await self._app(scope, receive, answer.send)

    async def _own(self, path: str, send: Send) -> None:
        self.struck = self.struck or path == _STRUCK
        body = (Path(__file__).parent / "drift.js").read_bytes() if path == _SCRIPT else b""
        headers = [(b"content-type", b"text/javascript; charset=utf-8"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 200 if body else 204, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def changed(self, kind: bytes, body: bytes) -> bytes:
        """Return an answer's body as it is now."""
        text = body.decode("utf-8")
        for old, new in self.addresses.items():
            self.struck = self.struck or old in text
            text = text.replace(old, new)
        if self.changes and kind.startswith(b"text/html"):
            said = escape(json.dumps(self.changes, ensure_ascii=False), quote=True)
            text = text.replace("<head>", f'<head><script src="{_SCRIPT}" data-changes="{said}"></script>', 1)
        return text.encode()


class _Whole:
    """Sends an answer on in one piece, changed."""

    def __init__(self, send: Send, layer: Layer) -> None:
        self._send = send
        self._layer = layer
        self._start: Message | None = None
        self._kind = b""
        self._body = b""

    async def send(self, message: Message) -> None:
        """Take the next part of the answer."""
        if message["type"] == "http.response.start":
            self._kind = dict(message["headers"]).get(b"content-type", b"")
            if (self._layer.changes or self._layer.addresses) and self._kind.startswith(_TEXT):
                self._start = message
                return
        if message["type"] != "http.response.body" or self._start is None:
            await self._send(message)
            return
        self._body += message.get("body", b"")
        if message.get("more_body"):
            return
        body = self._layer.changed(self._kind, self._body)
        kept = [(name, value) for name, value in self._start["headers"] if name != b"content-length"]
        await self._send({**self._start, "headers": [*kept, (b"content-length", str(len(body)).encode())]})
        await self._send({"type": "http.response.body", "body": body})
