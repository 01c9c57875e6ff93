"""Carrying one binding to its provider.

1. lease    the row says until when this carrier has it; what it should be is read in the same transaction, and people are opened
2. call     the provider, outside any transaction
3. note     what came of it, with its entry in the log

A carrier that dies between 2 and 3 leaves a binding that the provider has and we do not know: the next one is refused as a
conflict, which is a fault that people look at, unless the provider tells bindings by our reference.
"""

import secrets
from dataclasses import dataclass
from typing import Any, Final

from audit.entry import Act, Action, Actor, ActorKind, Group, Outcome, Reason
from audit.event_id import uuid7
from audit.log import AuditLog
from database.engine import Database
from database.transaction import Row, Transaction
from masking.relay.accounts.account import PROVIDERS
from masking.relay.accounts.desk import AccountDesk
from masking.relay.accounts.errors import AccountNotFoundError
from masking.relay.mode import Direction, Mode
from masking.relay.ports import Directories, Directory
from masking.relay.providers import store
from masking.relay.providers.errors import PASSING, Fault, ProviderError
from masking.relay.providers.kinds import provider_of
from masking.relay.providers.outward import Outward
from masking.relay.providers.ports import Line, Outside
from work.backoff import ATTEMPTS_AT_MOST, delay_ms

LEASE_MS: Final = 60_000
PREFIX: Final = "moat-"
"""Begins our reference of a binding, which its number ends."""


@dataclass(frozen=True, slots=True, repr=False)
class _Wanted:
    """What should be: a line, or nothing where the binding is over. `version` is the binding's."""

    row: Outward
    line: Line | None
    version: int


class Carrying:
    """Carries."""

    def __init__(
        self, database: Database, directories: Directories, log: AuditLog, desk: AccountDesk, outside: Outside
    ) -> None:
        self._database = database
        self._directories = directories
        self._log = log
        self._desk = desk
        self._outside = outside

    def carry(self, tenant: int, binding: int, at: int) -> float | None:
        """Carry a binding as it is now; None once there is nothing more to do, or the seconds after which to try again."""

        def attempt(directory: Directory) -> _Wanted | float | None:
            return self._database.write(tenant, lambda tx: _lease(tx, directory, tenant, binding, at))

        wanted = self._directories.using(tenant, attempt)
        if not isinstance(wanted, _Wanted):
            return wanted
        held, fault = self._call(wanted, at)
        return self._database.write(tenant, lambda tx: self._note(tx, tenant, wanted, held, fault, at))

    def _call(self, wanted: _Wanted, at: int) -> tuple[str, Fault | None]:
        """Step 2: by what name the provider holds it now, and what went wrong."""
        row, line = wanted.row, wanted.line
        try:
            provider = provider_of(self._desk.open(row.account, PROVIDERS), self._outside, at)
            if line is None:
                if row.held:
                    provider.unbind(row.held, row.number)
                return "", None
            if row.held:
                provider.change(row.held, line)
                return row.held, None
            return provider.bind(line), None
        except AccountNotFoundError:
            return row.held, Fault.CREDENTIALS
        except ProviderError as error:
            return row.held, error.fault

    def _note(
        self, tx: Transaction, tenant: int, wanted: _Wanted, held: str, fault: Fault | None, at: int
    ) -> float | None:
        """Step 3. What changed meanwhile has a job of its own, for which the row stays waiting."""
        now = Outward.of(tx.one(store.OUTWARD_TO_CHANGE, tenant=tenant, binding=wanted.row.binding))
        attempts = wanted.row.attempts + 1
        again = fault in PASSING and attempts < ATTEMPTS_AT_MOST
        wait = delay_ms(attempts, secrets.randbelow) if again else 0
        state = "waiting" if again else "failed" if fault else "gone" if wanted.line is None else "held"
        changed = now.changed_at != wanted.row.changed_at
        tx.run(
            store.NOTE,
            tenant=tenant,
            binding=now.binding,
            held=held,
            state="waiting" if changed else state,
            version=wanted.row.version if fault else wanted.version,
            attempts=0 if changed else attempts,
            next_at=at + wait,
            fault=None if fault is None else fault.value,
            at=now.changed_at if changed else at,
        )
        outcome = Outcome.DONE if fault is None else Outcome.FAILED
        group = Group(outcome, None if fault is None else Reason.NO_ANSWER, rows=[now.binding])
        act = Act(Action.RELAY_CARRY, Actor(ActorKind.SYSTEM), tenant, at, str(uuid7(at)), [group])
        self._log.append(tx, act)
        return wait / 1000 if again or changed else None


def _lease(tx: Transaction, directory: Directory, tenant: int, binding: int, at: int) -> _Wanted | float | None:
    """Step 1."""
    found = tx.one(store.OUTWARD_TO_CHANGE, tenant=tenant, binding=binding)
    if found is None:
        return None
    row = Outward.of(found)
    if row.state != "waiting":
        return None
    if row.next_at > at:
        return (row.next_at - at) / 1000
    line = tx.one(store.LINE, tenant=tenant, binding=binding)
    tx.run(store.LEASE, tenant=tenant, binding=binding, until=at + LEASE_MS)
    version = row.version if line is None else int(line[7])
    return _Wanted(row, None if line is None else _line(tx, directory, binding, line, at), version)


def _line(tx: Transaction, directory: Directory, binding: int, row: Row, at: int) -> Line | None:
    """The binding as its provider is to hold it; None where it is over, or somebody of it may not be called any more."""
    mode, extension, direction, record, seconds, expires_at, closed_at, _, x, y, *people, b = row
    if closed_at is not None or expires_at <= at:
        return None
    numbers: list[Any] = []
    for subject, held in (people[:2], people[2:]):
        person = None if subject is None else directory.number_of(tx, subject, held, at)
        numbers.append(getattr(person, "number", None))
    if numbers[0] is None or (b is not None and numbers[1] is None):
        return None
    return Line(
        reference=f"{PREFIX}{binding}",
        mode=Mode(mode),
        a=numbers[0],
        b=numbers[1],
        x=x,
        y=y,
        extension=extension,
        direction=Direction(direction),
        record=bool(record),
        max_seconds=seconds,
        expires_at=expires_at,
        now=at,
    )
