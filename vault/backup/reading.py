"""Reading a half of a backup, and making sure that it is what was written: whole, signed, and of the kind that is asked for."""

import base64
import binascii
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson

from vault.backup.archive import Member, opened_archive
from vault.backup.halves import Half
from vault.backup.manifest import HEADER_MEMBER, SUMMARY_MEMBER, Header, Summary, TableShape, Tally
from vault.errors import BackupError, LedgerError
from vault.ledger_key import LedgerKey

Take = Callable[[TableShape, list[list[Any]]], None]
"""Given the rows of a table, some at a time."""


@dataclass(frozen=True, slots=True)
class Found:
    """A half that is whole: its header, and the digest of its summary, which stands for all of it."""

    header: Header
    digest: str
    rows: int


def read_half(path: Path, identities: Sequence[str], half: Half, key: LedgerKey, take: Take | None = None) -> Found:
    """Read all of an archive; `take` is given its rows as they come, before it is known that the rest is as good.

    Raises:
        BackupError: it cannot be opened, is damaged or unsigned, or is the other half.
        OSError: it cannot be read.
    """
    with opened_archive(path, identities) as members, closing(members):  # type: ignore[type-var]  # it is a generator
        header, tallies, summary = _Reading(half, take).read(members)
    found = Summary.parse(summary.content)
    try:
        key.verify(found.signed, bytes.fromhex(found.signature))
    except (LedgerError, ValueError):
        raise BackupError("unsigned") from None
    shape = sha256(header.octets()).hexdigest()
    if found.header != shape or found.tables != tallies or found.octets() != summary.content:
        raise BackupError("damaged")
    return Found(header, sha256(summary.content).hexdigest(), sum(tally.rows for tally in tallies.values()))


def matched(keyring: Found, data: Found) -> None:
    """Make sure that two halves were made together.

    Raises:
        BackupError: they were not.
    """
    if keyring.header.backup != data.header.backup or data.header.other != keyring.digest:
        raise BackupError("no_match")


class _Reading:
    """One pass over the members of an archive."""

    def __init__(self, half: Half, take: Take | None) -> None:
        self._half = half
        self._take = take

    def read(self, members: Any) -> tuple[Header, dict[str, Tally], Member]:
        first = next(members, None)
        if first is None or first.name != HEADER_MEMBER:
            raise BackupError("damaged")
        header = Header.parse(first.content)
        if header.octets() != first.content:
            raise BackupError("damaged")
        if header.half is not self._half:
            raise BackupError("other_half")
        digests = {shape.name: sha256() for shape in header.tables}
        shapes = {shape.name: shape for shape in header.tables}
        counts = dict.fromkeys(digests, 0)
        last = None
        for member in members:
            table = member.name.partition("/")[0]
            if last is not None or (table not in shapes and member.name != SUMMARY_MEMBER):
                raise BackupError("damaged")
            if member.name == SUMMARY_MEMBER:
                last = member
                continue
            digests[table].update(member.content)
            counts[table] += self._rows(shapes[table], member.content)
        if last is None:
            raise BackupError("damaged")
        return header, {name: Tally(counts[name], digests[name].hexdigest()) for name in digests}, last

    def _rows(self, shape: TableShape, content: bytes) -> int:
        lines = content.splitlines()
        if self._take is not None:
            self._take(shape, [_row(line, shape) for line in lines])
        return len(lines)


def _row(line: bytes, shape: TableShape) -> list[Any]:
    try:
        values = orjson.loads(line)
        return [
            base64.b64decode(value, validate=True) if kind == "octets" and value is not None else value
            for value, (_, kind) in zip(values, shape.columns, strict=True)
        ]
    except (orjson.JSONDecodeError, binascii.Error, TypeError, ValueError):
        raise BackupError("damaged") from None
