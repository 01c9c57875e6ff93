"""JSON of strangers: an object in UTF-8 in which every name stands once, no deeper than `DEPTH`."""

from typing import Any

from dsar.holders.errors import ProcessorRefusedError
from formats.strict_json import read_json

DEPTH = 20


def strict(octets: bytes) -> dict[str, Any]:
    """A JSON object in UTF-8 in which every name stands once, without NaN, infinities and floods of brackets.

    Raises:
        ProcessorRefusedError: `not_json`.
    """
    try:
        parsed = read_json(octets.decode("utf-8"))
    except (ValueError, RecursionError):
        raise ProcessorRefusedError("not_json") from None
    if not isinstance(parsed, dict) or _depth(parsed) > DEPTH:
        raise ProcessorRefusedError("not_json")
    return parsed


def _depth(value: Any, so_far: int = 1) -> int:
    """How deep arrays and objects lie in each other, as far as it matters."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if so_far > DEPTH:
        return so_far
    return max((_depth(one, so_far + 1) for one in inner), default=so_far)
