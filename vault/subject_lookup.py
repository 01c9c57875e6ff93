"""The people of a tenant for packages that key rows of their own by the vault's numbers: found by the platform's ids, or made.

A frozen person is found like any other: what a person says about their consent is taken down whatever else may not be done with
their data.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, TypeVar

from audit.entry import ObjectRef, Reason, SubjectRef
from database.columns import moment
from database.transaction import Row, Transaction
from vault import store
from vault.envelope import open_sealed
from vault.errors import IntegrityError
from vault.fingerprint import subject_fingerprints
from vault.identifier import KINDS, normal_form
from vault.keyring import TenantKeys
from vault.keys import MacKey
from vault.means import Means
from vault.opaque_id import reads_as_personal
from vault.people import opened_by_number
from vault.pseudonym import object_ref
from vault.subject import OpenSubject, SubjectRow, SubjectState

Answer = TypeVar("Answer")

CHILD_UNTIL_AGE = 14
"""Years: PIPL art. 28 and 31."""

_BIRTH_DATE = KINDS["birth_date"]


class Found(NamedTuple):
    """A person: the internal number, the pseudonym in the log, and whether their data is frozen. Of one whose row does not open
    there is no pseudonym."""

    number: int
    ref: SubjectRef | None
    frozen: bool


class SubjectLookup:
    """Opens directories of people, with the tenant's keys fetched before any transaction."""

    def __init__(self, means: Means) -> None:
        self._means = means

    def using(self, tenant: int, attempt: Callable[["Directory"], Answer]) -> Answer:
        """What `attempt` returns; it runs again when the keys have moved on."""
        return self._means.keyring.using(tenant, lambda keys: attempt(Directory(self._means, keys, tenant)))


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Directory:
    """The people of one tenant, under one reading of its keys."""

    means: Means
    keys: TenantKeys
    tenant: int

    @property
    def mac(self) -> MacKey:
        """The tenant's key for fingerprints of repeated calls."""
        return self.keys.idempotency

    def numbers(self, tx: Transaction, platform_ids: Sequence[str]) -> dict[str, int]:
        """The internal numbers of those who are known and not erased."""
        return {name: row.number for name, row in self._rows(tx, platform_ids).items()}

    def find(self, tx: Transaction, platform_ids: Sequence[str], at: int) -> dict[str, Found]:
        """Those who are known, not erased and not damaged; a damaged one is counted."""
        found = {}
        for name, row in self._rows(tx, platform_ids).items():
            try:
                found[name] = _found(self.means.subjects.opened(self.keys, self.tenant, row, at), row)
            except IntegrityError:
                self.means.damaged(1)
        return found

    def find_or_make(self, tx: Transaction, platform_ids: Sequence[str], at: int) -> dict[str, Found | Reason]:
        """Everybody, made where there was none; a reason for whoever was erased, does not open, or whose id reads as personal
        data. The rows stay locked against shredding until the transaction ends."""
        people: dict[str, Found | Reason] = {name: Reason.INVALID for name in platform_ids if reads_as_personal(name)}
        opaque = [name for name in platform_ids if name not in people]
        opened = self.means.subjects.opened_for_writing(tx, self.keys, self.tenant, opaque, at)
        frozen = [name for name, one in opened.items() if one is Reason.FROZEN]
        thawed = self.find(tx, frozen, at)
        for name, one in opened.items():
            if isinstance(one, OpenSubject):
                people[name] = Found(one.number, one.ref, frozen=False)
            else:
                people[name] = thawed.get(name, Reason.INTEGRITY if one is Reason.FROZEN else one)
        return people

    def being_erased(self, tx: Transaction, number: int) -> bool:
        """Whether the destruction of the person's key has begun, which nothing stops."""
        return tx.one(store.SHREDDING, tenant=self.tenant, subject=number) is not None

    def object_ref(self, ref: str) -> ObjectRef:
        """The pseudonym under which the log knows a ref."""
        return object_ref(self.keys.refs, tenant=self.tenant, ref=ref)

    def by_number(self, tx: Transaction, numbers: Sequence[int], at: int) -> dict[int, Found]:
        """People by their internal numbers. Whether they are frozen is not looked at."""
        opened = opened_by_number(tx, self.means, self.keys, self.tenant, numbers, at)
        return {
            number: Found(number, opened[number].ref if number in opened else None, frozen=False) for number in numbers
        }

    def children(self, tx: Transaction, numbers: Sequence[int], at: int) -> frozenset[int]:
        """Those of whom the profile has a birth date that makes them younger than 14 at `at` (UTC)."""
        rows = tx.all(
            store.PROFILE_VALUES, rows=[(one,) for one in numbers], tenant=self.tenant, field=_BIRTH_DATE.name
        )
        if not rows:
            return frozenset()
        opened = opened_by_number(tx, self.means, self.keys, self.tenant, [row[0] for row in rows], at)
        today = moment(at).date()
        return frozenset(row[0] for row in rows if row[0] in opened and self._is_child(opened[row[0]], row, today))

    def _is_child(self, person: OpenSubject, row: Row, today: date) -> bool:
        number, record, sealed = row
        try:
            octets = open_sealed(
                person.dek, bytes(sealed), tenant=self.tenant, subject=number, row=record, kind=_BIRTH_DATE.code
            )
        except IntegrityError:
            self.means.damaged(1)
            return False
        born = date.fromisoformat(normal_form(_BIRTH_DATE, octets.decode(), region=""))
        had_birthday = (today.month, today.day) >= (born.month, born.day)
        return today.year - born.year - (0 if had_birthday else 1) < CHILD_UNTIL_AGE

    def _rows(self, tx: Transaction, platform_ids: Sequence[str]) -> Mapping[str, SubjectRow]:
        if not platform_ids:
            return {}
        made = subject_fingerprints(self.keys.subject_index, tenant=self.tenant, subjects=platform_ids)
        names = dict(zip(made, platform_ids, strict=True))
        rows = (
            SubjectRow(*values) for values in tx.all(store.SUBJECTS, rows=[(one,) for one in made], tenant=self.tenant)
        )
        return {names[bytes(row.fingerprint)]: row for row in rows}


def _found(opened: OpenSubject, row: SubjectRow) -> Found:
    return Found(opened.number, opened.ref, frozen=row.state != SubjectState.ACTIVE)
