"""The columns that we know, by either of their headings."""

import re
from difflib import get_close_matches

# The column's canonical name and its Chinese heading; a file may use either.
COLUMNS = {
    "order_id": "订单号",
    "reason": "关闭原因",
    "consent": "买家同意",
    "note": "备注",
    "stock": "库存",
    "sku": "货号",
}
REQUIRED = ("order_id", "reason")
_COLUMN_OF = {**{name: name for name in COLUMNS}, **{chinese: name for name, chinese in COLUMNS.items()}}
_SIMILAR = 0.8


def column_of(heading: str) -> str | None:
    """Return the canonical name of a column by its heading; None where we know none such."""
    return _COLUMN_OF.get(_plain(heading))


def _plain(heading: str) -> str:
    return re.sub(r"[\s-]+", "_", heading.strip().strip("\ufeff").strip().casefold())


def looks_like(heading: str, name: str) -> bool:
    """Tell whether a heading looks like a misspelt one of a column."""
    return bool(get_close_matches(_plain(heading), (name, COLUMNS[name]), n=1, cutoff=_SIMILAR))


def either(name: str) -> str:
    """Name a column by both of its headings."""
    return f"{name} or {COLUMNS[name]}"


def twice(first: str, second: str) -> str:
    """Say that two headings are of one column."""
    return f"stands twice, as {first!r} and {second!r}: keep one"
