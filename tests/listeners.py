"""Real servers on loopback that channels send to: HTTP for ``json://``, SMTP for ``mailto://``."""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Endpoint:
    """An HTTP endpoint: what came in, and what it answers; ``before_answer`` is called once a message is in."""

    port: int = 0
    status: int = 200
    got: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    before_answer: Callable[[], None] = lambda: None

    @property
    def url(self) -> str:
        """The Apprise address of this endpoint."""
        return f"json://127.0.0.1:{self.port}/"

    def at(self, path: str) -> list[dict[str, Any]]:
        """Return what came in for paths that begin so."""
        return [one for where, one in zip(self.paths, self.got, strict=True) if where.startswith(path)]

    @property
    def told(self) -> list[str]:
        """The texts that came in."""
        return [one["message"] for one in self.got]


@contextlib.contextmanager
def endpoint() -> Iterator[Endpoint]:
    """Run an endpoint on a free port."""
    state = Endpoint()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            state.got.append(json.loads(body))
            state.paths.append(self.path)
            state.before_answer()
            with contextlib.suppress(OSError):  # whoever asked may be gone
                self.send_response(state.status)
                self.send_header("content-length", "0")
                self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of its parent
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.port = server.server_port
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class MailServer:
    """An SMTP server: what came in, and which recipients it refuses."""

    port: int = 0
    got: list[tuple[list[str], Message]] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd calls it so
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take or refuse a recipient."""
        if address in self.refuses:
            return f"550 no such mailbox {address}"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep a message."""
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        self.got.append((list(envelope.rcpt_tos), message_from_bytes(content, policy=default)))
        return "250 OK"


class _OnAFreePort(Controller):  # type: ignore[misc]  # aiosmtpd has no types
    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextlib.contextmanager
def mail_server() -> Iterator[MailServer]:
    """Run a mail server on a free port."""
    state = MailServer()
    controller = _OnAFreePort(state, hostname="127.0.0.1", port=0)
    controller.start()
    state.port = controller.port
    try:
        yield state
    finally:
        controller.stop()
