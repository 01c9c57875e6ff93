"""Making a backup of a live database: both halves from one snapshot, each sealed to its own recipients.

    1. ledger      both copies are in the shred ledger, with the day until which they are kept, before there is anything to keep
    2. snapshot    one transaction sees one state of everything, while others go on writing
    3. keyring     its rows go into the first archive, then data's into the second, which names the first by its digest
    4. entry       the log says it

A run that is killed leaves at most a hidden file of ciphertext, and a line in the ledger for a copy that is not there, which can
only make the day later on which an erasure is complete.
"""

import base64
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson

from audit.entry import Act, Action, Actor, Group, Outcome
from audit.event_id import uuid7
from audit.log import AuditLog
from database.columns import millis, moment
from database.engine import Database
from database.transaction import Row, Transaction
from vault.backup import store
from vault.backup.archive import Member, require_recipients, write_archive
from vault.backup.halves import Half
from vault.backup.manifest import HEADER_MEMBER, SUMMARY_MEMBER, Header, Summary, TableShape, Tally
from vault.errors import BackupError, LedgerError
from vault.ledger_line import backup
from vault.shred_ledger import ShredLedger
from vault.store import LEDGER_HEAD

SYSTEM = 0
"""The tenant of what belongs to the deployment."""

CHUNK_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Kept:
    """Who may open a half, and for how long it is kept, in milliseconds."""

    recipients: Sequence[str]
    for_ms: int


@dataclass(frozen=True, slots=True)
class Made:
    """An archive that was made: its file, and the time from which it is to be deleted."""

    half: Half
    path: Path
    until: int
    rows: int


class BackupMaker:
    """Makes backups of one deployment."""

    def __init__(
        self, database: Database, ledger: ShredLedger, log: AuditLog, now: Callable[[], datetime], program: str
    ) -> None:
        self._database = database
        self._ledger = ledger
        self._log = log
        self._now = now
        self._program = program

    def make(self, directory: Path, kept: Mapping[Half, Kept], actor: Actor) -> list[Made]:
        """Write both archives into a directory.

        Raises:
            BackupError: the recipients cannot be used; nothing was written.
            LedgerError: the shred ledger cannot be relied on.
            OSError: an archive could not be written; none is left.
        """
        if set(kept[Half.KEYRING].recipients) & set(kept[Half.DATA].recipients):
            raise BackupError("same_recipient")
        for half in Half:
            require_recipients(kept[half].recipients)
        self._ledger.open()
        at, number = millis(self._now()), secrets.token_bytes(16)
        for half in Half:
            self._ledger.append(backup(archive=number, half=half.value, at=at, until=at + kept[half].for_ms))
        stem = f"moat-{moment(at):%Y%m%dT%H%M%SZ}-{number.hex()[:8]}"
        paths = {half: directory / f"{stem}.{half.value}.age" for half in Half}
        made = self._database.read(None, lambda tx: self._write(tx, paths, kept, (at, number)))
        groups = [Group(Outcome.DONE, kind=one.half.value, count=one.rows) for one in made]
        act = Act(Action.BACKUP_CREATE, actor, SYSTEM, at, str(uuid7(at)), groups)
        self._database.write(None, lambda tx: self._log.append(tx, act))
        return made

    def _write(
        self, tx: Transaction, paths: Mapping[Half, Path], kept: Mapping[Half, Kept], named: tuple[int, bytes]
    ) -> list[Made]:
        """Both archives of one snapshot, or none."""
        made: list[Made] = []
        digest = ""
        try:
            for half in Half:
                until = named[0] + kept[half].for_ms
                header = self._header(tx, half, named, until, digest)
                contents = _Contents(tx, header, self._ledger)
                write_archive(paths[half], kept[half].recipients, contents.members())
                digest = contents.digest
                made.append(Made(half, paths[half], until, contents.rows))
        except BaseException:
            for one in made:
                one.path.unlink(missing_ok=True)
            raise
        return made

    def _header(self, tx: Transaction, half: Half, named: tuple[int, bytes], until: int, other: str) -> Header:
        revision, head = tx.one(store.REVISION), tx.one(LEDGER_HEAD)
        if revision is None or head is None or bytes(head[0]) != self._ledger.key.ledger:
            raise LedgerError("other_database")
        return Header(
            half=half,
            backup=named[1].hex(),
            at=named[0],
            until=until,
            program=self._program,
            revision=revision[0],
            ledger=bytes(head[0]).hex(),
            lines=head[1],
            digest=bytes(head[2]).hex(),
            tables=store.shapes(half),
            sequences=store.sequences(tx) if half is Half.DATA else {},
            other=other,
        )


class _Contents:
    """The members of one archive. `rows` and `digest`, that of the summary, are known when they have been written."""

    def __init__(self, tx: Transaction, header: Header, ledger: ShredLedger) -> None:
        self._tx = tx
        self._header = header
        self._ledger = ledger
        self.rows = 0
        self.digest = ""

    def members(self) -> Iterator[Member]:
        header = self._header.octets()
        yield Member(HEADER_MEMBER, header)
        summary = Summary(sha256(header).hexdigest())
        for shape in self._header.tables:
            digest, count = sha256(), 0
            for number, (chunk, rows) in enumerate(_chunks(self._tx.stream(store.rows_of(shape)), shape), 1):
                digest.update(chunk)
                count += rows
                yield Member(f"{shape.name}/{number:06}.ndjson", chunk)
            summary.tables[shape.name] = Tally(count, digest.hexdigest())
            self.rows += count
        summary.signature = self._ledger.key.sign(summary.signed).hex()
        octets = summary.octets()
        self.digest = sha256(octets).hexdigest()
        yield Member(SUMMARY_MEMBER, octets)


def _chunks(rows: Iterator[Row], shape: TableShape) -> Iterator[tuple[bytes, int]]:
    """Lines of some megabytes together, and how many rows they are."""
    kinds = [kind for _, kind in shape.columns]
    chunk, count = bytearray(), 0
    for row in rows:
        chunk += orjson.dumps(
            [_written(value, kind) for value, kind in zip(row, kinds, strict=True)], option=orjson.OPT_APPEND_NEWLINE
        )
        count += 1
        if len(chunk) >= CHUNK_BYTES:
            yield bytes(chunk), count
            chunk, count = bytearray(), 0
    if chunk:
        yield bytes(chunk), count


def _written(value: Any, kind: str) -> Any:
    if value is None:
        return None
    if kind == "octets":
        return base64.b64encode(value).decode("ascii")
    return bool(value) if kind == "flag" else value
