"""JSON in its one canonical spelling (RFC 8785) of objects with ASCII names, ASCII texts and integers: nothing else is in a plan
or a certificate, and sorting names by code point is then the canonical order."""

from typing import Any

import orjson


def canonical(value: Any) -> bytes:
    """The canonical octets.

    Raises:
        ValueError: a text or a name is not ASCII, or holds what would have to be escaped.
    """
    octets = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    if not octets.isascii() or b"\\" in octets:
        raise ValueError("only plain ASCII is written here")
    return octets
