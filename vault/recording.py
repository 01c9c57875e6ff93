"""Storing sealed values: people first, then the records, the reasons they are kept for, and the search index.

Stable values of one subject, kind and format are stored once: the unique key over the fingerprint decides between
transactions that meet, and the loser runs again and finds the row. Rows are inserted in the order of their unique key,
so that two batches never wait for each other in a circle.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from audit.entry import Reason, SubjectRef
from database.transaction import Row, Transaction
from vault import store
from vault.envelope import Placed, seal_many
from vault.errors import FormatKeyNeededError, KeysChangedError
from vault.fingerprint import search_fingerprint, uniqueness_fingerprint
from vault.identifier import Kind
from vault.item import OPAQUE_FORMAT, PRESERVING_FORMAT
from vault.keyring import TenantKeys
from vault.notes import BARE_NAMES, NOTE
from vault.ports import NoteReading, NoteScanner
from vault.preserving import capacity, draw_serials, last_version
from vault.seal_count import WEIGHT, counted
from vault.subject import OpenSubject, SubjectDirectory


@dataclass(
    slots=True, eq=False, repr=False
)  # not frozen: that would double the cost of making one, and one is made per item
class Value:
    """A value ready to be sealed. Times are in milliseconds since the epoch."""

    subject: str
    kind: Kind
    writing: str
    normal: str
    purpose: str
    ref: str
    format: int = OPAQUE_FORMAT
    fresh: bool = False
    expires_at: int | None = None
    max_uses: int | None = None
    reading: NoteReading | None = None


class Stored(NamedTuple):
    """A record as its token needs it. `created` tells whether this very call made it."""

    row: int
    kind: int
    format: int
    token_version: int
    serial: int | None
    created: bool
    subject: int
    pseudonym: SubjectRef
    purpose: str
    ref: str


class Reissued(NamedTuple):
    """A record that a repeated call names again."""

    row: int
    kind: int
    format: int
    token_version: int
    serial: int | None


_Key = tuple[int, int, int, bytes]


class Recording:
    """Stores values in the caller's transaction."""

    def __init__(self, subjects: SubjectDirectory, notes: NoteScanner) -> None:
        self._subjects = subjects
        self._notes = notes

    def read(self, values: Sequence[Value]) -> None:
        """Have the notes among the values read, before the transaction that stores them. Masked views hide those that are not."""
        notes = [value for value in values if value.kind.name == NOTE]
        if notes:
            for value, reading in zip(notes, self._notes.read([value.writing for value in notes]), strict=True):
                value.reading = reading

    def store(
        self, tx: Transaction, keys: TenantKeys, tenant: int, values: Sequence[Value], at: int
    ) -> list[Stored | Reason]:
        """The record of each value, in order, or why there is none.

        Raises:
            KeysChangedError: `keys` are not the tenant's present ones.
        """
        epoch = tx.later(store.EPOCH, tenant=tenant)
        wanted = list(dict.fromkeys(value.subject for value in values))
        people = self._subjects.opened_for_writing(tx, keys, tenant, wanted, at)
        if epoch() != (keys.epoch,):
            raise KeysChangedError
        results: list[Stored | Reason | None] = [None] * len(values)
        new: dict[_Key | int, tuple[OpenSubject, Value, list[int]]] = {}
        stable: dict[_Key, list[int]] = {}
        for place, value in enumerate(values):
            subject = people[value.subject]
            if isinstance(subject, Reason):
                results[place] = subject
                continue
            if value.fresh:
                new[place] = subject, value, [place]
                continue
            fingerprint = uniqueness_fingerprint(
                subject.secret, kind=value.kind.code, format=value.format, normal=value.normal
            )
            key = (subject.number, value.kind.code, value.format, fingerprint)
            places = stable.setdefault(key, [])
            places.append(place)
            if len(places) == 1:
                new[key] = subject, value, places
        self._find(tx, tenant, new, values, results)
        self._insert(tx, keys, tenant, new=new, values=values, results=results, at=at)
        self._note_uses(tx, tenant, values, results, at)
        return [result for result in results if result is not None]

    def _find(
        self,
        tx: Transaction,
        tenant: int,
        new: dict[_Key | int, tuple[OpenSubject, Value, list[int]]],
        values: Sequence[Value],
        results: list[Stored | Reason | None],
    ) -> None:
        """Take from `new` the stable values that are stored already."""
        keys = [key for key, (person, _, _) in new.items() if isinstance(key, tuple) and not person.new]
        if not keys:
            return
        for subject, kind, format_, fingerprint, row, version, serial in tx.all(
            store.STABLE_RECORDS, rows=keys, tenant=tenant
        ):
            person, _, places = new.pop((subject, kind, format_, fingerprint))
            for place in places:
                use = values[place].purpose, values[place].ref
                results[place] = Stored(row, kind, format_, version, serial, False, subject, person.ref, *use)

    def _insert(
        self,
        tx: Transaction,
        keys: TenantKeys,
        tenant: int,
        *,
        new: dict[_Key | int, tuple[OpenSubject, Value, list[int]]],
        values: Sequence[Value],
        results: list[Stored | Reason | None],
        at: int,
    ) -> None:
        ordered = sorted(
            new.items(), key=lambda item: item[0] if isinstance(item[0], tuple) else (item[1][0].number, 0, 0, b"")
        )
        serials = self._serials(tx, keys, tenant, [entry[1] for _, entry in ordered])
        rows = tx.reserve("record", len(ordered))
        placed: list[Placed] = [
            (person.dek, value.writing.encode(), person.number, row, value.kind.code)
            for row, (_, (person, value, _)) in zip(rows, ordered, strict=True)
        ]
        records: list[Row] = []
        index: list[Row] = []
        for sealed, row, serial, (key, (person, value, places)) in zip(
            seal_many(placed, tenant=tenant), rows, serials, ordered, strict=True
        ):
            if isinstance(serial, Reason):
                for place in places:
                    results[place] = serial
                continue
            kind = value.kind
            version = keys.token.version if serial is None else keys.format_versions[kind.name]
            fingerprint = key[3] if isinstance(key, tuple) else None
            records.append((row, tenant, person.number, kind.code, value.format, fingerprint, sealed,
                            version, serial, value.expires_at, value.max_uses, at))  # fmt: skip
            if kind.searchable and not value.fresh:
                for epoch, search_key in keys.search[kind.name].items():
                    found_by = search_fingerprint(search_key, normal=value.normal)
                    index.append((tenant, kind.code, epoch, found_by, row))
            created = True
            for place in places:
                use = values[place].purpose, values[place].ref
                results[place] = Stored(
                    row, kind.code, value.format, version, serial, created, person.number, person.ref, *use
                )
                created = False
        tx.put(store.INSERT_RECORDS, records)
        tx.put(store.INSERT_SEARCH, index)
        self._count_found(tx, tenant, [(row, value) for row, (_, (_, value, _)) in zip(rows, ordered, strict=True)])
        for place in counted(len(ordered)):
            person = ordered[place][1][0]
            tx.run(store.COUNT_DEK_SEALS, tenant=tenant, subject=person.number, count=WEIGHT)

    def _count_found(self, tx: Transaction, tenant: int, stored: Sequence[tuple[int, Value]]) -> None:
        """Count the personal values in notes, so that somebody can see where people write what does not belong there."""
        found: list[Row] = []
        for row, value in stored:
            if value.kind.name != NOTE:
                continue
            (reading,) = [value.reading] if value.reading is not None else self._notes.skim([value.writing])
            found += [(tenant, row, kind, count) for kind, count in reading.kinds.items()]
            if reading.bare_names is not None:
                found.append((tenant, row, BARE_NAMES, reading.bare_names))
        tx.put(store.INSERT_NOTE_FINDINGS, found)

    def _serials(
        self, tx: Transaction, keys: TenantKeys, tenant: int, values: Sequence[Value]
    ) -> list[int | Reason | None]:
        """Serial numbers for the format-preserving values; a kind whose range is used up gets a refusal instead."""
        serials: list[int | Reason | None] = [None] * len(values)
        by_kind: dict[Kind, list[int]] = {}
        for place, value in enumerate(values):
            if value.format == PRESERVING_FORMAT:
                by_kind.setdefault(value.kind, []).append(place)
        for kind, places in by_kind.items():
            room = capacity(kind.name)
            version = keys.format_versions.get(kind.name)
            if version is None:
                raise FormatKeyNeededError(kind.name)
            row = tx.one(store.COUNT_SERIALS, tenant=tenant, kind=kind.code, version=version, count=len(places))
            before = (row[0] if row else 0) - len(places)
            if before and before + len(places) > room and version < last_version(kind.name):
                raise FormatKeyNeededError(kind.name)
            granted = max(0, min(len(places), room - before))
            drawn = _free_serials(tx, tenant, kind, version, granted)
            for place in places[granted:]:
                serials[place] = Reason.DENSITY
            for place, serial in zip(places, drawn, strict=False):
                serials[place] = serial
        return serials

    def _note_uses(
        self,
        tx: Transaction,
        tenant: int,
        values: Sequence[Value],
        results: Sequence[Stored | Reason | None],
        at: int,
    ) -> None:
        uses = [
            (tenant, result.row, value.purpose, value.ref, at)
            for value, result in zip(values, results, strict=True)
            if isinstance(result, Stored)
        ]
        tx.put(store.INSERT_USES, list(dict.fromkeys(uses)))


def _free_serials(tx: Transaction, tenant: int, kind: Kind, version: int, count: int) -> list[int]:
    """Drawn serial numbers that no record has. The count's row keeps other transactions from drawing meanwhile."""
    free: list[int] = []
    while len(free) < count:
        drawn = draw_serials(kind.name, count - len(free))
        asked = [(kind.code, version, serial) for serial in drawn]
        taken = {row[3] for row in tx.all(store.RECORDS_BY_SERIAL, rows=asked, tenant=tenant)}
        free += [serial for serial in drawn if serial not in taken and serial not in free]
    return free
