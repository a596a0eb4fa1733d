"""A shop's own books (its ERP) told of a stock: by a signed request, or by a file in a folder."""

import asyncio
import csv
import hashlib
import hmac
import json
from datetime import datetime
from io import StringIO
from pathlib import Path

import httpx

from agent.domain.stock import StockEvent
from agent.errors import ConfigError
from agent.evidence.files import write_atomic
from agent.settings import StockBooks, resolve_secret, web_address

_TIMEOUT_S = 15


async def tell(where: StockBooks, event: StockEvent, *, now: datetime) -> str:
    """Tell of one event and return "", or why that was not possible; who is told twice knows it by the event's id."""
    if where.drop is not None:
        body = _as_csv(event) if where.drop_as == "csv" else _as_json(event) + b"\n"
        return await _dropped(where.drop / f"{event.event_id}.{where.drop_as}", body)
    body = _as_json(event)
    try:
        address, secret = web_address(where.webhook or ""), resolve_secret(where.secret or "")
    except ConfigError as fault:
        return str(fault)
    return await _posted(address, body, headers(event.event_id, body, secret=secret, now=now))


def headers(event_id: str, body: bytes, *, secret: str, now: datetime) -> dict[str, str]:
    """Return the headers of an event: its id, the moment, and the signature over both and the body."""
    moment = str(int(now.timestamp()))
    signed = f"{moment}.{event_id}.".encode() + body
    return {
        "Content-Type": "application/json",
        "X-Closewright-Id": event_id,
        "X-Closewright-Timestamp": moment,
        "X-Closewright-Signature": "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest(),
    }


async def _posted(address: str, body: bytes, named: dict[str, str]) -> str:
    """Send the event; only an answer that says yes counts, and nothing is sent on to another address."""
    try:
        async with httpx.AsyncClient(timeout=_TIMEOUT_S, follow_redirects=False) as client:
            answer = await client.post(address, content=body, headers=named)
    except httpx.HTTPError as fault:
        return f"no answer ({type(fault).__name__})"
    return "" if answer.is_success else f"answered {answer.status_code}"


def _as_json(event: StockEvent) -> bytes:
    return json.dumps(event.as_json(), ensure_ascii=False, sort_keys=True).encode()


def _as_csv(event: StockEvent) -> bytes:
    """Return a line of names and a line of values, as the file imports of most books take them."""
    facts = event.as_json()
    text = StringIO(newline="")
    writer = csv.DictWriter(text, facts)
    writer.writeheader()
    writer.writerow(facts)
    return text.getvalue().encode()


async def _dropped(path: Path, body: bytes) -> str:
    try:
        await asyncio.to_thread(write_atomic, path, body)
    except OSError as fault:
        return f"no file could be written ({fault.strerror})"
    return ""
