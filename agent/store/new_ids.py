"""Ids that we give: short, random, safe in file names and on a command line."""

import base64
import secrets

_LENGTH = 12


def new_id(prefix: str) -> str:
    """Return ``prefix`` and twelve random lowercase base32 characters."""
    return prefix + base64.b32encode(secrets.token_bytes(8)).decode().lower()[:_LENGTH]
