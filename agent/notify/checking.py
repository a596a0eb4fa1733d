"""What is wrong with the channels and the address book of a shop, told before anything is touched."""

from collections.abc import Iterator

from agent.errors import ConfigError
from agent.notify.buyer import book_of
from agent.notify.channels import address_of, fault_of
from agent.settings import Settings, Shop

_SAMPLES: dict[str, str | None] = {"email": "buyer@example.com", "sms": "+8613800000000"}


def check_channels(settings: Settings, name: str) -> None:
    """Refuse to begin with channels that could tell nobody.

    Raises:
        ConfigError: naming file and key of everything that is wrong.
    """
    faults = [f"{settings.file}: shops.{name}.{key}: {what}" for key, what in _faults(settings.shop(name))]
    if faults:
        raise ConfigError(faults)


def _faults(shop: Shop) -> Iterator[tuple[str, str]]:
    notice = shop.notice
    channels: list[tuple[str, str | None, str | None]]
    channels = [(f"notify.people.{at}", channel, None) for at, channel in enumerate(shop.notify.people)]
    channels += [(f"notice.{kind}", getattr(notice, kind), sample) for kind, sample in _SAMPLES.items()]
    for key, channel, sample in channels:
        if channel is not None:
            yield from ((key, what) for what in _of_channel(channel, sample=sample))
    try:
        book_of(shop)
    except ConfigError as fault:
        yield from (("notice.addresses", what) for what in fault.faults)


def _of_channel(channel: str, *, sample: str | None) -> list[str]:
    try:
        what = fault_of(address_of(channel), sample=sample)
    except ConfigError as missing:
        return list(missing.faults)
    return [] if what is None else [what]
