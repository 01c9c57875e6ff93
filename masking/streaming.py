"""Redacting a stream: NDJSON in, NDJSON out, a line for a line, in constant memory. A line is an item of `/v1/redact`.

A line that is no item has its error in its place.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any, BinaryIO

import orjson
from pydantic import TypeAdapter, ValidationError

from masking.detection.language import language_of
from masking.finding import NamesBusyError
from masking.mask import Masks
from masking.messages import RedactItem, StreamQuery
from masking.redaction import Mode, Redacted, Redactor

STREAM_BYTES = 1 << 40
"""Octets of one stream; memory does not depend on it."""
CHUNK = 200
LINE_BYTES = 1 << 19

_ITEM = TypeAdapter(RedactItem)


def redact_stream(redactor: Redactor, source: BinaryIO, query: StreamQuery, profile: Masks) -> Iterator[bytes]:
    """An answer line for each line of `source`, masked by `profile`."""
    lines = _lines(source)
    while chunk := list(islice(lines, CHUNK)):
        texts = [_parsed(line) for line in chunk]
        asked = [text for text in texts if text is not None]
        try:
            found = iter(redactor.redact(asked, Mode(query.mode), profile=profile, names=query.names))
        except NamesBusyError:
            yield _line({"error": {"code": "names_busy"}}) * len(chunk)
            continue
        yield b"".join(
            _line({"error": {"code": "invalid_item"}} if text is None else answer_of(text, next(found)))
            for text in texts
        )


def answer_of(text: str, redacted: Redacted) -> dict[str, Any]:
    """A redacted text as an answer shows it."""
    return {
        "text": redacted.text,
        "spans": [span._asdict() for span in redacted.spans],
        "hidden": redacted.hidden,
        "language": language_of(text),
    }


def _lines(source: BinaryIO) -> Iterator[bytes]:
    """Lines without their ends, blank ones left out. What is too long to be an item is read and passed on cut, to fail."""
    while line := source.readline(LINE_BYTES):
        end = line
        while not end.endswith(b"\n") and (end := source.readline(LINE_BYTES)):
            line = b"\x00"
        if line.strip():
            yield line


def _parsed(line: bytes) -> str | None:
    try:
        return _ITEM.validate_json(line).text.get_secret_value()
    except ValidationError:
        return None


def _line(answer: dict[str, Any]) -> bytes:
    return orjson.dumps(answer, option=orjson.OPT_APPEND_NEWLINE)
