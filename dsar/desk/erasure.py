"""What an erasure takes from requests.

The record of a request stays as long as the law asks for it (PIPL 56, 11 CCR 7101): which right was claimed under which regime,
what became of it and when. The person's number, the fingerprint of their name, their words and the purposes that they named go,
so that the record leads to nobody any more.
"""

from database.transaction import Transaction
from dsar.desk import store


class RequestErasure:
    """Listens to erasures."""

    def erased(self, tx: Transaction, tenant: int, subject_number: int, at: int) -> None:  # noqa: ARG002 - as the port has it
        """Called in the transaction that destroys the person's key; it may come again."""
        for statement in (store.DELETE_WORDS_OF, store.FORGET_PERSON):
            tx.run(statement, tenant=tenant, subject=subject_number)
