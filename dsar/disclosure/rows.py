"""Records as lines of JSON and of CSV.

A record is what a holder gave, whatever is in it. In JSON it stands as it is. In CSV a text that a spreadsheet would take for a
formula begins with an apostrophe, and control characters are replaced: the file is opened by people who trust it.
"""

import csv
import re
from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any

import orjson

LARGEST = 2**63 - 1
DEPTH_AT_MOST = 16
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_CONTROLS = {code: REPLACEMENT for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in "\t\n\r"}

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", re.ASCII)

Record = Mapping[str, Any]


def json_line(record: Record) -> bytes:
    """A record as one line of JSON, without the line's end."""
    return orjson.dumps(plain(record))


def plain(value: Any, depth: int = 0) -> Any:
    """The value as JSON can hold it: numbers that it cannot, and whatever is no JSON at all, become texts."""
    if depth > DEPTH_AT_MOST:
        return REPLACEMENT
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if abs(value) <= LARGEST else str(value)
    if isinstance(value, Mapping):
        return {_text(str(name)): plain(one, depth + 1) for name, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one, depth + 1) for one in value]
    return _text(str(value))


def csv_line(cells: Sequence[Any]) -> bytes:
    """One line of CSV (RFC 4180), with its end."""
    line = StringIO()
    csv.writer(line, lineterminator="\r\n").writerow([cell(one) for one in cells])
    return line.getvalue().encode()


def cell(value: Any) -> str:
    """The text of a cell that no spreadsheet takes for a formula."""
    if value is None:
        return ""
    if isinstance(value, bool | int | float):
        return str(value)
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    text = text.translate(_CONTROLS)
    return f"'{text}" if text.startswith(_FORMULA) else text


def shown(value: Any, at_most: int) -> str:
    """The value for reading: one line of at most so many characters, lists and objects without their signs, times to the
    minute."""
    text = " ".join(_readable(plain(value), at_most)[: 4 * at_most].translate(_CONTROLS).split())
    return text if len(text) <= at_most else f"{text[:at_most]}…"


def _readable(value: Any, at_most: int) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(_readable(one, at_most) for one in value[:at_most])
    if isinstance(value, dict):
        return " · ".join(filter(None, (_readable(one, at_most) for one in list(value.values())[:at_most])))
    if isinstance(value, str):
        return f"{value[:10]} {value[11:16]} UTC" if _TIME.fullmatch(value) else value
    return orjson.dumps(value).decode()


def _text(text: str) -> str:
    """A text without lone surrogates, which UTF-8 cannot hold."""
    return text.encode("utf-8", "replace").decode()
