"""Secrets: the file says where they are, and here they are fetched."""

import os
import re
from urllib.parse import urlsplit

from agent.errors import ConfigError

SECRET = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*|keyring:[^/\s][^/]*(?:/.+)?")


def reference(value: object) -> str:
    """Check that a value says where a secret is."""
    # The value is not shown: it may be the secret itself.
    if not isinstance(value, str) or not SECRET.fullmatch(value):
        raise ValueError('must say where the secret is, "env:NAME" or "keyring:SERVICE/USER", never the secret itself')
    return value


def resolve_secret(ref: str) -> str:
    """Return the secret that ``env:NAME`` or ``keyring:SERVICE[/USER]`` points to.

    Raises:
        ConfigError: there is nothing at that place, or no keyring on this system.
    """
    kind, _, place = ref.partition(":")
    if not SECRET.fullmatch(ref):
        raise ConfigError(['a secret must be given as "env:NAME" or "keyring:SERVICE/USER"'])
    if kind == "keyring":
        return _from_keyring(*place.partition("/")[::2])
    secret = os.environ.get(place)
    if not secret:
        raise ConfigError([f"the environment variable {place} is not set: set it to the secret"])
    return secret


def web_address(ref: str) -> str:
    """Return the address that a reference points to.

    Raises:
        ConfigError: there is nothing at that place, or no address of a web server.
    """
    address = resolve_secret(ref)
    try:
        parts = urlsplit(address)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ConfigError([f"{ref} holds no address such as https://erp.example.com/stock"])
    return address


def _from_keyring(service: str, user: str) -> str:
    import keyring  # noqa: PLC0415 - slow to import, and seldom needed
    import keyring.errors  # noqa: PLC0415

    shown = f"{service}/{user}" if user else service
    try:
        found = keyring.get_credential(service, user or None)
    except keyring.errors.KeyringError as error:
        raise ConfigError([f"keyring:{shown}: the keyring of this system cannot be used ({error})"]) from error
    if found is None or not found.password:
        raise ConfigError([f"keyring:{shown}: nothing is there: run `keyring set {service} {user or 'USER'}`"])
    return found.password
