"""The shred ledger: what was destroyed for good, kept outside the database so that no old copy of it can forget.

Three files hold it: `shred.ledger` (lines as in `vault/ledger_line.py`), and beside the root key `ledger.key` and
`ledger.head`, the last place that this host has seen:

    "moat-ledger-head-v1" SP ledger (32) SP lines (16) SP digest (64) SP signature (128) LF

all hexadecimal, the signature over "moat-ledger-head-v1" 0x00 and the line up to the space before it. Whoever appends holds a
lock on the file, so that there is one writer at a time among all processes that share its directory.

    1. line    written and synced
    2. head    replaced and synced
    3. only then may the key that the line names be destroyed

So a ledger that ends before its head was cut or rolled back, and one that has another line at the head's place is another
ledger. Lines after the head are good when they are signed. What follows the last good line was never acted upon, for its writer
died before step 2; the next writer cuts it off.
"""

import fcntl
import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import BinaryIO, cast

from vault.errors import LedgerError
from vault.ledger_key import KEY_FILE, LedgerKey, begin_file, create_key, sync_directory, write_durably
from vault.ledger_line import (
    HEADER_BYTES,
    LINE_BYTES,
    LINE_LABEL,
    Event,
    Line,
    LineKind,
    Position,
    header,
    parse,
    written,
)

LEDGER_FILE = "shred.ledger"
HEAD_FILE = "ledger.head"

_HEAD = "moat-ledger-head-v1"
_HEAD_LABEL = _HEAD.encode() + b"\x00"
_READ_AT_ONCE = 2_048


