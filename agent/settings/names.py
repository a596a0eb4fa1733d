"""What the file, its tables and the variables over it are called."""

import re
from difflib import get_close_matches

FILE_NAME = "closewright.toml"
PREFIX = "CLOSEWRIGHT_"
NESTED = "__"

NAME = re.compile(r"\w[\w-]{0,39}")  # of a shop, of a rule


def variable(keys: tuple[str, ...]) -> str:
    """Return the name of the variable over a key of the file."""
    return PREFIX + NESTED.join(keys).upper()


def nearest(word: str, known: tuple[str, ...]) -> str:
    """Say which name was perhaps meant, or which there are."""
    near = get_close_matches(word.lower(), known, n=1)
    return f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}"
