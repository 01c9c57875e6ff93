"""Values as PostgreSQL's protocol takes them, in binary.

    bigint, integer   8 or 4 octets, big-endian two's complement
    boolean           1 octet
    bytea, text       their octets, text as UTF-8
    array             i32 dimensions = 1 | i32 NULLs may occur = 1 | u32 type of an element | i32 count | i32 first index = 1
                      then for each element: i32 length, −1 for NULL | octets

A driver finds out anew for each value what it is; here that is said once for each column, and a long column of numbers takes
no step of the interpreter for each of them.
"""

from collections.abc import Callable, Sequence
from struct import Struct
from typing import Any, NamedTuple

import numpy as np

_LONG = 16
_HEADER = Struct(">iiIii").pack
_LENGTH = Struct(">i").pack
_NULL = _LENGTH(-1)
_INT8, _INT4 = Struct(">q").pack, Struct(">i").pack


class Bound(NamedTuple):
    """One parameter: its type (0: the server infers it), whether it is in binary, and its octets."""

    type: int
    binary: int
    octets: bytes | None


class Kind(NamedTuple):
    """A type of columns: its number, how one value is written, and the width of a number."""

    type: int
    write: Callable[[Any], bytes]
    width: str | None = None


def _text(value: str) -> bytes:
    return value.encode()


def _boolean(value: object) -> bytes:
    return b"\x01" if value else b"\x00"


_KINDS = {
    "bigint": Kind(20, _INT8, ">i8"),
    "integer": Kind(23, _INT4, ">i4"),
    "int": Kind(23, _INT4, ">i4"),
    "boolean": Kind(16, _boolean),
    "bytea": Kind(17, bytes),
    "text": Kind(25, _text),
    "varchar": Kind(1043, _text),
}


def kind_of(name: str) -> Kind:
    """The type of columns that SQL calls so.

    Raises:
        KeyError: none that the tables of this program use.
    """
    return _KINDS[name.lower()]


def bind(value: object) -> Bound:
    """A parameter of the type that its value has.

    Raises:
        TypeError: it has none that a statement takes.
    """
    if value is None:
        return Bound(0, 0, None)
    if isinstance(value, bool):
        return Bound(16, 1, _boolean(value))
    if isinstance(value, int):
        return Bound(20, 1, _INT8(value))
    if isinstance(value, str):
        return Bound(0, 0, value.encode())
    if isinstance(value, bytes):
        return Bound(17, 1, value)
    raise TypeError(f"a statement takes no {type(value).__name__}")


def bind_one(kind: Kind, value: object) -> Bound:
    """A value for a column."""
    return Bound(kind.type, 1, None if value is None else kind.write(value))


def bind_column(kind: Kind, values: Sequence[Any]) -> Bound:
    """Values for a column, as one array. What the array's own type is, the statement says by a cast."""
    return Bound(0, 1, _HEADER(1, 1, kind.type, len(values), 1) + _elements(kind, values))


def _elements(kind: Kind, values: Sequence[Any]) -> bytes:
    if kind.width is not None and len(values) >= _LONG and None not in values:
        elements = np.empty(len(values), [("length", ">i4"), ("value", kind.width)])
        elements["length"] = elements["value"].itemsize
        elements["value"] = values
        return elements.tobytes()
    write = kind.write
    if kind.width is not None or kind.write is _boolean or None in values:
        written = [None if value is None else write(value) for value in values]
        return b"".join([_NULL if one is None else _LENGTH(len(one)) + one for one in written])
    if write is bytes:
        return b"".join([_LENGTH(len(value)) + value for value in values])
    return b"".join([_LENGTH(len(one)) + one for one in map(write, values)])
