"""How texts and names go between a service and the processes that look for names: a length of four octets, then JSON."""

import re
import struct
from collections.abc import Sequence
from typing import IO, Any

import orjson


def write_frame(stream: IO[bytes], value: Sequence[Any]) -> None:
    """Send one list. A surrogate on its own goes as U+FFFD, which is as long."""
    octets = orjson.dumps(_sendable(value))
    stream.write(struct.pack(">I", len(octets)) + octets)
    stream.flush()


def read_frame(stream: IO[bytes]) -> list[Any] | None:
    """The next list; None at the end of the stream, be it within a frame."""
    head = stream.read(4)
    if len(head) < 4:
        return None
    (length,) = struct.unpack(">I", head)
    octets = stream.read(length)
    if len(octets) < length:
        return None
    value: list[Any] = orjson.loads(octets)
    return value


def _sendable(value: Sequence[Any]) -> list[Any]:
    return [_SURROGATE.sub("\ufffd", one) if isinstance(one, str) else one for one in value]


_SURROGATE = re.compile("[\ud800-\udfff]")
