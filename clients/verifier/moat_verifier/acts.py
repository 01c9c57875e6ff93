"""Whether every act in a range of entries is there with all its parts, each once.

Memory is bounded by the acts that are open at a time. Those that are complete are remembered on disk, in buckets by their
hash, so that one that comes again is found at the end.
"""

from dataclasses import dataclass, field
from hashlib import blake2b
from tempfile import TemporaryFile
from typing import IO, Self

from moat_verifier.entries import Fields
from moat_verifier.errors import TamperedError

_BUCKETS = 64
_HASH_BYTES = 16
_RECORD_BYTES = _HASH_BYTES + 8
_FLUSH_BYTES = 64 * 1024


@dataclass(slots=True)
class _Open:
    parts: int
    first: int
    seen: set[int] = field(default_factory=set)


class Acts:
    """Counts acts, entry by entry in the order of the log. To be closed."""

    def __init__(self) -> None:
        self._open: dict[str, _Open] = {}
        self._complete = [bytearray() for _ in range(_BUCKETS)]
        self._spilled: dict[int, IO[bytes]] = {}
        self.count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._spilled.values():
            file.close()

    def add(self, index: int, fields: Fields) -> None:
        """Take note of an entry.

        Raises:
            TamperedError: it does not say which part of which act it is, contradicts another, or stands there twice.
        """
        act, part, parts = fields.get("act"), fields.get("part"), fields.get("parts")
        if not isinstance(act, str) or type(part) is not int or type(parts) is not int or not 1 <= part <= parts:
            raise TamperedError("entry", "does not say which part of which act it is", index=index)
        if parts == 1 and act not in self._open:
            self._close(act, index)
            return
        opened = self._open.setdefault(act, _Open(parts, index))
        if opened.parts != parts:
            raise TamperedError("act", "its entries do not agree how many they are", index=index)
        if part in opened.seen:
            raise TamperedError("act", "one of its entries stands there twice", index=index)
        opened.seen.add(part)
        if len(opened.seen) == parts:
            del self._open[act]
            self._close(act, opened.first)

    def finish(self) -> int:
        """How many acts there were.

        Raises:
            TamperedError: an act lacks a part, or one came again after it was complete.
        """
        if self._open:
            lacking = min(self._open.values(), key=lambda opened: opened.first)
            why = f"has {len(lacking.seen)} of its {lacking.parts} entries"
            raise TamperedError("act", why, index=lacking.first)
        again = [index for bucket in range(_BUCKETS) if (index := self._repeated(bucket)) is not None]
        if again:
            raise TamperedError("act", "stands there twice", index=min(again))
        return self.count

    def _close(self, act: str, first: int) -> None:
        self.count += 1
        hashed = blake2b(act.encode(), digest_size=_HASH_BYTES).digest()
        bucket = hashed[0] % _BUCKETS
        waiting = self._complete[bucket]
        waiting += hashed + first.to_bytes(8, "big")
        if len(waiting) >= _FLUSH_BYTES:
            if bucket not in self._spilled:
                self._spilled[bucket] = TemporaryFile()  # noqa: SIM115 - closed by __exit__
            self._spilled[bucket].write(waiting)
            waiting.clear()

    def _repeated(self, bucket: int) -> int | None:
        """Index of the first entry of the first act of the bucket that came again."""
        records = bytes(self._complete[bucket])
        if bucket in self._spilled:
            self._spilled[bucket].seek(0)
            records = self._spilled[bucket].read() + records
        seen: set[bytes] = set()
        for at in range(0, len(records), _RECORD_BYTES):
            hashed = records[at : at + _HASH_BYTES]
            if hashed in seen:
                return int.from_bytes(records[at + _HASH_BYTES : at + _RECORD_BYTES], "big")
            seen.add(hashed)
        return None
