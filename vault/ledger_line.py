"""Lines of the shred ledger: one for each key that was destroyed, and one for each backup that holds copies of keys.

The ledger is a file of ASCII lines that is only ever appended to. Its first line names it,

    "moat-shred-ledger-v1" SP ledger (32) SP public key (64) LF

and every further line has 351 octets:

    "v1" SP kind (1) SP number (16) SP tenant (16) SP subject (16) SP version (8) SP at (16) SP until (16) SP archive (32)
    SP code (24) SP previous (64) SP signature (128) LF

Numbers and octets are lower-case hexadecimal of that many digits, times are milliseconds since the epoch, and a code is filled
up with "-". `previous` is the SHA-256 of the whole line before, so that one line's digest stands for all lines up to it. The
signature is Ed25519 (RFC 8032) over "moat-ledger-line-v1" 0x00 and the line up to the space before the signature.

    kind e   the DEK `version` of `subject` was destroyed at `at`, for the reason `code`; until and archive are zero
    kind b   a backup was made at `at`: `archive` is its number, `code` which half, and it is kept until `until`;
             tenant, subject and version are zero

A person's number says nothing outside the database, and a platform's id is never in a line.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from vault.errors import LedgerError

HEADER = "moat-shred-ledger-v1"
HEADER_BYTES = 119
LINE_BYTES = 351
LINE_LABEL = b"moat-ledger-line-v1\x00"

_SIGNATURE_HEX = 128
_NO_ARCHIVE = bytes(16)
_FIELDS = re.compile(
    r"v1 ([eb]) ([0-9a-f]{16}) ([0-9a-f]{16}) ([0-9a-f]{16}) ([0-9a-f]{8}) ([0-9a-f]{16}) ([0-9a-f]{16}) "
    r"([0-9a-f]{32}) ([a-z_]{1,24}-{0,23}) ([0-9a-f]{64}) ([0-9a-f]{128})\n",
    re.ASCII,
)


class LineKind(StrEnum):
    """What a line tells of."""

    ERASURE = "e"
    BACKUP = "b"


@dataclass(frozen=True, slots=True)
class Event:
    """What a line says, without its place in the ledger. Times are milliseconds since the epoch."""

    kind: LineKind
    at: int
    code: str
    tenant: int = 0
    subject: int = 0
    version: int = 0
    until: int = 0
    archive: bytes = _NO_ARCHIVE

    def body(self, number: int, previous: bytes) -> bytes:
        """The line up to the space before its signature."""
        return (
            f"v1 {self.kind.value} {number:016x} {self.tenant:016x} {self.subject:016x} {self.version:08x} {self.at:016x} "
            f"{self.until:016x} {self.archive.hex()} {self.code:-<24} {previous.hex()}"
        ).encode("ascii")


def erasure(*, tenant: int, subject: int, version: int, at: int, reason: str) -> Event:
    """The destruction of a DEK."""
    return Event(LineKind.ERASURE, at, reason, tenant=tenant, subject=subject, version=version)


def backup(*, archive: bytes, half: str, at: int, until: int) -> Event:
    """A copy of a half of the database that is kept until `until`."""
    return Event(LineKind.BACKUP, at, half, until=until, archive=archive)


@dataclass(frozen=True, slots=True)
class Position:
    """How far a ledger goes: its lines after the first, and the digest of the last one."""

    lines: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Line:
    """A line at its place. `octets` are all of it; its signature has not been checked."""

    event: Event
    position: Position
    octets: bytes

    @property
    def signed(self) -> bytes:
        """What the signature is over."""
        return LINE_LABEL + self.octets[: -_SIGNATURE_HEX - 2]

    @property
    def signature(self) -> bytes:
        """64 octets."""
        return bytes.fromhex(self.octets[-_SIGNATURE_HEX - 1 : -1].decode("ascii"))


def written(body: bytes, signature: bytes) -> bytes:
    """A line with its signature."""
    return body + b" " + signature.hex().encode("ascii") + b"\n"


def parse(octets: bytes, after: Position) -> Line:
    """The line that follows `after`.

    Raises:
        LedgerError: the octets are no line, or none that belongs there.
    """
    try:
        found = _FIELDS.fullmatch(octets.decode("ascii"))
    except UnicodeDecodeError:
        found = None
    if found is None:
        raise LedgerError("damaged")
    kind, number, tenant, subject, version, at, until, archive, code, previous, _ = found.groups()
    if int(number, 16) != after.lines + 1 or bytes.fromhex(previous) != after.digest:
        raise LedgerError("forked")
    event = Event(
        LineKind(kind),
        int(at, 16),
        code.rstrip("-"),
        tenant=int(tenant, 16),
        subject=int(subject, 16),
        version=int(version, 16),
        until=int(until, 16),
        archive=bytes.fromhex(archive),
    )
    return Line(event, Position(after.lines + 1, sha256(octets).digest()), octets)


def header(ledger: bytes, public: bytes) -> bytes:
    """The first line of a ledger."""
    return f"{HEADER} {ledger.hex()} {public.hex()}\n".encode("ascii")
