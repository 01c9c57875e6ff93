"""Looking at records of calls: lists, each of which is an entry in the log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from audit.entry import Act, Action, Group, Outcome
from audit.log import AuditLog
from database.engine import Database
from database.transaction import Row, Transaction
from masking.relay.bound import By
from masking.relay.calls import store
from masking.relay.calls.errors import CallNotFoundError
from masking.relay.calls.events import progress_of, read_leg
from masking.relay.calls.legs import LAST, first_leg
from masking.relay.calls.ports import Directories, Directory, Names, pseudonyms
from masking.relay.calls.progress import Progress, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """An attempt as it is shown. `caller` and `callee` are the platform's ids of people while the vault has them;
    `stands_for` is more than 1 for attempts over a limit, of which one is written for many."""

    leg: UUID
    at: int
    kind: str
    number: str
    binding: int | None
    side: str
    caller: str | None
    callee: str | None
    refused: str
    recording: str
    stands_for: int
    progress: Progress

    @property
    def status(self) -> Status:
        """How far it has come."""
        return Status.REFUSED if self.refused else self.progress.status


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which calls are asked for: at most one of `binding`, `order` and `person` (the platform's id), or all of the tenant; of
    these only those of a kind, to a number, refused for a reason (`*` for any). `since` and `until` are milliseconds since
    the epoch, `before` the last leg of the page before."""

    binding: int | None = None
    order: str | None = None
    person: str | None = None
    kind: str = ""
    number: str = ""
    refused: str = ""
    since: int = 0
    until: int | None = None
    before: str | None = None
    limit: int = 50


class CallReading:
    """Reads records."""

    def __init__(self, database: Database, log: AuditLog, directories: Directories, names: Names) -> None:
        self._database = database
        self._log = log
        self._directories = directories
        self._names = names

    def page(self, by: By, asked: Asked) -> Sequence[CallRecord]:
        """Records, the latest first. Recorded with the people whom they are about."""

        def attempt(directory: Directory) -> list[Row]:
            return self._database.write(by.tenant, lambda tx: self._rows(tx, directory, by, asked))

        return self._named(by.tenant, self._directories.using(by.tenant, attempt))

    def get(self, by: By, leg: str) -> CallRecord:
        """One record. Raises CallNotFoundError."""
        read = read_leg(leg)
        if read is None:
            raise CallNotFoundError

        def attempt(directory: Directory) -> list[Row]:
            def work(tx: Transaction) -> list[Row]:
                rows = tx.all(store.CALL, tenant=by.tenant, leg=read.bytes)
                self._record(tx, directory, by, rows)
                return rows

            return self._database.write(by.tenant, work)

        rows = self._directories.using(by.tenant, attempt)
        if not rows:
            raise CallNotFoundError
        return self._named(by.tenant, rows)[0]

    def _rows(self, tx: Transaction, directory: Directory, by: By, asked: Asked) -> list[Row]:
        last = LAST if asked.until is None else first_leg(asked.until)
        turned = None if asked.before is None else read_leg(asked.before)
        where: dict[str, Any] = {
            "tenant": by.tenant,
            "first": first_leg(asked.since),
            "before": last if turned is None else min(last, turned.bytes),
            "limit": asked.limit,
        }
        if asked.person is not None:
            known = directory.find(tx, [asked.person], by.at).get(asked.person)
            rows = [] if known is None else tx.all(store.CALLS_OF_PERSON, subject=known.number, **where)
        elif asked.order is not None:
            order = directory.object_ref(asked.order)
            rows = tx.all(store.CALLS_OF_ORDER, order_ref=order, **where)
        elif asked.binding is not None:
            rows = tx.all(store.CALLS_OF_BINDING, binding=asked.binding, **where)
        else:
            rows = tx.all(store.CALLS, kind=asked.kind, number=asked.number, refused=asked.refused, **where)
        self._record(tx, directory, by, rows)
        return rows

    def _record(self, tx: Transaction, directory: Directory, by: By, rows: Sequence[Row]) -> None:
        refs = pseudonyms(tx, directory, _people(rows), by.at)
        groups = [Group(Outcome.DONE, subjects=refs) if refs else Group(Outcome.DONE, count=len(rows))]
        self._log.append(tx, Act(Action.RELAY_CALLS_READ, by.actor, by.tenant, by.at, by.request, groups))

    def _named(self, tenant: int, rows: Sequence[Row]) -> list[CallRecord]:
        people = _people(rows)
        names = self._names.names(tenant, people) if people else {}
        return [_record_of(row, names) for row in rows]


def _people(rows: Sequence[Row]) -> set[int]:
    return {person for row in rows for person in row[6:8] if person is not None}


def _record_of(row: Row, names: Mapping[int, str]) -> CallRecord:
    leg, at, kind, number, binding, side, caller, callee, refused, recording, stands_for, *told = row
    return CallRecord(
        leg=UUID(bytes=bytes(leg)),
        at=at,
        kind=kind,
        number=number,
        binding=binding,
        side=side,
        caller=names.get(caller),
        callee=names.get(callee),
        refused=refused,
        recording=recording,
        stands_for=stands_for,
        progress=progress_of(tuple(told)),
    )
