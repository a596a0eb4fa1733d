"""The only way out of the browser: a SOCKS proxy in our own process, which passes bytes on and reads none of them.

It is there for three things that Chromium does beneath every hook it offers:

- It sends a POST a second time, without asking, when a connection that it had used before dies before the first
  line of the answer. So while an act is in flight, the death of a connection that may carry it is kept from Chromium.
- It resolves and reaches any host. Here only the profile's hosts are reached, by name or by number.
- It lives on for a moment when we are killed. The wire dies with us, and what has not left by then never leaves.

Encryption stays between Chromium and the portal.
"""

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from fnmatch import fnmatchcase

from agent.browser.tls import AlertFinder

_VERSION = 5
_CONNECT = 1
_IPV4, _NAME, _IPV6 = 1, 3, 4
_DONE = b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"
_REFUSED = b"\x05\x02\x00\x01\x00\x00\x00\x00\x00\x00"
_UNREACHABLE = b"\x05\x04\x00\x01\x00\x00\x00\x00\x00\x00"


class Flight:
    """One released request, from the moment it is let go until its answer has begun or it is given up."""

    def __init__(self, wire: "Wire", host: str, began: int, on_loss: Callable[[], None]) -> None:
        self.on_loss = on_loss  # called when no living connection can have carried the request
        self._wire = wire
        self._host = host
        self._began = began

    @property
    def over(self) -> bool:
        """Whether the request has begun to be answered, or was given up."""
        return self not in self._wire.flights

    def may_be_on(self, tunnel: "_Tunnel") -> bool:
        """Return whether the request may have gone through this connection."""
        return tunnel.host == self._host and tunnel.sent_at >= self._began

    def land(self) -> None:
        """End: the answer has begun, Chromium will not send again and may learn of lost connections."""
        self._wire.end(self, told=True)

    def abandon(self) -> None:
        """End: Chromium never learns that the request's connection died."""
        self._wire.end(self, told=False)


class Wire:
    """A SOCKS5 proxy on a loopback port that reaches the given hosts only."""

    def __init__(self, hosts: Sequence[str]) -> None:
        self.port = 0
        self._hosts = [_bare(host) for host in hosts]
        self.flights: list[Flight] = []
        self._ticks = 0
        self._tunnels: set[_Tunnel] = set()
        self._server: asyncio.Server | None = None

    def allows(self, host: str) -> bool:
        """Return whether a host, named or numbered, may be reached."""
        return any(fnmatchcase(_bare(host), pattern) for pattern in self._hosts)

    def fly(self, host: str, on_loss: Callable[[], None]) -> Flight:
        """Begin a flight to ``host``; call it before the request is let go."""
        self._ticks += 1
        flight = Flight(self, _bare(host), self._ticks, on_loss)
        self.flights.append(flight)
        return flight

    def end(self, flight: Flight, *, told: bool) -> None:
        """End a flight; ``told`` says whether Chromium may now learn of the connections that died meanwhile."""
        if flight not in self.flights:
            return
        self.flights.remove(flight)
        for tunnel in list(self._tunnels):
            if not told and flight.may_be_on(tunnel):
                tunnel.mute = True
            tunnel.tell_loss()

    def now(self) -> int:
        """Return the number of flights begun so far: the only clock that matters here."""
        return self._ticks

    def flights_on(self, tunnel: "_Tunnel") -> list[Flight]:
        """Return the flights that may be on this connection."""
        return [flight for flight in self.flights if flight.may_be_on(tunnel)]

    def died(self, tunnel: "_Tunnel") -> None:
        """Tell the flights that can have been on no other connection that they are lost."""
        for flight in self.flights_on(tunnel):
            if not any(other.waits and flight.may_be_on(other) for other in self._tunnels):
                flight.on_loss()

    def opened(self, tunnel: "_Tunnel") -> None:
        """Keep a connection of the browser in mind."""
        self._tunnels.add(tunnel)

    def closed(self, tunnel: "_Tunnel") -> None:
        """Forget a connection that the browser has closed."""
        self._tunnels.discard(tunnel)

    async def open(self) -> None:
        """Listen on a free loopback port."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Tunnel(self), "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Cut every connection and stop listening."""
        if self._server is not None:
            self._server.close()
        for tunnel in list(self._tunnels):
            tunnel.cut()
        if self._server is not None:
            await self._server.wait_closed()


@asynccontextmanager
async def open_wire(hosts: Sequence[str]) -> AsyncIterator[Wire]:
    """Open a wire to ``hosts`` (``*.`` in front stands for any sub-domain) for as long as the context lasts."""
    wire = Wire(hosts)
    await wire.open()
    try:
        yield wire
    finally:
        await wire.close()


class _Upstream(asyncio.Protocol):
    """The portal's end of a connection."""

    def __init__(self, tunnel: "_Tunnel") -> None:
        self.tunnel = tunnel
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = _stream(transport)

    def data_received(self, data: bytes) -> None:
        self.tunnel.answered(data)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio names it
        self.transport = None
        self.tunnel.lost()

    def pause_writing(self) -> None:
        self.tunnel.pause(reading=True)

    def resume_writing(self) -> None:
        self.tunnel.pause(reading=False)


