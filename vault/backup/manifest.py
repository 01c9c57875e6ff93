"""What an archive says of itself: a header before its rows and a summary after them, both canonical JSON (sorted keys).

An archive is an age file (age-encryption.org/v1) of a tar (POSIX ustar) with these members, in this order:

    header.json                 `Header`: "format" is "moat-backup/v1"
    TABLE/NNNNNN.ndjson         rows of a table, at most some megabytes each: one JSON array per line, in the order of the
                                header's columns; octets in base64
    summary.json                `Summary`: "format" is "moat-backup-summary/v1"

The summary holds the SHA-256 of the header and, for each table, the number of its rows and the SHA-256 of its members'
contents one after another. It is signed by the key of the shred ledger (`vault/ledger_key.py`): Ed25519 over
"moat-backup-v1" 0x00 and the summary without its signature. age says who may read an archive; the signature says who wrote it.
"""

from dataclasses import asdict, dataclass, field
from typing import Any, Self

import orjson

from vault.backup.halves import Half
from vault.errors import BackupError
from vault.ledger_line import Position

FORMAT = "moat-backup/v1"
SUMMARY_FORMAT = "moat-backup-summary/v1"
SIGNED_LABEL = b"moat-backup-v1\x00"
HEADER_MEMBER = "header.json"
SUMMARY_MEMBER = "summary.json"

_CANONICAL = orjson.OPT_SORT_KEYS


@dataclass(frozen=True, slots=True)
class TableShape:
    """A table's columns, each with its kind: int, text, flag or octets."""

    name: str
    columns: list[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a backup is of. Times are milliseconds since the epoch; `backup` is the number that both halves share, and `other`
    the digest of the keyring half's summary, in the data half."""

    half: Half
    backup: str
    at: int
    until: int
    program: str
    revision: str
    ledger: str
    lines: int
    digest: str
    tables: list[TableShape]
    sequences: dict[str, int]
    other: str = ""

    @property
    def position(self) -> Position:
        """How far the database had come in the shred ledger."""
        return Position(self.lines, bytes.fromhex(self.digest))

    def octets(self) -> bytes:
        """Its canonical bytes."""
        return orjson.dumps({"format": FORMAT, **asdict(self)}, option=_CANONICAL)

    @classmethod
    def parse(cls, octets: bytes) -> Self:
        """Read a header.

        Raises:
            BackupError: it is none of this format.
        """
        fields = _fields(octets, FORMAT)
        try:
            shapes = [
                TableShape(one["name"], [(name, kind) for name, kind in one["columns"]]) for one in fields["tables"]
            ]
            return cls(**{**fields, "half": Half(fields["half"]), "tables": shapes})
        except (KeyError, TypeError, ValueError):
            raise BackupError("damaged") from None


@dataclass(slots=True)
class Tally:
    """The rows of a table and the digest of their octets."""

    rows: int
    sha256: str


@dataclass(slots=True)
class Summary:
    """What an archive must have turned out to hold."""

    header: str
    tables: dict[str, Tally] = field(default_factory=dict)
    signature: str = ""

    @property
    def signed(self) -> bytes:
        """What the signature is over."""
        return SIGNED_LABEL + self._octets()

    def octets(self) -> bytes:
        """Its canonical bytes."""
        return self._octets(signature=self.signature)

    def _octets(self, **more: str) -> bytes:
        tables = {name: asdict(tally) for name, tally in self.tables.items()}
        return orjson.dumps(
            {"format": SUMMARY_FORMAT, "header": self.header, "tables": tables, **more}, option=_CANONICAL
        )

    @classmethod
    def parse(cls, octets: bytes) -> Self:
        """Read a summary.

        Raises:
            BackupError: it is none of this format.
        """
        fields = _fields(octets, SUMMARY_FORMAT)
        try:
            tables = {name: Tally(one["rows"], one["sha256"]) for name, one in fields["tables"].items()}
            return cls(fields["header"], tables, fields["signature"])
        except (KeyError, TypeError, AttributeError):
            raise BackupError("damaged") from None


def _fields(octets: bytes, expected: str) -> dict[str, Any]:
    try:
        fields: dict[str, Any] = orjson.loads(octets)
        found = fields.pop("format")
    except (orjson.JSONDecodeError, KeyError, AttributeError, TypeError):
        raise BackupError("damaged") from None
    if found != expected:
        raise BackupError("other_format")
    return fields
