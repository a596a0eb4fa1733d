"""What is wrong with settings, in the words of the file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from agent.settings.file import Settings
from agent.settings.names import nearest, variable

_WORDS = {
    "string_type": "must be a string in quotes",
    "string_too_short": "must not be empty",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "model_type": "must be a table",
    "dict_type": "must be a table",
}


def fault_of(file: Path, details: ErrorDetails, overrides: Mapping[str, Any]) -> str:
    """Tell one fault, with the place where it was written: the file, or a variable over it."""
    keys = tuple(str(part) for part in details["loc"] if part != "[key]")
    place = ".".join(keys)
    where = f"{variable(keys)} ({place})" if _has(overrides, keys) else f"{file}: {place}"
    return f"{where}: {_what(details, keys)}"


def _has(data: object, keys: tuple[str, ...]) -> bool:
    for key in keys:
        if not isinstance(data, dict) or key not in data:
            return False
        data = data[key]
    return True


def _what(details: ErrorDetails, keys: tuple[str, ...]) -> str:
    kind = details["type"]
    if kind == "extra_forbidden":
        return f"there is no such key; {nearest(keys[-1], _keys_of(keys[:-1]))}"
    if kind == "missing":
        return f"is missing: add it to [{'.'.join(keys[:-1])}]"
    if kind == "value_error":
        return str(details["ctx"]["error"])
    return _WORDS.get(kind) or details["msg"].replace("Input should be", "must be")


def _keys_of(place: tuple[str, ...]) -> tuple[str, ...]:
    """Return the keys that the table at a place may have, as the file writes them."""
    kind: Any = Settings
    for key in place:
        kind = get_args(kind)[1] if get_origin(kind) is dict else _field_type(kind, key)
    return tuple(field.alias or name for name, field in kind.model_fields.items())


def _field_type(table: type[BaseModel], key: str) -> Any:
    field = next(field for name, field in table.model_fields.items() if key in (name, field.alias))
    choices = get_args(field.annotation) if get_origin(field.annotation) is not dict else ()
    return next((choice for choice in choices if choice is not type(None)), field.annotation)
