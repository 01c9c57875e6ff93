"""Cases: what looked like abuse, as officers see and close it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from audit.entry import Act, Action, Group, Outcome
from audit.log import AuditLog
from database.engine import Database
from database.transaction import Row, Transaction
from masking.relay.bound import By
from masking.relay.calls import store
from masking.relay.calls.brakes import lift_brake
from masking.relay.calls.errors import CaseClosedError, CaseNotFoundError
from masking.relay.calls.ports import Directories, Directory, Names, pseudonyms
from masking.relay.calls.rules import Measure, Signal

DAY_MS = 86_400_000


class Verdict(StrEnum):
    """Why a case is closed."""

    ABUSE = "abuse"
    FALSE_ALARM = "false_alarm"
    EXPLAINED = "explained"
    ERASED = "erased"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A case. `person` is the platform's id of the caller where they are a party and the vault has them: of callers who are
    nobody here, nothing but that. The measure holds until `held_until`."""

    id: int
    signal: Signal
    measure: Measure
    person: str | None
    binding: int | None
    count: int
    opened_at: int
    last_at: int
    held_until: int
    closed_at: int | None
    closed_by: int | None
    reason: Verdict | None


class CaseDesk:
    """The use cases around cases."""

    def __init__(self, database: Database, log: AuditLog, directories: Directories, names: Names) -> None:
        self._database = database
        self._log = log
        self._directories = directories
        self._names = names

    def page(self, tenant: int, *, closed: bool, after: int, limit: int) -> Sequence[Case]:
        """Cases that are open, or those that were closed, in the order in which they were opened."""
        where: dict[str, Any] = {"tenant": tenant, "closed": int(closed), "after": after, "limit": limit}
        return self._named(tenant, self._database.read(tenant, lambda tx: tx.all(store.CASES, **where)))

    def get(self, tenant: int, number: int) -> Case:
        """One case. Raises CaseNotFoundError."""
        row = self._database.read(tenant, lambda tx: tx.one(store.CASE, tenant=tenant, id=number))
        if row is None:
            raise CaseNotFoundError
        return self._named(tenant, [row])[0]

    def close(self, by: By, number: int, verdict: Verdict, *, lift: bool) -> Case:
        """Close a case, and end its measure where `lift` says so.

        Raises:
            CaseNotFoundError: there is none.
            CaseClosedError: it was closed before.
        """

        def attempt(directory: Directory) -> None:
            self._database.write(by.tenant, lambda tx: self._close(tx, directory, by, number, verdict, lift=lift))

        self._directories.using(by.tenant, attempt)
        return self.get(by.tenant, number)

    def _close(
        self, tx: Transaction, directory: Directory, by: By, number: int, verdict: Verdict, *, lift: bool
    ) -> None:
        row = tx.one(store.CASE_TO_CLOSE, tenant=by.tenant, id=number)
        if row is None:
            raise CaseNotFoundError
        case, caller = _case(row[:-1], {}), row[-1]
        if case.closed_at is not None:
            raise CaseClosedError
        held_until = case.held_until
        if lift:
            since = case.opened_at - DAY_MS
            lift_brake(tx, by.tenant, case.measure, None if caller is None else bytes(caller), since=since)
            held_until = min(held_until, by.at)
        where: dict[str, Any] = {"tenant": by.tenant, "id": number, "at": by.at, "by": by.actor.id}
        tx.run(store.CLOSE_CASE, **where, reason=verdict.value, held_until=held_until)
        people = pseudonyms(tx, directory, [] if row[3] is None else [row[3]], by.at)
        view = "lifted" if lift else "kept"
        group = Group(Outcome.DONE, kind=verdict.value, view=view, subjects=people, rows=[number])
        self._log.append(tx, Act(Action.RELAY_CASE_CLOSE, by.actor, by.tenant, by.at, by.request, [group]))

    def _named(self, tenant: int, rows: Sequence[Row]) -> list[Case]:
        people = {row[3] for row in rows if row[3] is not None}
        names = self._names.names(tenant, people) if people else {}
        return [_case(row, names) for row in rows]


def _case(row: Row, names: Mapping[int, str]) -> Case:
    number, signal, measure, subject, binding, count, opened_at, last_at, held_until, closed_at, closed_by, reason = row
    return Case(
        id=number,
        signal=Signal(signal),
        measure=Measure(measure),
        person=names.get(subject),
        binding=binding,
        count=count,
        opened_at=opened_at,
        last_at=last_at,
        held_until=held_until,
        closed_at=closed_at,
        closed_by=closed_by,
        reason=None if reason is None else Verdict(reason),
    )
