"""Tokenizing a stream: NDJSON in, NDJSON out, a line for a line, in constant memory.

Lines are stored in chunks, each one transaction, and a chunk's answers leave after its commit. A stream that breaks off has
stored whole chunks; sent again, its stable values give the same tokens.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, BinaryIO

import orjson
from pydantic import Field, TypeAdapter, ValidationError

from vault.access import Caller
from vault.item import Issued, ItemError, Submitted, failed
from vault.messages import PurposeId, Ref, TokenizeItem
from vault.tokenization import Tokenization
from web.json_body import Body

STREAM_BYTES = 1 << 40
"""Octets of one stream; memory does not depend on it."""

CHUNK = 1_000
LINE_BYTES = 65_536

_ITEM = TypeAdapter(TokenizeItem)


class StreamQuery(Body):
    """What holds for every line that does not say otherwise."""

    purpose: PurposeId | None = None
    ref: Ref | None = Field(None, description="Such as order:o-1.")


def tokenize_stream(
    tokenization: Tokenization, caller: Caller, source: BinaryIO, query: StreamQuery
) -> Iterator[bytes]:
    """An answer line for each line of `source`. A line that is no item has its error in its place."""
    lines = _lines(source)
    while chunk := list(islice(lines, CHUNK)):
        items = [_parsed(line, query) for line in chunk]
        answers = iter(tokenization.tokenize(caller, [item for item in items if isinstance(item, Submitted)]))
        yield _written([next(answers) if isinstance(item, Submitted) else item for item in items])


def _lines(source: BinaryIO) -> Iterator[bytes]:
    """Lines without their ends, blank ones left out. What is too long to be an item is read and passed on cut, to fail."""
    while line := source.readline(LINE_BYTES):
        end = line
        while not end.endswith(b"\n") and (end := source.readline(LINE_BYTES)):
            line = b"\x00"
        if line.strip():
            yield line


def _parsed(line: bytes, query: StreamQuery) -> Submitted | ItemError:
    try:
        item = _ITEM.validate_json(line)
    except ValidationError:
        return failed("invalid_item")
    return Submitted(
        item.subject,
        item.kind,
        item.value.get_secret_value(),
        item.purpose or query.purpose,
        item.ref or query.ref or "",
        item.mode,
        item.format,
        item.expires_in,
        item.max_uses,
    )


def _written(answers: Sequence[Issued | ItemError]) -> bytes:
    return b"".join(orjson.dumps(answer_of(answer), option=orjson.OPT_APPEND_NEWLINE) for answer in answers)


def answer_of(answer: Issued | ItemError) -> dict[str, Any]:
    """A token or an error, as an answer shows it."""
    if isinstance(answer, Issued):
        return {"token": answer.token, "created": answer.created}
    return error_of(answer)


def error_of(error: ItemError) -> dict[str, Any]:
    """Why an item failed, as an answer shows it."""
    shown: dict[str, Any] = {"code": error.code}
    if error.detail is not None:
        shown["detail"] = error.detail
    if error.reason is not None:
        shown["reason"] = error.reason.value
    return {"error": shown}