class ShredLedger:
    """The ledger of a deployment, as one process sees it.

    `directory` holds the ledger, `keys` its key and its head; they may be one.
    """

    def __init__(self, directory: Path, keys: Path) -> None:
        self._path = directory / LEDGER_FILE
        self._keys = keys
        self._lock = threading.Lock()
        self._key: LedgerKey | None = None
        self._first = b""
        self._at = Position(0, b"")
        self._backups: list[Event] = []

    @property
    def key(self) -> LedgerKey:
        """The key that signs it, once it is open."""
        if self._key is None:
            raise LedgerError("not_open")
        return self._key

    @property
    def start(self) -> Position:
        """Where the ledger begins, before its first line."""
        return Position(0, sha256(self._first).digest())

    def untouched(self) -> bool:
        """Whether no ledger was ever begun here, or its beginning was not finished."""
        lines = self._path.exists() and self._path.stat().st_size > HEADER_BYTES
        return not lines and not (self._keys / HEAD_FILE).exists()

    def create(self) -> None:
        """Begin a ledger where there is none, and open it."""
        key = LedgerKey.read(self._keys) if (self._keys / KEY_FILE).exists() else create_key(self._keys)
        first = header(key.ledger, key.public)
        begin_file(self._path, first)
        if not (self._keys / HEAD_FILE).exists():
            self._write_head(key, Position(0, sha256(first).digest()))
        self.open()

    def open(self) -> None:
        """Read and check all of it: that it is whole, in order, goes on from the head, and is this key's.

        Raises:
            LedgerError: it is missing, damaged, cut, forked, or another one.
        """
        key = LedgerKey.read(self._keys)
        with self._lock:
            self._key, self._first = key, header(key.ledger, key.public)
            self._at, self._backups = Position(0, sha256(self._first).digest()), []
            self._advance()

    def advance(self) -> Position:
        """Take in what other processes have appended; tells how far the ledger goes.

        Raises:
            LedgerError: what was read before is not there any more, or the head is beyond the end.
        """
        with self._lock:
            self._advance()
            return self._at

    def backups(self) -> list[Event]:
        """The backups that the ledger tells of, the oldest first, as of the last `open`, `advance` or `append`."""
        with self._lock:
            return list(self._backups)

    def append(self, event: Event) -> Line:
        """Add a line. When this returns, both the line and the head are on the disk.

        Raises:
            LedgerError: the ledger is not what it was.
            OSError: the disk does not take it; nothing may be destroyed.
        """
        key = self.key
        with self._lock, self._opened("r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            self._advance(file)
            body = event.body(self._at.lines + 1, self._at.digest)
            line = parse(written(body, key.sign(LINE_LABEL + body)), self._at)
            self._cut_unfinished(file)
            file.write(line.octets)
            file.flush()
            os.fsync(file.fileno())
            self._write_head(key, line.position)
            self._take(line)
            return line

    def lines(self, after: int = 0) -> Iterator[Line]:
        """The lines beyond the number `after`, up to where this process has read and checked.

        Raises:
            LedgerError: they are not what they were.
        """
        end = self._at.lines
        with self._opened("rb") as file:
            at = self._position(file, after)
            yield from islice(_chain(file, self._offset(after + 1), at), end - after)

    def position(self, number: int) -> Position:
        """The position of a line, which stands for it and all before it.

        Raises:
            LedgerError: there is no such line.
        """
        with self._opened("rb") as file:
            return self._position(file, number)

    def require(self, known: Position) -> None:
        """Make sure that the ledger goes at least as far as `known`, with the same line there.

        Raises:
            LedgerError: it is behind, or another line stands there.
        """
        if known.lines > self._at.lines:
            raise LedgerError("behind_database")
        with self._opened("rb") as file:
            if self._position(file, known.lines) != known:
                raise LedgerError("forked")

    def verify(self) -> int:
        """Check the signature of every line; tells how many there are.

        Raises:
            LedgerError: a line was not signed by this ledger's key.
        """
        count = 0
        for count, line in enumerate(self.lines(), 1):  # noqa: B007 - the count is the answer
            self.key.verify(line.signed, line.signature)
        return count

    def _advance(self, shared: BinaryIO | None = None) -> None:
        """Read on from where this process stands, as far as lines are good."""
        with self._using(shared) as file:
            if file.read(len(self._first)) != self._first:
                raise LedgerError("foreign")
            if self._position(file, self._at.lines) != self._at:
                raise LedgerError("forked")
            head = self._head()
            for line in self._good(file, head):
                self._take(line)
            if head.lines > self._at.lines:
                raise LedgerError("cut")

    def _good(self, file: BinaryIO, head: Position) -> Iterator[Line]:
        """The lines to come: up to the head they must be there, beyond it those that are signed are."""
        try:
            for line in _chain(file, self._offset(self._at.lines + 1), self._at):
                if line.position.lines == head.lines and line.position != head:
                    raise LedgerError("forked")
                if line.position.lines >= head.lines:
                    self.key.verify(line.signed, line.signature)
                yield line
        except LedgerError:
            if self._at.lines < head.lines:
                raise

    def _cut_unfinished(self, file: BinaryIO) -> None:
        """Leave the file at the end of its last good line. More than one line beyond it is nobody's crash."""
        end = self._offset(self._at.lines + 1)
        if file.seek(0, os.SEEK_END) > end + LINE_BYTES:
            raise LedgerError("damaged")
        file.truncate(end)
        file.seek(end)

    def _take(self, line: Line) -> None:
        self._at = line.position
        if line.event.kind is LineKind.BACKUP:
            self._backups.append(line.event)

    def _position(self, file: BinaryIO, number: int) -> Position:
        """The position of a line, from its octets."""
        if number == 0:
            return Position(0, sha256(self._first).digest())
        file.seek(self._offset(number))
        octets = file.read(LINE_BYTES)
        if len(octets) != LINE_BYTES:
            raise LedgerError("cut")
        return Position(number, sha256(octets).digest())

    def _offset(self, number: int) -> int:
        return len(self._first) + (number - 1) * LINE_BYTES

    def _head(self) -> Position:
        try:
            written_line = (self._keys / HEAD_FILE).read_bytes()
            body, _, signature = written_line.removesuffix(b"\n").rpartition(b" ")
            name, ledger, lines, digest = body.decode("ascii").split(" ")
            self.key.verify(_HEAD_LABEL + body, bytes.fromhex(signature.decode("ascii")))
            if name != _HEAD or bytes.fromhex(ledger) != self.key.ledger:
                raise LedgerError("foreign")
            return Position(int(lines, 16), bytes.fromhex(digest))
        except FileNotFoundError:
            raise LedgerError("head_missing") from None
        except ValueError:
            raise LedgerError("damaged") from None

    def _write_head(self, key: LedgerKey, at: Position) -> None:
        body = f"{_HEAD} {key.ledger.hex()} {at.lines:016x} {at.digest.hex()}".encode("ascii")
        draft = self._keys / f".{HEAD_FILE}.{os.getpid()}"
        draft.unlink(missing_ok=True)
        write_durably(draft, written(body, key.sign(_HEAD_LABEL + body)))
        draft.replace(self._keys / HEAD_FILE)
        sync_directory(self._keys)

    @contextmanager
    def _using(self, shared: BinaryIO | None) -> Iterator[BinaryIO]:
        if shared is not None:
            shared.seek(0)
            yield shared
            return
        with self._opened("rb") as file:
            yield file

    @contextmanager
    def _opened(self, mode: str) -> Iterator[BinaryIO]:
        try:
            file = self._path.open(mode)
        except FileNotFoundError:
            raise LedgerError("missing") from None
        with file:
            yield cast(BinaryIO, file)


def _chain(file: BinaryIO, offset: int, after: Position) -> Iterable[Line]:
    """Line after line from `offset`, each of which names the one before; an unfinished one at the end is none."""
    file.seek(offset)
    while block := file.read(LINE_BYTES * _READ_AT_ONCE):
        for start in range(0, len(block) - LINE_BYTES + 1, LINE_BYTES):
            line = parse(block[start : start + LINE_BYTES], after)
            after = line.position
            yield line
        if len(block) % LINE_BYTES:
            return
