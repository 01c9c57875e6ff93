"""Cuts an endless input into requests of bounded size, lazily and in order."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final, TypeVar

from moat_client.errors import MoatError

DEFAULT_CHUNK: Final = 1_000
LARGEST_CHUNK: Final = 10_000
"""The service refuses a batch of more items whole."""

LARGEST_SEARCH: Final = 100
"""The service refuses more probes in one search."""

T = TypeVar("T")


def chunked(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield lists of ``size`` items, the last one shorter; never holds more than one list. Raises ValueError."""
    if not 1 <= size <= LARGEST_CHUNK:
        raise ValueError(f"a chunk holds 1 to {LARGEST_CHUNK} items")
    remaining = iter(items)
    while chunk := list(islice(remaining, size)):
        yield chunk


def nth_key(key: str | None, position: int) -> str | None:
    """Return the Idempotency-Key of the chunk at ``position``: one key for several requests would be a conflict."""
    return None if key is None else (key if position == 0 else f"{key}-{position}")


def items_of(answer: dict[str, object], expected: int) -> list[dict[str, object]]:
    """Return the answer's items; raises MoatError unless there are as many as were sent, for they pair by position."""
    items = answer.get("items")
    if not isinstance(items, list) or len(items) != expected:
        raise MoatError("not_an_answer", detail="the answer does not have one item for each that was sent")
    return items
