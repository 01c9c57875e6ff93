"""What identity lets go of: what has run out, and whatever leads to a person whose key is destroyed."""

from database.engine import Database
from database.transaction import Transaction
from dsar.identity import store
from dsar.identity.guard import FORGOTTEN_MS, HOUR_MS

KEPT_MS = 3_600_000
"""For how long a challenge or a link is told apart, in the log, from one that never was."""


class Forgetting:
    """The sweep of expired rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def sweep(self, at: int) -> None:
        """Delete what opens nothing any more. Wrong tries under a name are kept until they would be forgotten anyway; that codes
        were asked for, only while it counts, since strangers make these rows."""

        def work(tx: Transaction) -> None:
            for statement in (store.FORGET_CHALLENGES, store.FORGET_LINKS, store.FORGET_SESSIONS):
                tx.run(statement, before=at - KEPT_MS)
            tx.run(store.FORGET_ASSERTIONS, before=at)
            tx.run(store.FORGET_GUARDS, quiet=at - FORGOTTEN_MS, hour=at - HOUR_MS)

        self._database.write(None, work)


class IdentityErasure:
    """Ends whatever opens something for an erased person. The order is that in which a session begins, so that one that is
    beginning meanwhile is waited for, and ended."""

    def erased(self, tx: Transaction, tenant: int, subject_number: int, at: int) -> None:  # noqa: ARG002 - as the port has it
        """Called in the transaction that destroys the person's key."""
        for statement in (store.DELETE_CHALLENGES_OF, store.DELETE_LINKS_OF, store.DELETE_SESSIONS_OF):
            tx.run(statement, tenant=tenant, subject=subject_number)
