"""What other packages ask of a person's row and records, in their own transactions."""

from database.transaction import Transaction
from vault import store
from vault.identifier import KIND_BY_CODE


class PersonRow:
    """The row of a person by the internal number, and why values of theirs are kept."""

    def mark(self, tx: Transaction, tenant: int, subject: int, *, restricted: bool) -> None:
        """Say whether some use of the person's data is restricted. Whoever uses it reads this in the same statement as the data.
        The row stays locked against other changes until the transaction ends."""
        tx.run(store.MARK_RESTRICTED, tenant=tenant, subject=subject, restricted=int(restricted))

    def kept(self, tx: Transaction, tenant: int, subject: int) -> list[tuple[str, str]]:
        """The different (kind, ref) of everything that is kept of the person; the ref is empty where there is none."""
        rows = tx.all(store.KEPT_USES, tenant=tenant, subject=subject)
        return [(KIND_BY_CODE[kind].name, ref) for kind, ref in rows]
