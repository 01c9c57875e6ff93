"""JSON in its one canonical spelling (RFC 8785) of objects with ASCII names, texts and integers: nothing else is in a plan or a
certificate. Sorting ASCII names by code point is the canonical order, and texts are escaped as ECMAScript does it."""

from typing import Any

import orjson


def canonical(value: Any) -> bytes:
    """The canonical octets."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
