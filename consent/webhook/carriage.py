"""Who carries the deliveries of a subscription: one job at a time, begun in the transaction that gives it something to carry.

Steps of the argument that no delivery lies unnoticed and that no two jobs carry for one subscription:
 1. A subscription names its carrier and until when. `begin` takes it only where there is none or its time has passed, and submits
    the job in the same transaction.
 2. Whoever writes a delivery does so before `begin` looks for a carrier. The foreign key of the delivery holds the subscription's
    row until the commit, against everybody who wants it FOR UPDATE.
 3. A carrier that finds nothing takes the row FOR UPDATE, looks again, and only then leaves (`leave`). Had it been the carrier
    that a writer saw in step 2, it would now see the delivery; had it left before, the writer would have begun another.
 4. A carrier names itself in everything it writes to the subscription, so one that was given up does nothing more.
 5. What waits longer than a carrier does, and what a dead one left, is begun every minute (`begin_due`).
"""

from collections.abc import Collection
from functools import partial
from typing import Any
from uuid import UUID

from audit.event_id import uuid7
from consent.webhook import store
from consent.webhook.state import WebhookState
from database.engine import Database
from database.transaction import Transaction
from work.desk import JobDesk

KIND = "webhook_delivery"
CARRIED_MS = 60_000
"""For how long a carrier that says nothing keeps the subscription: longer than the slowest round."""
ENDED_KEPT_MS = 24 * 3_600_000
SOON_MS = 60_000
"""A carrier stays for what is due this soon."""


class Carriage:
    """Begins and ends carrying."""

    def __init__(self, database: Database, jobs: JobDesk) -> None:
        self._database = database
        self._jobs = jobs

    def begin(self, tx: Transaction, tenant: int, webhooks: Collection[int], at: int) -> int:
        """Have each active subscription carried that nobody carries, in the caller's transaction; tells how many that were."""
        begun = 0
        for webhook in sorted(webhooks):
            carrier = uuid7(at)
            place: dict[str, Any] = {"tenant": tenant, "id": webhook}
            if tx.run(store.TAKE, carrier=carrier.bytes, at=at, until=at + CARRIED_MS, **place):
                self._jobs.submit(tx, tenant, KIND, {"webhook": webhook, "carrier": carrier.hex}, at)
                begun += 1
        return begun

    def begin_due(self, at: int) -> None:
        """Have every subscription carried that has something due and nobody to carry it."""
        begun = 0
        for tenant, webhook in self._database.read(None, lambda tx: tx.all(store.DUE_WEBHOOKS, at=at)):
            begin = partial(self.begin, tenant=tenant, webhooks=[webhook], at=at)
            begun += self._database.write(tenant, begin)
        if begun:
            self._jobs.nudge()

    def forget(self, at: int) -> None:
        """Delete the jobs that ended a day ago: what they did stands in the deliveries."""
        self._database.write(None, lambda tx: self._jobs.forget_ended(tx, KIND, at - ENDED_KEPT_MS))

    def leave(self, tenant: int, webhook: int, carrier: UUID, at: int) -> bool:
        """End carrying, unless there is something to carry soon; tells whether it has ended."""

        def work(tx: Transaction) -> bool:
            row = tx.one(store.WEBHOOK_TO_CHANGE, tenant=tenant, id=webhook)
            active = row is not None and row[3] == WebhookState.ACTIVE
            if active and tx.one(store.ANY_SOON, tenant=tenant, webhook=webhook, before=at + SOON_MS):
                return False
            tx.run(store.LEAVE, tenant=tenant, id=webhook, carrier=carrier.bytes)
            return True

        return self._database.write(tenant, work)
