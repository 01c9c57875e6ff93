"""The rows of an export in their two texts: clients/verifier/EXPORT-FORMAT.md, sections 6 and 7.

Both are derived from the bytes of an entry alone, so that whoever has the log derives the same.
"""

import base64
import re
from typing import Any

from audit.export_filter import Fields, along

COLUMNS = (
    "index", "leaf", "at", "tenant", "action", "outcome", "reason", "actor.kind", "actor.id", "actor.role",
    "behalf.role", "behalf.subject", "approver.kind", "approver.id", "approver.role", "purpose", "view", "kind",
    "count", "subjects", "rows", "refs", "ref", "policy", "request", "act", "part", "parts",
    "key", "succeeds.log", "succeeds.size", "succeeds.root", "wording", "v",
)  # fmt: skip
"""Of the table: the row's index and leaf, then every field that an entry can have."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_QUOTED = re.compile(r'[",\r\n]')


def base64_of(octets: bytes) -> str:
    """RFC 4648, section 4."""
    return base64.b64encode(octets).decode("ascii")


def ndjson_line(index: int, entry: bytes, leaf: bytes) -> bytes:
    """The line of a row, with the entry's own bytes in it."""
    return b'{"entry":%b,"index":%d,"leaf":"%b"}\n' % (entry, index, base64.b64encode(leaf))


def csv_header() -> bytes:
    """The first line of the table, after the mark by which spreadsheets know UTF-8."""
    return b"\xef\xbb\xbf" + ",".join(COLUMNS).encode() + b"\r\n"


def csv_line(index: int, fields: Fields, leaf: bytes) -> bytes:
    """The line of a row. A text that a spreadsheet would run as a formula gets an apostrophe in front (CWE-1236).

    Raises:
        ValueError: a field is of a kind that a table cannot hold.
    """
    cells = [str(index), _cell(base64_of(leaf)), *(_cell(along(fields, column)) for column in COLUMNS[2:])]
    return (",".join(cells) + "\r\n").encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if type(value) is int:
        return str(value)
    text = " ".join(map(_plain, value)) if isinstance(value, list) else _plain(value)
    if not isinstance(value, bool) and text.startswith(_FORMULA):
        text = "'" + text
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return ""
    if not isinstance(value, str | int):
        raise ValueError("a table cannot hold this field")
    return str(value)
