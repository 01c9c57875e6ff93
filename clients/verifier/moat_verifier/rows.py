"""The rows of an export in their two texts, derived from entries: EXPORT-FORMAT.md, sections 6 and 7."""

import base64
import re
from collections.abc import Sequence
from typing import Any

from moat_verifier.entries import ENTRY_BYTES_AT_MOST, Fields
from moat_verifier.errors import TamperedError
from moat_verifier.filter import along
from moat_verifier.merkle import leaf_hash

LINE_BYTES_AT_MOST = ENTRY_BYTES_AT_MOST + 128
BYTE_ORDER_MARK = b"\xef\xbb\xbf"

_HEAD = b'{"entry":'
_TAIL = re.compile(rb',"index":(0|[1-9][0-9]{0,18}),"leaf":"([A-Za-z0-9+/]{43}=)"\}\n')
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_QUOTED = re.compile(r'[",\r\n]')


def ndjson_line(index: int, entry: bytes) -> bytes:
    """The line of a row."""
    return b'%s%s,"index":%d,"leaf":"%s"}\n' % (_HEAD, entry, index, base64.b64encode(leaf_hash(entry)))


def parse_line(line: bytes) -> tuple[int, bytes]:
    """Index and entry of a line.

    Raises:
        TamperedError: it is not a line that a row would have.
    """
    at = line.rfind(b',"index":')
    found = _TAIL.fullmatch(line, at) if at > 0 else None
    entry = line[len(_HEAD) : at]
    if found is None or ndjson_line(int(found[1]), entry) != line:
        raise TamperedError("entries.ndjson", "holds a line that is not the one of an entry")
    return int(found[1]), entry


def csv_header(columns: Sequence[str]) -> bytes:
    """The first line of a table, with the byte order mark before it."""
    return BYTE_ORDER_MARK + (",".join(columns) + "\r\n").encode()


def csv_line(index: int, entry: bytes, fields: Fields, columns: Sequence[str]) -> bytes:
    """The line of a row in a table.

    Raises:
        TamperedError: a column is not of a kind that a table can hold.
    """
    own = {"index": str(index), "leaf": base64.b64encode(leaf_hash(entry)).decode()}
    cells = [_cell(own[column] if column in own else along(fields, column), index) for column in columns]
    return (",".join(cells) + "\r\n").encode()


def _cell(value: Any, index: int) -> str:
    text = " ".join(_plain(item, index) for item in value) if isinstance(value, list) else _plain(value, index)
    if isinstance(value, str | list) and text.startswith(_FORMULA):
        text = f"'{text}"
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text


def _plain(value: Any, index: int) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | str():
            return str(value)
        case _:
            raise TamperedError(
                "entries.csv", "has a column that is not a text, a number or a list of them", index=index
            )
