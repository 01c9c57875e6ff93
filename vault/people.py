"""Who the people behind internal numbers are, for packages that know them by nothing else and must name them to the platform."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from audit.entry import SubjectRef
from database.transaction import Transaction
from vault import store
from vault.errors import IntegrityError
from vault.keyring import TenantKeys
from vault.means import Means
from vault.subject import OpenSubject, SubjectRow


class Known(NamedTuple):
    """A person by the platform's id and by the pseudonym of the log."""

    platform_id: str
    ref: SubjectRef


class People:
    """Opens the identities of subjects."""

    def __init__(self, means: Means) -> None:
        self._means = means

    def people(self, tenant: int, numbers: Collection[int]) -> Mapping[int, Known]:
        """The people among these who are there and not erased. One whose row does not open is reported and left out."""
        means, at = self._means, self._means.at()

        def attempt(keys: TenantKeys) -> dict[int, Known]:
            opened = means.database.read(tenant, lambda tx: opened_by_number(tx, means, keys, tenant, numbers, at))
            return {number: Known(one.platform_id, one.ref) for number, one in opened.items()}

        return means.keyring.using(tenant, attempt)


def opened_by_number(
    tx: Transaction, means: Means, keys: TenantKeys, tenant: int, numbers: Collection[int], at: int
) -> dict[int, OpenSubject]:
    """Subjects by their numbers, opened, in the caller's transaction; those that are erased or do not open are left out.

    Raises:
        KeysChangedError: the keys have moved on.
    """
    found: dict[int, OpenSubject] = {}
    for values in tx.all(store.SUBJECTS_BY_NUMBER, rows=[(number,) for number in set(numbers)], tenant=tenant):
        row = SubjectRow(*values)
        try:
            found[row.number] = means.subjects.opened(keys, tenant, row, at)
        except IntegrityError:
            means.damaged(1)
    return found
