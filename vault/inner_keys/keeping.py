"""Making, opening and destroying inner keys, in the caller's transaction.

An inner key is 32 random octets, sealed as `vault.envelope` draws it, with the number of the key for the row and 0x0300 for the
kind, which no record of a person has. When a person's DEK is exchanged, inner keys are sealed anew and what they opened stays as
it is, however large; with the DEK they are gone, and all that they opened.
"""

from database.transaction import Transaction
from vault import store as vault_store
from vault.envelope import open_sealed, seal
from vault.inner_keys import store
from vault.keys import DataKey
from vault.seal_count import WEIGHT, counted
from vault.subject import OpenSubject

INNER_KIND = 0x0300


def make_key(tx: Transaction, tenant: int, person: OpenSubject, at: int) -> tuple[int, DataKey]:
    """A new key of a person whose row the caller holds, and its number."""
    (number,) = tx.reserve("inner_key", 1)
    key = DataKey.generate()
    sealed = seal(person.dek, key.expose(), tenant=tenant, subject=person.number, row=number, kind=INNER_KIND)
    tx.insert(store.INSERT_KEYS, [(number, tenant, person.number, sealed, at)])
    for _ in counted(1):
        tx.run(vault_store.COUNT_DEK_SEALS, tenant=tenant, subject=person.number, count=WEIGHT)
    return number, key


def open_key(tx: Transaction, tenant: int, person: OpenSubject, number: int) -> DataKey | None:
    """A key of a person; None where it is there no more.

    Raises:
        IntegrityError: it does not open.
    """
    row = tx.one(store.KEY, tenant=tenant, id=number)
    if row is None or row[0] != person.number:
        return None
    octets = open_sealed(person.dek, bytes(row[1]), tenant=tenant, subject=person.number, row=number, kind=INNER_KIND)
    return DataKey(octets)


def destroy_key(tx: Transaction, tenant: int, number: int) -> None:
    """Delete a key, and with it all that hangs on it."""
    tx.run(store.DELETE_KEY, tenant=tenant, id=number)


class InnerKeyErasure:
    """Lets go of an erased person's inner keys, and of what they opened."""

    def erased(self, tx: Transaction, tenant: int, subject_number: int, at: int) -> None:  # noqa: ARG002 - as the port has it
        """Called in the transaction that destroys the person's key."""
        tx.run(store.DELETE_KEYS_OF, tenant=tenant, subject=subject_number)