class _Tunnel(asyncio.Protocol):
    """Chromium's end of a connection: says where to, then bytes."""

    def __init__(self, wire: Wire) -> None:
        self.host = ""
        self.sent_at = 0  # the wire's clock when Chromium last sent something
        self.mute = False  # Chromium never learns that the other end is gone
        self._wire = wire
        self._transport: asyncio.Transport | None = None
        self._upstream: _Upstream | None = None
        self._dialling: asyncio.Task[None] | None = None
        self._hello = bytearray()
        self._greeted = False
        self._alerts = AlertFinder()
        self._asked = False
        self._dead = False  # the other end is gone, or said that it goes
        self._farewell = b""  # what it said as it went

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = _stream(transport)
        self._wire.opened(self)

    def data_received(self, data: bytes) -> None:
        if self._upstream is None:
            self._hello += data
            self._handshake()
            return
        self.sent_at = self._wire.now()
        self._asked = True
        if self._upstream.transport is not None:
            self._upstream.transport.write(data)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio names it
        self._transport = None
        self._wire.closed(self)
        if self._dialling is not None:
            self._dialling.cancel()
        if self._upstream is not None and self._upstream.transport is not None:
            self._upstream.transport.close()

    def pause_writing(self) -> None:
        if self._upstream is not None and self._upstream.transport is not None:
            self._upstream.transport.pause_reading()

    def resume_writing(self) -> None:
        if self._upstream is not None and self._upstream.transport is not None:
            self._upstream.transport.resume_reading()

    @property
    def waits(self) -> bool:
        """Whether Chromium has sent something to which nothing has come back, and the other end lives."""
        return self._asked and not self._dead

    def pause(self, *, reading: bool) -> None:
        """Stop reading from Chromium while the portal is slow to take it, or go on."""
        if self._transport is None:
            return
        if reading:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def answered(self, data: bytes) -> None:
        """Pass the portal's bytes on; keep a good-bye back while an act may be waiting for its answer."""
        if self._transport is None:
            return
        at = self._alerts.alert_at(data)
        if self._dead or (at is not None and self._wire.flights_on(self)):
            begin = 0 if self._dead else at or 0
            self._pass_on(data[:begin])
            self._farewell += data[begin:]
            self._die()
        else:
            self._pass_on(data)

    def lost(self) -> None:
        """The portal's end is gone."""
        self._die()
        self.tell_loss()

    def tell_loss(self) -> None:
        """Let Chromium know that the other end is gone, unless it would send an act again."""
        if not self._dead or self.mute or self._wire.flights_on(self) or self._transport is None:
            return
        self._transport.write(self._farewell)
        self._farewell = b""
        if self._upstream is None or self._upstream.transport is None:
            self._transport.close()
        else:
            self._dead = False  # it said good-bye and has not left yet

    def cut(self) -> None:
        """Drop both ends at once."""
        if self._transport is not None:
            self._transport.abort()
        if self._upstream is not None and self._upstream.transport is not None:
            self._upstream.transport.abort()

    def _pass_on(self, data: bytes) -> None:
        if data and self._transport is not None:
            self._asked = False
            self._transport.write(data)

    def _die(self) -> None:
        waited = self.waits
        self._dead = True
        if waited:
            self._wire.died(self)

    def _handshake(self) -> None:
        """Take the two SOCKS messages apart as far as they have come."""
        if not self._greeted:
            if len(self._hello) < 2 or len(self._hello) < 2 + self._hello[1]:  # noqa: PLR2004 - version, count
                return
            del self._hello[: 2 + self._hello[1]]
            self._greeted = True
            self._reply(b"\x05\x00")
        goal = _destination(bytes(self._hello))
        if goal is None or self._dialling is not None:
            return
        host, port = goal
        self.host = _bare(host)
        if self._hello[:2] == bytes((_VERSION, _CONNECT)) and self._wire.allows(host):
            self._dialling = asyncio.get_running_loop().create_task(self._dial(host, port))
        else:
            self._refuse(_REFUSED)

    async def _dial(self, host: str, port: int) -> None:
        loop = asyncio.get_running_loop()
        try:
            _, upstream = await loop.create_connection(
                lambda: _Upstream(self), host, port, happy_eyeballs_delay=0.25, interleave=1
            )
        except (OSError, UnicodeError):  # unreachable, or no name that could be looked up
            self._refuse(_UNREACHABLE)
            return
        self._upstream = upstream
        self._reply(_DONE)

    def _reply(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def _refuse(self, reply: bytes) -> None:
        self._reply(reply)
        if self._transport is not None:
            self._transport.close()


def _stream(transport: asyncio.BaseTransport) -> asyncio.Transport:
    if not isinstance(transport, asyncio.Transport):
        raise TypeError(f"a stream was expected, not {transport!r}")
    sock = transport.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return transport


def _bare(host: str) -> str:
    """Return a host in one form: lower case, no port, no brackets, no final dot."""
    host = host.lower().rstrip(".")
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host if host.count(":") > 1 else host.partition(":")[0]


def _destination(message: bytes) -> tuple[str, int] | None:
    """Return host and port of a SOCKS request, or None while it is not whole; an unknown kind has host ``""``."""
    head = 4
    if len(message) <= head:
        return None
    kind = message[3]
    if kind == _NAME:
        head, size = 5, message[4]
    else:
        size = {_IPV4: 4, _IPV6: 16}.get(kind, 0)
    if len(message) < head + size + 2:
        return None
    raw = message[head : head + size]
    port = int.from_bytes(message[head + size : head + size + 2])
    if kind == _NAME:
        return raw.decode("ascii", errors="replace"), port
    return (str(ipaddress.ip_address(raw)), port) if size else ("", port)
