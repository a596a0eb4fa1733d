"""Tables of TOML that are laid over one another."""

from collections.abc import Mapping
from typing import Any


def laid_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return tables with those of another laid over them, key by key; anything else is replaced whole."""
    result = dict(below)
    for key, value in above.items():
        known = result.get(key)
        result[key] = laid_over(known, value) if isinstance(known, dict) and isinstance(value, dict) else value
    return result
