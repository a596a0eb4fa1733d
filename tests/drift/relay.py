"""A server of ours before another one: what a browser asks of it is asked of that one, and its answers pass a layer."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from fixtures.real.processes import free_port

from .layer import Layer

_STARTS_S = 20
_NOT_PASSED_ON = {"connection", "content-length", "transfer-encoding", "accept-encoding"}


class Relay:
    """Asks another server what it is asked; the host stays the one that the browser knows."""

    def __init__(self, url: str) -> None:
        self._client = httpx.AsyncClient(base_url=url, follow_redirects=False, trust_env=False, timeout=60)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return
        asked = Request(scope, receive)
        headers = [(name, value) for name, value in asked.headers.items() if name not in _NOT_PASSED_ON]
        answer = await self._client.request(
            asked.method, asked.url.path, params=asked.url.query, headers=headers, content=await asked.body()
        )
        told = Response(answer.content, answer.status_code)
        told.raw_headers += [
            (name.lower(), value)
            for name, value in answer.headers.raw
            if name.lower().decode() not in {*_NOT_PASSED_ON, "content-encoding"}
        ]
        await told(scope, receive, send)


@contextmanager
def relayed(url: str) -> Iterator[tuple[str, Layer]]:
    """Serve on 127.0.0.1 while the context is open; yield the address, and the layer that changes what comes back."""
    layer, port = Layer(Relay(url)), free_port()
    server = uvicorn.Server(uvicorn.Config(layer, host="127.0.0.1", port=port, log_level="error", lifespan="off"))
    begun = threading.Event()

    async def startup_done() -> None:
        begun.set()

    server.config.callback_notify, server.config.timeout_notify = startup_done, 0
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    if not begun.wait(_STARTS_S):
        raise RuntimeError("the relay does not start")
    try:
        yield f"http://127.0.0.1:{port}", layer
    finally:
        server.should_exit = True
        thread.join()
