"""Idempotency-Key: a repeated call gets the answer of the first, for 24 hours, and another body under the same key none.

What is kept is a keyed fingerprint of the key and of the body, and an outcome of row numbers, codes and job ids. No value,
no body, no token. Everything is bound to the credential and the route.
"""

from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from database.transaction import Transaction
from work import store
from work.errors import IdempotencyMismatchError

KEPT_MS = 24 * 3600 * 1000


class Mac(Protocol):
    """A keyed fingerprint under a key of the tenant. Messages of two labels never meet."""

    def digest(self, message: bytes, *, label: bytes) -> bytes: ...


@dataclass(frozen=True, slots=True, repr=False)
class Replay:
    """A call that may be the repetition of an earlier one. `key` is the header's text, `body` the request's octets."""

    tenant: int
    credential: int
    route: str
    key: str
    body: bytes

    def place(self, mac: Mac) -> dict[str, Any]:
        """Where the outcome of the call is kept."""
        fingerprint = mac.digest(self.key.encode(), label=b"idempotency-key/v1")
        return {"tenant": self.tenant, "credential": self.credential, "route": self.route, "key": fingerprint}

    def earlier(self, tx: Transaction, mac: Mac, at: int) -> list[int | str] | None:
        """The outcome of the first call, or None when this is it.

        Raises:
            IdempotencyMismatchError: the first call had another body.
        """
        place = self.place(mac)
        since = at - KEPT_MS
        row = tx.one(store.REPLAY, **place, since=since)
        if row is None:
            # Only what is stale: a row that another transaction has committed meanwhile must meet this one's, and win.
            tx.run(store.DELETE_STALE_REPLAY, **place, since=since)
            return None
        if row[0] != self._fingerprint(mac):
            raise IdempotencyMismatchError
        outcome: list[int | str] = orjson.loads(row[1])
        return outcome

    def keep(self, tx: Transaction, mac: Mac, outcome: list[int | str], at: int) -> None:
        """Remember the outcome."""
        place = self.place(mac)
        row = (
            self.tenant,
            self.credential,
            self.route,
            place["key"],
            self._fingerprint(mac),
            orjson.dumps(outcome),
            at,
        )
        tx.put(store.INSERT_REPLAYS, [row])

    def _fingerprint(self, mac: Mac) -> bytes:
        return mac.digest(self.body, label=b"idempotency-body/v1")


def forget_old(tx: Transaction, at: int) -> None:
    """Delete what is older than is kept."""
    tx.run(store.DELETE_OLD_REPLAYS, before=at - KEPT_MS)
