"""JSON in its one canonical spelling (RFC 8785), for what is signed.

    objects   members sorted by their names as UTF-16 code units (section 3.2.3), without white space
    texts     as ECMAScript writes them (section 3.2.2.2): only what must be escaped is, in its shortest form
    numbers   integers within ±(2^53 - 1) only; no other number is written here, so that no reader can read it otherwise

UTF-8, without a byte order mark.
"""

import json
from typing import Any

LARGEST_INTEGER = 2**53 - 1


def canonical(value: Any) -> bytes:
    """The canonical octets of a value of objects, arrays, texts, integers, truth values and null.

    Raises:
        ValueError: something else is in it, or a text is not Unicode.
    """
    try:
        return _written(value).encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError("a text holds half a surrogate pair") from None


def _written(value: Any) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int) and -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
        return str(value)
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_written, value)) + "]"
    if isinstance(value, dict) and all(isinstance(name, str) for name in value):
        members = sorted(value.items(), key=lambda member: member[0].encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(f"{_written(name)}:{_written(one)}" for name, one in members) + "}"
    raise ValueError("this is not written canonically")
