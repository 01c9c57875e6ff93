"""Idempotency-Key: a repeated call gets the answer of the first, for 24 hours, and another body under the same key none.

What is kept is a keyed fingerprint of the key and of the body, and an outcome of row numbers, codes and job ids. No value,
no body, no token. Everything is bound to the credential and the route.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import orjson

from database.transaction import Transaction
from vault import store
from vault.errors import IdempotencyMismatchError
from vault.keyring import TenantKeys

KEPT_MS = 24 * 3600 * 1000


@dataclass(frozen=True, slots=True, repr=False)
class Replay:
    """A call that may be the repetition of an earlier one. `key` is the header's text, `body` the request's octets."""

    tenant: int
    credential: int
    route: str
    key: str
    body: bytes

    def _place(self, keys: TenantKeys) -> dict[str, Any]:
        fingerprint = keys.idempotency.digest(self.key.encode(), label=b"idempotency-key/v1")
        return {"tenant": self.tenant, "credential": self.credential, "route": self.route, "key": fingerprint}

    def _fingerprint(self, keys: TenantKeys) -> bytes:
        return keys.idempotency.digest(self.body, label=b"idempotency-body/v1")

    def earlier(self, tx: Transaction, keys: TenantKeys, at: int) -> list[int | str] | None:
        """The outcome of the first call, or None when this is it.

        Raises:
            IdempotencyMismatchError: the first call had another body.
        """
        place = self._place(keys)
        since = at - KEPT_MS
        row = tx.one(store.REPLAY, **place, since=since)
        if row is None:
            # Only what is stale: a row that another transaction has committed meanwhile must meet this one's, and win.
            tx.run(store.DELETE_STALE_REPLAY, **place, since=since)
            return None
        if row[0] != self._fingerprint(keys):
            raise IdempotencyMismatchError
        outcome: list[int | str] = orjson.loads(row[1])
        return outcome

    def keep(
        self, tx: Transaction, keys: TenantKeys, outcome: list[int | str], subjects: Iterable[int], at: int
    ) -> None:
        """Remember the outcome, and whose rows it names."""
        place = self._place(keys)
        where = (place["credential"], place["route"], place["key"])
        row = (self.tenant, *where, self._fingerprint(keys), orjson.dumps(outcome), at)
        tx.insert(store.INSERT_REPLAYS, [row])
        tx.insert(store.INSERT_REPLAY_SUBJECTS, [(self.tenant, subject, *where) for subject in sorted(set(subjects))])
