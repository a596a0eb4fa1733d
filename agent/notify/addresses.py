"""The shop's own book of buyers' addresses: CSV or JSON with an order's id or a buyer's name, e-mail and phone."""

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.domain.ids import OrderId, parse_order_id
from agent.domain.rules import plain
from agent.errors import ConfigError

ORDER = "order"
BUYER = "buyer:"
FAULTS_SHOWN = 50
COLUMNS = {"order_id": "订单号", "buyer": "买家", "email": "邮箱", "phone": "手机"}

_NAMES = {**{name: name for name in COLUMNS}, **{chinese: name for name, chinese in COLUMNS.items()}}
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+", re.ASCII)
_PHONE = re.compile(r"\+?[0-9]{6,15}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a buyer can be reached; empty where the book does not say."""

    email: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class AddressBook:
    """A book without faults; buyers are kept by the hash of their names."""

    orders: Mapping[OrderId, Address]
    buyers: Mapping[str, Address]

    def recipient(self, order_id: OrderId, buyer: str) -> str:
        """Return by what the buyer of an order is found here, for the outbox; empty where nobody is found."""
        if order_id in self.orders:
            return ORDER
        return BUYER + name_hash(buyer) if buyer and name_hash(buyer) in self.buyers else ""

    def address(self, order_id: OrderId, recipient: str) -> Address | None:
        """Return the address that a recipient stands for; None where the book has it no longer."""
        if recipient == ORDER:
            return self.orders.get(order_id)
        return self.buyers.get(recipient.removeprefix(BUYER))


def name_hash(buyer: str) -> str:
    """Return what stands for a buyer's name in the outbox, which keeps no names."""
    return hashlib.sha256(plain(buyer).encode()).hexdigest()[:32]


def read_addresses(path: Path) -> AddressBook:
    """Return a book.

    Raises:
        ConfigError: naming every row that is wrong, of which the first 50 are told.
    """
    faults: list[str] = []
    orders: dict[OrderId, Address] = {}
    buyers: dict[str, Address] = {}
    for row, cells in _rows(path):
        try:
            key, address = _entry(cells)
            place: dict[Any, Address] = orders if isinstance(key, _Order) else buyers
            if place.setdefault(key.value, address) != address:
                faults.append(f"{path.name}: row {row}: has another address for the same order or buyer")
        except ValueError as fault:
            faults.append(f"{path.name}: row {row}: {fault}")
    if faults:
        more = len(faults) - FAULTS_SHOWN
        raise ConfigError([*faults[:FAULTS_SHOWN], f"… and {more:,} more"] if more > 0 else faults)
    return AddressBook(orders, buyers)


@dataclass(frozen=True, slots=True)
class _Order:
    value: OrderId


@dataclass(frozen=True, slots=True)
class _Buyer:
    value: str


def _entry(cells: Mapping[str, str]) -> tuple[_Order | _Buyer, Address]:
    order_id, buyer = cells.get("order_id", ""), cells.get("buyer", "")
    if bool(order_id) == bool(buyer):
        raise ValueError("must have either an order_id (订单号) or a buyer (买家)")
    key = _Order(parse_order_id(order_id)) if order_id else _Buyer(name_hash(buyer))
    return key, _address(cells)


def _address(cells: Mapping[str, str]) -> Address:
    email = cells.get("email", "")
    phone = re.sub(r"[\s()-]", "", cells.get("phone", ""))
    if not email and not phone:
        raise ValueError("has neither email (邮箱) nor phone (手机)")
    # The values are not shown: they are a buyer's. One address each, and nothing that a channel could take for two.
    if email and not _EMAIL.fullmatch(email):
        raise ValueError("email (邮箱) is not one e-mail address")
    if phone and not _PHONE.fullmatch(phone):
        raise ValueError("phone (手机) is not one number of 6 to 15 digits, with + before a country's code")
    return Address(email, phone)


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    text = _text(path)
    if path.suffix.lower() == ".json":
        yield from _json_rows(path, text)
    elif path.suffix.lower() == ".csv":
        yield from _csv_rows(path, text)
    else:
        raise ConfigError([f"{path.name}: must be .csv or .json: save it as one of these"])


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as fault:
        raise ConfigError([f"{path.name}: cannot be read ({fault.strerror}): give a file that you may read"]) from fault
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ConfigError([f"{path.name}: is neither UTF-8 nor GB18030: save it again as UTF-8"])


def _csv_rows(path: Path, text: str) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    names: list[str] | None = None
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if names is None:
                names = [_named(path, cell) for cell in cells]
            else:
                yield reader.line_num, {name: cell.strip() for name, cell in zip(names, cells, strict=False)}
    except csv.Error as fault:
        raise ConfigError([f"{path.name}: row {reader.line_num}: is no CSV ({fault}): save the file again"]) from fault
    if names is None:
        raise ConfigError(
            [f"{path.name}: is empty: write the headings order_id or buyer, email, phone, and a row each"]
        )


def _json_rows(path: Path, text: str) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        data = json.loads(text)
    except ValueError as fault:
        raise ConfigError([f"{path.name}: is no JSON ({fault}): save the file again"]) from fault
    if not isinstance(data, list):
        raise ConfigError([f"{path.name}: must be a list of objects with order_id or buyer, email, phone"])
    for number, entry in enumerate(data, 1):
        if not isinstance(entry, dict) or not all(isinstance(value, str) for value in entry.values()):
            raise ConfigError([f"{path.name}: row {number}: must be an object whose values are strings"])
        yield number, {_named(path, name): value.strip() for name, value in entry.items()}


def _named(path: Path, heading: str) -> str:
    name = _NAMES.get(heading.strip().lower())
    if name is None:
        known = ", ".join(f"{name} ({chinese})" for name, chinese in COLUMNS.items())
        raise ConfigError([f"{path.name}: heading {heading!r} is unknown; use {known}"])
    return name
