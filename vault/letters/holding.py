"""Messages between devices, as people's requests ask for them. What is in them only their devices can say."""

from collections.abc import Collection, Iterator, Sequence

from database.columns import rfc3339
from database.engine import Database
from database.transaction import Transaction
from vault.base64url import text_of
from vault.letters import store
from vault.rights.ports import Counted, Piece, Use

MESSAGE = "message"
_USE: Use = (MESSAGE, "delivery", "")


class LetterHolding:
    """The messages that wait, sent by or to a person."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def held(self, tx: Transaction, tenant: int, subject: int) -> Sequence[Counted]:
        """How many there are."""
        count, since = tx.one(store.COUNT_LETTERS_OF, tenant=tenant, subject=subject) or (0, None)
        return [Counted(_USE, int(count), int(since or 0))] if count else []

    def pieces(self, tenant: int, subject: int) -> Iterator[Piece]:
        """Each envelope, as it is kept."""
        rows = self._database.read(tenant, lambda tx: tx.all(store.LETTERS_OF, tenant=tenant, subject=subject))
        for hour, expires_at, envelope, sent in rows:
            direction = "sent" if sent else "received"
            times = {"hour": rfc3339(hour), "expires_at": rfc3339(expires_at)}
            yield MESSAGE, {"direction": direction, **times, "sealed": text_of(bytes(envelope))}

    def delete(self, tx: Transaction, tenant: int, subject: int, going: Collection[Use]) -> None:
        """Let go of all of them."""
        if _USE in going:
            tx.run(store.DELETE_LETTERS_OF, tenant=tenant, subject=subject)
