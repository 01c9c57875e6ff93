"""Restrictions: data that is stored and not used (PIPL art. 47, GDPR art. 18).

A person's data may be restricted for several causes at once, and for each of several requests; it is used again when the last of
them is lifted. A restriction is for one purpose, as an objection is, or for all.

The vault's row of a person carries a mark while there is any restriction. The vault reads that row at every use in any case, and
asks here only where it finds the mark, so that people without a restriction cost nothing. The mark is changed in the transaction
that changes the restrictions, under the lock of the person's row, and so is never behind.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple, Protocol

from database.transaction import Transaction
from dsar.holds import store
from dsar.holds.ports import RestrictedMark

EVERY_PURPOSE = ""
NO_ORIGIN = b""


class Cause(StrEnum):
    """Why data is stored and not used."""

    ERASURE_PENDING = "erasure_pending"
    """Erasure was granted, and is not yet done."""
    LEGAL_HOLD = "legal_hold"
    """It would have been erased, and a hold keeps it (GDPR 18(1)(c), 18(2))."""
    LEGAL_MINIMUM = "legal_minimum"
    """It would have been erased, and a law keeps it: only storage and security are left (PIPL 47)."""
    OBJECTION = "objection"
    """The person objects to purposes that rest on legitimate interests (GDPR 18(1)(d), 21(1))."""
    PERSON = "person"
    """The person asked for it (PIPL 44, GDPR 18(1)(a) and (b))."""


class Restriction(NamedTuple):
    """One cause. `origin` is the id of the request behind it, or empty; `since` is in milliseconds since the epoch."""

    purpose: str
    cause: Cause
    origin: bytes
    since: int


class Wanted(Protocol):
    """A use of data: whose, by the internal number, and what for."""

    @property
    def subject(self) -> int: ...

    @property
    def purpose(self) -> str: ...


class Restrictions:
    """Sets and lifts restrictions, in the caller's transaction. Doing either twice is doing it once."""

    def __init__(self, mark: RestrictedMark) -> None:
        self._mark = mark

    def set(
        self,
        tx: Transaction,
        tenant: int,
        subject: int,
        cause: Cause,
        at: int,
        *,
        origin: bytes = NO_ORIGIN,
        purpose: str = EVERY_PURPOSE,
    ) -> None:
        """Restrict a person's data from `at` on, in milliseconds since the epoch."""
        self._mark.mark(tx, tenant, subject, restricted=True)
        tx.insert(store.INSERT_RESTRICTIONS, [(tenant, subject, purpose, cause.value, origin, at)])

    def lift(
        self,
        tx: Transaction,
        tenant: int,
        subject: int,
        cause: Cause,
        at: int,  # noqa: ARG002 - as `set` has it
        *,
        origin: bytes = NO_ORIGIN,
        purpose: str = EVERY_PURPOSE,
    ) -> bool:
        """Take one cause away; whether others remain."""
        self._mark.mark(tx, tenant, subject, restricted=True)  # first of all, for the lock
        tx.run(
            store.DELETE_RESTRICTION, tenant=tenant, subject=subject, purpose=purpose, cause=cause.value, origin=origin
        )
        remains = bool(self.of(tx, tenant, subject))
        if not remains:
            self._mark.mark(tx, tenant, subject, restricted=False)
        return remains

    def of(self, tx: Transaction, tenant: int, subject: int) -> list[Restriction]:
        """All restrictions of a person."""
        rows = tx.all(store.RESTRICTIONS, tenant=tenant, subject=subject)
        return [Restriction(purpose, Cause(cause), bytes(origin), since) for purpose, cause, origin, since in rows]


class RestrictionLookup:
    """Whether each use of people with a mark is restricted."""

    def restricted(self, tx: Transaction, uses: Sequence[Wanted]) -> list[bool]:
        """In order, by one statement. The transaction must be of one tenant."""
        people = sorted({use.subject for use in uses})
        rows = tx.all(store.RESTRICTED_PURPOSES, rows=[(one,) for one in people], tenant=tx.tenant)
        found = {(subject, purpose) for subject, purpose in rows}
        return [not found.isdisjoint({(use.subject, EVERY_PURPOSE), (use.subject, use.purpose)}) for use in uses]
