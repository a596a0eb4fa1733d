"""A small HTTP server that answers what a test tells it, and remembers every request that reached it."""

import asyncio
import base64
import hashlib
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Got:
    """One request, as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    nth_on_connection: int


@dataclass(frozen=True)
class Reply:
    """One answer.

    Instead, ``drop`` closes the connection, ``reset`` tears it down, and ``never`` keeps it waiting until the test
    lets go, then closes it. ``half`` does the same once half of the answer's body is out.
    """

    body: str = "ok"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    drop: bool = False
    reset: bool = False
    never: bool = False
    half: bool = False


Handler = Callable[[Got], Reply]


@dataclass
class RecordingServer:
    """Answers on a loopback port; what is not told otherwise is 200 ``ok``."""

    tls: ssl.SSLContext | None = None
    got: list[Got] = field(default_factory=list)
    pages: dict[str, Reply | Handler] = field(default_factory=dict)
    port: int = 0
    let_go: asyncio.Event = field(default_factory=asyncio.Event)
    _server: asyncio.Server | None = None
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def origin(self) -> str:
        """Return scheme, host and port."""
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def other_origin(self) -> str:
        """The same server as another site."""
        return self.origin.replace("127.0.0.1", "localhost")

    def url(self, path: str) -> str:
        """Return the address of a path."""
        return self.origin + path

    def at(self, path: str) -> list[Got]:
        """Return what came in for a path, whatever the query."""
        return [each for each in self.got if each.path.partition("?")[0] == path]

    async def arrival(self, path: str, timeout_s: float = 5) -> Got:
        """Wait until a request for ``path`` has come in."""
        async with asyncio.timeout(timeout_s):
            while not self.at(path):
                self._arrived.clear()
                await self._arrived.wait()
        return self.at(path)[0]

    async def start(self) -> None:
        """Listen on a free port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]

    def stop(self) -> None:
        """Take no more connections."""
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        count = 0
        try:
            while (got := await _read(reader, count + 1)) is not None:
                count += 1
                self.got.append(got)
                self._arrived.set()
                if got.headers.get("upgrade") == "websocket":
                    _accept_web_socket(got, writer)
                    await reader.read()
                    return
                reply = self.pages.get(got.path.partition("?")[0], Reply())
                if callable(reply):
                    reply = reply(got)
                if reply.half:
                    _write(writer, got, reply)
                if reply.never or reply.half:
                    ends = [asyncio.create_task(each) for each in (reader.read(), self.let_go.wait())]
                    await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
                    ends[1].cancel()
                    ends[0].cancel()
                    return
                if reply.reset:
                    writer.transport.abort()
                if reply.reset or reply.drop:
                    return
                _write(writer, got, reply)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()


async def _read(reader: asyncio.StreamReader, nth: int) -> Got | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    except asyncio.IncompleteReadError:
        return None
    method, path, _ = head[0].split(" ")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Got(method, path, headers, body, nth)


def _write(writer: asyncio.StreamWriter, got: Got, reply: Reply) -> None:
    body = reply.body.encode()
    names = {name.lower() for name, _ in reply.headers}
    lines = [f"HTTP/1.1 {reply.status} X", f"Content-Length: {len(body)}"]
    lines += [] if "content-type" in names else ["Content-Type: text/html; charset=utf-8"]
    lines += ["Access-Control-Allow-Origin: *", "Access-Control-Allow-Headers: *"]
    lines += [f"{name}: {value}" for name, value in reply.headers]
    sent = body[: len(body) // 2] if reply.half else body
    writer.write("\r\n".join([*lines, "", ""]).encode() + (b"" if got.method == "HEAD" else sent))


def _accept_web_socket(got: Got, writer: asyncio.StreamWriter) -> None:
    key = got.headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()  # noqa: S324 - the protocol wants it
    head = ["HTTP/1.1 101 X", "Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Accept: {accept}"]
    writer.write("\r\n".join([*head, "", ""]).encode())


def redirect(status: int, to: str) -> Reply:
    return Reply(status=status, headers=(("Location", to),))


def script(text: str) -> Reply:
    return Reply(body=text, headers=(("Content-Type", "text/javascript"),))
