"""The one module that knows Apprise: whether an address means something to it, and sending by it."""

import re
import warnings
from types import ModuleType
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from agent.errors import ConfigError, NotDelivered
from agent.log import HIDDEN, register_secret
from agent.settings import resolve_secret

if TYPE_CHECKING:
    from apprise import AppriseAsset

TO = "{to}"  # where a buyer's address goes in a channel's
_TIMEOUT_S = 30
_SHORTEST_SECRET = 4
_MISSING = "needs the extra 'notify': pip install closewright[notify]"


def address_of(channel: str) -> str:
    """Return the Apprise address of a channel: its own text, or what it refers to.

    Raises:
        ConfigError: nothing is there.
    """
    if "://" in channel:
        return channel
    address = resolve_secret(channel)
    register_secret(address)
    return address


def fault_of(address: str, *, sample: str | None = None) -> str | None:
    """Return what is wrong with an address; ``sample`` is a buyer's address to try it with, None: it is people's."""
    if sample is not None and address.count(TO) != 1:
        return f"must have {TO} once: it stands where the buyer's address goes"
    if sample is None and TO in address:
        return f"has {TO}, which only notices to buyers fill in"
    try:
        known = _apprise().Apprise.instantiate(with_recipient(address, sample or ""), asset=_asset())
    except ConfigError as fault:
        return fault.faults[0]
    return (
        None if known is not None else "is no address that Apprise can use: see its pages for the form of this service"
    )


def with_recipient(address: str, to: str) -> str:
    """Return a channel's address with a buyer's in its place."""
    return address.replace(TO, quote(to, safe=""))


async def deliver(address: str, subject: str, body: str) -> None:
    """Hand one message to a channel, once; a channel that takes it has it, for all that we can know.

    Raises:
        NotDelivered: it did not take it, or did not answer in time, and may have it all the same.
        ConfigError: Apprise is not installed.
    """
    apprise = _apprise()
    sender = apprise.Apprise(asset=_asset())
    if not sender.add(address):
        raise NotDelivered("Apprise cannot use the channel's address")
    result = await sender.async_notify(title=subject, body=body, body_format=apprise.NotifyFormat.TEXT)
    if not result:
        said = _cut("; ".join(dict.fromkeys(entry.message for entry in result.logs())), address)
        raise NotDelivered(f"the channel did not take it: {said or result.status.name.lower()}")


def _cut(said: str, address: str) -> str:
    """Return what Apprise says without any part of the address."""
    parts = {part for part in re.split(r"[/:@?&=,\s]+", address) if len(part) >= _SHORTEST_SECRET}
    for part in sorted(parts | {unquote(part) for part in parts}, key=len, reverse=True):
        said = said.replace(part, HIDDEN)
    return said


def _apprise() -> ModuleType:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # of what it imports, some of it only when first asked
            import apprise  # noqa: PLC0415 - slow to import, and an extra

            apprise.Apprise.instantiate("json://localhost")
    except ModuleNotFoundError as fault:
        raise ConfigError([_MISSING]) from fault
    return apprise


def _asset() -> "AppriseAsset":
    # Nothing of its own between us and the channel: no templates, no retries, nothing kept on the disk.
    asset: AppriseAsset = _apprise().AppriseAsset(
        app_id="closewright",
        app_desc="closewright",
        app_url="",
        allow_templates=False,
        storage_mode="memory",
        service_timeout=_TIMEOUT_S,
    )
    return asset
