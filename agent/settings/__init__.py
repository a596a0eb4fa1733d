"""Settings: ``closewright.toml``, overridden by ``CLOSEWRIGHT_*`` variables, with every fault told at once.

A shop's key is overridden by its path with double underscores: ``CLOSEWRIGHT_SHOPS__DEMO__LIMITS__ORDERS_PER_RUN``.
Relative paths are relative to the folder of the file. Secrets are never in the file: it says where they are.
"""

from agent.settings.aftercare import StockBooks
from agent.settings.file import Settings
from agent.settings.loading import EXAMPLE, load
from agent.settings.machine import Browser
from agent.settings.names import FILE_NAME
from agent.settings.notices import Notify
from agent.settings.pace import Limits
from agent.settings.quiet_hours import QuietHours
from agent.settings.rules import AskedByRule, RuleLimits
from agent.settings.secret import resolve_secret, web_address
from agent.settings.shop import Shop
from agent.settings.templates import MESSAGE_CHARACTERS
from agent.settings.values import parse_duration

__all__ = [
    "EXAMPLE",
    "FILE_NAME",
    "MESSAGE_CHARACTERS",
    "AskedByRule",
    "Browser",
    "Limits",
    "Notify",
    "QuietHours",
    "RuleLimits",
    "Settings",
    "Shop",
    "StockBooks",
    "load",
    "parse_duration",
    "resolve_secret",
    "web_address",
]
