"""What is held of a person: kinds, purposes, refs and counts, never a value."""

from collections.abc import Sequence
from dataclasses import dataclass

from database.transaction import Transaction
from vault import store as vault_store
from vault.destruction import ERASED
from vault.identifier import KIND_BY_CODE
from vault.means import Means
from vault.rights import store
from vault.rights.ports import Beside, Use

ACCOUNT = "account"
"""The person as such: the platform's id, sealed, and the number that tokens and records hang on."""

ASSIGNMENT = "assignment"
"""An order that a courier has."""


@dataclass(frozen=True, slots=True)
class Held:
    """So many values of one use, the oldest of them since then (milliseconds since the epoch). A value of two uses counts in
    both."""

    use: Use
    count: int
    since: int


class Inventory:
    """Counts. `beside` are those who hold something of people beside their records."""

    def __init__(self, means: Means, beside: Sequence[Beside] = ()) -> None:
        self._means = means
        self._beside = beside

    def of(self, tenant: int, subject: int) -> list[Held]:
        """What is held of the person with this internal number; nothing once they were erased."""
        return self._means.database.read(tenant, lambda tx: held(tx, tenant, subject, self._beside))


def held(tx: Transaction, tenant: int, subject: int, beside: Sequence[Beside] = ()) -> list[Held]:
    """What is held of a person, in the caller's transaction."""
    row = tx.one(store.SUBJECT, tenant=tenant, subject=subject)
    if row is None or row[1] == ERASED:
        return []
    found = [Held((ACCOUNT, "", ""), 1, row[2])]
    for kind, purpose, ref, count, since in tx.all(store.COUNTED_USES, tenant=tenant, subject=subject):
        found.append(Held((KIND_BY_CODE[kind].name, purpose, ref), int(count), int(since)))
    for ref, _, since in tx.all(store.ASSIGNMENTS_OF, tenant=tenant, subject=subject):
        found.append(Held((ASSIGNMENT, "", ref), 1, since))
    found.extend(Held(one.use, one.count, one.since) for holder in beside for one in holder.held(tx, tenant, subject))
    return found


def under_destruction(tx: Transaction, tenant: int, subject: int) -> bool:
    """Whether the person's key is being destroyed, or was."""
    return tx.one(vault_store.SHREDDING, tenant=tenant, subject=subject) is not None
