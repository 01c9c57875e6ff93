"""JSON (RFC 8259) in which a name stands once in an object and numbers are numbers: NaN and infinities are none."""

import json
from typing import Any, NoReturn


def read_json(text: str) -> Any:
    """What a text says.

    Raises:
        ValueError: it is no such text.
        RecursionError: it is nested too deeply.
    """
    return _STRICT.decode(text)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _refuse_constant(_name: str) -> NoReturn:
    raise ValueError


_STRICT = json.JSONDecoder(object_pairs_hook=_each_once, parse_constant=_refuse_constant)
