"""Putting a backup back: everything is checked before anything is changed.

    1. ledger     the shred ledger of this deployment is whole, and both archives are signed by its key
    2. archives   both are read to their ends; they were made together, and the ledger goes at least as far as they do
    3. roots      the key providers at hand keep the root keys of the keyring half, and those open their proofs
    4. place      the database is empty
    5. rows       both are read again into the database, at the revision of the schema that they were made at
    6. schema     brought to this version's
    7. ledger     whatever was destroyed since the backup is destroyed again, a new token key version is minted, and the log
                  says that the database was put back; only now does it become the database that is served

A process that dies before the end of 5 has changed nothing. Whatever it leaves of 6 and 7 a start does before it serves.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vault.backup.halves import Half
from vault.backup.manifest import TableShape
from vault.backup.places import Place, Rows
from vault.backup.reading import Found, matched, read_half
from vault.backup.store import insertion, put_sequence
from vault.custody.store import RootRow
from vault.errors import BackupError, LedgerError
from vault.shred_ledger import ShredLedger

HEAD = "head"

_ROOTS, _WRAPPED = "keyring_root", {"kek", "purpose_key"}


@dataclass(frozen=True, slots=True)
class Archives:
    """The files of both halves, and the age identities that open them."""

    keyring: Path
    data: Path
    identities: Sequence[str]


@dataclass(frozen=True, slots=True)
class Checked:
    """Two halves that belong together, and the root keys that they need."""

    keyring: Found
    data: Found
    roots: Sequence[RootRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a restore needs of its deployment. `knows` tells whether this version knows a revision of the schema, `prove` makes
    sure of a root key, `prepare` migrates, and `finish` is step 7, which tells how many keys were destroyed again."""

    ledger: ShredLedger
    place: Place
    knows: Callable[[str], bool]
    prove: Callable[[RootRow], None]
    prepare: Callable[[str, str], None]
    finish: Callable[[str], int]


def check(archives: Archives, ledger: ShredLedger) -> Checked:
    """Steps 1 and 2.

    Raises:
        BackupError: an archive cannot be opened, is damaged or unsigned, or they do not belong together.
        LedgerError: the ledger cannot be relied on, or the backup knows more than it does.
    """
    ledger.open()
    rows: dict[str, list[list[Any]]] = {}
    columns: dict[str, list[str]] = {}

    def keep(shape: TableShape, taken: list[list[Any]]) -> None:
        if shape.name == _ROOTS or shape.name in _WRAPPED:
            columns[shape.name] = [name for name, _ in shape.columns]
            rows.setdefault(shape.name, []).extend(taken)

    keyring = read_half(archives.keyring, archives.identities, Half.KEYRING, ledger.key, keep)
    data = read_half(archives.data, archives.identities, Half.DATA, ledger.key)
    matched(keyring, data)
    if bytes.fromhex(data.header.ledger) != ledger.key.ledger:
        raise LedgerError("other_database")
    ledger.require(data.header.position)
    return Checked(keyring, data, _roots(rows, columns))


def restore(archives: Archives, around: Surroundings) -> tuple[Checked, int]:
    """Put a backup back; tells what it was, and how many keys were destroyed again.

    Raises:
        BackupError: see `check`; or the database is not empty, or the backup is of a later version.
        LedgerError: see `check`.
        RootKeyError: the root keys at hand are not those of the backup.
        KeysUnavailableError: their provider does not answer.
    """
    checked = check(archives, around.ledger)
    if not around.knows(checked.data.header.revision):
        raise BackupError("other_revision")
    for root in checked.roots:
        around.prove(root)
    around.place.require_empty()
    with around.place.filling(checked.data.header.revision) as rows:
        key = around.ledger.key
        for path, half, found in (
            (archives.keyring, Half.KEYRING, checked.keyring),
            (archives.data, Half.DATA, checked.data),
        ):
            again = read_half(path, archives.identities, half, key, _inserting(rows))
            if again.digest != found.digest:
                raise BackupError("damaged")
        for table, last in checked.data.header.sequences.items():
            put_sequence(rows.cursor, rows.dialect, table, last)
    around.prepare(around.place.url, HEAD)
    destroyed = around.finish(around.place.url)
    around.place.settle()
    return checked, destroyed


def _inserting(rows: Rows) -> Callable[[TableShape, list[list[Any]]], None]:
    def insert(shape: TableShape, taken: list[list[Any]]) -> None:
        statement = insertion(shape, rows.dialect)
        if rows.dialect == "sqlite":
            rows.cursor.executemany(statement, taken)
        else:
            rows.cursor.execute(statement.encode(), [list(column) for column in zip(*taken, strict=True)])

    return insert


def _roots(rows: dict[str, list[list[Any]]], columns: dict[str, list[str]]) -> list[RootRow]:
    """The roots that a key of the backup is wrapped by, and the one that wraps next."""

    def fields(table: str) -> list[dict[str, Any]]:
        return [dict(zip(columns[table], row, strict=True)) for row in rows.get(table, [])]

    needed = {one["root"] for table in _WRAPPED for one in fields(table) if one["state"] != "destroyed"}
    return [
        RootRow(one["id"], one["provider"], one["root"], one["proof"], one["state"])
        for one in fields(_ROOTS)
        if one["id"] in needed or one["state"] == "active"
    ]
