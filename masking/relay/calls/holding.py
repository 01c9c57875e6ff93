"""The records of a person's calls, for requests that ask every holder of their data."""

from collections.abc import Mapping
from typing import Any

from database.columns import rfc3339
from database.engine import Database
from database.transaction import Row, Transaction
from masking.relay.calls import store
from masking.relay.calls.events import progress_of
from masking.relay.calls.forgetting import forget
from masking.relay.calls.hanging_up import of_person
from masking.relay.calls.legs import LAST

RECORDS_AT_MOST = 10_000


class CallHolding:
    """Counts, gives and takes them; the relay's holder asks this."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def inventory(self, tenant: int, subject: int) -> tuple[int, int | None]:
        """Of how many calls there are records, and since when (milliseconds since the epoch)."""
        row = self._database.read(tenant, lambda tx: tx.one(store.COUNT_OF_PERSON, tenant=tenant, subject=subject))
        return (0, None) if row is None else (row[0], row[1])

    def records(self, tenant: int, subject: int, limit: int = RECORDS_AT_MOST) -> list[Mapping[str, Any]]:
        """What the person gets of them: times, on which side they were, and how each call ended. Nothing of the other side."""
        where: dict[str, Any] = {
            "tenant": tenant,
            "subject": subject,
            "first": bytes(16),
            "before": LAST,
            "limit": limit,
        }
        rows = self._database.read(tenant, lambda tx: tx.all(store.CALLS_OF_PERSON, **where))
        return [_disclosed(row, subject) for row in rows]

    def dispose(self, tx: Transaction, tenant: int, subject: int, at: int) -> int:
        """Take the person out of them; tells of how many calls."""
        of_person(tx, tenant, subject, at)
        return forget(tx, tenant, subject, at)


def _disclosed(row: Row, subject: int) -> Mapping[str, Any]:
    at, kind, caller, refused, recording = row[1], row[2], row[6], row[8], row[9]
    progress = progress_of(row[11:])
    spoken = progress.milliseconds
    return {
        "at": rfc3339(at),
        "kind": kind,
        "side": "caller" if caller == subject else "callee",
        "status": "refused" if refused else progress.status.value,
        "seconds": None if spoken is None else spoken // 1000,
        "recorded": recording == "on",
    }
