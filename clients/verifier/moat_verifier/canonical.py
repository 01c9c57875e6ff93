"""Canonical JSON of RFC 8785, with no other numbers than integers within ±(2^53 - 1): nothing that is signed here has any.

Members stand in the order of their names as UTF-16 code units; texts are escaped as ECMAScript does it; there is no white space.
"""

import json
from typing import Any

_LARGEST = 2**53 - 1


def canonical(value: Any) -> bytes:
    """The octets of a value.

    Raises:
        ValueError: something in it has no one spelling.
    """
    try:
        return _text(value).encode()
    except UnicodeEncodeError:
        raise ValueError("half a surrogate pair") from None


def _text(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() if abs(value) <= _LARGEST:
            return str(value)
        case str():
            return json.dumps(value, ensure_ascii=False)
        case list():
            return f"[{','.join(_text(item) for item in value)}]"
        case dict() if all(isinstance(name, str) for name in value):
            ordered = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
            return f"{{{','.join(f'{_text(name)}:{_text(value[name])}' for name in ordered)}}}"
    raise ValueError("not canonical")
