"""The wire reaches the named hosts and no other, and tells what may have carried an act."""

import asyncio
from collections.abc import Callable

import pytest
from recording_server import RecordingServer

from agent.browser.tls import AlertFinder
from agent.browser.wire import Wire, open_wire

Run = Callable[..., object]


@pytest.mark.parametrize(
    ("hosts", "host", "allowed"),
    [
        (["trade.1688.com"], "trade.1688.com", True),
        (["trade.1688.com"], "TRADE.1688.COM.", True),
        (["trade.1688.com"], "evil-trade.1688.com", False),
        (["trade.1688.com"], "trade.1688.com.evil.com", False),
        (["*.1688.com"], "work.1688.com", True),
        (["*.1688.com"], "1688.com", False),
        (["*.1688.com"], "evil1688.com", False),
        (["127.0.0.1:8765"], "127.0.0.1", True),
        (["127.0.0.1"], "127.0.0.2", False),
        (["[::1]:80"], "::1", True),
        ([], "", False),
    ],
)
def test_only_named_hosts_are_reached(hosts: list[str], host: str, allowed: bool) -> None:
    assert Wire(hosts).allows(host) is allowed


async def _ask(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"\x05\x01\x00")
    assert await reader.readexactly(2) == b"\x05\x00"
    writer.write(request)
    answer = await reader.readexactly(10)
    writer.close()
    return answer


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (b"\x05\x01\x00\x01\x7f\x00\x00\x01", 0),
        (b"\x05\x01\x00\x03\x09127.0.0.1", 0),
        (b"\x05\x01\x00\x03\x09localhost", 2),
        (b"\x05\x01\x00\x01\x7f\x00\x00\x02", 2),
        (b"\x05\x01\x00\x04" + bytes(15) + b"\x01", 2),
        (b"\x05\x02\x00\x01\x7f\x00\x00\x01", 2),
        (b"\x05\x01\x00\x09\x00\x00\x00\x00", 2),
    ],
    ids=["number", "number as name", "name", "other number", "IPv6", "bind", "unknown kind"],
)
def test_the_wire_itself_refuses_what_is_not_named(
    run: Run, server: RecordingServer, request_: bytes, code: int
) -> None:
    async def work() -> None:
        async with open_wire(["127.0.0.1"]) as wire:
            assert (await _ask(wire.port, request_ + server.port.to_bytes(2)))[1] == code

    run(work())


def test_a_port_where_nobody_listens_is_told(run: Run, server: RecordingServer) -> None:
    async def work() -> None:
        server.stop()
        async with open_wire(["127.0.0.1"]) as wire:
            answer = await _ask(wire.port, b"\x05\x01\x00\x01\x7f\x00\x00\x01" + server.port.to_bytes(2))
            assert answer[1] == 4

    run(work())


RECORD = b"\x17\x03\x03\x00\x30" + bytes(0x30)
SEALED_ALERT = b"\x17\x03\x03\x00\x13" + bytes(0x13)
OPEN_ALERT = b"\x15\x03\x03\x00\x02\x01\x00"


@pytest.mark.parametrize("alert", [SEALED_ALERT, OPEN_ALERT])
@pytest.mark.parametrize("step", [1, 2, 3, 5, 7, 1000])
def test_an_alert_is_found_wherever_the_stream_is_cut(alert: bytes, step: int) -> None:
    stream = RECORD + RECORD + alert
    begins = len(RECORD) * 2
    finder = AlertFinder()
    found = [
        at + where
        for at in range(0, len(stream), step)
        if (where := finder.alert_at(stream[at : at + step])) is not None
    ]
    assert len(found) == 1
    assert begins <= found[0] < begins + 5
    assert finder.alert_at(RECORD) is None


def test_plain_http_has_no_alerts() -> None:
    assert AlertFinder().alert_at(b"HTTP/1.1 200 OK\r\n\r\n" + OPEN_ALERT) is None
